//! From an MCP server to a package: `mpp capture`, `mpp inventory` and `mpp replay`, with a server that a test compiles.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::{Ended, User, answers, sample, signed};

/// Returns the path of the test server, which is compiled once.
pub(crate) fn server() -> &'static str {
    static SERVER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, program) = SERVER.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let program = dir.path().join(format!("server{}", std::env::consts::EXE_SUFFIX));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/mpp-mcp/tests/servers/server.rs");
        let status = Command::new("rustc").args(["--edition", "2024", "-o"]).arg(&program).arg(source).status();
        assert!(status.expect("rustc").success());
        (dir, program)
    });
    program.to_str().expect("a path")
}

/// Captures calls of the test server in `test.capture`.
fn capture(user: &User, calls: &str) -> Ended {
    user.write("calls.jsonl", calls);
    user.mpp(&["capture", "-o", "test.capture", "--calls", "calls.jsonl", "--", server(), "good"])
}

/// The definitions of the test server, as a package has them.
pub(crate) fn definitions() -> Value {
    let closed = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    json!([
        {"name": "echo", "description": "Says it again.", "parameters": closed(json!({"text": {"type": "string"}}), json!(["text"]))},
        {"name": "count", "description": "Counts.", "parameters": closed(json!({}), json!([])), "annotations": {"readOnlyHint": false}},
        {"name": "fail", "description": "Fails.", "parameters": closed(json!({}), json!([]))},
    ])
}

/// Writes a package with these tools, each of which answers `hi`.
pub(crate) fn port(user: &User, tools: Value) {
    let package = signed(sample(json!({ "tool_definitions": tools })), &answers("hi"), &user.own_key());
    user.write("port.mpp", package.as_slice());
}

pub(crate) const HI: &str = "{\"tool\":\"echo\",\"arguments\":{\"text\":\"hi\"}}\n";

#[test]
fn a_port_that_answers_alike_is_equivalent() {
    let user = User::new();
    let captured = capture(&user, HI).done();
    assert_eq!(
        captured.stdout,
        "test.capture: 5 messages of the client, 4 of the server\n  3 tools, 1 call answered\n"
    );
    port(&user, definitions());
    let replayed = user.mpp(&["replay", "test.capture", "port.mpp"]).done();
    assert!(replayed.stdout.ends_with("1 call: 1 identical\n"), "{}", replayed.stdout);
    let document = user.mpp(&["replay", "test.capture", "port.mpp", "--format", "json"]).done().json();
    assert_eq!(document["calls"][0]["class"], "identical");
    assert!(document["definitions"].as_array().unwrap().iter().all(|found| found["is_expected"] == true), "{document}");
}

#[test]
fn differences_are_shown_and_can_be_declared_volatile() {
    let user = User::new();
    capture(&user, &format!("{HI}{{\"tool\":\"count\"}}\n{{\"tool\":\"fail\"}}\n")).done();
    port(&user, definitions());
    let replayed = user.mpp(&["replay", "test.capture", "port.mpp"]).failed(1, "MPP-M301");
    assert!(
        replayed.stdout.contains(": count {}\n    different /content/0/text: recorded \"1\", found \"hi\"\n"),
        "{}",
        replayed.stdout
    );
    assert!(replayed.stdout.ends_with("3 calls: 1 identical, 1 different, 1 error\n"), "{}", replayed.stdout);
    assert!(replayed.stderr.contains("did: 2 calls"), "{}", replayed.stderr);

    let document = user.mpp(&["replay", "test.capture", "port.mpp", "--format", "json"]);
    assert_eq!((document.code, &document.json()["counts"]["error"]), (Some(1), &json!(1)));
    let junit = user.mpp(&["replay", "test.capture", "port.mpp", "--format", "junit"]).failed(1, "MPP-M301");
    assert!(
        junit.stdout.contains("tests=\"4\" failures=\"2\"")
            && junit.stdout.contains(": count\">\n      <failure message="),
        "{}",
        junit.stdout
    );
    user.mpp(&["inspect", "port.mpp", "--format", "junit"]).failed(2, "MPP-C001");

    let volatile = user.mpp(&["replay", "test.capture", "port.mpp", "--volatile", "/content/0"]).failed(1, "MPP-M301");
    assert!(volatile.stdout.ends_with("3 calls: 1 identical, 1 volatile, 1 error\n"), "{}", volatile.stdout);
    user.mpp(&["replay", "test.capture", "port.mpp", "--volatile", "content"]).failed(2, "MPP-M303");

    let updated = user.mpp(&["replay", "test.capture", "port.mpp", "--update-volatile"]);
    assert!(
        updated.stdout.ends_with("added to test.capture.volatile:\n  count /content/0/text\n"),
        "{}",
        updated.stdout
    );
    let again = user.mpp(&["replay", "test.capture", "port.mpp"]);
    assert!(again.stdout.ends_with("3 calls: 1 identical, 1 volatile, 1 error\n"), "{}", again.stdout);
}

