//! Forks, rollbacks, stale copies and damaged files of the log.

use std::collections::HashMap;
use std::time::Duration;

use mpp_host::codes::Coded as _;

use super::world::{World, id, key, run};
use crate::client::{ClientError, Contradiction, Freshness};
use crate::protocol::{Action, Digest, paths};

/// Appends leaves that say nothing about packages.
fn grow(world: &mut World, leaves: u8, seed: u8) {
    for number in 0..leaves {
        let key = key(seed + number);
        world.push(&key, Action::Register { profile: None });
    }
}

fn alarm(error: ClientError) -> crate::client::Alarm {
    match error {
        ClientError::Alarm(alarm) => *alarm,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_log_that_grows_is_followed() {
    let mut world = World::new();
    let (client, view) = world.seen();
    assert_eq!(view.size(), 3);
    grow(&mut world, 5, 40);
    world.seal();
    assert_eq!(run(client.refresh()).unwrap().size(), 8);
    assert_eq!(client.remembered().unwrap().unwrap().size(), 8);
}

#[test]
fn another_tree_of_the_same_size_is_an_alarm_and_both_checkpoints_are_stored() {
    let mut world = World::new();
    let (client, _) = world.seen();
    let before = world.take(paths::CHECKPOINT).unwrap();
    world.leaves.pop();
    grow(&mut world, 1, 40);
    world.seal();
    let alarm = alarm(run(client.refresh()).unwrap_err());
    assert_eq!((alarm.code(), &alarm.contradiction), ("MPP-N024".into_code(), &Contradiction::Fork));
    assert_eq!((alarm.known.size, alarm.found.size), (3, 3));
    assert_ne!(alarm.known.root, alarm.found.root);
    let text = alarm.to_string();
    assert!(text.contains(&alarm.known.root.to_string()) && text.contains(&alarm.found.root.to_string()), "{text}");
    let stored = alarm.stored.unwrap();
    assert_eq!(std::fs::read(stored.join("known")).unwrap(), before);
    assert_eq!(std::fs::read(stored.join("found")).unwrap(), world.take(paths::CHECKPOINT).unwrap());
    // The pinned one stays.
    assert_eq!(client.remembered().unwrap().unwrap().head.root, alarm.known.root);
}

#[test]
fn a_larger_tree_that_does_not_extend_the_known_one_is_an_alarm() {
    let mut world = World::new();
    let (client, _) = world.seen();
    world.leaves.pop();
    grow(&mut world, 4, 40);
    world.seal();
    let alarm = alarm(run(client.refresh()).unwrap_err());
    assert_eq!((alarm.contradiction, alarm.known.size, alarm.found.size), (Contradiction::Fork, 3, 6));
}

#[test]
fn a_smaller_tree_that_contradicts_the_known_one_is_an_alarm_if_its_tiles_prove_it() {
    let mut world = World::new();
    grow(&mut world, 3, 40);
    world.seal();
    let (client, _) = world.seen();
    // A second history, of which only the checkpoint is shown; the tiles of the first one are still there.
    world.leaves.truncate(3);
    world.leaves.pop();
    grow(&mut world, 2, 60);
    world.put(paths::CHECKPOINT, world.signed(&world.head()));
    let alarm = alarm(run(client.refresh()).unwrap_err());
    assert_eq!((alarm.contradiction, alarm.known.size, alarm.found.size), (Contradiction::Fork, 6, 4));
}

#[test]
fn an_older_checkpoint_is_ignored_and_never_pinned() {
    let mut world = World::new();
    let old = world.served.files.lock().unwrap().get(paths::CHECKPOINT).cloned().unwrap();
    grow(&mut world, 3, 40);
    world.seal();
    let (client, _) = world.seen();
    world.put(paths::CHECKPOINT, old);
    let view = run(client.refresh()).unwrap();
    assert_eq!(view.size(), 6, "the known tree can still be proved");
    assert_eq!(client.remembered().unwrap().unwrap().size(), 6);
}

#[test]
fn a_copy_that_lags_behind_and_has_no_later_tiles_is_a_network_error() {
    let mut world = World::new();
    let files: HashMap<_, _> = world.served.files.lock().unwrap().clone();
    grow(&mut world, 3, 40);
    world.seal();
    let (client, _) = world.seen();
    *world.served.files.lock().unwrap() = files;
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Behind { found: 3, known: 6 }), "{error:?}");
    assert_eq!(error.code(), "MPP-N022");
    assert!(!client.memory.path("evidence").exists());
}

