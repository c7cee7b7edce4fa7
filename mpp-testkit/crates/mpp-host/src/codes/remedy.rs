//! Remedies: what would make a refused request succeed, as data that each front end words for its reader.

use std::fmt;

use mpp_sdk::wire::{ErrorKind, RpcError};
use serde::{Deserialize, Serialize};

/// What would make a refused request succeed.
///
/// A program words it as a command, a test kit as a builder call, a bridge as a sentence. [`Display`](fmt::Display) gives a sentence
/// that names no program: it is what a tool's caller reads.
///
/// Errors that the host reports on the wire carry the remedy as `data.remedy`: an object with a `kind`, which is the variant in
/// snake case, and the variant's fields. A program that reads it must expect kinds that it does not know.
///
/// ```
/// use mpp_host::Remedy;
///
/// let remedy = Remedy::AllowLocalHosts { host: "api.example.com".to_owned() };
/// let json = serde_json::json!({ "kind": "allow_local_hosts", "host": "api.example.com" });
/// assert_eq!(serde_json::to_value(remedy)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
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
        /// The complete line for `[package.metadata.mpp.capabilities]`, with the variables that are declared already.
        line: String,
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
        /// The complete line for `[package.metadata.mpp.capabilities]`, with the paths that are declared already. It declares the
        /// path for reading, or for writing if that is what was denied.
        line: String,
    },
    /// Declare a host in the manifest.
    DeclareHost {
        /// The host, as a manifest writes it.
        host: String,
        /// The complete line for `[package.metadata.mpp.capabilities]`, with the hosts that are declared already.
        line: String,
    },
    /// Declare a capability of which the manifest declares nothing.
    DeclareCapability {
        /// Name of the capability in the manifest.
        capability: String,
        /// A line for `[package.metadata.mpp.capabilities]`, with an example as its value.
        line: String,
    },
    /// Allow declared hosts to have addresses on this machine or its local network.
    AllowLocalHosts {
        /// The declared host that has such an address.
        host: String,
    },
    /// Trust a certificate that is not issued by a known authority, or the authority that issued it.
    TrustCertificate {
        /// The declared host that presents the certificate.
        host: String,
    },
    /// Trust the publisher of a package.
    TrustPublisher {
        /// Id of the package.
        package_id: String,
        /// Name of the publisher in the manifest, which is a claim.
        publisher: String,
        /// Id of the key that signed the package.
        key_id: String,
    },
    /// Approve what a package asks for, or calls of one of its tools.
    Approve {
        /// Id of the package.
        package_id: String,
        /// The tool whose calls need an approval; `None` if it is what the package declares.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tool: Option<String>,
    },
    /// Approve calls of a tool of an MCP server outside the sandbox.
    ApproveServerTool {
        /// Name of the server.
        server: String,
        /// The name that the server gives to the tool.
        tool: String,
    },
    /// Accept the definition of a tool of an MCP server, which has changed.
    AcceptDefinition {
        /// Name of the server.
        server: String,
    },
    /// Change a setting of the policy.
    ChangePolicy {
        /// Name of the setting.
        setting: String,
    },
    /// Raise a limit in the manifest.
    RaiseLimit {
        /// The limit.
        limit: RuntimeLimit,
        /// A higher value that manifests may declare.
        value: u64,
        /// The complete line for `[package.metadata.mpp]`, with the settings of `runtime` that are not the default.
        line: String,
    },
}

/// A limit that a manifest sets for each call, under `runtime`. It is serialised as its name in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuntimeLimit {
    /// The wall-clock time in milliseconds.
    TimeoutMs,
    /// The memory in MiB.
    MemoryLimitMb,
    /// The size of the response in bytes.
    MaxOutputBytes,
}

impl RuntimeLimit {
    /// Returns the limit's name in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TimeoutMs => "timeout_ms",
            Self::MemoryLimitMb => "memory_limit_mb",
            Self::MaxOutputBytes => "max_output_bytes",
        }
    }
}

/// What a tool does with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathAccess {
    /// It reads a file or lists a directory.
    Read,
    /// It creates, changes, renames or removes something.
    Write,
}

