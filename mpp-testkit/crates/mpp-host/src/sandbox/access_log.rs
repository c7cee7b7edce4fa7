//! Records which declared paths a call uses, whether it reads its environment, and what it is denied.

use std::collections::{BTreeMap, BTreeSet};
#[cfg(feature = "in-process")]
use std::path::Path;
use std::sync::Arc;

use crate::codes::PathAccess;

/// Descriptor of the first directory that a guest receives.
pub(super) const FIRST: i32 = 3;
/// Maximum number of denied paths that one call's report lists.
const LISTED: usize = 256;
/// Maximum length of a denied path, in bytes.
const LONGEST: usize = 1024;

/// A directory that one of the guest's descriptors refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A declared directory.
    Directory {
        /// Its declared path.
        guest: String,
        /// Whether the tool may change it.
        writable: bool,
    },
    /// A directory with copies of declared files.
    Files {
        /// Path of the directory, as the guest sees it.
        parent: String,
        /// For each file, its name in the directory and its declared path.
        files: Vec<(String, String)>,
    },
    /// The root directory, which leads to every path that is not declared. Nothing in it exists.
    Root,
}

/// A path that a call was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathDenial {
    /// The path that the tool used.
    pub(crate) path: String,
    /// What the tool wanted to do.
    pub(crate) access: PathAccess,
    /// The declared path that contains it, which is declared for reading only; `None` if no declared path contains it.
    pub(crate) declared: Option<String>,
}

/// A log of what one call used and was denied.
#[derive(Debug, Default)]
pub(crate) struct AccessLog {
    places: Arc<[Place]>,
    /// Declared paths that were used, as the guest sees them.
    pub(crate) paths: BTreeSet<String>,
    /// Paths that were denied, with the most that the tool wanted to do with each.
    pub(crate) refused_paths: BTreeMap<String, PathAccess>,
    /// The denial of a path, if it was the last failure of a function that takes a path.
    pub(crate) denial: Option<PathDenial>,
    /// Whether the environment was read.
    pub(crate) variables: bool,
}

impl AccessLog {
    /// Creates an empty log for `places`, which are in the order of the guest's descriptors.
    pub(crate) fn of(places: Arc<[Place]>) -> Self {
        Self { places, ..Self::default() }
    }

    fn place(&self, descriptor: i32) -> Option<&Place> {
        usize::try_from(descriptor.saturating_sub(FIRST)).ok().and_then(|index| self.places.get(index))
    }

    /// Returns whether a change below the directory with this descriptor leaves the call's sandbox. The directory of a
    /// descriptor that the guest opened itself is unknown; it is taken for writable if any is.
    pub(super) fn leads_outside(&self, descriptor: i32) -> bool {
        let is_writable = |place: &Place| matches!(place, Place::Directory { writable: true, .. });
        self.place(descriptor).map_or_else(|| self.places.iter().any(is_writable), is_writable)
    }

    /// Returns whether the guest path `path` is in a declared directory that the tool may change.
    #[cfg(feature = "in-process")]
    pub(crate) fn is_in_writable(&self, path: &Path) -> bool {
        let is_parent =
            |place: &Place| matches!(place, Place::Directory { guest, writable: true } if path.starts_with(guest));
        self.places.iter().any(is_parent)
    }

    /// Records that an in-process call accesses the guest path `path`.
    #[cfg(feature = "in-process")]
    pub(crate) fn note_guest(&mut self, path: &Path) {
        let names = self.places.iter().flat_map(|place| match place {
            Place::Directory { guest, .. } => path.starts_with(guest).then_some(guest).into_iter().collect::<Vec<_>>(),
            Place::Files { files, .. } => {
                files.iter().map(|(_, guest)| guest).filter(|guest| path == Path::new(guest)).collect()
            }
            Place::Root => Vec::new(),
        });
        self.paths.extend(names.cloned());
    }

