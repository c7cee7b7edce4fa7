//! The surroundings of one case: variables, files, state, network, time, randomness and faults.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mpp_host::causes::with_causes;
use mpp_host::clock::parse_rfc3339;
use mpp_host::host::Grant;
use mpp_host::sandbox::CallLimits;
use mpp_recording::{ActiveFault, Masks, MockNetwork, MockPlan, ReplayClock, Stage};
use tempfile::TempDir;

use super::Subject;
use super::files::GivenFiles;
use crate::error::NotPrepared;
use crate::format::{Given, GivenLimits};
use crate::read::Cases;

/// Joins what a file gives to every case with what a case gives itself.
pub(super) fn merged(of_file: &Given, of_case: &Given) -> Given {
    let mut given = of_case.clone();
    let or = |own: Option<u64>, other: Option<u64>| own.or(other);
    for (name, value) in &of_file.env {
        given.env.entry(name.clone()).or_insert_with(|| value.clone());
    }
    for (key, value) in &of_file.kv {
        given.kv.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for (path, text) in &of_file.files {
        given.files.entry(path.clone()).or_insert_with(|| text.clone());
    }
    given.http.extend(of_file.http.iter().cloned());
    given.fixtures.extend(of_file.fixtures.iter().cloned());
    given.faults.extend(of_file.faults.iter().cloned());
    given.clock = given.clock.or_else(|| of_file.clock.clone());
    given.seed = or(given.seed, of_file.seed);
    given.limits = GivenLimits {
        timeout_ms: or(given.limits.timeout_ms, of_file.limits.timeout_ms),
        memory_mb: or(given.limits.memory_mb, of_file.limits.memory_mb),
        output_bytes: or(given.limits.output_bytes, of_file.limits.output_bytes),
    };
    given
}

/// The surroundings of one case, which end with this value.
pub(super) struct World {
    pub(super) network: Arc<MockNetwork>,
    pub(super) faults: Arc<[ActiveFault]>,
    variables: BTreeMap<String, String>,
    files: GivenFiles,
    stage: Stage,
    limits: GivenLimits,
    /// Holds the state.
    _state: TempDir,
}

impl World {
    pub(super) fn new(subject: &Subject, cases: &Cases, given: &Given) -> Result<Self, NotPrepared> {
        let manifest = subject.loaded.manifest();
        let declared = &manifest.capabilities;
        let mut variables = subject.env.clone();
        variables.extend(given.env.clone());
        let mut faults = Vec::with_capacity(given.faults.len());
        for (number, fault) in given.faults.iter().enumerate() {
            let at = format!("/given/faults/{number}");
            let fault = fault.to_fault().map_err(|(key, message)| NotPrepared::new(format!("{at}/{key}"), message))?;
            fault.check(manifest).map_err(|error| NotPrepared::new(at, with_causes(&error)))?;
            faults.push(ActiveFault::new(fault));
        }
        let faults: Arc<[ActiveFault]> = faults.into();
        let masks = Masks::new(variables.clone(), &declared.network);
        let mut plan = MockPlan::new();
        if !given.http.is_empty() {
            plan.exchanges("http", given.http.iter().cloned());
        }
        for path in &given.fixtures {
            plan.fixture(PathBuf::from(path));
        }
        let directory = cases.path().parent().unwrap_or(std::path::Path::new("."));
        let network = plan
            .build(directory, &declared.network, masks, Arc::clone(&faults))
            .map_err(|error| NotPrepared::new("/given/fixtures", with_causes(&error)))?;
        let network = Arc::new(network);
        let files = GivenFiles::create(&given.files, &declared.filesystem, &own_dirs(subject))?;
        let state =
            tempfile::tempdir().map_err(|error| NotPrepared::new("", format!("no temporary directory: {error}")))?;
        let mut stage = Stage::new().network(Arc::clone(&network) as _).state_dir(state.path().join("state"));
        if let Some(time) = given.clock.as_deref().and_then(parse_rfc3339) {
            let clock = ReplayClock::new();
            clock.show(Some(time));
            stage = stage.clock(&clock);
        }
        if let Some(seed) = given.seed {
            stage = stage.seed(seed);
        }
        Ok(Self { network, faults, variables, files, stage, limits: given.limits, _state: state })
    }

    /// Returns what the package is granted.
    pub(super) fn grant(&self, subject: &Subject) -> Grant {
        let mut grant = Grant::new(subject.admission.clone(), subject.clearance.clone()).limits(self.limits(subject));
        for (name, value) in &self.variables {
            grant = grant.env(name, value);
        }
        for (guest, host) in self.files.mappings() {
            grant = grant.dir(guest, host);
        }
        self.stage.on(grant)
    }

    /// Returns the limits of the call.
    pub(super) fn limits(&self, subject: &Subject) -> CallLimits {
        let mut limits = CallLimits::of(&subject.loaded.manifest().runtime);
        let bytes = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(time) = self.limits.timeout_ms {
            limits.timeout = limits.timeout.min(Duration::from_millis(time));
        }
        if let Some(memory) = self.limits.memory_mb {
            limits.memory = limits.memory.min(bytes(memory.saturating_mul(1024 * 1024)));
        }
        if let Some(output) = self.limits.output_bytes {
            limits.output = limits.output.min(bytes(output));
        }
        limits
    }
}

/// The project's own mappings, with absolute paths.
fn own_dirs(subject: &Subject) -> BTreeMap<String, PathBuf> {
    subject.dirs.iter().map(|(guest, host)| (guest.clone(), subject.directory.join(host))).collect()
}
