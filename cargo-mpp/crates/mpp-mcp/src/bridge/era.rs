//! The two eras of the protocol, which differ in the shape of results.

/// The era of one request: which shape its result must have.
///
/// The era belongs to each request, not to a connection or a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Era {
    /// Protocol versions up to 2025-11-25, which open a session with `initialize`.
    Legacy,
    /// Protocol version 2026-07-28, whose requests carry their version and the client's capabilities.
    Modern,
}

impl Era {
    /// First protocol version without `initialize`.
    pub const MODERN_VERSION: &'static str = "2026-07-28";

    /// Returns the era of a protocol version, which is an ISO date.
    #[must_use]
    pub fn of_version(version: &str) -> Self {
        if version >= Self::MODERN_VERSION { Self::Modern } else { Self::Legacy }
    }
}
