//! The Gatekeeper: seven checks, in order, each with its own code.
//!
//! Each step is a module with one function and two types. The function takes the state that the step before it made,
//! by value, and returns its own; that state carries the proofs of all steps so far, which only their own modules can
//! make. [`VerifiedPackage`] takes one proof of each of the seven, so a forgotten check does not compile.
//!
//! ```
//! use mpp_host::{clock::SystemClock, gatekeeper::Gatekeeper, package::UnverifiedPackage};
//!
//! let gatekeeper = Gatekeeper::new(Default::default(), std::sync::Arc::new(SystemClock::new()));
//! let verification = gatekeeper.verify(UnverifiedPackage::new(b"not a package".as_slice()));
//! let refusal = verification.outcome.expect_err("refused");
//! assert_eq!(refusal.code, &codes::G101);
//! ```
//!
//! A step cannot be left out:
//!
//! ```compile_fail,E0308
//! use mpp_host::gatekeeper::{Refusal, archive_safety, path_traversal};
//! fn shorter(package: mpp_host::package::UnverifiedPackage) -> Result<(), Refusal> {
//!     path_traversal::check(archive_safety::check(package)?)?;
//!     Ok(())
//! }
//! ```
//!
//! A state is used up by the step that takes it, so nothing goes back to look at it unchecked:
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
//! And no proof can be made up:
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

/// Checks packages.
#[derive(Debug, Clone)]
pub struct Gatekeeper {
    limits: Limits,
    clock: Arc<dyn Clock>,
    registries: BTreeMap<KeyId, PublicKey>,
    known: Option<Arc<dyn KnownModules>>,
}

/// What came of checking one package.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Every step with its result and time.
    pub report: Report,
    /// The package, or why it was refused.
    pub outcome: Result<VerifiedPackage, Refusal>,
}

impl Gatekeeper {
    /// A Gatekeeper with the format's limits, lowered to `limits` where those are smaller.
    #[must_use]
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self { limits: Limits::default().lowered(&limits), clock, registries: BTreeMap::new(), known: None }
    }

    /// Registries whose countersignatures must hold where a package carries them.
    #[must_use]
    pub fn with_registry_keys(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        self.registries.extend(keys.into_iter().map(|key| (key.id(KeyRole::Publisher), key)));
        self
    }

    /// Where to remember modules whose code was found valid. Without it, each is gone through each time.
    #[must_use]
    pub fn with_known_modules(mut self, known: Arc<dyn KnownModules>) -> Self {
        self.known = Some(known);
        self
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Runs the seven steps; the first that fails ends it.
    #[must_use]
    pub fn verify(&self, package: UnverifiedPackage) -> Verification {
        let mut report = Report::new(package.bytes().len() as u64);
        let outcome = self.run(package, &mut report);
        report.conclude(&outcome);
        Verification { report, outcome }
    }

    /// Refuses a file by its length alone, so that nobody reads one into memory that is over the limit.
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

/// What the packer holds its own work to.
pub(crate) fn check_names_and_sizes(bytes: &[u8], listing: &Listing, limits: &Limits) -> Result<(), Fault> {
    size_limits::check_length(bytes.len() as u64, limits)?;
    size_limits::check_entries(bytes, listing, limits)?;
    path_traversal::check_names(bytes, listing)
}

/// Takes a package apart that is to be signed anew. An absent signature is no error; one that is there must hold.
pub(crate) fn open_for_signing(package: &UnverifiedPackage) -> Result<(UnsignedPackage, Option<Toolchain>), Refusal> {
    let archive = archive_safety::check(package.clone())?;
    let archive = size_limits::check(archive, &Limits::default())?;
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
