//! The nested `cargo build`, which compiles one binary for the sandbox with its own profile and flags.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Message;

pub(crate) mod env;
mod hints;
mod target;

use crate::error::BuildError;
use crate::event::Event;
use crate::options::BuildOptions;
use crate::process::{Ended, Stream, run};
use crate::project::CargoProject;

/// The Rust target for tools.
pub(crate) const TARGET: &str = "wasm32-wasip1";
/// Size of the stack in bytes: enough for deeply nested JSON, and small enough that an instance's memory stays resident
/// between calls.
const STACK_BYTES: u32 = 128 * 1024;
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
    events(Event::Compiling { package: project.package.clone(), target: TARGET.to_owned() });
    let mut outcome = attempt(project, &bin, &target_dir, options, events)?;
    if !outcome.success && target::is_named_missing(&outcome.output) {
        target::add(&project.dir, &options.cancel, events)?;
        outcome = attempt(project, &bin, &target_dir, options, events)?;
    }
    if !outcome.success {
        hints::refuse_network_crates(project, options, &hints::uncompiled(&outcome.output))?;
        let hint = hints::of_output(&outcome.output);
        return Err(BuildError::Compile { package: project.package.clone(), target: TARGET.to_owned(), hint });
    }
    hints::refuse_network_crates(project, options, &outcome.linked)?;
    let no_artifact = BuildError::NoArtifact { package: project.package.clone(), bin };
    Ok(Compiled { module: outcome.module.ok_or(no_artifact)?, features: outcome.features })
}

/// The result of one cargo invocation.
#[derive(Debug, Default)]
struct Outcome {
    success: bool,
    module: Option<PathBuf>,
    features: Vec<String>,
    /// Names of the packages that were linked for the target.
    linked: Vec<String>,
    output: String,
}

