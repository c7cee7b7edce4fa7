//! Reads and writes a guest's memory through 32-bit pointers. A pointer outside the memory ends the call.

use super::stop::Stop;

/// A guest's linear memory, and the name of the host function that accesses it.
pub(crate) struct GuestMemory<'a> {
    pub(crate) bytes: &'a mut [u8],
    pub(crate) function: &'static str,
}

impl GuestMemory<'_> {
    pub(crate) fn slice(&self, at: i32, length: usize) -> Result<&[u8], Stop> {
        let at = at.cast_unsigned() as usize;
        at.checked_add(length).and_then(|end| self.bytes.get(at..end)).ok_or(Stop::Pointer(self.function))
    }

    pub(crate) fn slice_mut(&mut self, at: i32, length: usize) -> Result<&mut [u8], Stop> {
        let at = at.cast_unsigned() as usize;
        at.checked_add(length).and_then(|end| self.bytes.get_mut(at..end)).ok_or(Stop::Pointer(self.function))
    }

    pub(crate) fn put(&mut self, at: i32, bytes: &[u8]) -> Result<(), Stop> {
        self.slice_mut(at, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn put_u32(&mut self, at: i32, number: u32) -> Result<(), Stop> {
        self.put(at, &number.to_le_bytes())
    }

    pub(crate) fn put_u64(&mut self, at: i32, number: u64) -> Result<(), Stop> {
        self.put(at, &number.to_le_bytes())
    }

    pub(crate) fn u32(&self, at: i32) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// Returns the `N` bytes at `at`.
    pub(crate) fn array<const N: usize>(&self, at: i32) -> Result<[u8; N], Stop> {
        let bytes = self.slice(at, N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| Stop::Pointer(self.function))
    }
}
