//! Results of `mpp trust`.

use mpp_host::keys::KeyId;
use mpp_host::policy::{Approval, New, Question};
use mpp_host::trust::TrustedPublisher;
use serde::Serialize;

/// A trusted publisher.
#[derive(Debug, Serialize)]
pub(crate) struct Publisher {
    /// Key id of the publisher.
    pub(crate) key_id: KeyId,
    /// The publisher, as accepted by the user.
    #[serde(flatten)]
    pub(crate) publisher: TrustedPublisher,
}

impl Publisher {
    /// This publisher with its key id.
    pub(crate) fn of(publisher: TrustedPublisher) -> Self {
        Self { key_id: publisher.key_id(), publisher }
    }
}

/// A question about one call.
#[derive(Debug)]
pub(crate) struct AskedCall<'a> {
    /// The question.
    pub(crate) question: &'a Question,
    /// Permissions of the package, with the paths on this machine that declared paths are mapped to.
    pub(crate) abilities: &'a [String],
}

/// A trusted publisher and the packages approved so far.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    /// The publisher.
    #[serde(flatten)]
    pub(crate) publisher: Publisher,
    /// The approved packages.
    pub(crate) approved: Vec<Approval>,
}

/// A publisher that was added or removed.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    /// `added` or `removed`.
    pub(crate) action: &'static str,
    /// The publisher.
    #[serde(flatten)]
    pub(crate) publisher: Publisher,
    /// The package that was approved together with its publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved: Option<Approval>,
}

/// A package that was approved.
#[derive(Debug, Serialize)]
pub(crate) struct Approved {
    /// The parts of the approval that are new.
    pub(crate) new: Vec<New>,
    /// Everything that is approved now.
    #[serde(flatten)]
    pub(crate) approval: Approval,
}

/// All trusted publishers.
#[derive(Debug, Serialize)]
pub(crate) struct TrustList {
    /// The publishers that the user accepted.
    pub(crate) publishers: Vec<Publisher>,
    /// Number of the user's own keys.
    pub(crate) own_keys: usize,
}
