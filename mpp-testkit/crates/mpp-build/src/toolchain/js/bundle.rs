//! Bundles a project to one script with esbuild.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::libraries;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::Library;
use crate::toolchain::job::Job;
use crate::toolchain::programs::{self, Ran};

/// The SDK's file that defines the globals of the web platform.
const GLOBALS: &str = "node_modules/@mpp-protocol/sdk/src/globals.js";
/// The version of the language that the engine runs.
const TARGET: &str = "es2023";
/// What esbuild says about a module of Node.
const OF_NODE: &str = "Could not resolve \"";

/// The esbuild of a project.
#[derive(Debug)]
pub(super) struct Esbuild {
    pub(super) program: PathBuf,
    pub(super) version: String,
}

/// Returns the esbuild in the `node_modules` of the project or of a directory above it.
pub(super) fn esbuild(dir: &Path) -> Option<Esbuild> {
    let program = installed(dir, "node_modules/esbuild/bin/esbuild")?;
    let mut command = Command::new(&program);
    command.arg("--version").current_dir(dir);
    let version = programs::output_of(command).filter(|version| !version.is_empty())?;
    Some(Esbuild { program, version })
}

/// Finds a file of a package as Node does: in the directory and in those above it.
pub(super) fn installed(dir: &Path, file: &str) -> Option<PathBuf> {
    let dir = std::path::absolute(dir).ok()?;
    dir.ancestors().map(|above| above.join(file)).find(|path| path.is_file())
}

/// What is bundled.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The first file.
    pub(super) file: &'a Path,
    /// A file that is imported before all others.
    pub(super) before: Option<&'a Path>,
    /// Patterns of modules that are imported when the bundle runs.
    pub(super) external: &'a [&'a str],
}

/// Returns the SDK's file that defines the globals, if the SDK is installed.
pub(super) fn globals(dir: &Path) -> Option<PathBuf> {
    installed(dir, GLOBALS)
}

/// A bundled project.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The file of the script.
    pub(super) path: PathBuf,
    /// Its directory.
    pub(super) dir: PathBuf,
    /// The script.
    pub(super) script: Vec<u8>,
    /// Its source map.
    pub(super) map: Vec<u8>,
    /// The packages of npm that it contains.
    pub(super) libraries: Vec<Library>,
}

impl Bundle {
    /// Runs esbuild. Its messages are reported as events.
    pub(super) fn make(
        esbuild: &Esbuild,
        entry: &Entry<'_>,
        job: &Job<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Self, BuildError> {
        let dir = std::path::absolute(job.work_dir)
            .map_err(|source| BuildError::Write { path: job.work_dir.to_owned(), source })?;
        std::fs::create_dir_all(&dir).map_err(|source| BuildError::Write { path: dir.clone(), source })?;
        let path = dir.join(format!("{}.bundle.js", job.name));
        let mut command = Command::new(&esbuild.program);
        command.args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--charset=utf8"]);
        command.args([
            "--legal-comments=none",
            "--sourcemap=external",
            "--sources-content=false",
            "--log-level=warning",
        ]);
        command.arg(format!("--target={TARGET}")).arg("--define:process.env.NODE_ENV=\"production\"");
        command.arg(format!("--color={}", job.options.color));
        command.args(entry.before.map(|file| format!("--inject:{}", file.display())));
        command.args(entry.external.iter().map(|pattern| format!("--external:{pattern}")));
        let metafile = path.with_extension("meta.json");
        command.arg(format!("--metafile={}", metafile.display()));
        command.arg(format!("--outfile={}", path.display())).arg(entry.file);
        let mut of_node = None;
        let mut seen = |event: Event| {
            if let Event::CompilerLine(line) = &event
                && of_node.is_none()
            {
                of_node = module_of_node(line);
            }
            events(event);
        };
        if let Ran::Failed(status) = programs::step(command, job.dir, job.options, &mut seen)? {
            let project = job.name.to_owned();
            return Err(match of_node {
                Some(module) => BuildError::NodeModule { project, module },
                None => BuildError::CompileFailed { project, program: "esbuild".to_owned(), status },
            });
        }
        let read = |path: PathBuf| std::fs::read(&path).map_err(|source| BuildError::Read { path, source });
        let libraries = libraries::of_bundle(&std::fs::read(&metafile).unwrap_or_default(), job.dir);
        Ok(Self { script: read(path.clone())?, map: read(path.with_extension("js.map"))?, path, dir, libraries })
    }
}

/// Returns the module of Node that a message of esbuild says cannot be resolved.
fn module_of_node(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(OF_NODE)?;
    let (name, _) = rest.split_once('"')?;
    let plain = name.strip_prefix("node:").unwrap_or(name);
    let root = plain.split('/').next().unwrap_or(plain);
    (name.starts_with("node:") || MODULES.contains(&root)).then(|| name.to_owned())
}

/// The modules of Node that exist without the prefix `node:`.
const MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

#[cfg(test)]
mod tests {
    use super::{installed, module_of_node};

    #[test]
    fn recognises_modules_of_node() {
        let of = |line: &str| module_of_node(line);
        assert_eq!(of("✘ [ERROR] Could not resolve \"node:fs\"").as_deref(), Some("node:fs"));
        assert_eq!(of("✘ [ERROR] Could not resolve \"fs/promises\"").as_deref(), Some("fs/promises"));
        assert_eq!(of("✘ [ERROR] Could not resolve \"left-pad\""), None);
        assert_eq!(of("✘ [ERROR] Expected \";\" but found \"x\""), None);
    }

    #[test]
    fn looks_for_packages_in_the_directories_above() {
        let dir = tempfile::tempdir().expect("temp dir");
        let inner = dir.path().join("packages/tool");
        std::fs::create_dir_all(&inner).expect("mkdir");
        std::fs::create_dir_all(dir.path().join("node_modules/p")).expect("mkdir");
        std::fs::write(dir.path().join("node_modules/p/index.js"), "").expect("write");
        assert!(installed(&inner, "node_modules/p/index.js").is_some());
        assert!(installed(&inner, "node_modules/q/index.js").is_none());
    }
}