#[test]
fn updated_volatile_values_are_no_differences_any_more() {
    let user = User::new();
    capture(&user, &format!("{HI}{{\"tool\":\"count\"}}\n")).done();
    port(&user, definitions());
    user.mpp(&["replay", "test.capture", "port.mpp"]).failed(1, "MPP-M301");
    let updated = user.mpp(&["replay", "test.capture", "port.mpp", "--update-volatile"]).done();
    assert!(updated.stdout.contains("2 calls: 1 identical, 1 different\n"), "{}", updated.stdout);
    let again = user.mpp(&["replay", "test.capture", "port.mpp"]).done();
    assert!(again.stdout.ends_with("2 calls: 1 identical, 1 volatile\n"), "{}", again.stdout);
}

#[test]
fn a_missing_tool_and_a_changed_parameter_are_differences() {
    let user = User::new();
    capture(&user, HI).done();
    let mut tools = definitions();
    tools.as_array_mut().unwrap().truncate(2);
    tools[0]["parameters"]["properties"]["text"]["maxLength"] = json!(5);
    port(&user, tools);
    let replayed = user.mpp(&["replay", "test.capture", "port.mpp"]).failed(1, "MPP-M301");
    assert!(replayed.stdout.contains("different fail: the package does not have this tool\n"), "{}", replayed.stdout);
    assert!(replayed.stdout.contains("different echo: argument `/text` "), "{}", replayed.stdout);
    assert!(replayed.stderr.contains("2 differences of definitions"), "{}", replayed.stderr);
}

#[test]
fn the_inventory_says_what_was_not_observed() {
    let user = User::new();
    capture(&user, &format!("{HI}{{\"tool\":\"count\"}}\n{{\"tool\":\"count\"}}\n")).done();
    let inventory = user.mpp(&["inventory", "test.capture"]).done();
    for expected in [
        "test-server 1.2.3  test.capture\n",
        "  count: 2 calls\n",
        "  network           not observed\n",
        "tools that answered the same arguments differently: count\n",
        "Complexity: high\n",
        "these tools were not called: fail\n",
    ] {
        assert!(inventory.stdout.contains(expected), "{expected:?} is not in {}", inventory.stdout);
    }
    let document = user.mpp(&["inventory", "test.capture", "--format", "json"]).done().json();
    assert_eq!(document["dependencies"][1], json!({"type": "network", "evidence": "not_observed", "items": []}));
}

