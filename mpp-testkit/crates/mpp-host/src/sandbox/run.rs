//! Runs a program once, in a fresh instance with one request, and records how the run ended.

use std::sync::Arc;

use wasmtime::{InstancePre, Store, Trap, UpdateDeadline, WasmBacktrace};

use super::cancel::Cancellation;
use super::filesystem::CallFiles;
use super::full_disk::FullDisk;
use super::guest::GuestWorld;
use super::host_calls::HostCalls;
use super::limits::{CallLimits, MemoryLimiter, MemoryUse};
use super::permits::Permit;
use super::preview1::StdioState;
use super::program::{Program, Start};
use super::stack::{self, OutOfStack};
use super::stdio::{Log, Stdio};
use super::stop::Stop;
use super::symbols::Symbols;
use super::ticker::Running;
use super::wasi::{self, WasiState};

/// Name of the function that a command module exports.
const START: &str = "_start";

/// The unfiltered output of a run, which can be neither printed nor serialised.
pub(crate) struct RawOutput {
    pub(crate) ended: Ended,
    pub(crate) output: Vec<u8>,
    pub(crate) log: Log,
    pub(crate) memory_peak: usize,
    /// The record of the host functions that were called, including the state transaction that is still open.
    pub(crate) host_calls: HostCalls,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// `_start` returned, or the tool exited with code 0.
    Done,
    /// The tool exited with another code.
    Exit(u32),
    /// The call exceeded its timeout while executing the code of the backtrace.
    Timeout { backtrace: Vec<String> },
    /// The front end cancelled the call.
    Cancelled,
    /// The call did not start before its timeout because the maximum number of calls was running.
    Waited,
    /// The tool failed after it was denied memory. `wanted` is the total in bytes that it would have used.
    Memory { wanted: usize },
    /// The tool wrote more to stdout than its limit allows.
    Output,
    /// The call stack overflowed: the tool's own stack for its values, or the sandbox's stack for its calls.
    OutOfStack { own: bool, backtrace: Vec<String> },
    /// The tool trapped or failed to start.
    Crashed { reason: String, backtrace: Vec<String> },
}

impl Program {
    /// Runs the program once, with `request` on stdin, and with access to `files` if there are any.
    pub(crate) fn run(
        &self,
        request: Arc<[u8]>,
        limits: &CallLimits,
        world: &Arc<GuestWorld>,
        files: Option<&CallFiles<'_>>,
        mut host_calls: HostCalls,
        symbols: &Symbols,
    ) -> RawOutput {
        let cancellation = host_calls.cancellation().clone();
        let Some(permit) = self.engine.permits().take(limits.timeout, &cancellation) else {
            return RawOutput::of(if cancellation.is_requested() { Ended::Cancelled } else { Ended::Waited });
        };
        host_calls.start(limits.timeout);
        let call = Call {
            running: self.engine.ticker().run(limits.timeout, cancellation),
            stdio: Stdio::new(request, limits.output, limits.log),
            limiter: MemoryLimiter::new(limits.memory),
            world,
            host_calls,
            symbols,
        };
        match (self.stdio(), files) {
            (Some(program), None) => self.run_stdio(program, call),
            _ => self.run_wasi(call, permit, limits, files),
        }
    }

    fn run_stdio(&self, program: &InstancePre<StdioState>, call: Call<'_>) -> RawOutput {
        let (epochs, symbols) = (Epochs::of(&call.running), call.symbols);
        let state = StdioState::new(call.stdio, call.limiter, call.running, Arc::clone(call.world), call.host_calls);
        let mut store = Store::new(self.engine.engine(), state);
        epochs.limit(&mut store);
        store.limiter(|state| &mut state.limiter);
        let result = program.instantiate(&mut store).and_then(|instance| {
            let start = instance.get_typed_func::<(), ()>(&mut store, START)?;
            start.call(&mut store, ()).map_err(|error| stack::explained(error, &instance, &mut store))
        });
        let StdioState { stdio, limiter, host_calls, .. } = store.into_data();
        RawOutput::new(&result, stdio, limiter.memory_use(), host_calls, symbols)
    }

    fn run_wasi(
        &self,
        call: Call<'_>,
        permit: Permit,
        limits: &CallLimits,
        files: Option<&CallFiles<'_>>,
    ) -> RawOutput {
        let (epochs, symbols) = (Epochs::of(&call.running), call.symbols);
        let cancellation = call.running.cancellation().clone();
        let start = self.start_of(call.world.disk_full.as_ref());
        let context = files.map(|files| files.context.clone()).unwrap_or_default();
        let state = WasiState::new(call.stdio, call.limiter, call.running, call.world, context, call.host_calls);
        let kept = state.kept();
        let mut store = Store::new(self.engine.engine(), state);
        epochs.limit(&mut store);
        wasi::limit(&mut store);
        // The epoch interrupts a call that computes, the timer one that waits.
        let result = start.and_then(|start| {
            let may_block = files.is_some_and(|files| files.may_block);
            wasi::run(limits.timeout, &cancellation, may_block, async move {
                let result = start.run(&mut store).await;
                let refused = store.data().limiter.memory_use().refused;
                // The permit is released before the caller learns that the call ended, so that it can start the next one at once.
                drop(store);
                drop(permit);
                Ok((result, refused))
            })
        });
        let (stdio, host_calls, peak) = kept.take();
        let (result, refused) = result.unwrap_or_else(|error| (Err(error), None));
        let memory = MemoryUse { peak: peak.bytes(), refused };
        RawOutput::new(&result, stdio, memory, host_calls, symbols)
    }

