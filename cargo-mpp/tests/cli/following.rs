//! Those who follow a registry: monitors, witnesses and mirrors.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::registry::Running;
use crate::support::User;

/// A server other than a registry, and the document that it has printed.
pub(crate) struct Follower {
    child: Child,
    pub(crate) document: Value,
}

impl Follower {
    pub(crate) fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = user.command(&[&["--format", "json"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("mpp starts");
        let lines = BufReader::new(child.stdout.as_mut().expect("piped")).lines();
        let mut text = String::new();
        for line in lines.map_while(Result::ok) {
            text += &line;
            if line == "}" {
                break;
            }
        }
        let document = serde_json::from_str(&text).unwrap_or_else(|error| {
            let _ = child.kill();
            panic!("{error} in {text}")
        });
        Self { child, document }
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.document[member].as_str().unwrap_or_else(|| panic!("{}", self.document)).to_owned()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("connected");
    write!(stream, "{head} HTTP/1.1\r\nhost: r.example\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        .expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    // Bundles are not text.
    String::from_utf8_lossy(&answer).into_owned()
}

fn checkpoint(address: &str) -> String {
    let answer = ask(address, "GET /log/checkpoint");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or(answer)
}

#[test]
fn a_monitor_verifies_the_log_and_notices_a_registry_that_begins_anew() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let (url, key) = (running.text("url"), running.text("root_key"));
    let arguments =
        ["registry", "monitor", &url, "--key", &key, "--package-id", "com.example.*", "--state", "monitor.json"];
    let first = user.mpp(&[&["--format", "json"], &arguments[..]].concat()).done().json();
    assert_eq!((first["from_size"].as_u64(), first["size"].as_u64()), (Some(0), Some(1)), "{first}");
    let again = user.mpp(&arguments).done();
    assert!(again.stdout.contains("verified localhost: 1 log entries, 0 of them new"), "{}", again.stdout);

    // Another key, and patterns that are none.
    let other = key.replace("localhost", "other.example");
    user.mpp(&["registry", "monitor", &url, "--key", &other, "--package-id", "com.example.*"]).failed(2, "MPP-N102");
    user.mpp(&["registry", "monitor", &url, "--key", &key, "--package-id", "*"]).failed(2, "MPP-N504");
    running.stop();
    user.mpp(&arguments).failed(7, "MPP-N508");

    // The same keys with another log: the operator forgets what was signed, and begins anew.
    for gone in ["registry/store", "registry/cache"] {
        let _ = fs::remove_dir_all(user.dir().join(gone));
    }
    for entry in fs::read_dir(user.dir().join("registry/keys")).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "key" && extension != "json") {
            fs::remove_file(path).expect("removed");
        }
    }
    let anew = Running::start(&user, &[]);
    let url = anew.text("url");
    let arguments =
        ["registry", "monitor", &url, "--key", &key, "--package-id", "com.example.*", "--state", "monitor.json"];
    let ended = user.mpp(&arguments).failed(3, "MPP-N024");
    assert!(ended.stderr.contains("two histories that contradict each other"), "{}", ended.stderr);
}

#[test]
fn a_registry_publishes_the_cosignatures_of_its_witnesses() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let log = running.text("log_key");
    running.stop();
    let start = ["registry", "witness", "--name", "witness.example.org/w1", "--log", &log, "--listen", "127.0.0.1:0"];
    let witness = Follower::start(&user, &start);
    let key = witness.text("key");
    assert!(key.starts_with("witness.example.org/w1+"), "{key}");
    assert_eq!(witness.document["created"], true);
    let named = format!("{}={key}", witness.text("url"));
    let running = Running::start(&user, &["--witness", &named]);
    let address = running.text("address");
    // The registry does not wait for its witnesses, so the cosignature comes a moment after the checkpoint.
    let cosigned = (0..600).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Some(checkpoint(&address)).filter(|checkpoint| checkpoint.contains("\n— witness.example.org/w1 "))
    });
    assert!(cosigned.is_some(), "{}", checkpoint(&address));
    // The key stays.
    drop(witness);
    let again = Follower::start(&user, &start);
    assert_eq!((again.text("key"), again.document["created"].as_bool()), (key, Some(false)));
    user.mpp(&["registry", "witness", "--name", "a b", "--log", &log]).failed(2, "MPP-N102");
    user.mpp(&["registry", "witness", "--name", "witness.example.org/w1", "--log", &log]).failed(2, "MPP-N505");
}

