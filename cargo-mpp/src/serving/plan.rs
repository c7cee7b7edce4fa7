//! Decides about packages to be served, without asking anybody, and starts them.

use std::path::PathBuf;

use mpp_home::{Launcher, MappingRequest, StartOptions};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::package::Manifest;
use mpp_host::policy::{Answer, Approver, Question};
use mpp_mcp::bridge::{Selection, ServedPackage};

use crate::error::Error;
use crate::session::Session;
use crate::{agent, approving};

/// How a package is served. It holds for each version that is found in the package's file.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Path of the package.
    pub(crate) path: PathBuf,
    /// The package as the user named it, if it is an installed one. Other versions of it have other paths.
    pub(crate) installed: Option<PathBuf>,
    /// The requested mappings.
    pub(crate) request: MappingRequest,
    /// Whether the mappings are meant for several packages together: those for what the package does not declare are left out.
    pub(crate) is_shared: bool,
    /// Whether declared hosts may be on this machine or its network.
    pub(crate) allow_local: bool,
    /// The content hashes that are accepted, whoever published the package.
    pub(crate) accepted: Vec<String>,
    /// The module with debug names, if the package was built from a project.
    pub(crate) symbols: Option<PathBuf>,
    /// The tools that are published.
    pub(crate) tools: Selection,
    /// The configuration that selects the tools, as a user would type it.
    pub(crate) config: String,
}

impl Plan {
    /// Decides whether a package may run, without asking anybody, and starts it.
    ///
    /// # Errors
    /// Returns an error if a decision is missing, if the plan does not fit the package, or if the package does not start.
    pub(crate) fn start(
        &self,
        session: &Session,
        launcher: &Launcher,
        package: VerifiedPackage,
    ) -> Result<ServedPackage, Error> {
        let manifest = package.manifest().clone();
        let names: Vec<&str> = manifest.tool_definitions.iter().map(|tool| tool.name.as_str()).collect();
        let of = format!("the package `{}`", manifest.package_id);
        agent::check_selection(&self.config, &of, &self.tools, &names)?;
        let shown = session.shown(&self.path);
        let is_accepted = self.accepted.contains(&package.content_hash().to_string());
        let mapped = launcher.opened(package)?.map(&self.request_of(&manifest), &|name| session.variable(name))?;
        let decided = launcher
            .decide(mapped, None, &Accepted { is_accepted })
            .map_err(|error| approving::not_launched(&shown, error))?;
        let mut options = StartOptions::default();
        options.allow_local = self.allow_local;
        // Without the file, backtraces have no names.
        options.linked = self.symbols.as_ref().and_then(|path| std::fs::read(path).ok());
        let launched = launcher.start(decided, options)?;
        Ok(ServedPackage::new(launched, manifest, shown).select(self.tools.clone()))
    }

    fn request_of(&self, manifest: &Manifest) -> MappingRequest {
        let mut request = self.request.clone();
        if self.is_shared {
            let declared = &manifest.capabilities;
            let is_path =
                |guest: &String| declared.filesystem.read.contains(guest) || declared.filesystem.write.contains(guest);
            request.dirs.retain(|(guest, _)| is_path(guest));
            request.env.retain(|(name, _)| declared.env_vars.contains(name));
        }
        request
    }
}

/// Answers for a package that was accepted by its content hash; nobody else is asked.
struct Accepted {
    is_accepted: bool,
}

impl Approver for Accepted {
    fn ask(&self, _: &Question) -> Answer {
        // The answer is for this run. A question about a call is asked in the client, when the tool is called.
        if self.is_accepted { Answer::Once } else { Answer::CannotAsk }
    }
}
