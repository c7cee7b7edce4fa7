//! What offers tools: a package in the sandbox, or an MCP server outside of it.

use std::sync::Arc;

use mpp_host::CancelHandle;
use mpp_host::policy::Answer;
use mpp_host::wire::ToolDefinition;

use super::definitions;
use super::era::Era;
use super::outcome;
use super::package::{Called, ServedPackage};
use super::wording::Wording;
use super::{Answered, Caller};
use crate::legacy::LegacyServer;

/// A package or a server, and its share of the places.
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) index: usize,
}

pub(super) enum Origin {
    Package(Box<ServedPackage>),
    Server(Arc<LegacyServer>),
}

/// A tool that a source offers, before names are compared.
pub(super) struct OfferedTool {
    /// The name that the source gives to the tool.
    pub(super) own_name: String,
    /// The name under which it is to be published.
    pub(super) wanted: String,
    /// The definition in each era, without the final name.
    define: Define,
}

enum Define {
    Package(Box<ToolDefinition>),
    /// The definition of a server as JSON text, and the level that it suggests.
    Server(String, &'static str),
}

impl Source {
    /// Returns the id of the source, which is unique, and its short name.
    pub(super) fn names(&self) -> (&str, &str) {
        match &self.origin {
            Origin::Package(package) => (&package.manifest.package_id, &package.manifest.name),
            Origin::Server(server) => (server.name(), server.name()),
        }
    }

    /// Returns the tools that are published.
    pub(super) fn tools(&self) -> Vec<OfferedTool> {
        match &self.origin {
            Origin::Package(package) => {
                let tools = package.manifest.tool_definitions.iter().filter_map(|tool| {
                    let wanted = package.selection.published(&tool.name)?.to_owned();
                    let define = Define::Package(Box::new(tool.clone()));
                    Some(OfferedTool { own_name: tool.name.clone(), wanted, define })
                });
                tools.collect()
            }
            Origin::Server(server) => {
                let tools = server.published().into_iter().filter_map(|(own_name, definition, level)| {
                    let wanted = server.selection().published(&own_name)?.to_owned();
                    let define = Define::Server(definition.get().to_owned(), level.as_str());
                    Some(OfferedTool { own_name, wanted, define })
                });
                tools.collect()
            }
        }
    }

    /// Returns the definition of a tool as it is published under `name`.
    pub(super) fn define(&self, tool: &OfferedTool, name: &str, era: Era) -> String {
        match (&self.origin, &tool.define) {
            (Origin::Package(package), Define::Package(tool)) => {
                definitions::of_package(&package.manifest, tool, name, era)
            }
            (_, Define::Server(definition, level)) => {
                definitions::of_server(self.names().0, definition, name, level, era)
            }
            (Origin::Server(_), Define::Package(_)) => String::new(),
        }
    }

    /// Returns the question that a person must answer before this call, in words; `None` if there is none.
    pub(super) fn question(&self, tool: &str, arguments: &str, wording: &dyn Wording) -> Option<String> {
        match &self.origin {
            Origin::Package(package) => Some(wording.question(&package.question(tool, arguments)?, &package.named)),
            Origin::Server(server) => Some(wording.server_question(&server.question(tool, arguments)?)),
        }
    }

    /// Returns whether nobody has to be asked before a call.
    pub(super) fn is_plain(&self, tool: &str, arguments: &str) -> bool {
        match &self.origin {
            Origin::Package(package) => package.question(tool, arguments).is_none(),
            Origin::Server(server) => server.question(tool, arguments).is_none(),
        }
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self.origin, Origin::Server(_))
    }

    /// Returns what answers about a tool are bound to.
    pub(super) fn fingerprint(&self, tool: &str) -> Option<String> {
        match &self.origin {
            Origin::Package(package) => Some(package.content_hash().to_string()),
            Origin::Server(server) => server.fingerprint(tool),
        }
    }

    /// Calls a tool and blocks until the call ends.
    pub(super) fn call(&self, tool: &str, arguments: &str, caller: &Caller, wording: &dyn Wording) -> Answered {
        let (answer, cancel) = (caller.answer, &caller.cancel);
        match &self.origin {
            Origin::Package(package) => of_package(package, (tool, arguments), answer, cancel, caller.era, wording),
            Origin::Server(server) => {
                let name = server.name();
                Answered::of(match server.call(tool, arguments, answer, (cancel, caller.audience.as_ref())) {
                    Some(reply) => outcome::of_server(reply, caller.era, wording, name),
                    None => outcome::failed("unavailable", "the tool is no longer there", caller.era),
                })
            }
        }
    }
}

fn of_package(
    package: &ServedPackage,
    (tool, arguments): (&str, &str),
    answer: Option<Answer>,
    cancel: &CancelHandle,
    era: Era,
    wording: &dyn Wording,
) -> Answered {
    let named = &package.named;
    match package.call(tool, arguments, answer, cancel) {
        Called::Output(output) => {
            let log = output.log().to_owned();
            Answered { outcome: outcome::of_package(&output, era, wording, named), log }
        }
        Called::NotApproved(error, code) => Answered::of(outcome::of_error(&error, Some(code), era, wording, named)),
    }
}
