//! The network of a tool: requests to declared hosts, sent by the host through `http_send`.
//!
//! *Invariant:* nothing is sent before the request's host was found among the declared ones, at every redirect anew.
//!
//! *Invariant:* a connection goes to an address that was checked; the name is not looked up again.
//!
//! *Invariant:* two packages never share a connection.

mod addresses;
mod allowed;
mod connector;
mod driver;
mod limits;
mod message;
mod redirect;
mod service;
mod settings;
mod stream;
mod transport;
mod url;
mod wire;
mod wire_error;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{HeaderName, HeaderValue, USER_AGENT};

use super::cancel::Cancellation;
use super::failure::{Failure, Status};
use crate::codes::Remedy;
use crate::package::manifest::Capabilities;
use allowed::{Allowed, Entry};
use connector::ConnectError;
use message::Outgoing;
use url::Target;
use wire::{Hop, Wire};
use wire_error::WireError;

pub(crate) use allowed::{Denial, InjectFault};
pub use limits::NetworkLimits;
pub(crate) use service::NetworkService;
pub use settings::{CertificateError, NetworkSettings, Resolver, SystemResolver};
pub use transport::{Request, Response, Transport, TransportError, WireFailure};

/// Names of hosts that one call's report lists.
const LISTED: usize = 256;

/// What the host calls itself where the tool does not.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("mpp/", env!("CARGO_PKG_VERSION")));

/// The network of one grant: what may be reached, and the connections that are kept.
pub(crate) struct Network {
    allowed: Allowed,
    service: Arc<NetworkService>,
    allow_local: bool,
    transport: Option<Arc<dyn Transport>>,
    /// Made by the first request.
    wire: OnceLock<Wire>,
}

/// The network of one call, and what the call did there.
pub(crate) struct CallNetwork {
    network: Arc<Network>,
    /// Hosts that requests were sent to.
    pub(crate) contacted: BTreeSet<String>,
    /// Hosts that requests were refused to.
    pub(crate) refused: BTreeSet<String>,
    /// The last refusal.
    pub(crate) denial: Option<Denial>,
    /// How much time has passed by what a stand-in says, beyond what really has.
    spent: Duration,
}

impl Network {
    /// `variables` are the values that were granted; injected headers are made of them.
    pub(crate) fn new(
        service: &Arc<NetworkService>,
        can: &Capabilities,
        variables: &[(String, String)],
        allow_local: bool,
        transport: Option<Arc<dyn Transport>>,
    ) -> Result<Self, InjectFault> {
        let allowed = Allowed::new(can, variables)?;
        Ok(Self { allowed, service: Arc::clone(service), allow_local, transport, wire: OnceLock::new() })
    }

    fn wire(&self) -> Result<&Wire, String> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let made = Wire::new(&self.service, self.allow_local)?;
        Ok(self.wire.get_or_init(|| made))
    }

    /// One request over the wire, or to what stands in for it; and how much time has passed by what a stand-in says.
    fn carry(&self, hop: &Hop<'_>) -> Result<Response, (WireError, Duration)> {
        let over_the_wire = || {
            let wire = self.wire().map_err(|reason| WireError::Failed(Status::Unavailable, reason))?;
            wire.send(hop)
        };
        let Some(transport) = &self.transport else {
            return over_the_wire().map_err(|error| (error, Duration::ZERO));
        };
        let text = |(name, value): &(HeaderName, HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let request = Request {
            headers: hop.headers.iter().map(text).collect(),
            body: hop.body.to_vec(),
            timeout: hop.time,
            ..Request::new(hop.method, hop.target.to_string())
        };
        let wire = || over_the_wire().map_err(|error| TransportError::Wire(WireFailure(error)));
        let limits = &self.service.settings.limits;
        let response = transport.carry(request, &wire).and_then(|response| {
            let is_too_large = response.body.len() > limits.response_body;
            if is_too_large { Err(TransportError::TooLarge) } else { Ok(response) }
        });
        response.map_err(|error| {
            let spent = error.spent(hop.time, limits);
            (error.into_wire(limits), spent)
        })
    }
}

