//! Concurrent processes and killed processes, which are this test program started again as a host.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use mpp_host::Host;
use mpp_host::audit::{AuditLog, read, verify};

use crate::fixture::{Run, failure};
use crate::kv_script::{Script, call, host_in, keeps, run, tool};

/// The variable that makes this process a child and selects what it does.
const ROLE: &str = "MPP_TEST_KV_ROLE";
const DIR: &str = "MPP_TEST_KV_DIR";

/// Starts this program as a host with its state in `dir`. It reports on stderr.
fn child(dir: &Path, role: &str) -> Child {
    let mut command = Command::new("/proc/self/exe");
    command.args(["--exact", "kv_processes::as_a_child", "--nocapture"]).env(ROLE, role).env(DIR, dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn say(word: &str) {
    std::io::stderr().write_all(word.as_bytes()).unwrap();
}

/// The work of a child process. In a normal test run, it does nothing.
#[test]
fn as_a_child() {
    let (Some(role), Some(dir)) = (std::env::var_os(ROLE), std::env::var_os(DIR)) else { return };
    let dir = Path::new(&dir);
    let host = host_in(dir);
    match role.to_str().unwrap() {
        "thousand" => {
            let counts = tool(&host, &Script::new().increment("n", 1));
            (0..1000).for_each(|_| drop(call(&counts)));
        }
        "reading-thousand" => {
            let counts = tool(&host, &Script::new().get("n").increment("n", 1));
            (0..1000).for_each(|_| drop(call(&counts)));
        }
        "endless" => {
            let counts =
                tool(&recording_in(dir), &Script::new().get("n").increment("n", 1).set("last", "x".repeat(500)));
            loop {
                say("s");
                call(&counts);
                say("a");
            }
        }
        "no-room" => {
            for entry in 0.. {
                let writes = keeps(Script::new().set(format!("k/{entry:04}"), vec![b'x'; 20_000]).module(), 1 << 30);
                let output = writes.runnable(&host).call("run", "{}");
                if output.outcome().is_err() {
                    let (kind, error) = failure(&output);
                    say(&format!("\n{}: {}\n", kind.as_str(), error.message));
                    return;
                }
                say("a");
            }
        }
        other => panic!("no role `{other}`"),
    }
}

/// A host that also records its calls.
fn recording_in(dir: &Path) -> Host {
    let log = Arc::new(AuditLog::new(dir.join("audit")));
    Host::builder().instances(8).state_dir(dir.join("kv")).audit(log).build().unwrap()
}

fn count(dir: &Path) -> usize {
    let said = run(&host_in(dir), Script::new().get("n")).remove(0);
    if said.0 == 0 { said.text().parse().unwrap() } else { 0 }
}

#[test]
fn two_processes_count_to_two_thousand() {
    let dir = tempfile::tempdir().unwrap();
    let mut children = [child(dir.path(), "thousand"), child(dir.path(), "reading-thousand")];
    for child in &mut children {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
    }
    assert_eq!(count(dir.path()), 2000);
}

#[test]
fn acknowledged_writes_survive_killed_processes() {
    let dir = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut started) = (0, 0);
    for round in 0..25 {
        // One process is killed while the other holds the lock or waits for it.
        let mut victims = [child(dir.path(), "endless"), child(dir.path(), "endless")];
        let mut said: Vec<_> = victims.iter_mut().map(|victim| BufReader::new(victim.stderr.take().unwrap())).collect();
        for (index, said) in said.iter_mut().enumerate() {
            for _ in 0..=(round * 7 + index * 3) % 23 {
                let mut word = [0; 2];
                said.read_exact(&mut word).unwrap();
                assert_eq!(&word, b"sa");
                (started, acknowledged) = (started + 1, acknowledged + 1);
            }
            victims[index].kill().unwrap();
        }
        for (victim, mut said) in victims.iter_mut().zip(said) {
            victim.wait().unwrap();
            let mut rest = String::new();
            said.read_to_string(&mut rest).unwrap();
            assert!(rest.trim_start_matches(['s', 'a']).is_empty(), "{rest}");
            started += rest.matches('s').count();
            acknowledged += rest.matches('a').count();
        }
        let counted = count(dir.path());
        assert!(acknowledged <= counted && counted <= started, "{acknowledged} ≤ {counted} ≤ {started}");
        // The audit log survives too: it contains every answered call, and at most its last line is torn.
        let report = verify(&dir.path().join("audit")).unwrap().unwrap();
        let (mut ended, mut interrupted) = (0, 0);
        read(&dir.path().join("audit"), |call| {
            *if call.record.ended().is_some() { &mut ended } else { &mut interrupted } += 1
        })
        .unwrap();
        assert!(acknowledged <= ended && ended <= counted, "{acknowledged} ≤ {ended} ≤ {counted}");
        // And what was committed without an answer had its record before.
        assert!(counted <= ended + interrupted, "{counted} ≤ {ended} + {interrupted}");
        assert_eq!(interrupted, report.interrupted.len());
        assert!(report.is_whole() && report.records == report.last, "round {round}: {report:?}");
        assert!(report.torn.iter().filter(|torn| torn.before.is_none()).count() <= 1, "round {round}: {report:?}");
    }
    assert!(acknowledged >= 50);
}

#[test]
fn a_full_disk_fails_the_call_and_keeps_the_data() {
    let dir = tempfile::tempdir().unwrap();
    // Files can grow to some hundred KiB; a write beyond that fails as on a full disk.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "kv_processes::as_a_child", "--nocapture"]).env(ROLE, "no-room").env(DIR, dir.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines: Vec<String> = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success(), "{lines:?}");
    let (written, why) = (lines[0].len(), &lines[1]);
    assert!(written > 2, "{lines:?}");
    assert!(why.starts_with("state_unavailable: ") && why.contains("nothing was written"), "{why}");
    let kept = run(&host_in(dir.path()), Script::new().list("k/", "", 1000).set("k/more", "x"));
    assert_eq!((kept[0].keys().len(), kept[1].0), (written, 0));
}
