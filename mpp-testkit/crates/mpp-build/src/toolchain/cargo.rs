//! Rust: a nested `cargo build`, and a module from which everything is removed that its package does not need.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::package::manifest::RuntimeKind;
use mpp_host::signature;
use mpp_sdk::wire::ToolDefinition;

use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::{Library, Origin};
use crate::project::cargo::CargoProject;
use crate::project::keys::KeyError;
use crate::project::manifest_file::ManifestFile;
use crate::project::metadata::TABLE;
use crate::project::place::Step;
use crate::{cargo, strip, trim};

/// The licence of Rust's own library.
const RUST_LICENSE: &str = "MIT OR Apache-2.0";
/// How Rust is installed, as the help of an error.
pub const INSTALL: &str = "run `curl -sSf https://sh.rustup.rs | sh` to install Rust, and open a new terminal";

/// Returns whether `cargo` can be started: the one that started this process, or one on the `PATH`.
///
/// It is not started, because `rustup` then takes time to look for a toolchain, and may install one.
#[must_use]
pub fn has_cargo() -> bool {
    std::env::var_os("CARGO").is_some() || programs::on_path(["cargo"]).is_some()
}

/// The tool chain of Rust.
#[derive(Debug)]
pub(crate) struct Cargo;

impl Toolchain for Cargo {
    fn name(&self) -> &'static str {
        "rust"
    }

    fn title(&self) -> &'static str {
        "Rust"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        dir.join("Cargo.toml").is_file().then(|| "Cargo.toml".to_owned())
    }

    fn find(&self, dir: &Path) -> Vec<Finding> {
        let mut cargo = cargo::env::cargo();
        let path = PathBuf::from(cargo.get_program());
        cargo.current_dir(dir).arg("-V");
        let mut rustc = Command::new("rustc");
        rustc.current_dir(dir).arg("-V");
        let target = format!("the target {}", cargo::TARGET);
        let add = format!("`rustup target add {}`; a build does it by itself if `rustup` is installed", cargo::TARGET);
        let mut found = vec![match programs::output_of(cargo) {
            Some(version) => Finding::usable("cargo", Some(version), programs::on_path(["cargo"]).or(Some(path))),
            None => Finding::missing("cargo", INSTALL),
        }];
        match programs::output_of(rustc) {
            Some(version) => {
                found.push(Finding::usable("rustc", Some(version), programs::on_path(["rustc"])));
                found.push(match cargo::target::is_installed(dir) {
                    true => Finding::usable(target, None, None),
                    false => Finding::missing(target, add),
                });
            }
            None => found.push(Finding::missing("rustc", INSTALL)),
        }
        found
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        let Some((package, base)) = job.cargo else {
            return Err(BuildError::NoProject { dir: job.dir.to_owned() });
        };
        if job.kind == RuntimeKind::Wasip2 {
            return Err(component_refused(package, base));
        }
        let compiled = cargo::compile(package, job.options, events)?;
        let path = compiled.module;
        let linked = std::fs::read(&path).map_err(|source| BuildError::Read { path: path.clone(), source })?;
        for api in cargo::unsupported::used(&linked) {
            events(Event::Unsupported { api });
        }
        let packed = strip::strip(&linked).map_err(|source| BuildError::NotWasm { path: path.clone(), source })?;
        let mut toolchain = signature::Toolchain::new(crate::builder());
        toolchain.rustc = strip::producers(&linked).remove("rustc");
        toolchain.target = Some(cargo::TARGET.to_owned());
        toolchain.features = compiled.features;
        toolchain.rustflags = compiled.rustflags;
        // Without the commit and its date.
        let version = toolchain.rustc.as_deref().and_then(|version| version.split(' ').next());
        let std = Library::new(Origin::Generic, "rust-std", version, Some(RUST_LICENSE));
        let libraries = compiled.libraries.into_iter().chain([std]).collect();
        Ok(Compiled { path, packed, linked: Some(linked), toolchain, libraries })
    }

    fn trim(&self, compiled: &Compiled, definitions: &[ToolDefinition]) -> Result<Option<Vec<u8>>, BuildError> {
        let Some(linked) = &compiled.linked else { return Ok(None) };
        let text = match definitions {
            [] => None,
            // Definitions were parsed from JSON, so serializing them cannot fail.
            known => serde_json::to_vec(known).ok(),
        };
        trim::trim(linked, text.as_deref())
            .map_err(|source| BuildError::NotWasm { path: compiled.path.clone(), source: source.into() })
    }
}

fn component_refused(package: &CargoProject, base: Option<&ManifestFile>) -> BuildError {
    let message =
        |key: &str| format!("`{key}`: expected `wasm32-wasi`, the only target for Rust tools, found `wasm32-wasip2`");
    let help = "remove `type`; to pack an existing component, use a directory without `Cargo.toml`";
    match base {
        Some(base) if base.fields.contains_key("runtime") => {
            let key = "runtime.type";
            BuildError::Key { file: base.path.clone(), source: KeyError::new(key, message(key), help) }
        }
        _ => {
            let key = format!("{TABLE}.runtime.type");
            let error = KeyError::new(&key, message(&key), help).at(Step::in_metadata(["runtime", "type"]));
            BuildError::key(&package.dir.join("Cargo.toml"), error)
        }
    }
}
