//! What a tool chain is, what it is given, and what it makes.

use std::fmt;
use std::path::{Path, PathBuf};

use mpp_host::Host;
use mpp_host::foreign;
use mpp_host::host_functions::Requirement;
use mpp_host::package::manifest::RuntimeKind;
use mpp_host::signature;
use mpp_sdk::wire::ToolDefinition;

use super::finding::Finding;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::Library;
use crate::options::BuildOptions;
use crate::project::cargo::CargoProject;
use crate::project::manifest_file::{BuildTable, ManifestFile};
use crate::{describe, strip};

/// The tool chain of one language: how its projects are recognised and compiled, and what is kept of the result.
pub(crate) trait Toolchain: fmt::Debug + Sync {
    /// Returns the name of the language, for example `go`.
    fn name(&self) -> &'static str;

    /// Returns the name of the language as people write it.
    fn title(&self) -> &'static str;

    /// Returns the name of the file by which the project in `dir` is recognised; `None` if it is not one of this language.
    fn detect(&self, dir: &Path) -> Option<String>;

    /// Returns the kind of module that the project in `dir` becomes if the manifest does not state one.
    fn kind(&self, _dir: &Path) -> RuntimeKind {
        RuntimeKind::Wasip1
    }

    /// Looks for the programs and libraries that compiling the project in `dir` needs.
    fn find(&self, dir: &Path) -> Vec<Finding>;

    /// Compiles the project to a module.
    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError>;

    /// Returns the definitions of the module's tools, sorted by name; empty if it does not list any.
    fn describe(
        &self,
        question: &Question<'_>,
        module: &[u8],
        events: &mut dyn FnMut(Event),
    ) -> Result<Vec<ToolDefinition>, BuildError> {
        let Question { name, kind, host, cache_dir } = *question;
        describe::definitions(name, module, kind, host, cache_dir, events)
    }

    /// Returns the module to pack, if more can be removed from it than [`Compiled::packed`] is without, now that its definitions
    /// are known.
    fn trim(&self, _compiled: &Compiled, _definitions: &[ToolDefinition]) -> Result<Option<Vec<u8>>, BuildError> {
        Ok(None)
    }

    /// Returns the module with the names and lines that backtraces show; `None` if the packed one has everything there is.
    fn symbols(&self, compiled: &Compiled) -> Result<Option<Vec<u8>>, BuildError> {
        let Some(linked) = &compiled.linked else { return Ok(None) };
        let symbols = strip::without_relocations(linked);
        symbols.map(Some).map_err(|source| BuildError::NotWasm { path: compiled.path.clone(), source })
    }
}

/// What is to be compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    /// The directory of the project.
    pub(crate) dir: &'a Path,
    /// The name of the package.
    pub(crate) name: &'a str,
    /// The kind of module that the manifest declares.
    pub(crate) kind: RuntimeKind,
    /// The archive entry of the module, where an existing module is looked for as well.
    pub(crate) entrypoint: &'a str,
    /// The table `build` of `manifest.json`.
    pub(crate) build: Option<&'a BuildTable>,
    /// The Cargo project and its `manifest.json`, if it is one.
    pub(crate) cargo: Option<(&'a CargoProject, Option<&'a ManifestFile>)>,
    /// A directory for what is compiled. It need not exist.
    pub(crate) work_dir: &'a Path,
    /// The host, for tool chains that run a part of themselves in the sandbox.
    pub(crate) host: &'a Host,
    /// What the manifest declares of what a module can import.
    pub(crate) declared: Declared,
    /// The options of the build.
    pub(crate) options: &'a BuildOptions,
}

/// The capabilities without which a module may not import functions of the host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// `capabilities.network` has entries.
    pub(crate) network: bool,
    /// There is `capabilities.kv`.
    pub(crate) kv: bool,
}

impl Declared {
    /// Returns the interfaces of `mpp:host` that a component imports.
    pub(crate) fn interfaces(self) -> Vec<&'static str> {
        let all = [(self.network, Requirement::Network), (self.kv, Requirement::Kv)];
        all.into_iter().filter(|(is_declared, _)| *is_declared).map(|(_, found)| found.interface()).collect()
    }
}

/// A module that was compiled or found.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The file of the module.
    pub(crate) path: PathBuf,
    /// The module as it is packed.
    pub(crate) packed: Vec<u8>,
    /// The module as it was linked, with names and debug information; `None` if it is packed as it is.
    pub(crate) linked: Option<Vec<u8>>,
    /// What compiled it, for the attestation.
    pub(crate) toolchain: signature::Toolchain,
    /// The libraries that it contains, as far as the compiler tells.
    pub(crate) libraries: Vec<Library>,
}

impl Compiled {
    /// Names the libraries that the module contains.
    pub(crate) fn with(self, libraries: Vec<Library>) -> Self {
        Self { libraries, ..self }
    }

    /// Reads a linked module, and removes from the packed one what only backtraces need. A component is packed as it is.
    pub(crate) fn read(path: PathBuf, kind: RuntimeKind, toolchain: signature::Toolchain) -> Result<Self, BuildError> {
        let linked = std::fs::read(&path).map_err(|source| BuildError::Read { path: path.clone(), source })?;
        Self::stripped(path, linked, kind, toolchain)
    }

    /// As [`read`](Self::read), for a module that has been read.
    pub(crate) fn stripped(
        path: PathBuf,
        linked: Vec<u8>,
        kind: RuntimeKind,
        toolchain: signature::Toolchain,
    ) -> Result<Self, BuildError> {
        Self::check_target(&path, &linked, kind)?;
        if kind == RuntimeKind::Wasip2 {
            return Ok(Self { path, packed: linked, linked: None, toolchain, libraries: Vec::new() });
        }
        match strip::strip(&linked) {
            Ok(packed) => Ok(Self { path, packed, linked: Some(linked), toolchain, libraries: Vec::new() }),
            Err(source) => Err(BuildError::NotWasm { path, source }),
        }
    }

    /// Checks that the file `path` with the contents `bytes` was not compiled for something other than the sandbox.
    ///
    /// The Gatekeeper checks each import later; this check only recognises what is usually built by mistake.
    pub(crate) fn check_target(path: &Path, bytes: &[u8], kind: RuntimeKind) -> Result<(), BuildError> {
        match foreign::recognize(bytes, kind) {
            None => Ok(()),
            Some(target) => {
                let import = foreign::unknown_import(bytes);
                Err(BuildError::WrongTarget { path: path.to_owned(), target, import })
            }
        }
    }
}

/// What is needed to ask a module for its definitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The name of the package.
    pub(crate) name: &'a str,
    /// The kind of the module.
    pub(crate) kind: RuntimeKind,
    /// The host that runs it.
    pub(crate) host: &'a Host,
    /// The directory in which answers are kept.
    pub(crate) cache_dir: &'a Path,
}
