//! Trust: own, trusted and unknown publishers. Only the user decides whom to trust.

use mpp_host::keys::{KeyRole, SigningKey};

use crate::support::{User, answers};

#[test]
fn an_unknown_publisher_is_refused_with_the_command_that_trusts_it() {
    let user = User::new();
    let key = SigningKey::generate(KeyRole::Publisher).expect("a key");
    user.package(&answers("hello"), &key);
    let run = ["run", "tool.mpp", "--arg", "what=x"];
    let ended = user.mpp(&run).failed(4, "MPP-K201");
    assert!(ended.stderr.contains("`mpp trust add tool.mpp`"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    user.mpp(&["verify", "tool.mpp"]).done();
    user.mpp(&["verify", "tool.mpp", "--require-trust"]).failed(4, "MPP-K201");

    let added = user.mpp(&["trust", "add", "tool.mpp", "--format", "json"]).done().json();
    assert_eq!((&added["action"], &added["publisher"]["prefixes"][0]), (&"added".into(), &"com.example.say".into()));
    assert_eq!(user.mpp(&run).done().stdout, "hello\n");
    user.mpp(&["verify", "tool.mpp", "--require-trust"]).done();
    let listed = user.mpp(&["trust", "list"]).done().stdout;
    assert!(listed.contains(key.id().as_str()) && listed.contains("com.example.say"), "{listed}");
    user.mpp(&["trust", "show", key.id().as_str()]).done();

    user.mpp(&["trust", "remove", key.id().as_str()]).done();
    user.mpp(&run).failed(4, "MPP-K201");
    user.mpp(&["trust", "show", key.id().as_str()]).failed(2, "MPP-C022");
}

#[test]
fn trusting_a_bare_key_needs_a_name_and_package_ids() {
    let user = User::new();
    let key = SigningKey::generate(KeyRole::Publisher).expect("a key");
    user.package(&answers("hello"), &key);
    user.write("theirs.pub", key.public().to_pem());
    user.mpp(&["trust", "add", "theirs.pub"]).failed(2, "MPP-C001");
    user.mpp(&["trust", "add", "theirs.pub", "--name", "They"]).failed(2, "MPP-C001");
    user.mpp(&["trust", "add", "theirs.pub", "--name", "They", "--prefix", "com.other"]).done();
    user.mpp(&["run", "tool.mpp", "--arg", "what=x"]).failed(4, "MPP-K201");
    user.mpp(&["trust", "add", "theirs.pub", "--name", "They", "--prefix", "com.example"]).done();
    user.mpp(&["run", "tool.mpp", "--arg", "what=x"]).done();
}

#[test]
fn verify_can_require_a_publisher_key() {
    let user = User::new();
    let key = SigningKey::generate(KeyRole::Publisher).expect("a key");
    let other = SigningKey::generate(KeyRole::Publisher).expect("a key");
    user.package(&answers("hello"), &key);
    user.write("right.pub", key.public().to_pem());
    user.write("wrong.pub", other.public().to_pem());
    user.mpp(&["verify", "tool.mpp", "--publisher-key", "right.pub", "--require-trust"]).done();
    user.mpp(&["verify", "tool.mpp", "--publisher-key", "wrong.pub"]).failed(3, "MPP-C020");
    user.write("weak.pub", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n");
    user.mpp(&["verify", "tool.mpp", "--publisher-key", "weak.pub"]).failed(2, "MPP-K008");
}

#[test]
fn a_damaged_trust_file_trusts_nobody() {
    let user = User::new();
    user.package(&answers("hello"), &user.own_key());
    user.write("home/trust/pub_0000000000000000.json", "{\"key\": \"x\"}");
    let ended = user.mpp(&["run", "tool.mpp", "--arg", "what=x"]).failed(2, "MPP-C016");
    assert!(ended.stderr.contains("pub_0000000000000000.json"), "{}", ended.stderr);
}
