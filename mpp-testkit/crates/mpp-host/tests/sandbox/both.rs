//! The same cases for a module of WASI preview 1 and for the component that is made from it: what one gets, the other gets.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock;
use mpp_host::codes::PathAccess;
use mpp_host::host::FilteredOutput;
use mpp_host::sandbox::Randomness;
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_host::{CallOptions, CancelHandle};
use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::audit::{entries, log_dir, recording};
use crate::fixture::{
    Run, SamplePackage, answers, assert_fails, content, echoes, failure, host, module, sample, writes,
};
use crate::kv_script::{Script, host_in, keeps, said};
use crate::network::{Ended, ended, package as network_package};

/// The names of the two, in the order of [`both`].
pub(crate) const NAMES: [&str; 2] = ["module", "component"];

/// Returns a package, and the same with a component that is made from its module.
pub(crate) fn both(package: SamplePackage) -> [SamplePackage; 2] {
    let component = component_of(package.entry("bin/main.wasm").unwrap());
    [package.clone(), package.module(component).set("/runtime/type", "wasm32-wasip2")]
}

/// Returns the component of a module, from `tests/components`. It has the name of the module's hash.
///
/// With `MPP_BLESS=1`, a missing one is made by the program in `tests/components/encoder`.
fn component_of(module: &[u8]) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/components");
    let path = dir.join(hex::encode(&Sha256::digest(module)[..8]) + ".wasm");
    match std::fs::read(&path) {
        Ok(component) => component,
        Err(_) if std::env::var_os("MPP_BLESS").is_some() => {
            let component = encoded(&dir.join("encoder/Cargo.toml"), module);
            std::fs::write(&path, &component).unwrap();
            component
        }
        Err(error) => panic!("{}: {error}; `MPP_BLESS=1 cargo test -p mpp-host both` makes it", path.display()),
    }
}

/// Makes a component of a module: WASI by the adapter of its authors, `mpp_v1` by that of the tests.
pub(crate) fn encoded(program: &Path, module: &[u8]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--manifest-path"]).arg(program).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(module).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the encoder fails");
    output.stdout
}

/// Calls both, and asserts that they end alike. Returns the outputs.
fn alike(package: SamplePackage) -> [FilteredOutput; 2] {
    let outputs = both(package).map(|package| package.call());
    let [module, component] = &outputs;
    match (module.outcome(), component.outcome()) {
        (Ok(_), Ok(_)) => assert_eq!(content(module), content(component)),
        (Err(a), Err(b)) => assert_eq!((a.code, a.kind()), (b.code, b.kind()), "{a} / {b}"),
        _ => panic!("they differ: {} / {}", module.json(), component.json()),
    }
    outputs
}

