//! The same calls in both modes, with equal answers, denials, state and redactions, and the differences between the
//! modes.

use std::fs;
use std::time::Duration;

use mpp_host::sandbox::CallLimits;
use mpp_testkit::{Mode, Tool};
use serde_json::json;

use crate::support::{Place, failure, in_both_modes};

#[test]
fn answers_and_checks_are_the_same() {
    in_both_modes(|tool, _| {
        tool.call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
        tool.call("greet", json!({ "nmae": "Ada" })).assert_error("invalid_arguments");
        tool.call("greet", json!({ "name": "" })).assert_error("invalid_arguments");
        tool.call("gret", json!({})).assert_error("unknown_tool");
    });
}

#[test]
fn answers_and_logs_are_filtered() {
    in_both_modes(|tool, _| {
        let answer = tool.call("greet", json!({ "name": "ada@example.com" }));
        answer.assert_redacted("/content/0/text", "email").assert_text("Hello, [REDACTED:email]!");
        let answer = tool.call("variable", json!({ "name": "TOKEN" }));
        answer.assert_redacted("/content/0/text", "env:TOKEN");
        let answer = tool.call("say", json!({ "line": "write to ada@example.com" }));
        assert_eq!(answer.log(), "write to [REDACTED:email]\n");
    });
}

#[test]
fn an_undeclared_host_is_denied_with_the_same_message() {
    in_both_modes(|tool, _| {
        tool.call("fetch", json!({ "url": "https://api.example.com/x" })).assert_text("https://api.example.com/x");
        let refused = tool.call("fetch", json!({ "url": "https://api.exmaple.com/x" }));
        refused.assert_error("capability_denied").assert_message(
            "the manifest does not declare the host `api.exmaple.com`; the most similar declared host is `api.example.com`; \
             to allow it, write `network = [\"api.example.com\", \"api.exmaple.com\"]` under \
             `[package.metadata.mpp.capabilities]` and build again",
        );
        assert!(refused.report().accesses.hosts.is_empty());
        assert_eq!(
            refused.report().accesses.refused_hosts.iter().map(String::as_str).collect::<Vec<_>>(),
            ["api.exmaple.com"]
        );
    });
}

#[test]
fn undeclared_variables_are_hidden_even_if_the_process_has_them() {
    assert!(std::env::var("PATH").is_ok_and(|path| !path.is_empty()));
    in_both_modes(|tool, _| {
        let answer = tool.call("variable", json!({ "name": "PATH" }));
        answer.assert_error("capability_denied");
        assert!(answer.error().message.contains("`env_vars = [\"TOKEN\", \"PATH\"]`"), "{}", answer.error().message);
    });
}

#[test]
fn an_undeclared_path_is_refused_with_the_line_that_declares_it() {
    in_both_modes(|tool, place| {
        tool.call("read", json!({ "path": "/data/a.txt" })).assert_text("from the directory");
        tool.call("read", json!({ "path": "/config/one.txt" })).assert_text("the file alone");
        tool.call("read", json!({ "path": "/data/none.txt" })).assert_error("io");
        let host = place.dir.path().join("data/a.txt").display().to_string();
        for path in ["/etc/passwd", "/data/../etc/passwd", "/datas/a.txt", host.as_str()] {
            let answer = tool.call("read", json!({ "path": path }));
            answer.assert_error("capability_denied");
            let line = format!("\"{path}\"]");
            assert!(answer.error().message.contains(&line), "{}", answer.error().message);
        }
    });
}

#[test]
fn files_are_written_to_a_declared_directory() {
    in_both_modes(|tool, place| {
        tool.call("write", json!({ "path": "/out/new.txt", "text": "kept" })).success();
        assert_eq!(fs::read_to_string(place.dir.path().join("out/new.txt")).unwrap(), "kept");
        // A declared read-only file is a copy, so changes to it are lost.
        tool.call("write", json!({ "path": "/config/one.txt", "text": "changed" }));
        assert_eq!(fs::read_to_string(place.dir.path().join("one.txt")).unwrap(), "the file alone");
    });
}

