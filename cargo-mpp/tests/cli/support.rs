//! A home directory for each test, packages that are created in memory, and modules that misbehave.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::PackageBytes;
use mpp_host::testing::SamplePackage;
use serde_json::{Value, json};

/// A user with a working directory and `MPP_HOME` inside it.
pub(crate) struct User {
    dir: tempfile::TempDir,
}

impl User {
    /// Creates a user without keys.
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }

    /// Returns the user's working directory.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Returns the user's `MPP_HOME`.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// Returns a command that runs `mpp` without the environment variables that change its output.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpp"));
        command.args(arguments).current_dir(self.dir()).env("MPP_HOME", self.home());
        for name in ["MPP_KEY_PASSPHRASE", "MPP_KEY_PASSPHRASE_FILE", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.stdin(std::process::Stdio::null());
        command
    }

    /// Runs `mpp` and waits for it to end.
    #[track_caller]
    pub(crate) fn mpp(&self, arguments: &[&str]) -> Ended {
        Ended::run(&mut self.command(arguments))
    }

    /// Writes a file into the working directory.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.dir().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, bytes).expect("written");
        name.to_owned()
    }

    /// Writes a package with `module`, signed by `key`, and returns its name.
    pub(crate) fn package(&self, module: &[u8], key: &SigningKey) -> String {
        self.write("tool.mpp", signed(sample(json!({})), module, key).as_slice())
    }

    /// Generates a key and adds its public key to the user's own keys.
    pub(crate) fn own_key(&self) -> SigningKey {
        let key = SigningKey::generate(KeyRole::Publisher).expect("a key");
        self.write("home/keys/own.pub", key.public().to_pem());
        key
    }
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs `mpp` with these arguments. If it prints a JSON document, the schema of its documents must describe it.
    #[track_caller]
    pub(crate) fn run(mpp: &mut Command) -> Self {
        let ended = Self::of(mpp.output().expect("mpp starts"));
        let arguments: Vec<&str> = mpp.get_args().filter_map(std::ffi::OsStr::to_str).collect();
        crate::documents::check(&arguments, &ended.stdout);
        ended
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Asserts a failure with this exit code and this error code, and a complete message.
    #[track_caller]
    pub(crate) fn failed(self, exit: i32, code: &str) -> Self {
        assert_eq!(self.code, Some(exit), "{self:#?}");
        assert!(self.stderr.contains(&format!("error[{code}]: ")), "{code} is not in\n{}", self.stderr);
        assert!(self.stderr.contains("help: "), "no help in\n{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Returns stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self:#?}"))
    }
}

/// The package `say`, with one tool of this name. `patch` replaces top-level members of the manifest.
pub(crate) fn sample(patch: Value) -> SamplePackage {
    let parameters = json!({
        "type": "object", "properties": {"what": {"type": "string"}, "times": {"type": "integer"}},
        "required": ["what"], "additionalProperties": false
    });
    let mut sample = SamplePackage::new()
        .id("com.example.say")
        .set("/name", "say")
        .set("/description", "Says something.")
        .set("/runtime/timeout_ms", 2000)
        .set("/tool_definitions", json!([{"name": "say", "description": "Says it.", "parameters": parameters}]));
    for (key, member) in patch.as_object().expect("an object") {
        sample = sample.set(&format!("/{key}"), member.clone());
    }
    sample
}

/// Returns the package with `module`, signed by `key`.
pub(crate) fn signed(sample: SamplePackage, module: &[u8], key: &SigningKey) -> PackageBytes {
    sample.module(module).signed_by(key.clone()).sign()
}

/// A module that writes `stdout` and ends.
pub(crate) fn says(stdout: &str) -> Vec<u8> {
    module(stdout, "")
}

/// A module that answers with a text.
pub(crate) fn answers(text: &str) -> Vec<u8> {
    let result = json!({"content": [{"type": "text", "text": text}], "isError": false});
    says(&(json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n"))
}

/// A module that writes `stdout` and then runs `code`.
pub(crate) fn module(stdout: &str, code: &str) -> Vec<u8> {
    wat::parse_str(text_of(stdout, code)).expect("wat")
}

/// Returns the same module as text.
pub(crate) fn text_of(stdout: &str, code: &str) -> String {
    let data: String = stdout.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 2)
          (data (i32.const 64) "{data}")
          (func $deep (param i32) (result i32) (call $deep (i32.add (local.get 0) (i32.const 1))))
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const {len}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
            {code}))"#,
        len = stdout.len()
    )
}

/// A lock for tests that build projects of different workspaces in one target directory. Their remapped paths differ,
/// so each would make the other compile its dependencies again.
pub(crate) fn one_workspace_at_a_time() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
