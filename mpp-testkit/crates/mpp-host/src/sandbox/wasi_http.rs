//! The requests that components send with `wasi:http`, which go through the same checks as those of `http_send`.
//!
//! `wasmtime-wasi-http` keeps the resources of the interface; it is built without a client of its own. A request is collected and
//! handed to the call's network as one message of `http_send`, without redirects: a component follows them itself, and each of its
//! requests is checked.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde::{Deserialize, Serialize};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::failure::Status;
use super::host_calls::HostCalls;
use super::imports;
use super::stop::Stop;

/// The requests of one call.
pub(super) struct Requests {
    host_calls: Arc<Mutex<HostCalls>>,
}

#[derive(Serialize)]
struct Head<'a> {
    method: &'a str,
    url: String,
    headers: Vec<(&'a str, String)>,
    redirects: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    headers: Vec<(String, String)>,
}

type Transferred = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl Requests {
    pub(super) fn new(host_calls: Arc<Mutex<HostCalls>>) -> Self {
        Self { host_calls }
    }
}

impl WasiHttpHooks for Requests {
    /// The host sets it, as for every request.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Transferred,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transferred), Error>> + Send> {
        let host_calls = Arc::clone(&self.host_calls);
        Box::new(async move {
            let (head, body) = request.into_parts();
            let limit = limit_of(&host_calls);
            let message = message(&head, options, &collected(body, limit).await?)?;
            // Sending blocks. On this thread it would keep other calls waiting, and their timers.
            let sent = tokio::task::spawn_blocking(move || send(&host_calls, &message)).await;
            let response = match sent.map_err(|error| internal(error.to_string()))? {
                Ok(answered) => answered?,
                // The time of the call is over, or it is cancelled. It is ended by its timer; the component learns of nothing more.
                Err(_) => std::future::pending().await,
            };
            let done: Transferred = Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }
}

/// Returns the maximum size of a request's body in bytes; 0 if the call has no network, whose denial is then the answer.
fn limit_of(host_calls: &Mutex<HostCalls>) -> usize {
    let calls = host_calls.lock().unwrap_or_else(PoisonError::into_inner);
    calls.network.as_ref().map_or(0, |network| network.limits().request_body)
}

/// Reads a body, which the component writes meanwhile. One that is too large is an error as soon as it is.
async fn collected(mut body: WasiBody, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if limit > 0 && bytes.len() + data.len() > limit {
            return Err(Error::HttpRequestBodySize(Some(limit as u64)));
        }
        if limit > 0 {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// Makes a message of `http_send`.
fn message(head: &http::request::Parts, options: Option<RequestOptions>, body: &[u8]) -> Result<Vec<u8>, Error> {
    let timeout = options.and_then(|options| {
        let both = [options.connect_timeout, options.first_byte_timeout];
        both.into_iter().flatten().reduce(|a, b| a.saturating_add(b))
    });
    let named = head.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH);
    let headers = named.map(|(name, value)| {
        let value = value.to_str().map_err(|_| internal("the value of a header is not text"))?;
        Ok((name.as_str(), value.to_owned()))
    });
    let head = Head {
        method: head.method.as_str(),
        url: head.uri.to_string(),
        headers: headers.collect::<Result<_, Error>>()?,
        redirects: 0,
        timeout_ms: timeout.map(|time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)),
    };
    let text = serde_json::to_vec(&head).map_err(|error| internal(error.to_string()))?;
    let length = u32::try_from(text.len()).map_err(|_| Error::HttpRequestHeaderSectionSize(None))?;
    Ok([&length.to_le_bytes(), text.as_slice(), body].concat())
}

/// Sends a request. The outer error says that the call has to end.
fn send(host_calls: &Mutex<HostCalls>, message: &[u8]) -> Result<Result<Response<WasiBody>, Error>, Stop> {
    let mut calls = host_calls.lock().unwrap_or_else(PoisonError::into_inner);
    let number = imports::http_send(&mut calls, message)?;
    let reply = calls.take_reply();
    drop(calls);
    Ok(response(number, &reply))
}

/// Makes the response of the number and the reply of `http_send`.
fn response(number: i32, reply: &[u8]) -> Result<Response<WasiBody>, Error> {
    if number < 0 {
        return Err(failure(Status::from_code(number), String::from_utf8_lossy(reply).into_owned()));
    }
    let malformed = || internal("the reply is not a response");
    let (length, rest) = reply.split_first_chunk::<4>().ok_or_else(malformed)?;
    let (head, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(malformed)?;
    let head: Answered = serde_json::from_slice(head).map_err(|error| internal(error.to_string()))?;
    let mut response = Response::builder().status(head.status);
    for (name, value) in head.headers {
        response = response.header(name, value);
    }
    let body = Full::new(Bytes::copy_from_slice(body)).map_err(Error::from).boxed_unsync();
    response.body(body).map_err(|error| internal(error.to_string()))
}

/// Converts the failure of a request.
fn failure(status: Status, sentence: String) -> Error {
    match status {
        Status::Denied => Error::HttpRequestDenied,
        Status::Timeout => Error::HttpResponseTimeout,
        Status::Connection => Error::ConnectionTerminated,
        Status::TooLarge => Error::HttpResponseBodySize(None),
        _ => internal(sentence),
    }
}

fn internal(reason: impl Into<String>) -> Error {
    Error::InternalError(Some(reason.into()))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use wasmtime_wasi_http::{Error, RequestOptions};

    use super::{failure, message};
    use crate::sandbox::failure::Status;

    #[test]
    fn a_request_becomes_a_message_without_redirects() {
        let request = Request::builder()
            .method("POST")
            .uri("https://a.example/x?y=1")
            .header("a", "b")
            .header("content-length", "2");
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let found = message(&head, None, b"hi").expect("a message");
        let length = u32::from_le_bytes(found[..4].try_into().expect("four bytes")) as usize;
        let text = std::str::from_utf8(&found[4..4 + length]).expect("text");
        assert_eq!(text, r#"{"method":"POST","url":"https://a.example/x?y=1","headers":[["a","b"]],"redirects":0}"#);
        assert_eq!(&found[4 + length..], b"hi");
        let options = RequestOptions {
            first_byte_timeout: Some(std::time::Duration::from_millis(7)),
            ..RequestOptions::default()
        };
        assert!(
            String::from_utf8_lossy(&message(&head, Some(options), b"").expect("a message"))
                .contains(r#""timeout_ms":7"#)
        );
    }

    #[test]
    fn failures_keep_their_kind() {
        assert!(matches!(failure(Status::Denied, String::new()), Error::HttpRequestDenied));
        assert!(matches!(failure(Status::Timeout, String::new()), Error::HttpResponseTimeout));
        assert!(
            matches!(failure(Status::Invalid, "no".to_owned()), Error::InternalError(Some(reason)) if reason == "no")
        );
    }
}
