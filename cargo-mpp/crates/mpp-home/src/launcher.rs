//! From package bytes to a package that can be called: open, map, decide, start.
//!
//! A [`Launcher`] joins a home directory with a host. Each step returns a value that the next one needs, so that a front end cannot
//! leave one out; between the steps it can show what it knows.
//!
//! ```no_run
//! use mpp_home::{Home, Launcher, MappingRequest, StartOptions};
//! use mpp_host::policy::Unattended;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let launcher = Launcher::builder(Home::at("/home/ada/.mpp"))?.build()?;
//! let opened = launcher.open(std::fs::read("contacts-1.0.0.mpp")?)?;
//! let mut request = MappingRequest::default();
//! request.dirs.push(("/contacts".to_owned(), "/srv/contacts".into()));
//! let mapped = opened.map(&request, &|name| std::env::var_os(name))?;
//! let decided = launcher.decide(mapped, None, &Unattended)?;
//! let contacts = launcher.start(decided, StartOptions::default())?;
//! println!("{}", contacts.package().call("find", r#"{"query":"ada"}"#).json());
//! # Ok(()) }
//! ```

mod builder;
mod error;
mod steps;

use std::sync::Arc;

use mpp_host::clock::Clock;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{Grant, Host, ServerGate};
use mpp_host::package::PackageBytes;
use mpp_host::policy::{Answer, Approver, ClearanceRequest, Policy};
use mpp_host::privacy::Secrets;

use crate::{Home, Publishers};

pub use builder::LauncherBuilder;
pub use error::LaunchError;
pub use steps::{ChangeGrant, Decided, Launched, Mapped, Opened, StartOptions};

/// Starts packages under the policy, the trust and the approvals of a home directory.
///
/// It can be shared between threads. Each package that it starts can be called from many threads at once.
pub struct Launcher {
    home: Home,
    host: Host,
    policy: Policy,
    clock: Arc<dyn Clock>,
}

impl Launcher {
    /// A builder with the policy of `home`, and a host that uses its directories and records calls in its audit log.
    ///
    /// # Errors
    /// Returns an error if the policy cannot be read.
    pub fn builder(home: Home) -> Result<LauncherBuilder, LaunchError> {
        LauncherBuilder::new(home)
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the gate of an MCP server that runs outside the sandbox, under the policy of the home directory. `variables` are the
    /// names and values that the server is given.
    ///
    /// # Errors
    /// Returns [`LaunchError::Load`] if the privacy filter cannot be created.
    pub fn server_gate(&self, name: &str, variables: &[(String, String)]) -> Result<ServerGate, LaunchError> {
        Ok(self.host.server_gate(name, &self.policy, variables)?)
    }

    /// Verifies a package.
    ///
    /// # Errors
    /// Returns [`LaunchError::Refused`] if a step of the verification fails, and the errors of [`Launcher::opened`].
    pub fn open(&self, bytes: impl Into<PackageBytes>) -> Result<Opened, LaunchError> {
        let package = self.host.verify(bytes).outcome.map_err(LaunchError::refused)?;
        self.opened(package)
    }

    /// A package that was verified before, for example by the build that made it. The trusted publishers are read now, so a long-running
    /// program notices what the user changed meanwhile.
    ///
    /// # Errors
    /// Returns an error if a file of the trusted publishers cannot be read.
    pub fn opened(&self, package: VerifiedPackage) -> Result<Opened, LaunchError> {
        let store = self.home.trust_store()?;
        let trust = store.decide(&package);
        let policy_dirs = self.policy.dirs(&package.manifest().package_id);
        Ok(Opened { package, trust, store, policy_dirs, home: self.home.root().to_owned() })
    }

    /// Decides whether the package may run, and, if `call` names a tool and its arguments, whether the tool may be called.
    /// `approver` is asked if a person must decide; answers to be remembered are saved in the home directory. Declared paths that
    /// nothing maps are part of the question; if nobody can be asked, they stay without a mapping, and the package does not start.
    ///
    /// # Errors
    /// Returns [`LaunchError::NotApproved`] if the answer is no, if no person could be asked, or if the policy refuses. The refusal
    /// is in the audit log. Returns another error if a file of the home directory cannot be read or written.
    pub fn decide(
        &self,
        mut mapped: Mapped,
        call: Option<(&str, &str)>,
        approver: &dyn Approver,
    ) -> Result<Decided, LaunchError> {
        let secrets = Secrets::new(mapped.mappings.env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let Opened { package, store, .. } = &mut mapped.opened;
        let known = self.home.approvals().load(&package.manifest().package_id, package.publisher_key())?;
        let mut request = ClearanceRequest::new(package, &self.policy, store, approver)
            .approval(known.as_ref())
            .paths(&mapped.mappings.offered);
        if let Some((tool, arguments)) = call {
            request = request.call(tool, arguments).secrets(&secrets);
        }
        let cleared = self.host.clear(&request)?;
        if let Some(answer) = cleared.publisher {
            let publisher = Publishers::of_package(package, self.clock.now());
            store.add(match answer {
                Answer::Remember => self.home.publishers().add(publisher)?,
                _ => publisher,
            });
        }
        if let Some(approval) = &cleared.approval {
            self.home.approvals().save(approval)?;
        }
        let admission = store.admit(package)?;
        mapped.mappings.dirs.extend(cleared.paths.into_iter().map(|path| (path.guest, path.host)));
        mapped.mappings.offered.clear();
        Ok(Decided { mapped, admission, clearance: cleared.clearance, call: cleared.tool })
    }

    /// Loads the package and grants it what it declares.
    ///
    /// # Errors
    /// Returns an error if the module does not compile, or if a declared path or variable has no mapping.
    pub fn start(&self, decided: Decided, options: StartOptions) -> Result<Launched, LaunchError> {
        let Decided { mapped, admission, clearance, call } = decided;
        let Mapped { opened, mappings } = mapped;
        let linked = options.linked.map(|linked| (opened.package.module().to_vec(), linked));
        let mut loaded = self.host.load(opened.package)?;
        if let Some((module, linked)) = linked {
            loaded = loaded.with_symbols(&module, linked);
        }
        let mut grant = Grant::new(admission, clearance).allow_local(options.allow_local);
        if mappings.no_env && mappings.env.is_empty() {
            grant = grant.without_env();
        }
        for (name, value) in mappings.env {
            grant = grant.env(name, value);
        }
        for (guest, host) in mappings.dirs {
            grant = grant.dir(guest, host);
        }
        if let Some(change) = options.change_grant {
            grant = change(grant);
        }
        Ok(Launched { package: loaded.grant(grant)?, call, approvals: self.home.approvals() })
    }
}

impl std::fmt::Debug for Launcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").field("home", &self.home).field("policy", &self.policy).finish_non_exhaustive()
    }
}
