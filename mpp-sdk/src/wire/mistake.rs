//! Mistakes in the arguments of a call: where each one is, what was expected, and the nearest valid name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ErrorKind, RpcError};

/// One mistake in the arguments of a call.
///
/// ```
/// use mpp_sdk::wire::Mistake;
///
/// let mistake = Mistake::new("/lmit", "there is no such argument").with_nearest(Some("limit"));
/// assert_eq!(mistake.to_string(), "`/lmit`: there is no such argument; did you mean `limit`?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mistake {
    /// JSON pointer (RFC 6901) to the wrong value; empty for the arguments as a whole.
    pub pointer: String,
    /// The mistake, without its place: ``expected a string, found integer `5` ``.
    pub message: String,
    /// The valid key or choice that is nearest to the given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

impl Mistake {
    /// Creates a mistake at a JSON pointer.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), nearest: None }
    }

    /// Sets the valid key or choice that is nearest to the given one.
    #[must_use]
    pub fn with_nearest(mut self, nearest: Option<&str>) -> Self {
        self.nearest = nearest.map(str::to_owned);
        self
    }

    /// Returns the message of an `invalid_arguments` error.
    pub(crate) fn sentence(tool: &str, mistakes: &[Self]) -> String {
        let mut message = format!("the arguments do not fit `{tool}`");
        for (index, mistake) in mistakes.iter().enumerate() {
            message.push_str(if index == 0 { ": " } else { "; " });
            message.push_str(&mistake.to_string());
        }
        message
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "`{}`: ", self.pointer)?;
        }
        f.write_str(&self.message)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl RpcError {
    /// Creates an `invalid_arguments` error. The message lists all mistakes; `data` holds the `tool`, the `pointer` of
    /// the first mistake, and all `mistakes`.
    #[must_use]
    pub fn invalid_arguments(tool: &str, mistakes: &[Mistake]) -> Self {
        let mut listed = Vec::with_capacity(mistakes.len());
        for mistake in mistakes {
            let mut entry = serde_json::Map::new();
            entry.insert("pointer".to_owned(), Value::from(mistake.pointer.as_str()));
            entry.insert("message".to_owned(), Value::from(mistake.message.as_str()));
            if let Some(nearest) = &mistake.nearest {
                entry.insert("nearest".to_owned(), Value::from(nearest.as_str()));
            }
            listed.push(Value::Object(entry));
        }
        let pointer = mistakes.first().map_or("", |mistake| mistake.pointer.as_str());
        Self::new(ErrorKind::InvalidArguments, Mistake::sentence(tool, mistakes))
            .with("tool", tool)
            .with("pointer", pointer)
            .with("mistakes", listed)
    }
}

#[cfg(test)]
mod tests {
    use super::Mistake;
    use crate::wire::RpcError;

    #[test]
    fn message_lists_every_mistake() {
        let error = RpcError::invalid_arguments(
            "find",
            &[
                Mistake::new("/lmit", "there is no such argument").with_nearest(Some("limit")),
                Mistake::new("/query", "is missing"),
            ],
        );
        assert_eq!(
            error.message,
            "the arguments do not fit `find`: `/lmit`: there is no such argument; did you mean `limit`?; `/query`: is missing"
        );
        assert_eq!(error.data["pointer"], "/lmit");
        assert_eq!(error.data["mistakes"][0]["nearest"], "limit");
        assert_eq!(error.code, -32602);
    }
}
