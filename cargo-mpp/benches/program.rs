//! Goals 5 and 9: the whole program compared with the tool as a native program, and `mpp build` compared with the
//! `cargo build` inside it.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};

const REQUEST: &str = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"convert\",\"arguments\":{\"value\":3.5,\"from\":\"mi\",\"to\":\"km\"}}}\n";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn mpp(home: &Path) -> Command {
    let mut mpp = Command::new(env!("CARGO_BIN_EXE_mpp"));
    mpp.env("MPP_HOME", home).current_dir(workspace());
    mpp
}

fn ended_well(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn native() -> PathBuf {
    let target = std::env::temp_dir().join("mpp-bench-tool");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["build", "--release", "-p", "unit-converter", "--target-dir"]).arg(&target);
    assert!(cargo.status().unwrap().success());
    target.join("release/unit-converter")
}

fn runs(criterion: &mut Criterion) {
    let home = tempfile::tempdir().unwrap();
    let built = mpp(home.path()).args(["build", "examples/handler", "--format", "json"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let built: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    let package = built["packages"][0]["path"].as_str().unwrap().to_owned();
    let run = || {
        let mut run = mpp(home.path());
        run.args(["run", "-q", "--tool", "convert", "--args", r#"{"value":3.5,"from":"mi","to":"km"}"#]).arg(&package);
        ended_well(&mut run);
    };
    run();
    let program = native();
    let mut group = criterion.benchmark_group("program");
    group.sample_size(40);
    group.bench_function("mpp run, cached package", |b| b.iter(run));
    group.bench_function("the tool as a native program", |b| {
        b.iter(|| {
            let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(REQUEST.as_bytes()).unwrap();
            assert!(child.wait_with_output().unwrap().status.success());
        });
    });
    group.finish();

    // Between two builds, only the modification time of one source file changes. A script runs cargo and records its
    // duration.
    let source = workspace().join("examples/handler/src/main.rs");
    let (shim, noted) = (home.path().join("cargo"), home.path().join("noted"));
    let script = format!(
        "#!/bin/sh\nstart=$(date +%s%N)\n'{}' \"$@\"\ncode=$?\necho $(($(date +%s%N) - start)) >> '{}'\nexit $code\n",
        env!("CARGO"),
        noted.display()
    );
    std::fs::write(&shim, script).unwrap();
    std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).unwrap();
    let build = |iterations: u64, inside: bool| {
        let mut sum = Duration::ZERO;
        for _ in 0..iterations {
            std::fs::File::options().append(true).open(&source).unwrap().set_modified(SystemTime::now()).unwrap();
            let _ = std::fs::remove_file(&noted);
            let start = Instant::now();
            ended_well(mpp(home.path()).env("CARGO", &shim).args(["build", "examples/handler", "-q"]));
            let whole = start.elapsed();
            let lines = std::fs::read_to_string(&noted).unwrap();
            let cargo: u64 = lines.lines().map(|line| line.parse::<u64>().unwrap()).max().unwrap();
            sum += if inside { Duration::from_nanos(cargo) } else { whole };
        }
        sum
    };
    let mut group = criterion.benchmark_group("build after a change");
    group.sample_size(10).measurement_time(Duration::from_secs(30));
    group.bench_function("mpp build", |b| b.iter_custom(|iterations| build(iterations, false)));
    group.bench_function("the cargo build inside it", |b| b.iter_custom(|iterations| build(iterations, true)));
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
