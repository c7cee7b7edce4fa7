//! Runs cases: each one in surroundings of its own.

pub(crate) mod check;
mod files;
mod network;
mod prepare;
pub(crate) mod state;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use mpp_host::Host;
use mpp_host::causes::with_causes;
use mpp_host::codes::{Code, Coded, Remedy};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{FilteredOutput, LoadedPackage};
use mpp_host::policy::{Clearance, ClearanceRequest, Policy, Unattended};
use mpp_host::trust::{Admission, TrustStore};
use mpp_recording::{CallFaults, SentRequest};

use crate::error::NotPrepared;
use crate::format::Case;
use crate::read::Cases;
use crate::result::{CaseResult, Mismatch, Status};

/// A package whose cases are run. The package is one's own: the decision to trust its publisher is not asked for.
pub struct Subject {
    loaded: LoadedPackage,
    admission: Admission,
    clearance: Clearance,
    directory: PathBuf,
    dirs: BTreeMap<String, PathBuf>,
    env: BTreeMap<String, String>,
}

/// A reason for which no case of a package can be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// The package cannot be trusted or cleared.
    #[error(transparent)]
    Denied(#[from] mpp_host::host::ClearError),
    /// The publisher is not trusted.
    #[error(transparent)]
    NotTrusted(#[from] mpp_host::trust::TrustError),
    /// The package cannot be loaded.
    #[error(transparent)]
    Load(#[from] mpp_host::host::LoadError),
    /// The package cannot be granted what it declares.
    #[error(transparent)]
    Grant(#[from] mpp_host::host::GrantError),
    /// There is no temporary directory.
    #[error("a temporary directory cannot be created")]
    Directory(#[source] std::io::Error),
}

impl Coded for SubjectError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Denied(error) => error.code(),
            Self::NotTrusted(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Grant(error) => error.code(),
            Self::Directory(_) => &crate::codes::R706,
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Denied(error) => error.remedy(),
            Self::NotTrusted(error) => error.remedy(),
            Self::Load(error) => error.remedy(),
            Self::Grant(error) => error.remedy(),
            Self::Directory(_) => None,
        }
    }
}

/// What a call did.
pub(crate) struct Observed {
    pub(crate) output: FilteredOutput,
    /// The state after the call; `None` if the package has none.
    pub(crate) state: Option<state::Entries>,
    /// Method and URL of each request, with secrets masked.
    pub(crate) requests: Vec<String>,
    /// The files that the case expects, with their content; `None` where there is no such file.
    pub(crate) files: BTreeMap<String, Option<String>>,
    /// Request that no mock answers.
    pub(crate) unanswered: Option<String>,
}

impl Subject {
    /// Loads a package that was just built from the project in `directory`. `symbols` is its module with names and lines.
    ///
    /// # Errors
    /// Returns [`SubjectError`] if the package cannot be loaded.
    pub fn load(
        host: &Host,
        package: VerifiedPackage,
        symbols: Option<Vec<u8>>,
        directory: PathBuf,
    ) -> Result<Self, SubjectError> {
        let mut trust = TrustStore::new();
        trust.add_own(*package.publisher_key());
        let admission = trust.admit(&package)?;
        let clearance =
            host.clear(&ClearanceRequest::new(&package, &Policy::default(), &trust, &Unattended))?.clearance;
        let module = if symbols.is_some() { package.module().to_vec() } else { Vec::new() };
        let mut loaded = host.load(package)?;
        if let Some(symbols) = symbols {
            loaded = loaded.with_symbols(&module, symbols);
        }
        Ok(Self { loaded, admission, clearance, directory, dirs: BTreeMap::new(), env: BTreeMap::new() })
    }

    /// Sets the project's own settings, which apply where a case gives nothing else: paths by declared path, relative to the directory
    /// of the project, and values of variables.
    #[must_use]
    pub fn settings(mut self, dirs: BTreeMap<String, PathBuf>, env: BTreeMap<String, String>) -> Self {
        (self.dirs, self.env) = (dirs, env);
        self
    }

    /// Returns the loaded package.
    #[must_use]
    pub fn package(&self) -> &LoadedPackage {
        &self.loaded
    }

    /// Runs the case with this number, counted from 0.
    #[must_use]
    pub fn run(&self, cases: &Cases, number: usize) -> CaseResult {
        self.run_and_keep(cases, number).0
    }

    /// Runs a case, and returns what it found, too.
    pub(crate) fn run_and_keep(&self, cases: &Cases, number: usize) -> (CaseResult, Option<Observed>) {
        let case = &cases.cases()[number];
        let mut result = CaseResult::new(case.name.clone(), cases.line(number));
        if let Some(reason) = &case.skip {
            result.status = Status::Skipped;
            result.reason = Some(reason.clone());
            return (result, None);
        }
        let started = Instant::now();
        let observed = self.call(cases, case);
        result.duration = started.elapsed();
        match observed {
            Err(fault) => {
                let line = cases.document.line(&format!("/cases/{number}{}", fault.pointer));
                result.line = line;
                result.mismatches.push(Mismatch::new("given", format!("{fault} ({})", fault.code())));
                result.status = Status::Failed;
                (result, None)
            }
            Ok(observed) => {
                result.mismatches = check::check(case, &observed);
                result.status = if result.mismatches.is_empty() { Status::Passed } else { Status::Failed };
                result.log = observed.output.log().to_owned();
                (result, Some(observed))
            }
        }
    }

    /// Prepares the surroundings of a case, and makes its call.
    fn call(&self, cases: &Cases, case: &Case) -> Result<Observed, NotPrepared> {
        let given = prepare::merged(&cases.file.given, &case.given);
        let world = prepare::World::new(self, cases, &given)?;
        let runnable = self.loaded.grant(world.grant(self)).map_err(|error| {
            NotPrepared::new(
                "/given",
                format!("the case does not give what the package needs: {}", with_causes(&error)),
            )
        })?;
        let store = runnable.state();
        state::write(store.as_ref(), &given.kv)?;
        let faults = CallFaults::begin(&world.faults);
        let arguments = serde_json::Value::Object(case.arguments.clone()).to_string();
        let output = if faults.is_empty() {
            runnable.call(&case.tool, &arguments)
        } else {
            let failed = |message: String| NotPrepared::new("/given/faults", message);
            let limits = world.limits(self);
            let _lock = faults.lock(store.as_ref()).map_err(|error| failed(with_causes(&error)))?;
            let grant = faults.on(world.grant(self), limits);
            let faulty = self.loaded.grant(grant).map_err(|error| failed(with_causes(&error)))?;
            faulty.call(&case.tool, &arguments)
        };
        let wanted = case.expect.iter().flat_map(|expect| expect.files.keys());
        let files = wanted.map(|guest| (guest.clone(), files::read(runnable.paths(), guest))).collect();
        let state = store.as_ref().map(state::read).transpose()?;
        let unanswered = world.network.take_failure().map(|failure| network::worded(&failure));
        let masks = world.network.masks();
        let shown = |sent: &SentRequest| format!("{} {}", sent.request.method, masks.hide(&sent.request.url));
        let requests = world.network.requests().iter().map(shown).collect();
        Ok(Observed { output, state, requests, files, unanswered })
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("name", &self.loaded.manifest().name).finish_non_exhaustive()
    }
}
