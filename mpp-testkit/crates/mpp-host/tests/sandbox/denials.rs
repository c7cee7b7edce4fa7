//! Paths and variables that the manifest does not declare: what the tool is told, and what its caller is told.

use mpp_host::codes::{PathAccess, Remedy};
use mpp_host::host::FilteredOutput;
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, SamplePackage, content, failure, host, module, sample};

const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;
const CREATE: i32 = 1;

/// A tool that opens `path` below descriptor `fd`, and answers with the error's number, or passes the denial on as the SDK does.
fn opens(fd: i32, path: &str, flags: i32, rights: i64, passes_on: bool) -> SamplePackage {
    let denied =
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"no","data":{"kind":"capability_denied"}}}"#;
    let escaped: String = denied.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let more = format!("(data (i32.const 4096) \"{path}\") (data (i32.const 6000) \"{escaped}\")");
    let end = match passes_on {
        true => format!("(call $out (i32.const 6000) (i32.const {}))", denied.len()),
        false => "(call $answer_number (local.get $error))".to_owned(),
    };
    let body = format!(
        "(local $error i32)
         (local.set $error (call $path_open (i32.const {fd}) (i32.const 1) (i32.const 4096) (i32.const {})
           (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 5000)))
         {end}",
        path.len()
    );
    sample(module(&more, &body))
}

/// A tool that says it was denied, and names what.
fn claims(member: &str, name: &str) -> SamplePackage {
    let data = json!({ "kind": "capability_denied", member: name });
    let error = json!({ "code": -31001, "message": "in the tool's own words", "data": data });
    sample(crate::fixture::writes(json!({ "jsonrpc": "2.0", "id": 1, "error": error }).to_string().as_bytes()))
}

/// The message and the remedy of a denial.
fn denied(output: &FilteredOutput) -> (String, Option<Remedy>) {
    let (kind, error) = failure(output);
    assert_eq!((kind, output.code().map(|code| code.id)), (ErrorKind::CapabilityDenied, Some("MPP-R104")), "{error}");
    (error.message.clone(), Remedy::of(error))
}

fn declares(guest: &str, line: &str) -> Option<Remedy> {
    Some(Remedy::DeclarePath { guest: guest.to_owned(), line: line.to_owned() })
}

