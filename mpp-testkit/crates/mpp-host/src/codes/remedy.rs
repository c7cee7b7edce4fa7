//! Remedies: what would make a refused request succeed, as data that each front end words for its reader.

use std::fmt;

use mpp_sdk::wire::RpcError;
use serde::{Deserialize, Serialize};

/// What would make a refused request succeed.
///
/// A program words it as a command, a test kit as a builder call, a bridge as a sentence. [`Display`](fmt::Display) gives a sentence
/// that names no program: it is what a tool's caller reads. Errors on the wire carry the remedy as `data.remedy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remedy {
    /// Provide values for environment variables that the package declares.
    GiveVariables {
        /// The variables without a value.
        names: Vec<String>,
    },
    /// Declare an environment variable in the manifest.
    DeclareVariable {
        /// The variable.
        name: String,
    },
    /// Map a declared path to a file or directory of this machine.
    MapPath {
        /// The path as the tool sees it.
        guest: String,
    },
    /// Declare a path in the manifest.
    DeclarePath {
        /// The path as the tool sees it.
        guest: String,
    },
    /// Declare a host in the manifest.
    DeclareHost {
        /// The host, as a manifest writes it.
        host: String,
        /// The complete line for `[package.metadata.mpp.capabilities]`, with the hosts that are declared already.
        line: String,
    },
    /// Allow declared hosts to have addresses on this machine or its local network.
    AllowLocalHosts {
        /// The declared host that has such an address.
        host: String,
    },
}

/// The member of an error's data that holds the remedy.
const MEMBER: &str = "remedy";

impl Remedy {
    /// The remedy that an error on the wire carries.
    #[must_use]
    pub fn of(error: &RpcError) -> Option<Self> {
        serde_json::from_value(error.data.get(MEMBER)?.clone()).ok()
    }

    /// Adds the remedy to an error on the wire.
    #[cfg(feature = "sandbox")]
    pub(crate) fn add_to(&self, error: RpcError) -> RpcError {
        match serde_json::to_value(self) {
            Ok(value) => error.with(MEMBER, value),
            Err(_) => error,
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GiveVariables { names } => {
                let (a, s) = if names.len() == 1 { ("a value", "") } else { ("values", "s") };
                write!(f, "whoever runs the tool has to provide {a} for the environment variable{s} {}", listed(names))
            }
            Self::DeclareVariable { name } => write!(
                f,
                "to allow it, add `{name}` to `env_vars` under `[package.metadata.mpp.capabilities]` and build again"
            ),
            Self::MapPath { guest } => {
                write!(f, "whoever runs the tool has to map `{guest}` to a file or directory of this machine")
            }
            Self::DeclarePath { guest } => write!(
                f,
                "to allow it, add `{guest}` to `read` or `write` of `filesystem` under `[package.metadata.mpp.capabilities]` and \
                 build again"
            ),
            Self::DeclareHost { line, .. } => {
                write!(f, "to allow it, write `{line}` under `[package.metadata.mpp.capabilities]` and build again")
            }
            Self::AllowLocalHosts { .. } => {
                f.write_str("whoever runs the tool may allow declared hosts to be on this machine or its local network")
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use mpp_sdk::wire::{ErrorKind, RpcError};

    use super::Remedy;

    #[test]
    fn travels_in_the_data_of_an_error() {
        let remedy = Remedy::AllowLocalHosts { host: "api.example.com".to_owned() };
        let error = remedy.add_to(RpcError::new(ErrorKind::CapabilityDenied, "no"));
        assert_eq!(error.data["remedy"], serde_json::json!({ "kind": "allow_local_hosts", "host": "api.example.com" }));
        assert_eq!(Remedy::of(&error), Some(remedy));
        assert_eq!(Remedy::of(&RpcError::new(ErrorKind::CapabilityDenied, "no")), None);
    }
}