impl CallNetwork {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        Self { network, contacted: BTreeSet::new(), refused: BTreeSet::new(), denial: None, spent: Duration::ZERO }
    }

    /// Sends a request and follows redirects; `left` says how long the call may still take.
    pub(super) fn send(
        &mut self,
        bytes: &[u8],
        left: &dyn Fn() -> Duration,
        cancellation: &Cancellation,
    ) -> Result<Vec<u8>, Failure> {
        let limits = self.network.service.settings.limits;
        let mut request = Outgoing::read(bytes, &limits)?;
        // When the request's own time is over, so much is left of the call's.
        let own = request.timeout_ms.map_or(Duration::MAX, Duration::from_millis);
        let end = left().saturating_sub(own);
        let mut from: Option<Target> = None;
        let mut followed = 0;
        loop {
            let network = Arc::clone(&self.network);
            let Some(entry) = network.allowed.find(&request.target) else {
                return Err(self.deny(network.allowed.denial(&request.target, from.as_ref())));
            };
            let time = left().saturating_sub(end);
            let hop = hop(&request, from.is_none().then_some(entry), time, cancellation);
            let is_first = list(&mut self.contacted, request.target.declared());
            let response = network.carry(&hop).map_err(|(error, spent)| {
                self.spent += spent;
                self.failure(&request.target, error, is_first)
            })?;
            let to = match request.redirects {
                0 => None,
                _ => redirect::location(&request.target, response.status, &response.headers)
                    .map_err(|sentence| (Status::Invalid, sentence))?,
            };
            let Some(to) = to else { return Ok(message::reply(&request.target, &response)) };
            followed += 1;
            if followed > request.redirects {
                let host = request.target.declared();
                return Err((
                    Status::Invalid,
                    format!("`{host}` redirects once more after {} redirects", followed - 1),
                ));
            }
            if !request.target.is_same_origin(&to) {
                from = Some(request.target.clone());
            }
            redirect::follow(&mut request, response.status, to);
        }
    }

    /// Takes the time that has passed by what a stand-in says, beyond what really has.
    pub(super) fn take_spent(&mut self) -> Duration {
        std::mem::take(&mut self.spent)
    }

    fn deny(&mut self, denial: Denial) -> Failure {
        let sentence = denial.sentence();
        list(&mut self.refused, denial.host.clone());
        self.denial = Some(denial);
        (Status::Denied, sentence)
    }

    /// `is_first` where this request alone put the host among those that were contacted.
    fn failure(&mut self, target: &Target, error: WireError, is_first: bool) -> Failure {
        let host = target.declared();
        match error {
            WireError::Failed(status, sentence) => (status, format!("`{host}`: {sentence}")),
            WireError::Address(ConnectError::Address { address, what, may_be_granted }) => {
                if is_first {
                    self.contacted.remove(&host);
                }
                let remedy = may_be_granted.then(|| Remedy::AllowLocalHosts { host: host.clone() });
                let message = format!("the host `{host}` leads to {address}, {what}");
                self.deny(Denial { host, message, remedy })
            }
            WireError::Address(other) => (Status::Connection, format!("`{host}`: {other}")),
        }
    }
}

/// Whether it was not there.
fn list(names: &mut BTreeSet<String>, name: String) -> bool {
    names.len() < LISTED && names.insert(name)
}

/// The request as it goes out. Injected headers go only where the tool itself sent the request, never after a redirect to
/// another origin: otherwise that server could make requests with credentials that it does not have.
fn hop<'a>(request: &'a Outgoing, entry: Option<&Entry>, time: Duration, cancellation: &'a Cancellation) -> Hop<'a> {
    let inject = entry.map(|entry| entry.inject.as_slice()).unwrap_or_default();
    let own = request.headers.iter().filter(|(name, _)| inject.iter().all(|(injected, _)| injected != name));
    let mut headers: Vec<(HeaderName, HeaderValue)> = own.chain(inject).cloned().collect();
    if headers.iter().all(|(name, _)| name != USER_AGENT) {
        headers.push((USER_AGENT, AGENT));
    }
    Hop { method: &request.method, target: &request.target, headers, body: &request.body, time, cancellation }
}
