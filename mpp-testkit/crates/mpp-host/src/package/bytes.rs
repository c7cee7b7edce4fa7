//! Package bytes as received, before any verification.

use std::sync::Arc;

/// The bytes of a `.mpp` file. Cloning shares them.
#[derive(Clone, PartialEq, Eq)]
pub struct PackageBytes(Arc<Vec<u8>>);

impl PackageBytes {
    /// Returns the bytes as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for PackageBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl From<&[u8]> for PackageBytes {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl AsRef<[u8]> for PackageBytes {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl std::fmt::Debug for PackageBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackageBytes({} bytes)", self.0.len())
    }
}

/// A package that has not been verified. Its only use is to pass it to the
/// [`Gatekeeper`](crate::gatekeeper::Gatekeeper).
#[derive(Debug, Clone)]
pub struct UnverifiedPackage(PackageBytes);

impl UnverifiedPackage {
    /// Creates an unverified package from bytes of any origin.
    pub fn new(bytes: impl Into<PackageBytes>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}
