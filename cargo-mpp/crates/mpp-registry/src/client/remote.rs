//! The copies of one registry: requests with a bounded number of attempts, and the next copy if one fails.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

use super::error::ClientError;
use super::transport::{OnProgress, Request, Response, Transport, TransportError};
use crate::codes;
use crate::protocol::Problem;

/// Largest description of an error.
const PROBLEM: u64 = 64 * 1024;

/// How often a request is repeated, and after which time.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Retry {
    /// Number of attempts, at least one.
    pub attempts: u32,
    /// Time before the second attempt; it doubles with each further one.
    pub first: Duration,
    /// The longest time between two attempts, also if the server asks for a longer one.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, first: Duration::from_millis(250), longest: Duration::from_secs(10) }
    }
}

impl Retry {
    /// Tries `attempts` times without waiting, for tests and for callers who wait themselves.
    #[must_use]
    pub fn at_once(attempts: u32) -> Self {
        Self { attempts, first: Duration::ZERO, longest: Duration::ZERO }
    }

    /// Waits before the attempt after the one with this number, counted from 1. A server's `Retry-After` is respected up to the
    /// longest time.
    pub(crate) async fn pause(&self, attempt: u32, asked: Option<Duration>) {
        let backoff = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let wait = asked.unwrap_or_default().max(jittered(backoff)).min(self.longest);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

/// Returns between three quarters and all of a duration, so that clients that failed together do not return together.
fn jittered(time: Duration) -> Duration {
    let mut byte = [0];
    // Without random bytes there is no jitter.
    let _ = getrandom::fill(&mut byte);
    time.saturating_sub(time.saturating_mul(u32::from(byte[0])) / 1024)
}

/// A file of a registry.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    /// The contents.
    pub(crate) bytes: Bytes,
}

/// The copies of one registry, in the order in which they are asked.
#[derive(Debug, Clone)]
pub struct Remote {
    copies: Vec<Arc<dyn Transport>>,
    retry: Retry,
}

impl Remote {
    /// Asks these copies, in this order. The first one is the registry itself, which takes changes.
    #[must_use]
    pub fn new(copies: Vec<Arc<dyn Transport>>, retry: Retry) -> Self {
        Self { copies, retry }
    }

    /// The URL of the registry, for messages.
    #[must_use]
    pub fn url(&self) -> &str {
        self.copies.first().map_or("", |copy| copy.url())
    }

    /// How requests are repeated.
    pub(crate) fn retry(&self) -> Retry {
        self.retry
    }

    /// Returns the copies of the registry.
    pub(crate) fn copies(&self) -> &[Arc<dyn Transport>] {
        &self.copies
    }

    /// Reads a file of at most `limit` bytes. Returns `None` if the first copy that answers does not have it.
    pub(crate) async fn read(&self, path: &str, limit: u64) -> Result<Option<Fetched>, ClientError> {
        let mut failed = None;
        for copy in &self.copies {
            match self.read_from(copy.as_ref(), path, limit).await {
                Err(error) if error.is_temporary() => {
                    failed.get_or_insert(error);
                }
                end => return end,
            }
        }
        Err(failed.unwrap_or_else(|| ClientError::no_copy(path)))
    }

    /// Reads a file that must exist; another copy is asked if one does not have it.
    pub(crate) async fn require(&self, path: &str, limit: u64) -> Result<Fetched, ClientError> {
        let mut failed = None;
        for copy in &self.copies {
            match self.read_from(copy.as_ref(), path, limit).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {
                    failed.get_or_insert(ClientError::missing(copy.url(), path));
                }
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        Err(failed.unwrap_or_else(|| ClientError::no_copy(path)))
    }

    /// Reads a file from one copy.
    pub(crate) async fn read_from(
        &self,
        copy: &dyn Transport,
        path: &str,
        limit: u64,
    ) -> Result<Option<Fetched>, ClientError> {
        let (status, bytes) = self.attempts(copy, path, limit, || Request::get(format!("/{path}")), None).await?;
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_success() => Ok(Some(Fetched { bytes })),
            status => Err(ClientError::answer(copy.url(), path, status, problem(&bytes))),
        }
    }

