//! Looks for the keys that a domain names: in its DNS TXT records, and at a well-known address.
//!
//! *Invariant:* the server connects only to public addresses, unless the policy names the domain as local. The name is resolved
//! once, every address is checked, and a redirect to another host is not followed.

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{Resolver, TokioResolver};
use mpp_host::addresses::{Reach, reach};
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::PublicKey;
use serde::Deserialize;

use crate::codes;
use crate::protocol::domain::{TXT_PREFIX, WELL_KNOWN_KEYS};

/// The largest document.
const MAX_DOCUMENT: usize = 64 * 1024;
/// The most keys that one domain can name.
const MAX_KEYS: usize = 100;
/// The time for everything that is fetched for one domain.
const TIME: Duration = Duration::from_secs(10);

/// How domains are looked up.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DomainSettings {
    /// DNS servers to ask instead of those of the system.
    pub name_servers: Vec<SocketAddr>,
    /// Domains that may have addresses of this machine or its networks.
    pub local: BTreeSet<String>,
    /// PEM file with certificates to trust in addition to those of the system.
    pub ca: Option<std::path::PathBuf>,
    /// Port of the well-known address.
    pub port: u16,
}

impl Default for DomainSettings {
    fn default() -> Self {
        Self { name_servers: Vec::new(), local: BTreeSet::new(), ca: None, port: 443 }
    }
}

/// The error returned when a domain does not name a key.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ProofMissing {
    /// The domain cannot be claimed.
    #[error("the domain `{domain}` cannot be claimed: {problem}")]
    Unsuitable {
        /// The domain.
        domain: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Neither place names the key.
    #[error("`{domain}` does not name the key: the TXT records: {dns}; {WELL_KNOWN_KEYS}: {web}")]
    NotFound {
        /// The domain.
        domain: String,
        /// What the TXT records contain.
        dns: String,
        /// What the document contains.
        web: String,
    },
}

impl Coded for ProofMissing {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unsuitable { .. } => &codes::N312,
            Self::NotFound { .. } => &codes::N311,
        }
    }
}

/// What was found for a domain.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The keys that either place names.
    pub(super) keys: BTreeSet<PublicKey>,
    /// Description of what the TXT records contain.
    dns: String,
    /// Description of what the document contains.
    web: String,
}

impl Found {
    /// Returns the error for a key that is not among those found.
    pub(super) fn missing(self, domain: &str) -> ProofMissing {
        ProofMissing::NotFound { domain: domain.to_owned(), dns: self.dns, web: self.web }
    }
}

/// Looks for the keys of domains.
#[derive(Debug)]
pub(super) struct DomainProver {
    resolver: TokioResolver,
    settings: DomainSettings,
    certificates: Vec<reqwest::Certificate>,
}

