//! Ctrl-C: exit code 130, no half file, no child left behind.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::{User, sample, signed};

/// Waits for `found` to find something, for at most two minutes.
#[track_caller]
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "waited two minutes for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A running command, which ends with the test.
struct Running(Child);

impl Running {
    fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = user.command(arguments);
        Self(command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("starts"))
    }

    /// Fails if the command has ended by itself.
    fn is_running(&mut self) {
        let ended = self.0.try_wait().expect("its state");
        assert!(ended.is_none(), "it ended before it was interrupted: {ended:?}");
    }

    /// Sends SIGINT, and waits for the end.
    fn interrupt(&mut self) -> ExitStatus {
        self.is_running();
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).expect("an id");
        kill_process(pid, Signal::INT).expect("signalled");
        wait_for("the interrupted command to end", || self.0.try_wait().expect("its state"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_interrupted_build_leaves_nothing_behind() {
    let user = User::new();
    let mut manifest = sample(json!({})).manifest_json().clone();
    manifest["build"] = json!({"command": "echo $$ > pid; exec sleep 600", "output": "tool.wasm"});
    user.write("project/manifest.json", manifest.to_string());
    let mut build = Running::start(&user, &["build", "project"]);
    let pid_file = user.dir().join("project/pid");
    let sleeping = wait_for("the build command to start", || {
        build.is_running();
        std::fs::read_to_string(&pid_file).ok()?.trim().parse::<u32>().ok()
    });
    assert_eq!(build.interrupt().code(), Some(130));
    wait_for("the build command to end", || (!Path::new(&format!("/proc/{sleeping}")).exists()).then_some(()));
    assert!(!user.dir().join("project/target/mpp/say-1.2.3.dev.mpp").exists());
}

#[test]
fn an_interrupted_run_ends_and_its_state_is_rolled_back() {
    let user = User::new();
    let patch = json!({
        "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm", "timeout_ms": 600_000},
        "capabilities": {"kv": {"max_bytes": 1000}}
    });
    let counts_for_ever = r#"(module
      (import "mpp_v1" "kv_increment" (func $increment (param i32 i32 i64) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 64) "count")
      (func (export "_start")
        (drop (call $increment (i32.const 64) (i32.const 5) (i64.const 1)))
        (loop $l (br $l))))"#;
    let module = wat::parse_str(counts_for_ever).expect("wat");
    user.write("tool.mpp", signed(sample(patch), &module, &user.own_key()).as_slice());
    let mut run = Running::start(&user, &["run", "tool.mpp", "--arg", "what=x"]);
    // The database is opened by the call.
    wait_for("the call to use its state", || {
        run.is_running();
        std::fs::read_dir(user.home().join("kv")).ok()?.next().map(drop)
    });
    assert_eq!(run.interrupt().code(), Some(130));
    let state = user.mpp(&["kv", "get", "tool.mpp", "count"]);
    assert_eq!(state.code, Some(2), "{state:#?}");
}
