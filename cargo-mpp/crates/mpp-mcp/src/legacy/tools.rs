//! The tools of a server as they are published: those that were accepted, and what the running server says about each.

use std::collections::BTreeSet;

use mpp_home::{PinnedServer, PinnedTool};
use mpp_host::codes::Code;
use mpp_host::wire::RpcError;
use serde_json::value::RawValue;

use super::definition::{Bad, Definition};
use super::errors;
use super::events::Event;
use super::pins::Comparison;
use crate::codes;

/// The accepted tools, and how the running server differs from them.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    pub(super) pinned: PinnedServer,
    pub(super) differences: Comparison,
}

impl Tools {
    /// Returns the accepted tools that the server has, as far as it is known. Changed tools are among them.
    pub(super) fn published(&self) -> impl Iterator<Item = (&String, &PinnedTool)> {
        self.pinned.tools.iter().filter(|(name, _)| !self.differences.missing.contains(name))
    }

    /// Returns why a tool is not called, although it was accepted, and the code of that.
    pub(super) fn obstacle(&self, tool: &str) -> Option<(RpcError, &'static Code)> {
        let server = &self.pinned.server;
        if self.differences.is_changed(tool) {
            return Some((errors::changed(server, tool), &codes::M107));
        }
        let is_there = self.published().any(|(name, _)| name == tool);
        (!is_there).then(|| (errors::missing(server, tool), &codes::M107))
    }
}

/// Most reports of definitions that cannot be used.
const MOST_REPORTS: usize = 100;

/// What was reported of definitions. A server can list the same definition again and again.
#[derive(Debug, Default)]
pub(super) struct Reported(BTreeSet<String>);

impl Reported {
    /// Returns whether an event is to be reported, and notes that it was.
    pub(super) fn is_new(&mut self, event: &Event) -> bool {
        self.0.len() < MOST_REPORTS && self.0.insert(event.to_string())
    }
}

/// Reads the definitions of a list. One that cannot be used is reported and left out.
pub(super) fn read_list(server: &str, list: &[Box<RawValue>], report: &dyn Fn(Event)) -> Vec<Definition> {
    let (mut definitions, mut names) = (Vec::new(), BTreeSet::new());
    for (index, raw) in list.iter().enumerate() {
        let read = Definition::read(raw).and_then(|definition| {
            if !names.insert(definition.name.clone()) {
                return Err(Bad { tool: Some(definition.name), reason: "another tool has the same name".to_owned() });
            }
            Ok(definition)
        });
        match read {
            Ok(definition) => definitions.push(definition),
            Err(Bad { tool, reason }) => {
                let tool =
                    tool.map_or_else(|| format!("number {}", index + 1), |tool| format!("`{}`", tool.escape_debug()));
                report(Event::BadDefinition { server: server.to_owned(), tool, reason });
            }
        }
    }
    definitions
}
