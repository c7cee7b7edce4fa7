//! One message to a server and what it answers: nothing, a message, or a stream of messages that ends with the answer.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use reqwest::{Response, Url};

use super::events::{Event, Events, LONGEST};
use super::{Http, SESSION};
use crate::legacy::connection::{Connection, End, Link, NoResult};
use crate::legacy::message::{Fault, Medium};

/// Most bytes of all messages in one answer.
const MOST: usize = 64 * 1024 * 1024;

/// Most bytes that are read of the body of an HTTP error.
const REFUSAL: usize = 64 * 1024;

/// Longest text of an HTTP error that is shown, in characters.
const SHOWN: usize = 300;

/// Redirects that are followed in a row.
const REDIRECTS: usize = 3;

/// How often a stream that broke off is continued in a row.
const CONTINUED: u32 = 5;

/// How long the end of a stream is awaited that is of no interest any more, so that the connection can be used again.
const END: Duration = Duration::from_millis(100);

pub(super) const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// A message that is sent.
pub(super) struct Exchange {
    pub(super) headers: HeaderMap,
    /// The id, if the message is a request.
    pub(super) id: Option<u64>,
    /// Whether the answer opens a session.
    pub(super) opens: bool,
    pub(super) body: String,
}

/// Sends a message, and hands what comes back to the connection.
pub(super) async fn exchange(connection: &Arc<Connection>, request: Exchange) {
    let Link::Http(http) = &connection.link else { return };
    let id = request.id;
    let failed = answer(connection, http, request).await.err();
    if let Some(NoResult::Unreachable(what)) = &failed {
        connection.has_come_to(End { what: what.clone(), stderr: String::new(), is_session: false });
    }
    if let Some(id) = id {
        let failed = failed.unwrap_or_else(|| NoResult::Broken("did not answer".to_owned()));
        connection.settle(id, Err(failed));
    }
}

async fn answer(connection: &Arc<Connection>, http: &Http, request: Exchange) -> Result<(), NoResult> {
    let had_session = request.headers.contains_key(SESSION);
    let response = send(http, Method::POST, &request.headers, Some(&request.body)).await?;
    if request.opens {
        http.wire().session = response.headers().get(SESSION).cloned();
    }
    let status = response.status();
    if status == StatusCode::NOT_FOUND && had_session {
        let what = "has ended the session".to_owned();
        connection.has_come_to(End { what, stderr: String::new(), is_session: true });
        return Err(NoResult::Lost);
    }
    if !status.is_success() {
        return Err(refusal(response).await);
    }
    let Some(id) = request.id else { return Ok(()) };
    match kind(&response) {
        Kind::Events => events(connection, http, response, id).await,
        Kind::Json => {
            let body = whole(connection, response).await?;
            connection.received_answer(&body, id);
            Ok(())
        }
        Kind::Other if status == StatusCode::ACCEPTED => {
            Err(NoResult::Broken("accepted the request and did not answer it".to_owned()))
        }
        Kind::Other => Err(unreadable(connection, Fault::ContentType)),
    }
}

/// Sends a request, and follows redirects on the same host.
pub(super) async fn send(
    http: &Http,
    method: Method,
    headers: &HeaderMap,
    body: Option<&str>,
) -> Result<Response, NoResult> {
    let mut url = http.url.clone();
    for _ in 0..=REDIRECTS {
        let mut request = http.client.request(method.clone(), url.clone()).headers(headers.clone());
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await.map_err(failure)?;
        let is_redirect = response.status().is_redirection() && response.status() != StatusCode::NOT_MODIFIED;
        if !is_redirect {
            return Ok(response);
        }
        url = redirected(&url, &response)?;
    }
    Err(NoResult::Broken("redirects requests without end".to_owned()))
}

/// Returns where a redirect leads, if that is the same host and the request stays the same.
fn redirected(url: &Url, response: &Response) -> Result<Url, NoResult> {
    let status = response.status();
    let target = response.headers().get(LOCATION).and_then(|location| url.join(location.to_str().ok()?).ok());
    let is_same = status == StatusCode::TEMPORARY_REDIRECT || status == StatusCode::PERMANENT_REDIRECT;
    match target {
        Some(target) if is_same && target.origin() == url.origin() => Ok(target),
        Some(target) => {
            let to = target.origin().ascii_serialization();
            Err(NoResult::Status(status.as_u16(), format!("a redirect to `{to}`, which is not followed")))
        }
        None => Err(NoResult::Status(status.as_u16(), "a redirect to nowhere".to_owned())),
    }
}