#[test]
fn state_of_a_call_that_fails_is_rolled_back() {
    in_both_modes(|tool, _| {
        tool.call("count", json!({})).assert_json(json!(1));
        tool.call("count", json!({ "fail": true })).assert_error("failed");
        tool.call("count", json!({})).assert_json(json!(2));
    });
}

#[test]
fn concurrent_calls_are_all_counted() {
    in_both_modes(|tool, _| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        tool.call("count", json!({})).success();
                    }
                });
            }
        });
        tool.call("count", json!({})).assert_json(json!(21));
    });
}

#[test]
fn a_panic_is_a_crash_with_its_source_line() {
    in_both_modes(|tool, _| {
        let answer = tool.call("panics", json!({ "message": "the sky fell" }));
        answer.assert_error("tool_crashed").assert_log("the sky fell").assert_log("src/lib.rs:");
        let backtrace = answer.error().data["backtrace"].to_string();
        assert!(backtrace.contains("testkit_sample::fail") && backtrace.contains("src/lib.rs:"), "{backtrace}");
        tool.call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
    });
}

#[test]
fn the_error_of_a_native_crash_contains_the_panic() {
    let place = Place::new();
    let answer = place.sample(Mode::Native).load().call("panics", json!({ "message": "the sky fell" }));
    let message = &answer.error().message;
    assert!(
        message.starts_with("the tool crashed: it panicked at ") && message.ends_with(": the sky fell"),
        "{message}"
    );
    assert!(message.contains("sample/src/lib.rs:"), "{message}");
}

fn hurried(mode: Mode, place: &Place) -> Tool {
    let tool = place.sample(mode).load();
    let mut limits = CallLimits::of(&tool.manifest().runtime);
    limits.timeout = Duration::from_millis(500);
    place.sample(mode).limits(limits).load()
}

#[test]
fn a_loop_ends_the_call_and_not_the_test() {
    for mode in [Mode::Sandboxed, Mode::Native] {
        let place = Place::new();
        let tool = hurried(mode, &place);
        let answer = tool.call("loops", json!({ "asking": true }));
        answer.assert_error("timeout").assert_message("the call took longer than the 500 ms that this host allows");
        tool.call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
    }
}

#[test]
fn a_loop_without_host_calls_is_abandoned() {
    let place = Place::new();
    let tool = hurried(Mode::Native, &place);
    tool.call("loops", json!({})).assert_error("timeout");
    tool.call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
}

#[test]
fn a_failed_assertion_about_a_native_log_names_its_source() {
    let place = Place::new();
    let answer = place.sample(Mode::Native).load().call("say", json!({ "line": "one" }));
    let message = failure(|| answer.assert_log("two").is_success());
    assert!(
        message.contains("the log does not contain `two` (in a native run it contains the lines of `mpp::log!`; "),
        "{message}"
    );
}

#[test]
fn tools_that_are_not_linked_are_reported() {
    let message = failure(|| mpp_testkit::tool!("../examples/text-tools").native().load());
    let expected = "this test runs natively, but these tools of the package `text-tools` are not linked into it: `diff`, \
                    `extract_links`, `rewrite`, `slugify`, `word_count`";
    assert!(message.starts_with(expected), "{message}");
    for words in ["`#[cfg(test)] mod tests;`", "`use text_tools as _;`", "`.handler(handle)`", "`.sandboxed()`"] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn calls_may_be_made_inside_an_async_test() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    in_both_modes(|tool, _| {
        runtime.block_on(async {
            tool.call("greet", json!({ "name": "Ada" })).assert_text("Hello, Ada!");
            tool.call("read", json!({ "path": "/data/a.txt" })).assert_text("from the directory");
            tool.call("fetch", json!({ "url": "https://api.example.com/x" })).success();
            tool.call("count", json!({})).success();
        });
    });
    let place = Place::new();
    let tool = place.sample(Mode::Sandboxed).load();
    let greeted = runtime.block_on(async move {
        tokio::task::spawn_blocking(move || tool.call("greet", json!({ "name": "Ada" })).text()).await
    });
    assert_eq!(greeted.unwrap(), "Hello, Ada!");
}
