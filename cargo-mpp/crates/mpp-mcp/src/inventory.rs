//! The inventory of a captured server: what it depends on, and what a package in its place would declare.
//!
//! A capture without observations shows messages only. What was not observed is *not observed*, never *none*: a server may read files or
//! send requests in calls that the capture does not contain.

mod hints;
mod judge;
mod observed;
mod paths;

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::capture::{Answer, Capture, Conversation, Oddity};

/// What a server depends on.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Inventory {
    /// Name and version of the server, if it introduced itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The tools, each with the number of its calls.
    pub tools: Vec<ToolUse>,
    /// The dependencies, one for each type.
    pub dependencies: Vec<Dependency>,
    /// What a package would declare in its manifest, as far as the capture shows it.
    #[serde(serialize_with = "as_in_a_manifest")]
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Map<String, Value>"))]
    pub capabilities: SuggestedCapabilities,
    /// How much work it is to make a package of the server.
    pub complexity: Complexity,
    /// The reasons for the complexity, one sentence each.
    pub reasons: Vec<String>,
    /// What the capture does not show, one sentence each.
    pub gaps: Vec<String>,
    /// Messages that are not as the protocol wants them.
    pub oddities: Vec<Oddity>,
}

/// A tool and its calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ToolUse {
    /// Name of the tool.
    pub name: String,
    /// Number of calls that were answered.
    pub calls: usize,
    /// Number of those that were answered with an error.
    pub errors: usize,
    /// Whether the server lists the tool.
    pub is_listed: bool,
}

/// A type of dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DependencyType {
    /// The interpreter or platform that runs the server.
    Runtime,
    /// Hosts that it connects to.
    Network,
    /// Files that it reads and writes.
    Filesystem,
    /// Variables that it is given.
    Environment,
    /// Shared libraries that are not a part of its runtime, and programs that it starts.
    NativeLibraries,
    /// What it keeps between two calls.
    State,
}

impl DependencyType {
    /// Every type, in the order of the report.
    pub const ALL: [Self; 6] =
        [Self::Runtime, Self::Network, Self::Filesystem, Self::Environment, Self::NativeLibraries, Self::State];

    /// The name of the type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Network => "network",
            Self::Filesystem => "filesystem",
            Self::Environment => "environment",
            Self::NativeLibraries => "native libraries",
            Self::State => "state",
        }
    }
}

/// What is known about one type of dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Dependency {
    /// The type.
    #[serde(rename = "type")]
    pub kind: DependencyType,
    /// How it is known.
    pub evidence: Evidence,
    /// What was found.
    pub items: Vec<String>,
}

/// How something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// It was observed while the server ran.
    Observed,
    /// Names, definitions or messages suggest it.
    Suggested,
    /// The capture does not show it.
    NotObserved,
}

/// What a package in place of the server would declare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SuggestedCapabilities {
    /// Hosts.
    pub network: BTreeSet<String>,
    /// Paths that are read.
    pub read: BTreeSet<String>,
    /// Paths that are written.
    pub write: BTreeSet<String>,
    /// Variables.
    pub env_vars: BTreeSet<String>,
}

fn as_in_a_manifest<S: Serializer>(capabilities: &SuggestedCapabilities, to: S) -> Result<S::Ok, S::Error> {
    let SuggestedCapabilities { network, read, write, env_vars } = capabilities;
    json!({ "network": network, "filesystem": { "read": read, "write": write }, "env_vars": env_vars }).serialize(to)
}

/// How much work it is to make a package of a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Complexity {
    /// Computation only, as far as the capture shows.
    #[default]
    Low,
    /// Requests, variables or files that a package can declare.
    Medium,
    /// State, written files, or several kinds of dependencies.
    High,
    /// Something that packages cannot do, or not yet.
    NotYetPractical,
}

impl Complexity {
    /// The class in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::NotYetPractical => "not yet practical",
        }
    }
}

impl Inventory {
    /// Takes the inventory of a capture.
    #[must_use]
    pub fn of(capture: &Capture, conversation: &Conversation) -> Self {
        let mut inventory = Self {
            server: server(conversation),
            tools: tools(conversation),
            oddities: conversation.oddities.clone(),
            ..Self::default()
        };
        hints::collect(capture, conversation, &mut inventory);
        if let Some(observed) = &conversation.observed {
            observed::add(observed, conversation, &mut inventory);
        }
        observed::add_exchanges(conversation, &mut inventory);
        hints::gaps(capture, conversation, &mut inventory);
        judge::classify(conversation, &mut inventory);
        inventory
    }

    /// Returns what is known about one type.
    #[must_use]
    pub fn dependency(&self, kind: DependencyType) -> Option<&Dependency> {
        self.dependencies.iter().find(|dependency| dependency.kind == kind)
    }
}

fn server(conversation: &Conversation) -> Option<String> {
    let info = conversation.server.as_ref()?;
    let text = |key: &str| info.get(key).and_then(Value::as_str);
    let name = text("name")?;
    Some(text("version").map_or_else(|| name.to_owned(), |version| format!("{name} {version}")))
}

fn tools(conversation: &Conversation) -> Vec<ToolUse> {
    let mut uses: Vec<ToolUse> = Vec::new();
    let listed = conversation.tools.iter().flatten().filter_map(|tool| tool.get("name")?.as_str());
    for name in listed {
        if !uses.iter().any(|known| known.name == name) {
            uses.push(ToolUse { name: name.to_owned(), calls: 0, errors: 0, is_listed: true });
        }
    }
    for call in &conversation.calls {
        let Answer::Response(outcome) = &call.answer else { continue };
        let at = uses.iter().position(|known| known.name == call.tool).unwrap_or_else(|| {
            uses.push(ToolUse { name: call.tool.clone(), calls: 0, errors: 0, is_listed: false });
            uses.len() - 1
        });
        let failed = outcome.get("error").is_some() || outcome.pointer("/result/isError") == Some(&Value::Bool(true));
        uses[at].calls += 1;
        uses[at].errors += usize::from(failed);
    }
    uses
}
