//! What a server refuses.

use std::time::Duration;

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::testing::SamplePackage;
use semver::Version;
use serde_json::Value;

use super::{World, answer, header, key, now, package, publication, sign, sign_at};
use crate::protocol::files::Profile;
use crate::protocol::requests::STATEMENT_HEADER;
use crate::protocol::{Action, Digest, Origin, PackageId, SignedStatement, Statement, Timestamp};

const ID: &str = "com.example.clock";

fn code((status, problem): (u16, Value)) -> (u16, String) {
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

fn expected(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn uploads_that_are_not_what_was_signed() {
    let world = World::new().await;
    let (owner, other) = (key(1), key(2));
    world.register(&owner).await;
    let package = package(ID, "1.0.0", "one", &owner);
    let signed = sign(&owner, publication(&package));
    let put = |path: &str| world.client.put(format!("{}{path}", world.url)).body(package.bytes().to_vec());
    let own = format!("/v1/packages/{ID}/1.0.0");
    let with = |path: &str, signed: &SignedStatement| put(path).header(STATEMENT_HEADER, header(signed));

    assert_eq!(code(answer(put(&own)).await), expected(400, "MPP-N201"), "no statement");
    let twice = with(&own, &signed).header(STATEMENT_HEADER, header(&signed));
    assert_eq!(code(answer(twice).await), expected(400, "MPP-N201"), "two statements");
    let padded = put(&own).header(STATEMENT_HEADER, format!("{}=", header(&signed)));
    assert_eq!(code(answer(padded).await), expected(400, "MPP-N201"), "not the only encoding");
    let long = put(&own).header(STATEMENT_HEADER, "A".repeat(17_000));
    assert_eq!(code(answer(long).await), expected(400, "MPP-N201"), "too long");
    let paths = ["/v1/packages/com.example.other/1.0.0".to_owned(), format!("/v1/packages/{ID}/1.0.1")];
    for path in paths {
        assert_eq!(code(answer(with(&path, &signed)).await), expected(422, "MPP-N209"), "{path}");
    }
    for path in [
        "/v1/packages/..%2f..%2fetc/1.0.0",
        "/v1/packages/../../etc/1.0.0",
        "/v1/packages/com.example.clock/1.0.0%2f..",
    ] {
        let (status, _) = answer(with(path, &signed)).await;
        assert!(status == 400 || status == 404 || status == 405, "{path}: {status}");
    }
    let yank =
        sign(&owner, Action::Yank { package_id: PackageId::parse(ID).expect("an id"), version: Version::new(1, 0, 0) });
    assert_eq!(code(answer(with(&own, &yank)).await), expected(400, "MPP-N201"), "another action");
    let changed = publication(&super::package(ID, "1.0.0", "two", &owner));
    assert_eq!(code(answer(with(&own, &sign(&owner, changed))).await), expected(422, "MPP-N209"), "other bytes");
    let Action::Publish { package_id, version, content_hash, archive_hash, archive_size, manifest_hash } =
        publication(&package)
    else {
        unreachable!("a publication");
    };
    let lies = |archive_hash, archive_size, manifest_hash| Action::Publish {
        package_id: package_id.clone(),
        version: version.clone(),
        content_hash,
        archive_hash,
        archive_size,
        manifest_hash,
    };
    let wrong = Digest::of(b"wrong");
    for action in [
        lies(wrong, archive_size, manifest_hash),
        lies(archive_hash, archive_size + 1, manifest_hash),
        lies(archive_hash, archive_size, wrong),
    ] {
        assert_eq!(code(answer(with(&own, &sign(&owner, action))).await), expected(422, "MPP-N209"));
    }
    world.register(&other).await;
    let by_other = sign(&other, publication(&package));
    assert_eq!(
        code(answer(with(&own, &by_other)).await),
        expected(422, "MPP-N209"),
        "signed by another key than the package"
    );
    assert_eq!(world.get(&format!("/index/{ID}.json")).await.status(), 404, "nothing was published");
    assert_eq!(code(answer(with(&own, &signed)).await).0, 201, "and the right one still can be");
}

#[tokio::test]
async fn packages_that_the_gatekeeper_refuses() {
    let world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    let package = package(ID, "1.0.0", "one", &owner);
    let own = format!("{}/v1/packages/{ID}/1.0.0", world.url);
    let mut flipped = package.bytes().to_vec();
    flipped[60] ^= 1;
    let truncated = package.bytes()[..package.bytes().len() - 10].to_vec();
    for (bytes, expected) in [(flipped, "MPP-G"), (truncated, "MPP-G"), (b"not a package".to_vec(), "MPP-G101")] {
        let signed = sign(&owner, publication(&package));
        let request = world.client.put(&own).header(STATEMENT_HEADER, header(&signed)).body(bytes);
        let (status, code) = code(answer(request).await);
        assert!(status == 422 && code.starts_with(expected), "{status} {code}");
    }
    let development = SigningKey::from_seed(&[7; 32], KeyRole::Development);
    let local = SamplePackage::new().id(ID).signed_by(development.clone()).verify();
    let signed = sign(&development, publication(&local));
    world.register(&development).await;
    assert_eq!(code(answer(world.upload(&local, &signed)).await), expected(403, "MPP-N216"));
}

#[tokio::test]
async fn keys_and_statements_without_a_right() {
    let world = World::new().await;
    let (owner, other) = (key(1), key(2));
    world.register(&owner).await;
    assert_eq!(world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await.0, 201);
    let foreign = package(ID, "1.1.0", "two", &other);
    assert_eq!(code(world.publish(&foreign, &other).await), expected(403, "MPP-N307"), "not an owner");
    let new = package("com.example.another", "1.0.0", "x", &other);
    assert_eq!(code(world.publish(&new, &other).await), expected(403, "MPP-N305"), "not registered");
    world.register(&other).await;
    let alike = package("com.example.clocks", "1.0.0", "x", &other);
    assert_eq!(code(world.publish(&alike, &other).await), expected(403, "MPP-N309"), "resembles another id");

    let next = package(ID, "1.1.0", "two", &owner);
    let elsewhere =
        Statement::new(Origin::parse("other.example").expect("an origin"), now(), owner.public(), publication(&next));
    let elsewhere = SignedStatement::sign(elsewhere.expect("a statement"), &owner).expect("signed");
    assert_eq!(code(answer(world.upload(&next, &elsewhere)).await), expected(403, "MPP-N301"));
    let old = sign_at(&owner, publication(&next), Timestamp::from_secs(now().as_secs() - 3600));
    assert_eq!(code(answer(world.upload(&next, &old)).await), expected(403, "MPP-N302"));
    let ahead = sign_at(&owner, publication(&next), now().after(Duration::from_secs(3600)));
    assert_eq!(code(answer(world.upload(&next, &ahead)).await), expected(403, "MPP-N302"));

    // The envelope of one key with the signature of another, and a key of small order.
    let signed = String::from_utf8(sign(&owner, publication(&next)).envelope().to_vec()).expect("text");
    let forged = String::from_utf8(sign(&other, publication(&next)).envelope().to_vec()).expect("text");
    let signature = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["signatures"].clone();
    let mut mixed: Value = serde_json::from_str(&signed).expect("JSON");
    mixed["signatures"] = signature(&forged);
    assert_eq!(code(post_raw(&world, mixed.to_string()).await), expected(403, "MPP-N002"));
    let mut twice: Value = serde_json::from_str(&signed).expect("JSON");
    let both = [signature(&signed), signature(&forged)].map(|list| list[0].clone());
    twice["signatures"] = both.to_vec().into();
    assert_eq!(code(post_raw(&world, twice.to_string()).await), expected(400, "MPP-N001"));
    let mut weak: Value = serde_json::from_str(&signed).expect("JSON");
    let payload = decode(weak["payload"].as_str().expect("text"));
    let payload = String::from_utf8(payload).expect("text").replace(&owner.public().to_base64(), &encode(&[0; 32]));
    weak["payload"] = encode(payload.as_bytes()).into();
    assert_eq!(code(post_raw(&world, weak.to_string()).await), expected(400, "MPP-N001"));
}

async fn post_raw(world: &World, envelope: String) -> (u16, Value) {
    let request = world.client.post(format!("{}/v1/publishers", world.url));
    answer(request.header("content-type", "application/vnd.dsse+json").body(envelope)).await
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("Base64")
}

#[tokio::test]
async fn side_objects_that_the_statement_does_not_name() {
    let world = World::new().await;
    let owner = key(1);
    let side = serde_json::to_vec(&Profile::new("Example".to_owned(), None, None).expect("a profile")).expect("JSON");
    let named = |bytes: &[u8]| sign(&owner, Action::Register { profile: Some(Digest::of(bytes)) });
    let register = "/v1/publishers";
    assert_eq!(code(world.post(register, &named(&side)).await), expected(422, "MPP-N218"), "it is missing");
    assert_eq!(
        code(world.post_with(register, &named(b"other"), &side).await),
        expected(422, "MPP-N218"),
        "another one"
    );
    let none = sign(&owner, Action::Register { profile: None });
    assert_eq!(code(world.post_with(register, &none, &side).await), expected(422, "MPP-N218"), "none is named");
    let large = format!("{{\"salt\":\"\",\"name\":\"{}\"}}", "x".repeat(5000));
    assert_eq!(
        code(world.post_with(register, &named(large.as_bytes()), large.as_bytes()).await),
        expected(422, "MPP-N218")
    );
    let unknown = b"{\"salt\":\"\",\"name\":\"x\",\"admin\":true}";
    assert_eq!(code(world.post_with(register, &named(unknown), unknown).await), expected(422, "MPP-N218"));
    assert_eq!(world.post_with(register, &named(&side), &side).await.0, 201);
}

#[tokio::test]
async fn statements_at_another_path() {
    let world = World::new().await;
    let owner = key(1);
    world.register(&owner).await;
    world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await;
    let yank =
        sign(&owner, Action::Yank { package_id: PackageId::parse(ID).expect("an id"), version: Version::new(1, 0, 0) });
    assert_eq!(code(world.post("/v1/publishers", &yank).await), expected(400, "MPP-N207"));
    assert_eq!(code(world.post(&format!("/v1/packages/{ID}/1.0.1/yank"), &yank).await), expected(422, "MPP-N209"));
    assert_eq!(code(world.post("/v1/packages/com.example.b/1.0.0/yank", &yank).await), expected(422, "MPP-N209"));
    let rotate = sign(&owner, Action::Rotate { to: key(3).public() });
    let other = hex::encode(key(3).public().as_bytes());
    assert_eq!(code(world.post(&format!("/v1/publishers/{other}/rotate"), &rotate).await), expected(422, "MPP-N209"));
    let text = world.client.post(format!("{}/v1/publishers", world.url)).header("content-type", "text/plain").body("x");
    assert_eq!(code(answer(text).await), expected(400, "MPP-N201"));
}

#[tokio::test]
async fn more_than_the_limits_allow() {
    let limits = "[limits]\npackage_mib = 1\nversions = { owner = { burst = 1, every_seconds = 600 } }\n\
                  registrations = { address = { burst = 2, every_seconds = 600 } }\n";
    let world = World::with(limits).await;
    let owner = key(1);
    world.register(&owner).await;
    let large = vec![0; 2 * 1024 * 1024];
    let signed = sign(&owner, publication(&package(ID, "1.0.0", "one", &owner)));
    let request = world.client.put(format!("{}/v1/packages/{ID}/1.0.0", world.url));
    let request = request.header(STATEMENT_HEADER, header(&signed)).header("expect", "100-continue").body(large);
    match request.send().await {
        Ok(response) => assert_eq!(response.status(), 413),
        // The server does not read such a body, so the connection can end before the client has sent it.
        Err(error) => assert!(error.is_request() || error.is_body(), "{error:?}"),
    }
    assert_eq!(world.publish(&package(ID, "1.0.0", "one", &owner), &owner).await.0, 201);
    let next = package(ID, "1.1.0", "two", &owner);
    let response = world.upload(&next, &sign(&owner, publication(&next))).send().await.expect("an answer");
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("a number");
    assert!((1..=600).contains(&wait));
    world.register(&key(2)).await;
    let third = world.post("/v1/publishers", &sign(&key(3), Action::Register { profile: None })).await;
    assert_eq!(code(third), expected(429, "MPP-N204"));
}
