//! Words the failures of mocks, fixtures and faults for the author of a test, with help as builder calls.

use mpp_recording::{MockFailure, MockNetwork, PrepareError, UnansweredRequest};

use mpp_host::causes::with_causes;

use crate::failure::{Failure, block, listed};

/// Returns the first failure of the calls so far: a request that was not answered, or a fixture that cannot be written.
pub(crate) fn take(network: &MockNetwork) -> Option<Failure> {
    let saved = save_fixture(network);
    network.take_failure().map(Failure::from).or(saved.err())
}

fn save_fixture(network: &MockNetwork) -> Result<(), Failure> {
    let Some((path, text)) = network.unsaved_fixture() else { return Ok(()) };
    mpp_host::atomic_file::write(&path, text.as_bytes())
        .map_err(|error| Failure::new(format!("cannot write the fixture `{}`: {error}", path.display()), ""))?;
    network.mark_saved();
    Ok(())
}

impl From<MockFailure> for Failure {
    fn from(failure: MockFailure) -> Self {
        let message = failure.to_string();
        match failure {
            MockFailure::Unanswered(request) => unanswered(message, &request),
            MockFailure::Exhausted { request, .. } => Self::new(
                format!("{message}{}", block("the request:", &request)),
                "add a reply to `.http_sequence(…)`, or find out why the tool sends another request",
            ),
            _ => Self::new(message, ""),
        }
    }
}

fn unanswered(message: String, request: &UnansweredRequest) -> Failure {
    let tried: Vec<String> = request.tried.iter().map(|tried| format!("{}: {}", tried.mock, tried.reason)).collect();
    let tried = if tried.is_empty() { "none".to_owned() } else { tried.join("\n") };
    let record = match request.tried.iter().any(|tried| tried.is_fixture) {
        true => "record the fixtures again with `MPP_TEST_RECORD=1 cargo test`; or ",
        false => "",
    };
    Failure::new(
        format!("{message}{}{}", block("the request:", &request.request), block("mocks, in the order asked:", &tried)),
        format!(
            "{record}answer the request with `.http(\"{host}\", |request| …)`, or add this exchange to a fixture and complete its \
             response:\n{exchange}",
            host = request.host,
            exchange = request.fixture_exchange,
        ),
    )
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        let message = with_causes(&error);
        let help = match &error {
            PrepareError::UndeclaredHost { declared, .. } => format!(
                "hosts declared under `capabilities.network`: {}; requests to other hosts are refused before a mock is asked",
                listed(declared)
            ),
            PrepareError::ReadFixture { fixture, directory, .. } => format!(
                "the path is relative to `{}`; `.http_record(\"{fixture}\")` records the fixture from a real server",
                directory.display()
            ),
            PrepareError::InvalidFixture { .. } => {
                "a fixture is `{ \"exchanges\": [{ \"request\": { \"method\", \"url\" }, \"response\": { \"status\", \"json\" } }] }`; \
                 see \"HTTP in tests\" in the book for all keys"
                    .to_owned()
            }
            PrepareError::SeveralRecordings { .. } => {
                "record one at a time, each in a test with one `.http_record(…)` and mocks for the other requests".to_owned()
            }
            _ => String::new(),
        };
        Self::new(message, help)
    }
}