impl DomainProver {
    /// Creates a prover.
    ///
    /// # Errors
    /// Returns an error if the system's DNS configuration, or the file with certificates, cannot be read.
    pub(super) fn new(settings: DomainSettings) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut options = ResolverOpts::default();
        // Proofs are looked at rarely, and each time for what is true then.
        options.cache_size = 0;
        options.timeout = Duration::from_secs(3);
        let builder = match settings.name_servers.is_empty() {
            true => Resolver::builder_tokio()?,
            false => {
                let servers = settings.name_servers.iter().map(|address| {
                    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                        connection.port = address.port();
                        connection
                    });
                    NameServerConfig::new(address.ip(), true, connections.to_vec())
                });
                let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
                Resolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let resolver = builder.with_options(options).build()?;
        let certificates = match &settings.ca {
            Some(path) => reqwest::Certificate::from_pem_bundle(&std::fs::read(path)?)?,
            None => Vec::new(),
        };
        Ok(Self { resolver, settings, certificates })
    }

    /// Checks that a domain can be claimed: it has one spelling, and is not a public suffix.
    pub(super) fn check(domain: &str) -> Result<(), ProofMissing> {
        let refuse = |problem| Err(ProofMissing::Unsuitable { domain: domain.to_owned(), problem });
        let is_label = |label: &str| {
            let valid = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            valid && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
        };
        if domain.len() > 190 || !domain.contains('.') || !domain.split('.').all(is_label) {
            return refuse("expected a name such as `example.com`, in lower case and ASCII");
        }
        if domain.parse::<IpAddr>().is_ok() {
            return refuse("it is an address");
        }
        match psl::suffix_str(domain) {
            Some(suffix) if suffix == domain => refuse("it is a public suffix, below which everybody can have names"),
            _ => Ok(()),
        }
    }

    /// Looks for the keys of a domain in both places.
    pub(super) async fn look(&self, domain: &str) -> Found {
        let ((dns_keys, dns), (web_keys, web)) = tokio::join!(self.dns(domain), self.web(domain));
        Found { keys: dns_keys.union(&web_keys).copied().collect(), dns, web }
    }

    async fn dns(&self, domain: &str) -> (BTreeSet<PublicKey>, String) {
        let none = |why: String| (BTreeSet::new(), why);
        let lookup = match tokio::time::timeout(TIME, self.resolver.txt_lookup(format!("{domain}."))).await {
            Err(_) => return none("the DNS servers did not answer in time".to_owned()),
            Ok(Err(error)) if error.is_no_records_found() => return none("there are none".to_owned()),
            Ok(Err(error)) => return none(error.to_string()),
            Ok(Ok(lookup)) => lookup,
        };
        let mut keys = BTreeSet::new();
        let mut faults = Vec::new();
        for record in lookup.answers() {
            let RData::TXT(txt) = &record.data else { continue };
            let text: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
            let text = String::from_utf8_lossy(&text);
            let Some(key) = text.trim().strip_prefix(TXT_PREFIX) else { continue };
            match PublicKey::from_base64(key.trim()) {
                Ok(key) if keys.len() < MAX_KEYS => drop(keys.insert(key)),
                Ok(_) => faults.push("it names more than 100 keys".to_owned()),
                Err(error) => faults.push(format!("a record names a key that is not valid ({error})")),
            }
        }
        let words = describe(&keys, &faults, "no record begins with `mpp-key=`");
        (keys, words)
    }

    async fn web(&self, domain: &str) -> (BTreeSet<PublicKey>, String) {
        match tokio::time::timeout(TIME, self.fetch(domain)).await {
            Err(_) => (BTreeSet::new(), "the server did not answer in time".to_owned()),
            Ok(Err(why)) => (BTreeSet::new(), why),
            Ok(Ok(keys)) => {
                let words = describe(&keys, &[], "it names no key");
                (keys, words)
            }
        }
    }

    /// Resolves a domain to addresses that the server may connect to.
    async fn addresses(&self, domain: &str) -> Result<Vec<SocketAddr>, String> {
        let lookup = self.resolver.lookup_ip(format!("{domain}.")).await.map_err(|error| match error {
            error if error.is_no_records_found() => "the domain has no address".to_owned(),
            error => error.to_string(),
        })?;
        let mut found = Vec::new();
        for address in lookup.iter() {
            match reach(address) {
                Reach::Public => {}
                Reach::Local(_) if self.settings.local.contains(domain) => {}
                Reach::Local(what) | Reach::Never(what) => {
                    return Err(format!(
                        "the domain has the address {address}, {what}, to which the registry does not connect"
                    ));
                }
                _ => return Err(format!("the domain has the address {address}, which is not public")),
            }
            found.push(SocketAddr::new(address, self.settings.port));
        }
        match found.is_empty() {
            true => Err("the domain has no address".to_owned()),
            false => Ok(found),
        }
    }

    async fn fetch(&self, domain: &str) -> Result<BTreeSet<PublicKey>, String> {
        let addresses = self.addresses(domain).await?;
        let failed = |error: reqwest::Error| mpp_host::causes::with_causes(&error);
        // The client knows the checked addresses only, asks no proxy, keeps no cookies, and follows no redirect.
        let client = reqwest::Client::builder()
            .resolve_to_addrs(domain, &addresses)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(true)
            .timeout(TIME)
            .connect_timeout(TIME / 2)
            .tls_certs_merge(self.certificates.clone())
            .build()
            .map_err(failed)?;
        let port = if self.settings.port == 443 { String::new() } else { format!(":{}", self.settings.port) };
        let url = format!("https://{domain}{port}{WELL_KNOWN_KEYS}");
        let mut response = client.get(url).send().await.map_err(failed)?;
        match response.status() {
            status if status.is_redirection() => return Err("it redirects, which is not followed".to_owned()),
            status if status != 200 => return Err(format!("the server answers {status}")),
            _ => {}
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_DOCUMENT {
                return Err(format!("the document is larger than {MAX_DOCUMENT} bytes"));
            }
        }
        parse(&body)
    }
}

/// The document that names the keys of a domain.
#[derive(Debug, Deserialize)]
struct KeysDocument {
    keys: Vec<PublicKey>,
}

fn parse(body: &[u8]) -> Result<BTreeSet<PublicKey>, String> {
    let value = mpp_host::package::json::parse(body).map_err(|error| format!("it is not JSON ({error})"))?;
    let document: KeysDocument =
        serde_json::from_value(value).map_err(|error| format!("it is not a list of keys in `keys` ({error})"))?;
    match document.keys.len() <= MAX_KEYS {
        true => Ok(document.keys.into_iter().collect()),
        false => Err("it names more than 100 keys".to_owned()),
    }
}

fn describe(keys: &BTreeSet<PublicKey>, faults: &[String], none: &str) -> String {
    let ids = keys.iter().map(|key| key.id(mpp_host::keys::KeyRole::Publisher).to_string());
    let mut parts: Vec<String> = faults.to_vec();
    if !keys.is_empty() {
        parts.push(format!("it names {}", ids.collect::<Vec<_>>().join(", ")));
    }
    if parts.is_empty() { none.to_owned() } else { parts.join("; ") }
}
