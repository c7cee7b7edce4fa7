//! Tools that call a sequence of state functions and answer with the result of each.

use std::path::Path;
use std::sync::Arc;

use mpp_host::Host;
use mpp_host::clock::Clock;
use mpp_host::host::{FilteredOutput, RunnablePackage};
use serde_json::{Value, json};

use crate::fixture::{self, Run, SamplePackage, content, sample};

/// Imports, a buffer for replies (1 MiB), a buffer for their hexadecimal form, and `$note`, which writes
/// `,"NUMBER:HEX"`.
const PRELUDE: &str = r#"
  (import "mpp_v1" "reply_len" (func $reply_len (result i32)))
  (import "mpp_v1" "reply_take" (func $reply_take (param i32)))
  (import "mpp_v1" "kv_get" (func $get (param i32 i32) (result i32)))
  (import "mpp_v1" "kv_set" (func $set (param i32 i32 i32 i32 i64) (result i32)))
  (import "mpp_v1" "kv_delete" (func $delete (param i32 i32) (result i32)))
  (import "mpp_v1" "kv_list" (func $list (param i32 i32 i32 i32 i32) (result i32)))
  (import "mpp_v1" "kv_compare_and_swap" (func $cas (param i32 i32 i32 i32 i32 i32 i64) (result i32)))
  (import "mpp_v1" "kv_increment" (func $increment (param i32 i32 i64) (result i32)))
"#;
const FUNCTIONS: &str = r#"
  (data (i32.const 4096) "[0,\":-]")
  (func $hex (param $b i32) (result i32)
    (i32.add (local.get $b) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $b) (i32.const 10)))))
  (func $note (param $n i32) (local $length i32) (local $i i32) (local $b i32)
    (call $out (i32.const 4098) (i32.const 2))
    (if (i32.lt_s (local.get $n) (i32.const 0)) (then
      (call $out (i32.const 4101) (i32.const 1))
      (local.set $n (i32.sub (i32.const 0) (local.get $n)))))
    (i32.store8 (i32.const 4104) (i32.add (i32.const 48) (i32.div_u (local.get $n) (i32.const 1000))))
    (i32.store8 (i32.const 4105)
      (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $n) (i32.const 100)) (i32.const 10))))
    (i32.store8 (i32.const 4106)
      (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $n) (i32.const 10)) (i32.const 10))))
    (i32.store8 (i32.const 4107) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
    (call $out (i32.const 4104) (i32.const 4))
    (call $out (i32.const 4100) (i32.const 1))
    (local.set $length (call $reply_len))
    (call $reply_take (i32.const 0x100000))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
      (local.set $b (i32.load8_u (i32.add (i32.const 0x100000) (local.get $i))))
      (i32.store8 (i32.add (i32.const 0x200000) (i32.mul (local.get $i) (i32.const 2)))
        (call $hex (i32.shr_u (local.get $b) (i32.const 4))))
      (i32.store8 (i32.add (i32.const 0x200001) (i32.mul (local.get $i) (i32.const 2)))
        (call $hex (i32.and (local.get $b) (i32.const 15))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (call $out (i32.const 0x200000) (i32.mul (local.get $length) (i32.const 2)))
    (call $out (i32.const 4099) (i32.const 1)))
"#;

/// The result of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said(pub(crate) i32, pub(crate) Vec<u8>);

impl Said {
    /// The reply as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.1.clone()).unwrap()
    }

    /// The reply as a counter's value.
    pub(crate) fn counter(&self) -> i64 {
        i64::from_le_bytes(self.1.as_slice().try_into().unwrap())
    }

    /// The reply as a list of keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        let (mut keys, mut rest) = (Vec::new(), self.1.as_slice());
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let (key, after) = after.split_at(u32::from_le_bytes(*length) as usize);
            keys.push(String::from_utf8(key.to_vec()).unwrap());
            rest = after;
        }
        assert_eq!(keys.len(), usize::try_from(self.0).unwrap());
        keys
    }
}

