//! The low-level way in: what [`tool_handler`](crate::tool_handler) gives to a closure and takes back.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    Error, arguments,
    output::Output,
    wire::{Content, ErrorKind, Mistake, RpcError},
};

/// A call: which tool, with which arguments.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolRequest {
    /// The tool's name, as the manifest defines it.
    pub tool: String,
    /// The arguments; always an object.
    pub arguments: Value,
}

impl ToolRequest {
    /// A request, for a test of the closure.
    ///
    /// ```
    /// let request = mpp_sdk::ToolRequest::new("double", serde_json::json!({"n": 4}));
    /// assert_eq!(request.arguments["n"], 4);
    /// ```
    pub fn new(tool: impl Into<String>, arguments: Value) -> Self {
        Self { tool: tool.into(), arguments }
    }

    /// Reads the arguments into a type.
    ///
    /// # Errors
    /// `invalid_arguments`, with the JSON pointer of the value at fault and the nearest valid key.
    ///
    /// ```
    /// #[mpp_sdk::data]
    /// #[derive(Debug)]
    /// struct Double {
    ///     n: i64,
    /// }
    ///
    /// let request = mpp_sdk::ToolRequest::new("double", serde_json::json!({"n": "four"}));
    /// let error = request.parse::<Double>().unwrap_err();
    /// assert_eq!(error.message(), "expected an integer, found string \"four\"");
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_path_to_error::deserialize(&self.arguments).map_err(|error| {
            let Mistake { pointer, message, nearest } = arguments::mistake("", &error);
            let nearest = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            Error::invalid_argument(pointer, message + &nearest)
        })
    }

    /// The answer to a tool name that the program does not know, with the nearest of those it does.
    ///
    /// ```
    /// let request = mpp_sdk::ToolRequest::new("duoble", serde_json::json!({}));
    /// let response = request.unknown_tool(&["double"]);
    /// assert!(response.error_message().unwrap().ends_with("did you mean `double`?"));
    /// ```
    pub fn unknown_tool(&self, known: &[&str]) -> ToolResponse {
        ToolResponse(Err(Failure::Rpc(unknown_tool(&self.tool, known))))
    }

    pub(crate) fn from_wire(tool: String, arguments: Option<&str>) -> Result<Self, RpcError> {
        let arguments = match arguments {
            None => Value::Object(Map::new()),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| RpcError::invalid_arguments(&tool, &[Mistake::new("", error.to_string())]))?,
        };
        if arguments.is_object() {
            Ok(Self { tool, arguments })
        } else {
            Err(RpcError::invalid_arguments(&tool, &[Mistake::new("", "expected an object")]))
        }
    }
}

/// The answer to a call.
#[derive(Debug)]
#[must_use = "the closure given to `tool_handler` returns it"]
pub struct ToolResponse(Result<Output, Failure>);

#[derive(Debug)]
enum Failure {
    Tool(Error),
    Rpc(RpcError),
}

impl ToolResponse {
    /// A result that serialises; it travels as `structuredContent`.
    ///
    /// ```
    /// let response = mpp_sdk::ToolResponse::success(serde_json::json!({"n": 8}));
    /// assert!(response.error_message().is_none());
    /// ```
    pub fn success(result: impl Serialize) -> Self {
        Self(Output::structured(&result).map_err(Failure::Tool))
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(Ok(Output::text(text.into())))
    }

    /// Text, pictures, sound and resources.
    pub fn content(content: Vec<Content>) -> Self {
        Self(Ok(Output::content(content)))
    }

    /// The tool's own error.
    pub fn error(error: impl Into<Error>) -> Self {
        Self(Err(Failure::Tool(error.into())))
    }

    /// The message of the error, for a test of the closure.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        match &self.0 {
            Ok(_) => None,
            Err(Failure::Tool(error)) => Some(error.message()),
            Err(Failure::Rpc(error)) => Some(&error.message),
        }
    }

    /// The result's `structuredContent`, for a test of the closure.
    ///
    /// ```
    /// assert_eq!(mpp_sdk::ToolResponse::success(8).structured().unwrap(), 8);
    /// ```
    #[must_use]
    pub fn structured(&self) -> Option<Value> {
        self.0.as_ref().ok()?.structured_value()
    }

    pub(crate) fn into_outcome(self, tool: &str) -> Result<Output, RpcError> {
        self.0.map_err(|failure| match failure {
            Failure::Tool(error) => error.into_rpc(tool),
            Failure::Rpc(error) => error,
        })
    }
}

impl<E: Into<Error>> From<E> for ToolResponse {
    fn from(error: E) -> Self {
        Self::error(error)
    }
}

/// The error for a name that is not among those known.
pub(crate) fn unknown_tool(name: &str, known: &[&str]) -> RpcError {
    let nearest = crate::wire::nearest(name, known.iter().copied());
    let hint = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    let error = RpcError::new(ErrorKind::UnknownTool, format!("there is no tool `{name}`{hint}")).with("tool", name);
    match nearest {
        Some(nearest) => error.with("nearest", nearest),
        None => error,
    }
}
