//! The hosts that a package declares, the headers that are added to requests to them, and the denial of requests to others.

use http::{HeaderName, HeaderValue};
use mpp_sdk::wire::nearest;

use super::url::Target;
use crate::codes::Remedy;
use crate::package::manifest::{Capabilities, HostPattern, NetworkEntry, cargo_toml};

/// The declared hosts, sorted with the most specific first.
pub(super) struct Allowed {
    entries: Vec<Entry>,
    /// The entries as the manifest has them.
    declared: Vec<NetworkEntry>,
}

/// One declared host.
pub(super) struct Entry {
    pattern: HostPattern,
    /// The headers that are added to requests to the host.
    pub(super) inject: Vec<(HeaderName, HeaderValue)>,
}

/// The error of a package whose injected headers cannot be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InjectFault {
    /// Variables that an injected header needs have no value.
    Missing { names: Vec<String> },
    /// The values of the variables do not result in a valid header.
    Unusable { header: String, host: String },
}

/// The explanation of a denied request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    /// The requested host, as a manifest would declare it.
    pub(crate) host: String,
    /// The reason for the denial.
    pub(crate) message: String,
    /// The change that would allow the request; `None` if no change can.
    pub(crate) remedy: Option<Remedy>,
}

impl Denial {
    /// Returns the message and the help in one sentence, for the tool.
    pub(crate) fn sentence(&self) -> String {
        format!("{}; {}", self.message, self.help())
    }

    /// Describes what to do next.
    pub(crate) fn help(&self) -> String {
        match &self.remedy {
            Some(remedy) => remedy.to_string(),
            None => "this address is never allowed: check the DNS records of the host".to_owned(),
        }
    }
}

impl Allowed {
    /// Parses the declared hosts and creates the injected headers from `variables`, the values that were granted.
    pub(super) fn new(can: &Capabilities, variables: &[(String, String)]) -> Result<Self, InjectFault> {
        let has = |name: &str| variables.iter().any(|(known, _)| known == name);
        let missing: Vec<String> =
            can.injected_variables().into_iter().filter(|name| !has(name)).map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(InjectFault::Missing { names: missing });
        }
        let declared = &can.network;
        let mut entries = Vec::with_capacity(declared.len());
        for entry in declared {
            // The Gatekeeper has parsed the pattern before. One that does not parse allows nothing.
            let Ok(pattern) = HostPattern::parse(entry.host()) else { continue };
            let mut inject = Vec::new();
            if let NetworkEntry::Injected(own) = entry {
                for (name, template) in &own.inject {
                    let fault = || InjectFault::Unusable { header: name.clone(), host: own.host.clone() };
                    let value = filled(template, variables);
                    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault())?;
                    let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| fault())?;
                    value.set_sensitive(true);
                    inject.push((header, value));
                }
            }
            entries.push(Entry { pattern, inject });
        }
        entries.sort_by_key(|entry| (entry.pattern.is_below(), std::cmp::Reverse(entry.pattern.name().len())));
        Ok(Self { entries, declared: declared.clone() })
    }

    /// Returns the entry that applies to a request: a name takes precedence over a wildcard, and a longer wildcard over a shorter one.
    pub(super) fn find(&self, target: &Target) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.pattern.allows(target.plain_http, &target.host, target.port))
    }

    /// Returns the denial of a request to a host that is not declared.
    pub(super) fn denial(&self, target: &Target, redirected_by: Option<&Target>) -> Denial {
        let host = target.declared();
        let known: Vec<String> = self.entries.iter().map(|entry| entry.pattern.to_string()).collect();
        let otherwise = self.entries.iter().find(|entry| {
            let pattern = &entry.pattern;
            !pattern.is_below() && pattern.name() == target.host
        });
        let reason = match otherwise {
            Some(entry) if entry.pattern.is_plain_http() && !target.plain_http => {
                format!("; `{}` declares it for plain HTTP only", entry.pattern)
            }
            Some(entry) if target.plain_http && !entry.pattern.is_plain_http() => {
                format!("; `{}` declares it for HTTPS only", entry.pattern)
            }
            Some(entry) => format!("; `{}` declares it on port {} only", entry.pattern, entry.pattern.port()),
            None => nearest(&host, known.iter().map(String::as_str))
                .map(|near| format!("; the most similar declared host is `{near}`"))
                .unwrap_or_default(),
        };
        let message = match redirected_by {
            None => format!("the manifest does not declare the host `{host}`{reason}"),
            Some(from) => {
                format!(
                    "`{}` redirects to `{host}`, a host that the manifest does not declare{reason}",
                    from.declared()
                )
            }
        };
        let line = cargo_toml::network(&self.declared, &host);
        Denial { message, remedy: Some(Remedy::DeclareHost { host: host.clone(), line }), host }
    }
}