/// A sequence of function calls from which a tool is built.
#[derive(Default, Clone)]
pub(crate) struct Script {
    data: Vec<u8>,
    code: String,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, bytes: &[u8]) -> String {
        let at = 8192 + self.data.len();
        self.data.extend(bytes);
        format!("(i32.const {at}) (i32.const {})", bytes.len())
    }

    fn optional(&mut self, bytes: Option<&str>) -> String {
        bytes.map_or("(i32.const 0) (i32.const 0)".to_owned(), |bytes| self.put(bytes.as_bytes()))
    }

    fn then(mut self, call: &str) -> Self {
        self.code.push_str(&format!("(call $note (call {call}))\n"));
        self
    }

    pub(crate) fn get(mut self, key: impl AsRef<[u8]>) -> Self {
        let key = self.put(key.as_ref());
        self.then(&format!("$get {key}"))
    }

    pub(crate) fn set(self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.set_for(key, value, 0)
    }

    pub(crate) fn set_for(mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, ttl_ms: i64) -> Self {
        let (key, value) = (self.put(key.as_ref()), self.put(value.as_ref()));
        self.then(&format!("$set {key} {value} (i64.const {ttl_ms})"))
    }

    pub(crate) fn delete(mut self, key: &str) -> Self {
        let key = self.put(key.as_bytes());
        self.then(&format!("$delete {key}"))
    }

    pub(crate) fn list(mut self, prefix: impl AsRef<[u8]>, after: &str, limit: i32) -> Self {
        let (prefix, after) = (self.put(prefix.as_ref()), self.put(after.as_bytes()));
        self.then(&format!("$list {prefix} {after} (i32.const {limit})"))
    }

    pub(crate) fn swap(mut self, key: &str, expected: Option<&str>, value: Option<&str>) -> Self {
        let key = self.put(key.as_bytes());
        let (expected, value) = (self.optional(expected), self.optional(value));
        self.then(&format!("$cas {key} {expected} {value} (i64.const 0)"))
    }

    pub(crate) fn increment(mut self, key: &str, by: i64) -> Self {
        let key = self.put(key.as_bytes());
        self.then(&format!("$increment {key} (i64.const {by})"))
    }

    /// Adds any instruction.
    pub(crate) fn run(mut self, code: &str) -> Self {
        self.code.push_str(code);
        self
    }

    /// Reads the clock, at which point a test can intervene.
    pub(crate) fn pause(self) -> Self {
        self.run("(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 16)))")
    }

    /// Returns a module that answers with the results.
    pub(crate) fn module(&self) -> Vec<u8> {
        let code = format!(
            "(call $out (i32.const 100) (i32.const 67)) (call $out (i32.const 4096) (i32.const 2)) {}
             (call $out (i32.const 4102) (i32.const 1)) (call $out (i32.const 200) (i32.const 3))",
            self.code
        );
        self.assemble(&code, "$note")
    }

    /// Returns a module that runs the whole sequence and then executes `end` instead of answering.
    pub(crate) fn module_ending(&self, end: &str) -> Vec<u8> {
        self.assemble(&format!("{}{end}", self.code), "$forget")
    }

    fn assemble(&self, code: &str, note: &str) -> Vec<u8> {
        let data: String = self.data.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let code = code.replace("$note", note);
        let more = format!(
            "{FUNCTIONS} (func $forget (param i32)) (data (i32.const 8192) \"{data}\")
             (data (i32.const 4200) \"{}\")",
            IS_ERROR.replace('"', "\\\"").replace('\n', "\\n")
        );
        fixture::module_with(PRELUDE, &more, &format!("(drop (memory.grow (i32.const 100))) {code}"))
    }
}

const IS_ERROR: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"isError\":true}}\n";
/// Ends a script with a result that has `isError` set.
pub(crate) fn is_error() -> String {
    format!("(call $out (i32.const 4200) (i32.const {}))", IS_ERROR.len())
}

/// A package that contains a module and has a state of this size. The filter is disabled, because it could redact
/// hexadecimal digits as telephone numbers.
pub(crate) fn keeps(module: Vec<u8>, max_bytes: u64) -> SamplePackage {
    sample(module)
        .set("/capabilities", json!({ "kv": { "max_bytes": max_bytes } }))
        .set("/privacy_filters", json!({ "enabled": false }))
}

/// A host that keeps state in `dir`.
pub(crate) fn host_in(dir: &Path) -> Host {
    Host::builder().instances(8).state_dir(dir.join("kv")).build().unwrap()
}

/// The same with the given clock.
pub(crate) fn host_at(dir: &Path, clock: Arc<dyn Clock>) -> Host {
    Host::builder().instances(4).state_dir(dir.join("kv")).clock(clock).build().unwrap()
}

/// A script as a tool with a state of 1 MiB.
pub(crate) fn tool(host: &Host, script: &Script) -> RunnablePackage {
    keeps(script.module(), 1 << 20).runnable(host)
}

/// Calls the tool and returns the results.
pub(crate) fn call(tool: &RunnablePackage) -> Vec<Said> {
    said(&tool.call("run", "{}"))
}

/// Runs a script once and returns the results.
pub(crate) fn run(host: &Host, script: Script) -> Vec<Said> {
    call(&tool(host, &script))
}

/// Reads the results of the functions from an answer.
pub(crate) fn said(output: &FilteredOutput) -> Vec<Said> {
    let Value::Array(items) = content(output) else { panic!("no list: {}", output.json()) };
    let decode = |item: &Value| {
        let (number, hex) = item.as_str().unwrap().split_once(':').unwrap();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        Said(number.parse().unwrap(), (0..hex.len()).step_by(2).map(byte).collect())
    };
    items[1..].iter().map(decode).collect()
}
