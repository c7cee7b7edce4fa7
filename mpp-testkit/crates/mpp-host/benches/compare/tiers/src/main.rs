//! The compilers of wasmtime, compared for the first answer of a tool: Cranelift as the host uses it, Cranelift without optimization,
//! and Winch, the baseline compiler. Each on one thread and on all.
//!
//! ```console
//! $ cargo run --release -p tiers -- greeter.wasm greeter-python.wasm
//! ```
//!
//! The request calls the tool `greet` of a new project. Calls are measured in CPU time, so that other work on the machine does not count.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker as ComponentLinker, ResourceTable};
use wasmtime::{
    Config, Engine, Linker, Module, OptLevel, Result, Store, StoreLimits, StoreLimitsBuilder, Strategy, Trap,
};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::bindings::sync::CommandPre;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

const REQUEST: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"greet\",\"arguments\":{\"name\":\"Ada\",\"times\":2}}}\n";
const ANSWER: &str = "Hello, Ada! Hello, Ada!";
const COMPILERS: &[&str] = &["cranelift", "cranelift-unoptimized", "winch"];
/// Calls after the first one.
const CALLS: usize = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--one") => one(&arguments[1], Path::new(&arguments[2])),
        Some("--guards") => guards(&arguments[1]),
        Some(_) => all(&arguments),
        None => eprintln!("usage: tiers MODULE..."),
    }
}

