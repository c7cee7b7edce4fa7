//! Every Rust template, used as a new user would: the project builds, runs and passes its own tests in both modes without
//! edits.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_mpp::template::{Language, TEMPLATES};

use crate::support::{Ended, User};

/// One directory for all templates and runs, so that the vendored crates are compiled once. The dependencies of the
/// sandbox are those of this checkout.
pub(crate) fn place_of(project: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("new").join(project)
}

/// Returns the target directory in which these tests were built.
pub(crate) fn target_dir() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target directory")
}

/// Makes `to` equal to `from` and does not touch equal files, because cargo looks at modification times.
pub(crate) fn settle(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in to.read_dir().expect("read") {
        let path = entry.expect("an entry").path();
        if !from.join(path.file_name().expect("a name")).exists() {
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.expect("removed");
        }
    }
    for entry in from.read_dir().expect("read") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            settle(&path, &target);
        } else if std::fs::read(&path).ok() != std::fs::read(&target).ok() {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// Templates of other languages need their compilers: `.ci/foreign` tries them.
#[test]
fn every_rust_template_builds_runs_and_passes_its_tests() {
    let _turn = crate::support::one_workspace_at_a_time();
    for template in TEMPLATES.iter().filter(|template| template.language == Language::Rust) {
        let user = User::new();
        user.mpp(&["new", "greeter", "--template", template.name]).done();
        let place = place_of("greeter");
        settle(&user.dir().join("greeter"), &place);
        let in_place = |command: &mut Command| {
            command.current_dir(&place).env("CARGO_TARGET_DIR", target_dir()).env("CARGO_NET_OFFLINE", "true");
            Ended::of(command.output().expect("it starts"))
        };
        let run: Vec<&str> = ["run", "."].into_iter().chain(template.first_call.split(' ')).collect();
        let answer = in_place(&mut user.command(&run)).done().json();
        assert!(answer.is_object(), "{}: {answer}", template.name);
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg("test").env("MPP_HOME", user.home());
        for mode in ["sandboxed", "native"] {
            let tested = in_place(cargo.env("MPP_TEST_MODE", mode)).done();
            let passed = tested.stdout.contains("test result: ok. 3 passed");
            assert!(passed, "{}, {mode}: {}", template.name, tested.stdout);
        }
    }
}
