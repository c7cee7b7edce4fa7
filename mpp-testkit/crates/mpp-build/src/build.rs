//! The build pipeline: compile, strip, describe, trim, derive the manifest, pack.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::Host;
use mpp_host::atomic_file::write_if_changed;
use mpp_host::package::manifest::{Manifest, RuntimeKind};
use mpp_host::package::writer::{UnsignedPackage, pack};
use mpp_host::signature::Toolchain;
use mpp_sdk::wire::ToolDefinition;

use crate::error::BuildError;
use crate::event::Event;
use crate::manifest::{Draft, contradictions};
use crate::options::BuildOptions;
use crate::process::{Ended, run};
use crate::project::place::Step;
use crate::project::{CargoProject, KeyError, ManifestFile, Project, Source};
use crate::{assets, cargo, describe, strip, trim};

/// An unsigned package and the details of its build.
#[derive(Debug)]
#[non_exhaustive]
pub struct Built {
    /// The unsigned archive.
    pub unsigned: UnsignedPackage,
    /// Path of the module with names and line numbers, for backtraces. It is not part of the package. `None` if the
    /// module was not compiled by this build.
    pub symbols: Option<PathBuf>,
    /// The tools that built the package, for the attestation in its signature.
    pub toolchain: Toolchain,
    /// Size of the packed module in bytes, before compression.
    pub module_bytes: u64,
    /// Size of the linked module in bytes, with names and debug information.
    pub linked_bytes: u64,
    /// Directory for the packages of this project.
    pub output_dir: PathBuf,
    /// The packed module.
    pub(crate) module: Vec<u8>,
}

impl Built {
    /// Returns the manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.unsigned.manifest()
    }

    /// Returns the packed module.
    #[must_use]
    pub fn module(&self) -> &[u8] {
        &self.module
    }

    /// Returns `NAME-VERSION`, the base name of the package file.
    #[must_use]
    pub fn file_stem(&self) -> String {
        format!("{}-{}", self.manifest().name, self.manifest().version)
    }
}

/// Builds `project` into an unsigned package and reports progress to `events`.
///
/// Writes to cargo's target directory and the project's output directory only. Files are replaced as a whole: after an
/// error, the output directory contains no partially written file.
///
/// # Errors
/// [`BuildError`] if the project does not compile, its module or manifest is invalid, or a file cannot be read or
/// written.
pub fn build(
    project: &Project,
    options: &BuildOptions,
    host: &Host,
    events: &mut dyn FnMut(Event),
) -> Result<Built, BuildError> {
    let output_dir = match &options.target_dir {
        Some(dir) => dir.join("mpp"),
        None => project.output_dir(),
    };
    let draft = Draft::from_project(project);
    let name = project.name().to_owned();
    draft.check(&name).map_err(|error| located(error, project))?;
    let mut module = match &project.source {
        Source::Cargo(package, base) => cargo_module(package, base.as_ref(), &draft, options, events)?,
        Source::Module(file) => ready_module(project.dir(), file, &draft, options, events)?,
    };
    let kind = if draft.is_component() { RuntimeKind::Wasip2 } else { RuntimeKind::Wasip1 };
    let stated = draft.stated_definitions().cloned();
    // Definitions in the manifest of a project in another language are taken as they are. A Cargo project is always
    // asked, so that its manifest and its code cannot diverge.
    let asked = project.is_cargo() || stated.is_none();
    let found = match asked {
        true => describe::definitions(&name, &module.packed, kind, host, &output_dir, events)?,
        false => Vec::new(),
    };
    if let (Some(stated), Source::Cargo(_, Some(file)), false) = (&stated, &project.source, found.is_empty()) {
        let differences = contradictions(stated, &found);
        if !differences.is_empty() {
            return Err(BuildError::DefinitionsDiffer { file: file.path.clone(), differences });
        }
    }
    if found.is_empty() && stated.is_none() {
        return Err(BuildError::NoTools { name, cargo: project.is_cargo() });
    }
    if let Some(linked) = &module.linked {
        module.packed = linked.trimmed(&found)?.unwrap_or(module.packed);
    }
    let entrypoint = draft.entrypoint().to_owned();
    let manifest = draft
        .finish(&name, (!found.is_empty()).then_some(found.as_slice()))
        .map_err(|error| located(error, project))?;
    let listed = match &project.source {
        Source::Cargo(package, _) => package.metadata.assets.as_deref(),
        Source::Module(_) => None,
    };
    let mut files = assets::collect(project.dir(), listed, &entrypoint)?;
    let module_bytes = module.packed.len() as u64;
    files.insert(entrypoint, module.packed.clone());
    events(Event::Packing { entries: files.len() });
    let unsigned = pack(&manifest, files.into_iter().collect())
        .map_err(|source| BuildError::Pack { name: name.clone(), source })?;
    if options.cancel.is_cancelled() {
        return Err(BuildError::Interrupted);
    }
    let symbols = match &module.linked {
        Some(linked) => Some(linked.symbols()?),
        None => None,
    };
    let linked_bytes = symbols.as_ref().map_or(module_bytes, |symbols| symbols.len() as u64);
    let symbols = symbols.map(|symbols| keep_symbols(&output_dir, &manifest, &symbols)).transpose()?;
    Ok(Built {
        unsigned,
        symbols,
        toolchain: module.toolchain,
        module_bytes,
        linked_bytes,
        output_dir,
        module: module.packed,
    })
}