    fn start_of(&self, full_disk: Option<&FullDisk>) -> wasmtime::Result<Start> {
        full_disk.map_or_else(|| self.wasi(), |disk| self.on_full_disk(disk))
    }
}

impl Start {
    async fn run(self, store: &mut Store<WasiState>) -> wasmtime::Result<()> {
        match self {
            Self::Module(module) => {
                let instance = module.instantiate_async(&mut *store).await?;
                let start = instance.get_typed_func::<(), ()>(&mut *store, START)?;
                let result = start.call_async(&mut *store, ()).await;
                result.map_err(|error| stack::explained(error, &instance, store))
            }
            Self::Component(command) => {
                let command = command.instantiate_async(&mut *store).await?;
                let ended = command.wasi_cli_run().call_run(&mut *store).await?;
                ended.map_err(|()| Stop::Exit(1).into())
            }
        }
    }
}

/// The number of epochs after which a call is interrupted.
struct Epochs {
    left: u64,
    cancellation: Cancellation,
}

impl Epochs {
    fn of(running: &Running) -> Self {
        Self { left: running.epochs(), cancellation: running.cancellation().clone() }
    }

    /// Sets the epoch deadline. A call that can be cancelled checks at every tick, any other only when its time is over.
    fn limit<T: 'static>(self, store: &mut Store<T>) {
        if !self.cancellation.is_possible() {
            return store.set_epoch_deadline(self.left);
        }
        let Self { mut left, cancellation } = self;
        store.set_epoch_deadline(left.min(1));
        store.epoch_deadline_callback(move |_| {
            if cancellation.is_requested() {
                return Err(Stop::Cancelled.into());
            }
            left = left.saturating_sub(1);
            if left == 0 { Err(Trap::Interrupt.into()) } else { Ok(UpdateDeadline::Continue(1)) }
        });
    }
}

/// The parts of a call that both kinds of run need, with and without files.
struct Call<'a> {
    running: Running,
    stdio: Stdio,
    limiter: MemoryLimiter,
    world: &'a Arc<GuestWorld>,
    host_calls: HostCalls,
    symbols: &'a Symbols,
}

impl RawOutput {
    pub(crate) fn new(
        result: &wasmtime::Result<()>,
        stdio: Stdio,
        memory: MemoryUse,
        host_calls: HostCalls,
        symbols: &Symbols,
    ) -> Self {
        let (output, log) = stdio.into_parts();
        let mut ended = result.as_ref().map_or_else(|error| ended(error, symbols), |()| Ended::Done);
        if let Some(wanted) = memory.refused {
            // A failure after a denied allocation is most likely caused by it.
            let failed = match &ended {
                Ended::Exit(_) | Ended::OutOfStack { .. } | Ended::Crashed { .. } => true,
                Ended::Done => output.is_empty(),
                _ => false,
            };
            if failed {
                ended = Ended::Memory { wanted };
            }
        }
        Self { ended, output, log, memory_peak: memory.peak, host_calls }
    }

    /// Creates the output of a call that did not run.
    fn of(ended: Ended) -> Self {
        Self { ended, output: Vec::new(), log: Log::default(), memory_peak: 0, host_calls: HostCalls::default() }
    }
}

fn ended(error: &wasmtime::Error, symbols: &Symbols) -> Ended {
    let backtrace = || error.downcast_ref::<WasmBacktrace>().map(|trace| symbols.name(trace)).unwrap_or_default();
    if error.is::<OutOfStack>() {
        return Ended::OutOfStack { own: true, backtrace: backtrace() };
    }
    match error.downcast_ref::<Stop>() {
        Some(Stop::Exit(0)) => return Ended::Done,
        Some(Stop::Exit(code)) => return Ended::Exit(*code),
        Some(Stop::Timeout) => return Ended::Timeout { backtrace: backtrace() },
        Some(Stop::Cancelled) => return Ended::Cancelled,
        Some(Stop::Output) => return Ended::Output,
        Some(Stop::Pointer(_) | Stop::NoMemory | Stop::NoRandomness) | None => {}
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return if exit.0 == 0 { Ended::Done } else { Ended::Exit(exit.0.cast_unsigned()) };
    }
    let reason = match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => return Ended::Timeout { backtrace: backtrace() },
        Some(Trap::StackOverflow) => return Ended::OutOfStack { own: false, backtrace: backtrace() },
        Some(Trap::UnreachableCodeReached) => {
            "`unreachable` was executed: a panic or an abort, if the tool is written in Rust".to_owned()
        }
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    Ended::Crashed { reason, backtrace: backtrace() }
}
