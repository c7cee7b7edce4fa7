//! Reads the body of a request within limits of size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::error::ApiError;
use super::policy::Limits;

/// Reserves at most this much before anything has arrived.
const RESERVED: u64 = 1024 * 1024;

/// Returns the length that a request announces. Only the body itself decides how much is read.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    // A number has one spelling: `+5` is none.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads a body of at most `limit` bytes. A body that is announced to be longer is refused without reading it.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: u64, limits: &Limits) -> Result<Vec<u8>, ApiError> {
    let reserved = usize::try_from(announced(headers).unwrap_or(0).min(RESERVED)).unwrap_or_default();
    let mut bytes: Vec<u8> = Vec::with_capacity(reserved);
    receive(headers, body, limit, limits, |chunk| bytes.extend_from_slice(chunk)).await?;
    Ok(bytes)
}

/// Reads a body of at most `limit` bytes and forgets it.
pub(super) async fn skip(headers: &HeaderMap, body: Body, limit: u64, limits: &Limits) -> Result<(), ApiError> {
    receive(headers, body, limit, limits, |_| {}).await
}

async fn receive(
    headers: &HeaderMap,
    body: Body,
    limit: u64,
    limits: &Limits,
    mut take: impl FnMut(&[u8]),
) -> Result<(), ApiError> {
    let length = announced(headers);
    if length.is_some_and(|length| length > limit) {
        return Err(ApiError::TooLarge { limit });
    }
    let idle = Duration::from_secs(limits.idle_seconds.max(1));
    let start = Instant::now();
    let mut stream = body.into_data_stream();
    let mut received: u64 = 0;
    loop {
        let chunk: Bytes = match timeout(idle, stream.next()).await {
            Err(_) => return Err(ApiError::TooSlow),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(ApiError::Malformed { problem: "the body ended early".to_owned() }),
            Ok(Some(Ok(chunk))) => chunk,
        };
        received += chunk.len() as u64;
        if received > limit {
            return Err(ApiError::TooLarge { limit });
        }
        take(&chunk);
        let late = start.elapsed().saturating_sub(idle).as_secs();
        if received < late.saturating_mul(limits.body_bytes_per_second) {
            return Err(ApiError::TooSlow);
        }
    }
    match length {
        Some(length) if length != received => {
            Err(ApiError::Malformed { problem: "the body is shorter than its `Content-Length`".to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use axum::http::HeaderMap;
    use futures_util::stream;
    use mpp_host::codes::Coded as _;

    use super::read;
    use crate::server::policy::Limits;

    fn drip(chunks: usize, pause: Duration) -> Body {
        Body::from_stream(stream::unfold(0, move |sent| async move {
            tokio::time::sleep(pause).await;
            (sent < chunks).then_some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), sent + 1))
        }))
    }

    fn with_length(length: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(axum::http::header::CONTENT_LENGTH, length.parse().expect("a value"))])
    }

    #[tokio::test]
    async fn reads_up_to_the_limit() {
        let limits = Limits::default();
        let whole = read(&HeaderMap::new(), Body::from("12345"), 5, &limits).await.expect("within the limit");
        assert_eq!(whole, b"12345");
        let error = read(&HeaderMap::new(), Body::from("123456"), 5, &limits).await.expect_err("too large");
        assert_eq!(error.code(), "MPP-N202");
        let error =
            read(&with_length("6"), Body::from("123456"), 5, &limits).await.expect_err("announced as too large");
        assert_eq!(error.code(), "MPP-N202");
        let error = read(&with_length("5"), Body::from("1234"), 5, &limits).await.expect_err("truncated");
        assert_eq!(error.code(), "MPP-N207");
    }

    /// Limits that a test need not wait for.
    fn impatient() -> Limits {
        Limits { idle_seconds: 1, ..Limits::default() }
    }

    #[tokio::test]
    async fn a_body_that_stops_is_cut_off() {
        let error = read(&HeaderMap::new(), drip(2, Duration::from_secs(5)), 100, &impatient()).await;
        assert_eq!(error.expect_err("too slow").code(), "MPP-N203");
    }

    #[tokio::test]
    async fn a_body_that_drips_is_cut_off() {
        // A byte now and then never stops for long, and never arrives.
        let error = read(&HeaderMap::new(), drip(100_000, Duration::from_millis(100)), 100_000, &impatient()).await;
        assert_eq!(error.expect_err("too slow").code(), "MPP-N203");
    }
}
