//! Arguments of a call: the four ways to pass them, and the errors for invalid ones.

use crate::support::{User, answers};

fn user() -> User {
    let user = User::new();
    user.package(&answers("ok"), &user.own_key());
    user
}

#[test]
fn arguments_come_from_json_a_file_stdin_or_pairs() {
    let user = user();
    user.write("call.json", "{\"what\": \"x\", \"times\": 2}");
    for arguments in [
        &["--args", "{\"what\":\"x\"}"][..],
        &["--args", "@call.json"],
        &["--arg", "what=007", "--arg", "times=3"],
        &["--args", "@call.json", "--arg", "what=y"],
        &["what=007", "times=3"],
        &["what=007", "--arg", "times=3"],
    ] {
        user.mpp(&[&["run", "tool.mpp"], arguments].concat()).done();
    }
    use std::io::Write as _;
    let mut command = user.command(&["run", "tool.mpp", "--args", "-"]);
    let mut child =
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().expect("starts");
    child.stdin.take().expect("piped").write_all(b"{\"what\":\"x\"}").expect("written");
    assert!(child.wait().expect("ends").success());
}

#[test]
fn help_for_a_package_describes_its_tools() {
    let user = user();
    for asking in [&["run", "tool.mpp", "--help"][..], &["run", "tool.mpp", "--tool", "say", "-h"]] {
        let said = user.mpp(asking).done().stdout;
        for expected in ["say", "    what  string", "    times  integer", "call it with\n  mpp run tool.mpp what=…"] {
            assert!(said.contains(expected), "{asking:?}: {expected} is not in\n{said}");
        }
    }
    user.mpp(&["run", "tool.mpp", "--tool", "sya", "--help"]).failed(2, "MPP-R101");
    assert!(user.mpp(&["run", "--help"]).done().stdout.contains("Usage: mpp run"));
}

#[test]
fn invalid_arguments_are_reported_before_the_tool_runs() {
    let user = user();
    let table: [(&[&str], &str, &str); 11] = [
        (&["--args", "{what:x}"], "MPP-C005", "--arg key=value"),
        (&["--args", ""], "MPP-C005", "not JSON"),
        (&["--args", "[\"x\"]"], "MPP-C006", "a list"),
        (&["--args", "\"x\""], "MPP-C006", "a string"),
        (&["--args", "@missing.json"], "MPP-C002", "missing.json"),
        (&["--arg", "what"], "MPP-C007", "has no `=`"),
        (&["--arg", "what=x", "--arg", "times=often"], "MPP-C007", "a whole number"),
        (&["--arg", "what=x", "--arg", "what=y"], "MPP-C007", "twice"),
        (&[], "MPP-R102", "what"),
        (&["--args", "{\"what\":1}"], "MPP-R102", "/what"),
        (&["--arg", "what=x", "--arg", "tims=2"], "MPP-R102", "times"),
    ];
    for (arguments, code, says) in table {
        let ended = user.mpp(&[&["run", "tool.mpp"], arguments].concat()).failed(2, code);
        assert!(ended.stderr.contains(says), "{arguments:?}: {says} is not in {}", ended.stderr);
    }
}

#[test]
fn several_mistakes_have_a_line_each_followed_by_what_the_tool_takes() {
    let user = user();
    let ended = user.mpp(&["run", "tool.mpp", "--args", r#"{"waht":"x","times":"often"}"#]).failed(2, "MPP-R102");
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let has = |line: &str| assert!(lines.contains(&line), "`{line}` is not in {}", ended.stderr);
    has("error[MPP-R102]: the arguments do not fit `say`: 3 mistakes");
    has("note: `say` takes");
    for mistake in ["`/waht`: there is no such key; did you mean `what`?", "`/what`: is missing", "`/times`: expected"]
    {
        let starts = |line: &&str| line.trim_start_matches("note: ").trim_start().starts_with(mistake);
        assert!(lines.iter().any(starts), "{mistake} is not in {}", ended.stderr);
    }
    let one = user.mpp(&["run", "tool.mpp", "--args", r#"{"what":1}"#]).failed(2, "MPP-R102").stderr;
    assert!(one.contains("error[MPP-R102]: the arguments do not fit `say`: `/what`: expected a string"), "{one}");
    assert!(one.contains("note: `say` takes\n") && one.contains("\n        what  string\n"), "{one}");
}
