//! Measures MCP servers over stdio: the time of one call, and calls a second with many in flight.
//!
//! ```text
//! cargo bench -p mpp-mcp --bench stdio -- 'mpp=target/release/mpp serve unit-converter-0.1.0.mpp' 'native=path/to/server'
//! ```
//!
//! Each argument is a name and the command of a server that has the tool `convert` of `examples/handler`. The servers are measured in
//! turns, so that the load of the machine is the same for all of them.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a driver for developers")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const CALL: &str =
    r#""method":"tools/call","params":{"name":"convert","arguments":{"value":3,"from":"mi","to":"km"}}}"#;
const ROUNDS: usize = 15;
const CALLS: usize = 400;
const WINDOW: usize = 64;
const BURST: usize = 6_400;

struct Server {
    name: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
    line: String,
    started: Duration,
    times: Vec<Duration>,
    burst: Vec<Duration>,
}

impl Server {
    fn start(argument: &str) -> Self {
        let (name, command) = argument.split_once('=').unwrap_or(("server", argument));
        let mut words = command.split_whitespace();
        let start = Instant::now();
        let mut child = Command::new(words.next().unwrap())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self {
            name: name.to_owned(),
            child,
            input,
            output,
            next: 0,
            line: String::new(),
            started: Duration::ZERO,
            times: Vec::new(),
            burst: Vec::new(),
        };
        server.send(r#""method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#);
        server.receive();
        server.input.write_all(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n").unwrap();
        server.send(r#""method":"tools/list","params":{}}"#);
        server.receive();
        server.started = start.elapsed();
        server.send(CALL);
        server.receive();
        assert!(server.line.contains("4.828032"), "{}: {}", server.name, server.line);
        server
    }

    fn send(&mut self, rest: &str) {
        self.next += 1;
        let line = format!("{{\"jsonrpc\":\"2.0\",\"id\":{},{rest}\n", self.next);
        self.input.write_all(line.as_bytes()).unwrap();
    }

    fn receive(&mut self) {
        self.line.clear();
        assert!(self.output.read_line(&mut self.line).unwrap() > 0, "{} has ended", self.name);
    }

    /// One call after the other.
    fn one_by_one(&mut self) {
        for _ in 0..CALLS {
            let start = Instant::now();
            self.send(CALL);
            self.receive();
            self.times.push(start.elapsed());
        }
    }

    /// Many calls at once.
    fn many(&mut self) {
        let start = Instant::now();
        for sent in 0..BURST + WINDOW {
            if sent < BURST {
                self.send(CALL);
            }
            if sent >= WINDOW {
                self.receive();
            }
        }
        self.burst.push(start.elapsed());
    }

    fn report(&mut self) -> String {
        self.times.sort();
        let percentile = |share: usize| self.times[self.times.len() * share / 100].as_secs_f64() * 1e6;
        let best = self.burst.iter().min().unwrap().as_secs_f64();
        format!(
            "{:<12} {:>9.1} {:>9.1} {:>9.1} {:>12.0} {:>10.1} {:>9.1}",
            self.name,
            percentile(10),
            percentile(50),
            percentile(95),
            BURST as f64 / best,
            self.started.as_secs_f64() * 1e3,
            memory(self.child.id()),
        )
    }
}

/// Resident memory of a process in MiB, without the pages that it shares with others.
fn memory(process: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let private = rollup.lines().filter(|line| line.starts_with("Private_"));
    let kib: f64 = private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum();
    kib / 1024.0
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut servers: Vec<Server> = arguments.iter().map(|argument| Server::start(argument)).collect();
    for _ in 0..ROUNDS {
        servers.iter_mut().for_each(Server::one_by_one);
        servers.iter_mut().for_each(Server::many);
    }
    println!(
        "{:<12} {:>9} {:>9} {:>9} {:>12} {:>10} {:>9}",
        "", "p10 µs", "p50 µs", "p95 µs", "calls/s", "start ms", "MiB"
    );
    for server in &mut servers {
        println!("{}", server.report());
    }
    for mut server in servers {
        drop(server.input);
        drop(server.child.wait());
    }
}
