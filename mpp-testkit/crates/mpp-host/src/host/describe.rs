//! Lists the tools of a module before it is packed; it runs without files and variables, with small limits.

use std::collections::BTreeSet;
use std::sync::Arc;

use mpp_sdk::wire::{ErrorKind, ListToolsResult, METHOD_LIST, Request, RpcError, ToolDefinition, is_tool_name};

use super::Inner;
use super::errors::{DescribeError, LoadError};
use crate::codes::{self, Coded as _};
use crate::package::manifest::{Capabilities, RuntimeKind};
use crate::package::{hex, sha256};
use crate::sandbox::CallLimits;
use crate::sandbox::denial::Granted;
use crate::sandbox::guest::GuestWorld;
use crate::sandbox::host_calls::HostCalls;
use crate::sandbox::response;
use crate::sandbox::run::Ended;
use crate::sandbox::schema;

pub(super) fn describe(host: &Inner, module: &[u8], kind: RuntimeKind) -> Result<Vec<ToolDefinition>, DescribeError> {
    let program = host.program(module, &hex(sha256(module)), kind).map_err(not_loaded)?;
    let world = Arc::new(GuestWorld::empty(Arc::clone(&host.clock)));
    let limits = CallLimits::describing();
    let run =
        program.run(Request::list().to_line().into(), &limits, &world, None, HostCalls::default(), &program.symbols);
    // No filter is needed: the module is the author's own, it was given no secrets, and its output goes to its author.
    let quote = |text: &str| text.chars().take(200).flat_map(char::escape_debug).collect();
    let capabilities = Capabilities::default();
    let nothing = Granted { capabilities: &capabilities, variables: &[] };
    let limits = response::Limits { in_force: &limits, declared: None };
    let definitions = response::read(&run, limits, &nothing, &quote).and_then(|result| {
        serde_json::from_str::<ListToolsResult>(result.get()).map_err(|error| {
            response::invalid(format!("the response to `{METHOD_LIST}` is not a list of tools: {error}"))
        })
    });
    // The definitions of a program that dispatches calls itself are in the manifest, so this is not a failure.
    let by_hand = |error: &RpcError| error.kind() == Some(ErrorKind::MethodNotFound);
    if definitions.as_ref().is_err_and(by_hand) {
        return Ok(Vec::new());
    }
    let fail =
        |code, message| DescribeError { code, message, log: run.log.text.clone(), backtrace: Vec::new(), load: None };
    let definitions = definitions.map_err(|error| failed(&error, &run.log.text))?.tools;
    check(&definitions).map_err(|message| fail(&codes::R401, message))?;
    Ok(definitions)
}

/// Runs a command on bytes. Its output is not a response, and nobody but the author sees it.
pub(super) fn transform(host: &Inner, module: &[u8], input: &[u8]) -> Result<Vec<u8>, DescribeError> {
    let program = host.program(module, &hex(sha256(module)), RuntimeKind::Wasip1).map_err(not_loaded)?;
    let world = Arc::new(GuestWorld::empty(Arc::clone(&host.clock)));
    let limits = CallLimits::transforming();
    let run = program.run(input.into(), &limits, &world, None, HostCalls::default(), &program.symbols);
    match run.ended {
        Ended::Done => Ok(run.output),
        ref ended => {
            let limits = response::Limits { in_force: &limits, declared: None };
            Err(failed(&response::failure(ended, limits, &[]), &run.log.text))
        }
    }
}

fn check(definitions: &[ToolDefinition]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for definition in definitions {
        let name = definition.name.escape_debug();
        if !is_tool_name(&definition.name) {
            return Err(format!("`{name}` is not a tool name: expected 1 to 64 characters `A-Z a-z 0-9 _ -`"));
        }
        if !seen.insert(&definition.name) {
            return Err(format!("two tools are named `{name}`"));
        }
        schema::check(definition)
            .map_err(|fault| format!("`{}` of the tool `{name}` cannot be enforced: {}", fault.member, fault.reason))?;
    }
    Ok(())
}

fn not_loaded(error: LoadError) -> DescribeError {
    DescribeError {
        code: error.code(),
        message: error.to_string(),
        log: String::new(),
        backtrace: Vec::new(),
        load: Some(Box::new(error)),
    }
}

fn failed(error: &RpcError, log: &str) -> DescribeError {
    let backtrace = error.data.get("backtrace").and_then(|frames| serde_json::from_value(frames.clone()).ok());
    DescribeError {
        code: error.kind().and_then(codes::of_kind).unwrap_or(&codes::R401),
        message: error.message.clone(),
        log: log.to_owned(),
        backtrace: backtrace.unwrap_or_default(),
        load: None,
    }
}
