//! Goal 8: the private memory of loaded tools and of live instances, from `/proc/self/smaps_rollup`, and the allocated
//! part of it. The rest is memory that the allocator retains, and pages of compiled code that were written to.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]
#![allow(unsafe_code, reason = "an allocator that counts")]

#[path = "support/common.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mpp_host::Host;

/// The system's allocator, which counts the allocated bytes.
struct Counting;

static ALLOCATED: AtomicI64 = AtomicI64::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: all calls are forwarded to the system's allocator; counting touches no memory except the counter.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

const TOOLS: usize = 200;
const LIVE: usize = 32;

fn main() {
    let module = support::module();
    let package = support::package(&module);
    let dir = tempfile::tempdir().unwrap();
    let host = Host::builder().cache_dir(dir.path().join("cache")).build().unwrap();
    support::call(&support::runnable(&host, &package));

    let (before, allocated) = (private_bytes(), ALLOCATED.load(Ordering::Relaxed));
    let tools: Vec<_> = (0..TOOLS).map(|_| support::runnable(&host, &package)).collect();
    let each = |bytes: i64| bytes as f64 / 1024.0 / TOOLS as f64;
    let (loaded, allocated) = (private_bytes() - before, ALLOCATED.load(Ordering::Relaxed) - allocated);
    println!(
        "loaded idle tool: {:.1} KiB private each, {:.1} KiB of it allocated ({TOOLS} of them)",
        each(loaded),
        each(allocated)
    );
    drop(tools);

    // This module touches as much memory as the tool, and sleeps, so that it can be measured while it runs.
    let sleeps = wat::parse_str(SLEEPS).unwrap();
    let sleeper = support::package(&sleeps);
    let tool = {
        let verified = support::verify(&host, &sleeper);
        let grant = support::grant(&host, &verified);
        host.load(verified).unwrap().grant(grant).unwrap()
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

/// A module that touches four pages of its memory and then sleeps for a second.
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

/// Returns the memory that would be freed if this process ended.
fn private_bytes() -> i64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    rollup
        .lines()
        .filter(|line| line.starts_with("Private_"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok())
        .sum::<i64>()
        * 1024
}
