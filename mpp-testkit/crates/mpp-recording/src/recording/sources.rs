//! Clocks and random bytes: noted while a call is recorded, and handed out again when it is repeated.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mpp_host::clock::Clock;
use mpp_host::sandbox::{RandomSource, SystemRandom};
use serde::{Deserialize, Serialize};

/// Maximum number of readings of each clock in a recording.
const MOST_READINGS: usize = 1_000_000;
/// Maximum number of random bytes in a recording.
const MOST_RANDOM: usize = 16 * 1024 * 1024;
/// How far a clock moves with each reading that is not in the recording, so that a tool that waits for it gets there.
const STEP: Duration = Duration::from_millis(1);

/// The times that a tool read, in nanoseconds. In each list the first number is the reading, and each further one the difference to
/// the reading before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordedTimes {
    /// When the call started, since 1970.
    pub start_ns: i64,
    /// Readings of the wall clock, since 1970.
    pub wall_ns: Vec<i64>,
    /// Readings of the monotonic clock, since an arbitrary moment.
    pub monotonic_ns: Vec<i64>,
}

/// What a call was given while it was recorded.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) wall: Vec<i64>,
    pub(super) monotonic: Vec<i64>,
    pub(super) random: Vec<u8>,
    pub(super) times_overflow: bool,
    pub(super) random_overflow: bool,
}

/// Notes what a clock shows and what the operating system's random bytes are.
#[derive(Debug)]
pub(super) struct NotingSource {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) noted: Arc<Mutex<Noted>>,
}

impl Clock for NotingSource {
    fn now(&self) -> SystemTime {
        let now = self.clock.now();
        let mut noted = lock(&self.noted);
        let is_full = !push(&mut noted.wall, since_1970(now));
        noted.times_overflow |= is_full;
        now
    }

    fn monotonic(&self) -> Duration {
        let now = self.clock.monotonic();
        let mut noted = lock(&self.noted);
        let is_full = !push(&mut noted.monotonic, nanoseconds(now));
        noted.times_overflow |= is_full;
        now
    }
}

impl RandomSource for NotingSource {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        SystemRandom::new().fill(bytes)?;
        let mut noted = lock(&self.noted);
        if noted.random.len() + bytes.len() > MOST_RANDOM {
            noted.random_overflow = true;
        } else if !noted.random_overflow {
            noted.random.extend_from_slice(bytes);
        }
        Ok(())
    }
}

fn push(readings: &mut Vec<i64>, reading: i64) -> bool {
    let fits = readings.len() < MOST_READINGS;
    if fits {
        readings.push(reading);
    }
    fits
}

/// Hands out what was noted.
#[derive(Debug)]
pub(super) struct Repeating {
    start: i64,
    wall: Vec<i64>,
    monotonic: Vec<i64>,
    random: Vec<u8>,
    used: Mutex<Used>,
}

/// How much was handed out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    wall: usize,
    monotonic: usize,
    random: usize,
}

impl Repeating {
    pub(super) fn new(times: &RecordedTimes, random: Vec<u8>) -> Self {
        Self {
            start: times.start_ns,
            wall: readings(&times.wall_ns),
            monotonic: readings(&times.monotonic_ns),
            random,
            used: Mutex::default(),
        }
    }

    /// Begins again.
    pub(super) fn rewind(&self) {
        *lock(&self.used) = Used::default();
    }

    /// Returns how many readings of the clocks were recorded and how many were made.
    pub(super) fn times(&self) -> (usize, usize) {
        let used = lock(&self.used);
        (self.wall.len() + self.monotonic.len(), used.wall + used.monotonic)
    }

    /// Returns how many random bytes were recorded and how many were used.
    pub(super) fn random_bytes(&self) -> (usize, usize) {
        (self.random.len(), lock(&self.used).random)
    }
}

impl Clock for Repeating {
    fn now(&self) -> SystemTime {
        let mut used = lock(&self.used);
        let reading = reading(&self.wall, used.wall, self.start);
        used.wall += 1;
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(reading).unwrap_or_default())
    }

    fn monotonic(&self) -> Duration {
        let mut used = lock(&self.used);
        let reading = reading(&self.monotonic, used.monotonic, 0);
        used.monotonic += 1;
        Duration::from_nanos(u64::try_from(reading).unwrap_or_default())
    }
}

impl RandomSource for Repeating {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        let mut used = lock(&self.used);
        for byte in bytes {
            *byte = self.random.get(used.random).copied().unwrap_or_else(|| made_up(used.random));
            used.random += 1;
        }
        Ok(())
    }
}

/// Returns a reading. Beyond the recorded ones, the clock moves by a step with each.
fn reading(recorded: &[i64], index: usize, start: i64) -> i64 {
    if let Some(reading) = recorded.get(index) {
        return *reading;
    }
    let beyond = i64::try_from(index - recorded.len()).unwrap_or(i64::MAX).saturating_add(1);
    let last = recorded.last().copied().unwrap_or(start);
    last.saturating_add(nanoseconds(STEP).saturating_mul(beyond))
}

/// Returns a byte for a place beyond the recorded ones: always the same for this place.
fn made_up(index: usize) -> u8 {
    // The finalizer of SplitMix64.
    let mut bits = (index as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) as u8
}

/// Returns readings as the differences between them.
pub(super) fn differences(readings: &[i64]) -> Vec<i64> {
    let mut last = 0;
    readings.iter().map(|reading| reading.wrapping_sub(std::mem::replace(&mut last, *reading))).collect()
}

fn readings(differences: &[i64]) -> Vec<i64> {
    let mut last = 0_i64;
    let sum = |difference: &i64| {
        last = last.wrapping_add(*difference);
        last
    };
    differences.iter().map(sum).collect()
}

pub(super) fn since_1970(time: SystemTime) -> i64 {
    nanoseconds(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{RandomSource as _, RecordedTimes, Repeating, differences};
    use mpp_host::clock::Clock as _;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn hands_out_what_was_noted_and_goes_on_afterwards() {
        let times = RecordedTimes { start_ns: 5_000_000, wall_ns: differences(&[7, 9, 8]), monotonic_ns: Vec::new() };
        let source = Repeating::new(&times, vec![1, 2]);
        let wall = |_| source.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        assert_eq!([0; 5].map(wall), [7, 9, 8, 1_000_008, 2_000_008]);
        assert_eq!(source.monotonic(), Duration::from_millis(1));
        let mut bytes = [0; 4];
        assert!(source.fill(&mut bytes).is_ok());
        assert_eq!(bytes[..2], [1, 2]);
        assert_eq!((source.times(), source.random_bytes()), ((3, 6), (2, 4)));
        source.rewind();
        let mut again = [0; 4];
        assert!(source.fill(&mut again).is_ok());
        assert_eq!((wall(0), again), (7, bytes));
    }
}
