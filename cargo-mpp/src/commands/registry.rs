//! `mpp registry`: the registries that a user knows, and those that an operator runs.

mod add;

use std::sync::Arc;

use crate::cli::{RegistryArgs, RegistryCommand};
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Runs one subcommand.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RegistryArgs) -> Result<Exit, Error> {
    match &args.command {
        RegistryCommand::Add(args) => add::run(session, ui, args),
    }
}
