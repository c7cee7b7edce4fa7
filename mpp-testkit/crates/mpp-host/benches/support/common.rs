//! Shared by the benchmarks: a real tool as a module and as a native program, and wasmtime without the host.
#![allow(dead_code, reason = "each benchmark uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{Grant, RunnablePackage};
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Manifest, PackageBytes, pack};
use mpp_host::policy::{ClearanceRequest, Policy, Unattended};
use mpp_host::signature::{Toolchain, sign};
use mpp_host::trust::TrustStore;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, InstancePre, Linker, Module, PoolingAllocationConfig, Store,
    WasmBacktraceDetails,
};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};

/// The name and the arguments of the tool that is called.
pub(crate) const TOOL: &str = "convert";
pub(crate) const ARGUMENTS: &str = r#"{"value":3.5,"from":"mi","to":"km"}"#;
/// The request as the tool receives it.
pub(crate) const REQUEST: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"convert\",\"arguments\":{\"value\":3.5,\"from\":\"mi\",\"to\":\"km\"}}}\n";

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|dir| dir.join("ARCHITECTURE.md").exists()).expect("the workspace").to_owned()
}

/// Builds `examples/handler` for `target`, optimized for size as by `mpp build`, and returns the path of the program.
fn build(target: Option<&str>) -> PathBuf {
    let target_dir = std::env::temp_dir().join("mpp-bench-tool");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace())
        .args(["build", "--release", "-p", "unit-converter", "--target-dir"])
        .arg(&target_dir);
    for setting in ["opt-level=\"s\"", "lto=true", "codegen-units=1", "strip=true", "panic=\"abort\""] {
        cargo.arg("--config").arg(format!("profile.release.{setting}"));
    }
    if let Some(target) = target {
        cargo.args(["--target", target]).env("RUSTFLAGS", "-Clink-arg=-zstack-size=1048576");
    }
    assert!(cargo.status().expect("cargo").success(), "the tool does not build");
    match target {
        Some(target) => target_dir.join(target).join("release/unit-converter.wasm"),
        None => target_dir.join("release/unit-converter"),
    }
}

pub(crate) fn module() -> Vec<u8> {
    std::fs::read(build(Some("wasm32-wasip1"))).expect("the module")
}

pub(crate) fn native() -> PathBuf {
    build(None)
}

pub(crate) fn package(module: &[u8]) -> PackageBytes {
    let manifest = std::fs::read(workspace().join("examples/handler/manifest.json")).expect("the manifest");
    let manifest = Manifest::parse(&manifest).expect("a manifest");
    let unsigned = pack(&manifest, vec![("bin/main.wasm".to_owned(), module.to_vec())]).expect("a package");
    let toolchain = Toolchain::new("benches 0");
    sign(unsigned, &SigningKey::from_seed(&[7; 32], KeyRole::Publisher), &toolchain).expect("a signature")
}

pub(crate) fn verify(host: &Host, package: &PackageBytes) -> VerifiedPackage {
    host.verify(package.clone()).outcome.expect("a valid package")
}

/// Decides that a package signed by an own key may run.
pub(crate) fn grant(host: &Host, package: &VerifiedPackage) -> Grant {
    let mut store = TrustStore::new();
    store.add_own(*package.publisher_key());
    let admission = store.admit(package).expect("a package of one's own");
    let cleared = host.clear(&ClearanceRequest::new(package, &Policy::default(), &store, &Unattended));
    Grant::new(admission, cleared.expect("a package of one's own").clearance)
}

pub(crate) fn runnable(host: &Host, package: &PackageBytes) -> RunnablePackage {
    let verified = verify(host, package);
    let grant = grant(host, &verified);
    host.load(verified).expect("a tool").grant(grant).expect("nothing to grant")
}

/// One call through the host.
pub(crate) fn call(tool: &RunnablePackage) {
    let output = tool.call(TOOL, ARGUMENTS);
    assert!(output.outcome().is_ok(), "{}", output.json());
}

/// The settings of the host's engine: see `src/sandbox/engine.rs`.
pub(crate) fn tuned() -> Engine {
    let mut pool = PoolingAllocationConfig::new();
    pool.linear_memory_keep_resident(512 * 1024)
        .table_keep_resident(512 * 1024)
        .async_stack_keep_resident(64 * 1024)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(64)
        .total_stacks(64)
        .total_component_instances(64)
        .total_core_instances(64 * 128)
        .max_core_instances_per_component(128)
        .total_memories(96)
        .total_tables(256)
        .table_elements(64 * 1024)
        .max_tables_per_module(4)
        .max_memories_per_module(1);
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(1024 * 1024)
        .async_stack_size(1536 * 1024)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .native_unwind_info(false)
        .memory_init_cow(true)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_component_model(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).expect("an engine")
}

/// The settings of a typical embedding: it can interrupt a call, and allocates on demand.
pub(crate) fn textbook() -> Engine {
    let mut config = Config::new();
    config.epoch_interruption(true);
    Engine::new(&config).expect("an engine")
}

/// A module that is linked in advance with `wasmtime-wasi`'s synchronous preview 1.
pub(crate) fn bare(engine: &Engine, module: &Module) -> InstancePre<WasiP1Ctx> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p1::add_to_linker_sync(&mut linker, |context| context).expect("preview 1");
    linker.instantiate_pre(module).expect("a command")
}

/// One call without the host: a fresh instance, the request, the output; nothing is checked.
pub(crate) fn bare_call(engine: &Engine, program: &InstancePre<WasiP1Ctx>) -> usize {
    let output = MemoryOutputPipe::new(8 << 20);
    let context = WasiCtxBuilder::new()
        .arg("tool")
        .stdin(MemoryInputPipe::new(REQUEST))
        .stdout(output.clone())
        .stderr(MemoryOutputPipe::new(256 << 10))
        .build_p1();
    let mut store = Store::new(engine, context);
    store.set_epoch_deadline(1000);
    let instance = program.instantiate(&mut store).expect("an instance");
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
    start.call(&mut store, ()).expect("a call");
    let written = output.contents().len();
    assert!(written > 0);
    written
}

/// Returns the time of `iterations` calls, spread over `threads`.
pub(crate) fn spread(threads: u64, iterations: u64, call: &(dyn Fn() + Sync)) -> Duration {
    let start = std::time::Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let share = iterations / threads + u64::from(thread < iterations % threads);
            scope.spawn(move || (0..share).for_each(|_| call()));
        }
    });
    start.elapsed()
}
