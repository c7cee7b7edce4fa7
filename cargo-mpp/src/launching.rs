//! Opens the target of a call and decides about it, for the commands that call a tool.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_home::{Decided, Launcher, LauncherBuilder, Mapped};
use mpp_host::Host;
use mpp_host::package::Manifest;
use mpp_host::policy::{Answer, Approver, Question, Why, plain_words};
use mpp_host::trust::Trust;

use crate::approving::{self, Terminal};
use crate::building::{self, Target};
use crate::cli::SelectArgs;
use crate::error::Error;
use crate::reports::call::Introduction;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording::ManifestKind;
use crate::{installed, packages};

/// The permission that `--allow-local` adds.
const LOCAL_HOSTS: &str = "may connect to these hosts on this machine or its local network (--allow-local)";

/// How a call is decided about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deciding<'a> {
    /// Path of the package, as a user would type it.
    pub(crate) path: &'a str,
    /// `--yes`: approve for this run.
    pub(crate) yes: bool,
    /// Whether declared hosts may be on this machine or its network.
    pub(crate) allow_local: bool,
    /// Whether the call has no effect outside its sandbox, so that a sensitive tool needs no answer.
    pub(crate) has_no_effect: bool,
}

/// Verifies a package file, or builds the project in a directory.
///
/// # Errors
/// Returns an error if the project cannot be built, or the package does not pass.
pub(crate) fn open(
    session: &Session,
    ui: &Arc<Ui>,
    select: &SelectArgs,
    given: &Path,
    builder: LauncherBuilder,
) -> Result<(Target, Launcher), Error> {
    let path = session.resolve(given);
    let path = if path.is_dir() { path } else { packages::locate(session, ui, given, false)? };
    if !path.is_dir() {
        return open_beside(session, ui, path, builder);
    }
    let launcher = builder.build()?;
    Ok((building::for_own_use(session, ui, select, launcher.host(), &path)?, launcher))
}

/// Verifies the package while another thread starts the sandbox. A package that does not pass does not wait for it.
fn open_beside(
    session: &Session,
    ui: &Ui,
    path: PathBuf,
    builder: LauncherBuilder,
) -> Result<(Target, Launcher), Error> {
    let gatekeeper = builder.gatekeeper();
    let start = || builder.clone().build();
    std::thread::scope(|scope| {
        let prepared = || start().inspect(|launcher| Host::prepare(launcher.host()));
        let started = std::thread::Builder::new().spawn_scoped(scope, prepared);
        let package = packages::verify(&gatekeeper, &path, packages::read(&gatekeeper, &path)?)?;
        let package = installed::adopt_to_run(session, ui, &path, package)?;
        let launcher = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // The system has no thread to spare.
            Err(_) => start(),
        };
        Ok((Target { package, path, dev: None, symbols: None, manifest: ManifestKind::default() }, launcher?))
    })
}

/// Decides whether the tool may be called. Returns what to show of the package once it starts; `None` if it was shown already.
///
/// # Errors
/// Returns an error if the answer is no, if nobody could be asked, or if the policy refuses.
pub(crate) fn decide(
    session: &Session,
    ui: &Ui,
    deciding: Deciding<'_>,
    launcher: &Launcher,
    mapped: Mapped,
    call: (&str, &str),
) -> Result<(Decided, Option<Introduction>), Error> {
    let Deciding { path, yes, allow_local, has_no_effect } = deciding;
    let mut introduction = approving::introduce(session, &mapped);
    introduction.abilities =
        abilities(session, mapped.manifest(), allow_local, |guest| mapped.mappings().host_path(guest));
    // A question about a call follows the one about paths, whose answer was yes then.
    let possible = abilities(session, mapped.manifest(), allow_local, |guest| mapped.mappings().possible_path(guest));
    // A new publisher's package is introduced by the question whether to trust its publisher.
    let is_new = mapped.trust() == Trust::UnknownPublisher;
    let terminal = Terminal { session, ui, yes, introduce: &|| ui.aside(&introduction), abilities: &possible };
    let approver = Approving { terminal, has_no_effect };
    let decided =
        launcher.decide(mapped, Some(call), &approver).map_err(|error| approving::not_launched(path, error))?;
    let leads_to = |guest: &str| decided.mappings().host_path(guest);
    introduction.abilities = abilities(session, decided.manifest(), allow_local, leads_to);
    Ok((decided, (!is_new).then_some(introduction)))
}

/// Returns what the package may do, a sentence each. `leads_to` returns the path on this machine of a declared path.
fn abilities(
    session: &Session,
    manifest: &Manifest,
    allow_local: bool,
    leads_to: impl Fn(&str) -> Option<PathBuf>,
) -> Vec<String> {
    let shown = |guest: &str| leads_to(guest).map(|host| PathBuf::from(session.shown(&host)));
    let mut abilities = plain_words::abilities(manifest, shown);
    if allow_local && !manifest.capabilities.network.is_empty() {
        abilities.push(LOCAL_HOSTS.to_owned());
    }
    abilities
}

/// Asks on the terminal, except about calls that have no effect.
struct Approving<'a> {
    terminal: Terminal<'a>,
    has_no_effect: bool,
}

impl Approver for Approving<'_> {
    fn ask(&self, question: &Question) -> Answer {
        match &question.why {
            Why::SensitiveTool { .. } if self.has_no_effect => Answer::Once,
            _ => self.terminal.ask(question),
        }
    }
}
