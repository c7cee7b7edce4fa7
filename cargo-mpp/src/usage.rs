//! What a package declares, what its module can import, and what its recorded runs used: side by side.

use std::collections::{BTreeMap, BTreeSet};

use mpp_host::audit::Entry;
use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use mpp_host::package::manifest::{Capabilities, HostPattern, NetworkEntry};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What recorded runs used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Recorded {
    /// How many runs there are.
    pub(crate) runs: u64,
    /// Hosts that were contacted.
    pub(crate) hosts: BTreeSet<String>,
    /// Hosts that requests were refused to.
    pub(crate) refused_hosts: BTreeSet<String>,
    /// Runs that used the key-value store.
    pub(crate) kv: u64,
    /// Declared paths, by the tool's names for them.
    pub(crate) paths: BTreeMap<String, Uses>,
    /// Variables. Which of them a run reads is not known: it reads all of them or none.
    pub(crate) variables: BTreeMap<String, Uses>,
}

/// Runs that say whether they used something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Uses {
    /// How many could use it.
    pub(crate) runs: u64,
    /// How many did.
    pub(crate) used: u64,
}

impl Uses {
    fn add(&mut self, used: bool) {
        self.runs += 1;
        self.used += u64::from(used);
    }
}

impl Recorded {
    /// Adds a recorded call; one that never ran the tool says nothing.
    pub(crate) fn add(&mut self, entry: &Entry) {
        if ["approval_required", "approval_refused", "unknown_tool", "invalid_arguments"]
            .contains(&entry.outcome.as_str())
        {
            return;
        }
        self.runs += 1;
        self.hosts.extend(entry.hosts.iter().cloned());
        self.refused_hosts.extend(entry.refused_hosts.iter().cloned());
        self.kv += u64::from(entry.kv);
        if let Some(used) = &entry.paths_used {
            for mapped in &entry.directories {
                self.paths.entry(mapped.guest.clone()).or_default().add(used.contains(&mapped.guest));
            }
        }
        if let Some(read) = entry.variables_read {
            for name in &entry.variables {
                self.variables.entry(name.clone()).or_default().add(read);
            }
        }
    }
}

/// What is known about one capability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// `network`, `filesystem.read`, `filesystem.write`, `env_vars` or `kv`.
    pub(crate) kind: &'static str,
    /// The host, the path, the variable, the size.
    pub(crate) what: String,
    /// Whether the manifest declares it.
    pub(crate) declared: bool,
    /// Whether the module imports what it needs to use it.
    pub(crate) importable: bool,
    /// What the runs say, in words.
    pub(crate) used: String,
    /// What follows.
    pub(crate) verdict: Verdict,
}

/// What follows from declaration, imports and runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It is declared and used.
    Used,
    /// It is declared, and the module cannot use it.
    CannotBeUsed,
    /// It is declared and can be used, and no recorded run did.
    NotUsed,
    /// It was used, and is not declared.
    NotDeclared,
    /// It is declared and can be used; whether it was cannot be known.
    Unknown,
}

impl Row {
    /// What `--check` objects to, in a sentence.
    pub(crate) fn objection(&self) -> Option<String> {
        let Self { kind, what, .. } = self;
        Some(match self.verdict {
            Verdict::Used | Verdict::Unknown => return None,
            Verdict::CannotBeUsed => {
                format!("`{kind}` declares {what}, and the module imports nothing that could use it")
            }
            Verdict::NotUsed => format!("`{kind}` declares {what}, and no recorded run used it"),
            Verdict::NotDeclared => format!("a recorded run used or wanted {what}, and `{kind}` does not declare it"),
        })
    }
}

