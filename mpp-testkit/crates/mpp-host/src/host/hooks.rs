//! The test hooks of a grant: what a test puts in place of the surroundings of a call.
//!
//! *Invariant:* only the features `testing` and `in-process` have methods that set a hook. A host that enables neither cannot
//! reach them, and contains no code for transports or for calls outside the sandbox.

#[cfg(any(feature = "testing", feature = "in-process"))]
mod setters;

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::sandbox::full_disk::FullDisk;
#[cfg(feature = "in-process")]
use crate::sandbox::in_process::InProcess;
use crate::sandbox::kv::trouble::StateTrouble;
use crate::sandbox::network::Network;
#[cfg(feature = "testing")]
use crate::sandbox::network::Transport;
use crate::sandbox::observe::{CallObserver, RandomSource};

/// The hooks that a test has set; by default none.
#[derive(Debug, Default)]
pub(super) struct Hooks {
    pub(super) guest_clock: Option<Arc<dyn Clock>>,
    /// The seed of the guest's random bytes.
    pub(super) seed: Option<u64>,
    pub(super) random_source: Option<Arc<dyn RandomSource>>,
    pub(super) observer: Option<Arc<dyn CallObserver>>,
    pub(super) state_dir: Option<PathBuf>,
    pub(super) state_clock: Option<Arc<dyn Clock>>,
    pub(super) state_trouble: Option<StateTrouble>,
    pub(super) disk_full: Option<FullDisk>,
    #[cfg(feature = "testing")]
    transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "in-process")]
    pub(super) in_process: Option<Arc<dyn InProcess>>,
}

impl Hooks {
    /// Returns `network` with the transport, if there is one.
    #[cfg(feature = "testing")]
    pub(super) fn on_network(&self, network: Network) -> Network {
        network.with_transport(self.transport.clone())
    }

    /// Returns `network` unchanged.
    #[cfg(not(feature = "testing"))]
    pub(super) fn on_network(&self, network: Network) -> Network {
        network
    }
}
