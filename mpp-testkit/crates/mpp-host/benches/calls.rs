//! Goals 1–3: the cost of a call, compared with the same call elsewhere.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

#[path = "support/common.rs"]
mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use mpp_host::Host;
use mpp_host::audit::AuditLog;
use wasmtime::Module;

fn calls(criterion: &mut Criterion) {
    let module = support::module();
    let host = Host::builder().build().unwrap();
    let tool = support::runnable(&host, &support::package(&module));

    let log = tempfile::tempdir().unwrap();
    let recording = Host::builder().audit(Arc::new(AuditLog::new(log.path().join("audit")))).build().unwrap();
    let recorded = support::runnable(&recording, &support::package(&module));

    let tuned = support::tuned();
    let on_tuned = support::bare(&tuned, &Module::new(&tuned, &module).unwrap());
    let textbook = support::textbook();
    let on_textbook = support::bare(&textbook, &Module::new(&textbook, &module).unwrap());

    let mut group = criterion.benchmark_group("call");
    group.bench_function("host", |b| b.iter(|| support::call(&tool)));
    group.bench_function("host, with its audit log", |b| b.iter(|| support::call(&recorded)));
    group.bench_function("bare wasmtime-wasi, same engine settings", |b| {
        b.iter(|| support::bare_call(&tuned, &on_tuned));
    });
    group.bench_function("textbook embedding", |b| b.iter(|| support::bare_call(&textbook, &on_textbook)));

    let two = |b: &mut criterion::Bencher<'_>, call: &(dyn Fn() + Sync)| {
        b.iter_custom(|iterations| support::spread(2, iterations, call));
    };
    group.bench_function("host, two threads", |b| two(b, &|| support::call(&tool)));
    group.bench_function("host, with its audit log, two threads", |b| two(b, &|| support::call(&recorded)));
    group.bench_function("bare wasmtime-wasi, same engine settings, two threads", |b| {
        two(b, &|| {
            support::bare_call(&tuned, &on_tuned);
        });
    });
    group.bench_function("textbook embedding, two threads", |b| {
        two(b, &|| {
            support::bare_call(&textbook, &on_textbook);
        });
    });

    let program = support::native();
    group.sample_size(30);
    group.bench_function("a native process for each call", |b| {
        b.iter(|| {
            let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(support::REQUEST.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success() && !output.stdout.is_empty());
        });
    });
    group.finish();
    let report = mpp_host::audit::verify(&log.path().join("audit")).unwrap().unwrap();
    assert!(report.is_whole(), "{report:?}");
}

criterion_group!(benches, calls);
criterion_main!(benches);