    /// Records an access to `path`, relative to the directory with this descriptor. Returns whether the path may be declared;
    /// a path that cannot be is recorded as denied.
    pub(super) fn note(&mut self, descriptor: i32, path: &[u8], access: PathAccess) -> bool {
        match self.place(descriptor) {
            Some(Place::Root) => {
                self.deny_below("/", path, access);
                return false;
            }
            Some(Place::Directory { guest, .. }) if !self.paths.contains(guest) => {
                let guest = guest.clone();
                self.paths.insert(guest);
            }
            Some(Place::Files { files, .. }) => {
                let used = known(files, path).map(str::to_owned);
                self.paths.extend(used);
            }
            _ => {}
        }
        true
    }

    /// Records that a function which [`AccessLog::note`] let through has failed. Returns whether it failed because one of its
    /// paths, or writing to it, is not declared. `is_refusal` is whether the error is about permissions.
    pub(super) fn failed(&mut self, paths: &[(i32, &[u8])], access: PathAccess, is_refusal: bool) -> bool {
        self.denial = None;
        for (descriptor, path) in paths {
            let Some((parent, declared)) = self.reason(*descriptor, path, access, is_refusal) else { continue };
            self.deny_below(&parent, path, access);
            if let Some(denial) = &mut self.denial {
                denial.declared = declared;
            }
        }
        self.denial.is_some()
    }

    /// Returns the directory of a denied path, and the declared path that contains it; `None` if the path is not what was denied.
    fn reason(
        &self,
        descriptor: i32,
        path: &[u8],
        access: PathAccess,
        is_refusal: bool,
    ) -> Option<(String, Option<String>)> {
        let may_not_write = access == PathAccess::Write && is_refusal;
        match self.place(descriptor)? {
            Place::Directory { guest, writable: false } if may_not_write => Some((guest.clone(), Some(guest.clone()))),
            Place::Files { parent, files } => match known(files, path) {
                Some(guest) if may_not_write => Some((parent.clone(), Some(guest.to_owned()))),
                Some(_) => None,
                None => Some((parent.clone(), None)),
            },
            _ => None,
        }
    }

    /// Records that `path` is not declared.
    pub(crate) fn deny(&mut self, path: &str, access: PathAccess) {
        let mut path = path.to_owned();
        if path.len() > LONGEST {
            path.truncate(path.floor_char_boundary(LONGEST));
        }
        if let Some(known) = self.refused_paths.get_mut(&path) {
            *known = access.max(*known);
        } else if self.refused_paths.len() < LISTED {
            self.refused_paths.insert(path.clone(), access);
        }
        self.denial = Some(PathDenial { path, access, declared: None });
    }

    /// Records that `path`, relative to the guest's directory `parent`, is not declared.
    pub(super) fn deny_below(&mut self, parent: &str, path: &[u8], access: PathAccess) {
        let path = String::from_utf8_lossy(&path[..path.len().min(LONGEST)]);
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
        let whole = parts.fold(parent.trim_end_matches('/').to_owned(), |whole, part| whole + "/" + part);
        self.deny(if whole.is_empty() { "/" } else { &whole }, access);
    }
}

/// Returns what `path_open` does: `O_CREAT` and `O_TRUNC` change the file system, and so may whoever can write.
pub(super) fn access_of_open(flags: i32, rights: i64) -> PathAccess {
    const CREATE: i32 = 1;
    const DIRECTORY: i32 = 1 << 1;
    const TRUNCATE: i32 = 1 << 3;
    const FD_WRITE: i64 = 1 << 6;
    let may_write = rights & FD_WRITE != 0 && flags & DIRECTORY == 0;
    if flags & (CREATE | TRUNCATE) != 0 || may_write { PathAccess::Write } else { PathAccess::Read }
}

