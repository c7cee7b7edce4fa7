//! Requests that fail: repeated if that can help, and reported if not.

use mpp_host::codes::Coded as _;

use super::world::{Failure, World, run};
use crate::client::ClientError;
use crate::protocol::paths;

#[test]
fn temporary_failures_are_repeated() {
    let world = World::new();
    let client = world.client();
    *world.served.failures.lock().unwrap() = vec![Failure::Status(503), Failure::Connection];
    assert_eq!(run(client.refresh()).unwrap().size(), 3);
    let requests = world.served.requests.lock().unwrap().len();
    assert_eq!(requests, 4, "two failures, the description, and the checkpoint");
}

#[test]
fn the_number_of_attempts_is_bounded() {
    let world = World::new();
    *world.served.failures.lock().unwrap() = vec![Failure::Connection; 9];
    let error = run(world.client().refresh()).unwrap_err();
    assert_eq!(error.code(), "MPP-N020");
    assert_eq!(world.served.requests.lock().unwrap().len(), 3);
    assert_eq!(error.url().as_deref(), Some("https://registry.example/.well-known/mpp-registry.json"));
}

#[test]
fn refusals_are_not_repeated() {
    let world = World::new();
    *world.served.failures.lock().unwrap() = vec![Failure::Status(403)];
    let error = run(world.client().refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Answer { .. }) && error.code() == "MPP-N021", "{error:?}");
    assert_eq!(world.served.requests.lock().unwrap().len(), 1);
}

#[test]
fn a_file_that_never_ends_is_cut_off() {
    let world = World::new();
    world.put(paths::WELL_KNOWN, vec![b' '; 2 * 1024 * 1024]);
    let error = run(world.client().refresh()).unwrap_err();
    assert_eq!(error.code(), "MPP-N023");
}

#[test]
fn a_copy_without_a_search_is_reported_as_such() {
    let world = World::new();
    let query = crate::client::SearchQuery { text: "notes".to_owned(), ..Default::default() };
    let error = run(world.client().search(&query)).unwrap_err();
    assert_eq!(error.code(), "MPP-N050");
    assert_eq!(error.url().as_deref(), Some("https://registry.example"));
}

#[test]
fn first_contact_returns_the_key_that_signs() {
    let world = World::new();
    let client = world.client();
    let key = run(crate::client::Registry::first_contact(&client.remote)).unwrap();
    assert_eq!(key, *client.root_key());
    world.put(paths::WELL_KNOWN, "<html>");
    run(crate::client::Registry::first_contact(&client.remote)).unwrap_err();
}

#[test]
fn a_damaged_memory_is_not_ignored() {
    let world = World::new();
    let (client, _) = world.seen();
    std::fs::write(client.memory.path("checkpoint"), "x").unwrap();
    let error = run(client.refresh()).unwrap_err();
    assert_eq!(error.code(), "MPP-N047");
}