#[test]
fn requests_and_answers_are_the_same() {
    let [module, _] = alike(sample(echoes()));
    assert!(content(&module)["method"] == "tools/call", "{}", module.json());
    let [_, component] = alike(sample(answers(r#"{"n": 12345678901234567890123}"#)));
    assert!(component.json().contains("12345678901234567890123"), "{}", component.json());
    alike(sample(writes(b"hello\n")));
    let log = sample(module_that_logs()).set("/privacy_filters", json!({ "enabled": true, "patterns": ["email"] }));
    for output in alike(log) {
        assert_eq!(output.log().trim_end(), "to [REDACTED:email]");
    }
}

fn module_that_logs() -> Vec<u8> {
    let more = "(data (i32.const 4096) \"to ada@example.com\\n\") (data (i32.const 5000) \"1\")";
    module(more, "(call $err (i32.const 4096) (i32.const 19)) (call $answer (i32.const 5000) (i32.const 1))")
}

#[test]
fn the_limits_are_the_same() {
    let endless = sample(module("", "(loop (br 0))")).set("/runtime/timeout_ms", 60);
    assert_fails(&alike(endless)[1], ErrorKind::Timeout, &["60 ms"]);
    let sleeps = "(i32.store (i32.const 6016) (i32.const 1)) (i64.store (i32.const 6024) (i64.const 3600000000000))
         (drop (call $poll (i32.const 6000) (i32.const 7000) (i32.const 1) (i32.const 7100)))";
    let sleeps = sample(module("", sleeps)).set("/runtime/timeout_ms", 60);
    assert_fails(&alike(sleeps)[1], ErrorKind::Timeout, &["60 ms"]);
    let grows = "(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let grows = sample(module("", grows)).set("/runtime/memory_limit_mb", 4);
    assert_fails(&alike(grows)[1], ErrorKind::MemoryLimit, &["4 MiB"]);
    let talks = sample(answers("12345678901234567890")).set("/runtime/max_output_bytes", 10);
    assert_fails(&alike(talks)[1], ErrorKind::OutputLimit, &["10 bytes"]);
    let recurses = module(
        "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))",
        "(drop (call $deep (i32.const 1)))",
    );
    assert_fails(&alike(sample(recurses))[1], ErrorKind::ToolCrashed, &["the call stack overflowed"]);
    alike(sample(module("", "unreachable")));
    alike(sample(module("", "(call $exit (i32.const 3))")));
    alike(sample(module("", "(call $exit (i32.const 0))")));
}

#[test]
fn a_call_can_be_cancelled() {
    let sleeps = "(i32.store (i32.const 6016) (i32.const 1)) (i64.store (i32.const 6024) (i64.const 3600000000000))
         (drop (call $poll (i32.const 6000) (i32.const 7000) (i32.const 1) (i32.const 7100)))";
    for body in ["(loop (br 0))", sleeps] {
        for (name, package) in NAMES.into_iter().zip(both(sample(module("", body)))) {
            let tool = package.runnable(&host());
            let handle = CancelHandle::new();
            let options = CallOptions::new().cancel(&handle);
            let output = std::thread::scope(|scope| {
                let call = scope.spawn(|| tool.call_with("run", "{}", options));
                std::thread::sleep(Duration::from_millis(30));
                handle.cancel();
                call.join().unwrap()
            });
            assert_eq!(failure(&output).0, ErrorKind::Cancelled, "{name}");
        }
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Stands;

impl Clock for Stands {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(1_234_567_890)
    }
    fn monotonic(&self) -> Duration {
        Duration::from_nanos(77)
    }
}

#[test]
fn clocks_randomness_and_variables_are_those_of_the_grant() {
    let reads = |body: &str| {
        let body = format!(
            "{body} (call $answer_number (i32.wrap_i64 (i64.rem_u (i64.load (i32.const 5000)) (i64.const 1000))))"
        );
        both(sample(module("", &body)).set("/capabilities/env_vars", json!(["MODE"])))
    };
    let clock = |id: i32| format!("(drop (call $clock (i32.const {id}) (i64.const 0) (i32.const 5000)))");
    let random = "(drop (call $random (i32.const 5000) (i32.const 8)))".to_owned();
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (what, body) in [("wall", clock(0)), ("monotonic", clock(1)), ("random", random)] {
        for (name, package) in NAMES.into_iter().zip(reads(&body)) {
            let tool = package.granted(&host(), |grant| {
                grant.env("MODE", "quick").guest_clock(Arc::new(Stands)).guest_randomness(Randomness::Seeded(7))
            });
            let output = tool.call("run", "{}");
            assert_eq!(output.report().accesses.variables, Some(false), "{name}: none is read");
            found.entry(what).or_default().push(content(&output));
        }
    }
    assert_eq!(found["wall"], ["890", "890"]);
    assert_eq!(found["monotonic"][0], "077");
    // The first bytes of a component are those that the adapter does not use itself.
    assert_eq!(found["random"][0], found["random"][1]);
    let reads_variables = "(drop (call $environ_get (i32.const 4300) (i32.const 4400)))
        (call $answer_text (i32.const 4400) (i32.const 10))";
    for (name, package) in
        NAMES.into_iter().zip(both(sample(module("", reads_variables)).set("/capabilities/env_vars", json!(["MODE"]))))
    {
        let output = package.granted(&host(), |grant| grant.env("MODE", "quick")).call("run", "{}");
        assert_eq!((content(&output), output.report().accesses.variables), (json!("MODE=quick"), Some(true)), "{name}");
    }
}

/// Opens `path` below the directory with descriptor `fd`, and answers with the first bytes or the error number.
fn opens(fd: i32, path: &str, flags: i32, rights: i64) -> Vec<u8> {
    let more = format!("(data (i32.const 4096) \"{path}\")");
    let body = format!(
        "(local $error i32)
         (local.set $error (call $path_open (i32.const {fd}) (i32.const 1) (i32.const 4096) (i32.const {})
           (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 5000)))
         (if (local.get $error)
           (then (call $answer_number (local.get $error)))
           (else (call $answer_text (i32.const 8000) (call $read (i32.load (i32.const 5000)) (i32.const 8000)))))",
        path.len()
    );
    module(&more, &body)
}

const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;
const CREATE: i32 = 1;
/// What a denied access answers: `NOTCAPABLE` to a module, `EPERM` to a component.
const DENIED: [&str; 2] = ["076", "063"];

/// A file that is opened, and what is expected.
struct Opened {
    what: &'static str,
    fd: i32,
    path: &'static str,
    flags: i32,
    rights: i64,
    /// The answer; `None` for the number of a denial.
    answer: Option<&'static str>,
    /// The declared paths that are recorded as used.
    used: &'static [&'static str],
    refused: Option<(&'static str, PathAccess)>,
}

#[test]
fn declared_files_are_opened_and_recorded_and_others_denied() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("there"), "content").unwrap();
    let declared = json!({ "filesystem": { "read": ["/data", "/conf/a"], "write": ["/out"] } });
    // The directories are descriptors 3 and 4, the copy of the file is in 5, and the root is 6.
    let opened =
        |what, fd, path| Opened { what, fd, path, flags: 0, rights: READ, answer: None, used: &[], refused: None };
    let (read, write) = (PathAccess::Read, PathAccess::Write);
    let cases = [
        Opened { answer: Some("content"), used: &["/data"], ..opened("a declared file", 3, "there") },
        Opened { answer: Some("content"), used: &["/conf/a"], ..opened("the copy of a declared file", 5, "a") },
        Opened { answer: Some("044"), used: &["/data"], ..opened("a missing file", 3, "missing") },
        Opened {
            rights: WRITE,
            used: &["/data"],
            refused: Some(("/data/there", write)),
            ..opened("a change of what is only read", 3, "there")
        },
        Opened { refused: Some(("/conf/b", read)), ..opened("a neighbour of a declared file", 5, "b") },
        Opened { refused: Some(("/etc/passwd", read)), ..opened("an undeclared path", 6, "etc/passwd") },
        Opened {
            flags: CREATE,
            rights: WRITE,
            refused: Some(("/etc/new", write)),
            ..opened("creating an undeclared path", 6, "etc/new")
        },
    ];
    for Opened { what, fd, path, flags, rights, answer, used, refused } in cases {
        let packages = both(sample(opens(fd, path, flags, rights)).set("/capabilities", declared.clone()));
        for ((name, package), denied) in NAMES.into_iter().zip(packages).zip(DENIED) {
            let tool = package.granted(&host(), |grant| {
                grant.dir("/data", &data).dir("/out", root.path()).dir("/conf/a", data.join("there"))
            });
            let output = tool.call("run", "{}");
            assert_eq!(content(&output), answer.unwrap_or(denied), "{what}, {name}");
            let accesses = &output.report().accesses;
            let paths: Vec<&str> = accesses.paths.iter().flatten().map(String::as_str).collect();
            assert_eq!(paths, used, "{what}, {name}");
            let expected: BTreeMap<_, _> =
                refused.map(|(path, access)| (path.to_owned(), access)).into_iter().collect();
            assert_eq!(accesses.refused_paths, expected, "{what}, {name}");
        }
    }
    assert!(!root.path().join("new").exists());
}

#[test]
fn undeclared_paths_are_denied_without_files_too() {
    let packages = both(sample(opens(3, "etc/passwd", 0, READ)));
    for ((name, package), denied) in NAMES.into_iter().zip(packages).zip(DENIED) {
        let output = package.call();
        assert_eq!(content(&output), denied, "{name}");
        let accesses = &output.report().accesses;
        assert_eq!(accesses.refused_paths.get("/etc/passwd"), Some(&PathAccess::Read), "{name}");
        assert_eq!(accesses.paths, None, "{name}: none is mapped");
    }
}

#[test]
fn a_file_that_is_written_is_an_effect_and_is_recorded() {
    let write = "(i32.store (i32.const 0) (i32.const 7000)) (i32.store (i32.const 4) (i32.const 3))
        (drop (call $fd_write (i32.load (i32.const 5000)) (i32.const 0) (i32.const 1) (i32.const 8)))
        (call $answer_text (i32.const 7000) (i32.const 3))";
    let more = "(data (i32.const 4096) \"new\") (data (i32.const 7000) \"abc\")";
    let open = format!(
        "(drop (call $path_open (i32.const 3) (i32.const 1) (i32.const 4096) (i32.const 3) (i32.const {CREATE})
           (i64.const {WRITE}) (i64.const 0) (i32.const 0) (i32.const 5000))) {write}"
    );
    let package = sample(module(more, &open)).set("/capabilities", json!({ "filesystem": { "write": ["/out"] } }));
    for (name, package) in NAMES.into_iter().zip(both(package)) {
        let (guard, log) = log_dir();
        let out = guard.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let output = package.granted(&recording(&log), |grant| grant.dir("/out", &out)).call("run", "{}");
        assert_eq!(content(&output), "abc", "{name}");
        assert_eq!(std::fs::read_to_string(out.join("new")).unwrap(), "abc", "{name}");
        let entry = entries(&log).pop().unwrap();
        assert_eq!(entry.paths_used.as_deref(), Some(["/out".to_owned()].as_slice()), "{name}");
        let lines = std::fs::read_to_string(log.join("log.jsonl")).unwrap();
        assert_eq!((lines.lines().count(), lines.contains("started")), (2, true), "{name}: {lines}");
    }
}

