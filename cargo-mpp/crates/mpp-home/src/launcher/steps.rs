//! The values between the steps of a launch.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{CallOptions, Grant, RunnablePackage};
use mpp_host::package::Manifest;
use mpp_host::policy::{Approver, Clearance, ToolClearance};
use mpp_host::trust::{Admission, Trust, TrustStore};

use super::LaunchError;
use crate::machine_paths::{self, Reserved};
use crate::mapping::{self, MappingRequest, Mappings};
use crate::{Approvals, MappingError};

/// A verified package: the result of the first step.
#[derive(Debug)]
pub struct Opened {
    pub(super) package: VerifiedPackage,
    pub(super) trust: Trust,
    /// The trusted publishers when the package was opened.
    pub(super) store: TrustStore,
    /// The mappings of the policy for the package.
    pub(super) policy_dirs: BTreeMap<String, PathBuf>,
    /// The root of the home directory.
    pub(super) home: PathBuf,
}

/// A verified package with mappings for what it declares: the result of the second step.
#[derive(Debug)]
pub struct Mapped {
    pub(super) opened: Opened,
    pub(super) mappings: Mappings,
}

/// A package that may run: the result of the third step.
#[derive(Debug)]
pub struct Decided {
    pub(super) mapped: Mapped,
    pub(super) admission: Admission,
    pub(super) clearance: Clearance,
    pub(super) call: Option<ToolClearance>,
}

/// A package that can be called: the result of the last step.
pub struct Launched {
    pub(super) package: RunnablePackage,
    pub(super) call: Option<ToolClearance>,
    pub(super) approvals: Approvals,
}

/// A change of the grant with which a package starts.
pub type ChangeGrant = Box<dyn FnOnce(Grant) -> Grant + Send>;

/// What a front end adds to a launch.
#[derive(Default)]
#[non_exhaustive]
pub struct StartOptions {
    /// Allow declared hosts to resolve to this machine or its local network.
    pub allow_local: bool,
    /// The module with debug names, as it was linked, for backtraces.
    pub linked: Option<Vec<u8>>,
    /// Changes the grant last, for a front end that puts recorded surroundings in place of the real ones.
    pub change_grant: Option<ChangeGrant>,
}

impl std::fmt::Debug for StartOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartOptions").field("allow_local", &self.allow_local).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Launched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launched").field("call", &self.call).finish_non_exhaustive()
    }
}

impl Opened {
    /// The manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.package.manifest()
    }

    /// The package.
    #[must_use]
    pub fn package(&self) -> &VerifiedPackage {
        &self.package
    }

    /// Whether the publisher is trusted.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Resolves the requested mappings, together with those of the policy. `environment` looks up variables of the front end's
    /// environment.
    ///
    /// # Errors
    /// Returns [`MappingError`] if the request names something that the package does not declare or that does not exist.
    pub fn map(
        self,
        request: &MappingRequest,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Mapped, MappingError> {
        let request = MappingRequest { policy_dirs: self.policy_dirs.clone(), ..request.clone() };
        let mut mappings = mapping::resolve(self.manifest(), &request, environment)?;
        let unmapped = mappings.unmapped(self.manifest());
        mappings.offered = machine_paths::offered(self.manifest(), &unmapped, &Reserved::new(&self.home, environment));
        Ok(Mapped { opened: self, mappings })
    }
}

impl Mapped {
    /// The manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.opened.manifest()
    }

    /// The package.
    #[must_use]
    pub fn package(&self) -> &VerifiedPackage {
        &self.opened.package
    }

    /// Whether the publisher is trusted.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.opened.trust
    }

    /// The mappings.
    #[must_use]
    pub fn mappings(&self) -> &Mappings {
        &self.mappings
    }
}

impl Decided {
    /// The manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.mapped.manifest()
    }

    /// The mappings, with the paths of this machine that a person allowed.
    #[must_use]
    pub fn mappings(&self) -> &Mappings {
        &self.mapped.mappings
    }

    /// What the package was cleared for, and the level from which calls need a decision of their own.
    #[must_use]
    pub fn clearance(&self) -> &Clearance {
        &self.clearance
    }
}

impl Launched {
    /// The package, to be called, cloned and shared between threads.
    #[must_use]
    pub fn package(&self) -> &RunnablePackage {
        &self.package
    }

    /// The options for the call that was decided about together with the package. It can be called once: the decision is given out
    /// by the first call of this function.
    pub fn decided_call(&mut self) -> CallOptions {
        CallOptions::new().clearance(self.call.take())
    }

    /// Decides whether `tool` may be called with `arguments`, asks `approver` if a person must decide, and saves an answer that is to be
    /// remembered. A tool that needs no approval is cleared without a question.
    ///
    /// # Errors
    /// Returns [`LaunchError::NotApproved`] if the answer is no, if no person could be asked, or if the policy refuses.
    pub fn decide_call(
        &self,
        tool: &str,
        arguments: &str,
        approver: &dyn Approver,
    ) -> Result<CallOptions, LaunchError> {
        let cleared = self.package.clear_call(tool, arguments, approver)?;
        if let Some(approval) = &cleared.approval {
            self.approvals.save(approval)?;
        }
        Ok(CallOptions::new().clearance(cleared.clearance))
    }
}
