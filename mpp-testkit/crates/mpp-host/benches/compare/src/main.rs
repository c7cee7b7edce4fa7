//! Goal 3: the same tool here and elsewhere, in one run.

#[path = "../../support/common.rs"]
mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use criterion::Criterion;
use mpp_host::Host;

/// An MCP server on stdio with a minimal client that writes and reads one line at a time.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    request: String,
}

impl Server {
    fn start(command: &mut Command, from: &str) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a server");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let request = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{{\"name\":\"convert\",\"arguments\":{{\"value\":3.5,\"{from}\":\"mi\",\"to\":\"km\"}}}}}}\n"
        );
        let mut server = Self { child, input, output, request };
        let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}"#;
        assert!(server.ask(&format!("{hello}\n")).contains("serverInfo"));
        let ready = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
        server.input.write_all(ready.as_bytes()).expect("a running server");
        server.call();
        server
    }

    fn ask(&mut self, line: &str) -> String {
        self.input.write_all(line.as_bytes()).expect("a running server");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("an answer");
        answer
    }

    fn call(&mut self) {
        let request = std::mem::take(&mut self.request);
        let answer = self.ask(&request);
        assert!(answer.contains("5.63270"), "{answer}");
        self.request = request;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds a member of this workspace.
fn build(package: &str) -> PathBuf {
    let target_dir = std::env::temp_dir().join("mpp-bench-elsewhere");
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--release", "-p", package, "--target-dir"]);
    assert!(cargo.arg(&target_dir).status().expect("cargo").success());
    target_dir.join("release").join(package)
}

fn main() {
    let module = support::module();
    let host = Host::builder().build().expect("a host");
    let tool = support::runnable(&host, &support::package(&module));
    let native = support::native();

    let mut rmcp = Server::start(&mut Command::new(build("rmcp-server")), "from");
    let mut python = std::env::var_os("MCP_PYTHON").map(|python| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("server.py");
        Server::start(Command::new(python).arg(script), "from_")
    });

    let mut criterion = Criterion::default().configure_from_args().sample_size(50);
    let mut group = criterion.benchmark_group("elsewhere");
    group.bench_function("here: fresh instance, checked, filtered", |b| b.iter(|| support::call(&tool)));
    group.bench_function("rmcp server on stdio", |b| b.iter(|| rmcp.call()));
    match &mut python {
        Some(python) => drop(group.bench_function("Python SDK server on stdio", |b| b.iter(|| python.call()))),
        None => eprintln!("MCP_PYTHON is not set: the Python SDK is left out"),
    }
    group.bench_function("a native process for each call", |b| {
        b.iter(|| {
            let mut child = Command::new(&native).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it");
            child.stdin.take().expect("its input").write_all(support::REQUEST.as_bytes()).expect("it");
            let output = child.wait_with_output().expect("its output");
            assert!(output.status.success() && !output.stdout.is_empty());
        });
    });
    group.finish();
    criterion.final_summary();
}
