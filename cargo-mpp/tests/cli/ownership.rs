//! Who may publish what: publishers and ids that an operator approves, packages that change hands, and domains that name keys.

use std::fs;
use std::net::{SocketAddr, UdpSocket};

use serde_json::json;

use crate::registries::package;
use crate::registry::Running;
use crate::support::User;

const KEY: &str = "home/keys/publisher.key";

/// A user with a key pair, whose public key is also in `NAME.pub`.
fn user(name: &str) -> User {
    let user = User::new();
    user.mpp(&["keygen"]).done();
    fs::copy(user.home().join("keys/publisher.pub"), user.dir().join(format!("{name}.pub"))).expect("copied");
    user
}

fn public_key(user: &User) -> String {
    let pem = fs::read_to_string(user.home().join("keys/publisher.pub")).expect("a key");
    mpp_host::PublicKey::from_pem(&pem).expect("a key").to_base64()
}

/// Starts a registry of this operator, and adds it for all.
fn registry(operator: &User, policy: &str, users: &[&User]) -> Running {
    operator.write("registry/policy.toml", format!("operators = [\"{}\"]\n{policy}", public_key(operator)));
    let running = Running::start(operator, &[]);
    for user in [&[operator], users].concat() {
        user.mpp(&["registry", "add", &running.text("url"), "--key", &running.text("root_key")]).done();
    }
    running
}

#[test]
fn an_operator_approves_publishers_and_ids_that_resemble_others() {
    let (operator, ada, eve) = (user("operator"), user("ada"), user("eve"));
    let _running = registry(&operator, "registration = \"approved\"\n", &[&ada, &eve]);
    fs::copy(ada.dir().join("ada.pub"), operator.dir().join("ada.pub")).expect("copied");
    let approve = |by: &User, publisher: &str| by.mpp(&["registry", "approve", "--publisher", publisher]);
    approve(&operator, "ada.pub").failed(2, "MPP-N318");
    for user in [&ada, &eve] {
        user.mpp(&["register"]).done();
    }
    let name = package(&ada, KEY, "1.0.0", json!({}));
    ada.mpp(&["publish", &name]).failed(4, "MPP-N306");
    approve(&eve, &public_key(&eve)).failed(4, "MPP-N314");
    let approved = approve(&operator, "ada.pub").done();
    assert!(approved.stdout.starts_with("approved the publisher pub_"), "{}", approved.stdout);
    approve(&operator, "ada.pub").failed(2, "MPP-N322");
    ada.mpp(&["publish", &name]).done();

    approve(&operator, &public_key(&eve)).done();
    let alike = package(&eve, KEY, "1.0.0", json!({ "package_id": "com.example.sai" }));
    eve.mpp(&["publish", &alike]).failed(4, "MPP-N309");
    let approved = operator.mpp(&["registry", "approve", "--package-id", "com.example.sai"]).done();
    assert!(approved.stdout.starts_with("approved the package id com.example.sai\n"), "{}", approved.stdout);
    eve.mpp(&["publish", &alike]).done();

    // Exactly one of the two is approved at a time.
    operator.mpp(&["registry", "approve"]).failed(2, "MPP-C001");
    let both = ["registry", "approve", "--publisher", "ada.pub", "--package-id", "com.example.sai"];
    operator.mpp(&both).failed(2, "MPP-C001");
    approve(&operator, "nobody.pub").failed(2, "MPP-K003");
}

#[test]
fn an_operator_gives_a_package_to_another_key() {
    let (operator, ada, bob) = (user("operator"), user("ada"), user("bob"));
    let _running = registry(&operator, "", &[&ada, &bob]);
    for user in [&ada, &bob] {
        user.mpp(&["register"]).done();
    }
    ada.mpp(&["publish", &package(&ada, KEY, "1.0.0", json!({}))]).done();
    let second = package(&bob, KEY, "1.1.0", json!({}));
    bob.mpp(&["publish", &second]).failed(4, "MPP-N307");
    let key = public_key(&bob);
    let transfer = |by: &User, id: &str| by.mpp(&["registry", "transfer", id, &key]);
    transfer(&bob, "com.example.say").failed(4, "MPP-N314");
    transfer(&operator, "com.example.none").failed(2, "MPP-N316");
    let transferred = transfer(&operator, "com.example.say").done();
    assert!(transferred.stdout.starts_with("transferred com.example.say to pub_"), "{}", transferred.stdout);
    bob.mpp(&["publish", &second]).done();
    ada.mpp(&["publish", &package(&ada, KEY, "1.2.0", json!({}))]).failed(4, "MPP-N307");
}

#[test]
fn a_publisher_claims_a_domain_that_names_the_key() {
    let (operator, ada, eve) = (user("operator"), user("ada"), user("eve"));
    // The record is published after the server has started.
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("bound");
    let policy = format!("ids = \"domain-proof\"\n[domains]\nname_servers = [\"{address}\"]\n");
    let _running = registry(&operator, &policy, &[&ada, &eve]);
    for user in [&ada, &eve] {
        user.mpp(&["register"]).done();
    }
    let name = package(&ada, KEY, "1.0.0", json!({}));
    let refused = ada.mpp(&["publish", &name]).failed(4, "MPP-N310");
    assert!(refused.stderr.contains("mpp key claim"), "{}", refused.stderr);

    let shown = ada.mpp(&["key", "claim", "example.com", "--show", "--format", "json"]).done().json();
    let record = shown["txt_record"].as_str().expect("a record").to_owned();
    assert_eq!(record, format!("mpp-key={}", public_key(&ada)));
    assert_eq!(shown["document_url"], "https://example.com/.well-known/mpp-keys.json");
    assert_eq!(shown["document"], format!("{{\"keys\":[\"{}\"]}}", public_key(&ada)));

    answer(socket, record.clone());
    let refused = eve.mpp(&["key", "claim", "example.com"]).failed(7, "MPP-N311");
    let wanted = format!("add the TXT record `mpp-key={}` to `example.com`", public_key(&eve));
    assert!(refused.stderr.contains(&wanted), "{}", refused.stderr);
    ada.mpp(&["key", "claim", "com"]).failed(2, "MPP-N312");
    let claimed = ada.mpp(&["key", "claim", "example.com"]).done();
    assert!(claimed.stdout.starts_with("claimed example.com for pub_"), "{}", claimed.stdout);
    ada.mpp(&["publish", &name]).done();
    let stolen = package(&eve, KEY, "1.0.0", json!({ "package_id": "com.example.other" }));
    eve.mpp(&["publish", &stolen]).failed(4, "MPP-N310");
}

/// Answers questions about `example.com` with one TXT record (RFC 1035), and says that there is nothing else.
fn answer(socket: UdpSocket, record: String) {
    std::thread::spawn(move || {
        let mut query = [0; 1500];
        while let Ok((length, peer)) = socket.recv_from(&mut query) {
            let _ = socket.send_to(&response(&query[..length], &record), peer as SocketAddr);
        }
    });
}

fn response(query: &[u8], record: &str) -> Vec<u8> {
    let name = query[12..].iter().position(|byte| *byte == 0).expect("the end of a name") + 13;
    let question = &query[12..name + 4];
    let is_known = query[12..name].eq_ignore_ascii_case(b"\x07example\x03com\0") && query[name + 1] == 16;
    let mut out = vec![query[0], query[1], 0x84, 0, 0, 1, 0, u8::from(is_known), 0, 0, 0, 0];
    out.extend(question);
    if is_known {
        let length = u8::try_from(record.len()).expect("a short record");
        out.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
        out.extend(record.as_bytes());
    }
    out
}
