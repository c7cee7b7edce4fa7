//! What a server accepts, and how it becomes visible.

use semver::Version;
use serde_json::json;

use super::{World, answer, eventually, key, now, operator, package, publication, sign};
use crate::log::SignedCheckpoint;
use crate::note::VerifierKey;
use crate::protocol::files::{IndexFile, Profile, PublisherFile, Revocations, WellKnown};
use crate::protocol::{Action, Digest, PackageId, TakedownReason, paths};

const ID: &str = "com.example.clock";

fn id() -> PackageId {
    PackageId::parse(ID).expect("an id")
}

#[tokio::test]
async fn a_version_is_published_and_served() {
    let world = World::new().await;
    let (key, profile) = (key(1), Profile::new("Example".to_owned(), None, None).expect("a profile"));
    let side = serde_json::to_vec(&profile).expect("a document");
    let registration = sign(&key, Action::Register { profile: Some(Digest::of(&side)) });
    assert_eq!(world.post_with("/v1/publishers", &registration, &side).await, (201, json!({ "leaf_index": 1 })));
    assert_eq!(world.post_with("/v1/publishers", &registration, &side).await, (200, json!({ "leaf_index": 1 })));
    let package = package(ID, "1.0.0", "one", &key);
    let (status, published) = world.publish(&package, &key).await;
    assert_eq!((status, &published["leaf_index"]), (201, &json!(2)), "{published}");
    assert_eq!(published["url"], format!("{}/packages/{ID}/1.0.0", world.url));

    // Everything that clients read is there when the answer arrives.
    let well_known =
        WellKnown::first_contact(&world.get("/.well-known/mpp-registry.json").await.bytes().await.expect("a body"));
    let well_known = well_known.expect("signed by the root key").into_value();
    assert_eq!(well_known.log_key, world.log_key);
    let checkpoint = world.get("/log/checkpoint").await.bytes().await.expect("a body");
    let verifier = VerifierKey::new(super::ORIGIN, crate::note::Algorithm::Ed25519, world.log_key).expect("a key");
    assert_eq!(SignedCheckpoint::open(&checkpoint, &verifier).expect("signed").checkpoint().size, 3);
    let index: IndexFile = world.file(&paths::index(&id())).await;
    assert_eq!((index.tree_size, index.owners, index.versions.len()), (3, vec![key.public()], 1));
    assert_eq!((index.versions[0].name.as_str(), index.versions[0].tools[0].name.as_str()), ("sample", "run"));
    let publisher: PublisherFile = world.file(&paths::publisher(&key.public())).await;
    assert_eq!((publisher.packages, publisher.profile), (vec![id()], Some(Digest::of(&side))));
    let revocations: Revocations = world.file(paths::REVOCATIONS).await;
    assert!(revocations.expires > now());
    let blob = world.get(&format!("/{}", paths::blob(&Digest::of(package.bytes())))).await;
    assert_eq!(blob.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(blob.bytes().await.expect("a body"), package.bytes());
    let manifest = world.get(&format!("/{}", paths::manifest(&Digest::of(package.manifest_bytes())))).await;
    assert_eq!(manifest.bytes().await.expect("a body"), package.manifest_bytes());
    assert_eq!(world.get(&format!("/{}", paths::side(&Digest::of(&side)))).await.bytes().await.expect("a body"), side);
    assert_eq!(world.get("/log/commit/0").await.status(), 404, "commits are not public");
}

#[tokio::test]
async fn the_same_contents_again_are_a_success_and_others_a_conflict() {
    let world = World::new().await;
    let key = key(1);
    world.register(&key).await;
    let first = package(ID, "1.0.0", "one", &key);
    let signed = sign(&key, publication(&first));
    assert_eq!(answer(world.upload(&first, &signed)).await.0, 201);
    for signed in [signed, sign(&key, publication(&first))] {
        let (status, again) = answer(world.upload(&first, &signed)).await;
        assert_eq!((status, &again["leaf_index"]), (200, &json!(2)), "{again}");
    }
    let (status, problem) = world.publish(&package(ID, "1.0.0", "two", &key), &key).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("MPP-N308")), "{problem}");
    assert_eq!(problem["leaf_index"], 2);
    let (status, problem) = world.publish(&package(ID, "1.0.0+build.2", "two", &key), &key).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("MPP-N308")), "{problem}");
}

