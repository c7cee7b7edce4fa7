//! The commands, one file each; no command imports another.

mod audit;
mod build;
mod caps;
mod capture;
pub(crate) mod compile_child;
mod completions;
mod conformance;
mod doctor;
mod explain;
mod export;
mod inspect;
mod install;
mod inventory;
mod key;
mod keygen;
mod kv;
mod lint;
mod new;
mod outdated;
mod owner;
mod publish;
mod register;
mod registry;
mod replay;
mod rerun;
mod run;
mod schema;
mod search;
mod serve;
mod sign;
mod test;
mod trust;
mod uninstall;
mod update;
mod verify;
mod yank;

use std::sync::Arc;

use crate::cli::Command;
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;

/// Runs one command.
///
/// # Errors
/// Returns the error of the command.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, command: Command) -> Result<Exit, Error> {
    match command {
        Command::New(args) => new::run(session, ui, &args),
        Command::Build(args) => build::run(session, ui, &args),
        Command::Run(args) => run::run(session, ui, &args.normalized()),
        Command::Rerun(args) => rerun::run(session, ui, &args),
        Command::Serve(args) => serve::run(session, ui, &args),
        Command::Export(args) => export::run(session, ui, &args),
        Command::Keygen(args) => keygen::run(session, ui, &args),
        Command::Key(args) => key::run(session, ui, &args),
        Command::Sign(args) => sign::run(session, ui, &args),
        Command::Verify(args) => verify::run(session, ui, &args),
        Command::Inspect(args) => inspect::run(session, ui, &args),
        Command::Trust(args) => trust::run(session, ui, &args),
        Command::Kv(args) => kv::run(session, ui, &args),
        Command::Audit(args) => audit::run(session, ui, &args),
        Command::Caps(args) => caps::run(session, ui, &args),
        Command::Lint(args) => lint::run(session, ui, &args),
        Command::Test(args) => test::run(session, ui, &args),
        Command::Conformance(args) => conformance::run(session, ui, &args),
        Command::Capture(args) => capture::run(session, ui, &args),
        Command::Inventory(args) => inventory::run(session, ui, &args),
        Command::Replay(args) => replay::run(session, ui, &args),
        Command::Doctor(args) => doctor::run(session, ui, &args),
        Command::Register(args) => register::run(session, ui, &args),
        Command::Publish(args) => publish::run(session, ui, &args),
        Command::Yank(args) => yank::run(session, ui, &args),
        Command::Owner(args) => owner::run(session, ui, &args),
        Command::Search(args) => search::run(session, ui, &args),
        Command::Install(args) => install::run(session, ui, &args),
        Command::Outdated(args) => outdated::run(session, ui, &args),
        Command::Update(args) => update::run(session, ui, &args),
        Command::Uninstall(args) => uninstall::run(session, ui, &args),
        Command::Registry(args) => registry::run(session, ui, &args),
        Command::Explain(args) => explain::run(ui, &args),
        Command::Schema(args) => schema::run(ui, &args),
        Command::Completions(args) => completions::run(session, ui, &args),
    }
}
