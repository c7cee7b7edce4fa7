//! State that a package keeps between runs, and `mpp kv`, which manages it.

use mpp_host::keys::{KeyRole, SigningKey};
use serde_json::json;

use crate::support::{User, sample, signed};

/// A module that counts its calls under `calls`, stores two bytes that are not UTF-8 under `\xff`, and answers.
pub(crate) fn counts() -> Vec<u8> {
    let answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"counted\"}]}}\n";
    let data: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "mpp_v1" "kv_increment" (func $increment (param i32 i32 i64) (result i32)))
          (import "mpp_v1" "kv_set" (func $set (param i32 i32 i32 i32 i64) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 32) "calls") (data (i32.const 40) "\ff\00\fe")
          (data (i32.const 64) "{data}")
          (func (export "_start")
            (if (call $increment (i32.const 32) (i32.const 5) (i64.const 1)) (then unreachable))
            (if (call $set (i32.const 40) (i32.const 1) (i32.const 41) (i32.const 2) (i64.const 0)) (then unreachable))
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const {}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        answer.len()
    );
    wat::parse_str(text).expect("wat")
}

fn package(user: &User, name: &str, key: &SigningKey) -> String {
    let package = sample(json!({ "capabilities": { "kv": { "max_bytes": 1000 } } }));
    user.write(name, signed(package, &counts(), key).as_slice())
}

fn run(user: &User, package: &str) {
    assert_eq!(user.mpp(&["run", package, "--arg", "what=x"]).done().stdout, "counted\n");
}

/// The key that signs until there is a publisher key: `mpp build` would create it.
fn development_key(user: &User) -> SigningKey {
    let key = SigningKey::generate(KeyRole::Development).expect("a key");
    user.write("home/keys/development.pub", key.public().to_pem());
    key
}

#[test]
fn keygen_tells_what_stays_with_the_development_key_and_move_takes_it_along() {
    let user = User::new();
    let old = development_key(&user);
    let old_package = package(&user, "tool.dev.mpp", &old);
    run(&user, &old_package);
    run(&user, &old_package);
    let made = user.mpp(&["keygen"]).done();
    let listed = user.mpp(&["key", "list", "--format", "json"]).done().json();
    let new = listed["keys"].as_array().expect("a list").iter().map(|key| key["key_id"].as_str().expect("an id"));
    let new = new.into_iter().find(|id| id.starts_with("pub_")).expect("the new key").to_owned();
    let expected = format!(
        "{} still has 1 package's state, 2 recorded calls of your packages; to move what it has: `mpp key move --from {} --to {new}`",
        old.id(),
        old.id()
    );
    let said = made.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&expected), "{expected} is not in {said}");

    user.mpp(&["sign", &old_package]).done();
    let moved = user.mpp(&["key", "move", "--from", old.id().as_str(), "--to", &new, "--format", "json"]).done().json();
    assert_eq!((&moved["states"], &moved["calls"]), (&json!(["com.example.say"]), &json!(2)));
    // The package counts on where it was, and the recorded calls of both keys are one history.
    run(&user, "tool.mpp");
    assert_eq!(user.mpp(&["kv", "get", "tool.mpp", "calls"]).done().stdout, "3");
    assert_eq!(user.mpp(&["caps", "tool.mpp", "--format", "json"]).done().json()["recorded"]["runs"], 3);
    user.mpp(&["kv", "get", &old_package, "calls"]).failed(2, "MPP-C052");
}

#[test]
fn a_move_loses_nothing_if_there_is_state_under_both_keys() {
    let user = User::new();
    let (old, new) = (development_key(&user), user.own_key());
    let (old_package, new_package) = (package(&user, "old.mpp", &old), package(&user, "new.mpp", &new));
    run(&user, &old_package);
    run(&user, &new_package);
    run(&user, &new_package);
    let ended =
        user.mpp(&["key", "move", "--from", old.id().as_str(), "--to", new.id().as_str()]).failed(2, "MPP-C024");
    assert!(ended.stderr.contains("mpp kv clear com.example.say --publisher pub_"), "{}", ended.stderr);
    let calls = |package: &str| user.mpp(&["kv", "get", package, "calls"]).done().stdout;
    assert_eq!((calls(&old_package), calls(&new_package)), ("1".to_owned(), "2".to_owned()));
}

#[test]
fn nothing_moves_to_or_from_the_key_of_somebody_else() {
    let user = User::new();
    let own = user.own_key();
    let other = SigningKey::generate(KeyRole::Publisher).expect("a key");
    for (from, to) in [(own.id(), other.id()), (other.id(), own.id())] {
        let ended = user.mpp(&["key", "move", "--from", from.as_str(), "--to", to.as_str()]).failed(2, "MPP-C023");
        assert!(ended.stderr.contains(&format!("your keys are `{}`", own.id())), "{}", ended.stderr);
    }
}

