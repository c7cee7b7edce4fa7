//! Failure codes that the host functions of `mpp_v1` return.

/// A failure code that a host function returns. `mpp.h` lists the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// The requested item does not exist.
    NotFound = -1,
    /// The manifest does not declare it, or the host did not grant it.
    Denied = -2,
    /// An argument is invalid.
    Invalid = -3,
    /// The quota is used up.
    Full = -4,
    /// The request or the reply is larger than allowed.
    TooLarge = -5,
    /// A concurrent call changed the same state; the whole call may succeed if it is repeated.
    Conflict = -6,
    /// The peer did not answer in time.
    Timeout = -7,
    /// The peer could not be reached, or the connection was lost.
    Connection = -8,
    /// The service cannot be used at all, for example because its storage is damaged or the disk is full.
    Unavailable = -9,
}

impl Status {
    /// Returns the status for a negative return value; an unknown one is [`Unavailable`](Self::Unavailable).
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        match code {
            -1 => Self::NotFound,
            -2 => Self::Denied,
            -3 => Self::Invalid,
            -4 => Self::Full,
            -5 => Self::TooLarge,
            -6 => Self::Conflict,
            -7 => Self::Timeout,
            -8 => Self::Connection,
            // A later host may add codes; each of them is at least a failure.
            _ => Self::Unavailable,
        }
    }
}
