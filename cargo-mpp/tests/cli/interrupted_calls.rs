//! Calls whose process ends in the middle of a request: the audit log says that they had begun.
#![cfg(target_os = "linux")]

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{User, answers, sample, signed};

/// A module that sends one request and waits for the response.
fn sends(url: &str) -> Vec<u8> {
    let head = json!({ "method": "POST", "url": url }).to_string();
    let mut request = u32::try_from(head.len()).expect("short").to_le_bytes().to_vec();
    request.extend_from_slice(head.as_bytes());
    let data: String = request.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(module
          (import "mpp_v1" "http_send" (func $send (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "{data}")
          (func (export "_start") (drop (call $send (i32.const 64) (i32.const {})))))"#,
        request.len()
    );
    wat::parse_str(text).expect("wat")
}

/// Starts a call that sends a request to a server that never answers, and returns it once the request has arrived.
fn in_mid_request(user: &User) -> (Child, TcpStream) {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = format!("http://localhost:{}", server.local_addr().expect("an address").port());
    let patch = json!({
        "capabilities": { "network": [host] },
        "runtime": { "type": "wasm32-wasi", "entrypoint": "bin/main.wasm", "timeout_ms": 600_000 }
    });
    user.write("tool.mpp", signed(sample(patch), &sends(&format!("{host}/pay")), &user.own_key()).as_slice());
    let mut command = user.command(&["run", "tool.mpp", "--arg", "what=x", "--allow-local"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let (mut connection, _) = server.accept().expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    let mut start = [0; 9];
    connection.read_exact(&mut start).expect("a request");
    assert_eq!(&start, b"POST /pay");
    (child, connection)
}

fn records(user: &User) -> Vec<Value> {
    let listed = user.mpp(&["audit", "list", "--format", "json"]).done().json();
    listed["records"].as_array().expect("records").clone()
}

#[test]
fn a_call_that_is_ended_in_mid_request_is_in_the_log_as_interrupted() {
    for (signal, code) in [(Signal::KILL, None), (Signal::TERM, Some(130)), (Signal::INT, Some(130))] {
        let user = User::new();
        let (mut child, connection) = in_mid_request(&user);
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("an id");
        kill_process(pid, signal).expect("signalled");
        assert_eq!(child.wait().expect("ends").code(), code, "{signal:?}");
        drop(connection);

        let [record] = records(&user).try_into().expect("one record");
        let found = ["outcome", "package_id", "version", "tool"].map(|member| record[member].clone());
        assert_eq!(found, ["interrupted", "com.example.say", "1.2.3", "say"], "{signal:?}");
        let verified = user.mpp(&["audit", "verify"]).done().stdout;
        assert!(
            verified.contains("whole") && verified.contains("interrupted: record 1, say of com.example.say 1.2.3"),
            "{verified}"
        );
        let listed = user.mpp(&["audit", "list", "--outcome", "interrupted"]).done().stdout;
        assert!(listed.lines().count() == 2 && listed.contains("interrupted"), "{listed}");
        let shown = user.mpp(&["audit", "show", record["call_id"].as_str().expect("an id")]).done().stdout;
        assert!(shown.contains("may have taken effect"), "{shown}");

        // The next call continues the chain, and the interrupted one stays listed.
        user.write("other.mpp", signed(sample(json!({})), &answers("hello"), &user.own_key()).as_slice());
        user.mpp(&["run", "other.mpp", "--arg", "what=x"]).done();
        let outcomes: Vec<Value> = records(&user).iter().map(|record| record["outcome"].clone()).collect();
        assert_eq!(outcomes, ["interrupted", "ok"], "{signal:?}");
        let verified = user.mpp(&["audit", "verify", "--format", "json"]).done().json();
        assert_eq!((&verified["whole"], verified["interrupted"].as_array().map(Vec::len)), (&json!(true), Some(1)));
    }
}
