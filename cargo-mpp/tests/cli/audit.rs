//! The audit log, as the commands show it.

use std::process::Command;

use crate::support::{Ended, User, answers, module};

fn call(user: &User) -> Ended {
    user.mpp(&["run", "tool.mpp", "--arg", "what=x"])
}

#[test]
fn calls_are_listed_shown_and_verified() {
    let user = User::new();
    let key = user.own_key();
    assert_eq!(user.mpp(&["audit", "list"]).done().stdout, "no recorded calls\n");
    user.mpp(&["audit", "verify"]).done();
    user.package(&answers("write to ada@example.com"), &key);
    call(&user).done();
    call(&user).done();
    user.package(&module("", "unreachable"), &key);
    assert_eq!(call(&user).code, Some(1));

    let listed = user.mpp(&["audit", "list"]).done().stdout;
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(listed.lines().nth(3).is_some_and(|line| line.contains("tool_crashed")), "{listed}");
    let json = user.mpp(&["audit", "list", "--format", "json", "--outcome", "ok"]).done().json();
    assert_eq!(json["records"].as_array().map(Vec::len), Some(2));
    let last = user.mpp(&["audit", "list", "--last", "1", "--format", "json"]).done().json();
    assert_eq!((&last["records"][0]["number"], &last["earlier"]), (&3.into(), &2.into()));
    let none = user.mpp(&["audit", "list", "--package", "com.example.other"]).done();
    assert_eq!(none.stdout, "no recorded calls\n");
    assert_eq!(user.mpp(&["audit", "list", "--since", "1h"]).done().stdout, listed);
    assert_eq!(user.mpp(&["audit", "list", "--since", "2999-01-01"]).done().stdout, "no recorded calls\n");

    let id = json["records"][0]["call_id"].as_str().expect("an id");
    let shown = user.mpp(&["audit", "show", id]).done().stdout;
    assert!(shown.contains("record 1") && shown.contains("1 × email") && shown.contains(key.id().as_str()), "{shown}");
    assert!(!shown.contains("ada@"), "{shown}");
    assert_eq!(user.mpp(&["audit", "show", "1"]).done().stdout, shown);
    user.mpp(&["audit", "show", "99"]).failed(2, "MPP-C032");
    user.mpp(&["audit", "list", "--since", "yesterday"]).failed(2, "MPP-C001");
    let wrong = user.mpp(&["audit", "list", "--outcome", "timeuot"]).failed(2, "MPP-C001");
    assert!(wrong.stderr.contains("did you mean `timeout`"), "{}", wrong.stderr);

    let verified = user.mpp(&["audit", "verify", "--format", "json"]).done().json();
    assert_eq!((&verified["whole"], &verified["records"]), (&true.into(), &3.into()));
}

#[test]
fn a_modified_log_is_reported_and_not_continued() {
    let user = User::new();
    user.package(&answers("hello"), &user.own_key());
    (0..3).for_each(|_| drop(call(&user).done()));
    let path = user.home().join("audit/log.jsonl");
    let text = std::fs::read_to_string(&path).expect("the log");
    std::fs::write(&path, text.replacen("\"ok\"", "\"no\"", 1)).expect("written");
    let ended = user.mpp(&["audit", "verify"]).failed(3, "MPP-C031");
    assert!(ended.stderr.contains("line 1: record 1 was changed"), "{}", ended.stderr);
    let listed = user.mpp(&["audit", "list"]).done().stdout;
    assert_eq!(listed.lines().filter(|line| line.ends_with("changed")).count(), 1, "{listed}");

    let last = text.trim_end().rfind('\n').expect("several lines");
    std::fs::write(&path, &text[..=last]).expect("written");
    let ended = user.mpp(&["audit", "verify", "--format", "json"]);
    assert_eq!(ended.code, Some(3));
    assert_eq!(ended.json()["findings"], serde_json::json!([{"finding": "cut_off", "from": 3, "to": 3}]));
    let refused = call(&user).failed(4, "MPP-R502");
    assert!(
        refused.stderr.contains("nothing was run") && refused.stderr.contains("mpp audit verify"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.stdout, "");
    // Moving the old log away starts a new one.
    std::fs::rename(user.home().join("audit"), user.home().join("audit-old")).expect("moved");
    call(&user).done();
}

#[test]
fn a_torn_last_line_is_reported_and_the_next_call_succeeds() {
    use std::io::Write as _;
    let user = User::new();
    user.package(&answers("hello"), &user.own_key());
    call(&user).done();
    let path = user.home().join("audit/log.jsonl");
    let mut log = std::fs::OpenOptions::new().append(true).open(path).expect("the log");
    log.write_all(b"{\"n\":2,\"prev\":\"00").expect("written");
    let ended = user.mpp(&["audit", "verify"]).done();
    assert!(ended.stdout.contains("torn: line 2 has the first 17 bytes"), "{}", ended.stdout);
    call(&user).done();
    let ended = user.mpp(&["audit", "verify"]).done();
    assert!(ended.stdout.contains("2 records") && ended.stdout.contains("before record 2"), "{}", ended.stdout);
}

#[test]
fn a_call_that_cannot_be_logged_returns_nothing_and_writes_no_partial_line() {
    let user = User::new();
    user.package(&answers("hello"), &user.own_key());
    call(&user).done();
    // A limit on the size of files has the same effect as a full disk: the log reaches it.
    let path = user.home().join("audit/log.jsonl");
    let length = std::fs::metadata(&path).expect("the log").len();
    let blocks = length.div_ceil(512);
    let limited = Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_mpp")])
        .args(["run", "tool.mpp", "--arg", "what=x"])
        .current_dir(user.dir())
        .env("MPP_HOME", user.home())
        .output();
    let ended = Ended::of(limited.expect("starts")).failed(4, "MPP-R501");
    assert!(ended.stderr.contains("its answer is withheld") && !ended.stderr.contains("hello"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    let verified = user.mpp(&["audit", "verify", "--format", "json"]).done().json();
    assert_eq!((&verified["records"], &verified["torn"]), (&1.into(), &serde_json::json!([])));
    call(&user).done();
}
