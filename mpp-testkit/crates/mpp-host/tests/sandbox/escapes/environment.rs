//! Access to the environment, arguments and descriptors of the host's process.

use mpp_host::codes::Coded as _;
use mpp_host::host::{Grant, GrantError};
use mpp_host::package::Manifest;
use serde_json::json;

use super::Table;
use crate::fixture::{Run, SamplePackage, content, host, module, module_with, sample};

const KEY: &str = "correct-horse-battery";

/// A tool that answers with the first bytes of its environment block, up to a zero byte.
fn tells_environment() -> Vec<u8> {
    let body = "
      (drop (call $environ_sizes_get (i32.const 4096) (i32.const 4100)))
      (drop (call $environ_get (i32.const 4200) (i32.const 5000)))
      (call $answer_text (i32.const 5000)
        (if (result i32) (i32.load (i32.const 4096))
          (then (i32.sub (i32.load (i32.const 4100)) (i32.const 1))) (else (i32.const 0))))";
    module("", body)
}

/// A tool that answers with its arguments.
fn tells_arguments() -> Vec<u8> {
    let imports = r#"
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))"#;
    let body = "
      (drop (call $args_sizes (i32.const 4096) (i32.const 4100)))
      (drop (call $args (i32.const 4200) (i32.const 5000)))
      (call $answer_text (i32.const 5000) (i32.sub (i32.load (i32.const 4100)) (i32.const 1)))";
    module_with(imports, "", body)
}

/// A tool that answers with the result of a preview 1 function for a descriptor.
fn asks(function: &str, parameters: usize, fd: i32) -> Vec<u8> {
    let (types, zeros) = ("i32 ".repeat(parameters), "(i32.const 5000) ".repeat(parameters - 1));
    let import = format!("(import \"wasi_snapshot_preview1\" \"{function}\" (func $f (param {types}) (result i32)))");
    module_with(&import, "", &format!("(call $answer_number (call $f (i32.const {fd}) {zeros}))"))
}

#[test]
fn no_escape_through_the_environment() {
    assert!(std::env::var_os("PATH").is_some(), "this process has variables that a tool could want");
    let host = host();
    let mut table = Table::new("environment", "what the tool finds, or error that its user sees");
    let mut found = |what: &str, package: &SamplePackage, grant: &dyn Fn(Grant) -> Grant, expected: &str| {
        let answer = content(&package.granted(&host, grant).call("run", "{}"));
        let wrong = (answer != expected).then(|| format!("`{expected}`, found {answer}"));
        table.row(what, "nothing", &answer.to_string(), wrong);
    };
    let tells = sample(tells_environment());
    let declares = |names: &[&str]| sample(tells_environment()).set("/capabilities", json!({ "env_vars": names }));
    found("variables, none of which is declared", &tells, &|grant| grant, "");
    found("variables beside the declared one", &declares(&["MODE"]), &|grant| grant.env("MODE", "quick"), "MODE=quick");
    found("a declared variable of this process that was not granted", &declares(&["PATH"]), &Grant::without_env, "");
    let network = json!([{ "host": "api.example.com", "inject": { "x-key": "${API_KEY}" } }]);
    let injects = declares(&[]).set("/capabilities", json!({ "network": network, "env_vars": ["API_KEY"] }));
    found("a variable that the host injects into headers", &injects, &|grant| grant.env("API_KEY", KEY), "");
    found(
        "the value of a variable, in the answer",
        &declares(&["API_KEY"]),
        &|grant| grant.env("API_KEY", KEY),
        "API_KEY=[REDACTED:env:API_KEY]",
    );
    found("the arguments of the host's process", &sample(tells_arguments()), &|grant| grant, "sample");
    for (what, function, parameters, fd) in [
        ("a directory that was not granted", "fd_prestat_get", 2, 4),
        ("a descriptor of the host's process", "fd_fdstat_get", 2, 5),
        ("a socket of the host's process", "sock_accept", 3, 3),
    ] {
        let answer = content(&sample(asks(function, parameters, fd)).runnable(&host).call("run", "{}"));
        let number: i32 = answer.as_str().unwrap().parse().unwrap();
        let is_none = [8, 57].contains(&number);
        table.row(what, "nothing", &format!("error {number}: there is none"), (!is_none).then(|| "none".to_owned()));
    }
    let mut refused = |what: &str, grant: &dyn Fn(Grant) -> Grant, names: &[&str], expected: &str| {
        let (loaded, decided) = declares(names).load(&host);
        let error: GrantError = loaded.grant(grant(decided.grant())).err().unwrap();
        let told = format!("{error} ({})", error.code());
        let wrong = (!told.contains(expected)).then(|| format!("`{expected}`, found {told}"));
        table.row(what, "refused", &told, wrong);
    };
    refused("giving a variable that is not declared", &|grant| grant.env("HOME", "/root"), &[], "HOME");
    refused("a declared variable that is missing", &|grant| grant, &["API_KEY", "MODE"], "API_KEY");
    let text = declares(&["MPP_HOME"]).manifest_json().to_string();
    let error = Manifest::parse(text.as_bytes()).err().unwrap().to_string();
    let wrong = (!error.contains("reserved for the host")).then(|| error.clone());
    table.row("declaring a variable that is reserved for the host", "refused", &error, wrong);
    table.done();
}
