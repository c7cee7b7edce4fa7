//! Versions in the log: what is compared, delegations, revocations and rotations.

use mpp_host::codes::Coded as _;
use semver::{Version, VersionReq};

use super::world::{ID, World, id, key, package, run};
use crate::client::{ClientError, choose};
use crate::protocol::files::{Delegation, VersionRecord};
use crate::protocol::{Action, Digest};

/// Falsifies a record.
type Change<T> = fn(&mut T);

fn any() -> VersionReq {
    VersionReq::STAR
}

#[test]
fn a_version_is_proved_pinned_and_proved_again_from_the_lock() {
    let world = World::new();
    let (client, mut view) = world.seen();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let record = choose(&index, &any(), None).unwrap();
    let proven = run(client.prove(&view, &index, record)).unwrap();
    assert_eq!((proven.leaf_index, proven.owner()), (2, &world.publisher.public()));
    let package = package("1.0.0", &world.publisher);
    let locked = proven.lock(&client, &package, &any()).unwrap();
    world.served.files.lock().unwrap().retain(|path, _| !path.starts_with("index/"));
    assert_eq!(run(client.prove_locked(&view, &locked)).unwrap(), proven);
    let mut other = locked.clone();
    other.archive_hash = Digest::of(b"other");
    let error = run(client.prove_locked(&view, &other)).unwrap_err();
    assert_eq!(error.code(), "MPP-N029");
    let mut other = locked;
    other.leaf_index = Some(1);
    let error = run(client.prove_locked(&view, &other)).unwrap_err();
    assert!(matches!(error, ClientError::LeafDiffers { what: "its type", .. }), "{error:?}");
}

#[test]
fn an_index_that_says_something_else_than_the_log_is_refused() {
    let changes: [(&str, Change<VersionRecord>); 7] = [
        ("the version", |record| record.version = Version::new(9, 0, 0)),
        ("the content hash", |record| record.content_hash = Digest::of(b"x")),
        ("the archive hash", |record| record.archive_hash = Digest::of(b"x")),
        ("the size", |record| record.archive_size += 1),
        ("the hash of the manifest", |record| record.manifest_hash = Digest::of(b"x")),
        ("the key", |record| record.key = key(44).public()),
        ("the time", |record| record.time += 1),
    ];
    for (expected, change) in changes {
        let mut world = World::new();
        change(&mut world.index.versions[0]);
        world.seal();
        let (client, mut view) = world.seen();
        let index = run(client.require_index(&mut view, &id())).unwrap();
        let error = run(client.prove(&view, &index, &index.versions[0])).unwrap_err();
        let ClientError::LeafDiffers { what, document, .. } = error else { panic!("{error:?}") };
        assert_eq!((what, document), (expected, "index file"));
    }
}

#[test]
fn a_leaf_beyond_the_log_and_an_index_of_another_package_are_refused() {
    let mut world = World::new();
    world.index.versions[0].leaf_index = 99;
    world.seal();
    let (client, mut view) = world.seen();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let error = run(client.prove(&view, &index, &index.versions[0])).unwrap_err();
    assert!(matches!(error, ClientError::NoLeaf { index: 99, size: 3 }), "{error:?}");
    let other = crate::protocol::PackageId::parse("com.example.other").unwrap();
    let error = run(client.require_index(&mut view, &other)).unwrap_err();
    assert_eq!(error.code(), "MPP-N035");
    let bytes = world.take(&crate::protocol::paths::index(&id())).unwrap();
    world.put(&crate::protocol::paths::index(&other), bytes);
    let error = run(client.require_index(&mut view, &other)).unwrap_err();
    assert!(matches!(error, ClientError::OtherIndex { .. }), "{error:?}");
}

#[test]
fn a_package_that_the_statement_does_not_describe_is_refused() {
    let world = World::new();
    let (client, mut view) = world.seen();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let proven = run(client.prove(&view, &index, &index.versions[0])).unwrap();
    proven.check_package(&package("1.0.0", &world.publisher)).unwrap();
    for (other, expected) in [
        (package("1.0.1", &world.publisher), "version"),
        (package("1.0.0", &key(45)), "content hash"),
        (mpp_host::testing::SamplePackage::new().id("com.example.other").verify(), "package id"),
    ] {
        let error = proven.check_package(&other).unwrap_err();
        assert!(matches!(error, ClientError::OtherPackage { what } if what == expected), "{error:?}, {expected}");
    }
}

#[test]
fn yanked_and_withdrawn_versions_and_pre_releases_are_not_chosen() {
    let mut world = World::new();
    for version in ["1.1.0", "1.2.0", "2.0.0-rc.1", "1.3.0"] {
        world.publish(version, &key(3));
    }
    world.index.versions[2].yanked = true;
    world.taken_down.push(Version::new(1, 3, 0));
    world.seal();
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let chosen = |requirement: &str| {
        let requirement = VersionReq::parse(requirement).unwrap();
        choose(&index, &requirement, Some(&list)).map(|record| record.version.to_string())
    };
    assert_eq!(chosen("*").unwrap(), "1.1.0");
    assert_eq!(chosen("=1.0.0").unwrap(), "1.0.0");
    assert_eq!(chosen("2.0.0-rc.1").unwrap(), "2.0.0-rc.1");
    let ClientError::TakenDown { version, .. } = chosen("=1.3.0").unwrap_err() else { panic!("another error") };
    assert_eq!(version, Version::new(1, 3, 0));
    let ClientError::NoVersion { available, .. } = chosen("3").unwrap_err() else { panic!("another error") };
    let available: Vec<_> = available.iter().map(ToString::to_string).collect();
    assert_eq!(available, ["2.0.0-rc.1", "1.1.0", "1.0.0"]);
}