#[test]
fn the_state_of_a_package_can_be_shown_exported_and_cleared() {
    let user = User::new();
    let key = user.own_key();
    let tool = package(&user, "tool.mpp", &key);
    assert!(user.mpp(&["kv", "list"]).done().stdout.contains("no package has stored any state"));
    user.mpp(&["kv", "list", "com.example.say"]).failed(2, "MPP-C050");
    run(&user, &tool);
    run(&user, &tool);

    let listed = user.mpp(&["kv", "list"]).done().stdout;
    assert!(listed.contains("com.example.say") && listed.contains(key.id().as_str()), "{listed}");
    let keys = user.mpp(&["kv", "list", "com.example.say"]).done();
    assert_eq!(keys.stdout, "calls  1 B\nff (hex)  2 B\n");
    assert!(keys.stderr.contains("2 entries, 9 B"), "{}", keys.stderr);
    let json = user.mpp(&["kv", "list", &tool, "--prefix", "c", "--format", "json"]).done().json();
    assert_eq!(
        (&json["package_id"], &json["key_id"], &json["keys"]),
        (&json!("com.example.say"), &json!(key.id().as_str()), &json!([{ "key": "calls", "bytes": 1 }]))
    );

    assert_eq!(user.mpp(&["kv", "get", &tool, "calls"]).done().stdout, "2");
    let hex = user.mpp(&["kv", "get", "com.example.say", "ff", "--hex", "--format", "json"]).done().json();
    let found = json!({
        "format": 1, "package_id": "com.example.say", "key_id": key.id().as_str(), "key_hex": "ff", "value_hex": "00fe"
    });
    assert_eq!(hex, found);
    user.mpp(&["kv", "get", "com.example.say", "call"]).failed(2, "MPP-C052");
    user.mpp(&["kv", "get", "com.example.say", "f", "--hex"]).failed(2, "MPP-C001");

    let entries = json!([{ "key": "calls", "value": "2" }, { "key_hex": "ff", "value_hex": "00fe" }]);
    assert_eq!(user.mpp(&["kv", "export", &tool]).done().json()["entries"], entries);
    user.mpp(&["kv", "export", "com.example.say", "-o", "saved.json"]).done();
    let saved = std::fs::read(user.dir().join("saved.json")).expect("a file");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&saved).expect("JSON")["entries"], entries);

    let unasked = user.mpp(&["kv", "clear", "com.example.say"]).failed(2, "MPP-C015");
    assert!(
        unasked.stderr.contains("2 entries of com.example.say") && unasked.stderr.contains("`--yes`"),
        "{}",
        unasked.stderr
    );
    assert_eq!(user.mpp(&["kv", "get", &tool, "calls"]).done().stdout, "2");
    assert_eq!(user.mpp(&["kv", "clear", &tool, "--yes"]).done().stdout, "removed 2 entries of com.example.say\n");
    run(&user, &tool);
    assert_eq!(user.mpp(&["kv", "get", &tool, "calls"]).done().stdout, "1");
    let misspelled = user.mpp(&["kv", "list", "com.example.sai"]).failed(2, "MPP-C050");
    assert!(misspelled.stderr.contains("did you mean `com.example.say`?"), "{}", misspelled.stderr);
    user.mpp(&["kv", "list", "none.mpp"]).failed(2, "MPP-C002");
}

#[test]
fn an_id_that_two_publishers_use_is_ambiguous() {
    let user = User::new();
    let ours = package(&user, "ours.mpp", &user.own_key());
    let their_key = SigningKey::generate(KeyRole::Publisher).expect("a key");
    let theirs = package(&user, "theirs.mpp", &their_key);
    user.mpp(&["trust", "add", &theirs]).done();
    run(&user, &ours);
    run(&user, &theirs);
    run(&user, &theirs);
    let ended = user.mpp(&["kv", "get", "com.example.say", "calls"]).failed(2, "MPP-C051");
    assert!(ended.stderr.contains(&format!("`--publisher {}`", their_key.id())), "{}", ended.stderr);
    assert_eq!(user.mpp(&["kv", "get", &ours, "calls"]).done().stdout, "1");
    let chosen = ["kv", "get", "com.example.say", "calls", "--publisher", their_key.id().as_str()].map(str::to_owned);
    assert_eq!(user.mpp(&chosen.each_ref().map(String::as_str)).done().stdout, "2");
}

#[test]
fn a_damaged_state_is_reported_and_removed_only_on_request() {
    let user = User::new();
    let tool = package(&user, "tool.mpp", &user.own_key());
    run(&user, &tool);
    let json = user.mpp(&["kv", "list", "--format", "json"]).done().json();
    let file = user.dir().join(json["states"][0]["path"].as_str().expect("a path"));
    std::fs::write(&file, "no database").expect("written");
    let call = user.mpp(&["run", &tool, "--arg", "what=x"]).failed(1, "MPP-R112");
    assert!(!call.stderr.contains(".sqlite3"), "{}", call.stderr);
    let listed = user.mpp(&["kv", "list", &tool]).failed(1, "MPP-R112");
    assert!(listed.stderr.contains(".sqlite3") && listed.stderr.contains("`mpp kv clear PKG`"), "{}", listed.stderr);
    assert_eq!(std::fs::read(&file).expect("still there"), b"no database");
    user.mpp(&["kv", "clear", &tool]).failed(2, "MPP-C015");
    assert_eq!(
        user.mpp(&["kv", "clear", &tool, "--yes"]).done().stdout,
        "removed the damaged state of com.example.say\n"
    );
    run(&user, &tool);
    assert_eq!(user.mpp(&["kv", "get", &tool, "calls"]).done().stdout, "1");
}