#[test]
fn a_copy_that_is_up_to_date_is_used_if_another_one_lags_behind() {
    let mut world = World::new();
    let old = std::sync::Arc::new(super::world::Files::default());
    old.files.lock().unwrap().clone_from(&world.served.files.lock().unwrap());
    grow(&mut world, 3, 40);
    world.seal();
    world.seen();
    let client = world.client_of(&[&old, &world.served]);
    assert_eq!(run(client.refresh()).unwrap().size(), 6);
}

#[test]
fn a_later_list_for_fewer_leaves_is_an_alarm() {
    let mut world = World::new();
    grow(&mut world, 3, 40);
    world.seal();
    let (client, _) = world.seen();
    // The operator restores a backup, and the server signs anew.
    world.served.files.lock().unwrap().retain(|path, _| !path.starts_with("log/"));
    world.leaves.truncate(3);
    world.wait(3600);
    world.seal();
    let error = run(client.refresh()).unwrap_err();
    let alarm = alarm(error);
    assert_eq!(alarm.code(), "MPP-N025");
    assert!(matches!(alarm.contradiction, Contradiction::Rollback { before, after } if before < after));
    assert_eq!((alarm.known.size, alarm.found.size), (6, 3));
    assert!(alarm.stored.is_some_and(|dir| dir.join("found").exists()));
}

#[test]
fn a_list_for_fewer_leaves_than_were_seen_is_an_alarm_also_if_no_list_had_as_many() {
    let mut world = World::new();
    let (client, mut view) = world.seen();
    run(client.revocations(&mut view)).unwrap();
    // Lists are signed every hour: the last one that was seen is older than the last leaves.
    grow(&mut world, 3, 40);
    world.seal();
    let list = world.take(paths::REVOCATIONS).unwrap();
    run(client.refresh()).unwrap();
    world.put(paths::REVOCATIONS, list);
    // A backup was restored, and goes on with fewer leaves.
    world.served.files.lock().unwrap().retain(|path, _| !path.starts_with("log/"));
    world.leaves.truncate(3);
    grow(&mut world, 2, 60);
    world.wait(5 * 60);
    world.seal();
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Behind { found: 5, known: 6 }), "clocks may differ: {error:?}");
    world.wait(1);
    world.seal();
    let alarm = alarm(run(client.refresh()).unwrap_err());
    assert_eq!((alarm.code(), alarm.known.size, alarm.found.size), ("MPP-N025".into_code(), 6, 5));
    assert!(alarm.stored.is_some_and(|dir| dir.join("known").exists()));
}

#[test]
fn an_older_list_is_ignored() {
    let mut world = World::new();
    let old = world.served.files.lock().unwrap().get(paths::REVOCATIONS).cloned().unwrap();
    world.wait(3600);
    grow(&mut world, 3, 40);
    world.revoked.push((key(9).public(), 2));
    world.seal();
    let (client, mut view) = world.seen();
    world.put(paths::REVOCATIONS, old);
    let list = run(client.revocations(&mut view)).unwrap();
    assert!(list.is_revoked(&key(9).public(), 2), "the newer list is kept");
}

#[test]
fn a_list_for_another_tree_is_an_alarm() {
    let mut world = World::new();
    let (client, mut view) = world.seen();
    world.wait(60);
    world.leaves.pop();
    grow(&mut world, 1, 40);
    world.seal_revocations();
    let alarm = alarm(run(client.revocations(&mut view)).unwrap_err());
    assert_eq!(alarm.contradiction, Contradiction::Fork);
}

