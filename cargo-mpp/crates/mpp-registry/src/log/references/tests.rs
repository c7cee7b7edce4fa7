//! Tests of what leaves refer to.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::*;
use crate::log::sample::{key, statement};
use crate::protocol::{Body, TakedownReason};

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn id(text: &str) -> PackageId {
    PackageId::parse(text).unwrap()
}

fn publish(package: &str, version: u64, archive: &str, manifest: &str) -> Action {
    Action::Publish {
        package_id: id(package),
        version: Version::new(version, 0, 0),
        content_hash: digest("content"),
        archive_hash: digest(archive),
        archive_size: 7,
        manifest_hash: digest(manifest),
    }
}

fn takedown(package: &str, version: u64, note: Option<Digest>) -> Action {
    let (package_id, version) = (id(package), Version::new(version, 0, 0));
    Action::Takedown { package_id, version, reason: TakedownReason::Policy, note }
}

fn add(references: &mut References, seed: u8, action: Action) {
    let body: Body = statement(seed, action);
    references.add(&Leaf::new(1, body));
}

fn paths_of(references: impl Iterator<Item = Reference>) -> BTreeSet<String> {
    references.map(|reference| reference.path).collect()
}

fn set<const N: usize>(paths: [String; N]) -> BTreeSet<String> {
    paths.into()
}

#[test]
fn objects_are_found_until_the_last_version_that_has_them_is_taken_down() {
    let mut references = References::default();
    add(&mut references, 3, publish("com.example.a", 1, "a1", "same"));
    add(&mut references, 3, publish("com.example.a", 2, "a2", "same"));
    let before = references.clone();
    let (blob, manifest) = (paths::blob(&digest("a1")), paths::manifest(&digest("same")));
    let expected = Reference { path: blob.clone(), digest: digest("a1"), size: Some(7) };
    assert_eq!(references.find(&blob), Some(expected));
    // No other spelling of a place, and no other kind of object.
    let upper = blob.replace(&digest("a1").to_hex(), &digest("a1").to_hex().to_uppercase());
    let elsewhere = format!("blobs/sha256/00/00/{}", digest("a1").to_hex());
    for other in [upper, elsewhere, paths::manifest(&digest("a1")), paths::side(&digest("a1")), "blobs".to_owned()] {
        assert_eq!(references.find(&other), None, "{other}");
    }

    add(&mut references, 9, takedown("com.example.a", 1, Some(digest("why"))));
    assert_eq!(references.find(&blob), None);
    assert!(references.find(&manifest).is_some(), "the other version has it, too");
    assert_eq!(references.find(&paths::side(&digest("why"))).unwrap().size, None);
    assert_eq!(references.take_erased(), set([blob.clone()]));
    assert_eq!(references.take_erased(), set([]), "each object is erased once");
    add(&mut references, 9, takedown("com.example.a", 2, None));
    // Nothing is there to be taken down again.
    add(&mut references, 9, takedown("com.example.a", 2, None));
    add(&mut references, 9, takedown("com.example.b", 1, None));
    let both = set([paths::blob(&digest("a2")), manifest.clone()]);
    assert_eq!(references.take_erased(), both);
    assert_eq!(references.required().count(), 0);
    // A takedown of a version that was taken down replaces the explanation.
    add(&mut references, 9, takedown("com.example.a", 1, Some(digest("because"))));
    assert_eq!(references.take_erased(), set([paths::side(&digest("why"))]));
    add(&mut references, 9, takedown("com.example.a", 1, None));
    assert_eq!((references.take_erased(), references.optional().count()), (set([paths::side(&digest("because"))]), 0));
    let texts = ["why", "because"].map(|text| paths::side(&digest(text)));
    let objects = [blob.clone(), paths::blob(&digest("a2")), manifest];
    assert_eq!(paths_of(references.erased()), texts.into_iter().chain(objects).collect());
    // What was known before is unchanged.
    assert_eq!((before.required().count(), before.erased().count()), (3, 0));
    assert!(before.find(&blob).is_some());
}

