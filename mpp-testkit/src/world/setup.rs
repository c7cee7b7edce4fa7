//! The settings of a tool under test, as its builder collects them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mpp_host::package::manifest::Manifest;
use mpp_host::sandbox::CallLimits;
use mpp_recording::{Fault, MockPlan};

use crate::failure::Failure;
use crate::mode::Mode;
use crate::native::Handler;
use crate::world::clock::Clock;
use crate::world::files::plan::FilesPlan;
use crate::world::state::seed::Seed;

/// Everything that a test sets before it loads a tool.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) directory: PathBuf,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) dirs: BTreeMap<String, PathBuf>,
    /// Whether `dev = { dirs, env }` of the package's metadata applies.
    pub(crate) dev_mappings: bool,
    pub(crate) limits: Option<CallLimits>,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) allow_local: bool,
    pub(crate) mocks: MockPlan,
    pub(crate) files: FilesPlan,
    pub(crate) kv: Vec<Seed>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) mode: Option<Mode>,
    pub(crate) handler: Option<Handler>,
    pub(crate) clock: Option<Clock>,
    pub(crate) seed: Option<u64>,
}

impl Setup {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            env: BTreeMap::new(),
            dirs: BTreeMap::new(),
            dev_mappings: true,
            limits: None,
            state_dir: None,
            allow_local: false,
            mocks: MockPlan::new(),
            files: FilesPlan::default(),
            kv: Vec::new(),
            faults: Vec::new(),
            mode: None,
            handler: None,
            clock: None,
            seed: None,
        }
    }

    /// Refuses faults that cannot happen to this package, or not in this mode.
    pub(crate) fn check_faults(&self, manifest: &Manifest, mode: Mode) -> Result<(), Failure> {
        for fault in &self.faults {
            if let Some(reason) = fault.sandbox_only().filter(|_| mode == Mode::Native) {
                return Err(Failure::new(
                    format!("the fault `{fault}` works in the sandbox only, and this test runs natively: {reason}"),
                    "call `.sandboxed()` before `.load()` to run this test in the sandbox, regardless of `MPP_TEST_MODE`",
                ));
            }
            fault.check(manifest)?;
        }
        Ok(())
    }
}