#[test]
fn a_list_is_valid_for_a_day_and_a_little_more() {
    let world = World::new();
    let (client, mut view) = world.seen();
    let list = run(client.revocations(&mut view)).unwrap();
    world.wait(86_400 + 5 * 60);
    assert_eq!(list.freshness(client.now()), Freshness::Valid);
    world.wait(1);
    let error = list.require_valid(client.now()).unwrap_err();
    assert_eq!(error.code(), "MPP-N028");
    assert_eq!(list.age(client.now()), Duration::from_secs(86_400 + 5 * 60 + 1));
}

#[test]
fn a_list_from_the_future_is_refused() {
    let world = World::new();
    let (client, mut view) = world.seen();
    world.wait(6 * 60);
    world.seal_revocations();
    // The clock of the client goes back.
    world.wait(0_u64.wrapping_sub(6 * 60));
    let error = run(client.revocations(&mut view)).unwrap_err();
    assert!(matches!(error, ClientError::FromTheFuture { .. }), "{error:?}");
}

#[test]
fn a_damaged_tile_is_no_alarm() {
    let mut world = World::new();
    let (client, _) = world.seen();
    grow(&mut world, 2, 40);
    world.seal();
    let path = paths::tile(0, 0, 5);
    let mut tile = world.take(&path).unwrap();
    tile[40] ^= 1;
    world.put(&path, tile);
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Proof(_)) && error.is_temporary(), "{error:?}");
    world.take(&path);
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Proof(_)), "{error:?}");
    assert_eq!(client.remembered().unwrap().unwrap().size(), 3);
}

#[test]
fn a_checkpoint_by_another_key_is_refused() {
    let world = World::new();
    let (client, _) = world.seen();
    let mut forger = World::new();
    forger.log = key(99);
    world.put(paths::CHECKPOINT, forger.signed(&world.head()));
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Checkpoint(_)), "{error:?}");
    world.put(paths::CHECKPOINT, &world.signed(&world.head())[..40]);
    let error = run(client.refresh()).unwrap_err();
    assert!(matches!(error, ClientError::Checkpoint(_)), "{error:?}");
}

#[test]
fn another_root_key_is_an_error_that_names_both_keys() {
    let mut world = World::new();
    let (client, _) = world.seen();
    world.root = key(50);
    world.describe(1, 0, Digest::of(b""));
    let error = run(client.refresh()).unwrap_err();
    assert_eq!(error.code(), "MPP-N027");
    let ClientError::OtherRoot { expected, found, .. } = error else { panic!("{error:?}") };
    assert!(expected.starts_with("registry.example/log+") && found.starts_with("registry.example/log+"));
    assert_ne!(expected, found);
}

#[test]
fn a_new_log_key_is_accepted_if_the_log_goes_on() {
    let mut world = World::new();
    let (client, _) = world.seen();
    let start = world.head();
    world.log = key(20);
    world.describe(2, start.size, start.root);
    grow(&mut world, 2, 40);
    world.seal();
    let view = run(client.refresh()).unwrap();
    assert_eq!((view.size(), view.description.version), (5, 2));
    // The old description is a replay, and ignored.
    world.log = key(2);
    world.describe(1, 0, Digest::of(b""));
    assert_eq!(run(client.refresh()).unwrap().description.version, 2);
}

#[test]
fn a_new_log_key_whose_log_does_not_go_on_is_an_alarm() {
    let mut world = World::new();
    let client = world.client();
    let start = world.head();
    world.log = key(20);
    world.describe(2, start.size, Digest::of(b"another root"));
    grow(&mut world, 2, 40);
    world.seal();
    let alarm = alarm(run(client.refresh()).unwrap_err());
    assert_eq!((alarm.contradiction, alarm.known.size), (Contradiction::Fork, 3));
    assert!(client.remembered().unwrap().is_none(), "nothing was pinned");
}

