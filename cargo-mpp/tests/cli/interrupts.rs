//! Ctrl-C: exit code 130, no half file, no child left behind.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::{User, manifest, module, signed};

/// Waits for `found` to find something; a test that waits this long has failed.
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn interrupt(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("an id");
    kill_process(pid, Signal::INT).expect("signalled");
}

#[test]
fn an_interrupted_build_leaves_nothing_behind() {
    let user = User::new();
    let mut value = serde_json::to_value(manifest(json!({}))).expect("JSON");
    value["build"] = json!({"command": "echo $$ > pid; exec sleep 600", "output": "tool.wasm"});
    user.write("project/manifest.json", value.to_string());
    let mut build =
        user.command(&["build", "project"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("starts");
    let pid_file = user.dir().join("project/pid");
    let sleeping =
        wait_for("the build command", || std::fs::read_to_string(&pid_file).ok()?.trim().parse::<u32>().ok());
    interrupt(&build);
    assert_eq!(build.wait().expect("ends").code(), Some(130));
    wait_for("the build command to end", || (!Path::new(&format!("/proc/{sleeping}")).exists()).then_some(()));
    assert!(!user.dir().join("project/target/mpp/say-1.2.3.dev.mpp").exists());
}

#[test]
fn an_interrupted_run_ends_at_once() {
    let user = User::new();
    let patch = json!({"runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm", "timeout_ms": 600_000}});
    user.write("tool.mpp", signed(manifest(patch), &module("", "(loop $l (br $l))"), &user.own_key()).as_slice());
    let mut command = user.command(&["run", "tool.mpp", "--arg", "what=x"]);
    let mut run = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
    // The line that says what is running is printed before the call.
    let mut seen = [0; 1];
    std::io::Read::read_exact(run.stderr.as_mut().expect("piped"), &mut seen).expect("says something");
    interrupt(&run);
    assert_eq!(run.wait().expect("ends").code(), Some(130));
}
