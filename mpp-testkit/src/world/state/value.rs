//! A value of a tool's state.

use serde_json::Value;

/// A value of a tool's state: bytes, often text, often JSON.
///
/// ```
/// use mpp_testkit::KvValue;
/// use serde_json::json;
///
/// assert_eq!(KvValue::from(json!({ "id": 7 })).text(), Some(r#"{"id":7}"#));
/// assert_eq!(KvValue::from("tea").json(), json!("tea"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvValue(Vec<u8>);

impl KvValue {
    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text; `None` where the bytes are not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Returns the value as JSON: the JSON value where it is JSON, a string where it is other text, and `{"hex": …}` where
    /// it is not text.
    #[must_use]
    pub fn json(&self) -> Value {
        match self.text() {
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
            None => serde_json::json!({ "hex": hex::encode(&self.0) }),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl From<&str> for KvValue {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for KvValue {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for KvValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for KvValue {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Value> for KvValue {
    fn from(value: Value) -> Self {
        Self(value.to_string().into_bytes())
    }
}