#[test]
fn the_proxy_passes_on_bytes_and_the_exit_code() {
    let user = User::new();
    let mut command = user.command(&["capture", "-o", "test.capture", "--redact", "--", server(), "code"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    let hello =
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"mail\":\"ada@post.example\"}}\nnot JSON";
    child.stdin.take().expect("a pipe").write_all(hello).expect("written");
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(7), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n", "")
    );
    let text = std::fs::read_to_string(user.dir().join("test.capture")).expect("written");
    assert!(
        text.contains("[REDACTED:email]")
            && text.contains("\"text\":\"not JSON\",\"partial\":true")
            && text.contains("\"end\":{\"code\":7}"),
        "{text}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(user.dir().join("test.capture")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_for_the_proxy_ends_the_server() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::Read as _;

    let user = User::new();
    let mut command = user.command(&["capture", "-o", "test.capture", "--", server(), "stays"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n").expect("written");
    let mut first = [0; 1];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut first).expect("an answer");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("an id");
    kill_process(pid, Signal::TERM).expect("signalled");
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
    let text = std::fs::read_to_string(user.dir().join("test.capture")).expect("written");
    assert!(text.ends_with("\"end\":{\"signal\":15}}\n"), "{text}");
}

#[test]
fn failures_of_a_capture_say_what_to_do() {
    let user = User::new();
    user.mpp(&["capture", "-o", "x.capture", "--", "/no/such/server"]).failed(2, "MPP-M204");
    assert!(!user.dir().join("x.capture").exists());
    // An earlier capture is replaced only by one that has begun.
    user.write("kept.capture", "an earlier capture");
    user.mpp(&["capture", "-o", "kept.capture", "--", "/no/such/server"]).failed(2, "MPP-M204");
    assert_eq!(std::fs::read_to_string(user.dir().join("kept.capture")).unwrap(), "an earlier capture");
    let left = std::fs::read_dir(user.dir()).unwrap().count();
    assert_eq!(left, 1, "a file beside the capture was left behind");
    user.mpp(&["capture", "-o", "no/such/dir/x.capture", "--", server(), "good"]).failed(2, "MPP-C003");
    user.write("calls.jsonl", "{\"name\":\"echo\"}\n");
    let arguments = ["capture", "-o", "x.capture", "--calls", "calls.jsonl", "--", server(), "dies"];
    user.mpp(&arguments).failed(2, "MPP-M205");
    user.write("none.jsonl", "");
    let uncalled = ["capture", "-o", "kept.capture", "--calls", "none.jsonl", "--", server(), "refuses"];
    user.mpp(&uncalled).failed(1, "MPP-M206");
    let inventory = user.mpp(&["inventory", "kept.capture"]).done().stdout;
    assert!(inventory.contains("low: nothing suggests more, but no call was captured"), "{inventory}");
    user.write("calls.jsonl", HI);
    let died = user.mpp(&arguments).failed(1, "MPP-M206");
    assert!(died.stderr.starts_with("server: out of luck\n"), "{}", died.stderr);
    assert!(user.mpp(&["inventory", "x.capture"]).done().stdout.contains("1 call has no answer\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn observation_needs_strace_and_says_so() {
    let user = User::new();
    let mut command = user.command(&["capture", "-o", "x.capture", "--observe", "--", server(), "good"]);
    Ended::of(command.env("PATH", "/nowhere").output().expect("starts")).failed(2, "MPP-M208");
    assert!(!user.dir().join("x.capture").exists());
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs strace: `.ci/foreign.d/35-strace` installs it and runs this test"]
fn observed_files_and_programs_are_in_the_inventory() {
    let user = User::new();
    user.write("data/notes.txt", "a note");
    user.write("calls.jsonl", HI);
    let script = format!("cat data/notes.txt > data/copy.txt; exec {} good", server());
    let arguments = ["capture", "-o", "x.capture", "--observe", "--calls", "calls.jsonl", "--", "sh", "-c", &script];
    user.mpp(&arguments).done();
    let document = user.mpp(&["inventory", "x.capture", "--format", "json"]).done().json();
    let items = |kind: usize| document["dependencies"][kind].to_string();
    let dir = user.dir().canonicalize().expect("a directory");
    let dir = dir.display();
    assert!(
        items(2).contains("\"observed\"") && items(2).contains(&format!("reads {dir}/data/notes.txt")),
        "{document:#}"
    );
    assert!(
        items(2).contains(&format!("writes {dir}/data/copy.txt")) && items(4).contains("cat (before the first call)"),
        "{document:#}"
    );
    assert_eq!(document["capabilities"]["filesystem"]["write"], json!([format!("{dir}/data")]));
}

#[cfg(unix)]
#[test]
fn a_proxy_in_front_of_an_http_server_tells_its_address_and_ends_when_asked() {
    use std::io::{BufRead as _, BufReader};

    let user = User::new();
    let mut command = user.command(&["capture", "-o", "x.capture", "--http", "http://127.0.0.1:9/mcp"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(line.starts_with("   Listening on http://127.0.0.1:") && line.contains("/mcp; Ctrl-C"), "{line}");
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), "x.capture: 0 messages of the client, 0 of the server\n")
    );
    user.mpp(&["capture", "-o", "y.capture", "--http", "mcp.example"]).failed(2, "MPP-M210");
    user.mpp(&["capture", "-o", "y.capture", "--http", "http://a.example/", "--listen", "0.0.0.0:0"])
        .failed(2, "MPP-M209");
}

/// A module that sends a request, and answers `hi` if there is a response, else `no`.
fn asks(url: &str) -> Vec<u8> {
    let head = json!({"method": "GET", "url": url}).to_string();
    let mut request = u32::try_from(head.len()).expect("short").to_le_bytes().to_vec();
    request.extend_from_slice(head.as_bytes());
    let result = json!({"content": [{"type": "text", "text": "hi"}], "isError": false});
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
    let at = 1024 + answer.find("hi").expect("it answers hi");
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "mpp_v1" "http_send" (func $send (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 1024) "{}")
          (data (i32.const 4096) "{}")
          (func (export "_start")
            (if (call $send (i32.const 4096) (i32.const {})) (then (i32.store16 (i32.const {at}) (i32.const 0x6f6e))))
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const {}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        escaped(answer.as_bytes()),
        escaped(&request),
        request.len(),
        answer.len()
    );
    wat::parse_str(text).expect("wat")
}

#[test]
fn recorded_requests_answer_those_of_the_package() {
    let user = User::new();
    let exchange = json!({"request": {"method": "GET", "url": "https://api.crm.example/v1"}, "response": {"status": 200, "json": {"name": "Ada"}}});
    let entries = [
        json!({"capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio", "records_http": true}),
        json!({"at": 1, "from": "client", "message": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "say", "arguments": {"what": "x"}}}}),
        json!({"at": 2, "exchange": exchange}),
        json!({"at": 3, "from": "server", "message": {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "hi"}]}}}),
    ];
    let text: String = entries.iter().map(|entry| format!("{entry}\n")).collect();
    user.write("x.capture", &text);
    let capabilities = json!({"network": ["api.crm.example"]});
    user.write(
        "port.mpp",
        signed(sample(json!({ "capabilities": capabilities })), &asks("https://api.crm.example/v1"), &user.own_key())
            .as_slice(),
    );
    let replayed = user.mpp(&["replay", "x.capture", "port.mpp"]).done();
    assert!(replayed.stdout.ends_with("1 call: 1 identical\n") && !replayed.stderr.contains("note"), "{replayed:#?}");
    user.write(
        "other.mpp",
        signed(sample(json!({ "capabilities": capabilities })), &asks("https://api.crm.example/v2"), &user.own_key())
            .as_slice(),
    );
    let replayed = user.mpp(&["replay", "x.capture", "other.mpp"]);
    assert!(
        replayed.stderr.contains("note: line 2: no mock answers the request `GET https://api.crm.example/v2`"),
        "{replayed:#?}"
    );
    let inventory = user.mpp(&["inventory", "x.capture"]).done();
    assert!(inventory.stdout.contains("sends 1 request to api.crm.example\n"), "{}", inventory.stdout);
}
