//! The build pipeline: compile, strip, describe, trim, derive the manifest, pack.

use std::path::{Path, PathBuf};

use mpp_host::Host;
use mpp_host::atomic_file::write_if_changed;
use mpp_host::package::manifest::{Manifest, RuntimeKind};
use mpp_host::package::writer::{UnsignedPackage, pack};
use mpp_host::signature::Toolchain;

use crate::assets;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries;
use crate::manifest::{Draft, contradictions};
use crate::options::BuildOptions;
use crate::project::{Project, Source};
use crate::toolchain::{Job, Question};

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
    let kind = if draft.is_component() { RuntimeKind::Wasip2 } else { RuntimeKind::Wasip1 };
    let toolchain = project.toolchain();
    let (build, cargo) = match &project.source {
        Source::Cargo(package, base) => (None, Some((&**package, base.as_ref()))),
        Source::Module(file, _) => (file.build.as_ref(), None),
    };
    let job = Job {
        dir: project.dir(),
        name: &name,
        kind,
        entrypoint: draft.entrypoint(),
        build,
        cargo,
        work_dir: &output_dir,
        host,
        declared: draft.declared(),
        options,
    };
    let mut compiled = toolchain.compile(&job, events)?;
    let stated = draft.stated_definitions().cloned();
    let question = Question { name: &name, kind, host, cache_dir: &output_dir };
    let found = match toolchain.describe(&question, &compiled.packed, events) {
        // A module in another language may dispatch calls by itself: then the manifest defines its tools.
        Err(BuildError::Describe { .. }) if stated.is_some() && !project.is_cargo() => Vec::new(),
        found => found?,
    };
    if let (Some(stated), Some(file), false) = (&stated, project.manifest_file(), found.is_empty()) {
        let differences = contradictions(stated, &found);
        if !differences.is_empty() {
            return Err(BuildError::DefinitionsDiffer { file: file.path.clone(), differences });
        }
    }
    if found.is_empty() && stated.is_none() {
        return Err(BuildError::NoTools { name, cargo: project.is_cargo() });
    }
    if let Some(trimmed) = toolchain.trim(&compiled, &found)? {
        compiled.packed = trimmed;
    }
    let entrypoint = draft.entrypoint().to_owned();
    let manifest = draft
        .finish(&name, (!found.is_empty()).then_some(found.as_slice()))
        .map_err(|error| located(error, project))?;
    let listed = match &project.source {
        Source::Cargo(package, _) => package.metadata.assets.as_deref(),
        Source::Module(..) => None,
    };
    let mut files = assets::collect(project.dir(), listed, &entrypoint)?;
    // An author who has a bill of materials knows better.
    if !files.contains_key(libraries::ENTRY)
        && let Some(bill) = libraries::bill_of_materials(&compiled.libraries)
    {
        files.insert(libraries::ENTRY.to_owned(), bill);
    }
    let module_bytes = compiled.packed.len() as u64;
    files.insert(entrypoint, compiled.packed.clone());
    events(Event::Packing { entries: files.len() });
    let unsigned = pack(&manifest, files.into_iter().collect())
        .map_err(|source| BuildError::Pack { name: name.clone(), source })?;
    if options.cancel.is_cancelled() {
        return Err(BuildError::Interrupted);
    }
    let symbols = toolchain.symbols(&compiled)?;
    let linked_bytes = symbols.as_ref().map_or(module_bytes, |symbols| symbols.len() as u64);
    let symbols = symbols.map(|symbols| keep_symbols(&output_dir, &manifest, &symbols)).transpose()?;
    Ok(Built {
        unsigned,
        symbols,
        toolchain: compiled.toolchain,
        module_bytes,
        linked_bytes,
        output_dir,
        module: compiled.packed,
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

fn keep_symbols(output_dir: &Path, manifest: &Manifest, symbols: &[u8]) -> Result<PathBuf, BuildError> {
    let path = output_dir.join(format!("{}-{}.symbols.wasm", manifest.name, manifest.version));
    match write_if_changed(&path, symbols) {
        Ok(_) => Ok(path),
        Err(source) => Err(BuildError::Write { path, source }),
    }
}
