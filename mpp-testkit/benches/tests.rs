//! The cost of a test whose tool is already built: in a new process, in one that has the package, and per call.
//!
//! Run `cargo bench --profile dev -p mpp-testkit`, which uses the profile of `cargo test`.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, criterion_group};
use mpp_testkit::{Tool, ToolBuilder};
use serde_json::json;

/// The variable that makes this program a test with one call, or a test without calls.
const CALL: &str = "a-test-with-one-call";
const NOTHING: &str = "a-test-with-none";

fn contacts() -> ToolBuilder {
    mpp_testkit::tool!("../examples/contacts").sandboxed()
}

/// A call whose answer is filtered; six values are redacted.
fn find(tool: &Tool) {
    tool.call("find", json!({ "query": "ada" })).assert_redacted("/0/reach/0/address", "email");
}

/// Starts this program again, as `cargo nextest` does for each test of a run.
fn process(what: &str) {
    let program = std::env::current_exe().unwrap();
    let run = format!("bench-{}", std::process::id());
    let status = Command::new(program).arg(what).env("NEXTEST_RUN_ID", run).stderr(Stdio::inherit()).status().unwrap();
    assert!(status.success());
}

fn one_call(criterion: &mut Criterion) {
    // Builds the tool and compiles the module, which only the first test of a run does.
    process(CALL);
    let mut group = criterion.benchmark_group("a test with one call");
    group.measurement_time(Duration::from_secs(8));
    group.bench_function("process: nothing", |b| b.iter(|| process(NOTHING)));
    group.bench_function("process: verify, load, grant, call, filter", |b| b.iter(|| process(CALL)));
    group.bench_function("same process: grant, call, filter", |b| b.iter(|| find(&contacts().load())));
    group.finish();
}

fn many_calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("calls of one test");
    group.sample_size(10);
    let tool = contacts().load();
    group.bench_function("1000 × find: reads two files, six redactions", |b| {
        b.iter(|| (0..1000).for_each(|_| find(&tool)));
    });
    let tool = mpp_testkit::tool!("../examples/text-tools").sandboxed().load();
    group.bench_function("1000 × slugify: nothing but the call", |b| {
        b.iter(|| {
            for _ in 0..1000 {
                tool.call("slugify", json!({ "text": "Step by step" })).assert_text("step-by-step");
            }
        });
    });
    group.finish();
}

criterion_group!(benches, one_call, many_calls);

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(CALL) => find(&contacts().load()),
        Some(NOTHING) => {}
        _ => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
