//! Faults in a network, and the judgement of outcomes.

use std::path::Path;

use mpp_host::sandbox::network::{Request, Transport, TransportError};
use mpp_host::wire::{ErrorKind, RpcError};
use mpp_recording::{ActiveFault, Fault, Masks, MockPlan, Outcome};

use crate::mocks::declared;

const HOST: &str = "api.crm.example";

#[test]
fn a_fault_replaces_the_answer_of_a_mock() {
    let mut plan = MockPlan::new();
    plan.respond(HOST, |_| "a page");
    let faults = [ActiveFault::new(Fault::connection_reset(HOST).nth(2))];
    let network = plan.build(Path::new("."), &declared(), Masks::default(), faults.into()).unwrap();
    let send = || network.send(Request::new("GET", format!("https://{HOST}/")));
    assert_eq!(send().unwrap().body, b"a page");
    assert_eq!(send().unwrap_err(), TransportError::BrokenOff);
    assert_eq!(send().unwrap().body, b"a page");
    let outcomes: Vec<bool> = network.requests().iter().map(|sent| sent.outcome.is_ok()).collect();
    assert_eq!(outcomes, [true, false, true]);
}

#[test]
fn errors_of_the_host_are_clean_only_under_their_fault() {
    let timeout = RpcError::new(ErrorKind::Timeout, "the call took too long");
    assert_eq!(Outcome::of(&Fault::time_limit(), Some(&timeout)), Outcome::HostError("timeout".to_owned()));
    let outcome = Outcome::of(&Fault::http_timeout(HOST), Some(&timeout));
    assert!(!outcome.is_clean(), "{outcome}");
    assert_eq!(Outcome::of(&Fault::time_limit(), None), Outcome::Success);
}
