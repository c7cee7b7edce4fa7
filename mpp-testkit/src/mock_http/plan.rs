//! What a test says about the network, before the tool is loaded: the builder's methods.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use mpp_host::package::manifest::{Capabilities, HostPattern, NetworkEntry};
use mpp_host::sandbox::network::{Request, Transport};
use mpp_sdk::wire::did_you_mean;

use super::mock::{Closure, Mock};
use super::record::{self, Recorder};
use super::{Beyond, Ledger, MockNetwork, Reply};
use crate::builder::ToolBuilder;
use crate::faults::Armed;
use crate::fixtures::Fixture;
use crate::masks::Masks;
use crate::package::{Failure, Package};

/// What stands in for the network.
#[derive(Clone, Default)]
pub(crate) struct HttpPlan {
    mocks: Vec<Planned>,
    beyond: PlannedBeyond,
}

#[derive(Clone)]
enum Planned {
    Closure(String, Closure),
    Sequence(String, Arc<[Reply]>),
    Fixture(PathBuf),
}

#[derive(Clone, Default)]
enum PlannedBeyond {
    #[default]
    Nothing,
    Wire,
    /// Into one file; more of them are refused, because nothing says which request is for which.
    Record(Vec<PathBuf>),
    Transport(Arc<dyn Transport>),
}

impl ToolBuilder {
    /// Answers the requests to a host: `api.crm.example`, `api.crm.example:8443`, `http://plain.example`, written as the
    /// manifest writes it.
    ///
    /// The closure gives anything that converts into a [`Reply`]. Mocks are asked in the order in which they are named; one
    /// that gives [`Reply::pass`] or `None` leaves the request to the next. A request that none answers fails the test.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!()
    ///     .http("api.crm.example", |request| match request.path() {
    ///         "/v1/customers" => (200, json!([{ "name": "Ada Lovelace" }])),
    ///         _ => (404, json!({ "error": "no such path" })),
    ///     })
    ///     .load();
    /// ```
    pub fn http<R: Into<Reply>>(
        mut self,
        host: impl Into<String>,
        answer: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let closure: Closure = Arc::new(move |request| answer(request).into());
        self.http.mocks.push(Planned::Closure(host.into(), closure));
        self
    }

    /// Answers the first request to a host with the first reply, the second with the second. A request after the last
    /// reply fails the test.
    ///
    /// ```no_run
    /// use mpp_testkit::http::Reply;
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!()
    ///     .http_sequence("api.crm.example", [Reply::status(503), Reply::json(json!([]))])
    ///     .load();
    /// ```
    pub fn http_sequence<R: Into<Reply>>(
        mut self,
        host: impl Into<String>,
        replies: impl IntoIterator<Item = R>,
    ) -> Self {
        let replies = replies.into_iter().map(Into::into).collect();
        self.http.mocks.push(Planned::Sequence(host.into(), replies));
        self
    }

    /// Answers with recorded exchanges from a file, relative to the package. With `MPP_TEST_RECORD=1` in the environment
    /// it is recorded anew, as [`ToolBuilder::http_record`] does.
    ///
    /// An exchange answers as often as it is asked for. Where several fit one request, they answer one after the other, and
    /// the last of them again and again.
    pub fn http_fixture(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if record::is_asked_for() {
            self.http.record(path);
        } else {
            self.http.mocks.push(Planned::Fixture(path));
        }
        self
    }

    /// Records a fixture: where the file is there, it answers as with [`ToolBuilder::http_fixture`]. Where it is not, or with
    /// `MPP_TEST_RECORD=1` in the environment, requests that no mock answers go to the real network, and the file is
    /// written after each call, with what came back.
    ///
    /// What is known to be secret does not get into the file: headers that carry credentials, cookies included; the values of
    /// granted variables (8 characters or longer), in whose place `${NAME}` stands; strings of a JSON answer under the names
    /// that servers hand out credentials by (`access_token`, `password`, …). What else an answer says is in it: read the file before
    /// it is committed. One file for one loaded tool: two that record into the same file at once overwrite each other.
    pub fn http_record(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if record::is_asked_for() || !self.directory.join(&path).exists() {
            self.http.record(path);
            self
        } else {
            self.http_fixture(path)
        }
    }

