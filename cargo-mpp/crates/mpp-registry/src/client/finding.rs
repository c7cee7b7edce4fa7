//! Searches in a registry. They are conveniences: what they return is proved only when it is installed.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::ClientError;
use super::registry::{Registry, SMALL};
use crate::protocol::ProtocolError;
use crate::protocol::requests::SearchPage;

/// What needs no escape in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A search.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SearchQuery {
    /// The words to look for; all packages if empty.
    pub text: String,
    /// Only packages that declare this kind of capability.
    pub capability: Option<String>,
    /// Only packages whose publisher has proved the domain of the id.
    pub verified: bool,
    /// The page of results, counted from 1.
    pub page: Option<u32>,
}

impl Registry {
    /// Searches.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be reached, or cannot be searched because it is a static copy.
    pub async fn search(&self, query: &SearchQuery) -> Result<SearchPage, ClientError> {
        let escape = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let mut path = format!("v1/search?q={}", escape(&query.text));
        if let Some(capability) = &query.capability {
            path.push_str(&format!("&capability={}", escape(capability)));
        }
        if query.verified {
            path.push_str("&verified=true");
        }
        if let Some(page) = query.page {
            path.push_str(&format!("&page={page}"));
        }
        let found = self.remote.require(&path, SMALL).await.map_err(|error| match error {
            ClientError::Missing { url, .. } => ClientError::NoSearch { url },
            other => other,
        })?;
        Ok(serde_json::from_slice(&found.bytes)
            .map_err(|error| ProtocolError::malformed("the result of the search", error))?)
    }
}
