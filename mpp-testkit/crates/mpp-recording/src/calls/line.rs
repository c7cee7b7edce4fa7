//! Parses a line of recorded calls.

use mpp_host::clock::parse_rfc3339;
use mpp_host::wire::METHOD_CALL;
use serde_json::{Map, Value, json};

use super::{LineProblem, RecordedCall};

/// Parses a line; `None` where it is an exchange of another method than `tools/call`.
pub(super) fn parse(line: &str) -> Result<Option<RecordedCall>, LineProblem> {
    let missing = |member| LineProblem::Missing { member };
    let exchange: Value = serde_json::from_str(line).map_err(LineProblem::NotJson)?;
    let request = exchange.get("request").ok_or(missing("request"))?;
    let response = exchange.get("response").ok_or(missing("response"))?;
    let response = response.as_object().ok_or(LineProblem::ResponseNotObject)?;
    let method = request.get("method").and_then(Value::as_str).ok_or(missing("request.method"))?;
    if method != METHOD_CALL {
        return Ok(None);
    }
    let at = match exchange.get("at") {
        None => None,
        Some(Value::String(at)) if parse_rfc3339(at).is_some() => Some(at.clone()),
        Some(other) => return Err(LineProblem::Time { found: other.clone().into() }),
    };
    let request_id = request.get("id").filter(|id| !id.is_null());
    let response_id = response.get("id").filter(|id| !id.is_null());
    if let (Some(request), Some(response)) = (request_id, response_id)
        && request != response
    {
        return Err(LineProblem::IdMismatch { request: request.clone().into(), response: response.clone().into() });
    }
    let params = request.get("params").ok_or(missing("request.params"))?;
    let tool = params.get("name").and_then(Value::as_str).ok_or(missing("request.params.name"))?;
    let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
    let outcome = |member: &str| Some((member.to_owned(), response.get(member)?.clone()));
    let outcome = match (outcome("result"), outcome("error")) {
        (Some(outcome), None) | (None, Some(outcome)) => outcome,
        (None, None) => return Err(LineProblem::NoOutcome),
        (Some(_), Some(_)) => return Err(LineProblem::TwoOutcomes),
    };
    let envelope = response.iter().filter(|(key, _)| *key != "result" && *key != "error");
    Ok(Some(RecordedCall {
        tool: tool.to_owned(),
        arguments,
        at,
        envelope: envelope.map(|(key, value)| (key.clone(), value.clone())).collect(),
        response: Value::Object(Map::from_iter([outcome])),
        request: request.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use mpp_host::causes::with_causes;

    #[test]
    fn explains_why_a_line_is_not_an_exchange() {
        for (line, expected) in [
            ("{", "not JSON: EOF while parsing an object at line 1 column 1"),
            ("{}", "`request` is missing"),
            (r#"{"request":{}}"#, "`response` is missing"),
            (r#"{"request":{},"response":[]}"#, "`response` is not an object"),
            (r#"{"request":{},"response":{}}"#, "`request.method` is missing"),
            (r#"{"request":{"method":"tools/call"},"response":{}}"#, "`request.params` is missing"),
            (r#"{"request":{"method":"tools/call","params":{}},"response":{}}"#, "`request.params.name` is missing"),
            (
                r#"{"request":{"method":"tools/call","params":{"name":"a"}},"response":{}}"#,
                "`response` has neither `result` nor `error`",
            ),
            (
                r#"{"request":{"method":"tools/call","params":{"name":"a"}},"response":{"result":1,"error":1}}"#,
                "`response` has both `result` and `error`",
            ),
            (
                r#"{"request":{"id":1,"method":"tools/call","params":{"name":"a"}},"response":{"id":2,"result":1}}"#,
                "the request has the id 1, the response 2",
            ),
            (
                r#"{"at":"yesterday","request":{"method":"tools/call","params":{"name":"a"}},"response":{"result":1}}"#,
                "`at` is \"yesterday\", which is not a time in UTC in the form of RFC 3339",
            ),
        ] {
            assert_eq!(with_causes(&parse(line).expect_err(line)), expected);
        }
    }

    #[test]
    fn leaves_out_exchanges_of_other_methods() {
        let other = r#"{"request":{"method":"initialize"},"response":{"result":{}}}"#;
        assert_eq!(parse(other).expect("an exchange"), None);
    }
}