#[test]
fn a_delegate_publishes_for_the_owner_within_its_time_and_its_packages() {
    let delegate = key(30);
    let version = |ids: &[&str], days, waits| {
        let mut world = World::new();
        world.delegate(&delegate, ids, days);
        world.wait(waits);
        world.publish("1.1.0", &delegate);
        world.seal();
        let (client, mut view) = world.seen();
        let index = run(client.require_index(&mut view, &id())).unwrap();
        run(client.prove(&view, &index, &index.versions[1]))
    };
    let proven = version(&[ID], 30, 60).unwrap();
    assert_eq!((proven.key, proven.owner()), (delegate.public(), &key(3).public()));
    for (ids, days, waits, expected) in [
        (&[ID][..], 30, 31 * 86_400, "the delegation had ended"),
        (&["com.example.other"][..], 30, 60, "the delegation is for other packages"),
    ] {
        let error = version(ids, days, waits).unwrap_err();
        assert_eq!(error.code(), "MPP-N032");
        assert!(matches!(error, ClientError::Delegation { reason, .. } if reason == expected), "{error:?}");
    }
}

#[test]
fn a_delegation_counts_only_as_the_log_has_it() {
    let delegate = key(30);
    let mut world = World::new();
    world.delegate(&delegate, &[ID], 30);
    world.publish("1.1.0", &delegate);
    let by_the_log = world.index.delegations[0].clone();
    let wrong: [(&str, Change<Delegation>); 2] = [
        ("the delegation is by another owner", |delegation| delegation.owner = key(31).public()),
        ("the leaf that is named is not a delegation", |delegation| delegation.leaf_index = 2),
    ];
    for (expected, change) in wrong {
        world.index.delegations[0] = by_the_log.clone();
        change(&mut world.index.delegations[0]);
        world.seal();
        let (client, mut view) = world.seen();
        let index = run(client.require_index(&mut view, &id())).unwrap();
        let error = run(client.prove(&view, &index, &index.versions[1])).unwrap_err();
        assert!(matches!(error, ClientError::Delegation { reason, .. } if reason == expected), "{error:?}");
    }
}

#[test]
fn a_revocation_voids_the_key_from_a_leaf_on() {
    let mut world = World::new();
    let publisher = world.publisher.clone();
    world.publish("1.1.0", &publisher);
    world.revoked.push((publisher.public(), 3));
    world.seal();
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    let check =
        |version: &str, leaf| list.check((&id(), &Version::parse(version).unwrap()), leaf, &publisher.public(), None);
    check("1.0.0", 2).unwrap();
    assert_eq!(check("1.1.0", 3).unwrap_err().code(), "MPP-N033");
    let index = run(client.require_index(&mut view, &id())).unwrap();
    assert_eq!(choose(&index, &any(), Some(&list)).unwrap().version, Version::new(1, 0, 0));
    // What a delegate published for a revoked owner is void, too.
    let by_delegate =
        |leaf| list.check((&id(), &Version::new(1, 2, 0)), leaf, &key(30).public(), Some(&publisher.public()));
    by_delegate(2).unwrap();
    by_delegate(4).unwrap_err();
}

#[test]
fn a_version_that_was_taken_down_is_refused() {
    let mut world = World::new();
    world.taken_down.push(Version::new(1, 0, 0));
    world.seal();
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    let error = list.check((&id(), &Version::new(1, 0, 0)), 2, &world.publisher.public(), None).unwrap_err();
    assert_eq!(error.code(), "MPP-N034");
}

#[test]
fn a_rotation_is_followed_as_the_log_proves_it() {
    let mut world = World::new();
    let (old, new) = (world.publisher.clone(), key(32));
    let leaf = world.push(&old, Action::Rotate { to: new.public() });
    world.seal();
    world.serve_publisher(&old.public(), Some((new.public(), leaf)));
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    let successor = |client: &crate::client::Registry, list| run(client.successor(&view, &old.public(), list));
    assert_eq!(successor(&client, &list).unwrap(), Some(new.public()));
    world.serve_publisher(&old.public(), Some((key(33).public(), leaf)));
    assert!(matches!(successor(&client, &list), Err(ClientError::LeafDiffers { what: "the new key", .. })));
    world.serve_publisher(&old.public(), Some((key(3).public(), 2)));
    assert!(successor(&client, &list).is_err(), "the leaf is no rotation");
    world.serve_publisher(&old.public(), None);
    assert_eq!(successor(&client, &list).unwrap(), None);
}

#[test]
fn a_revoked_key_names_no_successor() {
    let mut world = World::new();
    let (old, thief) = (world.publisher.clone(), key(32));
    let leaf = world.push(&old, Action::Rotate { to: thief.public() });
    world.revoked.push((old.public(), leaf));
    world.seal();
    world.serve_publisher(&old.public(), Some((thief.public(), leaf)));
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    assert_eq!(run(client.successor(&view, &old.public(), &list)).unwrap(), None);
}
