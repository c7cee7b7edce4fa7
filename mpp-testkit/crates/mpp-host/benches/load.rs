//! Goal 4: from a verified package whose code is in the cache to the first answer.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::print_stdout, reason = "a benchmark")]
#![allow(unsafe_code, reason = "the comparison believes a file that this process wrote")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

#[path = "support/common.rs"]
mod support;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mpp_host::Host;
use wasmtime::Module;

fn loads(criterion: &mut Criterion) {
    let module = support::module();
    let package = support::package(&module);
    let dir = tempfile::tempdir().unwrap();
    let host = Host::builder().cache_dir(dir.path().join("cache")).build().unwrap();
    support::call(&support::runnable(&host, &package));

    let tuned = support::tuned();
    let file = dir.path().join("bare.code");
    std::fs::write(&file, tuned.precompile_module(&module).unwrap()).unwrap();
    println!("module {} bytes, compiled {} bytes", module.len(), std::fs::metadata(&file).unwrap().len());
    // The first instance of an engine maps its pool.
    let first = support::bare(&tuned, &Module::new(&tuned, &module).unwrap());
    support::bare_call(&tuned, &first);

    let verified = support::verify(&host, &package);
    let mut group = criterion.benchmark_group("cached first call");
    group.bench_function("host: load, grant, call", |b| {
        b.iter_batched(
            || support::grant(&host, &verified),
            |grant| {
                let loaded = host.load(verified.clone()).unwrap();
                assert!(loaded.was_cached());
                support::call(&loaded.grant(grant).unwrap());
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("bare: deserialize_file, link, call", |b| {
        b.iter(|| {
            // SAFETY: this engine wrote the file above, to a directory that no other process uses.
            let module = unsafe { Module::deserialize_file(&tuned, &file) }.unwrap();
            support::bare_call(&tuned, &support::bare(&tuned, &module))
        });
    });
    group.finish();
}

criterion_group!(benches, loads);
criterion_main!(benches);
