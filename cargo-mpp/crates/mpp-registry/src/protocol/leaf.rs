//! Leaves of the log: a header line, followed by a signed statement or a record of the server.

use mpp_host::PublicKey;
use mpp_host::package::json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::ProtocolError;
use super::origin::Origin;
use super::signed_statement::SignedStatement;
use super::statement::Action;

/// The maximum size of a leaf in bytes, which the length fields of entry bundles impose.
pub const MAX_LEAF: usize = 65_535;
/// The version of the format of leaves.
pub const LEAF_VERSION: u64 = 1;

const GENESIS: &str = "genesis";
const DOMAIN: &str = "domain";

/// A leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leaf {
    /// The time at which the server accepted the leaf, in milliseconds since 1970. It is never earlier than that of the leaf before.
    pub time: u64,
    /// The content.
    pub body: Body,
}

/// The content of a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// The registry's own record, always at index 0.
    Genesis(Genesis),
    /// A change that a publisher or an operator signed.
    Statement(SignedStatement),
    /// A change in the proof of a domain, which the server observed.
    Domain(DomainRecord),
}

/// The registry's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Genesis {
    /// Origin of the registry.
    pub registry: Origin,
    /// The root key, which signs the well-known file.
    pub root_key: PublicKey,
    /// The first log key.
    pub log_key: PublicKey,
}

impl Genesis {
    /// Creates the record of a registry.
    #[must_use]
    pub const fn new(registry: Origin, root_key: PublicKey, log_key: PublicKey) -> Self {
        Self { registry, root_key, log_key }
    }
}

/// A change in the proof that keys control a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DomainRecord {
    /// The domain, in lower case.
    pub domain: String,
    /// The new state of the proof.
    pub state: DomainState,
    /// The keys that the domain names, sorted. Empty unless the state is `Proved`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<PublicKey>,
}

impl DomainRecord {
    /// Creates a record; the keys are sorted.
    #[must_use]
    pub fn new(domain: String, state: DomainState, mut keys: Vec<PublicKey>) -> Self {
        keys.sort();
        keys.dedup();
        Self { domain, state, keys }
    }
}

/// The state of the proof of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DomainState {
    /// The domain names these keys.
    Proved,
    /// The last check failed; the proof still counts for some time.
    Failing,
    /// The checks failed for too long: new versions are refused.
    Lapsed,
}

/// The first line of a leaf.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    leaf: u64,
    #[serde(rename = "type")]
    kind: String,
    time: u64,
}

impl Leaf {
    /// Creates a leaf that the server accepts at `time`, in milliseconds since 1970.
    #[must_use]
    pub const fn new(time: u64, body: Body) -> Self {
        Self { time, body }
    }

    /// Returns the type of the leaf: the name of the statement's action, `genesis` or `domain`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match &self.body {
            Body::Genesis(_) => GENESIS,
            Body::Statement(statement) => statement.statement().action.name(),
            Body::Domain(_) => DOMAIN,
        }
    }

    /// Returns the statement, or `None` for a record of the server.
    #[must_use]
    pub const fn statement(&self) -> Option<&SignedStatement> {
        match &self.body {
            Body::Statement(statement) => Some(statement),
            _ => None,
        }
    }

    /// Returns the bytes of the leaf, which the log hashes and keeps.
    ///
    /// # Errors
    /// Returns [`ProtocolError::MalformedLeaf`] if the leaf would have more than [`MAX_LEAF`] bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ProtocolError> {
        let header = Header { leaf: LEAF_VERSION, kind: self.kind().to_owned(), time: self.time };
        let malformed = |error: serde_json::Error| ProtocolError::MalformedLeaf(error.into());
        let mut bytes = serde_json::to_vec(&header).map_err(malformed)?;
        bytes.push(b'\n');
        match &self.body {
            Body::Genesis(genesis) => bytes.extend(serde_json::to_vec(genesis).map_err(malformed)?),
            Body::Statement(statement) => bytes.extend(statement.envelope()),
            Body::Domain(record) => bytes.extend(serde_json::to_vec(record).map_err(malformed)?),
        }
        check_size(&bytes)?;
        Ok(bytes)
    }

    /// Parses a leaf, and verifies the signature of its statement.
    ///
    /// # Errors
    /// Returns [`ProtocolError::UnknownLeaf`] for a type or version that this release does not know, and
    /// [`ProtocolError::MalformedLeaf`] for everything else that is not a leaf.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProtocolError> {
        check_size(bytes)?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (line, body) = end
            .map(|end| (&bytes[..end], &bytes[end + 1..]))
            .ok_or_else(|| ProtocolError::MalformedLeaf("it has no header line".into()))?;
        let header = header(line)?;
        let malformed = |error: ProtocolError| ProtocolError::MalformedLeaf(error.into());
        let leaf = Self::new(
            header.time,
            match header.kind.as_str() {
                GENESIS => Body::Genesis(record(body)?),
                DOMAIN => Body::Domain(record(body)?),
                _ => Body::Statement(SignedStatement::verify(body).map_err(malformed)?),
            },
        );
        if leaf.kind() != header.kind {
            let reason = format!("its header says `{}`, its statement `{}`", header.kind, leaf.kind());
            return Err(ProtocolError::MalformedLeaf(reason.into()));
        }
        Ok(leaf)
    }
}

fn check_size(bytes: &[u8]) -> Result<(), ProtocolError> {
    match bytes.len() <= MAX_LEAF {
        true => Ok(()),
        false => {
            let reason = format!("it has {} bytes, expected at most {MAX_LEAF}", bytes.len());
            Err(ProtocolError::MalformedLeaf(reason.into()))
        }
    }
}

/// Parses the header line. The version is read first: a later version can have other members.
fn header(line: &[u8]) -> Result<Header, ProtocolError> {
    let value = json::parse(line).map_err(|fault| ProtocolError::MalformedLeaf(fault.into()))?;
    let kind = value.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
    let version = value.get("leaf").and_then(serde_json::Value::as_u64);
    let version = version.ok_or_else(|| ProtocolError::MalformedLeaf("its header has no version".into()))?;
    let known = [GENESIS, DOMAIN].contains(&kind) || Action::NAMES.contains(&kind);
    if version != LEAF_VERSION || !known {
        return Err(ProtocolError::UnknownLeaf { version, kind: kind.to_owned() });
    }
    serde_json::from_value(value).map_err(|error| ProtocolError::MalformedLeaf(error.into()))
}

fn record<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProtocolError> {
    let value = json::parse(body).map_err(|fault| ProtocolError::MalformedLeaf(fault.into()))?;
    serde_json::from_value(value).map_err(|error| ProtocolError::MalformedLeaf(error.into()))
}
