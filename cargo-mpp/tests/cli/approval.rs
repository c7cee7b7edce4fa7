//! Approval without a terminal: which questions are asked, how approval is granted, and what no option can grant.

use mpp_host::keys::{KeyRole, SigningKey};
use serde_json::{Value, json};

use crate::support::{User, answers, sample, signed};

/// Writes `version` of an unknown publisher's package with these capabilities, a harmless tool and a critical one.
fn package(user: &User, key: &SigningKey, version: &str, capabilities: Value) -> String {
    let tool = |name: &str, level: &str| json!({"name": name, "description": "x", "parameters": {"type": "object"}, "security_level": level});
    let patch = json!({
        "version": version, "capabilities": capabilities, "tool_definitions": [tool("pay", "critical"), tool("say", "low")]
    });
    user.write(&format!("v{version}.mpp"), signed(sample(patch), &answers("hello"), key).as_slice())
}

fn stranger() -> SigningKey {
    SigningKey::generate(KeyRole::Publisher).expect("a key")
}

#[test]
fn a_later_version_that_requests_more_asks_only_about_what_is_new() {
    let (user, key) = (User::new(), stranger());
    let first = package(&user, &key, "1.0.0", json!({"filesystem": {"read": ["/data"]}}));
    let second = package(&user, &key, "1.1.0", json!({"filesystem": {"read": ["/data"]}, "env_vars": ["SAY_TOKEN"]}));
    std::fs::create_dir(user.dir().join("data")).expect("made");
    let run = |package: &str, more: &[&str]| {
        user.mpp(&[&["run", package, "--tool", "say", "--dir", "/data=data", "--env", "-"], more].concat())
    };
    user.mpp(&["trust", "approve", &first]).failed(4, "MPP-K201");
    run(&first, &["--yes"]).failed(4, "MPP-K201");
    user.mpp(&["trust", "add", &first]).done();
    assert_eq!(run(&first, &[]).done().stdout, "hello\n");

    let refused = run(&second, &[]).failed(4, "MPP-K206");
    assert!(refused.stderr.contains("new: receives the variable SAY_TOKEN"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("/data"), "only new requests are shown: {}", refused.stderr);
    assert!(refused.stderr.contains("`mpp trust approve v1.1.0.mpp`"), "{}", refused.stderr);
    run(&second, &["--yes"]).done();
    run(&second, &[]).failed(4, "MPP-K206");

    let approved = user.mpp(&["trust", "approve", &second, "--format", "json"]).done().json();
    assert_eq!(approved["new"], json!([{"ability": {"variable": "SAY_TOKEN"}}]));
    run(&second, &[]).done();
    run(&first, &[]).done();

    let shown = user.mpp(&["trust", "show", key.id().as_str()]).done().stdout;
    for words in ["com.example.say", "1.1.0", "receive the variable SAY_TOKEN", "read /data"] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    user.mpp(&["trust", "remove", key.id().as_str()]).done();
    user.mpp(&["trust", "add", &first]).done();
    run(&second, &[]).failed(4, "MPP-K206");
}

#[test]
fn a_dangerous_tool_asks_before_each_call_until_it_is_approved() {
    let (user, key) = (User::new(), stranger());
    let package = package(&user, &key, "1.0.0", json!({}));
    user.mpp(&["trust", "add", &package]).done();
    let run = |tool: &str, more: &[&str]| user.mpp(&[&["run", &package, "--tool", tool], more].concat());
    run("say", &[]).done();
    let refused = run("pay", &[]).failed(4, "MPP-K206");
    assert!(refused.stderr.contains("`mpp trust approve v1.0.0.mpp --tool pay`"), "{}", refused.stderr);
    run("pay", &["--yes"]).done();
    run("pay", &[]).failed(4, "MPP-K206");
    let wrong = user.mpp(&["trust", "approve", &package, "--tool", "pya"]).failed(2, "MPP-R101");
    assert!(wrong.stderr.contains("did you mean `pay`"), "{}", wrong.stderr);
    user.mpp(&["trust", "approve", &package, "--tool", "pay"]).done();
    run("pay", &[]).done();

    // Refusals are recorded as well.
    let outcomes: Vec<Value> = user.mpp(&["audit", "list", "--format", "json"]).done().json()["records"]
        .as_array()
        .expect("records")
        .iter()
        .map(|record| record["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["ok", "approval_required", "ok", "approval_required", "ok"]);
    let document = run("pay", &["--format", "json"]).done().json();
    assert_eq!(document["tool"], "pay");
}

#[test]
fn own_packages_ask_only_if_the_policy_sets_a_level() {
    let user = User::new();
    let package = package(&user, &user.own_key(), "1.0.0", json!({"env_vars": ["SAY_TOKEN"]}));
    let run = |tool: &str, more: &[&str]| user.mpp(&[&["run", &package, "--tool", tool, "--env", "-"], more].concat());
    let ended = run("pay", &[]).done();
    assert!(ended.stderr.contains("receives the variable SAY_TOKEN"), "{}", ended.stderr);

    user.write("home/policy.toml", "ask = \"high\"\n");
    run("say", &[]).done();
    let refused = run("pay", &[]).failed(4, "MPP-K206");
    assert!(refused.stderr.contains("`mpp trust approve v1.0.0.mpp --tool pay`"), "{}", refused.stderr);
    run("pay", &["--yes"]).done();
    user.mpp(&["trust", "approve", &package, "--tool", "pay"]).done();
    run("pay", &[]).done();

    user.write("home/policy.toml", "refuse = \"critical\"\n");
    run("pay", &["--yes"]).failed(4, "MPP-K208");
    user.write("home/policy.toml", "deny_hosts = []\n");
    run("pay", &[]).done();
}

#[test]
fn a_trusted_development_key_is_listed_under_its_own_id() {
    let user = User::new();
    let key = SigningKey::generate(KeyRole::Development).expect("a key");
    user.package(&answers("hello"), &key);
    user.mpp(&["trust", "add", "tool.mpp"]).done();
    let listed = user.mpp(&["trust", "list"]).done().stdout;
    assert!(key.id().as_str().starts_with("dev_") && listed.contains(key.id().as_str()), "{listed}");
    user.mpp(&["trust", "show", key.id().as_str()]).done();
    user.mpp(&["trust", "remove", key.id().as_str()]).done();
}

#[test]
fn the_policy_file_applies_to_every_package() {
    let user = User::new();
    let key = user.own_key();
    let package = package(&user, &key, "1.0.0", json!({"network": ["api.tracker.example"]}));
    user.write("address.mpp", signed(sample(json!({})), &answers("at 93.184.216.34"), &key).as_slice());
    let address = || user.mpp(&["run", "address.mpp", "--arg", "what=x"]);
    assert_eq!(address().done().stdout, "at 93.184.216.34\n");
    user.write("home/policy.toml", "force_patterns = [\"ip_address\"]\n");
    assert_eq!(address().done().stdout, "at [REDACTED:ip_address]\n");

    let run = |tool: &str| user.mpp(&["run", &package, "--tool", tool, "--yes"]);
    run("say").done();
    user.write("home/policy.toml", "deny_hosts = [\"*.tracker.example\"]\n");
    let refused = run("say").failed(4, "MPP-K208");
    assert!(refused.stderr.contains("`deny_hosts` in `policy.toml`"), "{}", refused.stderr);
    let log = user.mpp(&["audit", "list", "--format", "json"]).done().json();
    let last = log["records"].as_array().and_then(|records| records.last()).expect("a record");
    assert_eq!((&last["outcome"], &last["code"]), (&"approval_refused".into(), &"MPP-K208".into()));
    user.write("home/policy.toml", "refuse = \"high\"\n");
    run("say").done();
    run("pay").failed(4, "MPP-K208");

    user.write("home/policy.toml", "deny_host = []\n");
    let damaged = run("say").failed(2, "MPP-C016");
    assert!(damaged.stderr.contains("deny_host") && damaged.stderr.contains("policy.toml"), "{}", damaged.stderr);
    user.write("home/policy.toml", "force_patterns = [\"emial\"]\n");
    let damaged = run("say").failed(2, "MPP-C016");
    assert!(damaged.stderr.contains("did you mean `email`"), "{}", damaged.stderr);
}

#[test]
fn a_damaged_approval_file_approves_nothing() {
    let (user, key) = (User::new(), stranger());
    let package = package(&user, &key, "1.0.0", json!({}));
    user.mpp(&["trust", "add", &package]).done();
    let dir = user.home().join("trust/approved");
    let file = std::fs::read_dir(&dir).expect("there").next().expect("one").expect("readable").path();
    std::fs::write(&file, "{}").expect("written");
    user.mpp(&["run", &package, "--tool", "say"]).failed(2, "MPP-C016");
}
