//! WASI preview 1 for tools without files: three streams, variables, clocks, randomness, and sleeps that end with the call.
//!
//! Most tools declare no files or directories. For them this module implements all of `wasi_snapshot_preview1`, without a
//! descriptor table, an async runtime, or heap allocations other than the output. Every function of preview 1 links; the
//! functions for files find none, and record which path was denied. The specification is `witx/p1/wasi_snapshot_preview1.witx` of WASI.

pub(super) mod clock;
mod missing;
mod streams;

use std::sync::Arc;

use wasmtime::{Caller, Extern, Linker, Memory};

use super::guest::{GuestWorld, RandomBytes};
use super::guest_memory::GuestMemory;
use super::host_calls::{HasHostCalls, HostCalls};
use super::limits::MemoryLimiter;
use super::stdio::Stdio;
use super::stop::Stop;
use super::ticker::Running;

/// Name of the import module.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

/// Descriptor of the root directory. Nothing in it exists: through it, the host sees the paths that the tool is denied.
const ROOT: usize = 3;

/// The error numbers of preview 1 that are used here.
pub(super) mod errno {
    pub(in crate::sandbox) const SUCCESS: i32 = 0;
    pub(in crate::sandbox) const ACCES: i32 = 2;
    pub(super) const BADF: i32 = 8;
    pub(super) const INVAL: i32 = 28;
    pub(in crate::sandbox) const IO: i32 = 29;
    pub(super) const NAMETOOLONG: i32 = 37;
    pub(super) const NOTSOCK: i32 = 57;
    pub(super) const NOTSUP: i32 = 58;
    pub(in crate::sandbox) const PERM: i32 = 63;
    pub(in crate::sandbox) const ROFS: i32 = 69;
    pub(super) const SPIPE: i32 = 70;
    pub(in crate::sandbox) const NOTCAPABLE: i32 = 76;
}

/// The state of one call.
pub(crate) struct StdioState {
    pub(crate) stdio: Stdio,
    pub(crate) limiter: MemoryLimiter,
    pub(crate) running: Running,
    pub(crate) host_calls: HostCalls,
    world: Arc<GuestWorld>,
    random: RandomBytes,
    memory: Option<Memory>,
    closed: [bool; 4],
}

impl StdioState {
    pub(crate) fn new(
        stdio: Stdio,
        limiter: MemoryLimiter,
        running: Running,
        world: Arc<GuestWorld>,
        host_calls: HostCalls,
    ) -> Self {
        let random = RandomBytes::new(&world);
        Self { stdio, limiter, running, host_calls, world, random, memory: None, closed: [false; 4] }
    }

    /// Returns the index of the stream that `fd` refers to, if it is open.
    fn stream(&self, fd: i32) -> Option<usize> {
        usize::try_from(fd).ok().filter(|fd| *fd < ROOT && !self.closed[*fd])
    }

    /// Returns whether `fd` is the open descriptor of the root directory.
    fn is_root(&self, fd: i32) -> bool {
        usize::try_from(fd) == Ok(ROOT) && !self.closed[ROOT]
    }
}

impl HasHostCalls for StdioState {
    type Calls<'a> = &'a mut HostCalls;

    fn host_calls(&mut self) -> &mut HostCalls {
        &mut self.host_calls
    }
}

type Guest<'a> = Caller<'a, StdioState>;

/// Defines every function of preview 1.
pub(crate) fn add_to_linker(linker: &mut Linker<StdioState>) -> wasmtime::Result<()> {
    streams::add_to_linker(linker)?;
    clock::add_to_linker(linker)?;
    missing::add_to_linker(linker)?;
    linker.func_wrap(
        MODULE,
        "args_sizes_get",
        |mut guest: Guest<'_>, count: i32, size: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "args_sizes_get")?;
            memory.put_u32(count, 1)?;
            memory.put_u32(size, to_u32(state.world.program.len() + 1))?;
            Ok(errno::SUCCESS)
        },
    )?;
    linker.func_wrap(MODULE, "args_get", |mut guest: Guest<'_>, list: i32, text: i32| -> wasmtime::Result<i32> {
        let (mut memory, state) = view(&mut guest, "args_get")?;
        memory.put_u32(list, text.cast_unsigned())?;
        memory.put(text, state.world.program.as_bytes())?;
        memory.put(offset(text, state.world.program.len()), &[0])?;
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(
        MODULE,
        "environ_sizes_get",
        |mut guest: Guest<'_>, count: i32, size: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "environ_sizes_get")?;
            let bytes: usize = state.world.env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
            memory.put_u32(count, to_u32(state.world.env.len()))?;
            memory.put_u32(size, to_u32(bytes))?;
            Ok(errno::SUCCESS)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "environ_get",
        |mut guest: Guest<'_>, mut list: i32, mut text: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "environ_get")?;
            state.host_calls.accesses.variables = true;
            for (name, value) in &state.world.env {
                memory.put_u32(list, text.cast_unsigned())?;
                list = offset(list, 4);
                for part in [name.as_bytes(), b"=", value.as_bytes(), b"\0"] {
                    memory.put(text, part)?;
                    text = offset(text, part.len());
                }
            }
            Ok(errno::SUCCESS)
        },
    )?;
    linker.func_wrap(MODULE, "random_get", |mut guest: Guest<'_>, at: i32, length: i32| -> wasmtime::Result<i32> {
        let (mut memory, state) = view(&mut guest, "random_get")?;
        for chunk in memory.slice_mut(at, length.cast_unsigned() as usize)?.chunks_mut(64 * 1024) {
            state.running.check()?;
            state.random.fill(chunk)?;
        }
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(MODULE, "proc_exit", |_: Guest<'_>, code: i32| -> wasmtime::Result<()> {
        Err(Stop::Exit(code.cast_unsigned()).into())
    })?;
    linker.func_wrap(MODULE, "sched_yield", |_: Guest<'_>| errno::SUCCESS)?;
    Ok(())
}

/// Returns the guest's memory and the call's state.
fn view<'a>(
    guest: &'a mut Guest<'_>,
    function: &'static str,
) -> wasmtime::Result<(GuestMemory<'a>, &'a mut StdioState)> {
    let memory = match guest.data().memory {
        Some(memory) => memory,
        None => {
            let memory = guest.get_export("memory").and_then(Extern::into_memory).ok_or(Stop::NoMemory)?;
            guest.data_mut().memory = Some(memory);
            memory
        }
    };
    let (bytes, state) = memory.data_and_store_mut(guest);
    Ok((GuestMemory { bytes, function }, state))
}

/// Returns `at + by`, which wraps at 4 GiB: the next access then fails or lands in the tool's own memory.
fn offset(at: i32, by: usize) -> i32 {
    at.cast_unsigned().wrapping_add(to_u32(by)).cast_signed()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
