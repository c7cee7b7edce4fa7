//! Goal 8 of the speed page: private memory of loaded tools and of live instances, from `/proc/self/smaps_rollup`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

#[path = "support/common.rs"]
mod support;

use std::sync::Barrier;
use std::time::Duration;

use mpp_host::Host;
use mpp_host::host::Grant;

const TOOLS: usize = 200;
const LIVE: usize = 32;

fn main() {
    let module = support::module();
    let package = support::package(&module);
    let dir = tempfile::tempdir().unwrap();
    let host = Host::builder().cache_dir(dir.path().join("cache")).build().unwrap();
    support::call(&support::runnable(&host, &package));

    let before = private_bytes();
    let tools: Vec<_> = (0..TOOLS).map(|_| support::runnable(&host, &package)).collect();
    let loaded = private_bytes() - before;
    println!("loaded idle tool: {} KiB private each ({TOOLS} of them)", loaded / 1024 / TOOLS as i64);
    drop(tools);

    // A module that touches as much as the tool does is the tool itself; one that sleeps can be counted while it lives.
    let sleeps = wat::parse_str(SLEEPS).unwrap();
    let sleeper = support::package(&sleeps);
    let tool = {
        let verified = support::verify(&host, &sleeper);
        let admission = support::admit(&verified);
        host.load(verified).unwrap().grant(Grant::new(admission)).unwrap()
    };
    let live = Barrier::new(LIVE + 1);
    std::thread::scope(|scope| {
        for _ in 0..LIVE {
            scope.spawn(|| {
                live.wait();
                live.wait();
                let _ = tool.call(support::TOOL, support::ARGUMENTS);
            });
        }
        live.wait();
        let before = private_bytes();
        live.wait();
        std::thread::sleep(Duration::from_millis(500));
        let used = private_bytes() - before;
        println!(
            "live instance: {} KiB private each ({LIVE} of them, each with four touched pages)",
            used / 1024 / LIVE as i64
        );
    });
}

/// Touches four pages of its memory, then sleeps a second.
const SLEEPS: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 3)
  (func (export "_start")
    (i32.store (i32.const 112) (i32.const 1))
    (i64.store (i32.const 120) (i64.const 1000000000))
    (i32.store (i32.const 8192) (i32.const 1))
    (i32.store (i32.const 65536) (i32.const 1))
    (i32.store (i32.const 131072) (i32.const 1))
    (drop (call $poll (i32.const 96) (i32.const 1000) (i32.const 1) (i32.const 1100)))))"#;

/// What would be freed if this process ended.
fn private_bytes() -> i64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    rollup
        .lines()
        .filter(|line| line.starts_with("Private_"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok())
        .sum::<i64>()
        * 1024
}
