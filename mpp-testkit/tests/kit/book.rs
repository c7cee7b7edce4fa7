//! The snippets that `book/src/testing*.md` show, as tests.

use std::time::Duration;

use mpp_testkit::{Clock, ToolBuilder};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Place, contacts, mistake, text_tools};

/// Replaces `mpp_testkit::tool!()` in the snippets: the sample package with everything that it declares.
fn sample(place: &Place) -> ToolBuilder {
    place.sample_in_mode_of_run()
}

#[test]
fn one_call() {
    let tool = contacts();
    // ANCHOR: call
    let answer = tool.call("find", json!({ "query": "ada" }));
    answer
        .assert_at("/0/name", "Ada Lovelace")
        .assert_redacted("/0/reach/0/address", "email")
        .assert_nothing_denied()
        .assert_hosts([]);
    tool.call("find", json!({ "query": "nobody" })).assert_error("not_found").assert_not_retryable();
    // ANCHOR_END: call
}

#[test]
fn a_clock() {
    let place = Place::new();
    macro_rules! tool {
        () => {
            sample(&place)
        };
    }
    // ANCHOR: clock
    let clock = Clock::frozen("2026-01-01T00:00:00Z");
    let tool = tool!().clock(clock.clone()).load();
    tool.call("keep", json!({ "value": "tea", "seconds": 60 })).assert_success();
    clock.advance(Duration::from_secs(60));
    tool.call("recall", json!({})).assert_json(json!([]));
    // ANCHOR_END: clock
}

#[test]
fn a_seed() {
    let place = Place::new();
    macro_rules! tool {
        () => {
            sample(&place)
        };
    }
    // ANCHOR: seed
    let tool = tool!().seed(7).load();
    let (first, second) = (tool.call("dice", json!({ "count": 3 })), tool.call("dice", json!({ "count": 3 })));
    assert_eq!(first.json(), second.json());
    // ANCHOR_END: seed
}

#[test]
fn a_log() {
    let place = Place::new();
    let tool = sample(&place).load();
    // ANCHOR: log
    let answer = tool.call("say", json!({ "line": "wrote to ada@post.example" }));
    answer.assert_log("wrote to [REDACTED:email]").assert_log_redacted("email").assert_not_logged("ada");
    // ANCHOR_END: log
}

#[test]
fn an_async_test() {
    let place = Place::new();
    let tool = sample(&place).load();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // ANCHOR: tokio
        // A call blocks its thread, so move it away from the runtime's threads if other tasks wait for them.
        let blocking = tool.clone();
        let greeted = tokio::task::spawn_blocking(move || blocking.call("greet", json!({ "name": "Ada" })));
        greeted.await.unwrap().assert_text("Hello, Ada!");
        // If no other task waits, as in most tests, call it directly.
        tool.call("greet", json!({ "name": "Grace" })).assert_text("Hello, Grace!");
        // ANCHOR_END: tokio
    });
}

#[test]
fn snapshots() {
    let tool = contacts();
    // ANCHOR: snapshot
    let text = tool.call("find", json!({ "query": "nobody" })).snapshot();
    assert!(text.contains("\"code\": \"not_found\""), "{text}");
    // ANCHOR_END: snapshot
}

#[test]
fn replay() {
    // ANCHOR: replay
    let tool = mpp_testkit::tool!("../examples/contacts").load();
    tool.replay("tests/kit/fixtures/contacts*.jsonl").volatile("/total").assert_same();
    // ANCHOR_END: replay
}

#[test]
fn fuzzing() {
    let tool = text_tools();
    // ANCHOR: fuzz
    tool.fuzz_arguments("slugify", 64);
    // ANCHOR_END: fuzz
}

#[test]
fn a_property_of_ones_own() {
    // ANCHOR: property
    let tool = text_tools();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let holds = runner.run(&tool.valid_arguments("slugify"), |arguments| {
        let answer = tool.call("slugify", arguments);
        prop_assert!(!answer.is_success() || !answer.text().contains(' '), "a slug has no space");
        Ok(())
    });
    assert_eq!(holds, Ok(()));
    // ANCHOR_END: property
}

#[test]
fn broken_packages() {
    use mpp_host::package::UnverifiedPackage;
    let gate = mpp_host::gatekeeper::Gatekeeper::new(
        mpp_host::package::Limits::default(),
        std::sync::Arc::new(mpp_host::clock::SystemClock::new()),
    );
    // ANCHOR: tamper
    for broken in mpp_testkit::tamper::every().filter(|broken| broken.registry_key.is_none()) {
        let refusal = gate.verify(UnverifiedPackage::new(broken.bytes)).outcome.expect_err(&broken.name);
        assert_eq!(refusal.code, broken.code);
    }
    // ANCHOR_END: tamper
}

#[test]
fn limits() {
    macro_rules! tool {
        () => {
            mistake("misbehaving")
        };
    }
    // ANCHOR: sandboxed
    let tool = tool!().sandboxed().load();
    let answer = tool.call("spin", json!({ "forever": true }));
    answer.assert_error("timeout").assert_memory_under(32 << 20);
    // ANCHOR_END: sandboxed
}
