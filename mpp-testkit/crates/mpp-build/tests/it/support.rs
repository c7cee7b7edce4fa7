//! Creates small projects, and provides a host and a target directory that all tests share.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_build::{BuildError, BuildOptions, Built, Event, Project};
use mpp_host::Host;
use mpp_host::host::{Grant, RunnablePackage};
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::policy::{ClearanceRequest, Policy, Unattended};
use mpp_host::trust::TrustStore;

/// A temporary project directory.
pub(crate) struct Sources(tempfile::TempDir);

impl Sources {
    /// Creates a project from paths and file contents.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let sources = Self(tempfile::tempdir().expect("temp dir"));
        for (path, text) in files {
            sources.write(path, text);
        }
        sources
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("mkdir");
        fs::write(path, text).expect("write");
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn find(&self) -> Result<Project, BuildError> {
        Project::find(self.path())
    }

    pub(crate) fn build(&self) -> Result<(Built, Vec<Event>), BuildError> {
        build(&self.find()?, &options())
    }
}

/// Builds with the shared host, and returns the reported events as well.
pub(crate) fn build(project: &Project, options: &BuildOptions) -> Result<(Built, Vec<Event>), BuildError> {
    let mut events = Vec::new();
    let built = mpp_build::build(project, options, host(), &mut |event| events.push(event))?;
    Ok((built, events))
}

pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::builder().build().expect("a host"))
}

/// Signs a package with a new development key, and grants it to run as its owner's own. Backtraces have the names of its symbols.
pub(crate) fn runnable(built: Built) -> RunnablePackage {
    let (module, linked) = (built.module().to_vec(), fs::read(built.symbols.expect("symbols")).expect("read"));
    let key = SigningKey::generate(KeyRole::Development).expect("a key");
    let signed = mpp_host::signature::sign(built.unsigned, &key, &built.toolchain).expect("signed");
    let verified = host().verify(signed.as_slice().to_vec()).outcome.expect("verified");
    let mut trust = TrustStore::new();
    trust.add_own(*verified.publisher_key());
    let admission = trust.admit(&verified).expect("admitted");
    let cleared = host().clear(&ClearanceRequest::new(&verified, &Policy::default(), &trust, &Unattended));
    let loaded = host().load(verified).expect("loaded").with_symbols(&module, linked);
    loaded.grant(Grant::new(admission, cleared.expect("cleared").clearance)).expect("granted")
}

/// The environment variables with compiler flags, which come before cargo's configuration.
const FLAG_VARIABLES: &[&str] =
    &["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS"];

/// Runs a test about cargo's configuration. If the environment sets compiler flags, it runs in a child process without them: this
/// process cannot remove a variable that other tests read.
pub(crate) fn without_flags_of_the_environment(name: &str, test: impl FnOnce()) {
    if FLAG_VARIABLES.iter().all(|name| std::env::var_os(name).is_none()) {
        return test();
    }
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    child.args([name, "--exact", "--nocapture"]);
    for name in FLAG_VARIABLES {
        child.env_remove(name);
    }
    let ended = child.output().expect("it starts");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&ended.stderr));
}

/// Returns options for an offline build in the shared target directory, so that dependencies are compiled once.
pub(crate) fn options() -> BuildOptions {
    let mut options = BuildOptions::default();
    options.offline = true;
    options.target_dir = Some(target_dir());
    options
}

pub(crate) fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools")
}

/// Returns a `Cargo.toml` for a package `name` without dependencies, followed by the lines in `more`.
pub(crate) fn cargo_toml(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.2.0\"\nedition = \"2024\"\n{more}\n")
}

/// Returns a program that answers `tools/list` without the SDK, so that it compiles quickly.
pub(crate) fn answering(tools: &str) -> String {
    format!(
        "fn main() {{\n    std::io::stdin().read_line(&mut String::new()).unwrap();\n    println!(\"{{}}\", r#\"{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":[{tools}]}}}}\"#);\n}}\n"
    )
}

/// A tool definition.
pub(crate) const FIND: &str = r#"{"name":"find","description":"Find people.\nBy name.","parameters":{"type":"object","properties":{},"additionalProperties":false}}"#;

/// Returns a dependency on the SDK in this repository.
pub(crate) fn sdk_dependency() -> String {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../mpp-sdk").canonicalize().expect("the SDK");
    format!("mpp = {{ package = \"mpp-sdk\", path = {sdk:?} }}")
}
