//! What a call costs in each language: the host and a bare engine, in one process.
//!
//! `run` in this directory builds the packages and starts this program with a file that names them. Without one, it does nothing.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(clippy::print_stdout, reason = "a benchmark")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]
#![allow(unsafe_code, reason = "the comparison believes a file that this process wrote")]

#[path = "../support/common.rs"]
mod support;

mod bare;

use std::process::Command;
use std::time::{Duration, Instant};

use bare::Bare;
use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::RunnablePackage;
use mpp_host::package::PackageBytes;
use serde_json::{Value, json};

/// Time for the first calls of one package, with and without compiled code.
const FIRST: Duration = Duration::from_millis(1500);
/// Time for the later calls of one package, half of it for those of the bare engine.
const LATER: Duration = Duration::from_millis(5000);
/// Calls of the host, and then of the bare engine, in one round.
const ROUND: Duration = Duration::from_millis(25);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["costs", file] => {
            let tools: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            let costs: Vec<Value> = tools.iter().map(costs).collect();
            println!("{}", serde_json::to_string(&costs).unwrap());
        }
        ["memory", cache, tool] => println!("{}", memory(cache, &Tool::new(&serde_json::from_str(tool).unwrap()))),
        _ => println!("`benches/languages/run` builds the packages and measures them"),
    }
}

/// A package, and a call of it.
struct Tool {
    package: PackageBytes,
    name: String,
    arguments: String,
    /// A part of the answer.
    expected: String,
}

impl Tool {
    fn new(tool: &Value) -> Self {
        let text = |key: &str| tool[key].as_str().unwrap().to_owned();
        let package = std::fs::read(text("package")).unwrap().into();
        Self { package, name: text("tool"), arguments: tool["arguments"].to_string(), expected: text("expected") }
    }

    /// The request as the tool receives it.
    fn request(&self) -> String {
        let Self { name, arguments, .. } = self;
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"{name}\",\"arguments\":{arguments}}}}}\n"
        )
    }

    fn call(&self, tool: &RunnablePackage) -> u64 {
        let output = tool.call(&self.name, &self.arguments);
        assert!(output.json().contains(&self.expected), "{}", output.json());
        output.report().memory_peak
    }
}

/// Loads a package, and returns whether its code was cached.
fn load(host: &Host, verified: &VerifiedPackage) -> (RunnablePackage, bool) {
    let grant = support::grant(host, verified);
    let loaded = host.load(verified.clone()).unwrap();
    (loaded.grant(grant).unwrap(), loaded.was_cached())
}

fn costs(description: &Value) -> Value {
    let tool = Tool::new(description);
    let dir = tempfile::tempdir().unwrap();
    let verifier = Host::builder().build().unwrap();
    let verified = support::verify(&verifier, &tool.package);

    // Each first call has a host of its own, which reads, checks and maps everything again.
    let mut number = 0;
    let mut compiled_first = repeated(FIRST, || {
        number += 1;
        let host = Host::builder().cache_dir(dir.path().join(number.to_string())).build().unwrap();
        host.prepare();
        let started = Instant::now();
        let (runnable, was_cached) = load(&host, &verified);
        tool.call(&runnable);
        assert!(!was_cached);
        started.elapsed()
    });
    let cache = dir.path().join("1");
    let mut cached_first = repeated(FIRST, || {
        let host = Host::builder().cache_dir(&cache).build().unwrap();
        host.prepare();
        let started = Instant::now();
        let (runnable, was_cached) = load(&host, &verified);
        tool.call(&runnable);
        assert!(was_cached);
        started.elapsed()
    });

    let host = Host::builder().cache_dir(&cache).build().unwrap();
    let (runnable, _) = load(&host, &verified);
    let mut code = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
    let code = code.find(|path| path.extension().is_some_and(|extension| extension == "code")).unwrap();
    let is_component = verified.module().get(6..8) == Some(&[1, 0]);
    let bare = Bare::new(&support::tuned(), &code, is_component).unwrap();
    let request = tool.request();
    let mut peak = 0;
    let mut calls = Calls::default();
    calls.measure(
        || peak = peak.max(tool.call(&runnable)),
        || assert!(bare.call(&request).unwrap().contains(&tool.expected)),
    );

    let mut memory = Command::new(std::env::current_exe().unwrap());
    memory.args(["memory", cache.to_str().unwrap(), &description.to_string()]);
    let memory = memory.output().unwrap();
    assert!(memory.status.success(), "{}", String::from_utf8_lossy(&memory.stderr));
    let memory: Value = serde_json::from_slice(&memory.stdout).unwrap();
    json!({
        "language": description["language"],
        "module_bytes": verified.module().len(),
        "package_bytes": tool.package.as_slice().len(),
        "code_bytes": std::fs::metadata(&code).unwrap().len(),
        "first_call_compiling_ms": milliseconds(median(&mut compiled_first)),
        "first_call_cached_ms": milliseconds(median(&mut cached_first)),
        "call_ms": percentiles(&mut calls.host),
        "bare_call_ms": percentiles(&mut calls.bare),
        "calls": calls.host.len(),
        "ratio": rounded(calls.ratio()),
        "guest_memory_bytes": peak,
        "process_memory_bytes": memory,
    })
}

