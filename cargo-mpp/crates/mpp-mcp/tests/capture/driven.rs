//! The driver takes the place of a client, and says what went wrong with a server.

use std::time::Duration;

use mpp_host::codes::Coded;
use mpp_mcp::capture::{Answer, CaptureError, DriveReport, Driver, PlannedCalls};
use serde_json::json;

use crate::support::{Memory, recorder, server};

const CALLS: &str = "{\"tool\":\"echo\",\"arguments\":{\"text\":\"hello\"}}\n{\"tool\":\"count\"}\n{\"tool\":\"count\"}\n{\"tool\":\"fail\"}\n{\"tool\":\"none\"}\n";

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn drive(mode: &str) -> (Result<DriveReport, CaptureError>, Memory) {
    let (recorder, file) = recorder(None);
    let driver = Driver::start(server(mode), Box::new(Memory::default()), recorder.tap()).unwrap();
    // These servers end by themselves, however long that takes on a busy machine.
    let mut driver = driver.time_limit(PATIENCE).grace(PATIENCE);
    let report = driver.drive(&json!({"name": "test", "version": "1"}), &PlannedCalls::parse(CALLS).unwrap());
    let end = driver.finish().unwrap();
    recorder.finish(Some(end)).unwrap();
    (report, file)
}

#[test]
fn makes_the_calls_in_order_and_lists_every_page_of_tools() {
    let (report, file) = drive("good");
    let report = report.unwrap();
    assert_eq!((report.tools, report.calls, report.errors), (3, 5, 1));
    assert_eq!(report.unlisted, [(5, "none".to_owned())]);
    let conversation = file.capture().conversation();
    let tools: Vec<_> = conversation.tools.iter().flatten().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(tools, ["echo", "count", "fail"]);
    assert_eq!(conversation.tools.as_ref().unwrap()[0]["x-vendor"]["kept"].to_string(), "1.5");
    let Answer::Response(second) = &conversation.calls[2].answer else { panic!("no answer") };
    assert_eq!(second["result"]["content"][0]["text"], "2");
    assert_eq!(conversation.end.unwrap().code, Some(0));
}

#[test]
fn says_why_there_is_no_answer_and_keeps_what_was_said() {
    for (mode, expected) in [
        ("dies", "the server did not answer `tools/call echo`: it ended (exit status: 3)"),
        ("closes", "the server did not answer `tools/call echo`: it ended (exit status: 0)"),
        ("pages", "the server did not answer `tools/list`: its list of tools has more than 1000 pages"),
        ("refuses", "the server did not answer `initialize`: it answered with an error: not today"),
    ] {
        let (report, file) = drive(mode);
        let error = report.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(*error.code(), "MPP-M206");
        assert!(file.text().contains("\"initialize\"") && file.text().contains("\"end\""), "{}", file.text());
    }
}

#[test]
fn a_server_that_hangs_is_given_up_and_ended() {
    let (recorder, file) = recorder(None);
    let driver = Driver::start(server("hangs"), Box::new(Memory::default()), recorder.tap()).unwrap();
    // Long enough for the handshake on a busy machine, and for the signal to end the server.
    let mut driver = driver.time_limit(Duration::from_secs(3)).grace(Duration::from_secs(3));
    let error = driver.drive(&json!({}), &PlannedCalls::parse(CALLS).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "the server did not answer `tools/call echo`: there was no answer within 3 s");
    let end = driver.finish().unwrap();
    recorder.finish(Some(end)).unwrap();
    #[cfg(unix)]
    assert_eq!(end.signal, Some(15));
    assert_eq!(file.capture().conversation().calls[0].answer, Answer::None);
}

#[test]
fn a_flood_does_not_hide_the_answer() {
    assert_eq!(drive("floods").0.unwrap().calls, 5);
}
