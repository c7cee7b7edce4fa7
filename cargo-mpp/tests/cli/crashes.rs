//! Crashes: the headline is what happened, with the author's line, and the machinery stays out of sight.

use crate::support::{Ended, User, text_of};

fn run(user: &User, more: &[&str]) -> Ended {
    user.mpp(&[&["run", "tool.mpp", "--arg", "what=x"], more].concat())
}

/// A module that writes `log` to stderr and traps, like a Rust tool that panics.
fn panics(log: &str) -> Vec<u8> {
    let text = text_of(log, "unreachable").replacen("(call $write (i32.const 1)", "(call $write (i32.const 2)", 1);
    wat::parse_str(text).expect("wat")
}

#[test]
fn a_panic_is_the_headline_and_not_repeated_in_the_log() {
    let user = User::new();
    let key = user.own_key();
    user.package(&panics("reading\npanicked at src/main.rs:34:5:\nindex out of bounds\n"), &key);
    let ended = run(&user, &[]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(
        ended.stderr.contains("error[MPP-R108]: the tool panicked at src/main.rs:34:5: index out of bounds\n"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.matches("panicked at").count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("log reading") && !ended.stderr.contains("`unreachable`"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("note: backtrace"), "{}", ended.stderr);
    let verbose = run(&user, &["-v"]);
    assert!(
        verbose.stderr.contains("note: backtrace\n") && verbose.stderr.contains("log panicked at"),
        "{}",
        verbose.stderr
    );
}

#[test]
fn a_thread_and_endless_recursion_are_named() {
    let user = User::new();
    let key = user.own_key();
    user.package(
        &panics("panicked at library/std/src/thread/mod.rs:9:9:\nfailed to spawn thread: Unsupported\n"),
        &key,
    );
    let thread = run(&user, &[]);
    assert_eq!(thread.code, Some(1));
    assert!(thread.stderr.contains("a tool runs on one thread"), "{}", thread.stderr);
    assert!(thread.stderr.contains("help: there are no threads in the sandbox"), "{}", thread.stderr);
    user.package(&crate::support::module("", "(drop (call $deep (i32.const 0)))"), &key);
    let deep = run(&user, &[]).failed(1, "MPP-R108");
    assert!(deep.stderr.contains("the call stack overflowed"), "{}", deep.stderr);
    assert!(deep.stderr.contains(" times)") && deep.stderr.lines().count() < 12, "one line for all: {}", deep.stderr);
}
