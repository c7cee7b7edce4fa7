//! The policy of a server, `policy.toml`: who may register and act, how ids are given away, and every limit.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use mpp_host::codes::{Code, Coded};
use mpp_host::keys::PublicKey;
use serde::Deserialize;

use super::domains::DomainSettings;
use crate::codes;
use crate::state::{IdRule, Registration, Rules};

/// The policy of a server. [`Policy::default`] is that of a private registry: anybody may register, and an id belongs to whoever
/// publishes it first.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// Who may publish after registering.
    pub registration: Registration,
    /// How new package ids are given away.
    pub ids: IdRule,
    /// Keys that may transfer, take down, approve and revoke.
    pub operators: BTreeSet<PublicKey>,
    /// Proxies whose `X-Forwarded-For` header is believed.
    pub trusted_proxies: Vec<Network>,
    /// How the proofs of domains are looked up.
    pub domains: DomainSettings,
    /// The limits.
    pub limits: Limits,
}

/// The limits of a server.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum size of a package in MiB, 1–100.
    pub package_mib: u64,
    /// Maximum number of open connections.
    pub connections: usize,
    /// Maximum number of open connections of one address. Trusted proxies are exempt.
    pub connections_per_address: usize,
    /// Seconds within which a client must send the first complete request of a connection.
    pub first_request_seconds: u64,
    /// Seconds after which a body that does not arrive, or a response that is not read, ends the connection.
    pub idle_seconds: u64,
    /// Bytes a second that a body must reach, on average after `idle_seconds`.
    pub body_bytes_per_second: u64,
    /// Maximum number of packages that are verified at the same time.
    pub verifications: usize,
    /// Memory in MiB for the bodies of uploads that are being received or verified.
    pub upload_memory_mib: u64,
    /// Sum of the sizes in MiB of the versions that one key has published.
    pub owner_mib: u64,
    /// Requests that change something.
    pub writes: Quota,
    /// Searches.
    pub searches: Quota,
    /// New keys.
    pub registrations: Quota,
    /// New package ids.
    pub packages: Quota,
    /// New versions.
    pub versions: Quota,
}

/// How often something may happen: for one owner, for one address (IPv4, or an IPv6 network of 64 bits), and on the whole server.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Quota {
    /// For one owner's key.
    #[serde(default = "Rate::unlimited")]
    pub owner: Rate,
    /// For one address.
    #[serde(default = "Rate::unlimited")]
    pub address: Rate,
    /// For all clients of this server together.
    #[serde(default = "Rate::unlimited")]
    pub server: Rate,
}

/// A rate: `burst` at once, then one more after each `every_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rate {
    /// Number that is possible at once.
    pub burst: u32,
    /// Seconds after which one more is possible; 0 removes the limit.
    pub every_seconds: u32,
}

impl Rate {
    /// Returns a rate of `burst` at once, then one each `every_seconds`.
    #[must_use]
    pub const fn new(burst: u32, every_seconds: u32) -> Self {
        Self { burst, every_seconds }
    }

    /// Returns the rate without a limit.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self::new(0, 0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        const fn quota(owner: Rate, address: Rate, server: Rate) -> Quota {
            Quota { owner, address, server }
        }
        const NONE: Rate = Rate::unlimited();
        Self {
            package_mib: 100,
            connections: 1024,
            connections_per_address: 64,
            first_request_seconds: 15,
            idle_seconds: 15,
            body_bytes_per_second: 8 * 1024,
            verifications: 2,
            upload_memory_mib: 256,
            owner_mib: 10 * 1024,
            writes: quota(NONE, Rate::new(120, 1), NONE),
            searches: quota(NONE, Rate::new(60, 1), NONE),
            registrations: quota(NONE, Rate::new(10, 360), Rate::new(500, 5)),
            packages: quota(Rate::new(5, 600), Rate::new(20, 120), Rate::new(500, 5)),
            versions: quota(Rate::new(30, 60), Rate::new(60, 20), Rate::new(1000, 1)),
        }
    }
}

impl Limits {
    /// Returns the maximum size of a package in bytes, never more than the format allows.
    #[must_use]
    pub fn package_bytes(&self) -> u64 {
        (self.package_mib.max(1) * 1024 * 1024).min(mpp_host::package::Limits::default().archive)
    }
}

