//! Bytes in a recording: text where they are UTF-8, and base64 otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::secrets::Markers;

/// Bytes in a recording, with markers in place of the values of variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordedBytes {
    /// UTF-8 text.
    Text(String),
    /// Other bytes, in base64.
    Base64(String),
}

impl RecordedBytes {
    /// Hides the values of variables in `bytes`.
    #[must_use]
    pub fn hidden(bytes: &[u8], markers: &Markers) -> Self {
        match String::from_utf8(markers.hide(bytes)) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Base64(STANDARD.encode(error.as_bytes())),
        }
    }

    /// Returns the bytes, with the values of variables in the places of their markers.
    #[must_use]
    pub fn revealed(&self, markers: &Markers) -> Vec<u8> {
        markers.reveal(&self.to_bytes().unwrap_or_default())
    }

    /// Returns the bytes with their markers; `None` if the base64 is not valid.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => from_base64(text),
        }
    }

    /// Returns the bytes as text for a reader: the text itself, or a description.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Base64(text) => format!("{} bytes that are not text: {text}", text.len() / 4 * 3),
        }
    }
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
