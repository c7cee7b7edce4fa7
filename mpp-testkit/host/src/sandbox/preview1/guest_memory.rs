//! Reading and writing a guest's memory by its 32-bit pointers; a pointer outside ends the call.

use crate::sandbox::stop::Stop;

/// A guest's linear memory, and the function that it was given to.
pub(super) struct GuestMemory<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) function: &'static str,
}

impl GuestMemory<'_> {
    pub(super) fn slice(&self, at: i32, length: usize) -> Result<&[u8], Stop> {
        let at = at.cast_unsigned() as usize;
        at.checked_add(length).and_then(|end| self.bytes.get(at..end)).ok_or(Stop::Pointer(self.function))
    }

    pub(super) fn slice_mut(&mut self, at: i32, length: usize) -> Result<&mut [u8], Stop> {
        let at = at.cast_unsigned() as usize;
        at.checked_add(length).and_then(|end| self.bytes.get_mut(at..end)).ok_or(Stop::Pointer(self.function))
    }

    pub(super) fn put(&mut self, at: i32, bytes: &[u8]) -> Result<(), Stop> {
        self.slice_mut(at, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    pub(super) fn put_u32(&mut self, at: i32, number: u32) -> Result<(), Stop> {
        self.put(at, &number.to_le_bytes())
    }

    pub(super) fn put_u64(&mut self, at: i32, number: u64) -> Result<(), Stop> {
        self.put(at, &number.to_le_bytes())
    }

    pub(super) fn u32(&self, at: i32) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// `N` bytes at `at`.
    pub(super) fn array<const N: usize>(&self, at: i32) -> Result<[u8; N], Stop> {
        let bytes = self.slice(at, N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| Stop::Pointer(self.function))
    }
}
