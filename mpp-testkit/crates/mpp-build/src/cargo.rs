//! The nested `cargo build`, which compiles one binary for the sandbox with its own profile and flags.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Message;

mod blocked;
pub(crate) mod env;
mod hints;
pub(crate) mod target;
mod tree;
pub(crate) mod unsupported;

use crate::author_flags::AuthorFlags;
use crate::cargo_failure::{CargoFailure, strip_colors};
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::Library;
use crate::options::BuildOptions;
use crate::process::{Ended, Stream, run};
use crate::project::cargo::CargoProject;

/// The Rust target for tools.
pub(crate) const TARGET: &str = "wasm32-wasip1";
/// Default size of the stack in bytes, as rustc sets it for the target.
const STACK_BYTES: u32 = 1024 * 1024;
/// Name of the global with the address of the top of the stack.
const STACK_POINTER: &str = "__stack_pointer";
/// Number of bytes of cargo's output that are kept to recognize common mistakes.
const KEPT_OUTPUT: usize = 256 * 1024;

/// The profile for tools, optimized for size. Names and line numbers stay in the linked module and are stripped before
/// packing.
const PROFILE: &[(&str, &str)] = &[
    ("inherits", "\"release\""),
    ("opt-level", "\"s\""),
    ("lto", "true"),
    ("codegen-units", "1"),
    ("panic", "\"abort\""),
    ("debug", "\"line-tables-only\""),
    ("strip", "\"none\""),
    ("incremental", "false"),
];

/// The result of a successful compilation.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The linked module, with names and debug information.
    pub(crate) module: PathBuf,
    /// The enabled features of the package.
    pub(crate) features: Vec<String>,
    /// The author's own compiler flags that were used.
    pub(crate) rustflags: Vec<String>,
    /// The crates that are linked.
    pub(crate) libraries: Vec<Library>,
}

/// Compiles the project's binary.
pub(crate) fn compile(
    project: &CargoProject,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Compiled, BuildError> {
    hints::check_direct_dependencies(project)?;
    let bin = project.binary(options.bin.as_deref())?.to_owned();
    let target_dir = options.target_dir.clone().unwrap_or_else(|| project.target_dir.clone());
    if !target_dir.join(TARGET).join("mpp").is_dir() && !target::is_installed(&project.dir) {
        target::add(&project.dir, &options.cancel, events)?;
    }
    let author = options.author_flags.clone().unwrap_or_else(|| AuthorFlags::of(&project.dir, TARGET));
    if !author.unused.is_empty() {
        events(Event::FlagsUnused { source: author.source.clone(), flags: author.unused.clone() });
    }
    events(Event::Compiling { package: project.package.clone(), target: TARGET.to_owned() });
    blocked::check(project, &author.passed, &target_dir, options, events)?;
    let build = Build { project, bin: &bin, flags: flags_of(project, &author, &target_dir) };
    let mut outcome = build.attempt(options, events)?;
    if !outcome.success && target::is_named_missing(&outcome.output) {
        target::add(&project.dir, &options.cancel, events)?;
        outcome = build.attempt(options, events)?;
    }
    // The build may have changed the lock file.
    let libraries = match blocked::check(project, &author.passed, &target_dir, options, &mut |_| {}) {
        Err(blocked @ BuildError::BlockedCrate { .. }) => return Err(blocked),
        found => found.unwrap_or_default(),
    };
    if !outcome.success {
        return Err(build.failure(&outcome));
    }
    let no_artifact = BuildError::NoArtifact { package: project.package.clone(), bin };
    let module = outcome.module.ok_or(no_artifact)?;
    Ok(Compiled { module, features: outcome.features, rustflags: author.honoured(), libraries })
}

/// A build of one binary.
struct Build<'a> {
    project: &'a CargoProject,
    bin: &'a str,
    /// The compiler's flags.
    flags: Vec<String>,
}

/// The result of one cargo invocation.
#[derive(Debug, Default)]
struct Outcome {
    success: bool,
    module: Option<PathBuf>,
    features: Vec<String>,
    output: String,
}

