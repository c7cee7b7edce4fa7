//! The network of one tool: faults, mocks, and a fallback, behind the checks of the host.

mod failure;
mod sent;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};

use crate::STATUSES;
use crate::fault::ActiveFault;
use crate::fixture::FixtureRecorder;
use crate::masks::Masks;
use crate::mock::{Mock, MockAnswer};
pub use failure::{MockFailure, TriedMock, UnansweredRequest};
pub use sent::SentRequest;

/// The network of one tool: a [`Transport`] that answers with faults and mocks. Made by
/// [`MockPlan::build`](crate::MockPlan::build).
///
/// Every request that has passed the host's checks arrives here. Faults are asked first, then the mocks in their order,
/// then the fallback of the plan. The network keeps the requests and the first failure, because a tool may ignore the
/// error that it receives: ask for them when a call has ended.
pub struct MockNetwork {
    mocks: Vec<Mock>,
    fallback: Fallback,
    faults: Arc<[ActiveFault]>,
    masks: Masks,
    log: Mutex<Log>,
}

/// Where requests go that no mock answers.
pub(crate) enum Fallback {
    Fail,
    PassThrough,
    Record(FixtureRecorder),
    Transport(Arc<dyn Transport>),
}

/// What happened so far, over all calls and threads.
#[derive(Debug, Default)]
struct Log {
    sent: Vec<SentRequest>,
    failure: Option<MockFailure>,
}

type Answer = Result<Response, TransportError>;

impl MockNetwork {
    pub(crate) fn new(mocks: Vec<Mock>, fallback: Fallback, faults: Arc<[ActiveFault]>, masks: Masks) -> Self {
        Self { mocks, fallback, faults, masks, log: Mutex::default() }
    }

    /// Returns the requests that were sent so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<SentRequest> {
        self.log().sent.clone()
    }

    /// Returns the secrets that are masked in failures and fixtures.
    #[must_use]
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Returns the first failure since the last time this was called, and forgets it. Later failures are usually
    /// consequences of the first.
    #[must_use]
    pub fn take_failure(&self) -> Option<MockFailure> {
        self.log().failure.take()
    }

    /// Returns the path and the whole content of the fixture that is being recorded, where it has changed since it was last
    /// [marked as saved](Self::mark_saved).
    #[must_use]
    pub fn unsaved_fixture(&self) -> Option<(PathBuf, String)> {
        match &self.fallback {
            Fallback::Record(recorder) => recorder.unsaved(),
            _ => None,
        }
    }

    /// Marks the recorded fixture as saved.
    pub fn mark_saved(&self) {
        if let Fallback::Record(recorder) = &self.fallback {
            recorder.mark_saved();
        }
    }

    fn answer(&self, request: &Request, wire: &dyn Fn() -> Answer) -> Answer {
        if let Some(answer) = self.faults.iter().find_map(|fault| fault.answer(request)) {
            return answer;
        }
        let mut tried = Vec::with_capacity(self.mocks.len());
        for mock in &self.mocks {
            match mock.answer(request) {
                MockAnswer::Answer(Ok(response)) if !STATUSES.contains(&response.status) => {
                    self.fail(MockFailure::InvalidStatus { mock: mock.to_string(), status: response.status });
                    return Err(TransportError::Connection("the mock returned a status that is not valid".to_owned()));
                }
                MockAnswer::Answer(answer) => return answer,
                MockAnswer::NotMatched(reason) => {
                    tried.push(TriedMock { mock: mock.to_string(), reason, is_fixture: mock.is_fixture() });
                }
                MockAnswer::Exhausted { host, replies, number } => {
                    let request = failure::request_text(request, &self.masks);
                    self.fail(MockFailure::Exhausted { host, replies, number, request });
                    return Err(TransportError::Connection("the mock has no reply left".to_owned()));
                }
            }
        }
        match &self.fallback {
            Fallback::PassThrough => wire(),
            Fallback::Transport(transport) => transport.carry(request.clone(), wire),
            Fallback::Record(recorder) => {
                let answer = wire();
                recorder.add(request, &answer);
                answer
            }
            Fallback::Fail => {
                self.fail(MockFailure::Unanswered(Box::new(UnansweredRequest::new(request, tried, &self.masks))));
                Err(TransportError::Connection("no mock answers this request".to_owned()))
            }
        }
    }

    fn fail(&self, failure: MockFailure) {
        self.log().failure.get_or_insert(failure);
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for MockNetwork {
    fn send(&self, request: Request) -> Answer {
        let unreachable = || Err(TransportError::Connection("there is no network here".to_owned()));
        self.carry(request, &unreachable)
    }

    fn carry(&self, request: Request, wire: &dyn Fn() -> Answer) -> Answer {
        let answer = self.answer(&request, wire);
        let sent = SentRequest::new(request, &answer);
        self.log().sent.push(sent);
        answer
    }
}

impl fmt::Debug for MockNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockNetwork").field("mocks", &self.mocks).finish_non_exhaustive()
    }
}
