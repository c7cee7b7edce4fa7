//! The chores of this workspace, run as `cargo xtask CHORE`: one command each, the same on every machine and in CI.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

mod book;
mod package;

/// A chore: its name, what it does, and the function that does it with the rest of the command line.
struct Chore {
    name: &'static str,
    summary: &'static str,
    run: fn(&[String]) -> Outcome,
}

/// Done, or a sentence that says which step failed.
type Outcome = Result<(), String>;

const CHORES: &[Chore] = &[
    Chore { name: "test", summary: "run every test, then the tools' own tests natively", run: test },
    Chore {
        name: "bless",
        summary: "rewrite every expected output: transcripts, compiler messages, pages",
        run: bless,
    },
    Chore {
        name: "gen",
        summary: "rewrite the generated files: pages of codes, JSON documents and host functions; `mpp.h`, Go's declarations, lock files",
        run: generate,
    },
    Chore {
        name: "book",
        summary: "check the code and the links in the book; `book --bless` copies the code again",
        run: book::run,
    },
    Chore { name: "tidy", summary: "format, then lint as CI does; `tidy --check` changes nothing", run: tidy },
    Chore { name: "doc", summary: "build the API documentation; a warning is an error", run: doc },
    Chore {
        name: "features",
        summary: "check every feature and every pair of features (needs cargo-hack)",
        run: features,
    },
    Chore { name: "deny", summary: "check licences, bans and sources of dependencies (needs cargo-deny)", run: deny },
    Chore { name: "bench", summary: "run all benchmarks; arguments go to criterion", run: bench },
    Chore {
        name: "package",
        summary: "package what is published and compile it; `--each`, `--install`, and the program for PyPI and npm: `--wheel`, `--npm`; see RELEASING.md",
        run: package::run,
    },
    Chore {
        name: "semver",
        summary: "compare the public API with the last release (needs cargo-semver-checks)",
        run: semver,
    },
];

/// The libraries whose features are checked alone and in pairs.
const WITH_FEATURES: &[&str] = &["mpp-host", "mpp-testkit"];
/// The features of `mpp-sdk` for types of other crates.
const FOREIGN_TYPES: &str =
    "arrayvec,bigdecimal,bytes,chrono,either,indexmap,jiff,rust_decimal,semver,smallvec,smol_str,url,uuid";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let chosen = arguments.first().and_then(|name| CHORES.iter().find(|chore| chore.name == name));
    let Some(chore) = chosen else {
        eprintln!("usage: cargo xtask CHORE\n");
        for chore in CHORES {
            eprintln!("  {:<9} {}", chore.name, chore.summary);
        }
        return ExitCode::from(2);
    };
    match (chore.run)(&arguments[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask {}: {problem}", chore.name);
            ExitCode::FAILURE
        }
    }
}

fn test(arguments: &[String]) -> Outcome {
    cargo(&["test", "--workspace", "--no-fail-fast"]).args(arguments).step()?;
    cargo(&["test", "--workspace", "--bins"]).env("MPP_TEST_MODE", "native").step()
}

fn bless(_: &[String]) -> Outcome {
    cargo(&["test", "-p", "mpp-sdk", "--test", "sdk"]).env("TRYBUILD", "overwrite").step()?;
    cargo(&["test", "-p", "cargo-mpp"]).env("TRYCMD", "overwrite").env("MPP_BLESS", "1").step()?;
    book::run(&["--bless".to_owned()])?;
    eprintln!("blessed: read `git diff` as you would read any other change");
    Ok(())
}

fn generate(_: &[String]) -> Outcome {
    cargo(&["test", "-p", "cargo-mpp", "--test", "architecture"]).env("MPP_BLESS", "1").step()?;
    cargo(&["test", "-p", "cargo-mpp", "--test", "cli", "--", "the_page_of_documents"]).env("MPP_BLESS", "1").step()?;
    cargo(&["test", "-p", "cargo-mpp", "--lib", "--", "a_new_project_is_complete"]).env("MPP_BLESS", "1").step()
}

fn tidy(arguments: &[String]) -> Outcome {
    let check = arguments.iter().any(|argument| argument == "--check");
    cargo(&["fmt", "--all"]).args(if check { &["--check"][..] } else { &[] }).step()?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).step()?;
    // The host as its users compile it: without the test features, and without the sandbox.
    cargo(&["clippy", "-p", "mpp-host", "--", "-D", "warnings"]).step()?;
    cargo(&["clippy", "-p", "mpp-host", "--no-default-features", "--", "-D", "warnings"]).step()
}

fn doc(arguments: &[String]) -> Outcome {
    let mut command = cargo(&["doc", "--no-deps", "--all-features"]);
    for member in package::published()? {
        command.args(["-p", &member]);
    }
    command.args(arguments).env("RUSTDOCFLAGS", "-D warnings").step()
}

fn features(_: &[String]) -> Outcome {
    // Each only adds implementations for one crate's types, so they count as one.
    cargo(&["hack", "check", "--feature-powerset", "-p", "mpp-sdk", "--group-features", FOREIGN_TYPES]).step()?;
    let mut command = cargo(&["hack", "check", "--feature-powerset", "--depth", "2"]);
    for member in WITH_FEATURES {
        command.args(["-p", member]);
    }
    command.step()
}

fn deny(arguments: &[String]) -> Outcome {
    let checks: &[&str] = if arguments.is_empty() { &["licenses", "bans", "sources"] } else { &[] };
    cargo(&["deny", "check"]).args(checks).args(arguments).step()
}

fn bench(arguments: &[String]) -> Outcome {
    for member in ["mpp-host", "cargo-mpp"] {
        cargo(&["bench", "-p", member]).args(arguments).step()?;
    }
    // The kit's numbers are those of an author's `cargo test`, which is a development build.
    cargo(&["bench", "--profile", "dev", "-p", "mpp-testkit"]).args(arguments).step()
}

fn semver(arguments: &[String]) -> Outcome {
    let mut command = cargo(&["semver-checks"]);
    // A program and a procedural macro have no API that the tool can read.
    for member in package::published()?.iter().filter(|member| !["cargo-mpp", "mpp-macros"].contains(&member.as_str()))
    {
        command.args(["-p", member]);
    }
    command.args(arguments).step()
}

/// The directory of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap_or(Path::new(".")).to_owned()
}

/// The cargo that runs this program, in the workspace.
fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// The name of a command's program, without its directory.
fn name(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs a command as one step of a chore.
trait Step {
    fn step(&mut self) -> Outcome;
}

impl Step for Command {
    fn step(&mut self) -> Outcome {
        let words: Vec<_> = self.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let line = format!("{} {}", name(self), words.join(" "));
        eprintln!("$ {line}");
        match self.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{line}` failed: {status}")),
            Err(error) => Err(format!("`{line}` cannot be run: {error}")),
        }
    }
}
