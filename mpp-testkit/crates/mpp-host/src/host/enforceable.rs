//! Remembers packages whose schemas can be enforced.
//!
//! The content hash covers the schemas, so schemas that passed once under a hash need no second check.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::package::ContentHash;

/// Maximum number of packages that are remembered, at 32 bytes each.
const MOST: usize = 4096;

/// The content hashes of packages whose schemas passed the check.
#[derive(Debug, Default)]
pub(super) struct Enforceable(Mutex<HashSet<ContentHash>>);

impl Enforceable {
    /// Runs `check`, unless it has already passed for this package.
    pub(super) fn check<E>(&self, package: &ContentHash, check: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let passed = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if passed().contains(package) {
            return Ok(());
        }
        check()?;
        let mut passed = passed();
        if passed.len() >= MOST {
            passed.clear();
        }
        passed.insert(*package);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Enforceable, MOST};
    use crate::package::ContentHash;

    fn package(number: usize) -> ContentHash {
        ContentHash::of(&number.to_le_bytes())
    }

    #[test]
    fn only_successful_checks_are_remembered() {
        let enforceable = Enforceable::default();
        assert_eq!(enforceable.check(&package(1), || Err("refused")), Err("refused"));
        assert_eq!(enforceable.check(&package(1), || Ok::<(), &str>(())), Ok(()));
        assert_eq!(enforceable.check(&package(1), || Err("refused")), Ok(()));
        assert_eq!(enforceable.check(&package(2), || Err("refused")), Err("refused"), "another package");
    }

    #[test]
    fn the_oldest_checks_are_forgotten() {
        let enforceable = Enforceable::default();
        for number in 0..=MOST {
            assert_eq!(enforceable.check(&package(number), || Ok::<(), ()>(())), Ok(()));
        }
        assert_eq!(enforceable.check(&package(0), || Err(())), Err(()), "forgotten");
        assert_eq!(enforceable.check(&package(MOST), || Err(())), Ok(()));
    }
}