/// Every capability that is declared or was used.
pub(crate) fn compare(manifest: &Manifest, imports: &Imports, recorded: &Recorded) -> Vec<Row> {
    let can = &manifest.capabilities;
    let mut rows = network(can, imports, recorded);
    let uses = |known: &BTreeMap<String, Uses>, name: &str| known.get(name).copied().unwrap_or_default();
    let importable = imports.files || imports.directories;
    for (kind, paths) in [("filesystem.read", &can.filesystem.read), ("filesystem.write", &can.filesystem.write)] {
        for path in paths {
            let Uses { runs, used } = uses(&recorded.paths, path);
            let verdict = verdict(importable, runs, used > 0);
            let used = in_words(runs, used, "used it");
            rows.push(Row { kind, what: path.clone(), declared: true, importable, used, verdict });
        }
    }
    for name in &can.env_vars {
        let Uses { runs, used } = uses(&recorded.variables, name);
        let (verdict, used) = match verdict(imports.variables, runs, used > 0) {
            _ if is_injected(can, name) => (Verdict::Used, "the host injects it".to_owned()),
            // Of several, nobody knows which.
            Verdict::Used if can.env_vars.len() > 1 => (Verdict::Unknown, in_words(runs, used, "read variables")),
            verdict => (verdict, in_words(runs, used, "read variables")),
        };
        let importable = imports.variables;
        rows.push(Row { kind: "env_vars", what: name.clone(), declared: true, importable, used, verdict });
    }
    if let Some(kv) = can.kv {
        let verdict = verdict(imports.kv, recorded.runs, recorded.kv > 0);
        let used = format!("{} of {} recorded runs", recorded.kv, recorded.runs);
        let what = format!("{} bytes", kv.max_bytes);
        rows.push(Row { kind: "kv", what, declared: true, importable: imports.kv, used, verdict });
    }
    rows
}

fn in_words(runs: u64, used: u64, what: &str) -> String {
    if runs == 0 { "no recorded runs".to_owned() } else { format!("{used} of {runs} recorded runs {what}") }
}

fn network(can: &Capabilities, imports: &Imports, recorded: &Recorded) -> Vec<Row> {
    let row = |what: &str, declared, used: String, verdict| Row {
        kind: "network",
        what: what.to_owned(),
        declared,
        importable: imports.network,
        used,
        verdict,
    };
    let mut rows = Vec::new();
    for entry in &can.network {
        let contacted = contacted(entry.host(), recorded);
        let used = match (recorded.runs, contacted.as_slice()) {
            (0, _) => "no recorded runs".to_owned(),
            (runs, []) => format!("not in {runs} recorded runs"),
            (_, hosts) => format!("contacted {}", hosts.join(", ")),
        };
        rows.push(row(entry.host(), true, used, verdict(imports.network, recorded.runs, !contacted.is_empty())));
    }
    let declared = |host: &str| can.network.iter().any(|entry| stands_for(entry.host(), host));
    // What an earlier build contacted says nothing about one that cannot contact anybody.
    let undeclared = |host: &&String| imports.network && !declared(host);
    for host in recorded.hosts.iter().filter(undeclared) {
        rows.push(row(host, false, format!("contacted {host}"), Verdict::NotDeclared));
    }
    for host in recorded.refused_hosts.difference(&recorded.hosts).filter(undeclared) {
        rows.push(row(host, false, format!("wanted {host} and was refused"), Verdict::NotDeclared));
    }
    rows
}

fn verdict(importable: bool, runs: u64, used: bool) -> Verdict {
    match (importable, runs, used) {
        (false, ..) => Verdict::CannotBeUsed,
        (true, _, true) => Verdict::Used,
        (true, 0, false) => Verdict::Unknown,
        (true, _, false) => Verdict::NotUsed,
    }
}

