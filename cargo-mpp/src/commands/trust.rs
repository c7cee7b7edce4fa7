//! `mpp trust`: trusted publishers, and what was approved of their packages.

use std::sync::Arc;
use std::time::SystemTime;

use mpp_home::Publishers;
use mpp_host::clock::rfc3339;
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::policy::{Approval, Situation, Wants};
use mpp_host::trust::{Trust, TrustedPublisher};
use mpp_sdk::wire::nearest;

use crate::agent::{self, AgentError};
use crate::cli::{TrustAddArgs, TrustApproveArgs, TrustArgs, TrustCommand, TrustServerArgs};
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::hosting;
use crate::installed;
use crate::packages::{self, PackageError, PackageFile};
use crate::reports::trust::{Action, Approved, ApprovedPackage, Changed, Publisher, ServerAccepted, Shown, TrustList};
use crate::session::Session;
use crate::ui::Ui;

/// An error of `mpp trust`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustCommandError {
    /// `mpp trust add` of a key needs an option.
    #[error("a public key contains neither a name nor package ids: `{what}` is missing")]
    Needs {
        /// The option.
        what: &'static str,
    },
    /// No publisher has this key id.
    #[error("no trusted publisher has the key id `{key_id}`{}", did_you_mean(nearest.as_ref()))]
    NoSuchPublisher {
        /// The requested key id.
        key_id: String,
        /// A similar one.
        nearest: Option<String>,
    },
    /// The package has no such tool.
    #[error("the package has no tool `{tool}`{}", did_you_mean(nearest.as_ref()))]
    NoSuchTool {
        /// The requested name.
        tool: String,
        /// A similar one.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&String>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

impl Coded for TrustCommandError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Needs { .. } => &codes::C001,
            Self::NoSuchPublisher { .. } => &codes::C022,
            Self::NoSuchTool { .. } => &mpp_host::codes::R101,
        }
    }
}

impl Explain for TrustCommandError {
    fn advice(&self) -> String {
        match self {
            Self::Needs { .. } => {
                "for example: --name 'My Company' --prefix com.mycompany; or name one of their packages instead"
                    .to_owned()
            }
            Self::NoSuchPublisher { .. } => "run `mpp trust list` to list all publishers".to_owned(),
            Self::NoSuchTool { .. } => mpp_host::codes::R101.help.to_owned(),
        }
    }
}

/// Adds, approves, lists, shows or removes.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &TrustArgs) -> Result<Exit, Error> {
    let home = session.home();
    match &args.command {
        TrustCommand::Add(args) => add(session, ui, args)?,
        TrustCommand::Approve(args) => approve(session, ui, args)?,
        TrustCommand::Server(args) => accept_server(session, ui, args)?,
        TrustCommand::List => {
            let own_key_ids = home.keys().own_with_ids()?.into_iter().map(|(id, _)| id).collect();
            let publishers = home.publishers().list()?.into_iter().map(Publisher::of).collect();
            ui.show(&TrustList { publishers, own_key_ids })?;
        }
        TrustCommand::Show(args) => {
            let publisher = find(session, &args.key_id)?;
            let approved = home.approvals().by_key(&publisher.key)?.into_iter();
            let approved = approved.map(|known| ApprovedPackage::of(known, publisher.key_id())).collect();
            ui.show(&Shown { publisher: Publisher::of(publisher), approved })?;
        }
        TrustCommand::Remove(args) => {
            let publisher = find(session, &args.key_id)?;
            home.publishers().remove(&publisher)?;
            home.approvals().forget(&publisher.key)?;
            ui.show(&Changed { action: Action::Removed, publisher: Publisher::of(publisher), approved: None })?;
        }
    }
    Ok(Exit::Done)
}