#[test]
fn a_witness_follows_a_registry_to_its_next_log_key() {
    let user = User::new();
    let first = Running::start(&user, &[]);
    let (address, root) = (first.text("address"), first.text("root_key"));
    let named = format!("http://{address}={root}");
    let start = ["registry", "witness", "--name", "witness.example.org/w1", "--listen", "127.0.0.1:0"];
    user.mpp(&start).failed(2, "MPP-C001");
    let witness = Follower::start(&user, &[&start[..], &["--registry", &named]].concat());
    assert_eq!(witness.document["logs"], serde_json::json!(["localhost"]));
    first.stop();
    let asked = format!("{}={}", witness.text("url"), witness.text("key"));
    let serve = ["--witness", &asked, "--listen", &address];
    let cosigned_by = |line: &str| {
        let cosigned = (0..600).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let shown = checkpoint(&address);
            Some(shown.clone()).filter(|shown| shown.contains("\n— witness.example.org/w1 ") && !shown.contains(line))
        });
        let shown = cosigned.unwrap_or_else(|| panic!("{}", checkpoint(&address)));
        shown.lines().find(|line| line.starts_with("— localhost ")).expect("a signature of the log").to_owned()
    };
    let running = Running::start(&user, &serve);
    let before = cosigned_by("nothing");
    running.stop();
    user.mpp(&["registry", "rotate-log-key", "--root-key", "registry/keys/root.key"]).done();
    // The same witness, which was not started again, cosigns what the new key signs.
    let running = Running::start(&user, &serve);
    assert_ne!(cosigned_by(&before), before);
    drop(running);
    let log = root.as_str();
    let twice = [&start[..], &["--registry", &named, "--log", log, "--dir", "other"]].concat();
    user.mpp(&twice).failed(2, "MPP-N507");
}

#[test]
fn a_mirror_serves_the_files_of_a_registry_and_refuses_changes() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let (url, key) = (running.text("url"), running.text("root_key"));
    let start = ["registry", "serve", "--upstream", &url, "--key", &key, "--dir", "mirror", "--listen", "127.0.0.1:0"];
    let mirror = Follower::start(&user, &start);
    let address = mirror.text("address");
    assert_eq!((mirror.text("upstream"), mirror.document["leaves"].as_u64()), (url.clone(), Some(1)));
    assert_eq!(checkpoint(&address), checkpoint(&running.text("address")));
    let refused = ask(&address, "POST /v1/publishers");
    assert!(
        refused.starts_with("HTTP/1.1 405 ") && refused.contains("MPP-N509") && refused.contains(&url),
        "{refused}"
    );
    assert!(ask(&address, "GET /log/tile/entries/000.p/1").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask(&address, "GET /keys/log.key").starts_with("HTTP/1.1 404 "));
    assert!(ask(&address, "GET /revocations.json").starts_with("HTTP/1.1 200 OK\r\n"));
    // Without its registry, the mirror serves what it has, also after a restart.
    drop(mirror);
    running.stop();
    let again = Follower::start(&user, &start);
    assert!(ask(&again.text("address"), "GET /log/checkpoint").starts_with("HTTP/1.1 200 OK\r\n"));
    let elsewhere = ["registry", "serve", "--upstream", &url, "--key", &key, "--dir", "other"];
    user.mpp(&elsewhere).failed(7, "MPP-N508");
    user.mpp(&["registry", "serve", "--upstream", &url]).failed(2, "MPP-C001");
}
