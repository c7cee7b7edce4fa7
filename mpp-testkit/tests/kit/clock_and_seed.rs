//! Clocks and seeds of a test, in both modes.

use std::collections::BTreeSet;
use std::time::Duration;

use mpp_testkit::{Clock, Mode, Tool};
use serde_json::{Value, json};

use crate::support::{Place, failure};

/// 2026-01-01T00:00:00Z in milliseconds since 1970.
const NEW_YEAR: u64 = 1_767_225_600_000;

fn readings(tool: &Tool, count: u64) -> Value {
    tool.call("clock", json!({ "readings": count })).json()
}

#[test]
fn a_frozen_clock_stands_still_until_it_is_advanced() {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let (place, clock) = (Place::new(), Clock::frozen("2026-01-01T00:00:00Z"));
        let tool = place.sample(mode).clock(clock.clone()).load();
        assert_eq!(readings(&tool, 2), json!([NEW_YEAR, NEW_YEAR]));
        clock.advance(Duration::from_secs(3600));
        assert_eq!(readings(&tool, 1), json!([NEW_YEAR + 3_600_000]));
    }
}

#[test]
fn a_stepped_clock_moves_with_each_reading() {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let clock = Clock::stepped("2026-01-01T00:00:00Z", Duration::from_millis(1500));
        let place = Place::new();
        let tool = place.sample(mode).clock(clock).load();
        assert_eq!(readings(&tool, 3), json!([NEW_YEAR, NEW_YEAR + 1500, NEW_YEAR + 3000]), "{mode:?}");
        // The host's reading for the state does not move it.
        tool.call("count", json!({})).success();
        assert_eq!(readings(&tool, 1), json!([NEW_YEAR + 4500]), "{mode:?}");
    }
}

#[test]
fn a_replayed_call_reads_the_time_at_which_it_was_recorded() {
    let line = |id: u8, at: &str, reading: u64| {
        let request =
            json!({ "id": id, "method": "tools/call", "params": { "name": "clock", "arguments": { "readings": 1 } } });
        let response = json!({ "id": id, "result": { "structuredContent": [reading] } });
        json!({ "at": at, "request": request, "response": response }).to_string()
    };
    let later = line(1, "2026-01-01T00:00:01.500Z", NEW_YEAR + 1500);
    let recording = [later, line(2, "2026-01-01T00:00:00Z", NEW_YEAR)].join("\n");
    for mode in [Mode::Sandboxed, Mode::Native] {
        let place = Place::new();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clock.jsonl");
        std::fs::write(&file, &recording).unwrap();
        let tool = place.sample(mode).clock(Clock::frozen("2026-01-01T00:00:00Z")).load();
        assert_eq!(tool.replay(file.to_str().unwrap()).assert_same().calls, 2, "{mode:?}");
    }
}

#[test]
fn entries_expire_by_the_clock_of_the_test() {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let (place, clock) = (Place::new(), Clock::frozen("2026-01-01T00:00:00Z"));
        let tool = place.sample(mode).clock(clock.clone()).load();
        tool.call("keep", json!({ "value": "tea", "seconds": 60 })).success();
        clock.advance(Duration::from_secs(59));
        tool.call("recall", json!({})).assert_json(json!(["tea"]));
        clock.advance(Duration::from_secs(1));
        tool.call("recall", json!({})).assert_json(json!([]));
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_each_call_and_mode() {
    let mut seen = BTreeSet::new();
    for mode in [Mode::Sandboxed, Mode::Native] {
        let place = Place::new();
        let dice = |seed| {
            let tool = place.sample(mode).seed(seed).load();
            let (first, second) = (tool.call("dice", json!({ "count": 3 })), tool.call("dice", json!({ "count": 3 })));
            assert_eq!(first.json(), second.json());
            first.json().to_string()
        };
        assert_ne!(dice(7), dice(8));
        seen.insert(dice(7));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn without_a_seed_the_bytes_differ() {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let place = Place::new();
        let tool = place.sample(mode).load();
        let dice = || tool.call("dice", json!({ "count": 1 })).json();
        assert_ne!(dice(), dice(), "{mode:?}");
    }
}

#[test]
fn an_invalid_time_is_refused() {
    let message = failure(|| Clock::frozen("next week"));
    assert!(message.starts_with("`next week` is not a time in UTC after 1970, in the form of RFC 3339\n"), "{message}");
    assert!(message.contains("`2026-01-01T00:00:00Z`"), "{message}");
}
