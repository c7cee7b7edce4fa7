//! What the functions of the state accept; the quota is the manifest's.

/// Bytes of the longest key.
pub const LONGEST_KEY: usize = 1024;
/// Bytes of the longest value.
pub const LONGEST_VALUE: usize = 16 * 1024 * 1024;
/// Keys that one page of a list has at most.
pub const LONGEST_PAGE: usize = 1000;
