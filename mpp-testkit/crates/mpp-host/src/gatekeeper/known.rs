//! Modules whose code was gone through before.

use std::fmt;

/// Remembers the modules whose code was found valid, so that the same bytes are gone through once.
///
/// Step 7 goes through every instruction of a module: most of the time that the seven steps take. Whether it finds them
/// valid follows from the bytes, which step 6 holds to their SHA-256, and from the rules; a `name` holds both, in letters,
/// digits, `-` and `.`. All else of the step, limits, imports and exports, is checked each time.
///
/// Whoever can make this say yes can bring code to the compiler that the Gatekeeper would refuse. What is not valid at all
/// does not compile; what is valid under wider rules than the Gatekeeper's may. So keep it where only this user writes.
pub trait KnownModules: fmt::Debug + Send + Sync {
    /// Whether the code of that name was found valid before.
    fn is_known(&self, name: &str) -> bool;

    /// Notes that it was found valid now. What cannot be noted is gone through again the next time.
    fn remember(&self, name: &str);
}
