//! The request and the response of a closure given to [`tool_handler`](crate::tool_handler).

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    arguments,
    error::Error,
    failure::Failure,
    output::Output,
    wire::{Content, ErrorKind, Mistake},
};

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolRequest {
    /// Name of the tool, as the manifest defines it.
    pub tool: String,
    /// The arguments, always an object.
    pub arguments: Value,
}

impl ToolRequest {
    /// Creates a request, for a test of the closure.
    ///
    /// ```
    /// let request = mpp_sdk::ToolRequest::new("double", serde_json::json!({"n": 4}));
    /// assert_eq!(request.arguments["n"], 4);
    /// ```
    pub fn new(tool: impl Into<String>, arguments: Value) -> Self {
        Self { tool: tool.into(), arguments }
    }

    /// Deserializes the arguments.
    ///
    /// # Errors
    /// `invalid_arguments`, with the JSON pointer of the wrong value and the nearest valid key.
    ///
    /// ```
    /// #[mpp_sdk::data]
    /// #[derive(Debug)]
    /// struct Double {
    ///     n: u8,
    /// }
    ///
    /// let request = mpp_sdk::ToolRequest::new("double", serde_json::json!({"n": "four"}));
    /// let error = request.parse::<Double>().unwrap_err();
    /// assert_eq!(error.message(), "expected an integer from 0 to 255, found string \"four\"");
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let read = serde_path_to_error::deserialize(&self.arguments);
        read.or_else(|_| serde_path_to_error::deserialize(&integral(&self.arguments))).map_err(|error| {
            let Mistake { pointer, message, nearest } = arguments::mistake("", &error);
            let nearest = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            Error::invalid_argument(pointer, message + &nearest)
        })
    }

    /// Returns the response to an unknown tool name, which suggests the nearest of the `known` names.
    ///
    /// ```
    /// let request = mpp_sdk::ToolRequest::new("duoble", serde_json::json!({}));
    /// let response = request.unknown_tool(&["double"]);
    /// assert!(response.error_message().unwrap().ends_with("did you mean `double`?"));
    /// ```
    pub fn unknown_tool(&self, known: &[&str]) -> ToolResponse {
        ToolResponse(Err(Refusal::Unknown(unknown_tool(&self.tool, known))))
    }

    pub(crate) fn from_wire(tool: String, arguments: Option<&str>) -> Result<Self, Failure> {
        let arguments = match arguments {
            None => Value::Object(Map::new()),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Failure::invalid_arguments(&tool, &[Mistake::new("", error.to_string())]))?,
        };
        if arguments.is_object() {
            Ok(Self { tool, arguments })
        } else {
            Err(Failure::invalid_arguments(&tool, &[Mistake::new("", "expected an object")]))
        }
    }
}

/// Returns the value with all integral floats as integers, which JSON Schema does not tell apart.
fn integral(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // Integers up to 2^53 are exact.
            Some(float) if number.is_f64() && float == float.trunc() && float.abs() < 9_007_199_254_740_992.0 => {
                Value::from(float as i64)
            }
            _ => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(integral).collect()),
        Value::Object(members) => {
            let mut rewritten = Map::new();
            for (key, member) in members {
                rewritten.insert(key.clone(), integral(member));
            }
            Value::Object(rewritten)
        }
        _ => value.clone(),
    }
}

/// The response to a call.
#[derive(Debug)]
#[must_use = "a response has no effect unless the closure returns it"]
pub struct ToolResponse(Result<Output, Refusal>);

#[derive(Debug)]
enum Refusal {
    Tool(Error),
    Unknown(Failure),
}

impl ToolResponse {
    /// Creates a result that is serialized as `structuredContent`.
    ///
    /// ```
    /// let response = mpp_sdk::ToolResponse::success(serde_json::json!({"n": 8}));
    /// assert!(response.error_message().is_none());
    /// ```
    pub fn success(result: impl Serialize) -> Self {
        Self(Output::structured(&result).map_err(Refusal::Tool))
    }

    /// Creates a text result.
    pub fn text(text: impl Into<String>) -> Self {
        Self(Ok(Output::text(&text.into())))
    }

    /// Creates a result from items of text and media.
    pub fn content(content: Vec<Content>) -> Self {
        Self(Ok(Output::content(&content)))
    }

    /// Creates an error.
    pub fn error(error: impl Into<Error>) -> Self {
        Self(Err(Refusal::Tool(error.into())))
    }

    /// Returns the message of the error, for a test of the closure.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        match &self.0 {
            Ok(_) => None,
            Err(Refusal::Tool(error)) => Some(error.message()),
            Err(Refusal::Unknown(failure)) => Some(failure.message()),
        }
    }

    /// Returns the result's `structuredContent`, for a test of the closure.
    ///
    /// ```
    /// assert_eq!(mpp_sdk::ToolResponse::success(8).structured().unwrap(), 8);
    /// ```
    #[must_use]
    pub fn structured(&self) -> Option<Value> {
        self.0.as_ref().ok()?.structured_value()
    }

    pub(crate) fn into_outcome(self, tool: &str) -> Result<Output, Failure> {
        self.0.map_err(|refusal| match refusal {
            Refusal::Tool(error) => error.into_failure(tool),
            Refusal::Unknown(failure) => failure,
        })
    }
}

impl<E: Into<Error>> From<E> for ToolResponse {
    fn from(error: E) -> Self {
        Self::error(error)
    }
}

/// Returns the error for a tool name that is not among the `known` ones.
pub(crate) fn unknown_tool(name: &str, known: &[&str]) -> Failure {
    let nearest = crate::wire::nearest(name, known.iter().copied());
    let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    let failure = Failure::new(ErrorKind::UnknownTool, format!("there is no tool `{name}`{hint}")).with("tool", name);
    match nearest {
        Some(nearest) => failure.with("nearest", nearest),
        None => failure,
    }
}
