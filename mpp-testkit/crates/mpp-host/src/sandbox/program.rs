//! A module or component that is compiled, linked and ready to be instantiated any number of times.

use std::sync::{Arc, OnceLock};

use wasmtime::{InstancePre, Module};
use wasmtime_wasi::p2::bindings::CommandPre;

use super::cache::{Code, CodeCache, Compiled, CompiledCode, deserialize};
use super::compile::{Compile, CompileError, is_component};
use super::engine::{Engines, POOLED_TABLE_ELEMENTS, SandboxEngine, TABLES, made_once};
use super::full_disk::FullDisk;
use super::preview1::StdioState;
use super::symbols::Symbols;
use super::wasi::WasiState;

/// A compiled and linked program, with the engine that it runs on.
pub(crate) struct Program {
    pub(crate) engine: Arc<SandboxEngine>,
    pub(crate) symbols: Symbols,
    pub(crate) was_cached: bool,
    linked: Linked,
}

enum Linked {
    Module {
        module: Module,
        stdio: InstancePre<StdioState>,
        /// Linked on the first call with files.
        wasi: OnceLock<InstancePre<WasiState>>,
    },
    Component(CommandPre<WasiState>),
}

/// The error returned when a program cannot be loaded.
pub(crate) enum ProgramError {
    Compile(CompileError),
    Link(wasmtime::Error),
}

impl Program {
    /// Compiles `module`, or reads its code from the cache, and links it.
    pub(crate) fn load(
        engines: &Engines,
        module: &[u8],
        digest: &str,
        cache: Option<&CodeCache>,
        compiler: &dyn Compile,
    ) -> Result<Self, ProgramError> {
        let compiled = match cache {
            Some(cache) => cache.get(module, digest, engines.fingerprint(), compiler),
            None => {
                compiler.compile(module).map(|code| Compiled { code: CompiledCode::Bytes(code), was_cached: false })
            }
        };
        let Compiled { code, was_cached } = compiled.map_err(ProgramError::Compile)?;
        let (engine, linked) = link(engines, &code, is_component(module)).map_err(ProgramError::Link)?;
        // wasmtime names the frames of a component from its own name section.
        let symbols = if is_component(module) { Symbols::default() } else { Symbols::read(module) };
        Ok(Self { engine, symbols, was_cached, linked })
    }

    /// Returns whether the program is a component.
    pub(crate) fn is_component(&self) -> bool {
        matches!(self.linked, Linked::Component(_))
    }

    /// Returns the program linked for calls without files, or `None` for a component.
    pub(super) fn stdio(&self) -> Option<&InstancePre<StdioState>> {
        match &self.linked {
            Linked::Module { stdio, .. } => Some(stdio),
            Linked::Component(_) => None,
        }
    }

    /// Returns the program linked for calls with files.
    pub(super) fn wasi(&self) -> wasmtime::Result<Start> {
        match &self.linked {
            Linked::Module { module, wasi, .. } => {
                made_once(wasi, || self.engine.wasi_linker()?.instantiate_pre(module)).cloned().map(Start::Module)
            }
            Linked::Component(command) => Ok(Start::Component(command.clone())),
        }
    }
}

impl Program {
    /// Returns the program linked to a simulated full disk.
    pub(super) fn on_full_disk(&self, disk: &FullDisk) -> wasmtime::Result<Start> {
        match &self.linked {
            Linked::Module { module, .. } => {
                self.engine.full_disk_linker(disk)?.instantiate_pre(module).map(Start::Module)
            }
            Linked::Component(command) => {
                let component = command.instance_pre().component();
                let linked = self.engine.full_disk_component_linker(disk)?.instantiate_pre(component)?;
                CommandPre::new(linked).map(Start::Component)
            }
        }
    }
}

/// Links the code on the pooled engine if it fits the pool, otherwise on the on-demand engine.
fn link(
    engines: &Engines,
    compiled: &CompiledCode,
    is_component: bool,
) -> wasmtime::Result<(Arc<SandboxEngine>, Linked)> {
    let first = engines.first();
    let code = deserialize(first.engine(), compiled, is_component);
    if let Ok(code) = code
        && code.fits_pool(first)
        && let Ok(linked) = code.link(first)
    {
        return Ok((Arc::clone(first), linked));
    }
    // Any other error occurs on this engine too and is returned from here.
    let engine = engines.on_demand()?;
    Ok((Arc::clone(engine), deserialize(engine.engine(), compiled, is_component)?.link(engine)?))
}

/// A program that is linked to `wasmtime-wasi` and ready to start.
pub(super) enum Start {
    Module(InstancePre<WasiState>),
    Component(CommandPre<WasiState>),
}

impl Code {
    /// Returns whether the code's memories and tables fit the slots of the pool.
    fn fits_pool(&self, engine: &SandboxEngine) -> bool {
        let needs = match self {
            Self::Module(module) => Some(module.resources_required()),
            Self::Component(component) => component.resources_required(),
        };
        engine.is_pooled()
            && needs.is_some_and(|needs| {
                needs.num_memories <= 1
                    && needs.num_tables <= TABLES
                    && needs.max_initial_table_size.unwrap_or(0) <= POOLED_TABLE_ELEMENTS as u64
            })
    }

    fn link(self, engine: &SandboxEngine) -> wasmtime::Result<Linked> {
        match self {
            Self::Module(module) => {
                let stdio = engine.stdio_linker()?.instantiate_pre(&module)?;
                Ok(Linked::Module { module, stdio, wasi: OnceLock::new() })
            }
            Self::Component(component) => {
                let command = engine.component_linker()?.instantiate_pre(&component)?;
                CommandPre::new(command).map(Linked::Component)
            }
        }
    }
}
