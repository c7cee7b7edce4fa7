//! Tells the files of a server from those of the platform that it runs on.

use std::collections::BTreeSet;

use crate::capture::StartedProgram;

/// Directories of the operating system.
const SYSTEM: &[&str] = &[
    "/usr/", "/lib/", "/lib32/", "/lib64/", "/bin/", "/sbin/", "/proc/", "/sys/", "/dev/", "/etc/", "/opt/", "/nix/",
    "/run/",
];
/// Parts of the paths of interpreters, packages and their caches.
const PACKAGES: &[&str] = &[
    "/site-packages",
    "/dist-packages",
    "/node_modules",
    "/__pycache__",
    "/.cache/",
    "/.npm/",
    "/.pyenv/",
    "/.nvm/",
    "/.local/share/uv/",
    "/.local/lib/",
    "/lib/python",
    "/.cargo/",
    "/.rustup/",
];
/// Directories that contain one directory, or one file, for each installed package.
const INSTALLED: &[&str] = &["/site-packages/", "/dist-packages/", "/node_modules/"];
/// Packages with machine code that MCP's Python SDK brings along. A port does not use the SDK.
const OF_THE_SDK: &[&str] = &["_cffi_backend", "cryptography", "pydantic_core", "rpds"];
/// Parts of the paths of files that are written by the platform, or are gone with the process.
const PASSING: &[&str] = &["/__pycache__", "/.cache/", "/.npm/", "/.local/share/uv/"];
/// Directories in which nothing is kept.
const VOLATILE: &[&str] = &["/proc/", "/sys/", "/dev/", "/run/"];
/// Directories of data that servers need although they belong to the system.
const DATA: &[&str] = &["/usr/share/zoneinfo"];

/// The directories in which the server itself is installed.
#[derive(Debug)]
pub(super) struct Roots(Vec<String>);

impl Roots {
    /// The installations that the started programs belong to: `/srv/venv` for `/srv/venv/bin/server`.
    pub(super) fn of(programs: &[StartedProgram]) -> Self {
        let root = |program: &StartedProgram| {
            let root = program.program.rsplit_once("/bin/")?.0;
            (root.len() > 1).then(|| format!("{root}/"))
        };
        Self(programs.iter().filter_map(root).collect())
    }

    /// Returns whether a file belongs to the platform, and not to what the server works with.
    pub(super) fn is_platform(&self, path: &str) -> bool {
        if DATA.iter().any(|data| path.starts_with(data)) {
            return false;
        }
        let within = |directory: &str| path.starts_with(directory) || path == directory.trim_end_matches('/');
        SYSTEM.iter().any(|directory| within(directory))
            || self.0.iter().any(|root| within(root))
            || PACKAGES.iter().any(|part| path.contains(part))
            || path.ends_with(".pyc")
            || path.ends_with("/pyvenv.cfg")
            || path == "/"
    }
}

/// Returns whether a directory belongs to more than the server: the root, one in the root, or the home of a user.
pub(super) fn is_shared(directory: &str) -> bool {
    let parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    parts.len() < 2 || (parts.len() == 2 && matches!(parts[0], "home" | "Users"))
}

/// Returns whether a written file is none that the server keeps.
pub(super) fn is_passing(path: &str) -> bool {
    VOLATILE.iter().any(|directory| path.starts_with(directory)) || PASSING.iter().any(|part| path.contains(part))
}

/// Returns the names of the packages that contain libraries, without those that only the server's MCP SDK needs.
pub(super) fn packages(libraries: &BTreeSet<String>) -> BTreeSet<&str> {
    let names = libraries.iter().filter_map(|path| {
        let inside = INSTALLED.iter().find_map(|directory| Some(path.rsplit_once(directory)?.1))?;
        let slashes = if inside.starts_with('@') { 2 } else { 1 };
        match inside.match_indices('/').nth(slashes - 1) {
            Some((end, _)) => Some(&inside[..end]),
            None => inside.split('.').next(),
        }
    });
    names.filter(|name| !OF_THE_SDK.contains(name)).collect()
}

/// Returns the directory that stands for a file.
pub(super) fn group(path: &str) -> &str {
    if let Some(data) = DATA.iter().find(|data| path.starts_with(*data)) {
        return data;
    }
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((directory, _)) => directory,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Roots, group, is_passing, is_shared, packages};
    use crate::capture::Capture;

    #[test]
    fn data_of_the_server_is_not_the_platform() {
        let text = r#"{"capture":1,"started":"2026-01-01T00:00:00Z","transport":"stdio"}
{"at":1,"observed":{"programs":[{"program":"/srv/venv/bin/server","at":1}]}}"#;
        let observed =
            Capture::parse(text.as_bytes()).expect("a capture").conversation().observed.expect("observations");
        let roots = Roots::of(&observed.programs);
        for path in [
            "/usr/lib/libm.so",
            "/etc/hosts",
            "/srv/venv/lib/x.py",
            "/home/a/.cache/uv/x",
            "/srv/app/node_modules/a.js",
            "/",
        ] {
            assert!(roots.is_platform(path), "{path}");
        }
        for path in ["/srv/data/notes.json", "/usr/share/zoneinfo/UTC", "/home/ada/notes.txt"] {
            assert!(!roots.is_platform(path), "{path}");
        }
        assert!(is_shared("/") && is_shared("/root") && is_shared("/home/ada") && !is_shared("/srv/data"));
        assert!(is_passing("/dev/null") && is_passing("/srv/venv/lib/__pycache__/x.pyc"));
        assert!(!is_passing("/srv/app/node_modules/server/memory.json"), "what a server keeps beside its program");
        assert_eq!(
            (group("/srv/data/a"), group("/a"), group("/usr/share/zoneinfo/Asia/Tokyo")),
            ("/srv/data", "/", "/usr/share/zoneinfo")
        );
    }

    #[test]
    fn libraries_belong_to_the_packages_that_contain_them() {
        let libraries: BTreeSet<String> = [
            "/usr/lib/x86_64-linux-gnu/libz.so.1",
            "/srv/venv/lib/python3.13/site-packages/lxml/etree.cpython-313-x86_64-linux-gnu.so",
            "/srv/venv/lib/python3.13/site-packages/lxml/html/diff.cpython-313-x86_64-linux-gnu.so",
            "/srv/venv/lib/python3.13/site-packages/_ruamel.cpython-313-x86_64-linux-gnu.so",
            "/srv/venv/lib/python3.13/site-packages/rpds/rpds.cpython-313-x86_64-linux-gnu.so",
            "/srv/app/node_modules/a/node_modules/@img/sharp-linux-x64/lib/sharp.node",
        ]
        .map(str::to_owned)
        .into();
        assert_eq!(packages(&libraries), BTreeSet::from(["@img/sharp-linux-x64", "_ruamel", "lxml"]));
    }
}
