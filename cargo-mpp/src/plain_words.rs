//! What a package may do, in plain words: for whoever is asked, and for whoever looks.

use std::path::PathBuf;

use mpp_host::package::Manifest;
pub(crate) use mpp_host::policy::size;
use mpp_host::policy::{Ability, Wants};

/// What is said where hosts may be on this machine.
pub(crate) const LOCAL_HOSTS: &str = "may find these hosts on this machine or its network (--allow-local)";

/// Everything the package may do, a sentence each; `mapped` says what a declared path is on this machine.
pub(crate) fn abilities(manifest: &Manifest, mapped: impl Fn(&str) -> Option<PathBuf>) -> Vec<String> {
    let here = |path: &str| match mapped(path) {
        Some(host) if host.as_os_str() != path => format!(" (here: {})", host.display()),
        _ => String::new(),
    };
    let wanted = Wants::of(manifest).abilities;
    let mut lines: Vec<String> = wanted
        .iter()
        .filter_map(|ability| match ability {
            Ability::Read(path) if wanted.contains(&Ability::Write(path.clone())) => None,
            Ability::Read(path) | Ability::Write(path) => Some(format!("{ability}{}", here(path))),
            // Of the tools, and of the answers: these are shown with them.
            Ability::Level(_) | Ability::Unfiltered | Ability::Leaves(_) | Ability::Exempt(_) => None,
            other => Some(other.to_string()),
        })
        .collect();
    if lines.is_empty() {
        lines.push("sees its arguments and nothing else: no files, no network, no variables".to_owned());
    }
    lines
}

/// What happens to personal data in the answers, a sentence each.
pub(crate) fn privacy(manifest: &Manifest) -> Vec<String> {
    let filters = &manifest.privacy_filters;
    if !filters.enabled {
        return vec!["answers are NOT filtered for personal data: the package turns the filter off".to_owned()];
    }
    let names: Vec<&str> =
        filters.patterns.iter().chain(filters.custom_patterns.iter().map(|own| &own.id)).map(String::as_str).collect();
    let mut lines = vec![match names.as_slice() {
        [] => "answers are filtered for secrets only".to_owned(),
        names if names.contains(&"*") => "personal data is redacted from answers: every known kind".to_owned(),
        names => format!("personal data is redacted from answers: {}", names.join(", ")),
    }];
    lines.extend(filters.exempt.iter().map(|place| format!("not redacted at {}: {}", place.pointer, place.reason)));
    lines
}

#[cfg(test)]
mod tests {
    use super::{abilities, privacy, size};
    use mpp_host::package::Manifest;

    fn manifest(capabilities: serde_json::Value, filters: serde_json::Value) -> Manifest {
        serde_json::from_value(serde_json::json!({
            "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "",
            "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"},
            "capabilities": capabilities, "tool_definitions": [], "privacy_filters": filters
        }))
        .expect("a manifest")
    }

    #[test]
    fn says_everything_and_where_it_is() {
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
                "may read /data (here: /home/ada/data)",
                "may read and change /both",
                "may connect to https://api.example.com",
                "may connect to http://x.example",
                "has the host add authorization to its requests to http://x.example, which the tool never sees",
                "is given the variable MODE",
                "has the host put the variable K into headers, which the tool never sees",
                "may keep up to 2.0 MiB of its own data",
            ]
        );
        assert_eq!(
            privacy(&all),
            ["personal data is redacted from answers: email, own", "not redacted at /*/mail: a public list"]
        );
    }

    #[test]
    fn says_that_nothing_is_nothing_and_off_is_off() {
        let none = manifest(serde_json::json!({}), serde_json::json!({"enabled": false}));
        assert_eq!(
            abilities(&none, |_| None),
            ["sees its arguments and nothing else: no files, no network, no variables"]
        );
        assert!(privacy(&none)[0].contains("NOT filtered"));
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([size(0), size(1023), size(1024), size(1_572_864)], ["0 B", "1023 B", "1.0 KiB", "1.5 MiB"]);
    }
}
