//! Clocks, and `poll_oneoff`, which is the only function that waits and whose sleeps end with the call.

use std::time::Duration;

use wasmtime::Linker;

use super::{Guest, MODULE, StdioState, errno, offset, to_u32, view};
use crate::sandbox::guest::GuestClock;
use crate::sandbox::guest_memory::GuestMemory;
use crate::sandbox::stop::Stop;

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;
/// Maximum number of subscriptions. There are only three streams and two clocks, so no program needs more.
const MOST_SUBSCRIPTIONS: u32 = 1024;
const SUBSCRIPTION_SIZE: usize = 48;
const EVENT_SIZE: usize = 32;
const EVENT_CLOCK: u8 = 0;
const FLAG_ABSOLUTE: u16 = 1;

pub(super) fn add_to_linker(linker: &mut Linker<StdioState>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "clock_res_get", |mut guest: Guest<'_>, id: i32, at: i32| -> wasmtime::Result<i32> {
        let (mut memory, _) = view(&mut guest, "clock_res_get")?;
        if ![REALTIME, MONOTONIC].contains(&id) {
            return Ok(errno::INVAL);
        }
        memory.put_u64(at, 1)?;
        Ok(errno::SUCCESS)
    })?;
    linker.func_wrap(
        MODULE,
        "clock_time_get",
        |mut guest: Guest<'_>, id: i32, _precision: i64, at: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "clock_time_get")?;
            let Some(now) = read(&state.world.clock, id) else { return Ok(errno::INVAL) };
            memory.put_u64(at, u64::try_from(now.as_nanos()).unwrap_or(u64::MAX))?;
            Ok(errno::SUCCESS)
        },
    )?;
    linker.func_wrap(
        MODULE,
        "poll_oneoff",
        |mut guest: Guest<'_>, list: i32, events: i32, count: i32, ready: i32| -> wasmtime::Result<i32> {
            let (mut memory, state) = view(&mut guest, "poll_oneoff")?;
            let count = count.cast_unsigned();
            if count == 0 || count > MOST_SUBSCRIPTIONS {
                return Ok(errno::INVAL);
            }
            let mut waits = Vec::with_capacity(count as usize);
            for index in 0..count as usize {
                let is_open = |stream| state.stream(stream).is_some();
                waits.push(Wait::read(&memory, offset(list, index * SUBSCRIPTION_SIZE), &state.world.clock, is_open)?);
            }
            let shortest = waits.iter().map(|wait| wait.time).min().unwrap_or_default();
            if !shortest.is_zero() {
                state.running.sleep(shortest)?;
            }
            let mut happened = 0;
            for wait in waits.iter().filter(|wait| wait.time == shortest) {
                wait.write(&mut memory, offset(events, happened * EVENT_SIZE))?;
                happened += 1;
            }
            memory.put_u32(ready, to_u32(happened))?;
            Ok(errno::SUCCESS)
        },
    )?;
    Ok(())
}

fn read(clock: &GuestClock, id: i32) -> Option<Duration> {
    match id {
        REALTIME => Some(clock.wall()),
        MONOTONIC => Some(clock.monotonic()),
        _ => None,
    }
}

/// One subscription: the event that it waits for, and the time until then.
pub(in crate::sandbox) struct Wait {
    user_data: u64,
    kind: u8,
    error: u16,
    time: Duration,
}

impl Wait {
    /// Reads the subscription at `at`. `is_open` returns whether a stream is open; an open stream is always ready.
    pub(in crate::sandbox) fn read(
        memory: &GuestMemory<'_>,
        at: i32,
        clock: &GuestClock,
        is_open: impl FnOnce(i32) -> bool,
    ) -> Result<Self, Stop> {
        let user_data = u64::from_le_bytes(memory.array(at)?);
        let [kind] = memory.array(offset(at, 8))?;
        let id = memory.u32(offset(at, 16))?.cast_signed();
        let (error, time) = if kind == EVENT_CLOCK {
            let timeout = Duration::from_nanos(u64::from_le_bytes(memory.array(offset(at, 24))?));
            let flags = u16::from_le_bytes(memory.array(offset(at, 40))?);
            match read(clock, id) {
                Some(now) if flags & FLAG_ABSOLUTE != 0 => (errno::SUCCESS, timeout.saturating_sub(now)),
                Some(_) => (errno::SUCCESS, timeout),
                None => (errno::INVAL, Duration::ZERO),
            }
        } else if is_open(id) {
            (errno::SUCCESS, Duration::ZERO)
        } else {
            (errno::BADF, Duration::ZERO)
        };
        Ok(Self { user_data, kind, error: error as u16, time })
    }

    /// Returns the time for which it waits, if it waits for a clock.
    pub(in crate::sandbox) fn sleeps(&self) -> Option<Duration> {
        (self.kind == EVENT_CLOCK && self.error == errno::SUCCESS as u16).then_some(self.time)
    }

    /// Writes the event of this subscription to `at`.
    pub(in crate::sandbox) fn write(&self, memory: &mut GuestMemory<'_>, at: i32) -> Result<(), Stop> {
        memory.put(at, &[0; EVENT_SIZE])?;
        memory.put_u64(at, self.user_data)?;
        memory.put(offset(at, 8), &self.error.to_le_bytes())?;
        memory.put(offset(at, 10), &[self.kind])?;
        if self.kind != EVENT_CLOCK {
            memory.put_u64(offset(at, 16), 1)?;
        }
        Ok(())
    }
}
