//! What a program must answer on the wire, whatever language it is written in.
//!
//! Some requirements apply to every package. The others need tools with a known behaviour, which a language's SDK brings along as a
//! package of its own; [`TOOLS`] lists them. A requirement whose tool the package does not have is not checked.

mod arguments;
mod fixed_clock;
mod protocol;
mod target;
mod tools;
mod wire;

use std::time::{Duration, Instant};

use mpp_host::host::RunnablePackage;
use mpp_host::sandbox::CallLimits;
use mpp_host::wire::ToolDefinition;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

pub use target::Target;
pub use tools::{ConformanceTool, TOOLS};
use wire::Wire;

/// The time that a program has for one answer, unless its manifest grants less.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Whether a package meets a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Conformity {
    /// It does.
    Met,
    /// It does not.
    NotMet,
    /// The package lacks what the requirement is about.
    NotChecked,
}

/// A requirement, and what the package answered.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Requirement {
    /// The stable name, for example `call.unknown-tool`.
    pub name: &'static str,
    /// What is required.
    pub requires: &'static str,
    /// Whether the package meets it.
    pub conformity: Conformity,
    /// What was answered instead, or why it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The tool that is missing, if that is why it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_tool: Option<&'static str>,
    /// Time that the check took; serialized in milliseconds.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    #[schemars(with = "u64")]
    pub duration: Duration,
}

/// The outcome of a check.
enum Verdict {
    Met,
    NotMet(String),
    NotChecked(String),
}

/// A check of one requirement.
struct Check {
    name: &'static str,
    requires: &'static str,
    /// The conformance tool that it needs.
    tool: Option<&'static str>,
    run: fn(&Wire<'_>) -> Verdict,
}

/// Checks every requirement, and passes each to `each` when it has been checked.
///
/// `definitions` are those of the manifest, and `limits` those that it asks for.
fn check(
    package: &RunnablePackage,
    definitions: &[ToolDefinition],
    limits: CallLimits,
    each: &mut dyn FnMut(&Requirement),
) -> Vec<Requirement> {
    let mut limits = limits;
    limits.timeout = limits.timeout.min(TIMEOUT);
    let wire = Wire::new(package, definitions, limits);
    let mut found = Vec::new();
    for check in protocol::CHECKS.iter().chain(tools::CHECKS) {
        let started = Instant::now();
        let missing_tool = check.tool.filter(|tool| wire.definition(tool).is_none());
        let verdict = match missing_tool {
            Some(tool) => Verdict::NotChecked(format!("the package has no tool `{tool}`")),
            None => (check.run)(&wire),
        };
        let (conformity, answer) = match verdict {
            Verdict::Met => (Conformity::Met, None),
            Verdict::NotMet(answer) => (Conformity::NotMet, Some(answer)),
            Verdict::NotChecked(reason) => (Conformity::NotChecked, Some(reason)),
        };
        let requirement = Requirement {
            name: check.name,
            requires: check.requires,
            conformity,
            found: answer,
            missing_tool,
            duration: started.elapsed(),
        };
        each(&requirement);
        found.push(requirement);
    }
    found
}

/// Returns the name and the text of every requirement, in the order in which they are checked, each with the tool that it needs.
pub fn requirements() -> impl Iterator<Item = (&'static str, &'static str, Option<&'static str>)> {
    protocol::CHECKS.iter().chain(tools::CHECKS).map(|check| (check.name, check.requires, check.tool))
}

impl From<Result<(), String>> for Verdict {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::NotMet, |()| Self::Met)
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
