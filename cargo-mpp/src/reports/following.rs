//! Results of `mpp registry monitor` and `mpp registry witness`.

use mpp_host::clock::rfc3339;
use mpp_host::codes::Coded as _;
use mpp_registry::client::{Alarm, SignedState};
use mpp_registry::monitor::{Monitor, Report};
use schemars::JsonSchema;
use serde::Serialize;

/// What a monitor has found since its last look.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MonitorReport {
    /// Name of the registry.
    pub(crate) registry: String,
    /// Number of leaves at the last look; 0 at the first one.
    pub(crate) from_size: u64,
    /// Number of leaves now.
    pub(crate) size: u64,
    /// Root of the log now.
    pub(crate) root: String,
    /// Ids of the watched packages that exist.
    pub(crate) packages: Vec<String>,
    /// Changes to the watched packages, in the order of the log.
    pub(crate) events: Vec<LogEvent>,
    /// Leaves that the registry should not have accepted, and index files that do not show what the log has.
    pub(crate) contradictions: Vec<Contradiction>,
    /// Two states that the registry has signed and of which neither extends the other; only in what is sent to a webhook, since the
    /// command itself fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alarm: Option<SignedStates>,
}

/// Two states of a log that contradict each other.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SignedStates {
    /// Code of the error that the command ends with.
    pub(crate) code: String,
    /// What is wrong, with both states.
    pub(crate) message: String,
    /// The signed state that was seen before: a checkpoint or a revocation list.
    pub(crate) known: String,
    /// The signed state that is served now.
    pub(crate) found: String,
}

/// A leaf about a watched package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogEvent {
    /// Index of the leaf.
    pub(crate) leaf_index: u64,
    /// Time at which the registry accepted it, in RFC 3339.
    pub(crate) time: String,
    /// Type of the leaf, for example `publish`.
    pub(crate) action: String,
    /// The package, if the leaf names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package_id: Option<String>,
    /// The version, if the leaf names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// The key that signed the leaf, in Base64; absent for records of the registry itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// The other key, the domain or the reason that the leaf names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) other: Option<String>,
}

/// Something that contradicts the log or its rules.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Contradiction {
    /// The package.
    pub(crate) package_id: String,
    /// Index of the leaf, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf_index: Option<u64>,
    /// What is wrong.
    pub(crate) problem: String,
}

impl MonitorReport {
    /// Describes what a monitor has found.
    pub(crate) fn new(monitor: &Monitor, report: &Report) -> Self {
        let events = report.events.iter().map(|event| LogEvent {
            leaf_index: event.leaf_index,
            time: rfc3339(std::time::UNIX_EPOCH + std::time::Duration::from_millis(event.time)),
            action: event.kind.to_owned(),
            package_id: event.package_id.as_ref().map(ToString::to_string),
            version: event.version.as_ref().map(ToString::to_string),
            key: event.key.as_ref().map(mpp_host::PublicKey::to_base64),
            other: event.other.clone(),
        });
        let findings = report.findings.iter().map(|finding| Contradiction {
            package_id: finding.package_id.to_string(),
            leaf_index: Some(finding.leaf_index),
            problem: finding.reason.clone(),
        });
        let faults = report.faults.iter().map(|fault| Contradiction {
            package_id: fault.package_id.to_string(),
            leaf_index: None,
            problem: fault.kind.to_string(),
        });
        Self {
            registry: monitor.checkpoint().origin.to_string(),
            from_size: report.from_size,
            size: report.size,
            root: report.root.to_string(),
            packages: monitor.packages().map(ToString::to_string).collect(),
            events: events.collect(),
            contradictions: findings.chain(faults).collect(),
            alarm: None,
        }
    }

    /// Describes a registry that contradicts what it has signed.
    pub(crate) fn of_alarm(monitor: &Monitor, alarm: &Alarm) -> Self {
        let text = |state: &SignedState| String::from_utf8_lossy(&state.evidence).into_owned();
        let states = SignedStates {
            code: alarm.code().id.to_owned(),
            message: alarm.to_string(),
            known: text(&alarm.known),
            found: text(&alarm.found),
        };
        Self { alarm: Some(states), ..Self::new(monitor, &monitor.nothing_new()) }
    }
}

/// A witness that is running.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StartedWitness {
    /// The key of the witness, as a verifier key.
    pub(crate) key: String,
    /// Address that the witness listens on.
    pub(crate) url: String,
    /// Names of the logs that it cosigns.
    pub(crate) logs: Vec<String>,
    /// Whether the key was made by this command.
    pub(crate) created: bool,
}

/// A mirror that is being served.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServedMirror {
    /// Name of the registry.
    pub(crate) origin: String,
    /// Address of the registry.
    pub(crate) upstream: String,
    /// Address that the mirror listens on.
    pub(crate) address: String,
    /// Number of leaves in the log.
    pub(crate) leaves: u64,
}
