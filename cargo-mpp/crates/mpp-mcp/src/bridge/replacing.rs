//! Serves a version of a package in place of another one.

use std::sync::{Arc, PoisonError};

use mpp_host::codes::{Code, Coded};

use super::source::{Origin, Source};
use super::{Bridge, ServedPackage};
use crate::codes;

/// The error returned when a package cannot take the place of another one.
#[derive(Debug, thiserror::Error)]
#[error("the package is `{found}`, and not a version of {}", served.as_ref().map_or_else(|| "a package that is served".to_owned(), |id| format!("`{id}`")))]
#[non_exhaustive]
pub struct ReplaceError {
    /// Id of the package that is served at this place; `None` if there is none.
    pub served: Option<String>,
    /// Id of the package that was to take its place.
    pub found: String,
}

impl Coded for ReplaceError {
    fn code(&self) -> &'static Code {
        &codes::M004
    }
}

impl Bridge {
    /// Publishes `package` in place of the package at `position`, and notifies clients if their list has changed. Running calls end with
    /// the version that they began with. A package that was withdrawn is published again.
    ///
    /// # Errors
    /// Returns [`ReplaceError`] if the package is not a version of the same package; nothing changes then.
    pub fn replace(&self, position: usize, package: ServedPackage) -> Result<(), ReplaceError> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let found = &package.manifest().package_id;
        let Some(source) = sources.packages.get_mut(position).filter(|source| source.names().0 == found) else {
            let served = sources.packages.get(position).map(|source| source.names().0.to_owned());
            return Err(ReplaceError { served, found: found.clone() });
        };
        // The calls of both versions share the places of the package.
        let index = source.index;
        let id = found.clone();
        let before = std::mem::replace(source, Arc::new(Source { origin: Origin::Package(Box::new(package)), index }));
        sources.withdrawn.remove(&id);
        self.publish(&sources);
        drop(sources);
        // Without running calls, this ends the version before, which takes time.
        drop(before);
        Ok(())
    }
}
