//! The home directory and the paths in it.

use std::path::{Path, PathBuf};

use mpp_host::policy::Policy;
use mpp_host::trust::TrustStore;

use crate::error::HomeError;
use crate::{Approvals, Keys, Publishers, Servers, files, policy_file};

/// An MPP home directory: `~/.mpp`, or the directory that a user chose instead. Nothing is created before it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home directory at `root`, an absolute path.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of compiled code, for [`HostBuilder::cache_dir`](mpp_host::HostBuilder::cache_dir).
    #[must_use]
    pub fn cache_dir(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// The directory of the packages' state, for [`HostBuilder::state_dir`](mpp_host::HostBuilder::state_dir).
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.root.join("kv")
    }

    /// The directory of the audit log, for [`AuditLog::new`](mpp_host::audit::AuditLog::new).
    #[must_use]
    pub fn audit_dir(&self) -> PathBuf {
        self.root.join("audit")
    }

    /// The file that [`Home::policy`] reads.
    #[must_use]
    pub fn policy_file(&self) -> PathBuf {
        self.root.join("policy.toml")
    }

    /// The configuration of registries.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The directory of what is known of each registry.
    #[must_use]
    pub fn registries_dir(&self) -> PathBuf {
        self.root.join("registries")
    }

    /// The directory of packages from registries.
    #[must_use]
    pub fn packages_dir(&self) -> PathBuf {
        self.root.join("packages")
    }

    /// The file that lists the installed packages.
    #[must_use]
    pub fn installed_file(&self) -> PathBuf {
        self.packages_dir().join("installed.lock")
    }

    /// The file that lists the packages that were downloaded and not yet accepted.
    #[must_use]
    pub fn waiting_file(&self) -> PathBuf {
        self.packages_dir().join("waiting.lock")
    }

    /// The user's keys, in `keys`.
    #[must_use]
    pub fn keys(&self) -> Keys {
        Keys::in_dir(self.root.join("keys"))
    }

    /// The trusted publishers, in `trust`.
    #[must_use]
    pub fn publishers(&self) -> Publishers {
        Publishers::in_dir(self.root.join("trust"))
    }

    /// The approved packages, in `trust/approved`.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        Approvals::in_dir(self.root.join("trust").join("approved"))
    }

    /// The directories whose files decide whether packages may run: the user's keys, the trusted publishers and the approvals. Each
    /// decision replaces a file in one of them.
    #[must_use]
    pub fn decision_dirs(&self) -> [PathBuf; 3] {
        let trust = self.root.join("trust");
        [self.root.join("keys"), trust.join("approved"), trust]
    }

    /// The MCP servers whose tools were accepted, in `servers`.
    #[must_use]
    pub fn servers(&self) -> Servers {
        Servers::in_dir(self.root.join("servers"))
    }

    /// The rules in `policy.toml`; the defaults if there is no such file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or if it contains a rule that does not exist: no rule is ignored. A mistake is
    /// reported with its line.
    pub fn policy(&self) -> Result<Policy, HomeError> {
        let path = self.policy_file();
        let Some(bytes) = files::read_if_present("your policy", &path)? else { return Ok(Policy::default()) };
        policy_file::parse(&path, &bytes)
    }

    /// The trust store: the user's own keys and the trusted publishers.
    ///
    /// # Errors
    /// Returns an error if a key or publisher file cannot be read; a damaged file grants no trust.
    pub fn trust_store(&self) -> Result<TrustStore, HomeError> {
        let mut store = TrustStore::new();
        for key in self.keys().own()? {
            store.add_own(key);
        }
        for publisher in self.publishers().list()? {
            store.add(publisher);
        }
        Ok(store)
    }
}
