//! A tool that sends one request, as its arguments say, and answers with what came of it. The same program sends with `http_send` of
//! `mpp_v1`, or with `wasi:http`.

#[cfg_attr(not(feature = "wasi-http"), path = "host.rs")]
#[cfg_attr(feature = "wasi-http", path = "wasi_http.rs")]
mod send;

use std::io::Read as _;

use serde::{Deserialize, Serialize};

/// The arguments of the call.
#[derive(Debug, Deserialize)]
pub struct Arguments {
    #[serde(default = "get")]
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: String,
    /// How often `body` is sent, in one body.
    #[serde(default = "once")]
    pub times: usize,
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// How many bytes of the response are read; all if it is absent.
    #[serde(default)]
    pub at_most: Option<usize>,
    /// How many redirects are followed.
    #[serde(default)]
    pub follow: u32,
    /// Ends without waiting for the response, where the functions of the host allow it.
    #[serde(default)]
    pub no_wait: bool,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> usize {
    1
}

/// What came of a request.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// `answered`, or the kind of the failure.
    pub ended: String,
    /// The message or the error code of a failure.
    pub said: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// The first 4000 bytes of the body.
    pub body: String,
    /// The length of what was read of the body.
    pub length: usize,
}

impl Outcome {
    pub fn failed(ended: &str, said: impl Into<String>) -> Self {
        Self { ended: ended.to_owned(), said: said.into(), ..Self::default() }
    }

    pub fn set_body(&mut self, body: &[u8]) {
        self.length = body.len();
        self.body = String::from_utf8_lossy(&body[..body.len().min(4000)]).into_owned();
    }
}

#[derive(Deserialize)]
struct Message {
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    arguments: Arguments,
}

fn main() {
    let mut request = String::new();
    std::io::stdin().read_to_string(&mut request).expect("a request");
    let message: Message = serde_json::from_str(&request).expect("a call");
    let outcome = send::send(&message.params.arguments);
    let content = serde_json::to_string(&outcome).expect("JSON");
    println!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[],"structuredContent":{content}}}}}"#);
}
