//! Each call is a transaction: failed calls leave nothing behind, lost races are repeated, and calls are isolated.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use mpp_host::clock::{Clock, SystemClock};
use mpp_host::host::{FilteredOutput, Grant, RunnablePackage};
use mpp_host::sandbox::CallLimits;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, SamplePackage, assert_fails, failure, sample};
use crate::kv_script::{Script, call, host_in, is_error, keeps, run, said, tool};

/// The machine's clock, which runs a closure when it is read for the first time.
struct Interrupts {
    armed: AtomicBool,
    then: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Interrupts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupts")
    }
}

impl Clock for Interrupts {
    fn now(&self) -> SystemTime {
        if self.armed.swap(false, Ordering::SeqCst) {
            (self.then)();
        }
        SystemTime::now()
    }
    fn monotonic(&self) -> Duration {
        SystemClock::new().monotonic()
    }
}

fn interrupted(then: impl Fn() + Send + Sync + 'static) -> Arc<dyn Clock> {
    Arc::new(Interrupts { armed: AtomicBool::new(true), then: Box::new(then) })
}

/// Calls `script`, and runs `then` when it pauses for the first time.
fn call_while(dir: &Path, script: &Script, then: impl Fn() + Send + Sync + 'static) -> FilteredOutput {
    let package = keeps(script.module(), 1000);
    package.granted(&host_in(dir), |grant| grant.guest_clock(interrupted(then))).call("run", "{}")
}

/// A call through another connection, which the database cannot distinguish from another process.
fn elsewhere(dir: &Path, script: Script) -> impl Fn() + Send + Sync + 'static {
    let tool = tool(&host_in(dir), &script);
    move || drop(call(&tool))
}

fn get(dir: &Path, key: &str) -> Option<String> {
    let said = run(&host_in(dir), Script::new().get(key)).remove(0);
    (said.0 == 0).then(|| said.text())
}

fn within(tool: SamplePackage, host: &mpp_host::Host, milliseconds: u64) -> RunnablePackage {
    tool.granted(host, |grant| {
        let mut limits = CallLimits::describing();
        limits.timeout = Duration::from_millis(milliseconds);
        grant.limits(limits)
    })
}

#[test]
fn a_failed_call_leaves_the_state_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let writes = Script::new().set("a", "x").increment("n", 1);
    let answer = "(call $out (i32.const 100) (i32.const 67)) (call $out (i32.const 4096) (i32.const 1))
                  (call $out (i32.const 4102) (i32.const 1)) (call $out (i32.const 200) (i32.const 3))";
    let endings = [
        ("a trap", "unreachable".to_owned(), ErrorKind::ToolCrashed),
        ("an exit", "(call $exit (i32.const 1))".to_owned(), ErrorKind::ToolCrashed),
        ("no answer", String::new(), ErrorKind::ToolCrashed),
        ("nonsense", "(call $out (i32.const 100) (i32.const 5))".to_owned(), ErrorKind::InvalidResponse),
        ("a trap after the answer", format!("{answer} unreachable"), ErrorKind::ToolCrashed),
        ("two answers", format!("{answer} {answer}"), ErrorKind::InvalidResponse),
        ("endless work", "(loop $l (br $l))".to_owned(), ErrorKind::Timeout),
        (
            "endless output",
            "(loop $l (call $out (i32.const 100) (i32.const 67)) (br $l))".to_owned(),
            ErrorKind::OutputLimit,
        ),
        ("too much memory", "(drop (memory.grow (i32.const 2000))) unreachable".to_owned(), ErrorKind::MemoryLimit),
    ];
    for (what, end, kind) in endings {
        let package = keeps(writes.module_ending(&end), 1000).set("/runtime/max_output_bytes", json!(4096));
        let output = within(package, &host, 1000).call("run", "{}");
        assert_eq!(failure(&output).0, kind, "{what}: {}", output.json());
        assert!(output.report().accesses.kv, "{what}");
        assert_eq!((get(dir.path(), "a"), get(dir.path(), "n")), (None, None), "{what}");
    }
    let error = keeps(writes.module_ending(&is_error()), 1000).runnable(&host).call("run", "{}");
    assert!(error.outcome().is_ok_and(|result| result.is_error), "{}", error.json());
    assert_eq!(get(dir.path(), "a"), None);
    let promise = json!({ "type": "string" });
    let broken = keeps(writes.module(), 1000).set("/tool_definitions/0/returns", promise).runnable(&host);
    assert_fails(&broken.call("run", "{}"), ErrorKind::InvalidResponse, &["`returns`"]);
    assert_eq!(get(dir.path(), "a"), None);

    assert_eq!(run(&host, writes)[1].counter(), 1);
    assert_eq!(get(dir.path(), "a").as_deref(), Some("x"));
}

