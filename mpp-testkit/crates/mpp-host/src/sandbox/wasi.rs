//! Runs tools with files, and components, on `wasmtime-wasi`, with the same streams and limits as other tools.
//!
//! A file operation may block, for example on a pipe without a writer or a network file system that hangs. A call with files
//! therefore runs on its own thread, on which each operation is performed directly, while the caller waits with a timer.
//! (With a separate thread for each operation, a call that reads two files took four times as long.) If the thread does not
//! finish in time, the call is abandoned: its output so far and its host functions are taken away from it, so that it has no
//! further effect, and the thread ends when its operation does. Sockets are denied; clocks and randomness come from the grant.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rand_core::Rng as _;
use tokio::io::{AsyncRead, AsyncWrite};
use wasmtime::Store;
use wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
use wasmtime_wasi::filesystem::WasiFilesystemCtx;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::access_log::FIRST;
use super::call_thread;
use super::cancel::Cancellation;
use super::guest::{GuestClock, GuestWorld};
use super::host_calls::{HasHostCalls, HostCalls};
use super::limits::{MemoryLimiter, Peak};
use super::stdio::Stdio;
use super::stop::Stop;
use super::supplied::Supplied;
use super::ticker::Running;
use super::wasi_http::Requests;

/// Maximum number of bytes that one host call may copy out of the guest.
const HOSTCALL_FUEL: usize = 32 * 1024 * 1024;
/// Maximum number of open files, streams and pollables of one call.
const MOST_HANDLES: usize = 1024;
/// Maximum number of random bytes that one host call may request.
const MOST_RANDOM: u64 = 1024 * 1024;
/// Maximum number of bytes that a stream transfers at once.
const STREAM_CHUNK: usize = 64 * 1024;
/// The time that a call has to end after its timeout or cancellation. It ends immediately unless a file operation blocks it.
const GRACE: Duration = Duration::from_millis(250);

/// The state of one call.
pub(crate) struct WasiState {
    pub(crate) wasi: WasiP1Ctx,
    pub(crate) limiter: MemoryLimiter,
    pub(crate) clock: GuestClock,
    kept: Kept,
    /// Keeps the epoch advancing while the call runs.
    pub(crate) running: Running,
    /// The number of each directory that a component was given, and the descriptor that stands for it in the access log.
    places: BTreeMap<u32, i32>,
    http: WasiHttpCtx,
    requests: Requests,
}

/// The parts of a call that remain available even if its thread never finishes.
#[derive(Clone)]
pub(crate) struct Kept {
    stdio: SharedStdio,
    host_calls: Arc<Mutex<HostCalls>>,
    peak: Peak,
}

impl Kept {
    /// Takes the streams, the host calls and the peak memory use.
    ///
    /// A call that is still running can read and write nothing from now on, and its host functions are denied.
    pub(crate) fn take(&self) -> (Stdio, HostCalls, Peak) {
        let stdio = std::mem::replace(&mut *self.stdio.lock(), Stdio::empty());
        let host_calls = std::mem::take(&mut *self.host_calls());
        (stdio, host_calls, self.peak.clone())
    }

    fn host_calls(&self) -> MutexGuard<'_, HostCalls> {
        self.host_calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WasiState {
    pub(crate) fn new(
        stdio: Stdio,
        limiter: MemoryLimiter,
        running: Running,
        world: &GuestWorld,
        files: WasiFilesystemCtx,
        host_calls: HostCalls,
    ) -> Self {
        let stdio = SharedStdio(Arc::new(Mutex::new(stdio)));
        let kept = Kept { stdio: stdio.clone(), host_calls: Arc::new(Mutex::new(host_calls)), peak: limiter.peak() };
        let mut builder = WasiCtxBuilder::new();
        builder
            .arg(&world.program)
            .envs(&world.env)
            .stdin(Input(stdio.clone()))
            .stdout(Output(stdio.clone()))
            .stderr(Log(stdio))
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(MOST_RANDOM)
            .wall_clock(world.clock.clone())
            .monotonic_clock(world.clock.clone());
        if let Some(source) = &world.random_source {
            let mut seed = Supplied(Arc::clone(source));
            builder.insecure_random_seed(u128::from(seed.next_u64()) << 64 | u128::from(seed.next_u64()));
            builder.secure_random(Supplied(Arc::clone(source))).insecure_random(seed);
        } else if let Some(bytes) = world.seeded_bytes() {
            // `Deterministic` consumes four bytes for each byte that it returns, and returns the last. Repeating each byte four
            // times makes it return the stream unchanged.
            let bytes: Vec<u8> = bytes.into_iter().flat_map(|byte| [byte; 4]).collect();
            builder.secure_random(Deterministic::new(bytes.clone()));
            builder.insecure_random(Deterministic::new(bytes)).insecure_random_seed(0);
        }
        let mut wasi = builder.build_p1();
        let view = wasi.ctx();
        view.table.set_max_capacity(MOST_HANDLES);
        *view.ctx.filesystem() = files;
        let requests = Requests::new(Arc::clone(&kept.host_calls));
        let (clock, http) = (world.clock.clone(), WasiHttpCtx::new());
        Self { wasi, limiter, clock, kept, running, places: BTreeMap::new(), http, requests }
    }

    /// Returns the parts of the call that remain available after it ended.
    pub(crate) fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Records the directories that a component receives, in the order of the descriptors of a module.
    pub(super) fn set_places(&mut self, numbers: impl IntoIterator<Item = u32>) {
        self.places.extend(numbers.into_iter().zip(FIRST..));
    }

    /// Records that a number is now that of something which the component has opened itself.
    pub(super) fn forget_place(&mut self, number: u32) {
        self.places.remove(&number);
    }

    /// Returns the descriptor that stands for a component's directory in the access log; an unknown one for what it has opened.
    pub(super) fn place_of(&self, number: u32) -> i32 {
        self.places.get(&number).copied().unwrap_or(i32::MAX)
    }

    /// Writes `bytes` to stdout or stderr.
    pub(super) fn write(&self, is_output: bool, bytes: &[u8]) -> Result<(), Stop> {
        let mut stdio = self.kept.stdio.lock();
        if is_output {
            return stdio.write_output(bytes).map_err(|_| Stop::Output);
        }
        stdio.write_log(bytes);
        Ok(())
    }
}

impl WasiView for WasiState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.ctx()
    }
}