/// The times of later calls.
#[derive(Default)]
struct Calls {
    host: Vec<Duration>,
    bare: Vec<Duration>,
    /// The median of the host's calls in one round, divided by that of the bare engine.
    ratios: Vec<f64>,
}

impl Calls {
    /// Measures in turns, so that other work on the machine slows both down. The rounds are short and their order alternates.
    fn measure(&mut self, mut host: impl FnMut(), mut bare: impl FnMut()) {
        (0..20).for_each(|_| host());
        (0..20).for_each(|_| bare());
        let started = Instant::now();
        while started.elapsed() < LATER || self.ratios.len() < 10 {
            let (mut of_host, mut of_bare);
            if self.ratios.len().is_multiple_of(2) {
                of_host = repeated(ROUND, || timed(&mut host));
                of_bare = repeated(ROUND, || timed(&mut bare));
            } else {
                of_bare = repeated(ROUND, || timed(&mut bare));
                of_host = repeated(ROUND, || timed(&mut host));
            }
            self.ratios.push(median(&mut of_host).as_secs_f64() / median(&mut of_bare).as_secs_f64());
            self.host.append(&mut of_host);
            self.bare.append(&mut of_bare);
        }
    }

    fn ratio(&self) -> f64 {
        let mut ratios = self.ratios.clone();
        ratios.sort_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    }
}

/// Returns the private memory of a process that runs calls of one package: before the first call, and at its peak.
fn memory(cache: &str, tool: &Tool) -> Value {
    let host = Host::builder().cache_dir(cache).instances(1).build().unwrap();
    host.prepare();
    let (runnable, was_cached) = load(&host, &support::verify(&host, &tool.package));
    assert!(was_cached);
    let (private, resident) = (field("/proc/self/smaps_rollup", "Private_"), field("/proc/self/status", "VmRSS:"));
    // Sets the peak to what is resident now.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    for _ in 0..20 {
        tool.call(&runnable);
    }
    let calls = field("/proc/self/status", "VmHWM:").saturating_sub(resident);
    json!({ "loaded": private, "peak": private + calls })
}

/// Returns the sum of the fields of a file of `/proc` whose names begin with `name`, in bytes.
fn field(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap();
    let fields = text.lines().filter(|line| line.starts_with(name));
    fields.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>() * 1024
}

/// Repeats `measured` for a time, at least three times unless once already takes longer.
fn repeated(time: Duration, mut measured: impl FnMut() -> Duration) -> Vec<Duration> {
    let started = Instant::now();
    let mut times = vec![measured()];
    while started.elapsed() < time || (times.len() < 3 && times[0] < time) {
        times.push(measured());
    }
    times
}

fn timed(call: &mut impl FnMut()) -> Duration {
    let started = Instant::now();
    call();
    started.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn percentiles(times: &mut [Duration]) -> Value {
    times.sort();
    json!({ "p50": milliseconds(times[times.len() / 2]), "p95": milliseconds(times[times.len() * 95 / 100]), "min": milliseconds(times[0]) })
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// Rounds to three significant digits.
fn rounded(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap()
}
