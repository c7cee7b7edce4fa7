//! What surrounds a run: the request with its checked arguments before it, and the checked and filtered result after it.

use std::sync::Arc;

use mpp_sdk::wire::{ErrorKind, Mistake, Request, RpcError, did_you_mean, nearest};
use serde_json::Value;
use serde_json::value::RawValue;

use super::grant::Resolved;
use super::loaded::Loaded;
use super::output::CallOutcome;
use super::output_filter::OutputFilter;
use crate::causes::with_causes;
use crate::package::json::{self, JsonFault};
use crate::sandbox::denial::Granted;
use crate::sandbox::response::{self, RawCallResult};
use crate::sandbox::run::RawOutput;
use crate::sandbox::schema::{Contract, SchemaFault, type_of};

/// Checks the tool's name and the arguments, and returns the contract and the request.
pub(super) fn prepare<'a>(
    loaded: &'a Loaded,
    tool: &str,
    arguments: &str,
) -> Result<(Contract<'a>, Arc<[u8]>), RpcError> {
    let Some(contract) = loaded.contract(tool) else {
        let mut sorted: Vec<&str> = loaded.manifest.tool_definitions.iter().map(|known| known.name.as_str()).collect();
        sorted.sort_unstable();
        let names = || sorted.iter().copied();
        let message = format!("the package has no tool `{}`{}", tool.escape_debug(), did_you_mean(tool, names()));
        let error = RpcError::new(ErrorKind::UnknownTool, message).with("tools", sorted.clone());
        return Err(match nearest(tool, names()) {
            Some(nearest) => error.with("nearest", nearest),
            None => error,
        });
    };
    let refused = |mistakes: &[Mistake]| RpcError::invalid_arguments(tool, mistakes);
    let value = json::parse(arguments.as_bytes()).map_err(|fault| refused(&[arguments_fault(&fault)]))?;
    if !value.is_object() {
        return Err(refused(&[Mistake::new("", format!("expected an object, found {}", type_of(&value)))]));
    }
    let accepted = contract.accept(&value, arguments).map_err(|fault| unenforceable(&fault))?;
    let arguments = accepted.map_err(|mistakes| refused(&mistakes))?;
    // The arguments are passed on as they were written, so that numbers keep every digit.
    let arguments: &RawValue =
        serde_json::from_str(&arguments).map_err(|error| refused(&[Mistake::new("", error.to_string())]))?;
    Ok((contract, Request::call_raw(tool, arguments).to_line().into()))
}

/// Returns the error for a schema that cannot be enforced. Loading has checked the schemas, so this is not expected.
fn unenforceable(fault: &SchemaFault) -> RpcError {
    RpcError::new(ErrorKind::VerificationFailed, fault.to_string())
}

fn arguments_fault(fault: &JsonFault) -> Mistake {
    match fault {
        JsonFault::Duplicate { pointer } => Mistake::new(pointer.as_str(), "is given twice"),
        JsonFault::Syntax(_) => Mistake::new("", with_causes(fault)),
    }
}

/// Reads, checks and filters the tool's response.
pub(super) fn answer(
    run: &RawOutput,
    contract: Contract<'_>,
    loaded: &Loaded,
    resolved: &Resolved,
    filter: &mut OutputFilter<'_>,
) -> Result<CallOutcome, RpcError> {
    let limits = response::Limits { in_force: &resolved.limits, declared: Some(&loaded.manifest.runtime) };
    let granted = Granted { capabilities: &loaded.manifest.capabilities, variables: &resolved.world.env };
    let result = response::read_result(run, limits, &granted, &|text| filter.quote(text))?;
    // The filter reads each byte in any case, so it also finds out what the check needs to know.
    let structured = result.structured.map(|json| filter.examine(json));
    check_result(&result, structured.as_ref().is_some_and(|examined| examined.value.is_strict), contract)?;
    Ok(filter.result(result, structured))
}

/// Checks a result. `is_strict` is whether its `structuredContent` is known to be what a strict parser accepts.
fn check_result(result: &RawCallResult<'_>, is_strict: bool, contract: Contract<'_>) -> Result<(), RpcError> {
    let Some(structured) = result.structured else {
        if contract.promises() && !result.is_error {
            return Err(response::invalid(
                "the tool's `returns` requires `structuredContent`, but the result has none".to_owned(),
            ));
        }
        return Ok(());
    };
    let is_free = result.is_error || !contract.promises();
    if is_strict && (is_free || contract.admits_result(structured.get())) {
        return Ok(());
    }
    let value = json::parse(structured.get().as_bytes()).map_err(|fault| {
        response::invalid(format!("the tool's `structuredContent` is refused: {}", with_causes(&fault)))
    })?;
    if is_free {
        return Ok(());
    }
    let mistakes = contract.check_result(&value).map_err(|fault| unenforceable(&fault))?;
    if mistakes.is_empty() {
        return Ok(());
    }
    let message = format!("the result does not match the tool's `returns`: {}", listed(&mistakes));
    let listed: Vec<Value> = mistakes.iter().filter_map(|mistake| serde_json::to_value(mistake).ok()).collect();
    Err(response::invalid(message).with("mistakes", listed))
}

fn listed(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
