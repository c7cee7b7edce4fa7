//! Carries arguments and results past the protocol library as text, because its types do not keep every digit of a number.
//!
//! Arguments travel among the extensions of a request. A result is packed into the result that the library writes, also when it writes
//! it again for a client that comes back for it, and is unpacked here.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::value::RawValue;

use super::Body;
use super::lane::full;
use crate::request::{self, CallParams, Message};
use crate::server::{RawArguments, unpacked};

/// Puts the arguments of a call among the extensions of its request.
pub(super) fn kept(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    if request.method() == Method::POST
        && let Some(arguments) = full(&request).and_then(|body| arguments_in(&body))
    {
        request.extensions_mut().insert(RawArguments(arguments));
    }
    request
}

fn arguments_in(body: &[u8]) -> Option<String> {
    let Message::Request { method, params, .. } = request::read(body).ok()? else { return None };
    let call: CallParams<'_> = serde_json::from_str(params.filter(|_| method == "tools/call")?.get()).ok()?;
    call.arguments.map(RawValue::get).map(str::to_owned)
}

/// Unpacks the results in a response: a body of JSON, or a stream of events.
pub(super) async fn restored(response: Response<Body>) -> Response<Body> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        // Each event is a frame of its own.
        return response.map(|body| {
            body.map_frame(|frame| frame.map_data(|event| in_event(&event).map_or(event, Bytes::from))).boxed()
        });
    }
    if !kind.starts_with("application/json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes);
    let message = std::str::from_utf8(&body).ok().and_then(unpacked);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Full::new(message.map_or(body, Bytes::from)).boxed())
}

/// Returns an event with its result unpacked; `None` if it has none.
fn in_event(event: &[u8]) -> Option<String> {
    let event = std::str::from_utf8(event).ok()?;
    let mut is_changed = false;
    let lines = event.split_inclusive('\n').map(|line| {
        let message = line.strip_prefix("data:").and_then(|data| unpacked(data.trim()));
        match message {
            Some(message) => {
                is_changed = true;
                // A line break in a result is between its parts, and would end the line.
                format!("data: {}\n", message.replace(['\n', '\r'], " "))
            }
            None => line.to_owned(),
        }
    });
    let event: String = lines.collect();
    is_changed.then_some(event)
}

#[cfg(test)]
mod tests {
    use super::in_event;

    #[test]
    fn a_packed_result_is_written_with_every_digit() {
        let packed = r#"{"jsonrpc":"2.0","id":"a","result":{"content":[],"_meta":{"mpp/whole":"{\"n\":\n1.50,\"s\":\"\\\"\"}"}}}"#;
        let event = format!("id: 3\ndata: {packed}\n\n");
        let restored = "id: 3\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"n\": 1.50,\"s\":\"\\\"\"}}\n\n";
        assert_eq!(in_event(event.as_bytes()).as_deref(), Some(restored));
    }

    #[test]
    fn what_only_looks_like_a_packed_result_is_left_alone() {
        for message in [
            r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":{"_meta":{"mpp/whole":"{}"}}}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"_meta":{"mpp/whole":"{}"}}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"_meta":{"mpp/whole":"{}"}}]}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"","data":{"_meta":{"mpp/whole":"{}"}}}}"#,
        ] {
            assert_eq!(in_event(format!("data: {message}\n\n").as_bytes()), None, "{message}");
        }
    }
}