impl WasiHttpView for WasiState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.requests, table: self.wasi.ctx().table, ctx: &mut self.http }
    }
}

impl HasHostCalls for WasiState {
    type Calls<'a> = MutexGuard<'a, HostCalls>;

    fn host_calls(&mut self) -> Self::Calls<'_> {
        self.kept.host_calls()
    }
}

/// Sets the limits of `wasmtime-wasi`, whose defaults are meant for trusted guests.
pub(crate) fn limit(store: &mut Store<WasiState>) {
    store.set_hostcall_fuel(HOSTCALL_FUEL);
    store.set_max_component_handles(MOST_HANDLES);
    store.limiter(|state| &mut state.limiter);
}

/// Runs `call` for at most `timeout` and until it is cancelled, on its own thread if it `may_block`. A panic on that thread
/// is resumed on the calling thread.
///
/// # Errors
/// Returns [`Stop::Timeout`] if the timeout expired, [`Stop::Cancelled`] if the call was cancelled, and an error if no
/// thread can be started.
pub(crate) fn run<T: Send + 'static>(
    timeout: Duration,
    cancellation: &Cancellation,
    may_block: bool,
    call: impl Future<Output = wasmtime::Result<T>> + Send + 'static,
) -> wasmtime::Result<T> {
    let run = {
        let cancellation = cancellation.clone();
        move || {
            let timed = async move { tokio::time::timeout(timeout, cancellation.or_done(call)).await };
            match wasmtime_wasi::runtime::in_tokio(timed) {
                Ok(Some(result)) => result,
                Ok(None) => Err(Stop::Cancelled.into()),
                Err(_) => Err(Stop::Timeout.into()),
            }
        }
    };
    // A thread that drives other tasks must not block, and its runtime may have no timer.
    let is_async = tokio::runtime::Handle::try_current().is_ok();
    if !may_block && !is_async {
        return run();
    }
    call_thread::run(timeout.saturating_add(GRACE), cancellation, GRACE, run)?
        .unwrap_or_else(|| Err(if cancellation.is_requested() { Stop::Cancelled } else { Stop::Timeout }.into()))
}

impl HostWallClock for GuestClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }
    fn now(&self) -> Duration {
        self.wall()
    }
}

impl HostMonotonicClock for GuestClock {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        u64::try_from(self.monotonic().as_nanos()).unwrap_or(u64::MAX)
    }
}

#[derive(Clone)]
struct SharedStdio(Arc<Mutex<Stdio>>);

impl SharedStdio {
    fn lock(&self) -> MutexGuard<'_, Stdio> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone)]
struct Input(SharedStdio);
#[derive(Clone)]
struct Output(SharedStdio);
#[derive(Clone)]
struct Log(SharedStdio);

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let mut stdio = self.0.lock();
        let bytes = stdio.read(size.min(STREAM_CHUNK));
        if bytes.is_empty() && size > 0 { Err(StreamError::Closed) } else { Ok(Bytes::copy_from_slice(bytes)) }
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.lock().write_output(&bytes).map_err(|_| StreamError::Trap(Stop::Output.into()))
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(STREAM_CHUNK)
    }
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.lock().write_log(&bytes);
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(STREAM_CHUNK)
    }
}

macro_rules! always_ready {
    ($($stream:ty),*) => {$(
        #[wasmtime_wasi::async_trait]
        impl Pollable for $stream {
            async fn ready(&mut self) {}
        }
        impl IsTerminal for $stream {
            fn is_terminal(&self) -> bool {
                false
            }
        }
    )*};
}
always_ready!(Input, Output, Log);

impl StdinStream for Input {
    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
    // Only preview 3 uses it, which is not linked.
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        ClosedInputStream.async_stream()
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        ClosedOutputStream.async_stream()
    }
}

impl StdoutStream for Log {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        ClosedOutputStream.async_stream()
    }
}
