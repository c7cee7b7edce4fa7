//! The limits of the state's functions. The quota is not among them: the manifest declares it.

/// Maximum length of a key, in bytes.
pub const LONGEST_KEY: usize = 1024;
/// Maximum length of a value, in bytes.
pub const LONGEST_VALUE: usize = 16 * 1024 * 1024;
/// Maximum number of keys in one page of a list.
pub const LONGEST_PAGE: usize = 1000;
