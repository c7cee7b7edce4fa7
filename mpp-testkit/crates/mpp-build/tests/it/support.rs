//! Small projects to build, and one host and target directory for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_build::{BuildError, BuildOptions, Built, Event, Project};
use mpp_host::Host;

/// A project's directory, gone after the test.
pub(crate) struct Sources(tempfile::TempDir);

impl Sources {
    /// Files by path and text.
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

/// Builds with the shared host and says what happened on the way.
pub(crate) fn build(project: &Project, options: &BuildOptions) -> Result<(Built, Vec<Event>), BuildError> {
    let mut events = Vec::new();
    let built = mpp_build::build(project, options, host(), &mut |event| events.push(event))?;
    Ok((built, events))
}

pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::builder().build().expect("a host"))
}

/// Offline, in a target directory that the tests share: dependencies are compiled once.
pub(crate) fn options() -> BuildOptions {
    BuildOptions { offline: true, target_dir: Some(target_dir()), ..BuildOptions::default() }
}

pub(crate) fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools")
}

/// A manifest of a package `name` without dependencies, and `more` lines after it.
pub(crate) fn cargo_toml(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.2.0\"\nedition = \"2024\"\n{more}\n")
}

/// A program that answers `tools/list` without the SDK: it compiles in a second.
pub(crate) fn answering(tools: &str) -> String {
    format!(
        "fn main() {{\n    std::io::stdin().read_line(&mut String::new()).unwrap();\n    println!(\"{{}}\", r#\"{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":[{tools}]}}}}\"#);\n}}\n"
    )
}

/// One definition.
pub(crate) const FIND: &str = r#"{"name":"find","description":"Find people.\nBy name.","parameters":{"type":"object","properties":{},"additionalProperties":false}}"#;

/// The dependency on the SDK of this checkout.
pub(crate) fn sdk_dependency() -> String {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../mpp-sdk").canonicalize().expect("the SDK");
    format!("mpp = {{ package = \"mpp-sdk\", path = {sdk:?} }}")
}