/// A network of addresses in the form `ADDRESS/BITS`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: u128,
    bits: u32,
}

impl Network {
    /// Returns whether `address` belongs to the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.bits == 0 || (as_bits(address) ^ self.address) >> (128 - self.bits) == 0
    }
}

/// IPv4 addresses are compared in the form in which a socket for both protocols reports them.
fn as_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refuse = || format!("`{text}` is not a network: expected an address such as `10.0.0.1`, or `10.0.0.0/8`");
        let (address, bits) =
            text.split_once('/').map_or((text.as_str(), None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| refuse())?;
        let (offset, whole) = if address.is_ipv4() { (96, 32) } else { (0, 128) };
        let bits = bits.map_or(Ok(whole), str::parse::<u32>).ok().filter(|bits| *bits <= whole).ok_or_else(refuse)?;
        Ok(Self { address: as_bits(address), bits: bits + offset })
    }
}

/// The error returned when `policy.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the policy `{}` cannot be used", path.display())]
#[non_exhaustive]
pub struct PolicyError {
    /// Path of the file.
    pub path: PathBuf,
    /// The reason.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Coded for PolicyError {
    fn code(&self) -> &'static Code {
        &codes::N212
    }
}

impl Policy {
    /// Reads a policy from a file.
    ///
    /// # Errors
    /// Returns [`PolicyError`] if the file cannot be read, or if a setting is unknown or not valid.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| PolicyError { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
        Self::parse(&text).map_err(|error| failed(error.into()))
    }

    /// Parses the text of a policy.
    ///
    /// # Errors
    /// Returns the error of the TOML parser, which names the line.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Returns the rules that the state checks statements against.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            registration: self.registration,
            ids: self.ids,
            operators: self.operators.clone(),
            owner_bytes: self.limits.owner_mib * 1024 * 1024,
        }
    }

    /// Returns whether the header of this peer that names the client's address is believed.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, Policy, Rate};
    use crate::state::{IdRule, Registration};

    #[test]
    fn an_empty_policy_is_that_of_a_private_registry() {
        let policy = Policy::parse("").expect("valid");
        assert_eq!(policy.registration, Registration::Open);
        assert_eq!(policy.ids, IdRule::FirstCome);
        assert_eq!(policy.limits.packages.owner, Rate::new(5, 600));
        assert_eq!(policy.limits.package_bytes(), 100 * 1024 * 1024);
    }

    #[test]
    fn settings_replace_defaults_one_by_one() {
        let policy = Policy::parse(
            "registration = \"approved\"\nids = \"domain-proof\"\ntrusted_proxies = [\"127.0.0.1\", \"fd00::/8\"]\n\
             [limits]\npackage_mib = 500\nversions = { owner = { burst = 2, every_seconds = 9 } }\n",
        )
        .expect("valid");
        assert_eq!((policy.registration, policy.ids), (Registration::Approved, IdRule::DomainProof));
        assert_eq!(policy.limits.versions.owner, Rate::new(2, 9));
        assert_eq!(policy.limits.versions.server, Rate::unlimited());
        assert_eq!(policy.limits.package_bytes(), 100 * 1024 * 1024, "the format's limit can only be lowered");
        for (address, trusted) in [("127.0.0.1", true), ("127.0.0.2", false), ("fd12::1", true), ("fe80::1", false)] {
            assert_eq!(policy.trusts(address.parse().expect("an address")), trusted, "{address}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for text in [
            "registration = \"closed\"",
            "operator = []",
            "operators = [\"AAAA\"]",
            "trusted_proxies = [\"10.0.0.0/33\"]",
            "trusted_proxies = [\"localhost\"]",
            "[limits]\nversions = { owner = { burst = 1 } }",
        ] {
            Policy::parse(text).expect_err(text);
        }
    }

    #[test]
    fn a_network_knows_its_addresses_in_both_forms() {
        let network = Network::try_from("10.0.0.0/8".to_owned()).expect("valid");
        for (address, inside) in [("10.255.0.1", true), ("::ffff:10.1.1.1", true), ("11.0.0.1", false), ("::1", false)]
        {
            assert_eq!(network.contains(address.parse().expect("an address")), inside, "{address}");
        }
    }
}
