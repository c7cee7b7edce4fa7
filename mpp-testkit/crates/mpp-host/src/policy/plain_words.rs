//! The permissions and privacy settings of a package as plain sentences, for whoever decides about it.

use std::path::PathBuf;

use super::{Ability, Wants};
use crate::package::Manifest;

/// The sentence about a package without permissions.
pub const NO_PERMISSIONS: &str = "sees only its arguments: no files, no network, no environment variables";

/// Returns the permissions of a package: its abilities outside its sandbox. Its security level and the exemptions from the
/// privacy filter belong to its tools and results, and are not among them.
#[must_use]
pub fn permissions(manifest: &Manifest) -> Vec<Ability> {
    let outside = |ability: &Ability| {
        !matches!(ability, Ability::Level(_) | Ability::Unfiltered | Ability::Leaves(_) | Ability::Exempt(_))
    };
    Wants::of(manifest).abilities.into_iter().filter(outside).collect()
}

/// Returns the permissions of a package, one sentence each. `mapped` returns the path on this machine for a declared path.
pub fn abilities(manifest: &Manifest, mapped: impl Fn(&str) -> Option<PathBuf>) -> Vec<String> {
    let here = |path: &str| match mapped(path) {
        Some(host) => format!(" (on this machine: {})", host.display()),
        None => String::new(),
    };
    let sentence = |ability: &Ability| match ability {
        Ability::Read(path) | Ability::Write(path) => format!("{ability}{}", here(path)),
        other => other.to_string(),
    };
    let permissions = permissions(manifest);
    if permissions.is_empty() {
        return vec![NO_PERMISSIONS.to_owned()];
    }
    permissions.iter().map(sentence).collect()
}

/// Returns the privacy filter settings of a package, one sentence each.
#[must_use]
pub fn privacy(manifest: &Manifest) -> Vec<String> {
    let filters = &manifest.privacy_filters;
    if !filters.enabled {
        return vec!["results are NOT filtered for personal data: the package turns the filter off".to_owned()];
    }
    let names: Vec<&str> =
        filters.patterns.iter().chain(filters.custom_patterns.iter().map(|own| &own.id)).map(String::as_str).collect();
    let mut lines = vec![match names.as_slice() {
        [] => "only secrets are redacted from results".to_owned(),
        names if names.contains(&"*") => "every known kind of personal data is redacted from results".to_owned(),
        names => format!("personal data is redacted from results: {}", names.join(", ")),
    }];
    lines.extend(filters.exempt.iter().map(|place| format!("not redacted at {}: {}", place.pointer, place.reason)));
    lines
}

#[cfg(test)]
mod tests {
    use super::{abilities, privacy};
    use crate::package::Manifest;
    use crate::policy::size;

    fn manifest(capabilities: serde_json::Value, filters: serde_json::Value) -> Manifest {
        serde_json::from_value(serde_json::json!({
            "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "",
            "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"},
            "capabilities": capabilities, "tool_definitions": [], "privacy_filters": filters
        }))
        .expect("a manifest")
    }

    #[test]
    fn lists_every_permission_with_its_mapped_path() {
        let all = manifest(
            serde_json::json!({"network": ["api.example.com", {"host": "http://x.example", "inject": {"authorization": "Bearer ${K}"}}],
                "filesystem": {"read": ["/data", "/both"], "write": ["/both"]}, "env_vars": ["K", "MODE"], "kv": {"max_bytes": 2_097_152}}),
            serde_json::json!({"patterns": ["email"], "custom_patterns": [{"id": "own", "regex": "x"}],
                "exempt": [{"pointer": "/*/mail", "reason": "a public list"}]}),
        );
        let mapped = |path: &str| (path == "/data").then(|| "/home/ada/data".into());
        assert_eq!(
            abilities(&all, mapped),
            [
                "may read /data (on this machine: /home/ada/data)",
                "may read and change /both",
                "may connect to https://api.example.com",
                "may connect to http://x.example",
                "sends the header authorization to http://x.example; the host adds it, and the tool never sees it",
                "receives the variable MODE",
                "uses the variable K in headers; the host adds them, and the tool never sees it",
                "may store up to 2.0 MiB of its own data",
            ]
        );
        assert_eq!(
            privacy(&all),
            ["personal data is redacted from results: email, own", "not redacted at /*/mail: a public list"]
        );
    }

    #[test]
    fn names_missing_permissions_and_a_disabled_filter() {
        let none = manifest(serde_json::json!({}), serde_json::json!({"enabled": false}));
        assert_eq!(
            abilities(&none, |_| None),
            ["sees only its arguments: no files, no network, no environment variables"]
        );
        assert!(privacy(&none)[0].contains("NOT filtered"));
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([size(0), size(1023), size(1024), size(1_572_864)], ["0 B", "1023 B", "1.0 KiB", "1.5 MiB"]);
    }
}
