//! What a package's manifest could do better, as far as the package itself tells: nothing here asks what was run.

use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use mpp_host::package::manifest::HostPattern;
use serde::Serialize;

use crate::usage::{self, Recorded, Row};

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// A capability is declared, and the module imports nothing that could use it.
    UnusedCapability,
    /// Requests to a declared host travel unencrypted.
    PlainHttp,
    /// The privacy filter is off.
    FilterOff,
}

impl Rule {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnusedCapability => "unused-capability",
            Self::PlainHttp => "plain-http",
            Self::FilterOff => "filter-off",
        }
    }
}

/// Something that could be better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What kind it is.
    pub(crate) rule: Rule,
    /// What was found, a sentence.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: &'static str,
}

/// Everything that is found, in the order of the manifest's members.
pub(crate) fn findings(manifest: &Manifest, imports: &Imports) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule, message, help| findings.push(Finding { rule, message, help });
    for message in usage::compare(manifest, imports, &Recorded::default()).iter().filter_map(Row::objection) {
        add(Rule::UnusedCapability, message, "take it out of the manifest: who approves the package is asked for it");
    }
    for entry in &manifest.capabilities.network {
        if HostPattern::parse(entry.host()).is_ok_and(|pattern| pattern.is_plain_http()) {
            let message = format!("`network` declares {}: whoever is on the way reads and changes it", entry.host());
            add(Rule::PlainHttp, message, "leave out `http://` where the server speaks HTTPS");
        }
    }
    if !manifest.privacy_filters.enabled {
        let message = "`privacy_filters` switches the filter off: personal data reaches the agent as it is".to_owned();
        add(Rule::FilterOff, message, "`exempt` names the places that are no personal data, with a reason");
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Rule, findings};
    use mpp_host::gatekeeper::Imports;
    use mpp_host::package::Manifest;
    use serde_json::{Value, json};

    fn rules(members: Value, imports: &Imports) -> Vec<&'static str> {
        let mut manifest = json!({
            "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "",
            "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"}, "tool_definitions": []
        });
        manifest.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        let manifest: Manifest = serde_json::from_value(manifest).expect("a manifest");
        findings(&manifest, imports).into_iter().map(|finding| finding.rule.name()).collect()
    }

    #[test]
    fn a_table_of_what_is_found() {
        let nothing = Imports::default();
        let mut all = Imports::default();
        (all.network, all.kv, all.files, all.variables) = (true, true, true, true);
        let declares = json!({"capabilities": {
            "network": ["a.example", "http://b.example"], "filesystem": {"read": ["/d"]}, "env_vars": ["K"], "kv": {"max_bytes": 9}
        }});
        let unused = Rule::UnusedCapability.name();
        assert_eq!(rules(declares.clone(), &nothing), [unused, unused, unused, unused, unused, "plain-http"]);
        assert_eq!(rules(declares, &all), ["plain-http"]);
        assert_eq!(rules(json!({"privacy_filters": {"enabled": false}}), &nothing), ["filter-off"]);
        assert_eq!(rules(json!({"privacy_filters": {"patterns": ["email"]}}), &nothing), Vec::<&str>::new());
        assert_eq!(rules(json!({}), &nothing), Vec::<&str>::new());
    }
}