/// Returns the declared file that `path` names, relative to the directory with its copy.
fn known<'a>(files: &'a [(String, String)], path: &[u8]) -> Option<&'a str> {
    let mut parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && part != b".");
    let name = parts.next_back().filter(|_| parts.next().is_none())?;
    files.iter().find(|(known, _)| name == known.as_bytes()).map(|(_, guest)| guest.as_str())
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "in-process")]
    use std::path::Path;

    use super::{AccessLog, Place};
    use crate::codes::PathAccess::{Read, Write};

    fn directory(guest: &str, writable: bool) -> Place {
        Place::Directory { guest: guest.to_owned(), writable }
    }

    fn files(parent: &str, names: &[&str]) -> Place {
        let path = |name: &&str| ((*name).to_owned(), format!("{}/{name}", parent.trim_end_matches('/')));
        Place::Files { parent: parent.to_owned(), files: names.iter().map(path).collect() }
    }

    #[test]
    fn records_paths_by_descriptor_and_name() {
        let places = [directory("/data", false), files("/etc/app", &["a.toml", "b.toml"]), files("/", &["c"])];
        let used = |calls: &[(i32, &str)]| {
            let mut used = AccessLog::of(places.clone().into());
            calls.iter().for_each(|(descriptor, path)| assert!(used.note(*descriptor, path.as_bytes(), Read)));
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
        let places = [directory("/data", false), files("/etc/app", &["b.toml"]), files("/", &["c"])];
        let mut used = AccessLog::of(places.into());
        for path in ["/data/x/y", "/etc/app/b.toml", "/etc/app", "/database", "c", "/c/d"] {
            used.note_guest(Path::new(path));
        }
        assert_eq!(used.paths.into_iter().collect::<Vec<_>>(), ["/data", "/etc/app/b.toml"]);
    }

    #[test]
    fn only_changes_in_writable_directories_leave_the_sandbox() {
        let places = [directory("/in", false), directory("/out", true), files("/", &["c"])];
        let log = AccessLog::of(places.into());
        assert_eq!([3, 4, 5, 6].map(|descriptor| log.leads_outside(descriptor)), [false, true, false, true]);
        #[cfg(feature = "in-process")]
        assert!(log.is_in_writable(Path::new("/out/x")) && !log.is_in_writable(Path::new("/in/x")));
        assert!(!AccessLog::of([directory("/in", false)].into()).leads_outside(6));
    }

    #[test]
    fn a_denial_names_the_path_and_tells_writing_from_reading() {
        let places = [directory("/in", false), directory("/out", true), files("/etc/app", &["a.toml"]), Place::Root];
        let denied = |descriptor, path: &str, access, is_refusal| {
            let mut log = AccessLog::of(places.clone().into());
            let is_denied = !log.note(descriptor, path.as_bytes(), access)
                || log.failed(&[(descriptor, path.as_bytes())], access, is_refusal);
            assert_eq!(is_denied, log.denial.is_some());
            log.denial.map(|denial| (denial.path, denial.access, denial.declared))
        };
        let path = |path: &str| path.to_owned();
        assert_eq!(denied(6, "etc/passwd", Read, false), Some((path("/etc/passwd"), Read, None)));
        assert_eq!(denied(6, ".", Write, false), Some((path("/"), Write, None)));
        assert_eq!(denied(3, "./x", Write, true), Some((path("/in/x"), Write, Some(path("/in")))));
        assert_eq!(denied(3, "x", Read, true), None, "another refusal, for example of a link that leads out");
        assert_eq!(denied(3, "x", Write, false), None, "it is not there");
        assert_eq!(denied(4, "x", Write, true), None);
        assert_eq!(denied(5, "b.toml", Read, false), Some((path("/etc/app/b.toml"), Read, None)));
        let own = Some(path("/etc/app/a.toml"));
        assert_eq!(denied(5, "a.toml", Write, true), Some((path("/etc/app/a.toml"), Write, own)));
    }

    #[test]
    fn a_later_failure_of_another_kind_is_no_denial() {
        let mut log = AccessLog::of([directory("/in", false), Place::Root].into());
        assert!(!log.note(4, b"etc/optional", Read) && log.denial.is_some());
        assert!(log.note(3, b"missing", Read) && !log.failed(&[(3, b"missing")], Read, false));
        assert_eq!(log.denial, None);
        assert!(!log.note(4, b"etc/optional", Write));
        assert_eq!(log.refused_paths.into_iter().collect::<Vec<_>>(), [("/etc/optional".to_owned(), Write)]);
    }
}