#[tokio::test]
async fn of_twenty_clients_at_once_one_wins() {
    let world = std::sync::Arc::new(World::new().await);
    let key = key(1);
    world.register(&key).await;
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (world, key) = (std::sync::Arc::clone(&world), key.clone());
        clients.spawn(async move { world.publish(&package(ID, "1.0.0", &format!("by {number}"), &key), &key).await });
    }
    let answers = clients.join_all().await;
    let of = |wanted: u16| answers.iter().filter(|(status, _)| *status == wanted).count();
    assert_eq!((of(201), of(409)), (1, 19), "{answers:?}");
    let index: IndexFile = world.file(&paths::index(&id())).await;
    assert_eq!(index.versions.len(), 1);
    let blob = world.get(&format!("/{}", paths::blob(&index.versions[0].archive_hash))).await;
    assert_eq!(Digest::of(&blob.bytes().await.expect("a body")), index.versions[0].archive_hash);
}

#[tokio::test]
async fn owners_change_by_signed_statements() {
    let world = World::new().await;
    let (first, second) = (key(1), key(2));
    world.register(&first).await;
    world.register(&second).await;
    world.publish(&package(ID, "1.0.0", "one", &first), &first).await;
    let owners = format!("/v1/packages/{ID}/owners");
    let add = sign(&first, Action::AddOwner { package_id: id(), owner: second.public() });
    assert_eq!(world.post(&owners, &add).await.0, 201);
    assert_eq!(world.publish(&package(ID, "1.1.0", "two", &second), &second).await.0, 201);
    let remove = sign(&second, Action::RemoveOwner { package_id: id(), owner: first.public() });
    assert_eq!(world.post(&owners, &remove).await.0, 201);
    let (status, problem) = world.post(&owners, &add).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("MPP-N303")), "a statement is accepted once: {problem}");
    assert_eq!(problem["leaf_index"], 4);
    let yank = sign(&second, Action::Yank { package_id: id(), version: Version::new(1, 0, 0) });
    assert_eq!(world.post(&format!("/v1/packages/{ID}/1.0.0/yank"), &yank).await.0, 201);
    let index: IndexFile = world.file(&paths::index(&id())).await;
    assert_eq!(index.versions.iter().map(|version| version.yanked).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn a_takedown_erases_the_bytes() {
    let mut world = World::new().await;
    let key = key(1);
    world.register(&key).await;
    let package = package(ID, "1.0.0", "one", &key);
    world.publish(&package, &key).await;
    let action = Action::Takedown {
        package_id: id(),
        version: Version::new(1, 0, 0),
        reason: TakedownReason::Malware,
        note: None,
    };
    let path = format!("/v1/packages/{ID}/1.0.0/takedown");
    let (status, problem) = world.post(&path, &sign(&key, action.clone())).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("MPP-N314")), "{problem}");
    assert_eq!(world.post(&path, &sign(&operator(), action)).await.0, 201);
    for gone in [paths::blob(&Digest::of(package.bytes())), paths::manifest(&Digest::of(package.manifest_bytes()))] {
        assert_eq!(world.get(&format!("/{gone}")).await.status(), 404, "{gone}");
        assert!(!world.path().join("store").join(gone).exists());
    }
    let index: IndexFile = world.file(&paths::index(&id())).await;
    assert_eq!((index.versions[0].name.as_str(), index.versions[0].taken_down.is_some()), ("", true));
    let revocations: Revocations = world.file(paths::REVOCATIONS).await;
    assert_eq!(revocations.taken_down.len(), 1);
    let gone = world.get(&format!("/v1/packages/{ID}/1.0.0/download")).await;
    assert_eq!(gone.status(), 410);
    let problem: serde_json::Value = gone.json().await.expect("a document");
    assert_eq!(problem["code"], "MPP-N034", "{problem}");
    assert_eq!(problem["detail"], "version 1.0.0 of `com.example.clock` was taken down by the registry");
    let (status, problem) = world.publish(&package, &key).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("MPP-N320")), "{problem}");
    // A restart brings nothing back.
    world.stop().await;
    world.start().await.expect("the server starts again");
    assert_eq!(world.get(&format!("/v1/packages/{ID}/1.0.0/download")).await.status(), 410);
}

