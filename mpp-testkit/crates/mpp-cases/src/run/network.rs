//! Words a request that no mock answers.

use mpp_recording::MockFailure;

/// Returns what happened and what would answer the request.
pub(super) fn worded(failure: &MockFailure) -> String {
    let MockFailure::Unanswered(request) = failure else { return failure.to_string() };
    let mut text = failure.to_string();
    for tried in &request.tried {
        text.push_str(&format!("\n  {}: {}", tried.mock, tried.reason));
    }
    text.push_str("\n  this exchange under `given.http` would answer it:\n    ");
    text.push_str(&request.fixture_exchange.replace('\n', "\n    "));
    text
}
