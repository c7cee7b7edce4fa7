//! An end-to-end test on one machine: `mpp run` calls `crm-lookup`, which sends requests to the stand-in CRM over TLS.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::testing::SamplePackage;
use serde_json::{Value, json};

use crate::support::{Ended, User, signed};

const KEY: &str = "correct-horse-battery-staple";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/crm-lookup")
}

/// A running CRM, which is stopped when the test ends.
struct Crm {
    child: Child,
    port: u16,
}

impl Drop for Crm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the stand-in and starts it on a free port. It writes its certificate to `ca`.
fn crm(ca: &Path) -> Crm {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(example()).args(["build", "--package", "crm-lookup", "--bin", "stand-in-crm", "--target-dir"]);
    Ended::of(cargo.arg(target).output().unwrap()).done();
    let mut command = Command::new(target.join("debug").join(format!("stand-in-crm{}", std::env::consts::EXE_SUFFIX)));
    let mut child = command.arg(ca).args([KEY, "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.split([':', ',']).nth(2).and_then(|port| port.parse().ok());
    Crm { child, port: port.unwrap_or_else(|| panic!("no port in {line:?}")) }
}

/// Builds the example's package with the host `localhost:PORT` in place of port 8443.
fn package(user: &User, port: u16) {
    let made = user.mpp(&["build", &example().display().to_string(), "-o", "made", "--format", "json"]).done().json();
    let bytes = std::fs::read(user.dir().join(made["packages"][0]["path"].as_str().unwrap())).unwrap();
    let gate = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    let package = gate.verify(UnverifiedPackage::new(bytes)).outcome.unwrap();
    let mut manifest: Value = serde_json::from_slice(package.manifest_bytes()).unwrap();
    manifest["capabilities"]["network"] = json!(["api.crm.example", format!("localhost:{port}")]);
    manifest["publisher"] = json!({ "name": "Example" });
    let sample = SamplePackage::new().set("", manifest);
    user.write("crm.mpp", signed(sample, package.module(), &user.own_key()).as_slice());
}

fn files_below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_lookup_over_tls_reveals_neither_personal_data_nor_the_key() {
    let _turn = crate::support::one_workspace_at_a_time();
    let user = User::new();
    let ca = user.dir().join("ca.pem");
    let crm = crm(&ca);
    package(&user, crm.port);
    let here = format!("CRM_URL=https://localhost:{}", crm.port);
    let key = format!("CRM_API_KEY={KEY}");
    let call = ["run", "crm.mpp", "--arg", "query=ada", "--env", &here, "--env", &key];
    let run = |more: &[&str]| user.mpp(&[&call, more].concat());

    let ended = run(&["--allow-local", "--ca", "ca.pem", "--format", "json"]).done();
    let answer = ended.json();
    let ada = &answer["call"]["result"]["structuredContent"][0];
    assert_eq!((&ada["name"], &ada["company"]), (&json!("Ada Lovelace"), &json!("Analytical Engines")), "{answer:#}");
    assert_eq!(ada["id"], "[REDACTED:customer_id]");
    assert_eq!(ada["email"], "[REDACTED:email]");
    assert_eq!(ada["phone"], "[REDACTED:phone]");
    assert_eq!(
        ada["notes"],
        "paid with [REDACTED:credit_card]; referred by [REDACTED:customer_id]; asked for with the key \
         [REDACTED:env:CRM_API_KEY]"
    );
    assert_eq!(answer["call"]["report"]["accesses"]["hosts"], json!([format!("localhost:{}", crm.port)]));
    let told = run(&["--allow-local", "--ca", "ca.pem", "-v"]).done();
    for text in [&ended.stdout, &ended.stderr, &told.stdout, &told.stderr] {
        assert!(!text.contains(KEY), "{text}");
    }
    let mut files = Vec::new();
    files_below(&user.home(), &mut files);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY), "the key is in {}", file.display());
    }

    // The host differs in one letter.
    let wrong = format!("CRM_URL=https://localhosf:{}", crm.port);
    let denied = run(&["--allow-local", "--ca", "ca.pem", "--env", &wrong]).failed(4, "MPP-R104");
    let line = format!("network = [\"api.crm.example\", \"localhost:{0}\", \"localhosf:{0}\"]", crm.port);
    assert!(denied.stderr.contains(&line), "{}", denied.stderr);

    let local = run(&["--ca", "ca.pem"]).failed(4, "MPP-R104");
    assert!(local.stderr.contains("127.0.0.1") || local.stderr.contains("::1"), "{}", local.stderr);
    assert!(local.stderr.contains("--allow-local"), "{}", local.stderr);
    let stranger = run(&["--allow-local"]);
    assert_eq!(stranger.code, Some(1), "{stranger:#?}");
    assert!(stranger.stderr.contains("not issued by an authority that this host trusts"), "{}", stranger.stderr);
    let remedy = format!("help: `--ca FILE` trusts the certificate in a PEM file: that of `localhost:{}`", crm.port);
    assert!(stranger.stderr.contains(&remedy), "{}", stranger.stderr);
    let refused = run(&["--allow-local", "--ca", "ca.pem", "--env", "CRM_API_KEY=another"]);
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    assert!(refused.stderr.contains("key_refused"), "{}", refused.stderr);
}