/// Adds the place in `Cargo.toml` from which a value of the manifest was taken.
fn located(error: BuildError, project: &Project) -> BuildError {
    match error {
        BuildError::Manifest { name, source, .. } => {
            let place = project.place_of(&source.pointer);
            BuildError::Manifest { name, source, place }
        }
        other => other,
    }
}

/// A module to be packed.
struct Module {
    packed: Vec<u8>,
    /// The module before stripping, if this build compiled it.
    linked: Option<Linked>,
    toolchain: Toolchain,
}

/// A module as linked by cargo, with names and debug information.
struct Linked {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Linked {
    /// Trims this module for packing. Returns `None` if it cannot be trimmed.
    fn trimmed(&self, definitions: &[ToolDefinition]) -> Result<Option<Vec<u8>>, BuildError> {
        let text = match definitions {
            [] => None,
            // Definitions were parsed from JSON, so serializing them cannot fail.
            known => serde_json::to_vec(known).ok(),
        };
        trim::trim(&self.bytes, text.as_deref())
            .map_err(|source| BuildError::NotWasm { path: self.path.clone(), source: source.into() })
    }

    /// Returns this module for backtraces.
    fn symbols(&self) -> Result<Vec<u8>, BuildError> {
        strip::without_relocations(&self.bytes)
            .map_err(|source| BuildError::NotWasm { path: self.path.clone(), source })
    }
}

fn cargo_module(
    package: &CargoProject,
    base: Option<&ManifestFile>,
    draft: &Draft,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Module, BuildError> {
    if draft.is_component() {
        return Err(component_refused(package, base));
    }
    let compiled = cargo::compile(package, options, events)?;
    let linked = read(&compiled.module)?;
    for api in cargo::unsupported::used(&linked) {
        events(Event::Unsupported { api });
    }
    let packed =
        strip::strip(&linked).map_err(|source| BuildError::NotWasm { path: compiled.module.clone(), source })?;
    let mut toolchain = Toolchain::new(crate::builder());
    toolchain.rustc = strip::producers(&linked).remove("rustc");
    toolchain.target = Some(cargo::TARGET.to_owned());
    toolchain.features = compiled.features;
    toolchain.rustflags = compiled.rustflags;
    Ok(Module { packed, linked: Some(Linked { path: compiled.module, bytes: linked }), toolchain })
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
            let key = format!("{}.runtime.type", crate::project::metadata::TABLE);
            let error = KeyError::new(&key, message(&key), help).at(Step::in_metadata(["runtime", "type"]));
            BuildError::key(&package.dir.join("Cargo.toml"), error)
        }
    }
}

fn ready_module(
    dir: &Path,
    file: &ManifestFile,
    draft: &Draft,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Module, BuildError> {
    let build = file.build.clone().unwrap_or_default();
    if let Some(command) = &build.command {
        run_command(command, dir, options, events)?;
    }
    let path = dir.join(build.output.as_deref().unwrap_or_else(|| draft.entrypoint()));
    let packed =
        std::fs::read(&path).map_err(|source| BuildError::NoModule { path, command: build.command, source })?;
    Ok(Module { packed, linked: None, toolchain: Toolchain::new(crate::builder()) })
}

fn run_command(
    line: &str,
    dir: &Path,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<(), BuildError> {
    events(Event::RunningCommand { command: line.to_owned() });
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]).current_dir(dir);
    cargo::env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    let ended = run(command, &options.cancel, |_, line| events(Event::CommandLine(line)));
    match ended.map_err(|source| BuildError::ProgramMissing { program: shell.to_owned(), source })? {
        Ended::Cancelled => Err(BuildError::Interrupted),
        Ended::Exit(status) if status.success() => Ok(()),
        Ended::Exit(status) => {
            Err(BuildError::Command { command: line.to_owned(), status: status.to_string(), dir: dir.to_owned() })
        }
    }
}

fn keep_symbols(output_dir: &Path, manifest: &Manifest, symbols: &[u8]) -> Result<PathBuf, BuildError> {
    let path = output_dir.join(format!("{}-{}.symbols.wasm", manifest.name, manifest.version));
    match write_if_changed(&path, symbols) {
        Ok(_) => Ok(path),
        Err(source) => Err(BuildError::Write { path, source }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, BuildError> {
    std::fs::read(path).map_err(|source| BuildError::Read { path: path.to_owned(), source })
}
