//! The interface of a store that remembers modules with validated code.

use std::fmt;

/// Remembers the modules whose function bodies have been validated, so that the same bytes are validated only once.
///
/// Step 7 validates every instruction of a module, which takes most of the time of a verification. The result depends
/// only on the bytes, whose SHA-256 digest step 6 has verified, and on the validation rules. A `name` identifies both;
/// it consists of letters, digits, `-` and `.`. Everything else in step 7 (limits, imports and exports) is checked on
/// each verification.
///
/// An attacker who controls the answers of [`Self::is_known`] can pass code to the compiler that the Gatekeeper would
/// refuse. Invalid code does not compile, but code that is only valid under wider rules than the Gatekeeper's may.
/// Therefore, store the names where only the current user can write.
pub trait KnownModules: fmt::Debug + Send + Sync {
    /// Returns whether the code with this name was found valid before.
    fn is_known(&self, name: &str) -> bool;

    /// Records that the code with this name is valid. Code that cannot be recorded is validated again the next time.
    fn remember(&self, name: &str);
}
