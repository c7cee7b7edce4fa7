//! The random bytes that a front end supplies, as a generator of `wasmtime-wasi`.

use std::convert::Infallible;
use std::sync::Arc;

use rand_core::TryRng;

use super::observe::RandomSource;

/// A generator that takes its bytes from a source.
///
/// A generator cannot fail: like the one of the operating system in `wasmtime-wasi`, it panics if there are no bytes.
#[derive(Debug)]
pub(super) struct Supplied(pub(super) Arc<dyn RandomSource>);

impl Supplied {
    fn take<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    #[expect(clippy::panic, reason = "a generator of the sandbox cannot fail; the sandbox's own ones panic here, too")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = self.0.fill(bytes) {
            std::panic::panic_any(format!("there are no random bytes: {error}"));
        }
    }
}

impl TryRng for Supplied {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}