#[test]
fn an_undeclared_path_is_a_denial_that_tells_reading_from_writing() {
    let read = ("which the tool tried to read", r#"filesystem = { read = ["/etc/passwd"] }"#);
    let write = ("which the tool tried to write to", r#"filesystem = { write = ["/etc/passwd"] }"#);
    for (flags, rights, access, (words, line)) in [
        (0, READ, PathAccess::Read, read),
        (0, WRITE, PathAccess::Write, write),
        (CREATE, READ, PathAccess::Write, write),
    ] {
        let told = opens(3, "etc/passwd", flags, rights, false).call();
        assert_eq!(content(&told), "076", "the tool learns that it may not");
        let report = &told.report().accesses;
        assert_eq!(report.refused_paths.get("/etc/passwd"), Some(&access), "a tool that copes has succeeded");

        let output = opens(3, "etc/passwd", flags, rights, true).call();
        let (message, remedy) = denied(&output);
        assert!(message.contains("`/etc/passwd`") && message.contains(words), "{message}");
        assert_eq!(remedy, declares("/etc/passwd", line));
    }
}

#[test]
fn beside_declared_directories_and_files_the_same_holds() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("there"), "x").unwrap();
    let files = json!({ "filesystem": { "read": ["/in", "/conf/a.toml"] } });
    // The directory is descriptor 3, the copy of the file is in 4, and the root is 5.
    let call = |fd, path, flags, rights| {
        let package = opens(fd, path, flags, rights, true).set("/capabilities", files.clone());
        package
            .granted(&host(), |grant| grant.dir("/in", dir.path()).dir("/conf/a.toml", dir.path().join("there")))
            .call("run", "{}")
    };
    let undeclared = |output: &FilteredOutput, path: &str, line: &str| {
        let (message, remedy) = denied(output);
        assert!(message.contains(&format!("does not declare the path `{path}`")), "{message}");
        assert_eq!(remedy, declares(path, line));
    };
    let line = r#"filesystem = { read = ["/in", "/conf/a.toml", "/etc/passwd"] }"#;
    undeclared(&call(5, "etc/passwd", 0, READ), "/etc/passwd", line);
    let line = r#"filesystem = { read = ["/in", "/conf/a.toml"], write = ["/srv/x"] }"#;
    undeclared(&call(5, "srv/x", CREATE, WRITE), "/srv/x", line);
    let line = r#"filesystem = { read = ["/in", "/conf/a.toml", "/conf/b.toml"] }"#;
    undeclared(&call(4, "b.toml", 0, READ), "/conf/b.toml", line);

    for (fd, path, whole, declared, other) in
        [(3, "there", "/in/there", "/in", "/conf/a.toml"), (4, "a.toml", "/conf/a.toml", "/conf/a.toml", "/in")]
    {
        let (message, remedy) = denied(&call(fd, path, 0, WRITE));
        assert!(
            message.contains(&format!("declares `{declared}` for reading only")) && message.contains(whole),
            "{message}"
        );
        let line = format!(r#"filesystem = {{ read = ["{other}"], write = ["{declared}"] }}"#);
        assert_eq!(remedy, declares(declared, &line));
    }
    // A file that is missing in a declared directory is no denial, so the tool must not say that it is one.
    let (kind, _) = failure(&call(3, "missing", 0, READ));
    assert_eq!(kind, ErrorKind::InvalidResponse);
}

#[test]
fn a_variable_that_was_not_given_is_a_denial() {
    let (message, remedy) = denied(&claims("variable", "API_KEY").call());
    assert!(message.starts_with("the manifest does not declare the environment variable `API_KEY`; "), "{message}");
    assert_eq!(
        remedy,
        Some(Remedy::DeclareVariable { name: "API_KEY".to_owned(), line: "env_vars = [\"API_KEY\"]".to_owned() })
    );

    let declared = claims("variable", "API_KEY").set("/capabilities", json!({ "env_vars": ["API_KEY"] }));
    let (message, remedy) = denied(&declared.granted(&host(), |grant| grant.without_env()).call("run", "{}"));
    assert!(message.contains("was not given the environment variable `API_KEY`"), "{message}");
    assert_eq!(remedy, Some(Remedy::GiveVariables { names: vec!["API_KEY".to_owned()] }));
}

#[test]
fn a_denial_that_did_not_happen_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let given = claims("variable", "MODE").set("/capabilities", json!({ "env_vars": ["MODE"] }));
    let given = given.granted(&host(), |grant| grant.env("MODE", "x")).call("run", "{}");
    let declared = claims("path", "/in/x").set("/capabilities", json!({ "filesystem": { "read": ["/in"] } }));
    let declared = declared.granted(&host(), |grant| grant.dir("/in", dir.path())).call("run", "{}");
    for output in [given, declared] {
        let (kind, error) = failure(&output);
        assert_eq!(kind, ErrorKind::InvalidResponse, "{error}");
        assert!(error.message.contains("which only the host can report"), "{error}");
    }
    let (message, remedy) = denied(&claims("path", "/elsewhere").call());
    assert!(message.contains("`/elsewhere`"), "{message}");
    assert_eq!(remedy, declares("/elsewhere", r#"filesystem = { read = ["/elsewhere"] }"#));
}

#[test]
fn a_denied_path_passes_the_privacy_filter_and_is_recorded() {
    let (_guard, dir) = crate::audit::log_dir();
    let output =
        opens(3, "home/ada@example.com", 0, READ, true).runnable(&crate::audit::recording(&dir)).call("run", "{}");
    assert!(!output.json().contains("ada@") && output.json().contains("[REDACTED:email]"), "{}", output.json());
    let report = serde_json::to_value(output.report()).unwrap();
    assert_eq!(report["accesses"]["refused_paths"], json!({ "/home/[REDACTED:email]": "read" }));
    let entry = crate::audit::entries(&dir).pop().unwrap();
    assert_eq!((entry.outcome.as_str(), entry.refused_paths.len()), ("capability_denied", 1));
}
