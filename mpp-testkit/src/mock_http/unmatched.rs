//! What a test says about a request that nobody answers: the request, the mocks, and a fixture to paste.

use std::fmt::Write as _;

use mpp_host::sandbox::network::Request;

use crate::failure::block;
use crate::fixtures::Entry;
use crate::masks::Masks;

/// Bytes of a body that are shown.
const SHOWN: usize = 4096;

/// Message and help. `why_not` has each mock that was asked, and why the request is not its own.
pub(super) fn failure(request: &Request, why_not: &[(String, String)], masks: &Masks) -> (String, String) {
    let (method, url) = (&request.method, masks.hide(&request.url));
    let mut message = format!("no mock answers a request of the tool: {method} {url}");
    message.push_str(&shown(request, masks));
    let asked: Vec<String> = why_not.iter().map(|(mock, reason)| format!("{mock}: {reason}")).collect();
    let asked = if asked.is_empty() { "none".to_owned() } else { asked.join("\n") };
    message.push_str(&block("the mocks, in the order in which they were asked:", &asked));
    // A fixture that was right once can be recorded anew.
    let is_fixture = |(mock, _): &(String, String)| mock.starts_with("the fixture");
    let record =
        if why_not.iter().any(is_fixture) { "`MPP_TEST_RECORD=1 cargo test` records fixtures anew; or " } else { "" };
    let help = format!(
        "{record}answer it with `.http(\"{host}\", |request| …)`, or put this into a fixture, with the response that you \
         want:\n{entry}",
        entry = Entry::to_paste(request, masks),
        host = request.host(),
    );
    (message, help)
}

/// A request as it went over the wire, without what is secret.
pub(super) fn shown(request: &Request, masks: &Masks) -> String {
    let mut text = format!("{} {}\n", request.method, masks.hide(&request.url));
    for (name, value) in &request.headers {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}: {}", masks.header(name, value));
    }
    if !request.body.is_empty() {
        let _ = write!(text, "\n{}", body(&request.body, masks));
    }
    block("the request:", &text)
}

fn body(bytes: &[u8], masks: &Masks) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return format!("({} bytes that are no text)", bytes.len()) };
    let text = masks.hide(text);
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], bytes.len()),
    }
}
