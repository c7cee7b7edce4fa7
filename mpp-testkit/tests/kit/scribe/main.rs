//! A tool that fetches, writes and counts, with and without error handling. It is used to test the test kit.

use std::time::Duration;

use mpp::{http, kv};

#[derive(Debug, mpp::ToolError)]
enum ScribeError {
    #[error(code = "server_down", retryable, message = "the server does not answer as it should: {0}")]
    Server(#[from] http::Error),
    #[error(code = "not_written", message = "the page cannot be written: {reason}")]
    NotWritten { reason: String },
    #[error(transparent)]
    Other(#[from] mpp::Error),
}

impl From<kv::Error> for ScribeError {
    fn from(error: kv::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<std::io::Error> for ScribeError {
    fn from(error: std::io::Error) -> Self {
        Self::NotWritten { reason: error.to_string() }
    }
}

/// Fetch a page.
#[mpp::tool]
fn fetch(url: &str) -> Result<String, ScribeError> {
    let request = http::get(url).bearer_auth(mpp::env("TOKEN")?).timeout(Duration::from_secs(2));
    Ok(request.send()?.error_for_status()?.text()?)
}

/// Fetch a page, and never mind.
#[mpp::tool]
fn fetch_or_not(url: &str) -> String {
    http::get(url).send().and_then(http::Response::text).unwrap_or_else(|_| "never mind".to_owned())
}

/// Fetch a page that must be there.
#[mpp::tool]
fn fetch_carelessly(url: &str) -> String {
    http::get(url).send().unwrap().text().unwrap()
}

/// Fetch a page and try again.
#[mpp::tool]
fn fetch_twice(url: &str) -> Result<String, ScribeError> {
    let get = || http::get(url).timeout(Duration::from_secs(2)).send()?.error_for_status()?.text();
    Ok(get().or_else(|_| get())?)
}

/// Send a page.
#[mpp::tool]
fn send(url: &str, text: &str) -> Result<u16, ScribeError> {
    Ok(http::post(url).json(&[text]).timeout(Duration::from_secs(2)).send()?.status())
}

/// Write a page.
#[mpp::tool]
fn write(name: &str, text: &str) -> Result<usize, ScribeError> {
    std::fs::write(format!("/out/{name}"), text)?;
    Ok(text.len())
}

/// Add a line to the ledger.
#[mpp::tool]
fn enter(line: &str) -> Result<usize, ScribeError> {
    let ledger = std::fs::read_to_string("/ledger.txt")? + line + "\n";
    std::fs::write("/ledger.txt", &ledger)?;
    Ok(ledger.len())
}

/// Read a page.
#[mpp::tool]
fn read(name: &str) -> Result<String, ScribeError> {
    Ok(std::fs::read_to_string(format!("/in/{name}"))?)
}

/// Count.
#[mpp::tool]
fn count(by: i64) -> Result<i64, ScribeError> {
    eprintln!("counting by {by}");
    Ok(kv::increment("count", by)?)
}

/// Remember, after a look at what was there.
#[mpp::tool]
fn remember(key: &str, value: &str) -> Result<Option<String>, ScribeError> {
    let before = kv::get(key)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    kv::set(key, value)?;
    Ok(before)
}

/// Take a lot of memory.
#[mpp::tool]
fn grow(mib: usize) -> usize {
    let bytes = vec![1_u8; mib * 1024 * 1024];
    bytes.iter().step_by(4096).map(|byte| usize::from(*byte)).sum()
}

fn main() {
    mpp::serve()
}
