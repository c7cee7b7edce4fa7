//! Semantic differences between two versions of a package's tool definitions, as data and as text.
//!
//! ```
//! use mpp_host::definitions::{Class, diff};
//!
//! let tool = |limit: u8| serde_json::from_value(serde_json::json!({
//!     "name": "find", "description": "Find people",
//!     "parameters": { "type": "object", "properties": { "limit": { "type": "integer", "maximum": limit } } },
//! }));
//! let changes = diff(&[tool(100)?], &[tool(50)?]);
//! assert_eq!(changes.worst(), Some(Class::Breaking));
//! assert_eq!(changes.to_string(), "breaking:\n  find: argument `/limit` may be at most 50, not 100 as before");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod bounds;
mod compare;
mod shape;

use std::fmt;

use mpp_sdk::wire::{ToolAnnotations, ToolDefinition};
use serde::Serialize;

use compare::{Comparison, Direction};

/// The effect of a change on callers of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Only descriptions, titles or examples changed.
    Wording,
    /// Existing calls keep working, and callers can still process the results.
    Compatible,
    /// An existing call may be refused, change its meaning, or return a result that the caller does not expect.
    Breaking,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A tool was added.
    ToolAdded,
    /// A tool was removed.
    ToolRemoved,
    /// An argument, or a field of the result, was added.
    FieldAdded,
    /// An argument, or a field of the result, was removed.
    FieldRemoved,
    /// An optional argument or field became required.
    Required,
    /// A required argument or field became optional.
    Optional,
    /// Fewer values are allowed.
    Narrowed,
    /// More values are allowed.
    Widened,
    /// Different values are allowed.
    Changed,
    /// The default value of an argument changed.
    Default,
    /// The security level of the tool changed.
    SecurityLevel,
    /// The annotations (hints) of the tool changed.
    Annotations,
    /// A description, title or example changed.
    Text,
}

/// A single change of a tool definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Effect on callers.
    pub class: Class,
    /// Kind of the change.
    pub kind: Kind,
    /// Name of the tool.
    pub tool: String,
    /// Path of the changed part, such as `parameters/limit` or `returns/people/*/name`; empty for the tool itself.
    pub place: String,
    /// Description of the change, as the end of a sentence that begins with the place.
    pub message: String,
}

/// All changes between two versions, sorted by tool and place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Returns the changes as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Change] {
        &self.0
    }

    /// Returns whether there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the class of the most severe change, or `None` if there are no changes.
    #[must_use]
    pub fn worst(&self) -> Option<Class> {
        self.0.iter().map(|change| change.class).max()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (class, title) in
            [(Class::Breaking, "breaking"), (Class::Compatible, "compatible"), (Class::Wording, "wording")]
        {
            let mut changes = self.0.iter().filter(|change| change.class == class).peekable();
            if changes.peek().is_none() {
                continue;
            }
            if !std::mem::take(&mut first) {
                f.write_str("\n")?;
            }
            write!(f, "{title}:")?;
            for change in changes {
                write!(f, "\n  {change}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, pointer) = self.place.split_once('/').unwrap_or((&self.place, ""));
        let subject = match (root, pointer) {
            ("", _) => "the tool ".to_owned(),
            ("parameters", "") => "the list of arguments ".to_owned(),
            ("parameters", pointer) => format!("argument `/{pointer}` "),
            (_, "") => "the result ".to_owned(),
            (_, pointer) => format!("result `/{pointer}` "),
        };
        write!(f, "{}: {subject}{}", self.tool, self.message)
    }
}

/// Compares the tool definitions of an old version of a package with those of a new one.
#[must_use]
pub fn diff(old: &[ToolDefinition], new: &[ToolDefinition]) -> Changes {
    let mut changes = Vec::new();
    let find = |tools: &[ToolDefinition], name: &str| tools.iter().any(|tool| tool.name == name);
    let mut tool = |class, kind, tool: &ToolDefinition, message: &str| {
        changes.push(Change {
            class,
            kind,
            tool: tool.name.clone(),
            place: String::new(),
            message: message.to_owned(),
        });
    };
    for gone in old.iter().filter(|tool| !find(new, &tool.name)) {
        tool(Class::Breaking, Kind::ToolRemoved, gone, "was removed");
    }
    for added in new.iter().filter(|tool| !find(old, &tool.name)) {
        tool(Class::Compatible, Kind::ToolAdded, added, "is new");
    }
    for new in new {
        if let Some(old) = old.iter().find(|old| old.name == new.name) {
            compare_tool(old, new, &mut changes);
        }
    }
    changes.sort_by(|a, b| (&a.tool, &a.place).cmp(&(&b.tool, &b.place)));
    Changes(changes)
}

fn compare_tool(old: &ToolDefinition, new: &ToolDefinition, changes: &mut Vec<Change>) {
    let mut own = |class, kind, message: String| {
        changes.push(Change { class, kind, tool: new.name.clone(), place: String::new(), message });
    };
    if old.description != new.description {
        own(Class::Wording, Kind::Text, "has another description".to_owned());
    }
    if old.title != new.title {
        own(Class::Wording, Kind::Text, "has another title".to_owned());
    }
    if old.security_level != new.security_level {
        let raised = new.security_level > old.security_level;
        let class = if raised { Class::Breaking } else { Class::Compatible };
        let message =
            format!("has the security level `{}`, not `{}` as before", new.security_level, old.security_level);
        own(class, Kind::SecurityLevel, message);
    }
    for (class, message) in hints(old.annotations.unwrap_or_default(), new.annotations.unwrap_or_default()) {
        own(class, Kind::Annotations, message);
    }
    match (&old.returns, &new.returns) {
        (None, Some(_)) => {
            own(Class::Breaking, Kind::Changed, "returns a structured result; before, it returned text or media".into())
        }
        (Some(_), None) => {
            own(Class::Breaking, Kind::Changed, "returns text or media; before, it returned a structured result".into())
        }
        _ => {}
    }
    Comparison::new(&new.name, "parameters", Direction::In, &old.parameters, &new.parameters, changes).run();
    if let (Some(old), Some(returned)) = (&old.returns, &new.returns) {
        Comparison::new(&new.name, "returns", Direction::Out, old, returned, changes).run();
    }
}

/// Compares the hints of a tool.
///
/// A hint with a more dangerous value is a breaking change: a client that called the tool without asking asks now.
fn hints(old: ToolAnnotations, new: ToolAnnotations) -> Vec<(Class, String)> {
    // Name, old value, new value, the default that MCP defines, and the more dangerous value.
    let all = [
        ("readOnlyHint", old.read_only_hint, new.read_only_hint, false, false),
        ("destructiveHint", old.destructive_hint, new.destructive_hint, true, true),
        ("idempotentHint", old.idempotent_hint, new.idempotent_hint, false, false),
        ("openWorldHint", old.open_world_hint, new.open_world_hint, true, true),
    ];
    let said = |hint: Option<bool>| hint.map_or("not set".to_owned(), |hint| format!("`{hint}`"));
    all.into_iter()
        .filter(|(_, old, new, ..)| old != new)
        .map(|(name, old, new, absent, danger)| {
            let (before, after) = (old.unwrap_or(absent), new.unwrap_or(absent));
            let class = match before == after {
                true => Class::Wording,
                false if after == danger => Class::Breaking,
                false => Class::Compatible,
            };
            (class, format!("has `{name}` {}; before, it was {}", said(new), said(old)))
        })
        .collect()
}

#[cfg(test)]
mod tests;
