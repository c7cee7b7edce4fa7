//! File operations that block: the call ends in time, and releases what it holds at once or when the operation ends.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use mpp_host::Host;
use mpp_host::host::{FilteredOutput, RunnablePackage};
use mpp_sdk::wire::{ErrorKind, Status};
use serde_json::json;

use crate::fixture::{Run, SamplePackage, assert_fails, content, module, sample};
use crate::kv_script::{Script, call, tool};

/// The WASI right to read.
pub(crate) const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;
const CREATE: i32 = 1;

/// Creates a directory with a pipe that nobody writes to.
pub(crate) fn with_pipe() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, root.path().join("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    root
}

fn host(dir: &Path, instances: u32) -> Host {
    Host::builder().instances(instances).state_dir(dir.join("kv")).build().unwrap()
}

/// Opens a file below descriptor 3. Its name is in memory at `at`.
pub(crate) fn open(at: usize, name: &str, flags: i32, rights: i64) -> String {
    format!(
        "(drop (call $path_open (i32.const 3) (i32.const 0) (i32.const {at}) (i32.const {}) (i32.const {flags})
           (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 5000)))",
        name.len()
    )
}

/// Stores a name in unused memory.
pub(crate) fn name(at: usize, name: &str) -> String {
    name.bytes().enumerate().map(|(i, b)| format!("(i32.store8 (i32.const {}) (i32.const {b}))", at + i)).collect()
}

/// A tool that writes a value, logs that, opens the pipe, and then creates a file.
fn blocks() -> SamplePackage {
    let code = format!(
        "{} {} (call $err (i32.const 6000) (i32.const 4)) {} {}",
        name(6000, "pipe"),
        name(6100, "made"),
        open(6000, "pipe", 0, READ),
        open(6100, "made", CREATE, WRITE)
    );
    let module = Script::new().set("k", "blocked").run(&code).module();
    sample(module)
        .set("/capabilities", json!({ "kv": { "max_bytes": 1000 }, "filesystem": { "read": [], "write": ["/data"] } }))
        .set("/runtime/timeout_ms", json!(500))
}

/// A tool that answers at once if its host has a free place.
fn quick(host: &Host) -> RunnablePackage {
    sample(module("", "(call $answer_number (i32.const 7))")).set("/runtime/timeout_ms", json!(60)).runnable(host)
}

fn granted(package: &SamplePackage, host: &Host, dir: &Path) -> RunnablePackage {
    package.granted(host, |grant| grant.dir("/data", dir))
}

/// Opens the pipe for writing, so that the operation that waits for it ends. Returns at once if no operation waits.
pub(crate) fn release(dir: &Path) {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    let opened = OpenOptions::new().write(true).custom_flags(flags).open(dir.join("pipe"));
    let has_no_reader = |error: &std::io::Error| error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error());
    assert!(opened.as_ref().err().is_none_or(has_no_reader), "{opened:?}");
}

/// Waits for an event, for at most a minute.
#[track_caller]
pub(crate) fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the host has a place for a quick tool. Until then its calls can only fail for want of time.
#[track_caller]
fn until_there_is_a_place(quick: &RunnablePackage) {
    until("a free place", || {
        let output = quick.call("run", "{}");
        let is_answered = output.outcome().is_ok();
        if !is_answered {
            assert_fails(&output, ErrorKind::Timeout, &["60 ms"]);
        }
        is_answered
    });
}

#[test]
fn a_call_blocked_by_a_file_is_abandoned_and_leaves_nothing() {
    let dir = with_pipe();
    let one = host(dir.path(), 1);
    let blocked = granted(&blocks(), &one, dir.path()).call("run", "{}");
    assert_fails(&blocked, ErrorKind::Timeout, &["500 ms"]);
    assert_eq!(blocked.log(), "pipe", "earlier output is kept");
    assert!(blocked.report().memory_peak > 0);
    assert!(blocked.report().accesses.kv);
    assert_eq!(blocked.report().accesses.paths.iter().flatten().collect::<Vec<_>>(), ["/data"]);
    // The waiting thread does not hold the lock of the state, and its write was rolled back.
    let host = host(dir.path(), 4);
    let key = Script::new().get("k").set("k", "free").get("k");
    let others = call(&tool(&host, &key));
    assert_eq!(others[0].0, Status::NotFound as i32, "{others:?}");
    assert_eq!(others[2].text(), "free");
    release(dir.path());
    let next = quick(&one);
    until_there_is_a_place(&next);
    assert!(!dir.path().join("made").exists(), "it went on after its time");
    assert_eq!(call(&tool(&host, &Script::new().get("k")))[0].text(), "free");
}

#[test]
fn an_abandoned_call_frees_its_place_when_its_operation_ends() {
    let dir = with_pipe();
    let host = host(dir.path(), 1);
    let blocked = granted(&blocks(), &host, dir.path());
    let quick = quick(&host);
    assert_fails(&blocked.call("run", "{}"), ErrorKind::Timeout, &["500 ms"]);
    // The only place is taken.
    assert_fails(&quick.call("run", "{}"), ErrorKind::Timeout, &["did not start within 60 ms"]);
    release(dir.path());
    until_there_is_a_place(&quick);
}

#[test]
fn calls_with_files_can_be_made_inside_an_async_task() {
    let dir = with_pipe();
    let host = host(dir.path(), 2);
    let reads = sample(module("", "(call $answer_number (i32.const 7))"))
        .set("/capabilities", json!({ "filesystem": { "read": ["/data"], "write": [] } }));
    let (reads, blocked) = (granted(&reads, &host, dir.path()), granted(&blocks(), &host, dir.path()));
    // A runtime without timers.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outputs: [FilteredOutput; 2] = runtime.block_on(async { [reads.call("run", "{}"), blocked.call("run", "{}")] });
    assert_eq!(content(&outputs[0]), json!("007"));
    assert_fails(&outputs[1], ErrorKind::Timeout, &["500 ms"]);
    release(dir.path());
}

#[test]
fn a_sleep_with_files_ends_with_the_call_and_frees_its_place() {
    let dir = with_pipe();
    let host = host(dir.path(), 1);
    let sleep = |nanoseconds: u64| {
        let code = format!(
            "(i32.store (i32.const 6016) (i32.const 1)) (i64.store (i32.const 6024) (i64.const {nanoseconds}))
             (drop (call $poll (i32.const 6000) (i32.const 7000) (i32.const 1) (i32.const 7100)))
             (call $answer_number (i32.load (i32.const 7100)))"
        );
        sample(module("", &code))
            .set("/capabilities", json!({ "filesystem": { "read": ["/data"], "write": [] } }))
            .set("/runtime/timeout_ms", json!(500))
    };
    let (long, short) = (sleep(u64::MAX / 4), sleep(1_000_000));
    assert_fails(&granted(&long, &host, dir.path()).call("run", "{}"), ErrorKind::Timeout, &["500 ms"]);
    assert_eq!(content(&granted(&short, &host, dir.path()).call("run", "{}")), json!("001"));
    // The host still answers calls with state.
    assert_eq!(call(&tool(&host, &Script::new().get("k")))[0].0, Status::NotFound as i32);
}
