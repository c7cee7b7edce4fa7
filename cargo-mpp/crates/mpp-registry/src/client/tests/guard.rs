//! Installed packages: which list counts, and when the registry is asked.

use std::time::Duration;

use mpp_host::codes::Coded as _;
use semver::VersionReq;

use super::world::{Failure, World, id, package, run};
use crate::client::{Guarded, LockedPackage, Registry};

const LIMIT: Duration = Duration::from_secs(60);

fn installed(world: &World) -> (Registry, LockedPackage) {
    let (client, mut view) = world.seen();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let proven = run(client.prove(&view, &index, &index.versions[0])).unwrap();
    let locked = proven.lock(&client, &package("1.0.0", &world.publisher), &VersionReq::STAR).unwrap();
    world.served.requests.lock().unwrap().clear();
    (client, locked)
}

fn requests(world: &World) -> usize {
    std::mem::take(&mut *world.served.requests.lock().unwrap()).len()
}

#[test]
fn the_list_is_refreshed_every_hour() {
    let world = World::new();
    let (client, locked) = installed(&world);
    world.wait(59 * 60);
    assert_eq!(run(client.guard(&locked, LIMIT)).unwrap(), Guarded::Current);
    assert_eq!(requests(&world), 0);
    world.wait(60);
    world.seal_revocations();
    assert_eq!(run(client.guard(&locked, LIMIT)).unwrap(), Guarded::Current);
    assert_eq!(requests(&world), 3, "the description, the checkpoint, and the list");
    assert_eq!(run(client.guard(&locked, LIMIT)).unwrap(), Guarded::Current);
    assert_eq!(requests(&world), 0);
}

#[test]
fn a_registry_that_cannot_be_reached_is_left_alone_for_a_while() {
    let world = World::new();
    let (client, locked) = installed(&world);
    world.wait(2 * 60 * 60);
    *world.served.failures.lock().unwrap() = vec![Failure::Connection; 3];
    assert_eq!(run(client.guard(&locked, LIMIT)).unwrap(), Guarded::Current, "the last list is still valid");
    assert_eq!(requests(&world), 3);
    world.wait(10 * 60);
    run(client.guard(&locked, LIMIT)).unwrap();
    assert_eq!(requests(&world), 0);
    world.wait(1);
    run(client.guard(&locked, LIMIT)).unwrap();
    assert_eq!(requests(&world), 3);
}

#[test]
fn a_list_that_has_expired_is_reported() {
    let world = World::new();
    let (client, locked) = installed(&world);
    world.wait(25 * 60 * 60);
    assert!(matches!(run(client.guard(&locked, LIMIT)).unwrap(), Guarded::Expired { .. }));
}

#[test]
fn a_revocation_reaches_an_installed_package() {
    let mut world = World::new();
    let (client, locked) = installed(&world);
    world.revoked.push((world.publisher.public(), 0));
    world.wait(60 * 60);
    world.seal();
    let error = run(client.guard(&locked, LIMIT)).unwrap_err();
    assert_eq!(error.code(), "MPP-N033");
    // It is remembered without a network.
    *world.served.failures.lock().unwrap() = vec![Failure::Connection; 30];
    assert_eq!(run(client.guard(&locked, LIMIT)).unwrap_err().code(), "MPP-N033");
}

#[test]
fn without_any_list_nothing_is_known() {
    let world = World::new();
    let (_, locked) = installed(&world);
    let fresh = World { dir: tempfile::tempdir().unwrap(), ..world };
    *fresh.served.failures.lock().unwrap() = vec![Failure::Connection; 30];
    assert_eq!(run(fresh.client().guard(&locked, LIMIT)).unwrap(), Guarded::Unknown);
}
