//! Small signed packages behind a bridge.

use std::sync::Arc;

use mpp_home::{Home, Launcher, MappingRequest, StartOptions};
use mpp_host::keys::SigningKey;
use mpp_host::policy::{Answer, Approver, Question};
use mpp_host::testing::SamplePackage;
use mpp_mcp::bridge::{Bridge, PlainWording, Selection, ServedPackage};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Accepts every publisher and package.
struct Accepts;

impl Approver for Accepts {
    fn ask(&self, _: &Question) -> Answer {
        Answer::Once
    }
}

/// A package to be served.
pub(crate) struct Sample {
    name: &'static str,
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
        Self { name, module, tools, patterns: json!(["email"]), selection: Selection::default() }
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
        let bytes = SamplePackage::new()
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
        let mapped = opened.map(&MappingRequest::default(), &|_| None).unwrap();
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
        let home = tempfile::tempdir().unwrap();
        let launcher =
            Launcher::builder(Home::at(home.path())).unwrap().host(|host| host.instances(8)).build().unwrap();
        let packages = served(samples, &launcher);
        Self { bridge: Arc::new(Bridge::new(packages, 8, Arc::new(PlainWording))), home }
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

/// A module that writes `line` to stdout, and `log` to stderr.
fn module_that_writes(line: &str, log: Option<&str>) -> Vec<u8> {
    let escaped = |text: &str| text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
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