/// Returns the reason for which a request failed, without the URL, which can contain secrets.
fn failure(error: reqwest::Error) -> NoResult {
    let is_connect = error.is_connect();
    let cause = innermost(error);
    if is_connect {
        NoResult::Unreachable(format!("cannot be reached: {cause}"))
    } else {
        NoResult::Broken(format!("broke off: {cause}"))
    }
}

fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(next) = cause.and_then(std::error::Error::source) {
        cause = Some(next);
    }
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

/// What the body of a response is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Events,
    Json,
    Other,
}

pub(super) fn kind(response: &Response) -> Kind {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/event-stream" => Kind::Events,
        "application/json" => Kind::Json,
        _ => Kind::Other,
    }
}

fn unreadable(connection: &Arc<Connection>, fault: Fault) -> NoResult {
    connection.fault(fault);
    NoResult::Unreadable(fault, fault.words(Medium::Http))
}

/// Reads a body that is one message.
async fn whole(connection: &Arc<Connection>, mut response: Response) -> Result<Vec<u8>, NoResult> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(unreadable(connection, Fault::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    on_one_line(&mut body);
    Ok(body)
}

/// Replaces line breaks, which JSON text contains only between its parts. The message is one line of a stream elsewhere.
fn on_one_line(message: &mut [u8]) {
    message.iter_mut().filter(|byte| matches!(**byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}

/// Hands an event to the connection. `on` is the request on whose stream it arrived.
pub(super) fn deliver(connection: &Arc<Connection>, event: Event, on: Option<u64>) {
    let Event { mut data, is_too_long } = event;
    if is_too_long {
        return connection.too_long(&data, on);
    }
    on_one_line(&mut data);
    if !data.trim_ascii().is_empty() {
        connection.received(&data, on);
    }
}

/// Reads the stream of a request until it is answered. A stream that ends too early is continued, if the server allows that.
async fn events(connection: &Arc<Connection>, http: &Http, response: Response, id: u64) -> Result<(), NoResult> {
    let (mut events, mut total, mut attempts) = (Events::default(), 0, 0);
    let mut response = Some(response);
    loop {
        let mut why = "closed the stream before it answered".to_owned();
        if let Some(stream) = &mut response {
            loop {
                let chunk = match stream.chunk().await {
                    Ok(Some(chunk)) => chunk,
                    Ok(None) => break,
                    Err(error) => {
                        why = format!("broke off before it answered: {}", innermost(error));
                        break;
                    }
                };
                total += chunk.len();
                attempts = 0;
                events.push(&chunk, |event| deliver(connection, event, Some(id)));
                if !connection.is_waiting(id) {
                    // Without the end of the stream, the connection is closed.
                    drop(tokio::time::timeout(END, stream.chunk()).await);
                    return Ok(());
                }
                if total > MOST {
                    return Err(unreadable(connection, Fault::TooMuch));
                }
            }
        }
        let Some(last) = events.last_id.clone().filter(|_| attempts < CONTINUED && !http.is_modern()) else {
            return Err(NoResult::Broken(why));
        };
        tokio::time::sleep(pause(events.retry, attempts)).await;
        attempts += 1;
        let mut headers = http.session_headers();
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Ok(last) = HeaderValue::try_from(last.as_str()) {
            headers.insert(LAST_EVENT, last);
        }
        events = events.continued();
        response = match send(http, Method::GET, &headers, None).await {
            Ok(response) if response.status().is_success() && kind(&response) == Kind::Events => Some(response),
            Ok(_) => return Err(NoResult::Broken(why)),
            Err(_) => None,
        };
    }
}

/// Returns how long to wait before a stream is continued.
pub(super) fn pause(retry: Option<u64>, attempts: u32) -> Duration {
    let base = Duration::from_millis(retry.unwrap_or(1000).clamp(10, 30_000));
    (base * 2_u32.pow(attempts.min(6))).min(Duration::from_secs(60))
}

/// Reads why the server refuses a request.
async fn refusal(mut response: Response) -> NoResult {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > REFUSAL {
            break;
        }
    }
    #[derive(serde::Deserialize)]
    struct Refusal {
        error: RefusalError,
    }
    #[derive(serde::Deserialize)]
    struct RefusalError {
        code: i64,
        message: String,
    }
    if let Ok(Refusal { error: RefusalError { code, message } }) = serde_json::from_slice(&body) {
        return NoResult::Error { code, message };
    }
    let text: String = String::from_utf8_lossy(&body).trim().chars().take(SHOWN).collect();
    NoResult::Status(status, text)
}
