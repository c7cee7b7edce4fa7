//! The Gatekeeper, which verifies a package in seven ordered steps, each with its own error codes.
//!
//! Each step is a module with one function and two types. The function takes the state of the previous step by value
//! and returns its own state, which carries the proofs of all steps so far. A proof can only be created by the module
//! of its step. [`VerifiedPackage`] requires the proofs of all seven steps, so code that skips a step does not compile.
//!
//! ```
//! use mpp_host::{clock::SystemClock, gatekeeper::Gatekeeper, package::UnverifiedPackage};
//!
//! let gatekeeper = Gatekeeper::new(Default::default(), std::sync::Arc::new(SystemClock::new()));
//! let verification = gatekeeper.verify(UnverifiedPackage::new(b"not a package".as_slice()));
//! let refusal = verification.outcome.expect_err("refused");
//! assert_eq!(refusal.code, "MPP-G101");
//! ```
//!
//! A step cannot be skipped:
//!
//! ```compile_fail,E0308
//! use mpp_host::gatekeeper::{Refusal, archive_safety, path_traversal};
//! fn shorter(package: mpp_host::package::UnverifiedPackage) -> Result<(), Refusal> {
//!     path_traversal::check(archive_safety::check(package)?)?;
//!     Ok(())
//! }
//! ```
//!
//! Each step consumes the state that it takes, so an earlier state cannot be used again:
//!
//! ```compile_fail,E0382
//! use mpp_host::gatekeeper::{Refusal, archive_safety, size_limits};
//! fn twice(package: mpp_host::package::UnverifiedPackage) -> Result<(), Refusal> {
//!     let archive = archive_safety::check(package)?;
//!     size_limits::check(archive, &Default::default())?;
//!     size_limits::check(archive, &Default::default())?;
//!     Ok(())
//! }
//! ```
//!
//! A proof cannot be created outside its module:
//!
//! ```compile_fail,E0423
//! let proof = mpp_host::gatekeeper::size_limits::SizeLimits(());
//! ```

pub mod archive_safety;
pub mod capabilities;
pub mod content_hash;
mod known;
pub mod manifest;
mod module;
pub mod path_traversal;
mod refusal;
mod report;
pub mod signature;
pub mod size_limits;
mod verified;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use known::KnownModules;
pub use module::Imports;
pub use refusal::{Refusal, Step};
pub use report::{Report, StepReport, StepResult};
pub use verified::VerifiedPackage;

use crate::clock::Clock;
use crate::keys::{KeyId, KeyRole, PublicKey};
use crate::package::archive::Listing;
use crate::package::fault::Fault;
use crate::package::{Limits, UnsignedPackage, UnverifiedPackage};
use crate::signature::Toolchain;

/// Verifies packages.
#[derive(Debug, Clone)]
pub struct Gatekeeper {
    limits: Limits,
    clock: Arc<dyn Clock>,
    registries: BTreeMap<KeyId, PublicKey>,
    known: Option<Arc<dyn KnownModules>>,
}

/// The result of verifying one package.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verification {
    /// Report of every step, with its result and duration.
    pub report: Report,
    /// The verified package, or the reason for its refusal.
    pub outcome: Result<VerifiedPackage, Refusal>,
}

impl Gatekeeper {
    /// Creates a Gatekeeper that enforces the smaller of the format's limits and `limits`.
    #[must_use]
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self { limits: Limits::default().lowered(&limits), clock, registries: BTreeMap::new(), known: None }
    }

    /// Adds the public keys of registries. A countersignature by one of these keys must be valid.
    #[must_use]
    pub fn with_registry_keys(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.registries.extend(keys.into_iter().map(|key| (key.id(KeyRole::Publisher), key)));
        self
    }

    /// Sets the store that remembers validated modules. Without it, each verification validates all code of the module.
    #[must_use]
    pub fn with_known_modules(mut self, known: Arc<dyn KnownModules>) -> Self {
        self.known = Some(known);
        self
    }

    /// Returns the limits that are enforced.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Verifies a package. The steps run in order, and the first failure ends the verification. A file that is over the size
    /// limit is refused by [its length](Self::refuse_by_length) before the first step.
    #[must_use]
    pub fn verify(&self, package: UnverifiedPackage) -> Verification {
        if let Some(refused) = self.refuse_by_length(package.bytes().len() as u64) {
            return refused;
        }
        let mut report = Report::new(package.bytes().len() as u64);
        let outcome = self.run(package, &mut report);
        report.conclude(&outcome);
        Verification { report, outcome }
    }

    /// Refuses a file that is over the size limit by its length alone, so that it need not be read into memory.
    ///
    /// Returns `None` if the length is within the limit.
    #[must_use]
    pub fn refuse_by_length(&self, length: u64) -> Option<Verification> {
        let fault = size_limits::check_length(length, &self.limits).err()?;
        let outcome = Err(Refusal::new(Step::SizeLimits, fault));
        let mut report = Report::new(length);
        report.record(Step::SizeLimits, 0, outcome.as_ref().err());
        report.conclude(&outcome);
        Some(Verification { report, outcome })
    }

    fn run(&self, package: UnverifiedPackage, report: &mut Report) -> Result<VerifiedPackage, Refusal> {
        let limits = &self.limits;
        let archive = self.step(report, Step::ArchiveSafety, || archive_safety::check(package))?;
        let archive = self.step(report, Step::SizeLimits, || size_limits::check(archive, limits))?;
        let archive = self.step(report, Step::PathTraversal, || path_traversal::check(archive))?;
        let archive = self.step(report, Step::ContentHash, || content_hash::check(archive))?;
        report.content_hash = Some(archive.content_hash());
        let package = self.step(report, Step::Signature, || signature::check(archive, &self.registries))?;
        let package = self.step(report, Step::Manifest, || manifest::check(package))?;
        let package = self.step(report, Step::Capabilities, || capabilities::check(package, self.known.as_deref()))?;
        Ok(package.into_verified())
    }

    fn step<T>(
        &self,
        report: &mut Report,
        step: Step,
        check: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let start = self.clock.monotonic();
        let result = check();
        let elapsed = self.clock.monotonic().saturating_sub(start);
        report.record(step, u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX), result.as_ref().err());
        result
    }
}

/// Runs the checks of steps 2 and 3 on an archive that the packer has written.
pub(crate) fn check_names_and_sizes(bytes: &[u8], listing: &Listing, limits: &Limits) -> Result<(), Fault> {
    size_limits::check_length(bytes.len() as u64, limits)?;
    size_limits::check_entries(bytes, listing, limits)?;
    path_traversal::check_names(bytes, listing)
}

/// Opens a package to sign it again, and returns it without its signature, with the toolchain that the signature names.
///
/// A missing signature is not an error, but an existing one must be valid.
pub(crate) fn open_for_signing(package: &UnverifiedPackage) -> Result<(UnsignedPackage, Option<Toolchain>), Refusal> {
    let limits = Limits::default();
    size_limits::check_length(package.bytes().len() as u64, &limits)
        .map_err(|fault| Refusal::new(Step::SizeLimits, fault))?;
    let archive = archive_safety::check(package.clone())?;
    let archive = size_limits::check(archive, &limits)?;
    let archive = path_traversal::check(archive)?;
    let toolchain = if archive.is_signed() {
        let signed = signature::check(content_hash::check(archive)?, &BTreeMap::new())?;
        Some(signed.predicate().toolchain.clone())
    } else {
        None
    };
    let unsigned = manifest::repack(package.bytes())?;
    Ok((unsigned, toolchain))
}
