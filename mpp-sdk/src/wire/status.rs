//! What the host functions of `mpp_v1` answer instead of what they were asked for.

/// What a host function answers instead of what it was asked for. `mpp.h` has the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// There is no such thing.
    NotFound = -1,
    /// Not declared in the manifest, or not granted.
    Denied = -2,
    /// What was given makes no sense.
    Invalid = -3,
    /// The quota is used up.
    Full = -4,
    /// What was given, or what came back, is larger than allowed.
    TooLarge = -5,
    /// Somebody else changed the same thing; the whole call may succeed when it is made again.
    Conflict = -6,
    /// It did not answer in time.
    Timeout = -7,
    /// It could not be reached, or broke off.
    Connection = -8,
    /// It cannot be used at all: damaged, full disk.
    Unavailable = -9,
}

impl Status {
    /// The status that a negative number stands for.
    #[must_use]
    pub fn of(number: i32) -> Self {
        match number {
            -1 => Self::NotFound,
            -2 => Self::Denied,
            -3 => Self::Invalid,
            -4 => Self::Full,
            -5 => Self::TooLarge,
            -6 => Self::Conflict,
            -7 => Self::Timeout,
            -8 => Self::Connection,
            // A number that a later host may add says at least that it did not work.
            _ => Self::Unavailable,
        }
    }
}