#[test]
fn profiles_are_kept_while_a_publisher_has_them() {
    let mut references = References::default();
    let profile = |text: &str| Action::Register { profile: Some(digest(text)) };
    let side = |text: &str| paths::side(&digest(text));
    add(&mut references, 3, profile("one"));
    add(&mut references, 3, Action::Rotate { to: key(4).public() });
    add(&mut references, 5, profile("five"));
    // The successor has the profile of the first key until it has its own.
    add(&mut references, 3, profile("two"));
    assert_eq!(references.take_erased(), set([]));
    add(&mut references, 4, profile("four"));
    assert_eq!(references.take_erased(), set([side("one")]));
    assert_eq!(paths_of(references.optional()), set([side("two"), side("four"), side("five")]));
    let erase = Action::EraseProfile { publisher: key(5).public(), reason: TakedownReason::PersonalData };
    add(&mut references, 9, erase);
    assert_eq!((references.take_erased(), references.find(&side("five"))), (set([side("five")]), None));
    add(&mut references, 4, Action::Register { profile: None });
    assert_eq!(paths_of(references.erased()), set([side("one"), side("four"), side("five")]));
    // What a publisher has again is not erased.
    add(&mut references, 4, profile("four"));
    assert_eq!(references.take_erased(), set([]));
    let files = [3, 4, 5].map(|seed| paths::publisher(&key(seed).public()));
    assert_eq!(
        references.derived().collect::<BTreeSet<_>>(),
        [&files[..], &[paths::REVOCATIONS.to_owned()]].concat().into_iter().collect()
    );
    assert_eq!(references.derived().last().as_deref(), Some(paths::REVOCATIONS));
}

#[test]
fn a_document_gives_back_what_was_written_and_damage_gives_nothing() {
    let mut references = References::default();
    for version in 1..40 {
        add(
            &mut references,
            3,
            publish("com.example.a", version, &format!("a{version}"), &format!("m{}", version / 2)),
        );
    }
    for (version, note) in [(4, None), (5, Some(digest("why"))), (20, None)] {
        add(&mut references, 9, takedown("com.example.a", version, note));
    }
    for (seed, text) in [(3, "one"), (4, "one"), (5, "two"), (5, "three")] {
        add(&mut references, seed, Action::Register { profile: Some(digest(text)) });
    }
    let owner = key(8).public();
    add(&mut references, 3, Action::AddOwner { package_id: id("com.example.z"), owner });
    references.take_erased();
    let document = references.to_snapshot();
    let mut read = References::from_snapshot(&document).unwrap();
    let all = |references: &References| {
        let places: BTreeSet<_> = references.derived().collect();
        [
            references.required().map(|one| format!("{one:?}")).collect(),
            paths_of(references.optional()),
            references.erased().map(|one| format!("{one:?}")).collect(),
            places,
        ]
    };
    assert_eq!(all(&read), all(&references));
    // And it goes on in the same way.
    for references in [&mut read, &mut references] {
        add(references, 9, takedown("com.example.a", 21, None));
        add(references, 3, Action::Register { profile: None });
        add(references, 4, Action::Register { profile: Some(digest("four")) });
        let erased = set([paths::blob(&digest("a21")), paths::manifest(&digest("m10")), paths::side(&digest("one"))]);
        assert_eq!(references.take_erased(), erased);
    }
    assert_eq!(all(&read), all(&references));
    for at in [0, 64, 65, document.len() / 2, document.len() - 1] {
        let mut damaged = document.clone();
        damaged[at] ^= 1;
        assert!(References::from_snapshot(&damaged).is_none(), "{at}");
        assert!(References::from_snapshot(&document[..at]).is_none(), "{at}");
    }
    let other = String::from_utf8(document[65..].to_vec()).unwrap().replacen("\"format\":1", "\"format\":2", 1);
    assert!(References::from_snapshot(&crate::sealed::seal(other.as_bytes())).is_none());
}
