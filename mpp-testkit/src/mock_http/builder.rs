//! The builder's methods for HTTP mocks.

use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::sandbox::network::{Request, Transport};
use mpp_recording::Reply;

use crate::world::builder::ToolBuilder;

/// The environment variable that records all fixtures of a test run again.
const RECORD: &str = "MPP_TEST_RECORD";

impl ToolBuilder {
    /// Answers requests to a host with a closure. The host is written as in the manifest: `api.crm.example`,
    /// `api.crm.example:8443`, `http://plain.example`.
    ///
    /// The closure returns anything that converts into a [`Reply`]. Mocks are asked in the order in which they were added; one
    /// that returns [`Reply::pass`] or `None` leaves the request to the next. A request that no mock answers fails the test.
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
        self.setup.mocks.respond(host, answer);
        self
    }

    /// Answers the first request to a host with the first reply, the second with the second, and so on. A request after the
    /// last reply fails the test.
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
        self.setup.mocks.sequence(host, replies);
        self
    }

    /// Answers requests with the recorded exchanges of a fixture, a JSON file relative to the package: see
    /// [`mpp_recording::fixture`] for its format. With `MPP_TEST_RECORD=1` in the environment the fixture is recorded again,
    /// as with [`ToolBuilder::http_record`].
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!().http_fixture("fixtures/lookup.json").load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada Lovelace");
    /// ```
    pub fn http_fixture(mut self, path: impl Into<PathBuf>) -> Self {
        if is_recording() {
            self.setup.mocks.record(path);
        } else {
            self.setup.mocks.fixture(path);
        }
        self
    }

    /// Records a fixture. If the file exists, it answers as with [`ToolBuilder::http_fixture`]. If it does not, or with
    /// `MPP_TEST_RECORD=1` in the environment, requests that no mock answers go to the real network, and the file is
    /// written after each call.
    ///
    /// Known secrets are not written: headers that carry credentials, including cookies; the values of granted variables of
    /// 8 characters or more, which become `${NAME}`; strings of a JSON response whose names indicate a credential
    /// (`access_token`, `password`, …). Read the file before you commit it: everything else is recorded as it was sent. A
    /// fixture belongs to one loaded tool; two that record into the same file overwrite each other.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!().http_record("fixtures/lookup.json").load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_success();
    /// ```
    pub fn http_record(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if is_recording() || !self.setup.directory.join(&path).exists() {
            self.setup.mocks.record(path);
            self
        } else {
            self.http_fixture(path)
        }
    }

    /// Sends requests that no mock answers over the real network, as in production. Apart from recording, this is the only
    /// way in which a test reaches it.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().live_network().load();
    /// ```
    pub fn live_network(mut self) -> Self {
        self.setup.mocks.pass_through();
        self
    }

    /// Gives requests that no mock answers to a transport of the test's own.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use mpp_testkit::http::{Request, Response, Transport, TransportError};
    ///
    /// #[derive(Debug)]
    /// struct Echo;
    ///
    /// impl Transport for Echo {
    ///     fn send(&self, request: Request) -> Result<Response, TransportError> {
    ///         let mut response = Response::default();
    ///         (response.status, response.body) = (200, request.url.into_bytes());
    ///         Ok(response)
    ///     }
    /// }
    ///
    /// let tool = mpp_testkit::tool!().transport(Arc::new(Echo)).load();
    /// ```
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.setup.mocks.transport(transport);
        self
    }
}

/// Returns whether the environment asks to record all fixtures.
fn is_recording() -> bool {
    std::env::var_os(RECORD).is_some_and(|value| !value.is_empty() && value != "0")
}