    /// Sends requests that no mock answers over the real network, as in production: the one way by which a test reaches it,
    /// but for recording.
    pub fn live_network(mut self) -> Self {
        self.http.beyond = PlannedBeyond::Wire;
        self
    }

    /// Gives requests that no mock answers to a transport of the test's own.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.http.beyond = PlannedBeyond::Transport(transport);
        self
    }
}

impl HttpPlan {
    fn record(&mut self, path: PathBuf) {
        match &mut self.beyond {
            PlannedBeyond::Record(paths) if paths.contains(&path) => {}
            PlannedBeyond::Record(paths) => paths.push(path),
            beyond => *beyond = PlannedBeyond::Record(vec![path]),
        }
    }

    /// What stands in for the wire, with counters of its own.
    pub(crate) fn network(
        &self,
        package: &Package,
        masks: Masks,
        faults: Arc<[Armed]>,
    ) -> Result<MockNetwork, Failure> {
        let declared = &package.loaded.manifest().capabilities;
        let mut mocks = Vec::with_capacity(self.mocks.len());
        for planned in &self.mocks {
            mocks.push(match planned {
                Planned::Closure(host, closure) => {
                    check_host(host, "a mock", declared)?;
                    Mock::Closure { host: host.clone(), closure: Arc::clone(closure) }
                }
                Planned::Sequence(host, replies) => {
                    check_host(host, "a mock", declared)?;
                    Mock::Sequence { host: host.clone(), replies: Arc::clone(replies), given: AtomicUsize::new(0) }
                }
                Planned::Fixture(path) => Mock::Fixture(Fixture::read(&package.directory, path, &masks)?),
            });
        }
        let beyond = match &self.beyond {
            PlannedBeyond::Nothing => Beyond::Nothing,
            PlannedBeyond::Wire => Beyond::Wire,
            PlannedBeyond::Transport(transport) => Beyond::Transport(Arc::clone(transport)),
            PlannedBeyond::Record(paths) => {
                let [path] = paths.as_slice() else { return Err(ambiguous(paths)) };
                Beyond::Recorded(Recorder::new(package.directory.join(path), masks.clone()))
            }
        };
        Ok(MockNetwork { mocks, beyond, faults, masks, ledger: Ledger::default() })
    }
}

fn ambiguous(paths: &[PathBuf]) -> Failure {
    let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    Failure::new(
        format!("the test records into {} at once, and nothing says which request is for which", names.join(" and ")),
        "record them one at a time, each in a test with one `.http_record` and mocks for the other requests",
    )
}

/// Whether two hosts are the same, with the port written or not.
pub(crate) fn same_host(a: &str, b: &str) -> bool {
    a == b || matches!((HostPattern::parse(a), HostPattern::parse(b)), (Ok(a), Ok(b)) if a.covers(&b) && b.covers(&a))
}

/// A host that the manifest does not declare is never asked: what stands in for it would stand there in vain.
pub(crate) fn check_host(host: &str, what: &str, declared: &Capabilities) -> Result<(), Failure> {
    let wanted = HostPattern::parse(host)
        .map_err(|reason| Failure::new(format!("{what} is for `{host}`, which is no host: {reason}"), ""))?;
    let hosts: Vec<&str> = declared.network.iter().map(NetworkEntry::host).collect();
    let patterns = hosts.iter().filter_map(|host| HostPattern::parse(host).ok());
    if !wanted.is_below() && patterns.into_iter().any(|pattern| pattern.covers(&wanted)) {
        return Ok(());
    }
    let listed = if hosts.is_empty() { "none".to_owned() } else { format!("`{}`", hosts.join("`, `")) };
    Err(Failure::new(
        format!(
            "{what} is for `{host}`, a host that the manifest does not declare{}",
            did_you_mean(host, hosts.iter().copied())
        ),
        format!(
            "declared under `capabilities.network` is {listed}; a request to any other host is refused before a mock is asked"
        ),
    ))
}

impl fmt::Debug for HttpPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPlan").field("mocks", &self.mocks.len()).finish_non_exhaustive()
    }
}