impl Build<'_> {
    fn attempt(&self, options: &BuildOptions, events: &mut dyn FnMut(Event)) -> Result<Outcome, BuildError> {
        let mut outcome = Outcome::default();
        let ended = run(self.command(options), &options.cancel, |stream, line| match stream {
            Stream::Stdout => read_message(&line, self.bin, &self.project.id, &mut outcome),
            Stream::Stderr => {
                if let Some(progress) = options.progress.then(|| progress(&line)).flatten() {
                    return events(progress);
                }
                if outcome.output.len() < KEPT_OUTPUT {
                    outcome.output.push_str(&line);
                    outcome.output.push('\n');
                }
                events(Event::CargoLine(line));
            }
        });
        match ended.map_err(|source| BuildError::ProgramMissing { program: "cargo".to_owned(), source })? {
            Ended::Cancelled => Err(BuildError::Interrupted),
            Ended::Exit(status) => {
                outcome.success = status.success();
                Ok(outcome)
            }
        }
    }

    fn command(&self, options: &BuildOptions) -> Command {
        let mut command = env::cargo();
        command.current_dir(&self.project.dir);
        // The id and not the name, because a dependency can have the same name.
        command.args([
            "build",
            "--package",
            &self.project.id,
            "--bin",
            self.bin,
            "--target",
            TARGET,
            "--profile",
            "mpp",
        ]);
        command.arg("--message-format=json-render-diagnostics");
        for (key, value) in PROFILE {
            command.arg("--config").arg(format!("profile.mpp.{key}={value}"));
        }
        pass(&mut command, &self.flags);
        add_selection(&mut command, self.project, options);
        if let Some(dir) = &options.target_dir {
            command.arg("--target-dir").arg(dir);
        }
        if options.progress {
            command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "120");
        }
        command.args(["--color", if options.color { "always" } else { "never" }]);
        command
    }

    /// Returns the error of a build that failed. The messages of cargo and the compiler were reported as events.
    fn failure(&self, outcome: &Outcome) -> BuildError {
        let project = self.project.package.clone();
        match CargoFailure::of(&outcome.output) {
            Some(failure) => BuildError::Cargo { project, failure, output: String::new() },
            None if outcome.output.contains("could not compile `") => BuildError::Compile {
                package: project,
                target: TARGET.to_owned(),
                hint: hints::of_output(&outcome.output),
            },
            None => BuildError::CargoStopped { project, message: hints::first_error(&outcome.output) },
        }
    }
}

/// Adds the options that select features, and that forbid the network or changes of the lock file.
fn add_selection(command: &mut Command, project: &CargoProject, options: &BuildOptions) {
    let features: Vec<_> = project.metadata.features.iter().chain(&options.features).map(String::as_str).collect();
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    for (flag, on) in [("--offline", options.offline), ("--locked", options.locked), ("--frozen", options.frozen)] {
        if on {
            command.arg(flag);
        }
    }
}

