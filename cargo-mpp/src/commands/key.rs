//! `mpp key`: the user's own keys, moving what belongs to one of them to another, and statements about keys at registries.

mod claim;
mod delegate;
mod revoke;
mod rotate;

use mpp_host::codes::{Code, Coded};
use mpp_host::keys::KeyId;

use crate::cli::{KeyArgs, KeyCommand, KeyMoveArgs};
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::own_keys;
use crate::reports::keys::KeyList;
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when the state of a package exists under both keys.
#[derive(Debug, thiserror::Error)]
#[error("the state of {} was not moved: there is state under both keys", packages.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "))]
pub(crate) struct StateUnderBothKeys {
    /// Ids of the packages.
    packages: Vec<String>,
    from: KeyId,
    to: KeyId,
}

impl Coded for StateUnderBothKeys {
    fn code(&self) -> &'static Code {
        &codes::C024
    }
}

impl Explain for StateUnderBothKeys {
    fn advice(&self) -> String {
        let package = self.packages.first().map_or("PKG", String::as_str);
        format!(
            "nothing was lost; choose one: `mpp kv clear {package} --publisher {}` makes room for the old state, and `mpp kv \
             export {package} --publisher {} -o FILE` keeps a copy of it",
            self.to, self.from
        )
    }
}

/// Lists, moves, or makes a statement.
pub(crate) fn run(session: &Session, ui: &Ui, args: &KeyArgs) -> Result<Exit, Error> {
    match &args.command {
        KeyCommand::List => {
            let mut keys = Vec::new();
            for (id, key) in session.home().keys().own_with_ids()? {
                keys.push(own_keys::describe(session, id, &key)?);
            }
            ui.show(&KeyList { keys })?;
            Ok(Exit::Done)
        }
        KeyCommand::Move(args) => move_all(session, ui, args),
        KeyCommand::Delegate(args) => delegate::run(session, ui, args),
        KeyCommand::Claim(args) => claim::run(session, ui, args),
        KeyCommand::Rotate(args) => rotate::run(session, ui, args),
        KeyCommand::Revoke(args) => revoke::run(session, ui, args),
    }
}

fn move_all(session: &Session, ui: &Ui, args: &KeyMoveArgs) -> Result<Exit, Error> {
    let home = session.home();
    let (from, to) = (home.own_key(&args.from)?, home.own_key(&args.to)?);
    let moved = own_keys::transfer(session, &from, &to)?;
    if moved.states_kept.is_empty() {
        ui.show(&moved)?;
        return Ok(Exit::Done);
    }
    let error =
        StateUnderBothKeys { packages: moved.states_kept.clone(), from: moved.from.clone(), to: moved.to.clone() };
    Ok(ui.show_failed(&moved, &Error::from(error))?)
}
