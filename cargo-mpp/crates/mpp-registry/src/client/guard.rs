//! Whether an installed package may still be used: the revocation list is refreshed every hour, and the last one counts until then.

use std::time::Duration;

use super::error::ClientError;
use super::lock::LockedPackage;
use super::memory::ASKED;
use super::registry::Registry;
use super::revocations::{Freshness, RevocationList};
use crate::protocol::Timestamp;

/// How often the list is refreshed.
pub const REFRESH: Duration = Duration::from_secs(60 * 60);
/// How long the registry is left alone after it could not be reached.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What is known about an installed package that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Guarded {
    /// The list is valid, and contains neither the package nor its key.
    Current,
    /// The last list that was seen does not contain the package, but has expired.
    Expired {
        /// The end of its validity.
        at: Timestamp,
    },
    /// No list was ever seen.
    Unknown,
}

impl Registry {
    /// Checks an installed package against the current list, which is refreshed if it is older than an hour. A registry that cannot
    /// be reached within `limit` is not asked again for some minutes, and the last list counts.
    ///
    /// # Errors
    /// Returns [`ClientError::Revoked`] or [`ClientError::TakenDown`] if the package must not be used, and [`ClientError::Alarm`] if
    /// the registry contradicts itself.
    pub async fn guard(&self, package: &LockedPackage, limit: Duration) -> Result<Guarded, ClientError> {
        let list = self.current_list(limit).await?;
        let Some(list) = list else { return Ok(Guarded::Unknown) };
        list.check_locked(package)?;
        Ok(match list.freshness(self.now()) {
            Freshness::Valid => Guarded::Current,
            Freshness::Expired { at } => Guarded::Expired { at },
        })
    }

    async fn current_list(&self, limit: Duration) -> Result<Option<RevocationList>, ClientError> {
        let known = match self.remembered()? {
            Some(view) => self.remembered_revocations(&view)?,
            None => None,
        };
        let now = self.now();
        if known.as_ref().is_some_and(|list| list.age(now) < REFRESH) || !self.is_due(now)? {
            return Ok(known);
        }
        self.memory.write(ASKED, now.to_string().as_bytes())?;
        let refresh = async {
            let mut view = self.refresh().await?;
            self.revocations(&mut view).await
        };
        match tokio::time::timeout(limit, refresh).await {
            Ok(Ok(list)) => Ok(Some(list)),
            Ok(Err(error @ (ClientError::Alarm(_) | ClientError::OtherRoot { .. }))) => Err(error),
            // What was known before still counts.
            Ok(Err(_)) | Err(_) => Ok(known),
        }
    }

    /// Returns whether the registry may be asked again.
    fn is_due(&self, now: Timestamp) -> Result<bool, ClientError> {
        let asked = self.memory.read(ASKED)?.and_then(|text| String::from_utf8(text).ok());
        let asked = asked.and_then(|text| Timestamp::parse(&text).ok());
        Ok(asked.is_none_or(|asked| now > asked.after(PATIENCE) || now < asked))
    }
}
