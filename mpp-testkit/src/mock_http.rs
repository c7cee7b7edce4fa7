//! The network of a tool under test: nothing leaves the machine unless the test says so.
//!
//! Every request that has passed the host's checks comes here: faults are asked first, then the mocks in the order in which
//! the test names them, then the network or a transport where the test allows one. What nobody answers fails the test.

mod ledger;
mod mock;
mod plan;
mod record;
mod reply;
mod requests;
mod unmatched;

use std::ops::RangeInclusive;
use std::sync::Arc;

use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};

use crate::failure::fail;
use crate::faults::Armed;
use crate::masks::Masks;
pub(crate) use ledger::Ledger;
use mock::{Asked, Mock};
pub(crate) use plan::{HttpPlan, check_host, same_host};
use record::Recorder;
pub use reply::Reply;
pub use requests::{Found, Requests, Sent};

/// What stands in for the wire of one loaded tool.
pub(crate) struct MockNetwork {
    mocks: Vec<Mock>,
    /// What is asked where no mock answers.
    beyond: Beyond,
    faults: Arc<[Armed]>,
    masks: Masks,
    ledger: Ledger,
}

/// Where requests go that no mock answers.
pub(crate) enum Beyond {
    /// Nowhere: the test fails.
    Nothing,
    /// To the real network.
    Wire,
    /// To the real network, and what comes back into a fixture.
    Recorded(Recorder),
    /// To what the test brought.
    Transport(Arc<dyn Transport>),
}

/// What HTTP has for statuses.
pub(crate) const STATUSES: RangeInclusive<u16> = 100..=599;

type Answer = Result<Response, TransportError>;

impl MockNetwork {
    /// What was sent so far.
    pub(crate) fn requests(&self) -> Requests {
        Requests::new(self.ledger.sent(), self.masks.clone())
    }

    /// What the last calls did wrong, once: requests that nobody answers, a recording that cannot be written.
    pub(crate) fn take_failure(&self) -> Option<(String, String)> {
        let written = match &self.beyond {
            Beyond::Recorded(recorder) => recorder.write(),
            _ => Ok(()),
        };
        self.ledger.take_failure().or_else(|| written.err().map(|error| (error, String::new())))
    }

    /// Fails the test where a request was not as the test expects.
    #[track_caller]
    pub(crate) fn check(&self) {
        if let Some((message, help)) = self.take_failure() {
            fail(message, &help);
        }
    }

    fn answer(&self, request: &Request, wire: &dyn Fn() -> Answer) -> Answer {
        if let Some(answer) = self.faults.iter().find_map(|fault| fault.of_request(request)) {
            return answer;
        }
        let mut why_not = Vec::with_capacity(self.mocks.len());
        for mock in &self.mocks {
            match mock.ask(request) {
                Asked::Answer(Ok(response)) if !STATUSES.contains(&response.status) => {
                    let status = response.status;
                    self.ledger.fail(
                        format!("{mock} answers with the status {status}, which no server can: it is from 100 to 599"),
                        "",
                    );
                    return Err(TransportError::Connection("the mock has no answer that could be".to_owned()));
                }
                Asked::Answer(answer) => return answer,
                Asked::NotMine(reason) => why_not.push((mock.to_string(), reason)),
                Asked::Exhausted(message) => {
                    let shown = unmatched::shown(request, &self.masks);
                    self.ledger
                        .fail(format!("{message}{shown}"), "give it another reply, or look at why the tool asks again");
                    return Err(TransportError::Connection("the mock has no further reply".to_owned()));
                }
            }
        }
        match &self.beyond {
            Beyond::Wire => wire(),
            Beyond::Transport(transport) => transport.carry(request.clone(), wire),
            Beyond::Recorded(recorder) => {
                let answer = wire();
                recorder.add(request, &answer);
                answer
            }
            Beyond::Nothing => {
                let (message, help) = unmatched::failure(request, &why_not, &self.masks);
                self.ledger.fail(message, help);
                Err(TransportError::Connection("no mock of the test answers this request".to_owned()))
            }
        }
    }
}

impl Transport for MockNetwork {
    fn send(&self, request: Request) -> Answer {
        let unreachable = || Err(TransportError::Connection("there is no network here".to_owned()));
        self.carry(request, &unreachable)
    }

    fn carry(&self, request: Request, wire: &dyn Fn() -> Answer) -> Answer {
        let answer = self.answer(&request, wire);
        self.ledger.add(request, &answer);
        answer
    }
}

impl std::fmt::Debug for MockNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockNetwork").field("mocks", &self.mocks.len()).finish_non_exhaustive()
    }
}