fn add(session: &Session, ui: &Ui, args: &TrustAddArgs) -> Result<(), Error> {
    let path = packages::locate_to_read(session, ui, &args.source)?;
    let bytes = packages::read_bytes(&path)?;
    let mut approved = None;
    let publisher = if bytes.as_slice().starts_with(b"-----BEGIN") {
        let key = mpp_home::read_public_key(&path)?;
        let name = args.name.clone().ok_or(TrustCommandError::Needs { what: "--name NAME" })?;
        if args.prefix.is_empty() {
            return Err(TrustCommandError::Needs { what: "--prefix ID" }.into());
        }
        Publishers::of_key(key, name, args.prefix.clone(), SystemTime::now())
    } else {
        let package = packages::verify(&packages::gatekeeper(), &path, PackageFile::Bytes(bytes))?;
        let package = installed::adopt(session, &path, package)?;
        let mut publisher = Publishers::of_package(&package, SystemTime::now());
        if let Some(name) = &args.name {
            publisher.name.clone_from(name);
        }
        if !args.prefix.is_empty() {
            publisher.prefixes.clone_from(&args.prefix);
        }
        // A user who trusts a publisher because of a package approves what is printed about it.
        if publisher.covers(&package.manifest().package_id) {
            approved = Some(accept(session, &package, &[])?.approved);
        }
        publisher
    };
    let publisher = Publisher::of(session.home().publishers().add(publisher)?);
    Ok(ui.show(&Changed { action: Action::Added, publisher, approved })?)
}

fn approve(session: &Session, ui: &Ui, args: &TrustApproveArgs) -> Result<(), Error> {
    let path = packages::locate_to_read(session, ui, &args.package)?;
    let package = installed::adopt(session, &path, packages::open(&path)?)?;
    session.home().trust_store()?.admit(&package).map_err(|source| PackageError::untrusted(session, &path, source))?;
    Ok(ui.show(&accept(session, &package, &args.tool)?)?)
}

/// Saves the approval of everything that the package declares, and of calls of these tools.
fn accept(session: &Session, package: &VerifiedPackage, tools: &[String]) -> Result<Approved, Error> {
    let situation = Situation::new(package, Trust::Trusted, None);
    let approvals = session.home().approvals();
    let known = approvals.load(&package.manifest().package_id, package.publisher_key())?;
    let new = Wants::of(package.manifest()).beyond(known.as_ref().map(|known| &known.wants));
    let mut approval = Approval::of(&situation, known.as_ref(), &rfc3339(SystemTime::now()));
    for tool in tools {
        approval = approval.with_tool(&situation, tool).ok_or_else(|| {
            let names = package.manifest().tool_definitions.iter().map(|known| known.name.as_str());
            TrustCommandError::NoSuchTool { tool: tool.clone(), nearest: nearest(tool, names).map(str::to_owned) }
        })?;
    }
    approvals.save(&approval)?;
    Ok(Approved { new, approved: ApprovedPackage::of(approval, package.key_id().clone()) })
}

/// Starts an MCP server, and accepts its tools as they are.
fn accept_server(session: &Session, ui: &Arc<Ui>, args: &TrustServerArgs) -> Result<(), Error> {
    let config = agent::read(session, &args.config)?;
    let names: Vec<String> = config.servers.iter().map(|server| server.name.clone()).collect();
    let server = config.servers.into_iter().find(|server| server.name == args.server).ok_or_else(|| {
        let path = session.shown(&session.resolve(&args.config));
        AgentError::NoServer { path, name: args.server.clone(), known: names }
    })?;
    let launcher = hosting::launcher(session, ui, &[])?.build()?;
    let server = agent::server(session, ui, &launcher, (&args.config, &[]), server)?;
    let accepted = server.accept(&args.tool)?;
    Ok(ui.show(&ServerAccepted::of(server.name(), accepted))?)
}

fn find(session: &Session, key_id: &str) -> Result<TrustedPublisher, Error> {
    let mut publishers = session.home().publishers().list()?;
    if let Some(index) = publishers.iter().position(|publisher| publisher.key_id().as_str() == key_id) {
        return Ok(publishers.swap_remove(index));
    }
    let ids: Vec<String> = publishers.iter().map(|publisher| publisher.key_id().to_string()).collect();
    let nearest = nearest(key_id, ids.iter().map(String::as_str)).map(str::to_owned);
    Err(TrustCommandError::NoSuchPublisher { key_id: key_id.to_owned(), nearest }.into())
}
