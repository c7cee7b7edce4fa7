//! Downloads: resumed, checked, and never half there.

use std::sync::Mutex;

use mpp_host::codes::Coded as _;

use super::world::{Failure, World, id, run};
use crate::client::{ClientError, PackageDir, ProvenVersion, Registry};
use crate::protocol::{Digest, paths};

fn proven(world: &World) -> (Registry, ProvenVersion, PackageDir) {
    let (client, mut view) = world.seen();
    let index = run(client.require_index(&mut view, &id())).unwrap();
    let proven = run(client.prove(&view, &index, &index.versions[0])).unwrap();
    world.served.requests.lock().unwrap().clear();
    (client, proven, PackageDir::new(world.dir.path().join("packages")))
}

fn ranges(world: &World) -> Vec<Option<String>> {
    world.served.requests.lock().unwrap().iter().map(|(_, range)| range.clone()).collect()
}

#[test]
fn a_package_is_downloaded_once() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    let seen = Mutex::new(Vec::new());
    let progress = |done, total| seen.lock().unwrap().push((done, total));
    let bytes = run(client.package(&version, &packages, Some(&progress))).unwrap();
    assert_eq!(Digest::of(&bytes), version.archive_hash);
    assert_eq!(seen.lock().unwrap().last(), Some(&(version.archive_size, version.archive_size)));
    run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(ranges(&world), [None]);
    let path = packages.path(&version.archive_hash);
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_download_that_breaks_off_is_continued_where_it_broke_off() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    *world.served.failures.lock().unwrap() = vec![Failure::BreaksOff(50), Failure::BreaksOff(100)];
    let bytes = run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(Digest::of(&bytes), version.archive_hash);
    assert_eq!(ranges(&world), [None, Some("bytes=100-".to_owned()), Some("bytes=150-".to_owned())]);
}

#[test]
fn a_later_run_continues_and_starts_anew_if_the_file_is_another_one() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    *world.served.failures.lock().unwrap() = vec![Failure::Connection, Failure::Connection, Failure::BreaksOff(100)];
    let error = run(client.package(&version, &packages, None)).unwrap_err();
    assert_eq!(error.code(), "MPP-N020");
    let part = packages.path(&version.archive_hash).with_extension("part");
    assert_eq!(std::fs::metadata(&part).unwrap().len(), 100);
    // What is there is damaged, so the whole has another hash, and is downloaded anew.
    std::fs::write(&part, [0; 100]).unwrap();
    world.served.requests.lock().unwrap().clear();
    run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(ranges(&world), [Some("bytes=100-".to_owned()), None]);
}

#[test]
fn a_part_of_another_file_of_the_server_is_not_continued() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    *world.served.failures.lock().unwrap() = vec![Failure::Connection, Failure::Connection, Failure::BreaksOff(100)];
    run(client.package(&version, &packages, None)).unwrap_err();
    std::fs::write(packages.path(&version.archive_hash).with_extension("etag"), "\"other\"").unwrap();
    let bytes = run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(Digest::of(&bytes), version.archive_hash);
}

#[test]
fn other_bytes_are_refused_and_nothing_is_left() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    let path = paths::blob(&version.archive_hash);
    let mut bytes = world.take(&path).unwrap();
    bytes[10] ^= 1;
    world.put(&path, bytes.clone());
    let error = run(client.package(&version, &packages, None)).unwrap_err();
    assert_eq!(error.code(), "MPP-N030");
    assert!(matches!(error, ClientError::OtherBytes { expected, .. } if expected == version.archive_hash));
    bytes.push(0);
    world.put(&path, bytes);
    let error = run(client.package(&version, &packages, None)).unwrap_err();
    assert_eq!(error.code(), "MPP-N023");
    world.take(&path);
    let error = run(client.package(&version, &packages, None)).unwrap_err();
    assert_eq!(error.code(), "MPP-N022");
    let dir = packages.path(&version.archive_hash);
    assert_eq!(std::fs::read_dir(dir.parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn a_mirror_has_what_the_registry_does_not() {
    let world = World::new();
    let (_, version, packages) = proven(&world);
    let broken = std::sync::Arc::new(super::world::Files::default());
    broken.files.lock().unwrap().insert(paths::blob(&version.archive_hash), vec![0; 10]);
    let client = world.client_of(&[&broken, &world.served]);
    let bytes = run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(Digest::of(&bytes), version.archive_hash);
}

#[test]
fn a_file_that_was_changed_on_disk_is_not_used() {
    let world = World::new();
    let (client, version, packages) = proven(&world);
    run(client.package(&version, &packages, None)).unwrap();
    std::fs::write(packages.path(&version.archive_hash), "something else").unwrap();
    assert_eq!(packages.read(&version.archive_hash).unwrap(), None);
    let bytes = run(client.package(&version, &packages, None)).unwrap();
    assert_eq!(Digest::of(&bytes), version.archive_hash);
    packages.remove(&version.archive_hash).unwrap();
    assert_eq!(packages.read(&version.archive_hash).unwrap(), None);
}
