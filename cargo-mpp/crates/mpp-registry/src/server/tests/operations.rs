//! Starting, watching and restoring a server.

use std::fs;
use std::path::Path;
use std::process::Command;

use mpp_host::codes::Coded as _;
use serde_json::Value;

use super::{World, key, package, sign};
use crate::protocol::Action;
use crate::server::Server;

const ID: &str = "com.example.clock";

#[tokio::test]
async fn files_can_be_read_in_parts_and_are_not_sent_twice() {
    let world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    let package = package(ID, "1.0.0", "one", &owner);
    world.publish(&package, &owner).await;
    let url = format!("{}/v1/packages/{ID}/1.0.0/download", world.url);
    let whole = world.client.get(&url).send().await.expect("an answer");
    let tag = whole.headers()["etag"].clone();
    assert_eq!(whole.headers()["content-disposition"], "attachment; filename=\"clock-1.0.0.mpp\"");
    let part =
        world.client.get(&url).header("range", "bytes=10-19").header("if-range", &tag).send().await.expect("an answer");
    assert_eq!(
        (part.status().as_u16(), &part.headers()["content-range"]),
        (206, &format!("bytes 10-19/{}", package.bytes().len()).parse().expect("a value"))
    );
    assert_eq!(part.bytes().await.expect("a body"), package.bytes()[10..20]);
    let outside = world.client.get(&url).header("range", "bytes=9999999-").send().await.expect("an answer");
    assert_eq!(outside.status(), 416);
    for path in [url.clone(), format!("{}/index/{ID}.json", world.url), format!("{}/log/checkpoint", world.url)] {
        let first = world.client.get(&path).send().await.expect("an answer");
        let tag = first.headers()["etag"].clone();
        let again = world.client.get(&path).header("if-none-match", tag).send().await.expect("an answer");
        assert_eq!((again.status().as_u16(), again.bytes().await.expect("a body").len()), (304, 0), "{path}");
        let head = world.client.head(&path).send().await.expect("an answer");
        assert_eq!(head.headers()["content-length"], first.headers()["content-length"], "{path}");
        assert_eq!(head.bytes().await.expect("a body").len(), 0);
    }
}

#[tokio::test]
async fn a_server_can_be_watched() {
    let world = World::new().await;
    world.register(&key(1)).await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let response = world.get(path).await;
        assert_eq!((response.status().as_u16(), response.text().await.expect("text").as_str()), (200, text));
    }
    let metrics = world.get("/metrics").await.text().await.expect("text");
    for line in ["mpp_log_size 2", "mpp_leaves_appended_total 1"] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    assert!(
        metrics.contains("mpp_http_request_duration_seconds_count{route=\"/v1/publishers\",status=\"201\"} 1"),
        "{metrics}"
    );
    let document: Value = world.get("/v1/openapi.json").await.json().await.expect("a document");
    assert_eq!(document["openapi"], "3.1.0");
    let missing = world.get("/nothing/here").await;
    assert_eq!(
        (missing.status().as_u16(), &missing.headers()["cache-control"]),
        (404, &"no-store".parse().expect("a value"))
    );
    let wrong = world.client.delete(format!("{}/v1/publishers", world.url)).send().await.expect("an answer");
    let problem: Value = wrong.json().await.expect("a document");
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(405), Some("MPP-N215")), "{problem}");
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp runs");
    assert!(status.success());
}

#[tokio::test]
async fn an_old_backup_is_not_signed() {
    let mut world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    world.stop().await;
    let (store, backup) = (world.path().join("store"), world.path().join("backup"));
    copy(&store, &backup);
    world.start().await.expect("the server starts");
    world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await;
    world.stop().await;
    fs::remove_dir_all(&store).expect("lost");
    copy(&backup, &store);
    let error = world.start().await.expect_err("a rollback");
    assert_eq!(error.code(), "MPP-N132", "{error}");
}

#[tokio::test]
async fn a_store_belongs_to_one_registry_and_one_server() {
    let mut world = World::new().await;
    assert_eq!(world.options().expect_err("in use").code(), "MPP-N121");
    world.stop().await;
    let other = World::new().await;
    let mut options = world.options().expect("a store");
    options.keys = crate::server::KeysDir::new(other.path().join("keys"));
    let error = Server::start(options).await.expect_err("keys of another registry");
    assert_eq!(error.code(), "MPP-N214", "{error}");
}

#[tokio::test]
async fn a_server_starts_only_with_what_it_can_use() {
    let mut world = World::new().await;
    let address = world.address().parse().expect("an address");
    let taken = World::new().await;
    world.stop().await;
    let mut options = world.options().expect("a store");
    options.listen = taken.address().parse().expect("an address");
    assert_eq!(Server::start(options).await.expect_err("in use").code(), "MPP-N213");
    let mut options = world.options().expect("a store");
    options.listen = address;
    options.tls = Some((world.path().join("none.pem"), world.path().join("none.key")));
    assert_eq!(Server::start(options).await.expect_err("no certificate").code(), "MPP-N213");
}

#[tokio::test]
async fn a_server_speaks_tls_from_files() {
    let mut world = World::new().await;
    world.stop().await;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (certificate, private) = (world.path().join("cert.pem"), world.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).expect("written");
    fs::write(&private, made.signing_key.serialize_pem()).expect("written");
    let mut options = world.options().expect("a store");
    options.tls = Some((certificate, private));
    let server = Server::start(options).await.expect("the server starts");
    assert!(server.has_tls() && server.url().starts_with("https://"));
    let port = server.address().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder().tls_certs_merge([root]).build().expect("a client");
    let response = client.get(format!("https://localhost:{port}/healthz")).send().await.expect("an answer");
    assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_2));
    assert!(response.headers().contains_key("strict-transport-security"));
    drop(client);
    let _ = stop.send(());
    running.await.expect("the server ends");
}

