//! Compares the capabilities that a package declares with what its module can import and what its recorded runs used.

use std::collections::{BTreeMap, BTreeSet};

use mpp_host::audit::Entry;
use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use mpp_host::package::manifest::{Capabilities, HostPattern, NetworkEntry};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The capabilities that recorded runs used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Recorded {
    /// Number of runs.
    pub(crate) runs: u64,
    /// Hosts that were contacted.
    pub(crate) hosts: BTreeSet<String>,
    /// Hosts that the tool tried to contact without permission.
    pub(crate) refused_hosts: BTreeSet<String>,
    /// Number of runs that used the key-value store.
    #[serde(rename = "kv_runs")]
    pub(crate) kv: u64,
    /// Declared paths.
    pub(crate) paths: BTreeMap<String, Uses>,
    /// Variables. A tool reads all of them at once, so it is not known which of them a run needed.
    pub(crate) variables: BTreeMap<String, Uses>,
}

/// How often something was available to a run, and how often it was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Uses {
    /// Number of runs to which it was available.
    pub(crate) runs: u64,
    /// Number of runs that used it.
    pub(crate) used: u64,
}

impl Uses {
    fn add(&mut self, used: bool) {
        self.runs += 1;
        self.used += u64::from(used);
    }
}

impl Recorded {
    /// Adds a recorded call. A call that did not run the tool is ignored.
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

/// One capability: declared, importable, used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// `network`, `filesystem.read`, `filesystem.write`, `env_vars` or `kv`.
    pub(crate) kind: &'static str,
    /// The host, path, variable or size.
    pub(crate) what: String,
    /// Whether the manifest declares it.
    pub(crate) declared: bool,
    /// Whether the module imports what it needs to use it.
    pub(crate) importable: bool,
    /// The use in recorded runs, in words.
    pub(crate) used: String,
    /// The verdict.
    pub(crate) verdict: Verdict,
}

/// The verdict on a capability, from its declaration, the imports and the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It is declared and used.
    Used,
    /// It is declared, but the module cannot use it.
    CannotBeUsed,
    /// It is declared and can be used, but no recorded run used it.
    NotUsed,
    /// It was used, but is not declared.
    NotDeclared,
    /// It is declared and can be used; whether it is used is unknown.
    Unknown,
}

impl Row {
    /// Returns the objection of `--check`, as a sentence.
    pub(crate) fn objection(&self) -> Option<String> {
        let Self { kind, what, .. } = self;
        Some(match self.verdict {
            Verdict::Used | Verdict::Unknown => return None,
            Verdict::CannotBeUsed => {
                format!("`{kind}` declares {what}, but the module imports nothing that can use it")
            }
            Verdict::NotUsed => format!("`{kind}` declares {what}, but no recorded run used it"),
            Verdict::NotDeclared => {
                format!("a recorded run used or requested {what}, but `{kind}` does not declare it")
            }
        })
    }
}

/// Returns a row for every capability that is declared or was used.
pub(crate) fn compare(manifest: &Manifest, imports: &Imports, recorded: &Recorded) -> Vec<Row> {
    let can = &manifest.capabilities;
    let mut rows = network(can, imports, recorded);
    let uses = |known: &BTreeMap<String, Uses>, name: &str| known.get(name).copied().unwrap_or_default();
    let importable = imports.files || imports.directories;
    for (kind, paths) in
        [("filesystem.read", only_read(can)), ("filesystem.write", can.filesystem.write.iter().collect())]
    {
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
            _ if is_injected(can, name) => (Verdict::Used, "injected by the host".to_owned()),
            // Of several variables, it is not known which one was needed.
            Verdict::Used if can.env_vars.len() > 1 => (Verdict::Unknown, in_words(runs, used, "read variables")),
            verdict => (verdict, in_words(runs, used, "read variables")),
        };
        let importable = imports.variables;
        rows.push(Row { kind: "env_vars", what: name.clone(), declared: true, importable, used, verdict });
    }
    if let Some(kv) = can.kv {
        let verdict = verdict(imports.kv, recorded.runs, recorded.kv > 0);
        let used = format!("{} of {}", recorded.kv, recorded_runs(recorded.runs));
        let what = format!("{} bytes", kv.max_bytes);
        rows.push(Row { kind: "kv", what, declared: true, importable: imports.kv, used, verdict });
    }
    rows
}

/// Returns a number of runs in words: `1 recorded run`, `2 recorded runs`.
pub(crate) fn recorded_runs(runs: u64) -> String {
    if runs == 1 { "1 recorded run".to_owned() } else { format!("{runs} recorded runs") }
}

fn in_words(runs: u64, used: u64, what: &str) -> String {
    if runs == 0 { "no recorded runs".to_owned() } else { format!("{used} of {} {what}", recorded_runs(runs)) }
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
            (runs, []) => format!("not in {}", recorded_runs(runs)),
            (_, hosts) => format!("contacted {}", hosts.join(", ")),
        };
        rows.push(row(entry.host(), true, used, verdict(imports.network, recorded.runs, !contacted.is_empty())));
    }
    let declared = |host: &str| can.network.iter().any(|entry| matches_host(entry.host(), host));
    // The hosts that an earlier build contacted do not matter to a build without network access.
    let undeclared = |host: &&String| imports.network && !declared(host);
    for host in recorded.hosts.iter().filter(undeclared) {
        rows.push(row(host, false, format!("contacted {host}"), Verdict::NotDeclared));
    }
    for host in recorded.refused_hosts.difference(&recorded.hosts).filter(undeclared) {
        rows.push(row(host, false, format!("tried to contact {host} and was refused"), Verdict::NotDeclared));
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

/// Returns the smallest sufficient declaration: without unused capabilities, and with the contacted hosts instead of `*.`, if known.
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
    let paths = |kind: &str, paths: Vec<&String>| -> Vec<String> {
        paths.into_iter().filter(|path| is_needed(kind, path)).cloned().collect()
    };
    let (read, write) =
        (paths("filesystem.read", only_read(can)), paths("filesystem.write", can.filesystem.write.iter().collect()));
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

/// Returns the paths that are declared for reading and not for writing, which includes reading.
fn only_read(can: &Capabilities) -> Vec<&String> {
    can.filesystem.read.iter().filter(|path| !can.filesystem.write.contains(path)).collect()
}

/// Returns the entry, or, if it is a wildcard, the hosts that were contacted through it.
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
    recorded.hosts.iter().filter(|host| matches_host(pattern, host)).cloned().collect()
}

/// Returns whether a declared pattern matches the name of a contacted host.
fn matches_host(pattern: &str, host: &str) -> bool {
    match (HostPattern::parse(pattern), HostPattern::parse(name_of(host))) {
        (Ok(pattern), Ok(host)) => pattern.shares_a_name(&host),
        _ => false,
    }
}

/// Returns a contacted host without scheme and port.
fn name_of(host: &str) -> &str {
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    host.split_once(':').map_or(host, |(name, _)| name)
}

fn is_injected(can: &Capabilities, variable: &str) -> bool {
    let placeholder = format!("${{{variable}}}");
    can.network.iter().any(|entry| match entry {
        NetworkEntry::Injected(own) => own.inject.values().any(|value| value.contains(&placeholder)),
        _ => false,
    })
}

#[cfg(test)]
mod tests;