#[test]
fn a_call_reads_one_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    run(&host_in(dir.path()), Script::new().set("n", "1"));
    let reads = Script::new().get("n").pause().get("n").list("", "", 10);
    let output = call_while(dir.path(), &reads, elsewhere(dir.path(), Script::new().increment("n", 1).set("m", "")));
    let said = said(&output);
    assert_eq!((said[0].text(), said[1].text()), ("1".to_owned(), "1".to_owned()));
    assert_eq!(said[2].keys(), ["n"]);
    assert_eq!(get(dir.path(), "n").as_deref(), Some("2"));
}

#[test]
fn a_call_that_lost_a_race_is_repeated() {
    let dir = tempfile::tempdir().unwrap();
    run(&host_in(dir.path()), Script::new().set("n", "1"));
    // By the time the call writes, the value that it read has changed. It does not matter what it writes.
    let writes = Script::new().get("n").pause().set("seen", "yes").get("n");
    let output = call_while(dir.path(), &writes, elsewhere(dir.path(), Script::new().increment("n", 1)));
    let said = said(&output);
    assert_eq!((said[0].text(), said[2].text()), ("2".to_owned(), "2".to_owned()));
    assert_eq!(get(dir.path(), "seen").as_deref(), Some("yes"));
}

#[test]
fn a_call_with_side_effects_is_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    run(&host, Script::new().set("n", "1"));
    let files = dir.path().join("files");
    std::fs::create_dir(&files).unwrap();
    // The tool ignores the conflict and answers; none of its changes are kept.
    let script = Script::new().get("n").pause().set("seen", "yes").set("more", "x").get("n");
    let capabilities = json!({ "kv": { "max_bytes": 1000 }, "filesystem": { "write": ["/files"] } });
    let package = sample(script.module()).set("/capabilities", capabilities);
    let clock = interrupted(elsewhere(dir.path(), Script::new().increment("n", 1)));
    let tool = package.granted(&host, |grant| grant.dir("/files", &files).guest_clock(clock));
    let output = tool.call("run", "{}");
    assert_fails(&output, ErrorKind::StateConflict, &["another call changed", "repeat the call"]);
    assert!(failure(&output).1.is_retryable());
    assert_eq!((get(dir.path(), "seen"), get(dir.path(), "more")), (None, None));
    // The same call succeeds when the caller repeats it.
    assert!(tool.call("run", "{}").outcome().is_ok());
    assert_eq!(get(dir.path(), "seen").as_deref(), Some("yes"));
}

#[test]
fn readers_never_wait_and_writers_wait_at_most_until_their_timeout() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    run(&host, Script::new().set("n", "1"));
    let counts = keeps(Script::new().increment("n", 1).module(), 1000);
    let here = within(counts.clone(), &host, 300);
    let other = within(counts, &host_in(dir.path()), 300);
    let reads = tool(&host, &Script::new().get("n"));
    let while_it_writes = move || {
        assert_eq!(call(&reads)[0].text(), "1");
        for tool in [&here, &other] {
            let output = tool.call("run", "{}");
            assert_fails(&output, ErrorKind::StateConflict, &["until this call's time limit"]);
            assert!(failure(&output).1.is_retryable());
        }
    };
    let holds = Script::new().increment("n", 1).pause().increment("n", 1);
    let package = keeps(holds.module(), 1000);
    let output = package.granted(&host, |grant: Grant| grant.guest_clock(interrupted(while_it_writes)));
    assert_eq!(said(&output.call("run", "{}"))[1].counter(), 3);
    assert_eq!(get(dir.path(), "n").as_deref(), Some("3"));
}

#[test]
fn concurrent_calls_lose_no_update() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    // One tool writes first and waits for its turn, one reads first and loses races, and one has another connection.
    let tools = [
        tool(&host, &Script::new().increment("n", 1)),
        tool(&host, &Script::new().get("n").increment("n", 1)),
        tool(&host_in(dir.path()), &Script::new().list("", "", 5).increment("n", 1)),
    ];
    std::thread::scope(|scope| {
        for tool in tools.iter().cycle().take(6) {
            scope.spawn(move || (0..50).for_each(|_| drop(call(tool))));
        }
    });
    assert_eq!(get(dir.path(), "n").as_deref(), Some("300"));
}
