//! Mistakes in arguments: where each is, what was expected, and what the caller probably meant.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ErrorKind, RpcError};

/// One thing that is wrong with the arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// JSON pointer (RFC 6901) to the value at fault; empty for the arguments as a whole.
    pub pointer: String,
    /// What is wrong, without the place: `expected a string, found integer `5``.
    pub message: String,
    /// The valid key or word that is nearest to the one given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

impl Mistake {
    /// A mistake at this place.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), nearest: None }
    }

    /// Names what the caller probably meant.
    #[must_use]
    pub fn with_nearest(mut self, nearest: Option<&str>) -> Self {
        self.nearest = nearest.map(str::to_owned);
        self
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
    /// An `invalid_arguments` error: one sentence for all mistakes, and in `data` the `tool`, the first mistake's
    /// `pointer` and every one of the `mistakes`.
    #[must_use]
    pub fn invalid_arguments(tool: &str, mistakes: &[Mistake]) -> Self {
        let mut message = format!("the arguments do not fit `{tool}`");
        let mut listed = Vec::with_capacity(mistakes.len());
        for (index, mistake) in mistakes.iter().enumerate() {
            message.push_str(if index == 0 { ": " } else { "; " });
            message.push_str(&mistake.to_string());
            let mut entry = serde_json::Map::new();
            entry.insert("pointer".to_owned(), Value::from(mistake.pointer.as_str()));
            entry.insert("message".to_owned(), Value::from(mistake.message.as_str()));
            if let Some(nearest) = &mistake.nearest {
                entry.insert("nearest".to_owned(), Value::from(nearest.as_str()));
            }
            listed.push(Value::Object(entry));
        }
        let pointer = mistakes.first().map_or("", |mistake| mistake.pointer.as_str());
        Self::new(ErrorKind::InvalidArguments, message)
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
    fn says_every_mistake_in_one_sentence() {
        let error = RpcError::invalid_arguments(
            "find",
            &[
                Mistake::new("/lmit", "there is no argument `lmit`").with_nearest(Some("limit")),
                Mistake::new("/query", "is missing"),
            ],
        );
        assert_eq!(
            error.message,
            "the arguments do not fit `find`: `/lmit`: there is no argument `lmit`; did you mean `limit`?; `/query`: is missing"
        );
        assert_eq!(error.data["pointer"], "/lmit");
        assert_eq!(error.data["mistakes"][0]["nearest"], "limit");
        assert_eq!(error.code, -32602);
    }
}
