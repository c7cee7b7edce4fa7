//! The errors of a launch.

use mpp_host::audit::AuditError;
use mpp_host::codes::{Code, Coded, Remedy};
use mpp_host::gatekeeper::Refusal;
use mpp_host::host::{ClearError, GrantError, HostError, LoadError};
use mpp_host::policy::NotApproved;
use mpp_host::trust::TrustError;

use crate::{HomeError, MappingError};

/// A package cannot be launched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// The home directory cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A step of the verification failed.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A requested mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The package or the call was not approved.
    #[error(transparent)]
    NotApproved(NotApproved),
    /// A refusal cannot be recorded in the audit log.
    #[error(transparent)]
    Audit(AuditError),
    /// The decision failed in another way.
    #[error(transparent)]
    Undecided(ClearError),
    /// The publisher is not trusted.
    #[error(transparent)]
    Untrusted(#[from] TrustError),
    /// The sandbox cannot start.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The package cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The package cannot be granted what it declares.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

impl LaunchError {
    pub(super) fn refused(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }

    fn coded(&self) -> &dyn Coded {
        match self {
            Self::Home(error) => error,
            Self::Refused(error) => &**error,
            Self::Mapping(error) => error,
            Self::NotApproved(error) => error,
            Self::Audit(error) => error,
            Self::Undecided(error) => error,
            Self::Untrusted(error) => error,
            Self::Host(error) => error,
            Self::Load(error) => error,
            Self::Grant(error) => error,
        }
    }
}

impl From<ClearError> for LaunchError {
    fn from(error: ClearError) -> Self {
        match error {
            ClearError::NotApproved(error) => Self::NotApproved(error),
            ClearError::Audit(error) => Self::Audit(error),
            other => Self::Undecided(other),
        }
    }
}

impl Coded for LaunchError {
    fn code(&self) -> &'static Code {
        self.coded().code()
    }

    fn remedy(&self) -> Option<Remedy> {
        self.coded().remedy()
    }

    fn help(&self) -> String {
        self.coded().help()
    }
}
