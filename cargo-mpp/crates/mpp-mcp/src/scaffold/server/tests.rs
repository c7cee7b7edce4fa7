//! Servers that behave well and badly, as shell scripts.

#![allow(clippy::panic, clippy::unwrap_used, clippy::disallowed_methods, reason = "a test stops at the first surprise")]

use std::time::Duration;

use mpp_host::codes::Coded as _;

use super::*;

/// Answers the first request with `serverInfo`, skips the notification, and continues with `rest`.
fn script(rest: &str) -> String {
    let hello = r#"{"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"shell","version":"1"}}}"#;
    format!("read a; echo '{hello}'; read b; {rest}")
}

fn listed(script: &str, patience: Duration) -> Result<Original, ScaffoldError> {
    let directory = std::env::temp_dir();
    let command = ServerCommand {
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        directory,
        patience,
    };
    command.list()
}

const LONG: Duration = Duration::from_secs(60);

fn failure(script: &str) -> ScaffoldError {
    listed(script, LONG).expect_err("a bad server")
}

#[test]
fn a_list_of_several_pages_is_read() {
    let pages = r#"
        read c; echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"a","inputSchema":{"type":"object"}}],"nextCursor":"n"}}'
        read d; case "$d" in *'"cursor":"n"'*) ;; *) exit 9;; esac
        echo 'not a message'
        echo '{"jsonrpc":"2.0","method":"notifications/message"}'
        echo '{"jsonrpc":"2.0","id":3,"method":"ping"}'
        read pong; case "$pong" in *'"result":{}'*) ;; *) exit 8;; esac
        echo '{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"b","inputSchema":{"type":"object"}}]}}'
        read until_the_end"#;
    let original = listed(&script(pages), LONG).expect("tools");
    assert_eq!(original.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(original.name.as_deref(), Some("shell"));
}

#[test]
fn a_server_of_the_newer_protocol_needs_no_handshake() {
    let script = r#"
        read a; echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown method"}}'
        read b; case "$b" in *'"io.modelcontextprotocol/protocolVersion":"2026-07-28"'*) ;; *) exit 9;; esac
        echo '{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","tools":[{"name":"a","inputSchema":{"type":"object"}}]}}'"#;
    assert_eq!(listed(script, LONG).expect("tools").tools.len(), 1);
}

#[test]
fn a_server_that_ends_is_reported_with_its_status_and_stderr() {
    let error = failure("echo 'no token in $TOKEN' >&2; exit 3");
    assert_eq!(error.code(), "MPP-M407");
    assert_eq!(
        error.to_string(),
        "the server ended (exit status: 3) before it answered `initialize`; its stderr ends in\n  no token in $TOKEN"
    );
    assert_eq!(
        failure(&script("exit 0")).to_string(),
        "the server ended (exit status: 0) before it answered `tools/list`; it wrote nothing to stderr"
    );
}

#[test]
fn a_server_that_hangs_is_ended_with_its_children() {
    let marker = tempfile::NamedTempFile::new().expect("temp file");
    let script =
        format!("sh -c 'trap \"\" TERM; sleep 600' & echo $! > {}; trap '' TERM; sleep 600", marker.path().display());
    // Long enough for the shell to start its child on a busy machine.
    let error = listed(&script, Duration::from_secs(3)).expect_err("silence");
    assert_eq!(error.code(), "MPP-M408");
    let pid = std::fs::read_to_string(marker.path()).expect("a child was started");
    // The child is gone, or waits for init to take note of its end. A signal takes a moment to arrive.
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let is_gone = |state: &str| state.is_empty() || state.contains(") Z ");
    for _ in 0..1_000 {
        if is_gone(&state()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the child still runs: {}", state());
}

#[test]
fn a_server_that_floods_is_ended() {
    let error = failure("yes 0123456789012345678901234567890123456789 | tr -d '\\n'");
    assert_eq!(
        (error.code().id, error.to_string()),
        ("MPP-M409", "the server's answer to `initialize` is not valid: a line is longer than 16 MiB".to_owned())
    );
    let error = failure("yes \"$(head -c 100000 /dev/zero | tr '\\0' a)\"");
    assert!(error.to_string().ends_with("it wrote more than 64 MiB"), "{error}");
    // A flood of stderr does not stop a server.
    let tools = r#"yes | head -c 1000000 >&2; read c; echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}'"#;
    assert_eq!(failure(&script(tools)).code(), "MPP-M402");
}

#[test]
fn what_is_no_protocol_is_quoted() {
    let error = failure("printf 'Usage: \\033[31mserver\\n'; exit 1");
    assert_eq!(error.code(), "MPP-M409");
    assert_eq!(
        error.to_string(),
        "the server's answer to `initialize` is not valid: it wrote `Usage: \\u{1b}[31mserver`, which is no JSON-RPC message"
    );
    let endless = r#"while read x; do n=$((n+1)); echo '{"jsonrpc":"2.0","id":'$((n+1))',"result":{"tools":[],"nextCursor":"same"}}'; done"#;
    assert!(failure(&script(endless)).to_string().ends_with("the list does not end"));
}

#[test]
fn the_servers_own_error_is_shown() {
    let error =
        failure(&script(r#"read c; echo '{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"log in first"}}'"#));
    assert_eq!(error.code(), "MPP-M410");
    assert_eq!(error.to_string(), "the server answered `tools/list` with the error -32000: log in first");
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let command = ServerCommand::parse("no-such-program-anywhere now", &std::env::temp_dir()).expect("words");
    let error = command.list().expect_err("no program");
    assert_eq!(
        (error.code().id, error.to_string()),
        ("MPP-M406", "cannot start `no-such-program-anywhere`".to_owned())
    );
}
