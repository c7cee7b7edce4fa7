//! Records which declared paths a call uses, and whether it reads its environment.

use std::collections::BTreeSet;
#[cfg(feature = "in-process")]
use std::path::Path;
use std::sync::Arc;

/// Descriptor of the first directory that a guest receives.
const FIRST: i32 = 3;

/// A directory that one of the guest's descriptors refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A declared directory.
    Directory(String),
    /// A directory with copies of declared files: for each file, its name in the directory and its declared path.
    Files(Vec<(String, String)>),
}

/// A log of the declared paths that one call used, and of whether it read its environment.
#[derive(Debug, Default)]
pub(crate) struct AccessLog {
    places: Arc<[Place]>,
    /// Declared paths that were used, as the guest sees them.
    pub(crate) paths: BTreeSet<String>,
    /// Whether the environment was read.
    pub(crate) variables: bool,
}

impl AccessLog {
    /// Creates an empty log for `places`, which are in the order of the guest's descriptors.
    pub(crate) fn of(places: Arc<[Place]>) -> Self {
        Self { places, ..Self::default() }
    }

    /// Records that an in-process call accesses the guest path `path`.
    #[cfg(feature = "in-process")]
    pub(crate) fn note_guest(&mut self, path: &Path) {
        let names = self.places.iter().flat_map(|place| match place {
            Place::Directory(guest) => path.starts_with(guest).then_some(guest).into_iter().collect::<Vec<_>>(),
            Place::Files(files) => {
                files.iter().map(|(_, guest)| guest).filter(|guest| path == Path::new(guest)).collect()
            }
        });
        self.paths.extend(names.cloned());
    }

    /// Records an access to `path`, relative to the directory with this descriptor.
    pub(super) fn note(&mut self, descriptor: i32, path: &[u8]) {
        let place = usize::try_from(descriptor.saturating_sub(FIRST)).ok().and_then(|index| self.places.get(index));
        match place {
            Some(Place::Directory(guest)) if !self.paths.contains(guest) => drop(self.paths.insert(guest.clone())),
            Some(Place::Files(files)) => {
                let mut parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && part != b".");
                let name = parts.next_back().filter(|_| parts.next().is_none());
                self.paths.extend(
                    files.iter().find(|(known, _)| name == Some(known.as_bytes())).map(|(_, path)| path.clone()),
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessLog, Place};

    #[test]
    fn records_paths_by_descriptor_and_name() {
        let places = [
            Place::Directory("/data".to_owned()),
            Place::Files(["a.toml", "b.toml"].map(|name| (name.to_owned(), format!("/etc/app/{name}"))).into()),
            Place::Files(vec![("c".to_owned(), "/c".to_owned())]),
        ];
        let used = |calls: &[(i32, &str)]| {
            let mut used = AccessLog::of(places.clone().into());
            calls.iter().for_each(|(descriptor, path)| used.note(*descriptor, path.as_bytes()));
            used.paths.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(used(&[(3, "x/y"), (3, ".."), (4, "./b.toml"), (5, "c")]), ["/c", "/data", "/etc/app/b.toml"]);
        // An undeclared file, an unknown directory, a stream, and an invalid descriptor.
        assert!(used(&[(4, "c.toml"), (4, "x/a.toml"), (4, "."), (6, "a.toml"), (2, "x"), (-1, "x")]).is_empty());
        assert!(used(&[(i32::MIN, "x"), (i32::MAX, "x")]).is_empty());
    }

    #[cfg(feature = "in-process")]
    #[test]
    fn records_paths_of_in_process_calls() {
        let places = [
            Place::Directory("/data".to_owned()),
            Place::Files(vec![("b.toml".to_owned(), "/etc/app/b.toml".to_owned()), ("c".to_owned(), "/c".to_owned())]),
        ];
        let mut used = AccessLog::of(places.into());
        for path in ["/data/x/y", "/etc/app/b.toml", "/etc/app", "/database", "c", "/c/d"] {
            used.note_guest(std::path::Path::new(path));
        }
        assert_eq!(used.paths.into_iter().collect::<Vec<_>>(), ["/data", "/etc/app/b.toml"]);
    }
}
