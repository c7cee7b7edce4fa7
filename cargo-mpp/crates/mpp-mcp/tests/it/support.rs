//! Small signed packages behind a bridge.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mpp_home::{Home, Launcher, MappingRequest, StartOptions};
use mpp_host::keys::SigningKey;
use mpp_host::policy::{Answer, Approver, Question};
use mpp_host::testing::SamplePackage;
use mpp_mcp::bridge::{Bridge, PlainWording, ReplaceError, Selection, ServedPackage, Wording};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Accepts every publisher and package.
struct Accepts;

impl Approver for Accepts {
    fn ask(&self, _: &Question) -> Answer {
        Answer::Once
    }
}

/// What a waiting tool and its test tell each other, as files in a directory.
pub(crate) struct Gate(TempDir);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Waits until a call of the tool runs.
    pub(crate) fn wait_until_running(&self) {
        wait_until("the call runs", || self.0.path().join("started").exists());
    }

    /// Lets the tool answer.
    pub(crate) fn open(&self) {
        std::fs::write(self.0.path().join("go"), "").unwrap();
    }
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A package to be served.
pub(crate) struct Sample {
    name: &'static str,
    version: &'static str,
    gate: Option<PathBuf>,
    module: Vec<u8>,
    tools: Value,
    patterns: Value,
    selection: Selection,
}

impl Sample {
    /// A package whose tools all answer with `result`, a `CallToolResult` as JSON text.
    pub(crate) fn answering(name: &'static str, result: &str) -> Self {
        Self::new(name, module_that_writes(&format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#), None))
    }

    /// A package whose tools all answer with a text and write `log` to stderr.
    pub(crate) fn logging(name: &'static str, log: &str) -> Self {
        let line = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}],"isError":false}}"#;
        Self::new(name, module_that_writes(line, Some(log)))
    }

    /// A package whose tools all run for ever.
    pub(crate) fn looping(name: &'static str) -> Self {
        let text = r#"(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))"#;
        Self::new(name, wat::parse_str(text).unwrap())
    }

    fn new(name: &'static str, module: Vec<u8>) -> Self {
        let tools = json!([tool("say", "low"), tool("erase", "critical")]);
        let (patterns, selection) = (json!(["email"]), Selection::default());
        Self { name, version: "1.2.3", gate: None, module, tools, patterns, selection }
    }

    /// A package whose tools all wait until `gate` opens, and answer with `text` then.
    pub(crate) fn waiting(name: &'static str, gate: &Gate, text: &str) -> Self {
        let mut sample = Self::new(name, module_that_waits(text));
        sample.gate = Some(gate.0.path().to_owned());
        sample
    }

    /// Replaces the version.
    pub(crate) fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// Replaces the tools.
    pub(crate) fn tools(mut self, tools: Value) -> Self {
        self.tools = tools;
        self
    }

    /// Chooses what is published.
    pub(crate) fn select(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    fn served(self, launcher: &Launcher, key: &SigningKey) -> ServedPackage {
        let mut request = MappingRequest::default();
        let paths: Vec<&str> = self.gate.iter().map(|_| "/gate").collect();
        request.dirs.extend(self.gate.map(|dir| ("/gate".to_owned(), dir)));
        let bytes = SamplePackage::new()
            .set("/version", self.version)
            .set("/capabilities/filesystem", json!({ "read": [], "write": paths }))
            .id(&format!("com.example.{}", self.name))
            .set("/name", self.name)
            .set("/runtime/timeout_ms", 60_000)
            .set("/privacy_filters", json!({ "enabled": true, "patterns": self.patterns }))
            .set("/tool_definitions", self.tools)
            .module(self.module)
            .signed_by(key.clone())
            .sign();
        let opened = launcher.open(bytes).unwrap();
        let manifest = opened.manifest().clone();
        let mapped = opened.map(&request, &|_| None).unwrap();
        let decided = launcher.decide(mapped, None, &Accepts).unwrap();
        let launched = launcher.start(decided, StartOptions::default()).unwrap();
        ServedPackage::new(launched, manifest, format!("{}.mpp", self.name)).select(self.selection)
    }
}

