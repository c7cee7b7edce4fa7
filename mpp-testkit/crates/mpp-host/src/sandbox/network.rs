//! Network access of a tool: requests to declared hosts, which the host sends on behalf of `http_send`.
//!
//! *Invariant:* nothing is sent unless the request's host is declared; each redirect is checked again.
//!
//! *Invariant:* a connection is made to an address that was checked; the name is not resolved again.
//!
//! *Invariant:* two packages never share a connection.

mod allowed;
mod connector;
mod driver;
mod limits;
mod message;
mod redirect;
mod service;
mod settings;
mod stream;
#[cfg(feature = "testing")]
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
use super::effects::{Effects, UNRECORDED};
use super::failure::{Failure, Status};
use crate::codes::Remedy;
use crate::package::manifest::Capabilities;
use allowed::{Allowed, Entry};
use connector::ConnectError;
use message::Outgoing;
use url::Target;
#[cfg(not(feature = "testing"))]
use wire::Response;
use wire::{Hop, Wire};
use wire_error::WireError;

pub(crate) use allowed::{Denial, InjectFault};
pub use limits::NetworkLimits;
pub(crate) use service::NetworkService;
pub use settings::{CertificateError, NetworkSettings, Resolver, SystemResolver};
#[cfg(feature = "testing")]
pub use transport::{Request, Transport, TransportError, WireFailure, WireFault};
#[cfg(feature = "testing")]
pub use wire::Response;

/// Maximum number of host names that one call's report lists.
const LISTED: usize = 256;

/// The `user-agent` of requests for which the tool sets none.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("mpp/", env!("CARGO_PKG_VERSION")));

/// The network access of one grant: the hosts that may be reached, and the connections that are kept.
pub(crate) struct Network {
    allowed: Allowed,
    service: Arc<NetworkService>,
    allow_local: bool,
    #[cfg(feature = "testing")]
    transport: Option<Arc<dyn Transport>>,
    /// Created by the first request.
    wire: OnceLock<Wire>,
}

/// The network access of one call, and a record of its requests.
pub(crate) struct CallNetwork {
    network: Arc<Network>,
    /// Hosts to which requests were sent.
    pub(crate) contacted: BTreeSet<String>,
    /// Hosts to which requests were denied.
    pub(crate) refused: BTreeSet<String>,
    /// Hosts whose certificate no trusted authority has issued.
    pub(crate) untrusted: BTreeSet<String>,
    /// The most recent denial.
    pub(crate) denial: Option<Denial>,
    /// Simulated time that a test's transport reports, in addition to the time that has really passed.
    spent: Duration,
}

impl Network {
    /// Creates the network access of a grant. `variables` are the granted values, from which injected headers are made.
    pub(crate) fn new(
        service: &Arc<NetworkService>,
        can: &Capabilities,
        variables: &[(String, String)],
        allow_local: bool,
    ) -> Result<Self, InjectFault> {
        Ok(Self {
            allowed: Allowed::new(can, variables)?,
            service: Arc::clone(service),
            allow_local,
            #[cfg(feature = "testing")]
            transport: None,
            wire: OnceLock::new(),
        })
    }

    /// Sets the transport that carries the requests instead of the network.
    #[cfg(feature = "testing")]
    pub(crate) fn with_transport(mut self, transport: Option<Arc<dyn Transport>>) -> Self {
        self.transport = transport;
        self
    }

    fn wire(&self) -> Result<&Wire, String> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let made = Wire::new(&self.service, self.allow_local)?;
        Ok(self.wire.get_or_init(|| made))
    }

    /// Sends one request over the wire, or through the transport of a test. An error includes the simulated time that the
    /// transport reports.
    fn carry(&self, hop: &Hop<'_>) -> Result<Response, (WireError, Duration)> {
        let over_the_wire = || {
            let wire = self.wire().map_err(|reason| WireError::Failed(Status::Unavailable, reason))?;
            wire.send(hop)
        };
        #[cfg(feature = "testing")]
        if let Some(transport) = &self.transport {
            return transport::carry(&**transport, hop, &self.service.settings.limits, &over_the_wire);
        }
        over_the_wire().map_err(|error| (error, Duration::ZERO))
    }
}