/// Passes flags to the target's compiler, instead of all flags in the environment and in cargo's configuration.
fn pass(command: &mut Command, flags: &[String]) {
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

/// Returns the compiler's flags: the author's, those that remove paths of this machine from the module, the size of its stack, the
/// export by which a host recognizes that the stack is used up, and the relocations by which `trim` finds data that nothing
/// reaches.
fn flags_of(project: &CargoProject, author: &AuthorFlags, target_dir: &Path) -> Vec<String> {
    let mut flags = author.passed.clone();
    flags.extend(remapping(&project.workspace_root, target_dir));
    let stack_bytes = project.metadata.stack_bytes.or(author.stack_bytes).unwrap_or(STACK_BYTES);
    flags.push(format!("-Clink-arg=-zstack-size={stack_bytes}"));
    flags.push(format!("-Clink-arg=--export={STACK_POINTER}"));
    flags.push("-Clink-arg=--emit-relocs".to_owned());
    flags
}

/// Returns the flags that replace paths of this machine.
fn remapping(workspace_root: &Path, target_dir: &Path) -> Vec<String> {
    let mut remapped = env::homes();
    remapped.push((workspace_root.to_owned(), "/build"));
    remapped.push((target_dir.to_owned(), "/target"));
    // rustc applies the last matching prefix, so more specific ones come later.
    remapped.sort_by_key(|(dir, _)| dir.as_os_str().len());
    remapped.into_iter().map(|(dir, name)| format!("--remap-path-prefix={}={name}", dir.display())).collect()
}

/// Reads a line of cargo's progress bar: `Building [===>   ] 24/48: rustversion(build), toml_parser`. The verb may be coloured.
fn progress(line: &str) -> Option<Event> {
    if !line.contains("Building") {
        return None;
    }
    let plain = strip_colors(line);
    let (_, rest) = plain.trim().strip_prefix("Building [")?.split_once("] ")?;
    let (count, what) = rest.split_once(':').unwrap_or((rest, ""));
    let (done, total) = count.split_once('/')?;
    Some(Event::Progress { done: done.parse().ok()?, total: total.parse().ok()?, what: what.trim().to_owned() })
}

fn read_message(line: &str, bin: &str, id: &str, outcome: &mut Outcome) {
    let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
    if artifact.package_id.repr == id && artifact.target.name == bin && artifact.executable.is_some() {
        outcome.module = artifact.filenames.into_iter().find(|f| f.extension() == Some("wasm")).map(Into::into);
        outcome.features = artifact.features;
        outcome.features.retain(|feature| feature != "default");
        outcome.features.sort();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Event, Outcome, progress, read_message, remapping};

    #[test]
    fn reads_the_progress_bar_of_cargo() {
        let line = "    Building [============>              ] 24/48: rustversion(build), toml_parser           ";
        let expected = Event::Progress { done: 24, total: 48, what: "rustversion(build), toml_parser".to_owned() };
        assert_eq!(progress(line), Some(expected.clone()));
        let colored = line.replace("    Building", "\u{1b}[1m\u{1b}[36m    Building\u{1b}[0m");
        assert_eq!(progress(&colored), Some(expected));
        for other in ["   Compiling serde v1.0.0", "    Building [  ] x/48: a", "    Finished `mpp` profile", ""] {
            assert_eq!(progress(other), None, "{other}");
        }
    }

    #[test]
    fn the_more_specific_directory_is_remapped_last() {
        let inside = remapping(Path::new("/p"), Path::new("/p/target")).join(" ");
        assert!(inside.find("=/build").expect("project") < inside.find("=/target").expect("target"), "{inside}");
        let copy = remapping(Path::new("/p/target/copy"), Path::new("/p/target")).join(" ");
        assert!(copy.find("=/target").expect("target") < copy.find("=/build").expect("project"), "{copy}");
    }

    #[test]
    fn takes_the_module_of_the_project_and_not_of_a_dependency_with_the_same_name() {
        let message = |id: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"{id}","manifest_path":"/r/Cargo.toml",
                "target":{{"kind":["bin"],"crate_types":["bin"],"name":"tool","src_path":"/r/main.rs","edition":"2021","doc":true,"doctest":false,"test":true}},
                "profile":{{"opt_level":"s","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}},
                "features":["default","b","a"],"filenames":["{file}"],"executable":"{file}","fresh":true}}"#
            )
        };
        let mut outcome = Outcome::default();
        read_message(
            &message("registry+https://x#tool@9.0.0", "/t/other.wasm"),
            "tool",
            "path+file:///tool#0.1.0",
            &mut outcome,
        );
        assert_eq!(outcome.module, None);
        read_message(
            &message("path+file:///tool#0.1.0", "/t/tool.wasm"),
            "tool",
            "path+file:///tool#0.1.0",
            &mut outcome,
        );
        assert_eq!(outcome.module.as_deref(), Some(Path::new("/t/tool.wasm")));
        assert_eq!(outcome.features, ["a", "b"]);
    }
}