/// The definition of a tool that takes any arguments.
pub(crate) fn tool(name: &str, level: &str) -> Value {
    json!({ "name": name, "description": format!("Does {name}."), "parameters": { "type": "object" }, "security_level": level })
}

/// Starts packages of a publisher who is trusted.
pub(crate) fn served(samples: Vec<Sample>, launcher: &Launcher) -> Vec<ServedPackage> {
    let key = SigningKey::generate(mpp_host::keys::KeyRole::Publisher).unwrap();
    samples.into_iter().map(|sample| sample.served(launcher, &key)).collect()
}

/// A bridge and the home directory that it uses.
pub(crate) struct Served {
    pub(crate) bridge: Arc<Bridge>,
    pub(crate) home: TempDir,
}

impl Served {
    /// Serves these packages, from publishers who are trusted and whose tools of level `high` and above need an approval.
    pub(crate) fn new(samples: Vec<Sample>) -> Self {
        Self::worded(samples, PlainWording)
    }

    /// Serves these packages, with these words.
    pub(crate) fn worded(samples: Vec<Sample>, wording: impl Wording + 'static) -> Self {
        let home = tempfile::tempdir().unwrap();
        let packages = served(samples, &launcher(&home));
        Self { bridge: Arc::new(Bridge::new(packages, 8, Arc::new(wording))), home }
    }

    /// Serves this package in place of the one at `position`.
    pub(crate) fn replace(&self, position: usize, sample: Sample) -> Result<(), ReplaceError> {
        self.bridge.replace(position, served(vec![sample], &launcher(&self.home)).remove(0))
    }

    /// Waits until the audit log has this number of records with this outcome.
    pub(crate) fn wait_for(&self, number: usize, outcome: &str) {
        let count = || self.audited().iter().filter(|found| *found == outcome).count();
        wait_until(outcome, || count() == number);
    }

    /// Returns the outcomes in the audit log, in order.
    pub(crate) fn audited(&self) -> Vec<String> {
        let mut outcomes = Vec::new();
        mpp_host::audit::read(&Home::at(self.home.path()).audit_dir(), |listed| {
            outcomes.push(listed.record.outcome().to_owned());
        })
        .unwrap();
        outcomes
    }
}

fn launcher(home: &TempDir) -> Launcher {
    Launcher::builder(Home::at(home.path())).unwrap().host(|host| host.instances(8)).build().unwrap()
}

/// A module that creates the file `started` in its directory, waits until there is a file `go`, and answers with `text`.
fn module_that_waits(text: &str) -> Vec<u8> {
    let result = json!({ "content": [{ "type": "text", "text": text }], "isError": false });
    let line = json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string() + "\n";
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 64) "started")
          (data (i32.const 80) "go")
          (data (i32.const 128) "{}")
          (func (export "_start") (local $pause i32)
            (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 7) (i32.const 1) (i64.const 64)
              (i64.const 0) (i32.const 0) (i32.const 32)))
            (loop $wait
              (local.set $pause (i32.const 1000000))
              (loop $pausing
                (br_if $pausing (local.tee $pause (i32.sub (local.get $pause) (i32.const 1)))))
              (br_if $wait (call $open (i32.const 3) (i32.const 0) (i32.const 80) (i32.const 2) (i32.const 0) (i64.const 2)
                (i64.const 0) (i32.const 0) (i32.const 32))))
            (i32.store (i32.const 0) (i32.const 128))
            (i32.store (i32.const 4) (i32.const {}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        escaped(&line),
        line.len()
    );
    wat::parse_str(text).unwrap()
}

/// Returns a text as the bytes of a data segment.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}

/// A module that writes `line` to stdout, and `log` to stderr.
fn module_that_writes(line: &str, log: Option<&str>) -> Vec<u8> {
    let line = format!("{line}\n");
    let log = log.unwrap_or_default();
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 64) "{}")
          (data (i32.const 65536) "{}")
          (func $put (param $fd i32) (param $at i32) (param $length i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $length))
            (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16))))
          (func (export "_start")
            (call $put (i32.const 2) (i32.const 65536) (i32.const {}))
            (call $put (i32.const 1) (i32.const 64) (i32.const {}))))"#,
        escaped(&line),
        escaped(log),
        log.len(),
        line.len()
    );
    wat::parse_str(text).unwrap()
}
