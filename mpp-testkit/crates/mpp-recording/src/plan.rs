//! Describes how the HTTP requests of a tool are answered.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use mpp_host::package::manifest::NetworkEntry;
use mpp_host::sandbox::network::{Request, Transport};
use serde_json::Value;

use crate::error::PrepareError;
use crate::fault::ActiveFault;
use crate::fixture::{Fixture, FixtureRecorder};
use crate::hosts::check_host;
use crate::masks::Masks;
use crate::mock::{Closure, Mock};
use crate::network::{Fallback, MockNetwork};
use crate::reply::Reply;

/// Describes how the HTTP requests of a tool are answered. [`MockPlan::build`] makes the network of one tool from it; a
/// plan can be built as often as needed, and each network counts for itself.
///
/// Mocks are asked in the order in which they were added. A request that none of them answers is a
/// [`MockFailure`](crate::MockFailure), unless a fallback was chosen: [`MockPlan::pass_through`],
/// [`MockPlan::transport`] or [`MockPlan::record`].
#[derive(Clone, Default)]
pub struct MockPlan {
    mocks: Vec<PlannedMock>,
    fallback: PlannedFallback,
}

#[derive(Clone)]
enum PlannedMock {
    Closure(String, Closure),
    Sequence(String, Arc<[Reply]>),
    Fixture(PathBuf),
    Exchanges(String, Arc<[Value]>),
}

#[derive(Clone, Default)]
enum PlannedFallback {
    #[default]
    Fail,
    PassThrough,
    /// One file. More are refused when the plan is built, because a request could belong to any of them.
    Record(Vec<PathBuf>),
    Transport(Arc<dyn Transport>),
}

impl MockPlan {
    /// A plan without mocks: every request is a failure.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers requests to `host` with a closure. The host is written as in the manifest: `api.crm.example`,
    /// `api.crm.example:8443`, `http://plain.example`.
    pub fn respond<R: Into<Reply>>(
        &mut self,
        host: impl Into<String>,
        answer: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> &mut Self {
        let closure: Closure = Arc::new(move |request| answer(request).into());
        self.mocks.push(PlannedMock::Closure(host.into(), closure));
        self
    }

    /// Answers the first request to `host` with the first reply, the second with the second, and so on. A request after
    /// the last reply is a failure.
    pub fn sequence<R: Into<Reply>>(
        &mut self,
        host: impl Into<String>,
        replies: impl IntoIterator<Item = R>,
    ) -> &mut Self {
        let replies = replies.into_iter().map(Into::into).collect();
        self.mocks.push(PlannedMock::Sequence(host.into(), replies));
        self
    }

    /// Answers requests with the exchanges of a [fixture](crate::fixture) file.
    pub fn fixture(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        self.mocks.push(PlannedMock::Fixture(path.into()));
        self
    }

    /// Answers requests with exchanges in the form of a [fixture](crate::fixture). Failures call them `name`.
    pub fn exchanges(&mut self, name: impl Into<String>, exchanges: impl IntoIterator<Item = Value>) -> &mut Self {
        self.mocks.push(PlannedMock::Exchanges(name.into(), exchanges.into_iter().collect()));
        self
    }

    /// Sends requests that no mock answers over the real network and records the exchanges for the fixture file `path`:
    /// see [`MockNetwork::unsaved_fixture`].
    pub fn record(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        let path = path.into();
        match &mut self.fallback {
            PlannedFallback::Record(paths) if paths.contains(&path) => {}
            PlannedFallback::Record(paths) => paths.push(path),
            fallback => *fallback = PlannedFallback::Record(vec![path]),
        }
        self
    }

    /// Sends requests that no mock answers over the real network.
    pub fn pass_through(&mut self) -> &mut Self {
        self.fallback = PlannedFallback::PassThrough;
        self
    }

    /// Gives requests that no mock answers to `transport`.
    pub fn transport(&mut self, transport: Arc<dyn Transport>) -> &mut Self {
        self.fallback = PlannedFallback::Transport(transport);
        self
    }

    /// Builds the network of one tool: reads the fixtures, whose paths are relative to `directory`, and checks that the
    /// manifest declares the host of each mock.
    ///
    /// # Errors
    /// Returns a [`PrepareError`] if a host is not declared, a fixture cannot be read or is not valid, or more than one fixture is
    /// to be recorded.
    pub fn build(
        &self,
        directory: &Path,
        declared: &[NetworkEntry],
        masks: Masks,
        faults: Arc<[ActiveFault]>,
    ) -> Result<MockNetwork, PrepareError> {
        let mut mocks = Vec::with_capacity(self.mocks.len());
        for planned in &self.mocks {
            mocks.push(match planned {
                PlannedMock::Closure(host, closure) => {
                    check_host(host, "a mock", declared)?;
                    Mock::Closure { host: host.clone(), closure: Arc::clone(closure) }
                }
                PlannedMock::Sequence(host, replies) => {
                    check_host(host, "a mock", declared)?;
                    Mock::Sequence { host: host.clone(), replies: Arc::clone(replies), used: AtomicUsize::new(0) }
                }
                PlannedMock::Fixture(path) => Mock::Fixture(Fixture::read(directory, path, &masks)?),
                PlannedMock::Exchanges(name, list) => Mock::Fixture(Fixture::listed(name, list, &masks)?),
            });
        }
        let fallback = match &self.fallback {
            PlannedFallback::Fail => Fallback::Fail,
            PlannedFallback::PassThrough => Fallback::PassThrough,
            PlannedFallback::Transport(transport) => Fallback::Transport(Arc::clone(transport)),
            PlannedFallback::Record(paths) => match paths.as_slice() {
                [path] => Fallback::Record(FixtureRecorder::new(directory.join(path), masks.clone())),
                paths => return Err(PrepareError::SeveralRecordings { fixtures: paths.to_vec() }),
            },
        };
        Ok(MockNetwork::new(mocks, fallback, faults, masks))
    }
}

impl fmt::Debug for MockPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fallback = match &self.fallback {
            PlannedFallback::Fail => "fail",
            PlannedFallback::PassThrough => "pass through",
            PlannedFallback::Record(_) => "record",
            PlannedFallback::Transport(_) => "transport",
        };
        f.debug_struct("MockPlan").field("mocks", &self.mocks.len()).field("fallback", &fallback).finish()
    }
}
