//! Test runs with one process per test, as with `cargo nextest`: each module is built once.
//!
//! The processes run other tests of this program, and call cargo through a script that logs the calls.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A directory for scripts that replace programs in `PATH`, and for their logs.
struct Watched {
    dir: tempfile::TempDir,
    run: String,
}

impl Watched {
    fn new() -> Self {
        let watched = Self { dir: tempfile::tempdir().unwrap(), run: String::new() };
        let run = format!("test-{}-{:x}", std::process::id(), fs::metadata(watched.dir.path()).unwrap().ino());
        watched.program("cargo", &format!("exec {:?} \"$@\"", real("CARGO", "cargo")));
        Self { run, ..watched }
    }

    /// Writes a shell script that logs its directory and arguments, and then runs `then`.
    fn program(&self, name: &str, then: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        let script = format!("#!/bin/sh\necho \"$(basename \"$PWD\") $*\" >> {:?}\n{then}\n", self.log(name));
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    /// Returns how often a program was called in the directory `from` with arguments that contain `with`.
    fn count(&self, program: &str, from: &str, with: &str) -> usize {
        let log = fs::read_to_string(self.log(program)).unwrap_or_default();
        log.lines().filter(|line| line.starts_with(&format!("{from} ")) && line.contains(with)).count()
    }

    /// Starts one test of this program in another process.
    fn start(&self, test: &str, env: &[(&str, &Path)]) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).env("NEXTEST_RUN_ID", &self.run).env("CARGO", self.dir.path().join("cargo"));
        command.envs(env.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

fn real(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from)
}

fn passed(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn processes_of_one_run_build_each_module_once() {
    let watched = Watched::new();
    let test = "definitions::unchanged_definitions_pass_and_their_text_is_stable";
    let other = "replay::recorded_calls_can_be_replayed";
    // Starts three at the same time, and one after they have ended.
    let children: Vec<Child> = [test, other, test].into_iter().map(|test| watched.start(test, &[])).collect();
    children.into_iter().for_each(|child| drop(passed(child)));
    passed(watched.start(other, &[]));
    for tool in ["contacts", "text-tools"] {
        assert_eq!(watched.count("cargo", tool, "build --package"), 1, "{tool}");
        assert_eq!(watched.count("cargo", tool, "metadata "), 1, "{tool}");
    }
    // The next run builds again.
    let next = Watched::new();
    passed(next.start(other, &[]));
    assert_eq!(next.count("cargo", "contacts", "build --package"), 1);
}

#[test]
fn crashes_have_source_lines_in_every_process() {
    let watched = Watched::new();
    for _ in 0..2 {
        passed(watched.start("author_mistakes::a_panic", &[]));
    }
    assert_eq!(watched.count("cargo", "misbehaving", "build --package"), 1);
}

#[test]
fn a_build_that_fails_is_tried_once() {
    let watched = Watched::new();
    let test = "author_mistakes::a_tool_that_does_not_compile";
    let children: Vec<Child> = (0..3).map(|_| watched.start(test, &[])).collect();
    children.into_iter().for_each(|child| drop(passed(child)));
    assert_eq!(watched.count("cargo", "uncompilable", "build --package"), 1);
}

#[test]
fn a_missing_target_is_added_and_reported() {
    let watched = Watched::new();
    // The script answers only the lookup of the target; everything else runs the real compiler.
    let rustc = format!(
        "case \"$*\" in *target-libdir*) echo /nowhere ;; *) exec {:?} \"$@\" ;; esac",
        which("rustc").expect("a compiler")
    );
    watched.program("rustc", &rustc);
    watched.program("rustup", "echo 'info: downloading'");
    let path = std::env::join_paths(
        std::iter::once(watched.dir.path().to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let fresh = watched.dir.path().join("target");
    let env = [("PATH", Path::new(&path)), ("CARGO_TARGET_DIR", fresh.as_path())];
    let output = passed(watched.start("author_mistakes::a_program_that_is_not_a_tool", &env));
    assert_eq!(watched.count("rustup", "greeting", "target add wasm32-wasip1"), 1);
    let said = String::from_utf8_lossy(&output.stderr);
    for line in [
        "      Adding the Rust target `wasm32-wasip1` with rustup, because the tool is tested as WebAssembly\n",
        "     Testing `greeting` as it ships: compiling it for `wasm32-wasip1`, to sign, verify and run it in the sandbox",
        "   Compiling greeting v0.1.0",
    ] {
        assert!(said.contains(line), "{line}\nis not in\n{said}");
    }
}

fn which(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}
