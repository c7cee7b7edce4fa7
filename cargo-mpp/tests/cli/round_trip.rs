//! The path of a real tool from its source to a redacted answer, with the commands that its author would use.

use crate::support::{Ended, User};

fn example(name: &str) -> String {
    format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn from_source_to_a_signed_package_that_runs() {
    let user = User::new();
    let project = example("text-tools");
    let built = user.mpp(&["build", &project, "-o", "out", "--format", "json"]).done().json();
    let built = &built["packages"][0];
    let path = built["path"].as_str().expect("a path");
    assert!(path.starts_with("out/") && path.ends_with(".dev.mpp"), "{path}");
    assert!(built["key_id"].as_str().is_some_and(|id| id.starts_with("dev_")), "{built}");
    assert_eq!(built["capabilities"]["network"], serde_json::json!([]), "it has no permissions: {built}");

    let key = user.mpp(&["keygen", "--format", "json"]).done().json();
    let signed = user.mpp(&["sign", path, "--format", "json"]).done().json();
    let signed_path = signed["path"].as_str().expect("a path");
    assert!(!signed_path.contains(".dev."), "{signed_path}");
    let verified = user.mpp(&["verify", signed_path, "--require-trust", "--format", "json"]).done().json();
    assert_eq!((&verified["trust"], &verified["package"]["key_id"]), (&"own".into(), &key["key_id"]));
    let steps = verified["steps"].as_array().expect("steps");
    assert!(steps.len() == 7 && steps.iter().all(|step| step["result"] == "passed"), "{steps:#?}");

    let answer = user.mpp(&["run", signed_path, "--tool", "word_count", "--arg", "text=one two two"]).done();
    assert!(answer.stdout.contains("\"words\": 3"), "{answer:#?}");

    // Another user does not know the publisher.
    let other = User::new();
    std::fs::copy(user.dir().join(signed_path), other.dir().join("tool.mpp")).expect("copied");
    other.mpp(&["run", "tool.mpp", "--tool", "word_count", "--arg", "text=x"]).failed(4, "MPP-K201");
}

#[test]
fn a_project_runs_with_its_own_mappings() {
    let _turn = crate::support::one_workspace_at_a_time();
    let user = User::new();
    let project = example("contacts");
    let run = ["run", &project, "--tool", "find", "--args", "{\"query\":\"ada\"}"];
    let ended = user.mpp(&run).done();
    assert!(ended.stdout.contains("Ada Lovelace") && ended.stdout.contains("[REDACTED:email]"), "{ended:#?}");
    assert!(!ended.stdout.contains('@'), "{}", ended.stdout);
    // The second run compiles nothing.
    let again = Ended::run(&mut user.command(&run)).done();
    assert_eq!(again.stdout, ended.stdout);
    assert!(!again.stderr.contains("Compiling"), "{}", again.stderr);
}

#[test]
fn build_without_a_project_explains_how_to_create_one() {
    let user = User::new();
    let ended = user.mpp(&["build"]).failed(6, "MPP-B001");
    assert!(ended.stderr.contains("mpp new"), "{}", ended.stderr);
    user.mpp(&["new", "Not A Name"]).failed(2, "MPP-B050");
    user.write("taken/file", "");
    user.mpp(&["new", "taken"]).failed(2, "MPP-B051");
    user.mpp(&["new", "fresh", "--template", "tol"]).failed(2, "MPP-B052");
    assert!(!user.dir().join("fresh").exists());
}
