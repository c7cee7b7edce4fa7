//! `mpp registry`: the registries that a user knows, and those that an operator runs.

mod add;
mod approve;
#[cfg(feature = "registry-server")]
mod check;
#[cfg(feature = "registry-server")]
mod copy;
mod erase;
#[cfg(feature = "registry-server")]
mod init;
mod list;
#[cfg(feature = "registry-server")]
mod mirror;
#[cfg(feature = "registry-server")]
mod monitor;
#[cfg(feature = "registry-server")]
mod place;
#[cfg(feature = "registry-server")]
mod rebuild;
mod remove;
#[cfg(feature = "registry-server")]
mod rotate;
#[cfg(feature = "registry-server")]
mod serve;
#[cfg(feature = "registry-server")]
mod sign;
#[cfg(feature = "registry-server")]
mod stopping;
mod takedown;
mod transfer;
#[cfg(feature = "registry-server")]
mod witness;

use std::sync::Arc;

use crate::cli::{RegistryArgs, RegistryCommand};
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Runs a subcommand.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RegistryArgs) -> Result<Exit, Error> {
    match &args.command {
        RegistryCommand::Add(args) => add::run(session, ui, args),
        RegistryCommand::List => list::run(session, ui),
        RegistryCommand::Remove(args) => remove::run(session, ui, args),
        RegistryCommand::Approve(args) => approve::run(session, ui, args),
        RegistryCommand::Transfer(args) => transfer::run(session, ui, args),
        RegistryCommand::Takedown(args) => takedown::run(session, ui, args),
        RegistryCommand::EraseProfile(args) => erase::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::RotateLogKey(args) => rotate::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::SignDescription(args) => sign::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Init(args) => init::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Serve(args) => serve::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Check(args) => check::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Rebuild(args) => rebuild::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Copy(args) => copy::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Monitor(args) => monitor::run(session, ui, args),
        #[cfg(feature = "registry-server")]
        RegistryCommand::Witness(args) => witness::run(session, ui, args),
    }
}
