//! `mpp trust`: whose packages may run here, and what was accepted of them.

use std::time::SystemTime;

use mpp_host::clock::rfc3339;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::policy::{Approval, Situation, Wants};
use mpp_host::trust::{Trust, TrustedPublisher};
use mpp_sdk::wire::nearest;

use crate::cli::{TrustAddArgs, TrustApproveArgs, TrustArgs, TrustCommand};
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::trust::{Approved, Changed, Publisher, Shown, TrustList};
use crate::session::Session;
use crate::ui::Ui;
use crate::{approvals, keystore, packages, trusting};

/// Adds, approves, lists, shows or removes.
pub(crate) fn run(session: &Session, ui: &Ui, args: &TrustArgs) -> Result<Exit, Error> {
    match &args.command {
        TrustCommand::Add(args) => add(session, ui, args)?,
        TrustCommand::Approve(args) => approve(session, ui, args)?,
        TrustCommand::List => {
            let publishers = trusting::publishers(session)?.into_iter().map(Publisher::of).collect();
            ui.show(&TrustList { publishers, own_keys: keystore::own_keys(session)?.len() })?;
        }
        TrustCommand::Show(args) => {
            let publisher = find(session, &args.key_id)?;
            let approved = approvals::by_key(session, &publisher.key)?;
            ui.show(&Shown { publisher: Publisher::of(publisher), approved })?;
        }
        TrustCommand::Remove(args) => {
            let publisher = find(session, &args.key_id)?;
            trusting::remove(session, &publisher)?;
            approvals::forget(session, &publisher.key)?;
            ui.show(&Changed { action: "removed", publisher: Publisher::of(publisher), approved: None })?;
        }
    }
    Ok(Exit::Done)
}

fn add(session: &Session, ui: &Ui, args: &TrustAddArgs) -> Result<(), Error> {
    let path = session.resolve(&args.source);
    let bytes = packages::read(&path)?;
    let mut approved = None;
    let publisher = if bytes.as_slice().starts_with(b"-----BEGIN") {
        let key = keystore::read_public(&path)?;
        let name = args.name.clone().ok_or(Error::TrustNeeds { what: "--name NAME" })?;
        if args.prefix.is_empty() {
            return Err(Error::TrustNeeds { what: "--prefix ID" });
        }
        trusting::accepted_key(key, name, args.prefix.clone())
    } else {
        let package = packages::verify(&path, bytes)?;
        let mut publisher = trusting::accepted(&package);
        if let Some(name) = &args.name {
            publisher.name.clone_from(name);
        }
        if !args.prefix.is_empty() {
            publisher.prefixes.clone_from(&args.prefix);
        }
        // Whoever accepts a publisher by one of their packages accepts what is printed of it.
        if publisher.covers(&package.manifest().package_id) {
            approved = Some(accept(session, &package, &[])?.approval);
        }
        publisher
    };
    let publisher = Publisher::of(trusting::add(session, publisher)?);
    ui.show(&Changed { action: "added", publisher, approved })
}

fn approve(session: &Session, ui: &Ui, args: &TrustApproveArgs) -> Result<(), Error> {
    let path = session.resolve(&args.package);
    let package = packages::verify(&path, packages::read(&path)?)?;
    trusting::store(session)?.admit(&package).map_err(|source| Error::untrusted(session, &path, source))?;
    ui.show(&accept(session, &package, &args.tool)?)
}

/// Remembers that all that the package declares is accepted, and that these tools need no question.
fn accept(session: &Session, package: &VerifiedPackage, tools: &[String]) -> Result<Approved, Error> {
    let situation = Situation::new(package, Trust::Trusted, None);
    let known = approvals::load(session, &package.manifest().package_id, package.publisher_key())?;
    let new = Wants::of(package.manifest()).beyond(known.as_ref().map(|known| &known.wants));
    let mut approval = Approval::of(&situation, known.as_ref(), &rfc3339(SystemTime::now()));
    for tool in tools {
        approval = approval.with_tool(&situation, tool).ok_or_else(|| {
            let names = || package.manifest().tool_definitions.iter().map(|known| known.name.as_str());
            Error::NoSuchTool { tool: tool.clone(), nearest: nearest(tool, names()).map(str::to_owned) }
        })?;
    }
    approvals::save(session, &approval)?;
    Ok(Approved { new, approval })
}

fn find(session: &Session, key_id: &str) -> Result<TrustedPublisher, Error> {
    let mut publishers = trusting::publishers(session)?;
    match publishers.iter().position(|publisher| publisher.key_id().as_str() == key_id) {
        Some(index) => Ok(publishers.swap_remove(index)),
        None => {
            let ids: Vec<String> = publishers.iter().map(|publisher| publisher.key_id().to_string()).collect();
            let nearest = nearest(key_id, ids.iter().map(String::as_str)).map(str::to_owned);
            Err(Error::NoSuchPublisher { key_id: key_id.to_owned(), nearest })
        }
    }
}
