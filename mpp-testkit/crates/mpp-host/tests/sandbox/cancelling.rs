//! Cancelling a call: it ends soon, whatever it is doing, and leaves no trace.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock;
use mpp_host::host::FilteredOutput;
use mpp_host::{CallOptions, CancelHandle, Host, RunnablePackage};
use mpp_sdk::wire::{ErrorKind, Status};
use serde_json::json;

use crate::audit::{entries, log_dir, recording};
use crate::blocked::{READ, name, open, release, until, with_pipe};
use crate::components::component;
use crate::fixture::{Run, SamplePackage, answers, assert_fails, content, host, module, sample};
use crate::kv_script::{Script, call as call_script, host_in, keeps, tool as tool_of};
use crate::network::server::{Authority, Server};
use crate::network::{Names, host as network_host, package as network_package};

/// A guest clock that reports when it is read, so that a test knows how far the call has come.
#[derive(Debug)]
struct Signals(Sender<()>);

impl Clock for Signals {
    fn now(&self) -> SystemTime {
        let _ = self.0.send(());
        SystemTime::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Waits for an event of a call, for at most a minute.
#[track_caller]
fn comes(event: &Receiver<()>) {
    event.recv_timeout(Duration::from_secs(60)).expect("the call comes so far within a minute");
}

const READ_CLOCK: &str = "(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 16)))";

/// Calls the package's tool, and cancels the call when it reads its clock.
fn cancelled_at_the_clock(package: &SamplePackage, host: &Host, dir: Option<&Path>) -> FilteredOutput {
    let (started, has_started) = channel();
    let tool = package.granted(host, |grant| {
        let grant = grant.guest_clock(Arc::new(Signals(started)));
        match dir {
            Some(dir) => grant.dir("/data", dir),
            None => grant,
        }
    });
    cancelled(&tool, || comes(&has_started))
}

/// Calls the tool, and cancels the call after `wait`.
fn cancelled(tool: &RunnablePackage, wait: impl FnOnce()) -> FilteredOutput {
    let handle = CancelHandle::new();
    let options = CallOptions::new().cancel(&handle);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| tool.call_with("run", "{}", options));
        wait();
        handle.cancel();
        call.join().unwrap()
    })
}

fn assert_cancelled(output: &FilteredOutput) {
    assert_fails(output, ErrorKind::Cancelled, &["the call was cancelled"]);
    assert_eq!(output.code().map(|code| code.id), Some("MPP-R113"));
}

/// A tool with files, whose calls run on a separate thread.
fn with_files(package: SamplePackage) -> SamplePackage {
    package.set("/capabilities/filesystem", json!({ "read": [], "write": ["/data"] }))
}

#[test]
fn an_endless_loop_is_cancelled() {
    let host = host();
    let endless = sample(module("", &format!("{READ_CLOCK} (loop (br 0))")));
    assert_cancelled(&cancelled_at_the_clock(&endless, &host, None));
    let dir = tempfile::tempdir().unwrap();
    assert_cancelled(&cancelled_at_the_clock(&with_files(endless), &host, Some(dir.path())));
    // A component, whose loop cannot report that it has started.
    let endless = component("(loop (br 0)) (i32.const 0)").runnable(&host);
    assert_cancelled(&cancelled(&endless, || std::thread::sleep(Duration::from_millis(20))));
}

#[test]
fn a_sleeping_tool_is_cancelled() {
    let sleep = format!(
        "{READ_CLOCK} (i32.store (i32.const 6016) (i32.const 1)) (i64.store (i32.const 6024) (i64.const 3600000000000))
         (drop (call $poll (i32.const 6000) (i32.const 7000) (i32.const 1) (i32.const 7100)))"
    );
    let (host, sleeps) = (host(), sample(module("", &sleep)));
    assert_cancelled(&cancelled_at_the_clock(&sleeps, &host, None));
    let dir = tempfile::tempdir().unwrap();
    assert_cancelled(&cancelled_at_the_clock(&with_files(sleeps), &host, Some(dir.path())));
}

#[test]
fn a_tool_that_waits_for_a_response_is_cancelled() {
    let (started, has_started) = channel();
    let started = std::sync::Mutex::new(started);
    let (release, held) = channel::<()>();
    let held = std::sync::Mutex::new(held);
    let server = Server::start(Some(Authority::trusted().certificate("api.example.com", 2999)), move |_, _| {
        let _ = started.lock().unwrap().send(());
        let _ = held.lock().unwrap().recv();
        false
    });
    let names = Arc::new(Names::here(&["api.example.com"]));
    let host = format!("api.example.com:{}", server.port);
    let package = network_package(&json!([host]), &json!({ "method": "GET", "url": format!("https://{host}/") }), b"");
    let tool = package.granted(&network_host(&names), |grant| grant.allow_local(true));
    let output = cancelled(&tool, || comes(&has_started));
    assert_cancelled(&output);
    assert_eq!(output.report().accesses.hosts.iter().collect::<Vec<_>>(), [&host], "what was sent is reported");
    drop(release);
}

#[test]
fn state_that_a_cancelled_call_wrote_is_rolled_back() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    call_script(&tool_of(&host, &Script::new().set("k", "before")));
    let writes = Script::new().set("k", "after").pause().run("(loop (br 0))");
    assert_cancelled(&cancelled_at_the_clock(&keeps(writes.module(), 1 << 20), &host, None));
    let now = call_script(&tool_of(&host, &Script::new().get("k").set("k", "free")));
    assert_eq!(now[0].text(), "before");
    assert_eq!(now[1].0, 0, "the lock is free");
}

