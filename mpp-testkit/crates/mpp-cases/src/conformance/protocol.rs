//! Requirements of every package.

use std::collections::BTreeSet;

use mpp_host::wire::{ErrorKind, ListToolsResult, Request, ToolDefinition, is_tool_name};
use mpp_recording::difference;
use serde_json::{Value, json};

use super::wire::{Surroundings, Wire, cut, error, response, result};
use super::{Check, Verdict, arguments, tools};

/// The checks, in order.
pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "list.response",
        requires: "`tools/list` is answered with one line: a JSON-RPC 2.0 response with the id 1 and the list `result.tools`. The program \
                   then ends with exit code 0.",
        tool: None,
        run: list_response,
    },
    Check {
        name: "list.definitions",
        requires: "Each definition has a unique name of 1 to 64 characters `A-Z a-z 0-9 _ -`, a description, and `parameters`, the schema \
                   of an object. The definitions are those of the manifest.",
        tool: None,
        run: list_definitions,
    },
    Check {
        name: "list.deterministic",
        requires: "`tools/list` is answered with the same bytes each time.",
        tool: None,
        run: list_deterministic,
    },
    Check {
        name: "request.unknown-method",
        requires: "A method other than `tools/list` and `tools/call` is answered with -32601 `method_not_found`.",
        tool: None,
        run: |wire| {
            refused(wire.ask(r#"{"jsonrpc":"2.0","id":1,"method":"tools/conformance"}"#), ErrorKind::MethodNotFound)
        },
    },
    Check {
        name: "request.not-json",
        requires: "A line that is not JSON is answered with -32700 `parse_error`, with the id 1 or null.",
        tool: None,
        run: |wire| {
            let probed = wire.send(r#"{"jsonrpc":"2.0","id":1,"method":"#, &Surroundings::default());
            refused(response(&probed, true), ErrorKind::ParseError)
        },
    },
    Check {
        name: "request.no-method",
        requires: "An object without `method` is answered with -32600 `invalid_request`, with the id 1 or null.",
        tool: None,
        run: |wire| {
            let probed = wire.send(r#"{"jsonrpc":"2.0","id":1}"#, &Surroundings::default());
            refused(response(&probed, true), ErrorKind::InvalidRequest)
        },
    },
    Check {
        name: "call.unknown-tool",
        requires: "A call of a tool that does not exist is answered with -32602 `unknown_tool`, and the most similar name is \
                   `data.nearest`.",
        tool: None,
        run: unknown_tool,
    },
    Check {
        name: "call.result",
        requires: "A call with valid arguments is answered with a result (`content`, `structuredContent`, `isError`), or with an error of \
                   the tool. The program does not crash.",
        tool: None,
        run: call_result,
    },
    Check {
        name: "arguments.missing",
        requires: "A call without a required argument is answered with -32602 `invalid_arguments`. `data.mistakes` names the argument.",
        tool: None,
        run: missing_argument,
    },
    Check {
        name: "arguments.wrong-type",
        requires: "A call with an argument of another type is answered with -32602 `invalid_arguments`. An item of `data.mistakes` has \
                   the JSON pointer of the argument.",
        tool: None,
        run: wrong_type,
    },
    Check {
        name: "arguments.unknown-key",
        requires: "If the schema is closed, a call with an unknown argument is answered with -32602 `invalid_arguments`. An item of \
                   `data.mistakes` has the argument's JSON pointer, and the most similar known name as `nearest`.",
        tool: None,
        run: unknown_key,
    },
];

fn list_line() -> String {
    String::from_utf8_lossy(&Request::list().to_line()).trim_end().to_owned()
}

/// Returns the definitions that the program lists; `None` if they are in the manifest only.
fn listed(wire: &Wire<'_>) -> Result<Option<Vec<ToolDefinition>>, String> {
    let response = wire.ask(&list_line())?;
    if error(&response, ErrorKind::MethodNotFound).is_ok() {
        return Ok(None);
    }
    let found =
        response.get("result").ok_or_else(|| format!("expected a list, found {}", cut(&response.to_string())))?;
    let list: ListToolsResult = serde_json::from_value(found.clone())
        .map_err(|error| format!("`result` is not a list of tools: {error}: {}", cut(&found.to_string())))?;
    Ok(Some(list.tools))
}

const BY_HAND: &str = "the program answers `method_not_found`, so the definitions are in the manifest only";

fn list_response(wire: &Wire<'_>) -> Verdict {
    match listed(wire) {
        Ok(Some(_)) => Verdict::Met,
        Ok(None) => Verdict::NotChecked(BY_HAND.to_owned()),
        Err(reason) => Verdict::NotMet(reason),
    }
}

fn list_definitions(wire: &Wire<'_>) -> Verdict {
    let definitions = match listed(wire) {
        Ok(Some(definitions)) => definitions,
        Ok(None) => return Verdict::NotChecked(BY_HAND.to_owned()),
        Err(reason) => return Verdict::NotMet(reason),
    };
    let mut names = BTreeSet::new();
    for definition in &definitions {
        if !is_tool_name(&definition.name) {
            return Verdict::NotMet(format!("{} is not the name of a tool", cut(&definition.name)));
        }
        if !names.insert(definition.name.as_str()) {
            return Verdict::NotMet(format!("two tools are named `{}`", definition.name));
        }
        if definition.description.trim().is_empty() {
            return Verdict::NotMet(format!("the tool `{}` has no description", definition.name));
        }
        let parameters = serde_json::to_value(&definition.parameters).unwrap_or_default();
        if parameters["type"] != "object" {
            return Verdict::NotMet(format!("`parameters` of `{}` is not the schema of an object", definition.name));
        }
    }
    // The manifest can add to what the program says, but does not contradict it.
    for expected in wire.definitions() {
        let Some(found) = definitions.iter().find(|definition| definition.name == expected.name) else {
            return Verdict::NotMet(format!(
                "the manifest has the tool `{}`, which the program does not list",
                expected.name
            ));
        };
        let (expected, found) = (
            serde_json::to_value(&expected.parameters).unwrap_or_default(),
            serde_json::to_value(&found.parameters).unwrap_or_default(),
        );
        let differences = difference::compare("/parameters", &expected, &found);
        if !differences.is_empty() {
            return Verdict::NotMet(format!(
                "the program's definition is not that of the manifest:\n{}",
                difference::text(&differences)
            ));
        }
    }
    match definitions.iter().find(|definition| wire.definition(&definition.name).is_none()) {
        Some(other) => {
            Verdict::NotMet(format!("the program lists the tool `{}`, which the manifest does not have", other.name))
        }
        None => Verdict::Met,
    }
}

fn list_deterministic(wire: &Wire<'_>) -> Verdict {
    let answers: Vec<Vec<u8>> = (0..2).map(|_| wire.send(&list_line(), &Surroundings::default()).output).collect();
    if answers[0] == answers[1] { Verdict::Met } else { Verdict::NotMet("two answers differ".to_owned()) }
}

/// Checks that a response is an error of this kind.
fn refused(answer: Result<Value, String>, kind: ErrorKind) -> Verdict {
    answer.and_then(|response| error(&response, kind).map(drop)).into()
}

fn unknown_tool(wire: &Wire<'_>) -> Verdict {
    let Some(known) = wire.definitions().iter().find(|definition| definition.name.len() > 3) else {
        return refused(wire.call("no_such_tool", &json!({})), ErrorKind::UnknownTool);
    };
    let mut wrong = known.name.clone();
    let last = wrong.pop();
    wrong.push(if last == Some('q') { 'z' } else { 'q' });
    if wire.definition(&wrong).is_some() {
        wrong.push_str("_q");
    }
    let checked = wire.call(&wrong, &json!({})).and_then(|response| {
        let data = error(&response, ErrorKind::UnknownTool)?;
        match data["nearest"].as_str() {
            Some(nearest) if wire.definition(nearest).is_some() => Ok(()),
            _ => Err(format!("`data.nearest` is not the name of a tool: {}", cut(&data.to_string()))),
        }
    });
    checked.into()
}

/// Returns whether a tool for conformance tests does not answer.
fn is_meant_to_fail(tool: &str) -> bool {
    [tools::CRASH, tools::SPIN].contains(&tool)
}

fn call_result(wire: &Wire<'_>) -> Verdict {
    let mut checked = 0;
    for definition in wire.definitions().iter().filter(|definition| !is_meant_to_fail(&definition.name)) {
        let Some(members) = arguments::valid(definition) else { continue };
        let response = match wire.call(&definition.name, &Value::Object(members)) {
            Ok(response) => response,
            Err(reason) => return Verdict::NotMet(format!("`{}`: {reason}", definition.name)),
        };
        let kind = response["error"]["data"]["kind"].as_str().unwrap_or_default();
        match kind {
            "" => {
                // A result that reports a failure is well formed, too.
                if response["result"]["isError"] != true
                    && let Err(reason) = result(&response)
                {
                    return Verdict::NotMet(format!("`{}`: {reason}", definition.name));
                }
            }
            // The arguments may be invalid for a reason that the schema does not say.
            "tool_error" | "capability_denied" | "invalid_arguments" => {}
            _ => return Verdict::NotMet(format!("`{}`: {}", definition.name, cut(&response.to_string()))),
        }
        checked += 1;
    }
    match checked {
        0 => Verdict::NotChecked("no valid arguments could be made from the schemas".to_owned()),
        _ => Verdict::Met,
    }
}

/// Returns the items of `data.mistakes` of an answer that refuses arguments.
fn mistakes(wire: &Wire<'_>, tool: &str, arguments: &Value) -> Result<Vec<Value>, String> {
    let response = wire.call(tool, arguments)?;
    let data = error(&response, ErrorKind::InvalidArguments)?;
    match data["mistakes"].as_array() {
        Some(mistakes) if !mistakes.is_empty() => Ok(mistakes.clone()),
        _ => Err(format!("`data.mistakes` is not a list of mistakes: {}", cut(&data.to_string()))),
    }
}

fn missing_argument(wire: &Wire<'_>) -> Verdict {
    let Some((definition, name)) = arguments::required(wire.definitions()) else {
        return Verdict::NotChecked("no tool has a required argument".to_owned());
    };
    let mut members = arguments::valid(definition).unwrap_or_default();
    members.shift_remove(&name);
    let checked = mistakes(wire, &definition.name, &Value::Object(members)).and_then(|mistakes| {
        let names_it = mistakes.iter().any(|mistake| mistake.to_string().contains(&name));
        if names_it {
            Ok(())
        } else {
            Err(format!("no mistake names `{name}`: {}", cut(&Value::from(mistakes).to_string())))
        }
    });
    checked.into()
}

fn wrong_type(wire: &Wire<'_>) -> Verdict {
    let Some((definition, name, wrong)) = arguments::typed(wire.definitions()) else {
        return Verdict::NotChecked("no tool has an argument of a simple type".to_owned());
    };
    let mut members = arguments::valid(definition).unwrap_or_default();
    members.insert(name.clone(), wrong);
    let checked = mistakes(wire, &definition.name, &Value::Object(members)).and_then(|mistakes| {
        let pointer = difference::member("", &name);
        let is_there = mistakes.iter().any(|mistake| mistake["pointer"] == json!(pointer));
        if is_there {
            Ok(())
        } else {
            Err(format!("no mistake is at `{pointer}`: {}", cut(&Value::from(mistakes).to_string())))
        }
    });
    checked.into()
}

fn unknown_key(wire: &Wire<'_>) -> Verdict {
    let Some((definition, name)) = arguments::closed(wire.definitions()) else {
        return Verdict::NotChecked("no tool has closed arguments".to_owned());
    };
    let mut members = arguments::valid(definition).unwrap_or_default();
    let wrong = format!("{name}q");
    members.insert(wrong.clone(), json!(1));
    let checked = mistakes(wire, &definition.name, &Value::Object(members)).and_then(|mistakes| {
        let pointer = difference::member("", &wrong);
        let is_there =
            mistakes.iter().any(|mistake| mistake["pointer"] == json!(pointer) && mistake["nearest"].is_string());
        if is_there {
            Ok(())
        } else {
            Err(format!("no mistake is at `{pointer}` and has `nearest`: {}", cut(&Value::from(mistakes).to_string())))
        }
    });
    checked.into()
}
