//! Projects whose `manifest.json` names the module, and perhaps the command that builds it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use mpp_host::signature;

use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs;
use crate::cargo::env;
use crate::error::BuildError;
use crate::event::Event;
use crate::options::BuildOptions;
use crate::process::{Ended, run};

/// The shell that runs a build command, and its option for a command line.
const SHELL: (&str, &str) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
/// How deep below the project a module is looked for that a command wrote to another place.
const DEPTH: usize = 6;
/// The resolution of the file system's times, generously.
const RESOLUTION: Duration = Duration::from_secs(2);

/// The tool chain of projects that bring their own.
#[derive(Debug)]
pub(crate) struct OwnCommand;

impl Toolchain for OwnCommand {
    fn name(&self) -> &'static str {
        "command"
    }

    fn title(&self) -> &'static str {
        "the project's own build command"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        dir.join("manifest.json").is_file().then(|| "manifest.json".to_owned())
    }

    fn find(&self, _dir: &Path) -> Vec<Finding> {
        vec![match programs::on_path([SHELL.0]) {
            Some(path) => Finding::usable(SHELL.0, None, Some(path)),
            None => Finding::missing(SHELL.0, "build commands are run by a shell"),
        }]
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        let build = job.build.cloned().unwrap_or_default();
        let path = job.dir.join(build.output.as_deref().unwrap_or(job.entrypoint));
        let toolchain = signature::Toolchain::new(crate::builder());
        let started = SystemTime::now();
        if let Some(command) = &build.command {
            run_command(command, job.dir, job.options, events)?;
        }
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => {
                let elsewhere = build.command.as_ref().and_then(|_| written_since(job.dir, started));
                return Err(BuildError::NoModule { path, command: build.command, elsewhere, source });
            }
        };
        if build.command.is_some() {
            if !is_since(&path, started)
                && let Some(written) = written_since(job.dir, started)
            {
                events(Event::OutputUntouched { output: path.clone(), written });
            }
            return Compiled::stripped(path, bytes, job.kind, toolchain);
        }
        // Nobody knows how it was made, so it is packed as it is.
        Compiled::check_target(&path, &bytes, job.kind)?;
        Ok(Compiled { path, packed: bytes, linked: None, toolchain, libraries: Vec::new() })
    }
}

fn run_command(
    line: &str,
    dir: &Path,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<(), BuildError> {
    events(Event::RunningCommand { command: line.to_owned() });
    let mut command = Command::new(SHELL.0);
    command.args([SHELL.1, line]).current_dir(dir);
    env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    let mut output = Vec::new();
    let ended = run(command, &options.cancel, |_, line| {
        output.push(line.clone());
        events(Event::CommandLine(line));
    });
    match ended.map_err(|source| BuildError::ProgramMissing { program: SHELL.0.to_owned(), source })? {
        Ended::Cancelled => Err(BuildError::Interrupted),
        Ended::Exit(status) if status.success() => Ok(()),
        Ended::Exit(status) => {
            let output = output[output.len().saturating_sub(40)..].join("\n");
            Err(BuildError::Command {
                command: line.to_owned(),
                status: status.to_string(),
                dir: dir.to_owned(),
                output,
            })
        }
    }
}

/// Returns a module below `dir` that was written since `started`.
fn written_since(dir: &Path, started: SystemTime) -> Option<PathBuf> {
    modules(dir, DEPTH).into_iter().find(|path| is_since(path, started))
}

/// Returns whether the file at `path` was written since `started`.
fn is_since(path: &Path, started: SystemTime) -> bool {
    let modified = path.metadata().and_then(|found| found.modified());
    // A file system may round its times down.
    modified.is_ok_and(|time| time + RESOLUTION >= started)
}

/// Returns the WebAssembly files below `dir`, except for hidden directories, sorted.
pub(super) fn modules(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name.ends_with(".symbols.wasm") {
            continue;
        }
        if path.is_dir() && depth > 0 && name != "node_modules" {
            found.extend(modules(&path, depth - 1));
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            found.push(path);
        }
    }
    found
}