#[test]
fn state_is_the_same() {
    let script = || {
        Script::new()
            .get("a")
            .set("a", "one")
            .get("a")
            .set("b/1", "x")
            .set("b/2", "y")
            .list("b/", "", 10)
            .delete("b/1")
            .delete("b/1")
            .set("", "x")
            .set(vec![b'k'; 2000], "x")
    };
    let results = both(keeps(script().module(), 1 << 20)).map(|package| {
        let dir = tempfile::tempdir().unwrap();
        let tool = package.runnable(&host_in(dir.path()));
        let said = said(&tool.call("run", "{}"));
        let all: Vec<(i32, Vec<u8>)> = said.iter().map(|said| (said.0, said.1.clone())).collect();
        // The next call sees what this one has committed.
        let next = keeps(Script::new().get("a").module(), 1 << 20).runnable(&host_in(dir.path()));
        (all, crate::kv_script::call(&next)[0].text())
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(results[1].1, "one");
}

#[test]
fn state_is_rolled_back_if_the_call_fails() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    for package in both(keeps(Script::new().set("a", "1").module_ending("unreachable"), 1 << 20)) {
        assert_eq!(failure(&package.runnable(&host).call("run", "{}")).0, ErrorKind::ToolCrashed);
        let next = keeps(Script::new().get("a").module(), 1 << 20).runnable(&host);
        assert_eq!(crate::kv_script::call(&next)[0].0, -1, "there is no such key");
    }
}

#[test]
fn an_import_needs_its_capability() {
    for package in
        [keeps(Script::new().get("a").module(), 1 << 20), network_package(&json!(["a.example"]), &json!({}), b"")]
    {
        for (name, package) in NAMES.into_iter().zip(both(package)) {
            let refused = host().verify(package.set("/capabilities", json!({})).sign()).outcome.err().unwrap();
            assert_eq!(refused.code.id, "MPP-G709", "{name}: {}", refused.message);
        }
    }
}

/// Answers with the method, the headers and the body of a request.
#[derive(Debug)]
struct Says;

impl Transport for Says {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let said = format!("{} {} {:?} {:?}", request.method, request.url, request.headers, request.body);
        Ok(Response::new(201, said).header("x-kind", "test"))
    }
}