#[test]
fn a_recorded_lookup_is_repeated_without_the_server_and_without_the_key() {
    let _turn = crate::support::one_workspace_at_a_time();
    let user = User::new();
    let crm = crm(&user.dir().join("ca.pem"));
    package(&user, crm.port);
    let here = format!("CRM_URL=https://localhost:{}", crm.port);
    let key = format!("CRM_API_KEY={KEY}");
    let env = ["--env", &here, "--env", &key];
    let call = ["run", "crm.mpp", "--arg", "query=ada", "--allow-local", "--ca", "ca.pem", "--format", "json"];
    let answer = user.mpp(&[&call, env.as_slice(), &["--record", "call.json"]].concat()).done().json();
    let refused = user.mpp(
        &[&call, ["--env", &here, "--env", "CRM_API_KEY=another secret"].as_slice(), &["--record", "no.json"]].concat(),
    );
    assert_eq!(refused.code, Some(1), "{refused:#?}");
    drop(crm);

    // The response is there before the filter, the key in no encoding.
    let text = std::fs::read_to_string(user.dir().join("call.json")).unwrap();
    assert!(text.contains("ada@"), "{text}");
    assert!(!text.contains(KEY) && text.contains(":CRM_API_KEY:text}}"), "{text}");

    let rerun = |file: &str, env: &[&str]| user.mpp(&[&["rerun", file, "--format", "json"], env].concat());
    let again = rerun("call.json", &env).done().json();
    assert_eq!(again["call"]["result"], answer["call"]["result"]);
    // The values of variables are taken anew.
    rerun("call.json", &["--env", &here]).failed(4, "MPP-R301");
    let other = rerun("call.json", &["--env", &here, "--env", "CRM_API_KEY=the key of today"]).done().json();
    assert_eq!(other["identical"], true, "{other:#}");
    assert!(
        rerun("no.json", &["--env", &here, "--env", "CRM_API_KEY=another secret"]).done().json()["call"]["error"]
            .is_object()
    );

    // A request that is not in the recording is not sent.
    let mut recording: Value = serde_json::from_str(&text).unwrap();
    recording["arguments"] = json!(r#"{"query":"bob"}"#);
    user.write("changed.json", recording.to_string());
    let departs = rerun("changed.json", &env);
    assert_eq!(departs.code, Some(1), "{departs:#?}");
    let parts: Vec<Value> =
        departs.json()["departures"].as_array().unwrap().iter().map(|d| d["part"].clone()).collect();
    assert!(parts.contains(&json!("not_recorded")) && parts.contains(&json!("not_sent")), "{departs:#?}");
    assert!(!departs.stdout.contains(KEY), "{}", departs.stdout);
}

#[test]
fn invalid_certificates_are_refused_before_the_tool_runs() {
    let user = User::new();
    user.write("tool.mpp", "");
    user.write("key.pem", "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n");
    user.write("broken.pem", "-----BEGIN CERTIFICATE-----\nMC4=\n-----END CERTIFICATE-----\n");
    user.mpp(&["run", "tool.mpp", "--ca", "key.pem"]).failed(2, "MPP-R308");
    user.mpp(&["run", "tool.mpp", "--ca", "broken.pem"]).failed(2, "MPP-R308");
    user.mpp(&["run", "tool.mpp", "--ca", "none.pem"]).failed(2, "MPP-C002");
}
