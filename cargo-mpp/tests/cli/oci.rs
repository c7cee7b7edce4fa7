//! OCI registries, as far as no server is needed. `.ci/foreign.d/50-oci` publishes to a real one and installs from it.

use std::fs;

use serde_json::json;

use crate::support::{User, answers, sample};

/// Nobody listens there.
const PLACE: &str = "oci://127.0.0.1:1/team/tools";

/// A user who knows the registry.
fn user() -> User {
    let user = User::new();
    user.mpp(&["registry", "add", PLACE, "--name", "team"]).done();
    user
}

#[test]
fn an_oci_registry_is_added_without_a_key() {
    let user = User::new();
    let add = ["registry", "add", PLACE, "--name", "team", "--prefix", "com.example", "--format", "json"];
    let added = user.mpp(&add).done().json();
    assert_eq!((&added["url"], &added["is_default"]), (&json!(PLACE), &json!(true)), "{added}");
    assert!(added.get("root_key").is_none() && added.get("log_size").is_none(), "{added}");
    let written = fs::read_to_string(user.home().join("config.toml")).unwrap();
    assert!(written.contains(&format!("oci = \"{PLACE}\"")) && !written.contains("root_key"), "{written}");
    user.mpp(&["registry", "add", PLACE, "--name", "other", "--key", "x"]).failed(2, "MPP-C040");
    user.mpp(&["registry", "add", PLACE, "--name", "other", "--mirror", PLACE]).failed(2, "MPP-C040");
    user.mpp(&["registry", "add", PLACE, "--name", "team"]).failed(2, "MPP-N037");
    for bad in ["oci://127.0.0.1:1", "oci://ada:secret@127.0.0.1/x", "oci://127.0.0.1/Upper"] {
        user.mpp(&["registry", "add", bad, "--name", "other"]).failed(2, "MPP-N401");
    }
}

#[test]
fn what_needs_a_log_is_refused() {
    let user = user();
    user.mpp(&["keygen"]).done();
    for command in [
        &["register"][..],
        &["yank", "com.example.say@1.0.0"],
        &["owner", "add", "com.example.say", "home/keys/publisher.pub"],
        &["search", "--verified", "say"],
        &["search", "--capability", "network"],
    ] {
        let refused = user.mpp(command).failed(2, "MPP-C040");
        assert!(refused.stderr.contains("`team` is an OCI registry"), "{}", refused.stderr);
    }
}

#[test]
fn a_registry_that_does_not_answer_is_named() {
    let user = user();
    let key = user.own_key();
    user.write("say.mpp", sample(json!({})).module(answers("hello")).signed_by(key).sign().as_slice());
    for command in [&["install", "com.example.say"][..], &["search", "say"], &["publish", "say.mpp"]] {
        let failed = user.mpp(command).failed(7, "MPP-N411");
        assert!(failed.stderr.contains("`127.0.0.1:1`"), "{}", failed.stderr);
    }
}

#[test]
fn credentials_of_an_unknown_kind_are_refused_without_being_shown() {
    let user = user();
    let path = user.home().join("config.toml");
    let entry = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{entry}authorization = {{ file = \"token\" }}\n")).unwrap();
    fs::write(user.home().join("token"), "Digest s3cret").unwrap();
    let refused = user.mpp(&["install", "com.example.say"]).failed(2, "MPP-N042");
    assert!(!refused.stderr.contains("s3cret"), "{}", refused.stderr);
}