#[test]
fn a_tool_that_waits_for_its_state_is_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let writes = Script::new().pause().set("k", "mine");
    let (started, has_started) = channel();
    let tool = keeps(writes.module(), 1 << 20).granted(&host, |grant| grant.guest_clock(Arc::new(Signals(started))));
    let held = tool.state().unwrap().hold().unwrap();
    let output = cancelled(&tool, || comes(&has_started));
    assert_cancelled(&output);
    drop(held);
    let now = call_script(&tool_of(&host, &Script::new().get("k")));
    assert_eq!(now[0].0, Status::NotFound as i32, "nothing was written");
}

#[test]
fn a_blocked_file_operation_is_abandoned() {
    let dir = with_pipe();
    let code = format!("{} {READ_CLOCK} {}", name(6000, "pipe"), open(6000, "pipe", 0, READ));
    let blocks = with_files(sample(module("", &code)));
    let (started, has_started) = channel();
    let blocked =
        blocks.granted(&host(), |grant| grant.guest_clock(Arc::new(Signals(started))).dir("/data", dir.path()));
    let handle = CancelHandle::new();
    let options = CallOptions::new().cancel(&handle);
    let output = std::thread::scope(|scope| {
        let caller = std::thread::Builder::new().name("opens-a-pipe".to_owned());
        let call = caller.spawn_scoped(scope, || blocked.call_with("run", "{}", options)).unwrap();
        comes(&has_started);
        until("the call to wait for the pipe", || are_asleep("opens-a-pipe"));
        handle.cancel();
        call.join().unwrap()
    });
    assert_cancelled(&output);
    release(dir.path());
}

/// Returns whether both threads of a call are asleep: the caller, and the worker that has its name. On other systems than Linux,
/// the test does not wait for that.
fn are_asleep(name: &str) -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let states = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
        // `id (name) state …`
        let (before, after) = stat.rsplit_once(") ")?;
        before.ends_with(&format!("({name}")).then(|| after.starts_with(['S', 'D']))
    });
    states.collect::<Vec<bool>>() == [true, true]
}

#[test]
fn a_call_that_waits_for_its_turn_is_cancelled() {
    let host = Host::builder().instances(1).build().unwrap();
    assert_eq!(host.instances(), 1);
    let endless = sample(module("", &format!("{READ_CLOCK} (loop (br 0))")));
    let (started, has_started) = channel();
    let endless = endless.granted(&host, |grant| grant.guest_clock(Arc::new(Signals(started))));
    let waits = sample(answers("1")).runnable(&host);
    let output = cancelled(&endless, || {
        comes(&has_started);
        assert_cancelled(&cancelled(&waits, || std::thread::sleep(Duration::from_millis(20))));
        let at_once = sample(answers("1")).set("/runtime/timeout_ms", json!(30)).runnable(&host);
        let refused = at_once.call("run", "{}");
        assert_fails(&refused, ErrorKind::Timeout, &["did not start within 30 ms", "too many calls"]);
        assert_eq!(refused.outcome().unwrap_err().data["retryable"], json!(true));
    });
    assert_cancelled(&output);
    assert_eq!(content(&waits.call("run", "{}")), json!(1), "the permit is free again");
}

#[test]
fn a_handle_cancelled_before_the_call_prevents_it() {
    let (_guard, dir) = log_dir();
    let tool = sample(answers("1")).runnable(&recording(&dir));
    let handle = CancelHandle::new();
    handle.cancel();
    let output = tool.call_with("run", "{}", CallOptions::new().cancel(&handle));
    assert_cancelled(&output);
    assert_eq!(output.report().output_bytes, 0);
    let entry = entries(&dir).pop().unwrap();
    assert_eq!((entry.outcome.as_str(), entry.code.as_deref()), ("cancelled", Some("MPP-R113")));
}

#[test]
fn a_handle_cancelled_after_the_call_has_no_effect() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let writes = tool_of(&host, &Script::new().set("k", "kept"));
    let handle = CancelHandle::new();
    let output = writes.call_with("run", "{}", CallOptions::new().cancel(&handle));
    assert!(output.outcome().is_ok());
    handle.cancel();
    assert!(handle.is_cancelled());
    assert_eq!(call_script(&tool_of(&host, &Script::new().get("k")))[0].text(), "kept");
}

#[test]
fn the_audit_log_records_a_cancelled_call() {
    let (_guard, dir) = log_dir();
    let endless = sample(module("", &format!("{READ_CLOCK} (loop (br 0))")));
    assert_cancelled(&cancelled_at_the_clock(&endless, &recording(&dir), None));
    let entry = entries(&dir).pop().unwrap();
    assert_eq!((entry.tool.as_deref(), entry.outcome.as_str()), (Some("run"), "cancelled"));
}

#[test]
fn an_unused_handle_changes_nothing() {
    let endless = sample(module("", "(loop (br 0))")).set("/runtime/timeout_ms", json!(60)).runnable(&host());
    let handle = CancelHandle::new();
    let output = endless.call_with("run", "{}", CallOptions::new().cancel(&handle));
    assert_fails(&output, ErrorKind::Timeout, &["60 ms"]);
    let backtrace = &output.outcome().unwrap_err().data["backtrace"];
    assert!(backtrace.as_array().is_some_and(|frames| !frames.is_empty()), "{backtrace}");
}
