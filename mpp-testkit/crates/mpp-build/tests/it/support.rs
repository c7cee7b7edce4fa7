//! Creates small projects, and provides a host and a target directory that all tests share.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mpp_build::{BuildError, BuildOptions, Built, Event, Project};
use mpp_host::Host;

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
