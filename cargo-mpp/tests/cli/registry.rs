//! The commands of those who run a registry.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{Ended, User};

/// A registry that a test has started.
pub(crate) struct Running {
    child: Child,
    /// The document that the command has printed.
    pub(crate) document: Value,
}

impl Running {
    /// Starts `mpp registry serve` on a free port, and waits for its document.
    pub(crate) fn start(user: &User, more: &[&str]) -> Self {
        let listen: &[&str] = if more.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let arguments = ["--format", "json", "registry", "serve"];
        let mut command = user.command(&[&arguments[..], listen, more].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mpp starts");
        let mut text = String::new();
        for line in BufReader::new(child.stdout.as_mut().expect("piped")).lines() {
            let line = line.expect("text");
            text += &line;
            // The document ends at the brace in the first column.
            if line == "}" {
                break;
            }
        }
        let document = serde_json::from_str(&text).unwrap_or_else(|error| {
            let _ = child.kill();
            panic!("{error} in {text}")
        });
        crate::documents::check(&["registry", "serve", "--format", "json"], &text);
        Self { child, document }
    }

    /// Returns a text of the document.
    pub(crate) fn text(&self, member: &str) -> String {
        self.document[member].as_str().expect("a text").to_owned()
    }

    /// Sends SIGTERM, and returns the exit code and what the server has written to stderr.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("sent");
        let code = self.child.wait().expect("ended").code();
        let mut log = String::new();
        let _ = self.child.stderr.take().expect("piped").read_to_string(&mut log);
        (code, log)
    }

    /// Returns the answer to a request.
    fn get(&self, path: &str) -> String {
        let address = self.document["address"].as_str().expect("an address");
        let mut stream = TcpStream::connect(address).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: r.example\r\nconnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn one_command_makes_a_registry_and_serves_it() {
    let user = User::new();
    let running = Running::start(&user, &["--log-format", "json"]);
    let document = running.document.clone();
    assert_eq!((document["created"].as_bool(), document["leaves"].as_u64()), (Some(true), Some(1)), "{document}");
    assert_eq!(document["origin"], "localhost");
    assert_eq!(document["root_key_path"], "registry/keys/root.key");
    let mode = fs::metadata(user.dir().join("registry/keys/root.key")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(running.get("/log/checkpoint").contains("\r\n\r\nlocalhost\n1\n"));
    // A second server of the same directory is refused.
    let second = user.mpp(&["registry", "serve", "--listen", "127.0.0.1:0"]).failed(2, "MPP-N121");
    assert!(second.stderr.contains("registry/store"), "{}", second.stderr);
    let (code, log) = running.stop();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(
        lines.iter().any(|line| line["message"].as_str().is_some_and(|text| text.starts_with("stopping"))),
        "{log}"
    );
    // The keys stay, and the root key need not be there.
    fs::remove_file(user.dir().join("registry/keys/root.key")).expect("moved away");
    let again = Running::start(&user, &[]);
    assert_eq!(again.document["root_key"], document["root_key"]);
    assert_eq!(again.document["created"], false);
    assert!(again.document.get("root_key_path").is_none(), "{}", again.document);
    assert_eq!(again.stop().0, Some(0));
}

#[test]
fn keys_are_made_once() {
    let user = User::new();
    let arguments = ["registry", "init", "--origin", "tools.example.com/log"];
    let made = user.mpp(&[&["--format", "json"][..], &arguments].concat()).done().json();
    assert!(made["root_key"].as_str().expect("a key").starts_with("tools.example.com/log+"), "{made}");
    user.mpp(&arguments).failed(2, "MPP-N214");
    user.mpp(&["registry", "init", "--origin", "Tools Example", "--dir", "other"]).failed(2, "MPP-N007");
    let running = Running::start(&user, &[]);
    assert_eq!(running.document["root_key"], made["root_key"]);
    assert_eq!(running.document["created"], false);
}

#[test]
fn a_policy_that_the_server_does_not_understand_is_refused() {
    let user = User::new();
    user.write("registry/policy.toml", "registration = \"open\"\noperator = []\n");
    let ended = user.mpp(&["registry", "serve", "--listen", "127.0.0.1:0"]).failed(2, "MPP-N212");
    assert!(ended.stderr.contains("unknown field `operator`") && ended.stderr.contains("line 2"), "{}", ended.stderr);
    user.mpp(&["registry", "serve", "--policy", "none.toml"]).failed(2, "MPP-N212");
    user.mpp(&["registry", "serve", "--tls-cert", "cert.pem"]).failed(2, "MPP-C001");
}

#[test]
fn damage_is_found_and_repaired() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let checked = user.mpp(&["registry", "check", "--format", "json"]).done().json();
    assert_eq!(
        (checked["leaves"].as_u64(), checked["faults"].as_array().map(Vec::len)),
        (Some(1), Some(0)),
        "{checked}"
    );
    running.stop();
    fs::write(user.dir().join("registry/store/log/tile/0/000.p/1"), "another tile").expect("written");
    fs::remove_file(user.dir().join("registry/store/revocations.json")).expect("removed");
    let ended = user.mpp(&["registry", "check"]).failed(3, "MPP-C065");
    for path in ["log/tile/0/000.p/1", "revocations.json"] {
        assert!(ended.stdout.contains(path), "{path}: {}", ended.stdout);
    }
    user.mpp(&["registry", "rebuild"]).done();
    user.mpp(&["registry", "check"]).done();
    user.mpp(&["registry", "check", "--dir", "none"]).failed(2, "MPP-N214");
}

#[test]
fn a_copy_has_what_clients_read() {
    let user = User::new();
    let running = Running::start(&user, &[]);
    let copy = |more: &[&str]| -> Ended {
        user.mpp(&[&["registry", "copy", "registry/store", "copy", "--format", "json"][..], more].concat())
    };
    let copied = copy(&[]).done().json();
    assert_eq!((copied["leaves"].as_u64(), copied["commits"].as_u64()), (Some(1), Some(0)), "{copied}");
    assert_eq!(copied["root_key"], running.document["root_key"]);
    for path in [".well-known/mpp-registry.json", "log/checkpoint", "log/tile/0/000.p/1", "revocations.json"] {
        let of = |dir: &str| fs::read(user.dir().join(dir).join(path)).expect(path);
        assert!(of("copy") == of("registry/store"), "{path}");
    }
    assert!(!user.dir().join("copy/log/commit").exists());
    assert_eq!(copy(&["--commits"]).done().json()["commits"], 1);
    let url = running.document["url"].as_str().expect("an address");
    let fetched = user.mpp(&["registry", "copy", url, "fetched", "--format", "json"]).done().json();
    assert_eq!((fetched["leaves"].as_u64(), &fetched["root_key"]), (Some(1), &running.document["root_key"]));
    user.mpp(&["registry", "copy", url, "fetched", "--commits"]).failed(2, "MPP-C066");
    copy(&["--key", "localhost+00000000+AAAA"]).failed(3, "MPP-N004");
    user.write("empty/file", "");
    user.mpp(&["registry", "copy", "empty", "copy"]).failed(2, "MPP-C066");
}