#[tokio::test]
async fn a_domain_is_claimed_by_its_proof() {
    let owner = key(1);
    let zone = crate::server::domains::tests::zone(&[format!("mpp-key={}", owner.public().to_base64())], &[]);
    let dns = crate::server::domains::tests::dns(zone).await;
    let world = World::with(&format!("ids = \"domain-proof\"\n[domains]\nname_servers = [\"{dns}\"]\n")).await;
    world.register(&owner).await;
    let package = package("test.example.clock", "1.0.0", "one", &owner);
    let (status, problem) = world.publish(&package, &owner).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("MPP-N310")), "{problem}");
    let claim = |seed: u8, domain: &str| sign(&key(seed), Action::ClaimDomain { domain: domain.to_owned() });
    for (seed, domain, status, code) in
        [(1, "com", 422, "MPP-N312"), (1, "example.org", 422, "MPP-N311"), (2, "example.test", 403, "MPP-N305")]
    {
        let (found, problem) = world.post("/v1/domains", &claim(seed, domain)).await;
        assert_eq!((found, problem["code"].as_str()), (status, Some(code)), "{problem}");
    }
    let (status, answer) = world.post("/v1/domains", &claim(1, "example.test")).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(world.publish(&package, &owner).await.0, 201);
    let index: crate::protocol::files::IndexFile = world.file("index/test.example.clock.json").await;
    assert_eq!(index.domain.map(|proof| proof.domain).as_deref(), Some("example.test"));
}

#[tokio::test]
async fn two_servers_share_a_store() {
    let mut world = World::new().await;
    world.stop().await;
    let store = crate::store::Store::memory();
    let (first, second) = tokio::join!(serve(&world, &store, "first"), serve(&world, &store, "second"));
    let owner = key(1);
    world.url = first;
    world.register(&owner).await;
    let (one, two) = (package(ID, "1.0.0", "one", &owner), package(ID, "1.0.0", "two", &owner));
    let through_first = world.upload(&one, &sign(&owner, super::publication(&one)));
    world.url = second;
    let through_second = world.upload(&two, &sign(&owner, super::publication(&two)));
    let (a, b) = tokio::join!(super::answer(through_first), super::answer(through_second));
    let mut statuses = [a.0, b.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{a:?} {b:?}");
}

/// Starts a server that has its own copy of the keys.
async fn serve(world: &World, store: &crate::store::Store, name: &str) -> String {
    let keys = world.path().join(name);
    copy(&world.path().join("keys"), &keys);
    let mut options = world.options_with(store.clone());
    options.keys = crate::server::KeysDir::new(keys);
    options.cache = world.path().join(format!("{name}-cache"));
    fs::remove_file(options.keys.memory_path()).expect("what was signed for another store");
    let server = Server::start(options).await.expect("the server starts");
    let url = server.url().to_owned();
    tokio::spawn(server.run(std::future::pending()));
    url
}

#[tokio::test]
async fn a_start_uses_the_state_in_the_cache_if_it_fits() {
    let mut world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await;
    world.stop().await;
    let state = world.path().join("cache/state");
    let kept = fs::read(&state).expect("kept");
    assert!(crate::server::snapshot::read(&world.path().join("cache"), &owner_origin()).is_some());
    // The cache of an earlier time, a damaged one and none lead to the same registry.
    world.start().await.expect("the server starts");
    world.publish(&package(ID, "1.1.0", "two", &owner), &owner).await;
    world.stop().await;
    for (name, contents) in [
        ("an earlier one", Some(kept.clone())),
        ("a damaged one", Some(kept[..kept.len() - 3].to_vec())),
        ("none", None),
    ] {
        match contents {
            Some(contents) => fs::write(&state, contents).expect("written"),
            None => fs::remove_file(&state).expect("removed"),
        }
        world.start().await.expect(name);
        let index: crate::protocol::files::IndexFile = world.file(&format!("index/{ID}.json")).await;
        assert_eq!(index.versions.len(), 2, "{name}");
        let again = world.publish(&package(ID, "1.1.0", "two", &owner), &owner).await;
        assert_eq!(again.0, 200, "{name}");
        world.stop().await;
    }
}

fn owner_origin() -> crate::protocol::Origin {
    crate::protocol::Origin::parse(super::ORIGIN).expect("an origin")
}

#[tokio::test]
async fn a_store_that_cannot_be_written_publishes_nothing() {
    let world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    // A file in the place of the directory fails every write below it, as a full disk does.
    fs::write(world.path().join("store/blobs"), "in the way").expect("written");
    let package = package(ID, "1.0.0", "one", &owner);
    let (status, problem) = world.publish(&package, &owner).await;
    assert_eq!((status, problem["code"].as_str()), (500, Some("MPP-N217")), "{problem}");
    assert!(!problem.to_string().contains("store/blobs"), "paths of the server are for its log: {problem}");
    assert_eq!(world.get(&format!("/index/{ID}.json")).await.status(), 404);
    fs::remove_file(world.path().join("store/blobs")).expect("removed");
    assert_eq!(world.publish(&package, &owner).await.0, 201);
}