impl CallNetwork {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        let none = BTreeSet::new;
        Self { network, contacted: none(), refused: none(), untrusted: none(), denial: None, spent: Duration::ZERO }
    }

    /// Returns the limits of requests.
    pub(super) fn limits(&self) -> NetworkLimits {
        self.network.service.settings.limits
    }

    /// Sends a request and follows redirects. `left` returns the time left for the call. Every hop is an effect.
    pub(super) fn send(
        &mut self,
        bytes: &[u8],
        left: &dyn Fn() -> Duration,
        cancellation: &Cancellation,
        effects: &Effects,
    ) -> Result<Vec<u8>, Failure> {
        let limits = self.network.service.settings.limits;
        let mut request = Outgoing::read(bytes, &limits)?;
        // The time that is left for the call when the request's own timeout expires.
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
            if !effects.may_happen() {
                return Err((Status::Unavailable, UNRECORDED.to_owned()));
            }
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
                return Err((Status::Invalid, format!("`{host}` redirects again after {} redirects", followed - 1)));
            }
            if !request.target.is_same_origin(&to) {
                from = Some(request.target.clone());
            }
            redirect::follow(&mut request, response.status, to);
        }
    }

    /// Takes the simulated time that the transport has reported since the last call.
    pub(super) fn take_spent(&mut self) -> Duration {
        std::mem::take(&mut self.spent)
    }

    fn deny(&mut self, denial: Denial) -> Failure {
        let sentence = denial.sentence();
        list(&mut self.refused, denial.host.clone());
        self.denial = Some(denial);
        (Status::Denied, sentence)
    }

    /// Converts a wire error to the failure of the request. `is_first` is whether this request added the host to `contacted`.
    fn failure(&mut self, target: &Target, error: WireError, is_first: bool) -> Failure {
        let host = target.declared();
        match error {
            WireError::Failed(status, sentence) => (status, format!("`{host}`: {sentence}")),
            WireError::Address(ConnectError::Address { address, what, may_be_granted }) => {
                if is_first {
                    self.contacted.remove(&host);
                }
                let remedy = may_be_granted.then(|| Remedy::AllowLocalHosts { host: host.clone() });
                let message = format!("the host `{host}` resolves to {address}, {what}");
                self.deny(Denial { host, message, remedy })
            }
            WireError::Untrusted => {
                list(&mut self.untrusted, host.clone());
                let remedy = Remedy::TrustCertificate { host: host.clone() };
                (Status::Connection, format!("`{host}`: {}; {remedy}", words::UNTRUSTED))
            }
            WireError::Address(other) => (Status::Connection, format!("`{host}`: {other}")),
        }
    }
}

/// Adds `name` to `names`, up to the maximum. Returns whether it was added.
fn list(names: &mut BTreeSet<String>, name: String) -> bool {
    names.len() < LISTED && names.insert(name)
}

/// Builds the request for one hop. Injected headers are sent only to the origin that the tool itself addressed, never after
/// a redirect to another origin: otherwise that server could make requests with credentials that it does not have.
fn hop<'a>(request: &'a Outgoing, entry: Option<&Entry>, time: Duration, cancellation: &'a Cancellation) -> Hop<'a> {
    let inject = entry.map(|entry| entry.inject.as_slice()).unwrap_or_default();
    let own = request.headers.iter().filter(|(name, _)| inject.iter().all(|(injected, _)| injected != name));
    let mut headers: Vec<(HeaderName, HeaderValue)> = own.chain(inject).cloned().collect();
    if headers.iter().all(|(name, _)| name != USER_AGENT) {
        headers.push((USER_AGENT, AGENT));
    }
    Hop { method: &request.method, target: &request.target, headers, body: &request.body, time, cancellation }
}
