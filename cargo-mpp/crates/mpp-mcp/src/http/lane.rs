//! Plain calls of protocol version 2026-07-28, answered without the protocol library, as JSON text.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use mpp_host::CancelHandle;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::Body;
use super::gate::{Gate, is_modern};
use crate::bridge::{Bridge, Caller, Era, Outcome, PublishedTool, internal_error};
use crate::request::{self, CallParams, Lifecycle, Message};

/// A call that needs nothing but the bridge.
pub(super) struct PlainCall {
    /// The id, as JSON text.
    id: String,
    tool: Arc<PublishedTool>,
    /// The arguments, as JSON text.
    arguments: String,
}

/// Cancels a call when the client goes away, which drops this.
struct CancelOnDrop(CancelHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Returns the call that a request makes, if nothing about it is unusual. The protocol library answers everything else, mistakes too.
pub(super) fn plain_call(gate: &Gate, bridge: &Bridge, request: &Request<Full<Bytes>>) -> Option<PlainCall> {
    let headers = request.headers();
    if request.method() != Method::POST || !gate.is_direct(headers) || !is_modern(headers) || !accepts_json(headers) {
        return None;
    }
    let is = |name: &str, expected: &str| headers.get(name).is_some_and(|value| value == expected);
    if !is(CONTENT_TYPE.as_str(), "application/json") || !is("mcp-method", "tools/call") {
        return None;
    }
    let body = full(request)?;
    let Message::Request { id, method, params } = request::read(&body).ok()? else { return None };
    let call: CallParams<'_> = serde_json::from_str(params?.get()).ok()?;
    let arguments = call.arguments.map_or("{}", RawValue::get);
    let is_plain = method == "tools/call"
        && call.lifecycle() == Lifecycle::Modern
        && is("mcp-name", &call.name)
        && arguments.starts_with('{');
    let tool = if is_plain { bridge.find(&call.name).ok()? } else { return None };
    if tool.has_header_parameters || !tool.is_plain(arguments, !call.can_ask()) {
        return None;
    }
    Some(PlainCall { id: id.get().to_owned(), tool, arguments: arguments.to_owned() })
}

/// Returns the answer to a body that is not a message, as over stdio; `None` if it is one. The protocol library refuses requests that
/// come from elsewhere.
pub(super) fn malformed(gate: &Gate, request: &Request<Full<Bytes>>) -> Option<Response<Body>> {
    let headers = request.headers();
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if request.method() != Method::POST || !gate.is_direct(headers) || !is_json {
        return None;
    }
    let malformed = request::read(&full(request)?).err()?;
    let id = malformed.id.as_deref().unwrap_or("null");
    let error = serde_json::to_string(&malformed.error()).unwrap_or_default();
    let mut response = json_response(format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Some(response)
}

fn json_response(body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Returns the body, which is in memory.
pub(super) fn full(request: &Request<Full<Bytes>>) -> Option<Bytes> {
    let mut body = request.body().clone();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match hyper::body::Body::poll_frame(std::pin::Pin::new(&mut body), &mut context) {
        std::task::Poll::Ready(Some(Ok(frame))) => frame.into_data().ok(),
        _ => None,
    }
}

fn accepts_json(headers: &HeaderMap) -> bool {
    // Both are needed: the protocol library refuses a request that names only one.
    let accepts = |kind: &str| {
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(kind))
    };
    accepts("application/json") && accepts("text/event-stream")
}

/// Runs a call on a thread of the bridge.
pub(super) async fn run(bridge: &Arc<Bridge>, call: PlainCall) -> Response<Body> {
    let PlainCall { id, tool, arguments } = call;
    let caller = Caller::new(Era::Modern);
    let _guard = CancelOnDrop(caller.cancel.clone());
    let (sender, receiver) = oneshot::channel();
    let job = {
        let (bridge, tool) = (Arc::clone(bridge), Arc::clone(&tool));
        // Without a receiver, the client has gone.
        move || drop(sender.send(bridge.run(&tool, &arguments, &caller)))
    };
    let outcome = match bridge.submit(&tool, Era::Modern, Box::new(job)) {
        Err(outcome) => *outcome,
        Ok(()) => receiver.await.map_or_else(|_| Outcome::Error(internal_error()), |answered| answered.outcome),
    };
    let body = match outcome {
        Outcome::Result(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
        Outcome::Error(error) => {
            let error = serde_json::to_string(&error).unwrap_or_default();
            format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
        }
        // Only a client that has gone cancels here.
        Outcome::Cancelled => String::new(),
    };
    json_response(body)
}
