//! The program in `tests/components/client`, in three forms: a module, the component that is made from it, and a component that sends
//! with `wasi:http`.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::Host;
use mpp_host::host::{FilteredOutput, Grant, RunnablePackage};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::both::encoded;
use crate::fixture::{Run, SamplePackage, content, sample};

/// A form of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A module that imports `mpp_v1`.
    Module,
    /// The same as a component, which imports `mpp:host`.
    Component,
    /// A component that imports `wasi:http`.
    WasiHttp,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Module, Self::Component, Self::WasiHttp];

    fn file(self) -> &'static str {
        match self {
            Self::Module => "module.wasm",
            Self::Component => "component.wasm",
            Self::WasiHttp => "wasi-http.wasm",
        }
    }

    /// Returns a package with the program, which declares these hosts.
    pub(crate) fn package(self, network: &Value) -> SamplePackage {
        let kind = if self == Self::Module { "wasm32-wasi" } else { "wasm32-wasip2" };
        let package = sample(built(self.file())).set("/capabilities", json!({ "network": network }));
        package.set("/runtime/type", kind)
    }

    /// Calls the program with these arguments.
    pub(crate) fn call(
        self,
        host: &Host,
        network: &Value,
        arguments: &Value,
        grant: impl FnOnce(Grant) -> Grant,
    ) -> FilteredOutput {
        call(&self.package(network).granted(host, grant), arguments)
    }
}

pub(crate) fn call(tool: &RunnablePackage, arguments: &Value) -> FilteredOutput {
    tool.call("run", &arguments.to_string())
}

/// What the program answers.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) ended: String,
    pub(crate) said: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) length: usize,
}

impl Outcome {
    pub(crate) fn of(output: &FilteredOutput) -> Self {
        serde_json::from_value(content(output)).unwrap()
    }
}

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/components/client")
}

/// Returns a built form, whose sources must be those that are there.
fn built(file: &str) -> Vec<u8> {
    let dir = dir();
    let stamp = dir.join("built/sources.sha256");
    let digest = digest(&dir);
    let known = std::fs::read_to_string(&stamp).unwrap_or_default();
    if known.trim() != digest {
        assert!(
            std::env::var_os("MPP_BLESS").is_some(),
            "the sources in {} have changed; `MPP_BLESS=1 cargo test -p mpp-host --test sandbox forms` builds them",
            dir.display()
        );
        build(&dir);
        std::fs::write(&stamp, digest + "\n").unwrap();
    }
    std::fs::read(dir.join("built").join(file)).unwrap()
}

fn digest(dir: &Path) -> String {
    let mut hash = Sha256::new();
    for name in ["Cargo.toml", "src/main.rs", "src/host.rs", "src/wasi_http.rs"] {
        hash.update(std::fs::read(dir.join(name)).unwrap());
    }
    hex::encode(hash.finalize())
}

fn build(dir: &Path) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client");
    let compiled = |features: &str| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--release", "--target", "wasm32-wasip1", "--features", features]);
        command.current_dir(dir).env("CARGO_TARGET_DIR", &target).env_remove("CARGO_ENCODED_RUSTFLAGS");
        assert!(command.status().unwrap().success(), "the program does not compile");
        std::fs::read(target.join("wasm32-wasip1/release/http-client.wasm")).unwrap()
    };
    let encoder = dir.with_file_name("encoder").join("Cargo.toml");
    let module = compiled("");
    std::fs::write(dir.join("built/component.wasm"), encoded(&encoder, &module)).unwrap();
    std::fs::write(dir.join("built/module.wasm"), module).unwrap();
    std::fs::write(dir.join("built/wasi-http.wasm"), encoded(&encoder, &compiled("wasi-http"))).unwrap();
}
