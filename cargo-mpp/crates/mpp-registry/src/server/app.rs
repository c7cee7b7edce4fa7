//! What the handlers of requests share: the log, the store, the policy, and the limits.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use mpp_host::clock::Clock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::PublicKey;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::client_address::{self, Peer};
use super::domains::DomainProver;
use super::error::ApiError;
use super::files::FileCache;
use super::keys::RegistryKeys;
use super::metrics::Metrics;
use super::policy::{Policy, Quota};
use super::rates::{Action, Rates};
use super::readiness::Readiness;
use crate::log::{AppendError, Log, View, WriterError};
use crate::protocol::{Body, SignedStatement};
use crate::search::SearchIndex;
use crate::state::{Rules, State};
use crate::store::Store;

/// The time that a request waits for a place among the others.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What the handlers of requests share.
#[derive(Debug)]
pub(super) struct App {
    pub(super) log: Log<State>,
    pub(super) store: Store,
    pub(super) files: FileCache,
    pub(super) policy: Arc<Policy>,
    pub(super) rules: Arc<Rules>,
    pub(super) rates: Rates,
    pub(super) readiness: Readiness,
    pub(super) metrics: Arc<Metrics>,
    pub(super) gatekeeper: Gatekeeper,
    /// One permit for each package that is verified.
    pub(super) verifications: Arc<Semaphore>,
    /// One permit for each MiB of an upload.
    pub(super) memory: Arc<Semaphore>,
    pub(super) prover: DomainProver,
    pub(super) search: SearchIndex,
    pub(super) clock: Arc<dyn Clock>,
    /// Address of the registry without a final slash.
    pub(super) url: String,
    pub(super) keys: RegistryKeys,
}

impl App {
    /// Returns the newest published view of the log.
    pub(super) fn view(&self) -> Arc<View<State>> {
        self.log.view()
    }

    /// Returns the newest published state.
    pub(super) fn state(&self) -> State {
        self.log.view().state.clone()
    }

    /// Returns the time in milliseconds since 1970. A new leaf is never earlier than the last one.
    pub(super) fn now_millis(&self) -> u64 {
        let now = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX).max(self.log.view().state.time())
    }

    /// Takes a token of each bucket that an action counts in.
    ///
    /// # Errors
    /// Returns [`ApiError::RateLimited`] if one of them is empty.
    pub(super) fn take(
        &self,
        action: Action,
        quota: &Quota,
        owner: Option<PublicKey>,
        address: IpAddr,
    ) -> Result<(), ApiError> {
        let what = match action {
            Action::Write => "requests",
            Action::Search => "searches",
            Action::Registration => "new keys",
            Action::Package => "new packages",
            Action::Version => "new versions",
        };
        self.rates.take((action, quota), owner, address, self.clock.monotonic()).map_err(|wait| {
            Metrics::add(&self.metrics.rate_limited);
            ApiError::RateLimited { what, wait }
        })
    }

    /// Checks a statement against the newest state. Before it is refused, the changes of other servers of the same store are read.
    ///
    /// # Errors
    /// Returns [`ApiError::State`] if the statement cannot become a leaf.
    pub(super) async fn check(&self, signed: &SignedStatement) -> Result<(), ApiError> {
        if self.state().check(signed, self.now_millis(), &self.rules).is_ok() {
            return Ok(());
        }
        self.catch_up().await;
        Ok(self.state().check(signed, self.now_millis(), &self.rules)?)
    }

    /// Reads the changes of other servers of the same store.
    pub(super) async fn catch_up(&self) {
        if let Err(error) = self.log.catch_up().await {
            tracing::warn!(error = %mpp_host::causes::with_causes(&error), "the log cannot be followed");
        }
    }

    /// Appends a leaf under the rules of this server, and returns its index once it is durable and visible.
    ///
    /// # Errors
    /// Returns [`ApiError::State`] if the change is refused, or the failure of the log.
    pub(super) async fn append(&self, body: Body) -> Result<u64, ApiError> {
        let rules = Arc::clone(&self.rules);
        let appended = self.log.append(body, move |state: &State, _, leaf| match leaf.statement() {
            Some(signed) => state.check(signed, leaf.time, &rules),
            None => Ok(()),
        });
        match appended.await {
            Ok(appended) => {
                Metrics::add(&self.metrics.leaves_appended);
                self.files.clear();
                Ok(appended.index)
            }
            Err(AppendError::Refused(reason)) => Err(reason.into()),
            Err(AppendError::Failed(error)) if matches!(*error, WriterError::Stopped(_)) => {
                Err(ApiError::ReadOnly { reason: error.to_string() })
            }
            Err(error) => Err(ApiError::internal(error)),
        }
    }
}

/// The client that sent a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) address: IpAddr,
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Peer>().ok_or_else(|| ApiError::internal("a request without a peer"))?;
        Ok(Self { address: client_address::of(peer.0.ip(), &parts.headers, &app.policy) })
    }
}

/// Returns a JSON document that is not cached.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