fn filled(template: &str, variables: &[(String, String)]) -> String {
    let mut parts = template.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        // Surrounding white space is usually the line break at the end of a file, which a header cannot contain.
        out.push_str(variables.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim()));
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Allowed, InjectFault};
    use crate::codes::Remedy;
    use crate::package::manifest::Capabilities;
    use crate::sandbox::network::url::Target;

    fn entries() -> Capabilities {
        serde_json::from_value(serde_json::json!({"env_vars": ["KEY", "USER"], "network": [
            "*.example.com", "api.example.com", "http://plain.example",
            {"host": "*.eu.example.com", "inject": {"x-key": "${KEY}", "authorization": "Basic ${USER}:${KEY}"}},
        ]}))
        .expect("entries")
    }

    fn variables() -> Vec<(String, String)> {
        vec![("KEY".to_owned(), "k1\n".to_owned()), ("USER".to_owned(), "me".to_owned())]
    }

    fn target(url: &str) -> Target {
        Target::parse(url).expect("a URL")
    }

    #[test]
    fn the_most_specific_entry_decides_what_is_injected() {
        let allowed = Allowed::new(&entries(), &variables()).expect("values");
        let headers = |url: &str| {
            let entry = allowed.find(&target(url))?;
            let line = |(name, value): &(http::HeaderName, http::HeaderValue)| {
                format!("{name}: {}", value.to_str().expect("text"))
            };
            Some(entry.inject.iter().map(line).collect::<Vec<_>>())
        };
        assert_eq!(
            headers("https://a.eu.example.com").as_deref(),
            Some(["authorization: Basic me:k1".to_owned(), "x-key: k1".to_owned()].as_slice())
        );
        assert_eq!(headers("https://api.example.com"), Some(Vec::new()));
        assert_eq!(headers("https://eu.example.com"), Some(Vec::new()));
        assert_eq!(headers("http://api.example.com"), None);
        assert_eq!(headers("http://plain.example"), Some(Vec::new()));
        assert_eq!(headers("https://plain.example"), None);
    }

    #[test]
    fn a_denial_shows_the_line_that_would_allow_it() {
        let allowed = Allowed::new(&entries(), &variables()).expect("values");
        let denial = allowed.denial(&target("https://api.exampel.com:8443/x?secret"), None);
        let line = "network = [\"*.example.com\", \"api.example.com\", \"http://plain.example\", { host = \
                    \"*.eu.example.com\", inject = { authorization = \"Basic ${USER}:${KEY}\", x-key = \"${KEY}\" } }, \
                    \"api.exampel.com:8443\"]";
        let host = "api.exampel.com:8443".to_owned();
        assert_eq!(denial.remedy, Some(Remedy::DeclareHost { host, line: line.to_owned() }));
        assert!(!denial.sentence().contains("secret"), "{denial:?}");
        let says = |url: &str, words: &str| {
            let denial = allowed.denial(&target(url), None);
            assert!(denial.message.contains(words), "{denial:?}");
        };
        says("https://api.exampel.com", "the most similar declared host is `api.example.com`");
        says("http://api.example.com", "for HTTPS only");
        says("https://plain.example", "for plain HTTP only");
        says("https://api.example.com:444", "on port 443 only");
        let from = target("https://api.example.com/login");
        let denial = allowed.denial(&target("https://evil.example"), Some(&from));
        assert!(denial.message.starts_with("`api.example.com` redirects to `evil.example`"), "{denial:?}");
    }

    #[test]
    fn injected_headers_need_valid_values_of_their_variables() {
        assert_eq!(entries().injected_variables().into_iter().collect::<Vec<_>>(), ["KEY", "USER"]);
        let missing = Allowed::new(&entries(), &variables()[..1]).err();
        assert_eq!(missing, Some(InjectFault::Missing { names: vec!["USER".to_owned()] }));
        let mut variables = variables();
        variables[1].1 = "a\r\nb".to_owned();
        let fault = Allowed::new(&entries(), &variables).err();
        let header = "authorization".to_owned();
        assert_eq!(fault, Some(InjectFault::Unusable { header, host: "*.eu.example.com".to_owned() }));
    }
}