    /// Sends a change to the registry itself, and returns the status and the body of its answer. The request is made anew for each
    /// attempt, because a registry accepts each statement once.
    pub(crate) async fn change(
        &self,
        path: &str,
        request: impl Fn() -> Result<Request, ClientError>,
        progress: Option<OnProgress<'_>>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let copy = self.copies.first().ok_or_else(|| ClientError::no_copy(path))?;
        let mut attempt = 1;
        loop {
            let end = self.once(copy.as_ref(), path, PROBLEM, request()?, progress).await;
            match self.judge(copy.as_ref(), path, end) {
                Judged::Answer(status, bytes) if status.is_success() || is_repetition(status, &bytes) => {
                    return Ok((status, bytes));
                }
                Judged::Answer(status, bytes) => {
                    return Err(ClientError::answer(copy.url(), path, status, problem(&bytes)));
                }
                Judged::Failed(error) => return Err(error),
                Judged::Again(error, _) if attempt >= self.retry.attempts => return Err(error),
                Judged::Again(_, asked) => self.retry.pause(attempt, asked).await,
            }
            attempt += 1;
        }
    }

    async fn attempts(
        &self,
        copy: &dyn Transport,
        path: &str,
        limit: u64,
        request: impl Fn() -> Request,
        progress: Option<OnProgress<'_>>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let mut attempt = 1;
        loop {
            let end = self.once(copy, path, limit, request(), progress).await;
            match self.judge(copy, path, end) {
                Judged::Answer(status, bytes) => return Ok((status, bytes)),
                Judged::Failed(error) => return Err(error),
                Judged::Again(error, _) if attempt >= self.retry.attempts => return Err(error),
                Judged::Again(_, asked) => self.retry.pause(attempt, asked).await,
            }
            attempt += 1;
        }
    }

    async fn once(
        &self,
        copy: &dyn Transport,
        path: &str,
        limit: u64,
        request: Request,
        progress: Option<OnProgress<'_>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let failed = |error: TransportError| ClientError::transport(copy.url(), path, error);
        let Response { status, headers, mut body } = copy.send(request, progress).await.map_err(failed)?;
        // The body of an error is text for people, whatever the limit of the file is.
        let limit = if status.is_success() { limit } else { PROBLEM };
        let mut bytes = BytesMut::new();
        while let Some(part) = body.next().await {
            bytes.extend_from_slice(&part.map_err(failed)?);
            if bytes.len() as u64 > limit {
                return Err(ClientError::too_long(copy.url(), path, limit));
            }
        }
        Ok((status, headers, bytes.freeze()))
    }

    fn judge(
        &self,
        copy: &dyn Transport,
        path: &str,
        end: Result<(StatusCode, HeaderMap, Bytes), ClientError>,
    ) -> Judged {
        match end {
            Err(error) if error.is_temporary() => Judged::Again(error, None),
            Err(error) => Judged::Failed(error),
            Ok((status, headers, bytes)) if is_temporary(status) => {
                Judged::Again(ClientError::answer(copy.url(), path, status, problem(&bytes)), retry_after(&headers))
            }
            Ok((status, _, bytes)) => Judged::Answer(status, bytes),
        }
    }
}

/// What an attempt means.
enum Judged {
    Answer(StatusCode, Bytes),
    Failed(ClientError),
    Again(ClientError, Option<Duration>),
}

fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn problem(bytes: &[u8]) -> Option<Problem> {
    serde_json::from_slice(bytes).ok()
}

/// Reads `Retry-After` in seconds. The form with a date is not used by registries.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// Returns whether the answer names the leaf of the same change: the registry accepted it before, and its answer was lost. Other
/// conflicts name a leaf, too, for example that of a version with other bytes.
fn is_repetition(status: StatusCode, bytes: &[u8]) -> bool {
    let problem: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let is_same = |problem: serde_json::Value| problem["code"] == codes::N303.id && problem["leaf_index"].is_u64();
    status == StatusCode::CONFLICT && problem.is_some_and(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_change_is_a_repetition() {
        let body = |code: &str| format!(r#"{{"code":"{code}","leaf_index":7}}"#);
        assert!(is_repetition(StatusCode::CONFLICT, body("MPP-N303").as_bytes()));
        assert!(!is_repetition(StatusCode::CONFLICT, body("MPP-N308").as_bytes()), "a version with other bytes");
        assert!(!is_repetition(StatusCode::FORBIDDEN, body("MPP-N303").as_bytes()));
        assert!(!is_repetition(StatusCode::CONFLICT, br#"{"code":"MPP-N303"}"#));
    }
}
