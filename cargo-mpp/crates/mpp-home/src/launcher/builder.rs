//! Configures a launcher.

use std::sync::Arc;

use mpp_host::audit::AuditLog;
use mpp_host::clock::{Clock, SystemClock};
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::host::{Host, HostBuilder};
use mpp_host::policy::Policy;

use super::{LaunchError, Launcher};
use crate::Home;

/// Configures a [`Launcher`].
#[derive(Clone)]
#[must_use]
pub struct LauncherBuilder {
    home: Home,
    host: HostBuilder,
    policy: Policy,
    clock: Arc<dyn Clock>,
}

impl LauncherBuilder {
    pub(super) fn new(home: Home) -> Result<Self, LaunchError> {
        let policy = home.policy()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let host = Host::builder()
            .clock(Arc::clone(&clock))
            .cache_dir(home.cache_dir())
            .state_dir(home.state_dir())
            .forced_patterns(policy.forced_patterns())
            .audit(Arc::new(AuditLog::new(home.audit_dir())));
        Ok(Self { home, host, policy, clock })
    }

    /// Configures the host further: its compiler, its network, the number of concurrent calls.
    pub fn host(mut self, configure: impl FnOnce(HostBuilder) -> HostBuilder) -> Self {
        self.host = configure(self.host);
        self
    }

    /// Takes the time from this clock instead of the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.host = self.host.clock(Arc::clone(&clock));
        self.clock = clock;
        self
    }

    /// The Gatekeeper of the host, to verify a package while another thread builds the launcher.
    pub fn gatekeeper(&self) -> Gatekeeper {
        self.host.gatekeeper()
    }

    /// Starts the host.
    ///
    /// # Errors
    /// Returns [`LaunchError::Host`] if the sandbox cannot start on this machine.
    pub fn build(self) -> Result<Launcher, LaunchError> {
        let host = self.host.build()?;
        Ok(Launcher { home: self.home, host, policy: self.policy, clock: self.clock })
    }
}

impl std::fmt::Debug for LauncherBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LauncherBuilder").field("home", &self.home).finish_non_exhaustive()
    }
}
