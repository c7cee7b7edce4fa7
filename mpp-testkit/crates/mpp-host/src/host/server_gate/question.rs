//! The question about a call of a server's tool, and the errors of calls that were not approved.

use std::fmt;

use mpp_sdk::wire::{ErrorKind, RpcError, SecurityLevel};
use serde::Serialize;

use super::ServerTool;
use crate::codes::Remedy;
use crate::policy::ShownCall;

/// A question to a person about a call of a tool of an MCP server outside the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServerQuestion {
    /// Name of the server.
    pub server: String,
    /// The name that the server gives to the tool.
    pub tool: String,
    /// Security level of the tool, as far as its definition tells.
    pub level: SecurityLevel,
    /// The call that is asked about. What the tool may do is not known.
    pub call: ShownCall,
}

impl fmt::Display for ServerQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, tool, level, .. } = self;
        write!(
            f,
            "the tool `{tool}` of the MCP server `{server}` is not verified and runs outside the sandbox; it counts as {level}, so \
             calling it needs your approval"
        )
    }
}

impl ServerQuestion {
    /// Returns the error of a call that nobody could be asked about.
    pub(super) fn required(&self) -> RpcError {
        let remedy = Remedy::ApproveServerTool { server: self.server.clone(), tool: self.tool.clone() };
        remedy.add_to(RpcError::new(ErrorKind::ApprovalRequired, self.to_string()))
    }

    /// Returns the error of a call that a person declined.
    pub(super) fn declined(&self) -> RpcError {
        RpcError::new(ErrorKind::ApprovalRefused, format!("the person who was asked declined: {self}"))
    }
}

/// Returns the error of a call whose level the policy refuses from `refused` on.
pub(super) fn refused(server: &str, tool: &ServerTool<'_>, refused: Option<SecurityLevel>) -> RpcError {
    let from = refused.unwrap_or(tool.level);
    let message = format!(
        "the tool `{}` of the MCP server `{server}` counts as {}, but the policy refuses {from} and above",
        tool.name, tool.level
    );
    let remedy = Remedy::ChangePolicy { setting: "refuse".to_owned() };
    remedy.add_to(RpcError::new(ErrorKind::ApprovalRefused, message))
}