/// The least that would do: without what is not used, exact hosts in the place of `*.` where runs tell which.
pub(crate) fn suggest(manifest: &Manifest, rows: &[Row], recorded: &Recorded) -> Value {
    let can = &manifest.capabilities;
    let is_needed = |kind: &str, what: &str| {
        let unused = |row: &&Row| row.kind == kind && row.what == what && row.objection().is_some();
        !rows.iter().any(|row| unused(&row))
    };
    let mut network = Vec::new();
    for entry in can.network.iter().filter(|entry| is_needed("network", entry.host())) {
        network.extend(narrowed(entry, recorded));
    }
    network
        .extend(rows.iter().filter(|row| row.verdict == Verdict::NotDeclared).map(|row| Value::from(row.what.clone())));
    let paths = |kind: &str, paths: &[String]| -> Vec<String> {
        paths.iter().filter(|path| is_needed(kind, path)).cloned().collect()
    };
    let (read, write) =
        (paths("filesystem.read", &can.filesystem.read), paths("filesystem.write", &can.filesystem.write));
    let variables: Vec<&String> = can.env_vars.iter().filter(|name| is_needed("env_vars", name)).collect();
    let mut least = Map::new();
    let mut put = |name: &str, value: Value| {
        if value.as_array().is_none_or(|list| !list.is_empty()) {
            least.insert(name.to_owned(), value);
        }
    };
    put("network", network.into());
    match (read.is_empty(), write.is_empty()) {
        (true, true) => {}
        (false, true) => put("filesystem", json!({ "read": read })),
        (true, false) => put("filesystem", json!({ "write": write })),
        (false, false) => put("filesystem", json!({ "read": read, "write": write })),
    }
    put("env_vars", json!(variables));
    if let Some(kv) = can.kv.filter(|kv| is_needed("kv", &format!("{} bytes", kv.max_bytes))) {
        put("kv", json!({ "max_bytes": kv.max_bytes }));
    }
    Value::Object(least)
}

/// The entry, or the hosts that were contacted in its place where it stands for many.
fn narrowed(entry: &NetworkEntry, recorded: &Recorded) -> Vec<Value> {
    let contacted = contacted(entry.host(), recorded);
    let as_is = || vec![serde_json::to_value(entry).unwrap_or_default()];
    match (HostPattern::parse(entry.host()), entry) {
        (Ok(pattern), NetworkEntry::Host(_)) if pattern.is_below() && !contacted.is_empty() => {
            let scheme = if pattern.is_plain_http() { "http://" } else { "" };
            let port = entry
                .host()
                .rsplit_once(':')
                .map(|(_, port)| format!(":{port}"))
                .filter(|port| !port.starts_with(":/"));
            let port = port.unwrap_or_default();
            contacted.iter().map(|host| Value::from(format!("{scheme}{}{port}", name_of(host)))).collect()
        }
        _ => as_is(),
    }
}

fn contacted(pattern: &str, recorded: &Recorded) -> Vec<String> {
    recorded.hosts.iter().filter(|host| stands_for(pattern, host)).cloned().collect()
}

/// Whether a declared pattern stands for the name of a host that was contacted.
fn stands_for(pattern: &str, host: &str) -> bool {
    match (HostPattern::parse(pattern), HostPattern::parse(name_of(host))) {
        (Ok(pattern), Ok(host)) => pattern.shares_a_name(&host),
        _ => false,
    }
}

/// A contacted host without scheme and port.
fn name_of(host: &str) -> &str {
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    host.split_once(':').map_or(host, |(name, _)| name)
}

fn is_injected(can: &Capabilities, variable: &str) -> bool {
    let placeholder = format!("${{{variable}}}");
    can.network.iter().any(|entry| match entry {
        NetworkEntry::Injected(own) => own.inject.values().any(|value| value.contains(&placeholder)),
        NetworkEntry::Host(_) => false,
    })
}

#[cfg(test)]
mod tests {
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
    fn a_table_of_what_follows() {
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
        let injected =
            json!({"network": [{"host": "a.example", "inject": {"authorization": "${K}"}}], "env_vars": ["K"]});
        let rows = compare(&manifest(injected), &imports(&["network"]), &recorded(0, &[], 0));
        assert_eq!(rows[1].verdict, Used);
    }

    #[test]
    fn what_runs_say_of_paths_and_variables() {
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
    fn a_line_of_the_log_says_what_could_be_used_and_what_was() {
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
        // A component's, which says neither.
        recorded.add(&line(json!({})));
        recorded.add(&line(json!({"paths": ["/a"], "outcome": "approval_refused"})));
        assert_eq!(recorded.runs, 3);
        let uses = |known: &std::collections::BTreeMap<String, Uses>, name: &str| (known[name].runs, known[name].used);
        assert_eq!((uses(&recorded.paths, "/a"), uses(&recorded.paths, "/b")), ((2, 0), (2, 1)));
        assert_eq!(uses(&recorded.variables, "K"), (2, 1));
    }

    #[test]
    fn the_least_that_would_do() {
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
}
