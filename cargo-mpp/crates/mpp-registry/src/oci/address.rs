//! The address of a namespace in an OCI registry: `oci://HOST/NAMESPACE`.

use std::fmt;
use std::net::IpAddr;

use super::error::OciError;
use crate::protocol::PackageId;

const SCHEME: &str = "oci://";
/// The longest name of a repository that registries accept.
const MAX_REPOSITORY: usize = 255;

/// A namespace in an OCI registry. Each package is a repository below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OciAddress {
    host: String,
    namespace: String,
}

impl OciAddress {
    /// Returns whether a text is meant as the address of an OCI registry.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// Parses `oci://HOST/NAMESPACE`.
    ///
    /// # Errors
    /// Returns [`OciError::Address`] with the reason.
    pub fn parse(text: &str) -> Result<Self, OciError> {
        let refuse = |reason| Err(OciError::Address { address: text.to_owned(), reason });
        let Some(rest) = text.strip_prefix(SCHEME) else { return refuse("expected `oci://HOST/NAMESPACE`") };
        let Some((host, namespace)) = rest.split_once('/') else { return refuse("it has no namespace") };
        if !is_host(host) {
            return refuse("the host is not a name or address with an optional port");
        }
        let namespace = namespace.strip_suffix('/').unwrap_or(namespace);
        if !namespace.split('/').all(is_part) {
            return refuse(
                "expected a namespace of lower-case letters and digits, with single `.`, `_` or `-` between them",
            );
        }
        // The longest package id and a separator have to fit.
        if namespace.len() + 201 > MAX_REPOSITORY {
            return refuse("the namespace is longer than 54 characters");
        }
        Ok(Self { host: host.to_owned(), namespace: namespace.to_owned() })
    }

    /// Returns the host and the port, if one is given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = match self.host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.host.split(':').next().unwrap_or_default(),
        };
        name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Returns the repository of a package.
    #[must_use]
    pub fn repository(&self, id: &PackageId) -> String {
        format!("{}/{id}", self.namespace)
    }

    /// Returns the package whose repository this is, or `None` if it is not one of this namespace.
    pub(super) fn package_of(&self, repository: &str) -> Option<PackageId> {
        let rest = repository.strip_prefix(self.namespace.as_str())?.strip_prefix('/')?;
        PackageId::parse(rest).ok()
    }
}

impl fmt::Display for OciAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host, self.namespace)
    }
}

fn is_host(host: &str) -> bool {
    let Ok(url) = url::Url::parse(&format!("https://{host}/")) else { return false };
    // Nothing but a host and a port, in the form in which it is used.
    let has_more = !url.username().is_empty() || url.password().is_some() || url.path() != "/";
    let canonical = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    !host.is_empty() && !has_more && (canonical == host || format!("{canonical}:443") == host)
}

/// The OCI distribution specification: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_part(part: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = part.split(is_letter).filter(|separator| !separator.is_empty());
    part.starts_with(is_letter)
        && part.ends_with(is_letter)
        && separators
            .into_iter()
            .all(|separator| matches!(separator, "." | "_" | "__") || separator.chars().all(|c| c == '-'))
}

#[cfg(test)]
mod tests {
    use super::OciAddress;
    use crate::protocol::PackageId;

    #[test]
    fn addresses_have_a_host_and_a_namespace() {
        for good in [
            "oci://ghcr.io/my-company/tools",
            "oci://127.0.0.1:5000/t",
            "oci://[::1]:5000/t",
            "oci://localhost/a__b/c--d",
            "oci://r.example:443/t",
        ] {
            assert_eq!(OciAddress::parse(good).expect(good).to_string(), good);
        }
        for bad in [
            "https://ghcr.io/x",
            "oci://ghcr.io",
            "oci://ghcr.io/",
            "oci:///x",
            "oci://user:secret@ghcr.io/x",
            "oci://ghcr.io/Upper",
            "oci://ghcr.io/a//b",
            "oci://ghcr.io/../x",
            "oci://ghcr.io/a?b",
            "oci://ghcr.io/a.-b",
            "oci://GHCR.io/a",
            "oci://ghcr.io:99999/a",
            &format!("oci://ghcr.io/{}", "a".repeat(55)),
        ] {
            assert!(OciAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (address, loopback) in [
            ("oci://localhost:5000/t", true),
            ("oci://127.0.0.1/t", true),
            ("oci://[::1]:5000/t", true),
            ("oci://localhost.example.com/t", false),
            ("oci://10.0.0.1/t", false),
        ] {
            assert_eq!(OciAddress::parse(address).expect(address).is_loopback(), loopback, "{address}");
        }
    }

    #[test]
    fn repositories_belong_to_one_namespace() {
        let address = OciAddress::parse("oci://r.example/team/tools").expect("an address");
        let id = PackageId::parse("com.example.a").expect("an id");
        assert_eq!(address.repository(&id), "team/tools/com.example.a");
        assert_eq!(address.package_of("team/tools/com.example.a"), Some(id));
        for other in
            ["team/toolsx/com.example.a", "team/tools", "team/tools/a/com.example.a", "x/team/tools/com.example.a"]
        {
            assert_eq!(address.package_of(other), None, "{other}");
        }
    }
}
