//! Measures MCP servers from outside: the time of one call, calls a second with many in flight, a large answer, start and memory.
//!
//! `benches/run` prepares the servers and calls this driver. It uses no crates, so `rustc -O` compiles it, and takes a mode and servers:
//!
//! ```text
//! stdio calls  'NAME=COMMAND' 'NAME=http:COMMAND' …   the tool `convert`: one call in flight, then 64
//! stdio large  'NAME=COMMAND' …                       the tool `large`: one call in flight
//! stdio starts 'NAME=COMMAND' …                       from the start to the first list of tools, and idle memory
//! ```
//!
//! A command after `http:` is a server that prints its URL to stderr. The servers are measured in turns, so that the load of the machine
//! is the same for all of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a driver for developers"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A call, and what its answer contains.
struct Call {
    tool: &'static str,
    arguments: &'static str,
    expected: &'static str,
}

const CONVERT: Call = Call { tool: "convert", arguments: r#"{"value":3,"from":"mi","to":"km"}"#, expected: "4.828032" };
const LARGE: Call = Call { tool: "large", arguments: "{}", expected: "item 1999" };

const WINDOW: usize = 64;
const BURST: usize = 6_400;

/// A connection to a server, with at most the answer to one request unread over HTTP.
enum Connection {
    Stdio { input: ChildStdin, output: BufReader<ChildStdout> },
    Http { host: String, stream: BufReader<TcpStream> },
}

struct Server {
    name: String,
    child: Child,
    connection: Connection,
    next: u64,
    answer: Vec<u8>,
    times: Vec<Duration>,
    bursts: Vec<Duration>,
}

impl Server {
    /// Starts a server and opens a session. Over HTTP, there is none: each request is of protocol version 2026-07-28.
    fn start(argument: &str) -> Self {
        let (name, command) = argument.split_once('=').expect("NAME=COMMAND");
        let (is_http, command) = match command.strip_prefix("http:") {
            Some(command) => (true, command),
            None => (false, command),
        };
        let mut words = command.split_whitespace();
        let mut process = Command::new(words.next().expect("a command"));
        process.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = process.stderr(if is_http { Stdio::piped() } else { Stdio::null() }).spawn().unwrap();
        let connection = if is_http {
            let mut host = None;
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            while host.is_none() {
                let line = lines.next().expect("the URL on stderr").unwrap();
                host = line.split_once("http://").map(|(_, url)| url.split('/').next().unwrap_or_default().to_owned());
            }
            let host = host.unwrap();
            Connection::Http { stream: connect(&host), host }
        } else {
            let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            Connection::Stdio { input, output: BufReader::with_capacity(1 << 18, output) }
        };
        let name = name.to_owned();
        let (answer, times, bursts) = (Vec::new(), Vec::new(), Vec::new());
        let mut server = Self { name, child, connection, next: 0, answer, times, bursts };
        if !is_http {
            server.ask(
                "initialize",
                "",
                r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}"#,
            );
            server.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        }
        server
    }

    fn write(&mut self, line: &str) {
        let Connection::Stdio { input, .. } = &mut self.connection else { panic!("only over stdio") };
        let mut line = line.to_owned();
        line.push('\n');
        input.write_all(line.as_bytes()).unwrap();
    }

    /// Sends a request. `name` is the tool's, which a header repeats over HTTP.
    fn send(&mut self, method: &str, name: &str, params: &str) {
        self.next += 1;
        let body = format!(r#"{{"jsonrpc":"2.0","id":{},"method":"{method}","params":{params}}}"#, self.next);
        match &mut self.connection {
            Connection::Stdio { .. } => self.write(&body),
            Connection::Http { host, stream } => {
                let request = format!(
                    "POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
                     MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\nMcp-Name: {name}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.get_mut().write_all(request.as_bytes()).unwrap();
            }
        }
    }

    fn receive(&mut self) {
        self.answer.clear();
        match &mut self.connection {
            Connection::Stdio { output, .. } => {
                assert!(output.read_until(b'\n', &mut self.answer).unwrap() > 0, "{} has ended", self.name);
            }
            Connection::Http { stream, .. } => {
                let (mut line, mut length) = (String::new(), 0);
                loop {
                    line.clear();
                    assert!(stream.read_line(&mut line).unwrap() > 0, "{} has closed the connection", self.name);
                    let Some((name, value)) = line.trim_end().split_once(": ") else {
                        if line.trim_end().is_empty() { break } else { continue }
                    };
                    if name.eq_ignore_ascii_case("content-length") {
                        length = value.parse().unwrap();
                    }
                }
                self.answer.resize(length, 0);
                stream.read_exact(&mut self.answer).unwrap();
            }
        }
    }

    fn ask(&mut self, method: &str, name: &str, params: &str) {
        self.send(method, name, params);
        self.receive();
    }

    fn params(&self, call: &Call) -> String {
        let meta = match self.connection {
            Connection::Stdio { .. } => "",
            Connection::Http { .. } => {
                r#","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#
            }
        };
        format!(r#"{{"name":"{}","arguments":{}{meta}}}"#, call.tool, call.arguments)
    }

    /// Calls a tool once, and checks the answer.
    fn check(&mut self, call: &Call) {
        let params = self.params(call);
        self.ask("tools/call", call.tool, &params);
        let answer = String::from_utf8_lossy(&self.answer).into_owned();
        let shown = answer.get(..answer.len().min(400)).unwrap_or_default();
        assert!(answer.contains(call.expected) && !answer.contains("\"isError\":true"), "{}: {shown}", self.name);
    }

    /// One call after the other.
    fn one_by_one(&mut self, call: &Call, calls: usize) {
        if let Connection::Http { host, stream } = &mut self.connection {
            // The server closes a connection that is idle while others are measured.
            *stream = connect(host);
        }
        let params = self.params(call);
        for _ in 0..calls {
            let start = Instant::now();
            self.ask("tools/call", call.tool, &params);
            self.times.push(start.elapsed());
        }
    }

    /// Many calls at once, on one connection.
    fn many(&mut self, call: &Call) {
        if matches!(self.connection, Connection::Http { .. }) {
            return;
        }
        let params = self.params(call);
        let start = Instant::now();
        for sent in 0..BURST + WINDOW {
            if sent < BURST {
                self.send("tools/call", call.tool, &params);
            }
            if sent >= WINDOW {
                self.receive();
            }
        }
        self.bursts.push(start.elapsed());
    }

    fn end(mut self) {
        match self.connection {
            Connection::Stdio { input, output } => drop((input, output)),
            // It serves until it is ended.
            Connection::Http { .. } => self.child.kill().unwrap(),
        }
        drop(self.child.wait());
    }
}

fn connect(host: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(host).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

/// The value below which this share of the sorted times is, in microseconds.
fn percentile(sorted: &[Duration], share: usize) -> f64 {
    sorted[(sorted.len() * share / 100).min(sorted.len() - 1)].as_secs_f64() * 1e6
}

/// Memory of a process in MiB: its private pages, and all resident pages.
fn memory(process: u32) -> (f64, f64) {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let kib = |prefix: &str| -> f64 {
        let lines = rollup.lines().filter(|line| line.starts_with(prefix));
        lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum()
    };
    (kib("Private_") / 1024.0, kib("Rss:") / 1024.0)
}

fn calls(servers: &[String], call: &Call, (rounds, number): (usize, usize), with_bursts: bool) {
    let mut servers: Vec<Server> = servers.iter().map(|argument| Server::start(argument)).collect();
    for server in &mut servers {
        server.check(call);
        server.one_by_one(call, number / 4);
        server.times.clear();
    }
    for _ in 0..rounds {
        servers.iter_mut().for_each(|server| server.one_by_one(call, number));
        if with_bursts {
            servers.iter_mut().for_each(|server| server.many(call));
        }
    }
    println!("{:<34} {:>9} {:>9} {:>9} {:>9} {:>12}", call.tool, "min µs", "p10 µs", "p50 µs", "p95 µs", "calls/s");
    for server in &mut servers {
        server.times.sort();
        let at = |share| percentile(&server.times, share);
        let rate = server
            .bursts
            .iter()
            .min()
            .map_or("-".to_owned(), |best| format!("{:.0}", BURST as f64 / best.as_secs_f64()));
        println!("{:<34} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {rate:>12}", server.name, at(0), at(10), at(50), at(95));
    }
    servers.into_iter().for_each(Server::end);
}

fn starts(arguments: &[String]) {
    const STARTS: usize = 20;
    println!("{:<34} {:>9} {:>9} {:>12} {:>9}", "start to first list", "min ms", "p50 ms", "private MiB", "rss MiB");
    for argument in arguments {
        let mut times = Vec::new();
        let mut used = (0.0, 0.0);
        for number in 0..STARTS {
            let start = Instant::now();
            let mut server = Server::start(argument);
            server.ask("tools/list", "", "{}");
            times.push(start.elapsed());
            assert!(server.answer.windows(7).any(|text| text == b"convert"), "{}", server.name);
            if number + 1 == STARTS {
                // Idle: threads that only start have ended, and the files were looked at once.
                std::thread::sleep(Duration::from_secs(3));
                used = memory(server.child.id());
            }
            server.end();
        }
        times.sort();
        let (name, at) = (argument.split('=').next().unwrap_or_default(), |share| percentile(&times, share) / 1e3);
        println!("{name:<34} {:>9.1} {:>9.1} {:>12.1} {:>9.1}", at(0), at(50), used.0, used.1);
    }
}

fn main() {
    // `cargo bench` adds options.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.split_first() {
        Some((mode, servers)) if mode == "calls" => calls(servers, &CONVERT, (15, 400), true),
        Some((mode, servers)) if mode == "large" => calls(servers, &LARGE, (15, 40), false),
        Some((mode, servers)) if mode == "starts" => starts(servers),
        _ => println!("nothing is measured without servers: see `benches/run`"),
    }
}
