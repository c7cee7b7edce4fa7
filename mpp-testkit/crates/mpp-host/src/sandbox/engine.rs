//! The wasmtime engine: one set of compiler settings, and a pool of instances that stay warm between calls.
//!
//! Page faults dominate the cost of a call. The pool therefore keeps the pages that a small tool touches resident, and asks
//! the kernel which pages those were (`PAGEMAP_SCAN`, Linux 6.7). If no pool can be created, or a module is too large for
//! it, instances are allocated on demand from the same compiled code.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wasmtime::component::Linker as ComponentLinker;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig, WasmBacktraceDetails,
};

use super::components;
use super::full_disk::{self, FullDisk};
use super::imports;
use super::permits::Permits;
use super::preview1::{self, StdioState};
use super::ticker::{DEFAULT_TICK, Ticker};
use super::wasi::WasiState;
use super::{logged_components, logged_wasi};

/// Bytes of one instance's memory that are zeroed and kept after each call, instead of being returned to the kernel.
const KEEP_RESIDENT: usize = 512 * 1024;
/// Maximum number of entries of one table in the pool.
pub(crate) const POOLED_TABLE_ELEMENTS: usize = 64 * 1024;
/// Average number of tables that one component may have.
pub(crate) const TABLES: u32 = 4;
/// Maximum number of core instances in one component. An instance has no place of its own in the pool, so that many cost nothing.
const CORE_INSTANCES: u32 = 128;
/// Size of the stack for wasm code, which holds return addresses and registers. The tool's shadow stack is in its own memory.
const WASM_STACK: usize = 1024 * 1024;
/// Size of the stack for an asynchronous call: the wasm stack and the needs of host functions.
const ASYNC_STACK: usize = WASM_STACK + 512 * 1024;

/// Settings of the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineSettings {
    /// Maximum number of concurrent calls; further calls wait.
    pub(crate) instances: u32,
    /// Interval of the epoch, which is the precision of timeouts.
    pub(crate) tick: Duration,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { instances: 64, tick: DEFAULT_TICK }
    }
}

/// An engine with its ticker, its permits and the linkers for modules and components.
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

    /// Returns the linker for modules without files.
    pub(crate) fn stdio_linker(&self) -> wasmtime::Result<&Linker<StdioState>> {
        made_once(&self.stdio, || {
            let mut linker = Linker::new(&self.engine);
            preview1::add_to_linker(&mut linker)?;
            imports::add_to_linker(&mut linker)?;
            Ok(linker)
        })
    }

    /// Returns the linker for modules with files.
    pub(crate) fn wasi_linker(&self) -> wasmtime::Result<&Linker<WasiState>> {
        made_once(&self.wasi, || self.new_wasi_linker())
    }

    /// Creates a linker for modules with files on a simulated full disk, for tests.
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

    /// Returns the linker for components.
    pub(crate) fn component_linker(&self) -> wasmtime::Result<&ComponentLinker<WasiState>> {
        made_once(&self.components, || self.new_component_linker())
    }

    /// Creates a linker for components on a simulated full disk, for tests.
    pub(crate) fn full_disk_component_linker(&self, disk: &FullDisk) -> wasmtime::Result<ComponentLinker<WasiState>> {
        let mut linker = self.new_component_linker()?;
        full_disk::add_to_component_linker(disk, &mut linker)?;
        Ok(linker)
    }

    fn new_component_linker(&self) -> wasmtime::Result<ComponentLinker<WasiState>> {
        let mut linker = ComponentLinker::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        logged_components::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        components::add_to_linker(&mut linker)?;
        Ok(linker)
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

/// `OnceLock::get_or_init` for a fallible initialiser.
pub(crate) fn made_once<T, E>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

/// The pooled engine, and the on-demand engine for modules that do not fit the pool.
pub(crate) struct Engines {
    first: Arc<SandboxEngine>,
    on_demand: OnceLock<Arc<SandboxEngine>>,
    /// Maximum number of concurrent calls on both engines together.
    instances: u32,
    permits: Permits,
    tick: Duration,
    fingerprint: String,
}

impl Engines {
    /// Starts an engine with a pool, with a smaller pool if address space is scarce, or without a pool.
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

    /// Returns the pooled engine, or the only engine if there is no pool. Compiled code runs on either engine.
    pub(crate) fn first(&self) -> &Arc<SandboxEngine> {
        &self.first
    }

    /// Returns an engine without a pool.
    pub(crate) fn on_demand(&self) -> wasmtime::Result<&Arc<SandboxEngine>> {
        if !self.first.is_pooled() {
            return Ok(&self.first);
        }
        made_once(&self.on_demand, || SandboxEngine::start(&common(), self.tick, self.permits.clone(), false))
    }

    /// Returns the maximum number of concurrent calls, which is lower than requested if address space is scarce.
    pub(crate) fn instances(&self) -> u32 {
        self.instances
    }

    /// Returns a hash of everything that compiled code depends on besides the module: the compiler's version and settings, and
    /// the processor's features.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Returns the settings that determine the generated code, which are the same for every engine.
pub(crate) fn common() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(ASYNC_STACK)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .native_unwind_info(false)
        .memory_init_cow(true)
        // A limiter does not count shared memory, and preview 1 has no threads.
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_component_model(true);
    config
}

fn pooled(instances: u32) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        .async_stack_keep_resident(64 * 1024)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(instances)
        .total_stacks(instances)
        .total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(instances.saturating_add(instances / 2))
        .total_tables(instances.saturating_mul(TABLES))
        .table_elements(POOLED_TABLE_ELEMENTS)
        .max_tables_per_module(4)
        .max_memories_per_module(1);
    let mut config = common();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

fn fingerprint(engine: &Engine) -> String {
    // `DefaultHasher::new` uses fixed keys and is stable within one version of the standard library. A different hash only
    // costs a recompilation.
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::{EngineSettings, Engines};

    #[test]
    fn both_engines_run_the_same_code() {
        let engines = Engines::start(EngineSettings::default()).expect("an engine");
        let code = engines.first().engine().precompile_module(b"\0asm\x01\0\0\0").expect("the empty module");
        let on_demand = engines.on_demand().expect("an engine").engine();
        assert_eq!(super::fingerprint(on_demand), engines.fingerprint());
        assert!(!code.is_empty());
    }
}
