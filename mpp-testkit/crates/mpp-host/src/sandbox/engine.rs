//! The engine: one set of compiler settings, and a pool of instances that stay warm between calls.
//!
//! A call's cost is page faults, not code: the pool keeps the pages that a small tool touches resident, and asks the
//! kernel which ones those were (`PAGEMAP_SCAN`, Linux 6.7). Where no pool can be made, or a module is too large for
//! it, instances are made on demand, by the same compiled code.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wasmtime::component::Linker as ComponentLinker;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig, WasmBacktraceDetails,
};

use super::full_disk::{self, FullDisk};
use super::imports;
use super::logged_wasi;
use super::permits::Permits;
use super::preview1::{self, StdioState};
use super::ticker::{DEFAULT_TICK, Ticker};
use super::wasi::WasiState;

/// Memory of one instance that is cleared by hand and kept, instead of given back to the kernel after each call.
const KEEP_RESIDENT: usize = 512 * 1024;
/// Entries of one table in the pool.
pub(crate) const POOLED_TABLE_ELEMENTS: usize = 64 * 1024;
/// Core instances, memories and tables that one component may bring, on average.
const PARTS: u32 = 4;
/// Stack of wasm code. The tool's own shadow stack is in its memory, this one holds return addresses and registers.
const WASM_STACK: usize = 1024 * 1024;
/// Stack of a call that may wait: the wasm stack and what host functions need.
const ASYNC_STACK: usize = WASM_STACK + 512 * 1024;

/// How the engine is built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineSettings {
    /// Calls that may run at once; the next one waits.
    pub(crate) instances: u32,
    /// How exact timeouts are.
    pub(crate) tick: Duration,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { instances: 64, tick: DEFAULT_TICK }
    }
}

/// An engine, its ticker, its permits, and what modules link to.
pub(crate) struct SandboxEngine {
    engine: Engine,
    ticker: Ticker,
    permits: Permits,
    is_pooled: bool,
    stdio: OnceLock<Linker<StdioState>>,
    wasi: OnceLock<Linker<WasiState>>,
    components: OnceLock<ComponentLinker<WasiState>>,
}

impl SandboxEngine {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    pub(crate) fn permits(&self) -> &Permits {
        &self.permits
    }

    pub(crate) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// The imports of modules without files.
    pub(crate) fn stdio_linker(&self) -> wasmtime::Result<&Linker<StdioState>> {
        made_once(&self.stdio, || {
            let mut linker = Linker::new(&self.engine);
            preview1::add_to_linker(&mut linker)?;
            imports::add_to_linker(&mut linker)?;
            Ok(linker)
        })
    }

    /// The imports of modules with files.
    pub(crate) fn wasi_linker(&self) -> wasmtime::Result<&Linker<WasiState>> {
        made_once(&self.wasi, || self.new_wasi_linker())
    }

    /// The same where the disk is full: for tests.
    pub(crate) fn full_disk_linker(&self, disk: &FullDisk) -> wasmtime::Result<Linker<WasiState>> {
        let mut linker = self.new_wasi_linker()?;
        full_disk::add_to_linker(disk, &mut linker)?;
        Ok(linker)
    }

    fn new_wasi_linker(&self) -> wasmtime::Result<Linker<WasiState>> {
        let mut linker = Linker::new(&self.engine);
        wasmtime_wasi::p1::add_to_linker_async(&mut linker, |state: &mut WasiState| &mut state.wasi)?;
        logged_wasi::add_to_linker(&mut linker)?;
        imports::add_to_linker(&mut linker)?;
        Ok(linker)
    }

    /// The imports of components.
    pub(crate) fn component_linker(&self) -> wasmtime::Result<&ComponentLinker<WasiState>> {
        made_once(&self.components, || {
            let mut linker = ComponentLinker::new(&self.engine);
            wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
            Ok(linker)
        })
    }

    fn start(config: &Config, tick: Duration, permits: Permits, is_pooled: bool) -> wasmtime::Result<Arc<Self>> {
        let engine = Engine::new(config)?;
        let ticker = Ticker::start(&engine, tick)?;
        Ok(Arc::new(Self {
            engine,
            ticker,
            permits,
            is_pooled,
            stdio: OnceLock::new(),
            wasi: OnceLock::new(),
            components: OnceLock::new(),
        }))
    }
}

/// `OnceLock::get_or_init` for what can fail.
pub(crate) fn made_once<T, E>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

/// The pooled engine, and the one on demand for what does not fit it.
pub(crate) struct Engines {
    first: Arc<SandboxEngine>,
    on_demand: OnceLock<Arc<SandboxEngine>>,
    /// Calls that may run at once, on both engines together.
    instances: u32,
    permits: Permits,
    tick: Duration,
    fingerprint: String,
}

impl Engines {
    /// Makes a pool, a smaller pool where address space is short, or none.
    pub(crate) fn start(settings: EngineSettings) -> wasmtime::Result<Self> {
        let (mut instances, tick) = (settings.instances.max(1), settings.tick);
        let (first, permits) = loop {
            let permits = Permits::new(instances);
            match SandboxEngine::start(&pooled(instances), tick, permits.clone(), true) {
                Ok(engine) => break (engine, permits),
                Err(_) if instances > 4 => instances /= 4,
                Err(_) => break (SandboxEngine::start(&common(), tick, permits.clone(), false)?, permits),
            }
        };
        let fingerprint = fingerprint(first.engine());
        Ok(Self { first, on_demand: OnceLock::new(), instances, permits, tick, fingerprint })
    }

    /// The engine that modules are compiled with; code compiled by it runs on all of them.
    pub(crate) fn first(&self) -> &Arc<SandboxEngine> {
        &self.first
    }

    /// An engine without a pool.
    pub(crate) fn on_demand(&self) -> wasmtime::Result<&Arc<SandboxEngine>> {
        if !self.first.is_pooled() {
            return Ok(&self.first);
        }
        made_once(&self.on_demand, || SandboxEngine::start(&common(), self.tick, self.permits.clone(), false))
    }

    /// How many calls may run at once: fewer than asked for where the machine has too little address space.
    pub(crate) fn instances(&self) -> u32 {
        self.instances
    }

    /// What compiled code depends on besides the module: compiler version, settings and processor features.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The settings that decide what code is generated, the same for every engine.
pub(crate) fn common() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(ASYNC_STACK)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .native_unwind_info(false)
        .memory_init_cow(true)
        // Memory that several threads share is not counted by a limiter; preview 1 has no threads.
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_component_model(true);
    config
}

fn pooled(instances: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    let parts = instances.saturating_mul(PARTS);
    pool.linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        .async_stack_keep_resident(64 * 1024)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(instances)
        .total_stacks(instances)
        .total_component_instances(instances)
        .total_core_instances(parts)
        .total_memories(instances.saturating_add(instances / 2))
        .total_tables(parts)
        .table_elements(POOLED_TABLE_ELEMENTS)
        .max_tables_per_module(4)
        .max_memories_per_module(1);
    let mut config = common();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

fn fingerprint(engine: &Engine) -> String {
    // `DefaultHasher` is keyless and stable within one build of the standard library; a change only costs a compile.
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::{EngineSettings, Engines};

    #[test]
    fn code_for_the_pool_runs_on_demand_too() {
        let engines = Engines::start(EngineSettings::default()).expect("an engine");
        let code = engines.first().engine().precompile_module(b"\0asm\x01\0\0\0").expect("the empty module");
        let on_demand = engines.on_demand().expect("an engine").engine();
        assert_eq!(super::fingerprint(on_demand), engines.fingerprint());
        assert!(!code.is_empty());
    }
}
