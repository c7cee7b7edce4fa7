//! Tests of the verdicts and suggestions for capabilities that are declared, importable and used.

use super::{Recorded, Uses, Verdict, compare, suggest};
use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use serde_json::{Value, json};

fn manifest(capabilities: Value) -> Manifest {
    serde_json::from_value(json!({
        "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "",
        "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"},
        "capabilities": capabilities, "tool_definitions": []
    }))
    .expect("a manifest")
}

fn imports(of: &[&str]) -> Imports {
    let mut all = Imports::default();
    all.network = of.contains(&"network");
    all.kv = of.contains(&"kv");
    all.files = of.contains(&"files");
    all.variables = of.contains(&"variables");
    all
}

fn recorded(runs: u64, hosts: &[&str], kv: u64) -> Recorded {
    Recorded { runs, hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), kv, ..Recorded::default() }
}

#[test]
fn verdicts_follow_from_imports_and_recorded_runs() {
    use Verdict::{CannotBeUsed, NotDeclared, NotUsed, Unknown, Used};
    let all = json!({"network": ["a.example", "*.b.example"], "filesystem": {"read": ["/d"]}, "env_vars": ["K"], "kv": {"max_bytes": 9}});
    let table: &[(&[&str], Recorded, &[Verdict])] = &[
        (&[], recorded(0, &[], 0), &[CannotBeUsed, CannotBeUsed, CannotBeUsed, CannotBeUsed, CannotBeUsed]),
        (&["network", "kv", "files", "variables"], recorded(0, &[], 0), &[Unknown; 5]),
        (
            &["network", "kv", "files", "variables"],
            recorded(3, &["a.example"], 0),
            &[Used, NotUsed, Unknown, Unknown, NotUsed],
        ),
        (
            &["network", "kv", "files", "variables"],
            recorded(3, &["x.b.example:8443", "c.example"], 2),
            &[NotUsed, Used, NotDeclared, Unknown, Unknown, Used],
        ),
        (&["kv"], recorded(3, &["c.example"], 1), &[CannotBeUsed, CannotBeUsed, CannotBeUsed, CannotBeUsed, Used]),
    ];
    for (names, recorded, expected) in table {
        let found: Vec<Verdict> =
            compare(&manifest(all.clone()), &imports(names), recorded).iter().map(|row| row.verdict).collect();
        assert_eq!(found, *expected, "{names:?} {recorded:?}");
    }
    let injected = json!({"network": [{"host": "a.example", "inject": {"authorization": "${K}"}}], "env_vars": ["K"]});
    let rows = compare(&manifest(injected), &imports(&["network"]), &recorded(0, &[], 0));
    assert_eq!(rows[1].verdict, Used);
}

#[test]
fn recorded_runs_decide_about_paths_and_variables() {
    use Verdict::{NotUsed, Unknown, Used};
    let verdicts = |variables: &[&str], recorded: &Recorded| -> Vec<Verdict> {
        let can = json!({"filesystem": {"read": ["/a", "/b"], "write": ["/c"]}, "env_vars": variables});
        compare(&manifest(can), &imports(&["files", "variables"]), recorded).iter().map(|row| row.verdict).collect()
    };
    let uses = |known: &[(&str, u64, u64)]| {
        known.iter().map(|&(name, runs, used)| (name.to_owned(), Uses { runs, used })).collect()
    };
    let mut runs = Recorded {
        paths: uses(&[("/a", 2, 1), ("/c", 2, 0)]),
        variables: uses(&[("K", 2, 0), ("L", 2, 0)]),
        ..recorded(2, &[], 0)
    };
    assert_eq!(verdicts(&["K", "L"], &runs), [Used, Unknown, NotUsed, NotUsed, NotUsed]);
    runs.variables = uses(&[("K", 2, 1), ("L", 2, 1)]);
    assert_eq!(verdicts(&["K", "L"], &runs)[3..], [Unknown, Unknown]);
    assert_eq!(verdicts(&["K"], &runs)[3..], [Used]);
}

#[test]
fn log_records_distinguish_available_from_used_capabilities() {
    let key = mpp_host::keys::SigningKey::from_seed(&[7; 32], mpp_host::keys::KeyRole::Publisher).public();
    let line = |members: Value| {
        let mut line = json!({
            "n": 1, "time": "", "id": "", "package_id": "com.example.a", "version": "1.0.0", "key": key.to_base64(),
            "content_hash": format!("sha256:{}", "0".repeat(64)), "tool": "t", "arguments": "", "outcome": "ok",
            "duration_us": 1, "redactions": {}, "hosts": [], "kv": false, "variables": ["K"],
            "directories": [{"guest": "/a", "host": "/x", "writable": false}, {"guest": "/b", "host": "/y", "writable": true}]
        });
        line.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        serde_json::from_value(line).expect("an entry")
    };
    let mut recorded = Recorded::default();
    recorded.add(&line(json!({"paths": ["/b"], "variables_read": true})));
    recorded.add(&line(json!({"paths": [], "variables_read": false})));
    // The record of a call without mapped paths contains neither `paths` nor `variables_read`.
    recorded.add(&line(json!({})));
    recorded.add(&line(json!({"paths": ["/a"], "outcome": "approval_refused"})));
    assert_eq!(recorded.runs, 3);
    let uses = |known: &std::collections::BTreeMap<String, Uses>, name: &str| (known[name].runs, known[name].used);
    assert_eq!((uses(&recorded.paths, "/a"), uses(&recorded.paths, "/b")), ((2, 0), (2, 1)));
    assert_eq!(uses(&recorded.variables, "K"), (2, 1));
}

#[test]
fn suggests_the_smallest_sufficient_capabilities() {
    let all = manifest(json!({
        "network": ["a.example", "http://*.b.example:8080", {"host": "c.example", "inject": {"authorization": "${K}"}}],
        "filesystem": {"read": ["/d"], "write": ["/w"]}, "env_vars": ["K", "L"], "kv": {"max_bytes": 9}
    }));
    let least =
        |names: &[&str], recorded: Recorded| suggest(&all, &compare(&all, &imports(names), &recorded), &recorded);
    assert_eq!(least(&[], recorded(0, &[], 0)), json!({"env_vars": ["K"]}));
    assert_eq!(
        least(
            &["network", "files", "variables", "kv"],
            recorded(5, &["x.b.example:8080", "y.b.example:8080", "c.example", "d.example"], 0)
        ),
        json!({
            "network": ["http://x.b.example:8080", "http://y.b.example:8080", {"host": "c.example", "inject": {"authorization": "${K}"}}, "d.example"],
            "filesystem": {"read": ["/d"], "write": ["/w"]}, "env_vars": ["K", "L"]
        })
    );
    assert_eq!(
        least(&["network", "files", "variables", "kv"], recorded(0, &[], 0))["network"][1],
        "http://*.b.example:8080"
    );
}
