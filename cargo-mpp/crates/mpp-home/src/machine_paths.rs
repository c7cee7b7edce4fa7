//! Declared paths that this machine has too, and that a person may be asked about.
//!
//! *Invariant:* the root directory, the directories of home directories, the MPP home directory and what is above or below it, and
//! `/proc`, `/sys` and `/dev` are never offered: only a mapping that names them leads to them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use mpp_host::package::Manifest;
use mpp_host::policy::MachinePath;

/// Directories whose contents belong to the system or to its devices.
const OF_THE_SYSTEM: &[&str] = &["/proc", "/sys", "/dev"];
/// Directories that contain home directories.
const OF_HOMES: &[&str] = &["/home", "/Users"];
/// The home directory of the administrator.
const ADMINISTRATOR: &str = "/root";
/// The variables that name the user's home directory.
const HOME_VARIABLES: &[&str] = &["HOME", "USERPROFILE"];

/// The directories of this machine that are not offered, besides the fixed ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reserved {
    /// The MPP home directory.
    mpp_home: Vec<PathBuf>,
    /// The user's home directory.
    home: Vec<PathBuf>,
}

impl Reserved {
    /// Returns what is reserved for the MPP home directory `root`, and a user whose variables `environment` looks up.
    pub(crate) fn new(root: &Path, environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let home = HOME_VARIABLES.iter().filter_map(|name| environment(name)).map(PathBuf::from);
        Self { mpp_home: both(root), home: home.flat_map(|home| both(&home)).collect() }
    }

    fn has(&self, path: &Path) -> bool {
        path.parent().is_none()
            || OF_THE_SYSTEM.iter().any(|dir| path.starts_with(dir))
            || OF_HOMES.iter().any(|homes| path == Path::new(homes) || path.parent() == Some(Path::new(homes)))
            || path == Path::new(ADMINISTRATOR)
            || self.home.iter().any(|home| home.starts_with(path))
            || self.mpp_home.iter().any(|home| home.starts_with(path) || path.starts_with(home))
    }
}

/// Returns a path as it is and with links resolved.
fn both(path: &Path) -> Vec<PathBuf> {
    let resolved = path.canonicalize().ok();
    resolved.into_iter().chain([path.to_owned()]).filter(|path| path.is_absolute()).collect()
}

/// Returns the declared paths without a mapping, if this machine has every one of them and none is reserved. If one cannot be
/// offered, none is: the package does not run without it.
pub(crate) fn offered(manifest: &Manifest, unmapped: &[String], reserved: &Reserved) -> Vec<MachinePath> {
    let offered: Option<Vec<_>> = unmapped.iter().map(|guest| offer(manifest, guest, reserved)).collect();
    offered.unwrap_or_default()
}

fn offer(manifest: &Manifest, guest: &str, reserved: &Reserved) -> Option<MachinePath> {
    let path = Path::new(guest);
    let host = path.canonicalize().ok().filter(|_| path.is_absolute())?;
    let metadata = host.metadata().ok()?;
    // An approval is stored as text, and what is neither a file nor a directory cannot be granted.
    let usable = host.to_str().is_some() && (metadata.is_dir() || metadata.is_file());
    let writable = manifest.capabilities.filesystem.write.iter().any(|declared| declared == guest);
    (usable && !reserved.has(path) && !reserved.has(&host))
        .then(|| MachinePath::new(guest, host, metadata.is_dir(), writable))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::Reserved;

    #[test]
    fn the_root_and_the_directories_of_people_and_of_the_system_are_reserved() {
        let environment = |name: &str| (name == "HOME").then(|| OsString::from("/srv/people/ada"));
        let reserved = Reserved::new(Path::new("/srv/mpp/home"), &environment);
        for path in [
            "/",
            "/proc",
            "/proc/self/environ",
            "/sys/kernel",
            "/dev",
            "/dev/sda",
            "/home",
            "/home/ada",
            "/Users/ada",
            "/root",
            "/srv",
            "/srv/people",
            "/srv/people/ada",
            "/srv/mpp",
            "/srv/mpp/home",
            "/srv/mpp/home/keys/publisher.key",
        ] {
            assert!(reserved.has(Path::new(path)), "{path}");
        }
        for path in ["/etc/ssl", "/home/ada/notes", "/srv/people/ada/notes", "/srv/mpp/other", "/process", "/devices"] {
            assert!(!reserved.has(Path::new(path)), "{path}");
        }
    }
}