/// Registers a key with a profile, and returns the profile's bytes.
async fn register_as(world: &World, key: &mpp_host::keys::SigningKey, name: &str) -> Vec<u8> {
    let profile = Profile::new(name.to_owned(), None, Some(format!("{name}@example.com"))).expect("a profile");
    let profile = serde_json::to_vec(&profile).expect("JSON");
    register_with(world, key, &profile).await;
    profile
}

async fn register_with(world: &World, key: &mpp_host::keys::SigningKey, profile: &[u8]) {
    let action = Action::Register { profile: Some(Digest::of(profile)) };
    let (status, answer) = world.post_with("/v1/publishers", &sign(key, action), profile).await;
    assert_eq!(status, 201, "{answer}");
}

async fn status_of(world: &World, profile: &[u8]) -> u16 {
    world.get(&format!("/{}", paths::side(&Digest::of(profile)))).await.status().as_u16()
}

#[tokio::test]
async fn a_profile_that_was_replaced_or_erased_is_gone_everywhere() {
    let world = World::new().await;
    let (ada, other) = (key(1), key(2));
    let first = register_as(&world, &ada, "Ada").await;
    world.publish(&package(ID, "1.0.0", "one", &ada), &ada).await;
    let found = |name: &'static str| {
        let world = &world;
        async move {
            let page: serde_json::Value =
                world.get(&format!("/v1/search?q={name}")).await.json().await.expect("a document");
            page["results"].as_array().map(|all| all.len() as u64)
        }
    };
    super::eventually("Ada is found", || async { (found("Ada").await == Some(1)).then_some(()) }).await;
    assert_eq!(status_of(&world, &first).await, 200);

    // Another name replaces the first one, which another key has claimed meanwhile: what is public can be repeated.
    register_with(&world, &other, &first).await;
    let second = register_as(&world, &ada, "Lovelace").await;
    assert_eq!((status_of(&world, &first).await, status_of(&world, &second).await), (200, 200));
    register_as(&world, &other, "Other").await;
    super::eventually("the first profile is gone", || async { (status_of(&world, &first).await == 404).then_some(()) })
        .await;
    super::eventually("the new name is found", || async { (found("Lovelace").await == Some(1)).then_some(()) }).await;

    // A successor has the profile of the key that it replaced, so both lose it.
    let successor = key(3);
    world.register(&successor).await;
    let rotate = sign(&ada, Action::Rotate { to: successor.public() });
    let path = |key: &mpp_host::keys::SigningKey, action: &str| {
        format!("/v1/publishers/{}/{action}", hex::encode(key.public().as_bytes()))
    };
    assert_eq!(world.post(&path(&ada, "rotate"), &rotate).await.0, 201);
    let erase = || Action::EraseProfile { publisher: ada.public(), reason: TakedownReason::PersonalData };
    let (status, problem) = world.post(&path(&ada, "erase-profile"), &sign(&successor, erase())).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("MPP-N314")), "{problem}");
    assert_eq!(world.post(&path(&ada, "erase-profile"), &sign(&operator(), erase())).await.0, 201);
    super::eventually("the profile is gone", || async { (status_of(&world, &second).await == 404).then_some(()) })
        .await;
    let (status, problem) = world.post(&path(&ada, "erase-profile"), &sign(&operator(), erase())).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("MPP-N322")), "{problem}");
    for key in [&ada, &successor] {
        let file: PublisherFile = world.file(&paths::publisher(&key.public())).await;
        assert_eq!(file.profile, None);
    }
    super::eventually("the name is not found", || async { (found("Lovelace").await == Some(0)).then_some(()) }).await;
    let unknown = Action::EraseProfile { publisher: key(9).public(), reason: TakedownReason::Legal };
    let (status, problem) = world.post(&path(&key(9), "erase-profile"), &sign(&operator(), unknown)).await;
    assert_eq!(status, 422, "{problem}");
}

#[tokio::test]
async fn a_search_finds_what_was_published() {
    let world = World::new().await;
    let key = key(1);
    world.register(&key).await;
    world.publish(&package(ID, "1.0.0", "one", &key), &key).await;
    let found = eventually("the package in the search", || async {
        let page: serde_json::Value = world.get("/v1/search?q=clock").await.json().await.expect("a page");
        page["results"].get(0).cloned()
    })
    .await;
    assert_eq!((found["package_id"].as_str(), found["version"].as_str()), (Some(ID), Some("1.0.0")));
    let page = world.get(&format!("/packages/{ID}")).await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().expect("a value"))
    );
    assert!(page.text().await.expect("a page").contains(ID));
}
