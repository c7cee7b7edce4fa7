//! Finds possible improvements of a manifest. It looks at the package only, not at recorded runs.

use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use mpp_host::package::manifest::HostPattern;
use serde::Serialize;

use crate::usage::{self, Recorded, Row};

/// The rule that a finding breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// A capability is declared that the module cannot use, because it imports nothing for it.
    UnusedCapability,
    /// A declared host is contacted without encryption.
    PlainHttp,
    /// The privacy filter is off.
    FilterOff,
}

impl Rule {
    /// Returns the name of the rule.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnusedCapability => "unused-capability",
            Self::PlainHttp => "plain-http",
            Self::FilterOff => "filter-off",
        }
    }
}

/// A possible improvement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: Rule,
    /// The finding, as a sentence.
    pub(crate) message: String,
    /// How to fix it.
    pub(crate) help: &'static str,
}

/// Returns the findings, in the order of the manifest's members.
pub(crate) fn findings(manifest: &Manifest, imports: &Imports) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule, message, help| findings.push(Finding { rule, message, help });
    for message in usage::compare(manifest, imports, &Recorded::default()).iter().filter_map(Row::objection) {
        add(Rule::UnusedCapability, message, "remove it from the manifest, so that users are not asked to approve it");
    }
    for entry in &manifest.capabilities.network {
        if HostPattern::parse(entry.host()).is_ok_and(|pattern| pattern.is_plain_http()) {
            let message = format!(
                "`network` declares {}: anyone on the network path can read and change the requests",
                entry.host()
            );
            add(Rule::PlainHttp, message, "remove `http://` if the server supports HTTPS");
        }
    }
    if !manifest.privacy_filters.enabled {
        let message = "`privacy_filters` turns the filter off: personal data reaches the agent unredacted".to_owned();
        add(Rule::FilterOff, message, "list values without personal data in `exempt`, each with a reason");
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
    fn reports_unused_capabilities_plain_http_and_a_disabled_filter() {
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
