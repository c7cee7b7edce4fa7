//! Fixtures: files of recorded HTTP exchanges that answer a tool's requests.
//!
//! A fixture is a JSON file. Unknown keys and values of another type are refused, with their JSON pointer.
//!
//! ```json
//! { "exchanges": [{
//!     "request": { "method": "GET", "url": "https://api.crm.example/v1/customers?q=ada", "headers": { "authorization": "*" } },
//!     "response": { "status": 200, "json": [{ "name": "Ada Lovelace" }] }
//! }] }
//! ```
//!
//! | key | in | meaning |
//! |---|---|---|
//! | `method`, `url` | request | required; they must match exactly, including the order of the query |
//! | `headers` | both | names with a value or a list of values; each header of a request must be sent, and `*` matches any value |
//! | `json`, `text`, `base64` | both | the body, under at most one of these keys; a request without a body matches any |
//! | `status` | response | 100 to 599 |
//! | `error` | response | a failed connection, alone: `timeout`, `connect_timeout`, `no_address`, `refused`, `broken_off`, `incomplete`, `too_large` |
//!
//! `${NAME}` is replaced by the value of a granted variable. An exchange answers any number of requests. If several
//! exchanges match a request, they answer one after the other, and the last one answers all further requests.

mod exchange;
mod matching;
mod parse;
mod recorder;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::causes::BoxedError;
use mpp_host::sandbox::network::{Request, Response, TransportError};
use mpp_host::text::without_byte_order_mark;
use serde_json::Value;

use crate::error::PrepareError;
use crate::masks::Masks;
pub(crate) use exchange::Exchange;
pub(crate) use recorder::FixtureRecorder;

/// Returns an exchange of a fixture for a request and its response, with secrets masked. It matches by method, URL and body: whoever
/// sends the request again may send other headers. The response has the recorded bytes, unless something in it is masked.
#[must_use]
pub fn exchange(request: &Request, response: &Response, masks: &Masks) -> Option<Value> {
    let recorded = Exchange::recorded(request, &Ok(response.clone()), masks)?.with_bytes_of(response);
    let mut exchange = serde_json::to_value(recorded).ok()?;
    exchange.get_mut("request")?.as_object_mut()?.shift_remove("headers");
    Some(exchange)
}

/// Checks exchanges that are not in a file of their own.
///
/// # Errors
/// Returns the JSON pointer to what is not valid, and what is wrong there.
pub fn check(exchanges: &[Value]) -> Result<(), (String, BoxedError)> {
    match parse::listed("", exchanges, &Masks::default()) {
        Ok(_) => Ok(()),
        Err(refusal) => Err((refusal.pointer.unwrap_or_default(), refusal.reason)),
    }
}

/// The exchanges of one file.
pub(crate) struct Fixture {
    name: String,
    exchanges: Vec<Prepared>,
    masks: Masks,
}

/// An exchange that has been read, and how often it has answered.
struct Prepared {
    request: matching::Expected,
    response: Result<Response, TransportError>,
    used: AtomicUsize,
}

impl Fixture {
    /// Reads a file; `path` is relative to `directory`.
    pub(crate) fn read(directory: &Path, path: &Path, masks: &Masks) -> Result<Self, PrepareError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(directory.join(path)).map_err(|source| PrepareError::ReadFixture {
            fixture: name.clone(),
            directory: directory.to_owned(),
            source,
        })?;
        let parsed = parse::exchanges(without_byte_order_mark(&bytes), masks).map_err(|refusal| {
            PrepareError::InvalidFixture { fixture: name.clone(), pointer: refusal.pointer, source: refusal.reason }
        })?;
        Ok(Self::of(name, parsed, masks))
    }

    /// Makes a fixture of exchanges that are not in a file of their own.
    pub(crate) fn listed(name: &str, exchanges: &[Value], masks: &Masks) -> Result<Self, PrepareError> {
        let parsed = parse::listed("", exchanges, masks).map_err(|refusal| PrepareError::InvalidFixture {
            fixture: name.to_owned(),
            pointer: refusal.pointer,
            source: refusal.reason,
        })?;
        Ok(Self::of(name.to_owned(), parsed, masks))
    }

    fn of(name: String, parsed: Vec<(matching::Expected, Result<Response, TransportError>)>, masks: &Masks) -> Self {
        let exchanges =
            parsed.into_iter().map(|(request, response)| Prepared { request, response, used: AtomicUsize::new(0) });
        Self { name, exchanges: exchanges.collect(), masks: masks.clone() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the answer to a request, or the reason why no exchange matches it.
    pub(crate) fn answer(&self, request: &Request) -> Result<Result<Response, TransportError>, String> {
        let matching =
            || self.exchanges.iter().filter(|exchange| exchange.request.mismatch(request, &self.masks).is_none());
        let unused = matching().find(|exchange| exchange.used.load(Ordering::SeqCst) == 0);
        let Some(exchange) = unused.or_else(|| matching().last()) else { return Err(self.nearest_mismatch(request)) };
        exchange.used.fetch_add(1, Ordering::SeqCst);
        Ok(exchange.response.clone())
    }

    fn nearest_mismatch(&self, request: &Request) -> String {
        let mismatches = self.exchanges.iter().filter_map(|exchange| exchange.request.mismatch(request, &self.masks));
        match mismatches.max_by_key(|mismatch| mismatch.similarity) {
            None => "it has no exchanges".to_owned(),
            Some(nearest) => nearest.reason,
        }
    }
}
