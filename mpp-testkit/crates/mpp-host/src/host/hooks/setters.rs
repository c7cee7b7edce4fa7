//! The methods of a grant that set test hooks.

#[cfg(feature = "testing")]
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "testing")]
use crate::clock::Clock;
use crate::host::grant::Grant;
#[cfg(feature = "in-process")]
use crate::sandbox::in_process::InProcess;
#[cfg(feature = "testing")]
use crate::sandbox::kv::StateTrouble;
#[cfg(feature = "testing")]
use crate::sandbox::network::Transport;
#[cfg(feature = "testing")]
use crate::sandbox::{CallObserver, FullDisk, RandomSource, Randomness};

/// Test hooks (feature `testing`).
#[cfg(feature = "testing")]
impl Grant {
    /// Sets the transport that carries the tool's requests instead of the network. All checks except the one of addresses
    /// still apply.
    pub fn http(mut self, transport: Arc<dyn Transport>) -> Self {
        self.hooks.transport = Some(transport);
        self
    }

    /// Sets the clock of the guest. The default is the host's clock.
    pub fn guest_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.hooks.guest_clock = Some(clock);
        self
    }

    /// Sets the source of the guest's random bytes. The default is the operating system.
    pub fn guest_randomness(mut self, randomness: Randomness) -> Self {
        self.hooks.seed = randomness.seed();
        self
    }

    /// Sets the front end's own source of random bytes for the guest, in place of the operating system and of a seed.
    pub fn guest_random_source(mut self, source: Arc<dyn RandomSource>) -> Self {
        self.hooks.random_source = Some(source);
        self
    }

    /// Sets an observer, which learns what each call reads from the package's state and changes in it.
    pub fn observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.hooks.observer = Some(observer);
        self
    }

    /// Sets the directory of the package's state. The default is the host's state directory.
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.hooks.state_dir = Some(dir.into());
        self
    }

    /// Sets the clock by which entries of the package's state expire. The default is the host's clock.
    pub fn state_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.hooks.state_clock = Some(clock);
        self
    }

    /// Simulates a failure of the package's state, to test how the tool reacts.
    pub fn state_trouble(mut self, trouble: StateTrouble) -> Self {
        self.hooks.state_trouble = Some(trouble);
        self
    }

    /// Simulates a full disk under every declared directory: no file can be written to. It works in the sandbox
    /// only. `disk` counts the operations that it refused.
    pub fn disk_full(mut self, disk: &FullDisk) -> Self {
        self.hooks.disk_full = Some(disk.clone());
        self
    }
}

/// Calls outside the sandbox (feature `in-process`).
#[cfg(feature = "in-process")]
impl Grant {
    /// Runs the package's calls in this process instead of in the sandbox: `runner` takes the place of the package's module, with
    /// the rights of this process. Everything around it stays the same; see [`in_process`](crate::sandbox::in_process).
    ///
    /// Use it only to test your own tools, so that a debugger or a coverage tool can see their code. Never use it for another
    /// publisher's package: `runner` is not restricted in any way.
    pub fn danger_in_process(mut self, runner: Arc<dyn InProcess>) -> Self {
        self.hooks.in_process = Some(runner);
        self
    }
}