/// Measures each module with each compiler, in processes of their own: the number of threads is fixed when a process starts to compile.
fn all(modules: &[String]) {
    let this = std::env::current_exe().expect("this program");
    println!(
        "| module | compiler | threads | compile, wall s | CPU s | code, MB | load ms | first call, CPU ms | later calls, CPU ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for module in modules {
        for compiler in COMPILERS {
            for threads in ["1", ""] {
                let mut child = Command::new(&this);
                child.args(["--one", compiler, module]);
                if !threads.is_empty() {
                    child.env("RAYON_NUM_THREADS", threads);
                }
                let output = child.output().expect("this program");
                let name = Path::new(module).file_name().unwrap_or_default().to_string_lossy().into_owned();
                let threads = if threads.is_empty() { "all" } else { threads };
                match output.status.success() {
                    true => print!("| {name} | {compiler} | {threads} | {}", String::from_utf8_lossy(&output.stdout)),
                    false => println!(
                        "| {name} | {compiler} | {threads} | fails: {}",
                        String::from_utf8_lossy(&output.stderr).trim()
                    ),
                }
            }
        }
    }
    println!(
        "\n| compiler | endless loop | endless recursion | memory over its limit | access out of bounds | its code in an engine for Cranelift |"
    );
    println!("|---|---|---|---|---|---|");
    for compiler in COMPILERS {
        let output = Command::new(&this).args(["--guards", compiler]).output().expect("this program");
        print!("| {compiler} | {}", String::from_utf8_lossy(&output.stdout));
        if !output.status.success() {
            println!("fails: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
}

/// The settings of the host's engine, without its pool.
fn config(compiler: &str) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(1024 * 1024)
        .native_unwind_info(false)
        .memory_init_cow(true)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_component_model(true);
    match compiler {
        "winch" => config.strategy(Strategy::Winch),
        "cranelift-unoptimized" => config.cranelift_opt_level(OptLevel::None),
        _ => &mut config,
    };
    config
}

fn one(compiler: &str, path: &Path) {
    let module = std::fs::read(path).expect("a module");
    let is_component = module.get(6..8) == Some(&[1, 0]);
    let engine = Engine::new(&config(compiler)).expect("an engine");
    let (started, cpu) = (Instant::now(), cpu_time());
    let code = if is_component { engine.precompile_component(&module) } else { engine.precompile_module(&module) };
    let code = code.unwrap_or_else(|error| fail(&error));
    let (compiled, cpu) = (started.elapsed(), cpu_time() - cpu);
    let started = Instant::now();
    let call = ready(&engine, &code, is_component).unwrap_or_else(|error| fail(&error));
    let loaded = started.elapsed();
    let mut times: Vec<Duration> = (0..=CALLS)
        .map(|_| {
            let before = cpu_time();
            let answer = call().unwrap_or_else(|error| fail(&error));
            assert!(answer.contains(ANSWER), "{answer}");
            cpu_time() - before
        })
        .collect();
    let first = times.remove(0);
    times.sort();
    println!(
        "{:.2} | {:.2} | {:.1} | {:.1} | {:.1} | {:.2} |",
        compiled.as_secs_f64(),
        cpu.as_secs_f64(),
        code.len() as f64 / 1e6,
        ms(loaded),
        ms(first),
        ms(times[times.len() / 2])
    );
}

fn fail(error: &wasmtime::Error) -> ! {
    eprintln!("{error:#}");
    std::process::exit(1)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
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

type Call = Box<dyn Fn() -> Result<String>>;

/// Loads compiled code and returns a function that calls the tool in a fresh instance.
fn ready(engine: &Engine, code: &[u8], is_component: bool) -> Result<Call> {
    let engine = engine.clone();
    if is_component {
        // SAFETY: this process compiled the code.
        let component = unsafe { Component::deserialize(&engine, code) }?;
        let mut linker = ComponentLinker::<State>::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        define_others(&engine, &component, &mut linker)?;
        let command = CommandPre::new(linker.instantiate_pre(&component)?)?;
        return Ok(Box::new(move || {
            let output = MemoryOutputPipe::new(8 << 20);
            let wasi = context(&output).build();
            let mut store = Store::new(&engine, State { wasi, table: ResourceTable::new() });
            store.set_epoch_deadline(1000);
            let ended = command.instantiate(&mut store)?.wasi_cli_run().call_run(&mut store)?;
            assert!(ended.is_ok(), "the tool failed");
            Ok(String::from_utf8_lossy(&output.contents()).into_owned())
        }));
    }
    // SAFETY: this process compiled the code.
    let module = unsafe { Module::deserialize(&engine, code) }?;
    let mut linker = Linker::<WasiP1Ctx>::new(&engine);
    wasmtime_wasi::p1::add_to_linker_sync(&mut linker, |context| context)?;
    linker.define_unknown_imports_as_traps(&module)?;
    let program = linker.instantiate_pre(&module)?;
    Ok(Box::new(move || {
        let output = MemoryOutputPipe::new(8 << 20);
        let mut store = Store::new(&engine, context(&output).build_p1());
        store.set_epoch_deadline(1000);
        let instance = program.instantiate(&mut store)?;
        match instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ()) {
            Err(error) if error.downcast_ref().is_none_or(|exit: &wasmtime_wasi::I32Exit| exit.0 != 0) => Err(error),
            _ => Ok(String::from_utf8_lossy(&output.contents()).into_owned()),
        }
    }))
}

/// Defines the host's own interfaces, whose functions fail when they are called.
fn define_others(engine: &Engine, component: &Component, linker: &mut ComponentLinker<State>) -> Result<()> {
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

fn context(output: &MemoryOutputPipe) -> WasiCtxBuilder {
    let mut context = WasiCtxBuilder::new();
    context
        .arg("tool")
        .stdin(MemoryInputPipe::new(REQUEST))
        .stdout(output.clone())
        .stderr(MemoryOutputPipe::new(256 << 10));
    context
}

/// Tries what ends a call that does not behave.
fn guards(compiler: &str) {
    let engine = Engine::new(&config(compiler)).expect("an engine");
    let ticker = engine.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(10));
            ticker.increment_epoch();
        }
    });
    let tries = [
        ("(loop (br 0))", Trap::Interrupt),
        ("(call $start)", Trap::StackOverflow),
        (
            "(if (i32.eq (memory.grow (i32.const 32)) (i32.const -1)) (then (unreachable)))",
            Trap::UnreachableCodeReached,
        ),
        ("(drop (i32.load (i32.const 0x7fff0000)))", Trap::MemoryOutOfBounds),
    ];
    for (body, expected) in tries {
        let text = format!("(module (memory 1) (func $start (export \"_start\") {body}))");
        let ended = Module::new(&engine, text_to_module(&text)).and_then(|module| {
            let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(1 << 20).build());
            store.limiter(|limits: &mut StoreLimits| limits);
            store.set_epoch_deadline(10);
            let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
            instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())
        });
        match ended.as_ref().map_err(|error| error.downcast_ref::<Trap>()) {
            Err(Some(trap)) if *trap == expected => print!("ended | "),
            _ => print!("{ended:?} | "),
        }
    }
    let code = engine.precompile_module(&text_to_module("(module)")).unwrap_or_else(|error| fail(&error));
    let host = Engine::new(&config("cranelift")).expect("an engine");
    // SAFETY: this process compiled the code.
    match unsafe { Module::deserialize(&host, &code) } {
        Ok(_) => println!("loads |"),
        Err(error) => println!("{error:#} |"),
    }
}

fn text_to_module(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module")
}
