//! A small MCP server over HTTP with every fault that servers have. It runs on threads of the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// A request that the server has received.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The body, as it came.
    pub(crate) text: String,
    pub(crate) message: Value,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    fn rpc(&self) -> &str {
        self.message["method"].as_str().unwrap_or_default()
    }
}

/// The server. It listens until the test ends.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    era: &'static str,
    tools: Vec<&'static str>,
    seen: Mutex<Vec<Seen>>,
    arrived: Condvar,
    /// Sessions that were opened.
    sessions: Mutex<usize>,
}

impl Web {
    /// A server that speaks this era and has these tools besides `echo`.
    pub(crate) fn start(era: &'static str, tools: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, era, tools)
    }

    fn on(listener: TcpListener, era: &'static str, tools: &[&'static str]) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Shared {
            era,
            tools: tools.to_vec(),
            seen: Mutex::default(),
            arrived: Condvar::new(),
            sessions: Mutex::default(),
        };
        let web = Self { address, shared: Arc::new(shared) };
        let accepting = web.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let web = accepting.clone();
                // A client that breaks off is not an error.
                std::thread::spawn(move || drop(web.serve(stream)));
            }
        });
        web
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Returns the requests so far that satisfy a condition.
    pub(crate) fn seen(&self, is_meant: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().iter().filter(|seen| is_meant(seen)).cloned().collect()
    }

    /// Waits for a request that satisfies a condition.
    pub(crate) fn wait_for(&self, is_meant: impl Fn(&Seen) -> bool) -> Seen {
        let mut seen = self.shared.seen.lock().unwrap();
        loop {
            if let Some(found) = seen.iter().find(|seen| is_meant(seen)) {
                return found.clone();
            }
            let (again, waited) = self.shared.arrived.wait_timeout(seen, Duration::from_secs(60)).unwrap();
            assert!(!waited.timed_out(), "no such request");
            seen = again;
        }
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut first = line.split(' ').map(str::to_owned);
        let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        let mut headers = Vec::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut seen = Seen { method, path, headers, text: String::new(), message: Value::Null };
        let mut body = vec![0; seen.header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body)?;
        seen.text = String::from_utf8_lossy(&body).into_owned();
        seen.message = serde_json::from_slice(&body).unwrap_or_default();
        self.shared.seen.lock().unwrap().push(seen.clone());
        self.shared.arrived.notify_all();
        self.answer(&seen, stream)
    }

    fn answer(&self, seen: &Seen, mut stream: TcpStream) -> std::io::Result<()> {
        let is_modern = self.shared.era == "modern";
        let id = &seen.message["id"];
        match (seen.method.as_str(), seen.rpc()) {
            ("GET", _) if seen.header("last-event-id") == "7" => {
                // The rest of the stream of `resumes`.
                let call = self.seen(|seen| seen.message["params"]["name"] == "resumes").remove(0);
                events(&mut stream, &[&format!("data: {}", answered(&call.message["id"], "resumed"))])
            }
            ("GET", _) => head(&mut stream, "405 Method Not Allowed", ""),
            ("DELETE", _) => head(&mut stream, "200 OK", ""),
            (_, "server/discover") if is_modern => {
                let info = json!({ "io.modelcontextprotocol/serverInfo": { "name": "web", "version": "9.0" } });
                let result = json!({
                    "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": { "tools": {} },
                    "_meta": info,
                });
                json_body(&mut stream, &reply(id, &result), "")
            }
            (_, "server/discover") => head(&mut stream, "400 Bad Request", "no session"),
            (_, "initialize") => {
                *self.shared.sessions.lock().unwrap() += 1;
                let info = json!({ "name": "web", "version": "9.0" });
                let capabilities = json!({ "tools": {}, "logging": {} });
                let result =
                    json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info });
                let session = format!("Mcp-Session-Id: s{}\r\n", self.shared.sessions.lock().unwrap());
                json_body(&mut stream, &reply(id, &result), &session)
            }
            (_, "tools/list") => {
                let names = self.shared.tools.iter().chain(&["echo"]);
                let region = json!({ "type": "string", "x-mcp-header": "Region" });
                let n = json!({ "type": "number", "maximum": 4096 });
                let schema = json!({ "type": "object", "properties": { "region": region, "n": n } });
                let tools: Vec<Value> = names
                    .map(|name| json!({ "name": name, "inputSchema": schema, "annotations": { "readOnlyHint": true } }))
                    .collect();
                // Digits that no number type holds.
                let list = reply(id, &json!({ "tools": tools, "resultType": "complete" }));
                json_body(&mut stream, &list.replace("4096", "12345678901234567890.50"), "")
            }
            (_, "tools/call") => self.call(seen, stream),
            (_, "logging/setLevel") => json_body(&mut stream, &reply(id, &json!({})), ""),
            // Notifications and answers.
            _ => head(&mut stream, "202 Accepted", ""),
        }
    }

    fn call(&self, seen: &Seen, mut stream: TcpStream) -> std::io::Result<()> {
        let (id, name) = (&seen.message["id"], seen.message["params"]["name"].as_str().unwrap_or_default());
        let to_stream = &mut stream;
        match name {
            "echo" => json_body(to_stream, &answered(id, seen.header("authorization")), ""),
            // Pretty-printed, with digits that no number type holds.
            "data" => {
                let result = "{\n \"content\": [],\n \"structuredContent\": [12345678901234567890.50]\n}";
                json_body(to_stream, &format!("{{\"jsonrpc\":\"2.0\",\n\"id\":{id},\"result\":{result}}}"), "")
            }
            "streams" => {
                events(to_stream, &[": hello", "event: other\ndata: x", &format!("data: {}", answered(id, "streamed"))])
            }
            "says" => {
                let token = &seen.message["params"]["_meta"]["progressToken"];
                let progress = json!({ "progressToken": token, "progress": 1.5, "message": "ada@example.com" });
                let log = json!({ "level": "error", "data": "ada@example.com" });
                let note = |method: &str, params: &Value| {
                    format!("data: {}", json!({ "jsonrpc": "2.0", "method": method, "params": params }))
                };
                let said = [note("notifications/progress", &progress), note("notifications/message", &log)];
                events(to_stream, &[&said[0], &said[1], &format!("data: {}", answered(id, "said"))])
            }
            "elicits" => {
                let schema = json!({ "type": "object", "properties": {} });
                let params = json!({ "message": "Sure?", "requestedSchema": schema });
                let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": params });
                events(to_stream, &[&format!("data: {question}")])?;
                let answer = self.wait_for(|seen| seen.message["id"] == "q");
                event(to_stream, &format!("data: {}", answered(id, &answer.message["result"].to_string())))
            }
            "resumes" => events(to_stream, &["id: 7\nretry: 10\ndata:"]),
            "dies" => {
                write!(
                    to_stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{{\"jsonrpc\""
                )
            }
            "stops" => events(to_stream, &["data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/other\"}"]),
            "invalid" => json_body(to_stream, "{\"jsonrpc\":\"2.0\",\"id\":", ""),
            "page" => {
                write!(
                    to_stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhey!"
                )
            }
            "silent" => head(to_stream, "202 Accepted", ""),
            "elsewhere" => {
                write!(
                    to_stream,
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.2:9/mcp\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            }
            "moved" if seen.path == "/mcp" => {
                write!(
                    to_stream,
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: /mcp/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            }
            "moved" => json_body(to_stream, &answered(id, &seen.path), ""),
            "loops" => {
                write!(
                    to_stream,
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: /mcp\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            }
            "forbidden" => head(to_stream, "401 Unauthorized", "who is ada@example.com?"),
            "broken" => head(to_stream, "500 Internal Server Error", ""),
            "long" => json_body(to_stream, &answered(id, &"x".repeat(17 * 1024 * 1024)), ""),
            "floods" => {
                events(to_stream, &[])?;
                let many = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/other\"}\n\n".repeat(1000);
                loop {
                    to_stream.write_all(many.as_bytes())?;
                }
            }
            // Forgets the first session.
            "forgets" if seen.header("mcp-session-id") == "s1" => head(to_stream, "404 Not Found", ""),
            "forgets" => json_body(to_stream, &answered(id, seen.header("mcp-session-id")), ""),
            "hangs" => {
                events(to_stream, &[])?;
                // Returns when the client closes the stream.
                stream.read_to_end(&mut Vec::new()).map(drop)
            }
            _ => head(to_stream, "500 Internal Server Error", "unknown"),
        }
    }
}

fn reply(id: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

fn answered(id: &Value, text: &str) -> String {
    reply(id, &json!({ "content": [{ "type": "text", "text": text }], "isError": false }))
}

fn head(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn json_body(stream: &mut TcpStream, body: &str, headers: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Begins a stream of events that ends with the connection.
fn events(stream: &mut TcpStream, events: &[&str]) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")?;
    events.iter().try_for_each(|text| event(stream, text))
}

fn event(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    write!(stream, "{text}\n\n")
}
