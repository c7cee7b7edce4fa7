//! The list of tools at one time, and what a call needs to know about one of them.

use std::collections::HashMap;
use std::sync::Arc;

use mpp_host::wire::{ErrorKind, RpcError, did_you_mean, nearest};

use super::definitions;
use super::era::Era;
use super::names::{Offered, published};
use super::source::Source;

/// The tools that are published at one time.
pub(super) struct Table {
    tools: HashMap<String, Arc<PublishedTool>>,
    /// Names in the order of the list.
    pub(super) order: Vec<String>,
    legacy: Arc<str>,
    modern: Arc<str>,
}

/// A tool of the list. It stays the same when the list changes, so that a call ends with the version that it began with.
pub(crate) struct PublishedTool {
    pub(super) source: Arc<Source>,
    /// The name that the source knows.
    pub(super) own_name: String,
    legacy: String,
    modern: String,
    /// Whether arguments are taken from headers of a request, which the protocol library checks.
    pub(crate) has_header_parameters: bool,
}

impl Table {
    /// Creates the list of what `sources` offer now.
    pub(super) fn new<'a>(sources: impl Iterator<Item = &'a Arc<Source>>) -> Self {
        let mut offered = Vec::new();
        for source in sources {
            offered.extend(source.tools().into_iter().map(|tool| (source, tool)));
        }
        let offers: Vec<Offered<'_>> = offered
            .iter()
            .map(|(source, tool)| {
                let (id, name) = source.names();
                Offered::new(id, name, &tool.wanted)
            })
            .collect();
        let order = published(&offers);
        let mut tools = HashMap::new();
        for (name, (source, tool)) in order.iter().zip(&offered) {
            let modern = source.define(tool, name, Era::Modern);
            let published = PublishedTool {
                source: Arc::clone(source),
                own_name: tool.own_name.clone(),
                legacy: source.define(tool, name, Era::Legacy),
                has_header_parameters: modern.contains("\"x-mcp-header\""),
                modern,
            };
            tools.insert(name.clone(), Arc::new(published));
        }
        let listed: Vec<&PublishedTool> = order.iter().filter_map(|name| tools.get(name)).map(|tool| &**tool).collect();
        let legacy = definitions::list(listed.iter().map(|tool| tool.legacy.as_str()), Era::Legacy).into();
        let modern = definitions::list(listed.iter().map(|tool| tool.modern.as_str()), Era::Modern).into();
        Self { tools, order, legacy, modern }
    }

    /// Returns the result of `tools/list`: a JSON object as text.
    pub(super) fn list(&self, era: Era) -> Arc<str> {
        Arc::clone(if era == Era::Modern { &self.modern } else { &self.legacy })
    }

    /// Returns whether clients see the same list.
    pub(super) fn is_same_list(&self, other: &Self) -> bool {
        self.modern == other.modern
    }

    /// Returns the tool that is published under `name`.
    ///
    /// # Errors
    /// Returns the error for the client if there is none.
    pub(super) fn find(&self, name: &str) -> Result<Arc<PublishedTool>, RpcError> {
        self.tools.get(name).map(Arc::clone).ok_or_else(|| unknown_tool(name, &self.order))
    }
}

impl PublishedTool {
    /// Returns the definition: a JSON object as text.
    pub(crate) fn definition(&self, era: Era) -> &str {
        if era == Era::Modern { &self.modern } else { &self.legacy }
    }

    /// Returns whether a call needs nothing but an answer: nobody has to be asked before it, and a server that runs it says nothing
    /// meanwhile that has to be passed on. `is_heard` means that it is passed on in any case, or that nobody listens.
    pub(crate) fn is_plain(&self, arguments: &str, is_heard: bool) -> bool {
        (is_heard || !self.is_of_server()) && self.source.is_plain(&self.own_name, arguments)
    }

    /// Returns whether an MCP server outside the sandbox runs the calls.
    pub(crate) fn is_of_server(&self) -> bool {
        self.source.is_server()
    }

    /// Returns the content hash of the package that offers the tool, or the accepted definition of a server's tool, to which answers
    /// and states are bound.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        self.source.fingerprint(&self.own_name)
    }
}

/// Returns the error for a name that is not published.
fn unknown_tool(name: &str, names: &[String]) -> RpcError {
    let known = || names.iter().map(String::as_str);
    let message = format!("there is no tool `{}`{}", name.escape_debug(), did_you_mean(name, known()));
    let error = RpcError::new(ErrorKind::UnknownTool, message);
    match nearest(name, known()) {
        Some(nearest) => error.with("nearest", nearest),
        None => error,
    }
}
