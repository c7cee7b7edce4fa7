//! A module or component in wasmtime and wasmtime-wasi alone: no limits, no checks, no filter, no records.

use std::path::Path;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker as ComponentLinker, ResourceTable};
use wasmtime::{Engine, InstancePre, Linker, Module, Store};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::bindings::sync::CommandPre;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// A program that is compiled and linked.
pub(crate) struct Bare {
    engine: Engine,
    program: Program,
}

enum Program {
    Module(InstancePre<WasiP1Ctx>),
    Component(CommandPre<State>),
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl Bare {
    /// Loads and links the code that the host has compiled, so that both run the same. Imports that are not of WASI fail when they
    /// are called.
    pub(crate) fn new(engine: &Engine, code: &Path, is_component: bool) -> wasmtime::Result<Self> {
        let program = if is_component {
            // SAFETY: the host of this process has compiled the code, in a directory of this process.
            let component = unsafe { Component::deserialize_file(engine, code) }?;
            let mut linker = ComponentLinker::new(engine);
            wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
            define_others(engine, &component, &mut linker)?;
            Program::Component(CommandPre::new(linker.instantiate_pre(&component)?)?)
        } else {
            // SAFETY: as above.
            let module = unsafe { Module::deserialize_file(engine, code) }?;
            let mut linker = Linker::new(engine);
            wasmtime_wasi::p1::add_to_linker_sync(&mut linker, |context| context)?;
            linker.define_unknown_imports_as_traps(&module)?;
            Program::Module(linker.instantiate_pre(&module)?)
        };
        Ok(Self { engine: engine.clone(), program })
    }

    /// Calls the tool in a fresh instance and returns its output.
    pub(crate) fn call(&self, request: &str) -> wasmtime::Result<String> {
        let output = MemoryOutputPipe::new(8 << 20);
        let mut context = WasiCtxBuilder::new();
        context
            .arg("tool")
            .stdin(MemoryInputPipe::new(request.to_owned()))
            .stdout(output.clone())
            .stderr(MemoryOutputPipe::new(256 << 10));
        match &self.program {
            Program::Module(program) => {
                let mut store = Store::new(&self.engine, context.build_p1());
                store.set_epoch_deadline(1000);
                let instance = program.instantiate(&mut store)?;
                let ended = instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ());
                // Go always ends with a call of `proc_exit`.
                if let Err(error) = ended
                    && error.downcast_ref::<I32Exit>().is_none_or(|exit| exit.0 != 0)
                {
                    return Err(error);
                }
            }
            Program::Component(program) => {
                let state = State { wasi: context.build(), table: ResourceTable::new() };
                let mut store = Store::new(&self.engine, state);
                store.set_epoch_deadline(1000);
                let command = program.instantiate(&mut store)?;
                assert!(command.wasi_cli_run().call_run(&mut store)?.is_ok(), "the tool failed");
            }
        }
        Ok(String::from_utf8_lossy(&output.contents()).into_owned())
    }
}

/// Defines the host's own interfaces, whose functions fail when they are called.
fn define_others(engine: &Engine, component: &Component, linker: &mut ComponentLinker<State>) -> wasmtime::Result<()> {
    for (name, item) in component.component_type().imports(engine) {
        let (true, ComponentItem::ComponentInstance(interface)) = (name.starts_with("mpp:"), item.ty) else { continue };
        let mut instance = linker.instance(name)?;
        for (name, item) in interface.exports(engine) {
            if let ComponentItem::ComponentFunc(_) = item.ty {
                instance.func_new(name, |_, _, _, _| Err(wasmtime::Error::msg("this engine is bare")))?;
            }
        }
    }
    Ok(())
}