#[test]
fn requests_go_through_the_same_network() {
    let declared =
        json!(["api.example.com", {"host": "keys.example.com", "inject": {"authorization": "Bearer ${KEY}"}}]);
    let cases: [(Value, &[u8], Ended); 5] = [
        (
            json!({ "method": "POST", "url": "https://api.example.com/a?b", "headers": [["x-own", "1"]] }),
            b"body",
            Ended::Answered,
        ),
        (json!({ "method": "GET", "url": "https://keys.example.com/" }), b"", Ended::Answered),
        (json!({ "method": "GET", "url": "https://other.example.com/" }), b"", Ended::Denied),
        (json!({ "method": "GET", "url": "http://api.example.com/" }), b"", Ended::Denied),
        (json!({ "method": "CONNECT", "url": "https://api.example.com/" }), b"", Ended::Invalid),
    ];
    for (head, body, expected) in cases {
        let package = network_package(&declared, &head, body).set("/capabilities/env_vars", json!(["KEY"]));
        let outputs = both(package).map(|package| {
            let tool = package.granted(&host(), |grant| grant.http(Arc::new(Says)).env("KEY", "a-long-secret"));
            let output = tool.call("run", "{}");
            assert_eq!(ended(&output), expected, "{head}: {}", output.log());
            let accesses = output.report().accesses.clone();
            (output.log().to_owned(), accesses.hosts, accesses.refused_hosts)
        });
        assert_eq!(outputs[0], outputs[1], "{head}");
    }
}