impl fmt::Display for PathAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// The member of an error's data that holds the remedy.
const MEMBER: &str = "remedy";

/// The kinds of error that only the host reports, so that their data is the host's own.
const OF_THE_HOST: [ErrorKind; 6] = [
    ErrorKind::CapabilityDenied,
    ErrorKind::Timeout,
    ErrorKind::MemoryLimit,
    ErrorKind::OutputLimit,
    ErrorKind::ApprovalRequired,
    ErrorKind::ApprovalRefused,
];

impl Remedy {
    /// The remedy that an error of the host carries. The data of a tool's own error is the tool's text, and never a remedy.
    #[must_use]
    pub fn of(error: &RpcError) -> Option<Self> {
        error.kind().filter(|kind| OF_THE_HOST.contains(kind))?;
        serde_json::from_value(error.data.get(MEMBER)?.clone()).ok()
    }

    /// Adds the remedy to an error on the wire.
    #[must_use]
    pub fn add_to(&self, error: RpcError) -> RpcError {
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
            Self::MapPath { guest } => {
                write!(f, "whoever runs the tool has to map `{guest}` to a file or directory of this machine")
            }
            Self::DeclareVariable { line, .. }
            | Self::DeclarePath { line, .. }
            | Self::DeclareHost { line, .. }
            | Self::DeclareCapability { line, .. } => {
                write!(f, "to allow it, write `{line}` under `[package.metadata.mpp.capabilities]` and build again")
            }
            Self::AllowLocalHosts { .. } => {
                f.write_str("whoever runs the tool can allow declared hosts to be on this machine or its local network")
            }
            Self::TrustCertificate { .. } => {
                f.write_str("whoever runs the tool may trust the certificate, or the authority that issued it")
            }
            Self::TrustPublisher { package_id, publisher, key_id } => {
                write!(
                    f,
                    "whoever runs the tool has to trust the publisher `{publisher}` ({key_id}) for `{package_id}`"
                )
            }
            Self::Approve { package_id, tool: None } => {
                write!(f, "whoever runs the tool has to approve what `{package_id}` asks for")
            }
            Self::Approve { tool: Some(tool), .. } => {
                write!(f, "whoever runs the tool has to approve this call, or every call of `{tool}`")
            }
            Self::ApproveServerTool { tool, .. } => {
                write!(f, "whoever runs the server has to approve this call, or every call of `{tool}`")
            }
            Self::AcceptDefinition { server } => {
                write!(f, "whoever runs the server has to review and accept the tools of `{server}` as they are now")
            }
            Self::ChangePolicy { setting } => {
                write!(f, "`{setting}` of the policy refuses it; whoever runs the tool may change the setting")
            }
            Self::RaiseLimit { line, .. } => {
                write!(f, "if the tool needs more, write `{line}` under `[package.metadata.mpp]` and build again")
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

    use super::{Remedy, RuntimeLimit};

    #[test]
    fn is_part_of_the_data_of_an_error_of_the_host() {
        let remedy = Remedy::AllowLocalHosts { host: "api.example.com".to_owned() };
        let error = remedy.add_to(RpcError::new(ErrorKind::CapabilityDenied, "no"));
        assert_eq!(error.data["remedy"], serde_json::json!({ "kind": "allow_local_hosts", "host": "api.example.com" }));
        assert_eq!(Remedy::of(&error), Some(remedy.clone()));
        assert_eq!(Remedy::of(&RpcError::new(ErrorKind::CapabilityDenied, "no")), None);
        assert_eq!(Remedy::of(&remedy.add_to(RpcError::new(ErrorKind::ToolError, "no"))), None, "a tool's own words");
    }

    #[test]
    fn a_limit_has_the_name_of_the_manifest() {
        for limit in [RuntimeLimit::TimeoutMs, RuntimeLimit::MemoryLimitMb, RuntimeLimit::MaxOutputBytes] {
            assert_eq!(serde_json::to_value(limit).unwrap_or_default(), limit.name());
        }
    }
}