#[test]
fn the_first_leaf_must_be_the_record_of_the_registry() {
    let mut world = World::new();
    let (client, view) = world.seen();
    run(client.check_genesis(&view)).unwrap();
    let other = crate::protocol::Genesis::new(world.origin.clone(), key(77).public(), world.log.public());
    world.leaves[0] = crate::protocol::Leaf::new(0, crate::protocol::Body::Genesis(other)).to_bytes().unwrap();
    world.seal();
    let fresh = World { dir: tempfile::tempdir().unwrap(), ..world };
    let (client, view) = fresh.seen();
    let error = run(client.check_genesis(&view)).unwrap_err();
    assert!(matches!(error, ClientError::LeafDiffers { index: 0, what: "the root key", .. }), "{error:?}");
}

#[test]
fn witnesses_can_be_required() {
    let world = World::new();
    let witness = crate::note::NoteSigner::witness("witness.example/w", key(70)).unwrap();
    let client = world.client().with_witnesses(vec![witness.verifier().clone()], 1);
    let error = run(client.refresh()).unwrap_err();
    assert_eq!(error.code(), "MPP-N048");
    let bytes = world.take(paths::CHECKPOINT).unwrap();
    let mut note = crate::note::Note::parse(&bytes).unwrap();
    note.add(witness.sign(note.text(), world.now()));
    world.put(paths::CHECKPOINT, note.to_bytes());
    assert_eq!(run(client.refresh()).unwrap().size(), 3);
}

#[test]
fn an_index_that_is_newer_than_the_checkpoint_refreshes_the_view() {
    let mut world = World::new();
    let (client, mut view) = world.seen();
    world.publish("1.1.0", &key(3));
    world.seal();
    let index = run(client.index(&mut view, &id())).unwrap().unwrap();
    assert_eq!((view.size(), index.versions.len()), (4, 2));
    // The index alone goes ahead.
    world.publish("1.2.0", &key(3));
    world.seal_index();
    let error = run(client.index(&mut view, &id())).unwrap_err();
    assert!(matches!(error, ClientError::Behind { found: 4, known: 5 }), "{error:?}");
}

#[test]
fn an_index_from_before_a_known_version_is_read_again_and_not_believed() {
    let mut world = World::new();
    let path = paths::index(&id());
    let old = world.take(&path).unwrap();
    world.publish("1.1.0", &key(3));
    world.seal();
    let (client, mut view) = world.seen();
    let new = world.take(&path).unwrap();
    world.put(&path, old.clone());
    let index = run(client.index_since(&mut view, &id(), Some(2))).unwrap();
    assert_eq!(index.versions.len(), 1, "the old file has the version of the leaf 2");
    let asked = || world.served.requests.lock().unwrap().iter().filter(|(asked, _)| *asked == path).count();
    let before = asked();
    let error = run(client.index_since(&mut view, &id(), Some(3))).unwrap_err();
    assert!(matches!(error, ClientError::OldIndex { found: 3, known: 4, .. }), "{error:?}");
    assert_eq!(error.code(), "MPP-N022");
    assert!(error.is_temporary() && asked() - before == 3);
    assert!(error.to_string().contains("reflects the first 3 leaves"), "{error}");
    world.take(&path);
    let error = run(client.index_since(&mut view, &id(), Some(3))).unwrap_err();
    assert!(matches!(error, ClientError::NoPackage { .. }), "{error:?}");
    assert_eq!(asked() - before, 6, "a server that does not have the package yet is asked again, too");
    let error = run(client.index_since(&mut view, &id(), None)).unwrap_err();
    assert!(matches!(error, ClientError::NoPackage { .. }), "{error:?}");
    assert_eq!(asked() - before, 7, "nothing is known, so one answer is enough");
    world.put(&path, new);
    assert_eq!(run(client.index_since(&mut view, &id(), Some(3))).unwrap().versions.len(), 2);
}

/// Compares codes with text.
trait IntoCode {
    fn into_code(self) -> &'static mpp_host::Code;
}

impl IntoCode for &str {
    fn into_code(self) -> &'static mpp_host::Code {
        crate::codes::all().find(|code| code.id == self).unwrap()
    }
}
