//! Tests of the finished package against what the original answered, and of the days on which clocks change.

use mpp_testkit::{Clock, Tool};
use serde_json::json;

/// Loads the package with the clock of the host at this time.
fn tool_at(time: &str) -> Tool {
    mpp_testkit::tool!().clock(Clock::frozen(time)).load()
}

#[test]
fn publishes_the_definitions_of_the_original() {
    mpp_testkit::tool!().load().assert_definitions("original/definitions.json");
}

/// Captured on an ordinary day, and on the days on which clocks in Europe are put forward and back.
#[test]
fn answers_as_the_original_did() {
    let report = tool_at("2026-01-01T00:00:00Z").replay("fixtures/*.jsonl").assert_same();
    assert_eq!(report.calls, 60);
}

#[test]
fn says_what_is_wrong_in_the_words_of_the_original() {
    let tool = tool_at("2026-11-30T06:12:32Z");
    let convert = |source: &str, time: &str, target: &str| {
        tool.call("convert_time", json!({"source_timezone": source, "time": time, "target_timezone": target}))
    };
    let messages = [
        (convert("Europe/Nowhere", "09:30", "UTC"), "Invalid timezone: 'No time zone found with key Europe/Nowhere'"),
        (convert("UTC", "09:30", ""), "Missing required argument: target_timezone"),
        (convert("UTC", "25:30", "UTC"), "Invalid time format. Expected HH:MM [24-hour format]"),
    ];
    for (answer, expected) in messages {
        answer.assert_message(expected);
    }
}

#[test]
fn a_time_that_a_clock_change_skips_is_an_error() {
    let tool = tool_at("2026-03-29T00:30:00Z");
    let arguments = json!({"source_timezone": "Europe/Paris", "time": "02:30", "target_timezone": "UTC"});
    let answer = tool.call("convert_time", arguments);
    answer
        .assert_error("skipped_time")
        .assert_message("Invalid time: 02:30 does not exist in Europe/Paris on 2026-03-29 (skipped by a clock change)");
}

#[test]
fn a_time_that_occurs_twice_is_the_first_one() {
    let tool = tool_at("2026-10-25T00:00:00Z");
    let arguments = json!({"source_timezone": "Europe/Paris", "time": "02:30", "target_timezone": "UTC"});
    tool.call("convert_time", arguments).assert_json(json!({
        "source": {"timezone": "Europe/Paris", "datetime": "2026-10-25T02:30:00+02:00", "day_of_week": "Sunday", "is_dst": true},
        "target": {"timezone": "UTC", "datetime": "2026-10-25T00:30:00+00:00", "day_of_week": "Sunday", "is_dst": false},
        "time_difference": "-2.0h",
    }));
}
