//! What a server sends by itself: the stream of a session, or of a subscription. A stream that ends is opened again, with growing pauses.

use std::sync::Weak;
use std::time::{Duration, Instant};

use http::Method;
use http::header::{ACCEPT, HeaderValue};

use super::Http;
use super::events::Events;
use super::exchange::{Exchange, Kind, LAST_EVENT, deliver, kind, pause, send};
use crate::legacy::connection::{Connection, Link, NoResult};

/// How often in a row a stream is opened again that ends at once.
const ATTEMPTS: u32 = 5;

/// How long a stream stays open that is not one of these.
const AT_ONCE: Duration = Duration::from_secs(10);

/// What opens the stream.
pub(super) enum Source {
    /// The session, up to version 2025-11-25.
    Session,
    /// A request, from version 2026-07-28 on.
    Subscription(Exchange),
}

/// Hands messages to the connection, as long as it is there.
pub(super) async fn follow(connection: Weak<Connection>, source: Source) {
    let (mut attempts, mut events, mut is_first) = (0, Events::default(), true);
    while let Some(open) = connection.upgrade() {
        let Link::Http(http) = &open.link else { return };
        let mut response = match request(http, &source, events.last_id.as_deref()).await {
            Ok(response) if response.status().is_success() && kind(&response) == Kind::Events => Some(response),
            // The server sends nothing by itself, or not any more.
            Ok(_) => return,
            Err(_) => None,
        };
        if response.is_some() && !std::mem::replace(&mut is_first, false) {
            // Something may have changed meanwhile.
            open.observer.notified(&open, "notifications/tools/list_changed");
        }
        drop(open);
        let since = Instant::now();
        events = events.continued();
        while let Some(stream) = &mut response {
            let Ok(Some(chunk)) = stream.chunk().await else { break };
            let Some(open) = connection.upgrade() else { return };
            events.push(&chunk, |event| deliver(&open, event, None));
        }
        attempts = if since.elapsed() < AT_ONCE { attempts + 1 } else { 0 };
        if attempts > ATTEMPTS {
            return;
        }
        tokio::time::sleep(pause(events.retry, attempts)).await;
    }
}

async fn request(http: &Http, source: &Source, last_id: Option<&str>) -> Result<reqwest::Response, NoResult> {
    match source {
        Source::Subscription(Exchange { headers, body, .. }) => send(http, Method::POST, headers, Some(body)).await,
        Source::Session => {
            let mut headers = http.session_headers();
            headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
            if let Some(last) = last_id.and_then(|last| HeaderValue::try_from(last).ok()) {
                headers.insert(LAST_EVENT, last);
            }
            send(http, Method::GET, &headers, None).await
        }
    }
}