fn attempt(
    project: &CargoProject,
    bin: &str,
    target_dir: &Path,
    options: &BuildOptions,
    events: &mut dyn FnMut(Event),
) -> Result<Outcome, BuildError> {
    let mut outcome = Outcome::default();
    let ended = run(command(project, bin, target_dir, options), &options.cancel, |stream, line| match stream {
        Stream::Stdout => read_message(&line, bin, &project.id, &mut outcome),
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

fn command(project: &CargoProject, bin: &str, target_dir: &Path, options: &BuildOptions) -> Command {
    let mut command = env::cargo();
    command.current_dir(&project.dir);
    // The id and not the name, because a dependency can have the same name.
    command.args(["build", "--package", &project.id, "--bin", bin, "--target", TARGET, "--profile", "mpp"]);
    command.arg("--message-format=json-render-diagnostics");
    for (key, value) in PROFILE {
        command.arg("--config").arg(format!("profile.mpp.{key}={value}"));
    }
    command
        .arg("--config")
        .arg(format!("target.{TARGET}.rustflags={}", rustflags(&project.workspace_root, target_dir)));
    let features: Vec<_> = project.metadata.features.iter().chain(&options.features).map(String::as_str).collect();
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    if let Some(dir) = &options.target_dir {
        command.arg("--target-dir").arg(dir);
    }
    for (flag, on) in [("--offline", options.offline), ("--locked", options.locked), ("--frozen", options.frozen)] {
        if on {
            command.arg(flag);
        }
    }
    if options.progress {
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "120");
    }
    command.args(["--color", if options.color { "always" } else { "never" }]);
    command
}

/// Returns the compiler flags as a TOML list. They remove paths of this machine from the module, set the size of the stack, and
/// keep the relocations, by which `trim` finds data that nothing reaches.
fn rustflags(workspace_root: &Path, target_dir: &Path) -> toml::Value {
    let mut remapped = env::homes();
    remapped.push((workspace_root.to_owned(), "/build"));
    remapped.push((target_dir.to_owned(), "/target"));
    // rustc applies the last matching prefix, so more specific ones come later.
    remapped.sort_by_key(|(dir, _)| dir.as_os_str().len());
    let mut flags: Vec<String> =
        remapped.into_iter().map(|(dir, name)| format!("--remap-path-prefix={}={name}", dir.display())).collect();
    flags.push(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
    flags.push("-Clink-arg=--emit-relocs".to_owned());
    toml::Value::Array(flags.into_iter().map(toml::Value::String).collect())
}

/// Reads a line of cargo's progress bar: `Building [===>   ] 24/48: rustversion(build), toml_parser`.
fn progress(line: &str) -> Option<Event> {
    let (_, rest) = line.trim().strip_prefix("Building [")?.split_once("] ")?;
    let (count, what) = rest.split_once(':').unwrap_or((rest, ""));
    let (done, total) = count.split_once('/')?;
    Some(Event::Progress { done: done.parse().ok()?, total: total.parse().ok()?, what: what.trim().to_owned() })
}

fn read_message(line: &str, bin: &str, id: &str, outcome: &mut Outcome) {
    let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) else { return };
    let for_target = artifact.filenames.iter().any(|file| file.components().any(|part| part.as_str() == TARGET));
    if !for_target {
        return;
    }
    let is_own = artifact.package_id.repr == id;
    if is_own && artifact.target.name == bin && artifact.executable.is_some() {
        outcome.module = artifact.filenames.into_iter().find(|f| f.extension() == Some("wasm")).map(Into::into);
        outcome.features = artifact.features;
        outcome.features.retain(|feature| feature != "default");
        outcome.features.sort();
    }
    if !is_own {
        outcome.linked.push(package_name(&artifact.package_id.repr));
    }
}

/// Extracts the package name from a package id: `registry+…#serde@1.0.0`, `path+file:///dir/name#1.0.0`,
/// `path+file:///dir#name@1.0.0`.
fn package_name(id: &str) -> String {
    let (source, fragment) = id.rsplit_once('#').unwrap_or(("", id));
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => source.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Event, Outcome, package_name, progress, read_message, rustflags};

    #[test]
    fn extracts_names_from_package_ids() {
        assert_eq!(
            package_name("registry+https://github.com/rust-lang/crates.io-index#serde_json@1.0.154"),
            "serde_json"
        );
        assert_eq!(package_name("path+file:///home/a/tool#0.1.0"), "tool");
        assert_eq!(package_name("path+file:///home/a/dir#tool@0.1.0"), "tool");
    }

    #[test]
    fn reads_the_progress_bar_of_cargo() {
        let line = "    Building [============>              ] 24/48: rustversion(build), toml_parser           ";
        let expected = Event::Progress { done: 24, total: 48, what: "rustversion(build), toml_parser".to_owned() };
        assert_eq!(progress(line), Some(expected));
        for other in ["   Compiling serde v1.0.0", "    Building [  ] x/48: a", "    Finished `mpp` profile", ""] {
            assert_eq!(progress(other), None, "{other}");
        }
    }

    #[test]
    fn the_more_specific_directory_is_remapped_last() {
        let inside = rustflags(Path::new("/p"), Path::new("/p/target")).to_string();
        assert!(inside.find("=/build").expect("project") < inside.find("=/target").expect("target"), "{inside}");
        let copy = rustflags(Path::new("/p/target/copy"), Path::new("/p/target")).to_string();
        assert!(copy.find("=/target").expect("target") < copy.find("=/build").expect("project"), "{copy}");
    }

    #[test]
    fn collects_only_packages_linked_for_the_target() {
        let message = |name: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"registry+https://x#{name}@1.0.0","manifest_path":"/r/Cargo.toml",
                "target":{{"kind":["lib"],"crate_types":["lib"],"name":"{name}","src_path":"/r/lib.rs","edition":"2021","doc":true,"doctest":true,"test":true}},
                "profile":{{"opt_level":"s","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}},
                "features":[],"filenames":["{file}"],"executable":null,"fresh":true}}"#
            )
        };
        let mut outcome = Outcome::default();
        read_message(
            &message("reqwest", "/t/mpp/deps/libreqwest.rlib"),
            "tool",
            "path+file:///tool#0.1.0",
            &mut outcome,
        );
        read_message(
            &message("serde", "/t/wasm32-wasip1/mpp/deps/libserde.rlib"),
            "tool",
            "path+file:///tool#0.1.0",
            &mut outcome,
        );
        assert_eq!(outcome.linked, ["serde"]);
    }
}
