//! The default mapping of declared paths: to the same path on this machine, with exceptions for sensitive paths.

use std::path::{Path, PathBuf};

/// Kernel interfaces, which are never mapped by default, nor is anything in them.
const KERNEL: &[&str] = &["/proc", "/sys", "/dev"];
/// Directories that contain home directories.
const HOMES: &[&str] = &["/home", "/Users"];

/// Allows declared paths to be mapped to the same path on this machine, except `/`, a home directory, and `MPP_HOME`,
/// `/proc`, `/sys` and `/dev` with everything in them, as well as any directory that contains one of these.
///
/// The host library does not detect home directories or `MPP_HOME` itself: the embedder provides them.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DefaultPaths {
    /// Home directories.
    pub homes: Vec<PathBuf>,
    /// `MPP_HOME` or its default location, which holds keys, trust and state.
    pub private: Vec<PathBuf>,
}

impl DefaultPaths {
    /// Creates defaults that exclude the user's home directory and `MPP_HOME`.
    #[must_use]
    pub fn new(home: Option<PathBuf>, mpp_home: Option<PathBuf>) -> Self {
        Self { homes: home.into_iter().collect(), private: mpp_home.into_iter().collect() }
    }

    /// Returns the path on this machine for `guest`, or the reason why it is not mapped by default.
    pub(crate) fn place(&self, guest: &str) -> Result<PathBuf, &'static str> {
        let path = Path::new(guest);
        if !path.is_absolute() {
            return Err("a relative path is never used by default");
        }
        let path = path.canonicalize().map_err(|_| "the same path does not exist on this machine")?;
        if path == Path::new("/") {
            return Err("the whole file system is never used by default");
        }
        let kernel = KERNEL.iter().map(PathBuf::from);
        let private = self.private.iter().map(|path| resolved(path));
        if kernel.chain(private).any(|other| path.starts_with(&other) || other.starts_with(&path)) {
            return Err("this path is never used by default");
        }
        let is_home = path == Path::new("/root")
            || HOMES.iter().any(|homes| path == Path::new(homes) || path.parent() == Some(Path::new(homes)))
            || self.homes.iter().any(|home| resolved(home).starts_with(&path));
        if is_home {
            return Err("a whole home directory is never used by default");
        }
        Ok(path)
    }
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::DefaultPaths;

    #[test]
    fn maps_a_path_to_itself_unless_it_is_protected() {
        let root = tempfile::tempdir().expect("a directory");
        let root = root.path().canonicalize().expect("a path");
        let at = |path: &str| root.join(path).to_str().expect("UTF-8").to_owned();
        for dir in ["people/ada/notes", "people/ada/.mpp/keys", "shared"] {
            std::fs::create_dir_all(root.join(dir)).expect("a directory");
        }
        std::os::unix::fs::symlink("/", root.join("innocent")).expect("a link");
        let defaults = DefaultPaths::new(Some(root.join("people/ada")), Some(root.join("people/ada/.mpp")));
        for good in ["people/ada/notes", "shared"] {
            assert_eq!(defaults.place(&at(good)), Ok(root.join(good)));
        }
        for bad in ["people/ada", "people", "people/ada/.mpp", "people/ada/.mpp/keys", "innocent", "none"] {
            assert!(defaults.place(&at(bad)).is_err(), "{bad}");
        }
        for bad in ["/", "/proc", "/proc/self", "/sys", "/dev", "/dev/shm", "/home", "/root", "data", "../x"] {
            assert!(defaults.place(bad).is_err(), "{bad}");
        }
    }
}
