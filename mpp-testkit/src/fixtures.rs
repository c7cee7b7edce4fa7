//! Fixtures: recorded exchanges in a JSON file, read strictly, matched strictly.

mod matching;
mod parse;
mod write;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpp_host::sandbox::network::{Request, Response, TransportError};

use crate::masks::Masks;
use crate::package::Failure;
use matching::Expected;
pub(crate) use write::{Entry, document};

/// The exchanges of one file.
pub(crate) struct Fixture {
    name: String,
    exchanges: Vec<Exchange>,
    masks: Masks,
}

/// One request and what it is answered.
struct Exchange {
    request: Expected,
    response: Result<Response, TransportError>,
    given: AtomicUsize,
}

impl Fixture {
    /// Reads the file; `path` is relative to the package.
    pub(crate) fn read(package: &Path, path: &Path, masks: &Masks) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let bytes = std::fs::read(package.join(path)).map_err(|error| {
            Failure::new(
                format!("the fixture `{name}` cannot be read: {error}"),
                format!(
                    "it is looked for in `{}`; `.http_record(\"{name}\")` makes it from a real server",
                    package.display()
                ),
            )
        })?;
        let exchanges = parse::exchanges(&bytes, masks).map_err(|refusal| {
            let at = refusal.pointer.map(|pointer| format!(" at `{pointer}`")).unwrap_or_default();
            Failure::new(
                format!("the fixture `{name}` is refused{at}: {}", refusal.reason),
                "`{ \"exchanges\": [{ \"request\": { \"method\", \"url\" }, \"response\": { \"status\", \"json\" } }] }`; the \
                 book's page on HTTP in tests has all keys",
            )
        })?;
        Ok(Self { name, exchanges, masks: masks.clone() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The answer to a request, or why there is none.
    pub(crate) fn answer(&self, request: &Request) -> Result<Result<Response, TransportError>, String> {
        let fitting =
            || self.exchanges.iter().filter(|exchange| exchange.request.mismatch(request, &self.masks).is_none());
        let unused = fitting().find(|exchange| exchange.given.load(Ordering::SeqCst) == 0);
        let Some(exchange) = unused.or_else(|| fitting().last()) else { return Err(self.why_not(request)) };
        exchange.given.fetch_add(1, Ordering::SeqCst);
        Ok(exchange.response.clone())
    }

    /// About the exchange that comes nearest.
    fn why_not(&self, request: &Request) -> String {
        let mismatches = self.exchanges.iter().filter_map(|exchange| exchange.request.mismatch(request, &self.masks));
        match mismatches.max_by_key(|mismatch| mismatch.fits) {
            None => "it has no exchange".to_owned(),
            Some(nearest) => nearest.reason,
        }
    }
}
