//! `mpp serve` while the files of its packages are replaced.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::PackageBytes;
use serde_json::{Value, json};

use crate::support::{User, answers, sample, signed};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs, and a client that has opened a session.
pub(crate) struct Server {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<String>,
    notes: Receiver<String>,
}

impl Server {
    pub(crate) fn start(user: &User, arguments: &[&str]) -> Self {
        let mut command = user.command(&[&["serve"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let (messages, notes) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        let mut server = Self { child, stdin, messages, notes };
        let info = json!({ "name": "t", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
        server.request("initialize", &params);
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        server
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.stdin, "{message}").unwrap();
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params }));
        let answer = self.next();
        assert_eq!(answer["id"], method, "{answer}");
        answer["result"].clone()
    }

    pub(crate) fn next(&self) -> Value {
        serde_json::from_str(&self.messages.recv_timeout(PATIENCE).unwrap()).unwrap()
    }

    /// Returns the text that a tool answers with.
    pub(crate) fn call(&mut self, tool: &str) -> String {
        let result = self.request("tools/call", &json!({ "name": tool, "arguments": { "what": "x" } }));
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Returns the next line on stderr that contains `words`.
    pub(crate) fn note(&self, words: &str) -> String {
        loop {
            let line = self.notes.recv_timeout(PATIENCE).unwrap();
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Ends the session. The server sends nothing more, and ends by itself.
    pub(crate) fn end(mut self) {
        drop(self.stdin);
        assert_eq!(self.messages.iter().collect::<Vec<_>>(), [""; 0]);
        assert!(self.child.wait().unwrap().success());
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // The test may have ended.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// The package `say` in this version, whose tool answers with `text`.
fn version(version: &str, text: &str, key: &SigningKey) -> PackageBytes {
    signed(sample(json!({ "version": version })), &answers(text), key)
}

/// Replaces a file in one step, as `mpp build` and package managers do.
fn replace(user: &User, name: &str, bytes: &[u8]) {
    user.write("next", bytes);
    std::fs::rename(user.dir().join("next"), user.dir().join(name)).unwrap();
}

#[test]
fn a_replaced_package_is_served_and_a_broken_one_is_not() {
    let user = User::new();
    let key = user.own_key();
    user.write("tool.mpp", version("1.0.0", "one", &key).as_slice());
    let mut server = Server::start(&user, &["tool.mpp"]);
    assert_eq!(server.call("say"), "one");

    replace(&user, "tool.mpp", version("1.1.0", "two", &key).as_slice());
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    assert!(server.note("Replaced").contains("say 1.0.0 by say 1.1.0"));
    assert_eq!(server.call("say"), "two");

    // A changed byte inside the manifest, after its header.
    let mut broken = version("1.2.0", "three", &key).as_slice().to_vec();
    broken[100] ^= 1;
    replace(&user, "tool.mpp", &broken);
    let note = server.note("tool.mpp");
    assert!(note.starts_with("note: `tool.mpp` has changed, but say 1.1.0 is served as before: "), "{note}");
    assert!(note.contains("[MPP-G401]"), "{note}");
    assert_eq!(server.call("say"), "two");

    // Written in place.
    user.write("tool.mpp", version("1.3.0", "four", &key).as_slice());
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    assert_eq!(server.call("say"), "four");

    // A file that is gone changes nothing, and neither does the same package again.
    std::fs::remove_file(user.dir().join("tool.mpp")).unwrap();
    assert_eq!(server.call("say"), "four");
    user.write("tool.mpp", version("1.3.0", "four", &key).as_slice());
    replace(&user, "tool.mpp", version("1.4.0", "five", &key).as_slice());
    assert!(server.note("Replaced say 1.3.0").contains("by say 1.4.0"));
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    server.end();
}

#[test]
fn a_package_of_another_publisher_waits_for_the_decision_that_the_note_names() {
    let user = User::new();
    user.write("tool.mpp", version("1.0.0", "ours", &user.own_key()).as_slice());
    let mut server = Server::start(&user, &["tool.mpp"]);
    let stranger = SigningKey::generate(KeyRole::Publisher).unwrap();
    replace(&user, "tool.mpp", version("1.1.0", "theirs", &stranger).as_slice());
    let note = server.note("tool.mpp");
    assert!(note.contains("[MPP-K201]") && note.contains("`mpp trust add tool.mpp`"), "{note}");
    assert_eq!(server.call("say"), "ours");

    // The server notices the decision without a restart, and without another change of the file.
    user.mpp(&["trust", "add", "tool.mpp"]).done();
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    assert_eq!(server.call("say"), "theirs");
    server.end();
}

#[test]
fn a_version_that_wants_more_or_does_not_fit_the_configuration_is_not_served() {
    let user = User::new();
    let key = user.own_key();
    user.write("tool.mpp", version("1.0.0", "one", &key).as_slice());
    user.write("agent.toml", "[[package]]\nsource = \"tool.mpp\"\ntools = { allow = [\"say\"] }\n");
    let mut server = Server::start(&user, &["--config", "agent.toml"]);

    let more = json!({ "version": "1.1.0", "capabilities": { "env_vars": ["TOKEN"] } });
    replace(&user, "tool.mpp", signed(sample(more), &answers("two"), &key).as_slice());
    let note = server.note("tool.mpp");
    assert!(note.contains("`TOKEN`") && note.contains("say 1.0.0 is served as before"), "{note}");

    let parameters = json!({ "type": "object" });
    let tools = json!([{ "name": "tell", "description": "Tells it.", "parameters": parameters }]);
    let renamed = json!({ "version": "1.2.0", "tool_definitions": tools });
    replace(&user, "tool.mpp", signed(sample(renamed), &answers("three"), &key).as_slice());
    assert!(server.note("tool.mpp").contains("[MPP-M104]"));

    let other = json!({ "version": "1.0.0", "package_id": "com.example.other" });
    replace(&user, "tool.mpp", signed(sample(other), &answers("four"), &key).as_slice());
    assert!(server.note("tool.mpp").contains("[MPP-M004]"));
    assert_eq!(server.call("say"), "one");
    server.end();
}
