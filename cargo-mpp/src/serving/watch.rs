//! Notices that the file of a served package was replaced, or that another version of it was installed, and serves the new version if
//! every decision about it exists.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mpp_home::{Home, Launcher};
use mpp_host::package::ContentHash;
use mpp_mcp::bridge::{Bridge, ServedPackage};

use super::guarded::Guarded;
use super::plan::Plan;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::session::Session;
use crate::ui::Ui;
use crate::{installed, packages};

/// How often the files are looked at. A look is one system call for each file.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a file must stay as it is before it is read, because a program may still be writing it.
const SETTLED: Duration = Duration::from_millis(200);

/// What tells one content of a file from another without reading it: device, inode, size, and time of the last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64, u64, u64, (i64, i64));

impl Stamp {
    /// Returns the stamp of a file or directory; `None` if there is none.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self(found.dev(), found.ino(), found.size(), (found.ctime(), found.ctime_nsec())))
    }
}

/// The stamps of what decisions about packages are read from. A missing decision may come while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decisions([Option<Stamp>; 3]);

impl Decisions {
    fn of(home: &Home) -> Self {
        Self(home.decision_dirs().map(|dir| Stamp::of(&dir)))
    }
}

/// A package that is served from a file.
#[derive(Debug)]
pub(crate) struct Watched {
    plan: Plan,
    /// The stamp of the file when it was read last; `None` if it is not known.
    stamp: Option<Stamp>,
    /// The stamp of the list of installed packages when the path was looked up last; `None` if it was not since the start.
    list: Option<Stamp>,
    /// The package that is served.
    name: String,
    version: String,
    hash: ContentHash,
    /// The decisions without which the file's present content was refused, and what was reported.
    refused: Option<(Decisions, String)>,
}

impl Watched {
    /// Creates a watch for the package that `plan` has started. `stamp` was taken before the package was read.
    pub(crate) fn new(plan: Plan, stamp: Option<Stamp>, served: &ServedPackage) -> Self {
        let (name, version) = names(served);
        Self { plan, stamp, list: None, name, version, hash: *served.content_hash(), refused: None }
    }
}

/// Watches the files of served packages.
pub(crate) struct Watcher {
    pub(crate) session: Session,
    pub(crate) ui: Arc<Ui>,
    pub(crate) launcher: Arc<Launcher>,
    pub(crate) bridge: Arc<Bridge>,
    /// The installed packages that are served.
    pub(crate) guarded: Guarded,
}

impl Watcher {
    /// Watches `packages`, which have the same positions in the bridge, until the process ends.
    ///
    /// # Errors
    /// Returns an error if a thread cannot be started.
    pub(crate) fn start(self, mut packages: Vec<Watched>) -> io::Result<()> {
        let watch = move || {
            loop {
                std::thread::sleep(INTERVAL);
                for (position, package) in packages.iter_mut().enumerate() {
                    self.look(position, package);
                }
            }
        };
        std::thread::Builder::new().name("mpp-watch".to_owned()).spawn(watch).map(drop)
    }

    /// Looks whether a file has changed, or whether a decision about it may have been made.
    fn look(&self, position: usize, package: &mut Watched) {
        self.follow(package);
        // A file that is not there is being replaced, or was deleted: the version that was loaded stays.
        let Some(stamp) = Stamp::of(&package.plan.path) else { return };
        let decisions = Decisions::of(self.session.home());
        let is_decided = package.refused.as_ref().is_none_or(|(known, _)| *known == decisions);
        if package.stamp == Some(stamp) && is_decided {
            return;
        }
        std::thread::sleep(SETTLED);
        if Stamp::of(&package.plan.path) != Some(stamp) {
            return;
        }
        package.stamp = Some(stamp);
        match self.replace(position, package) {
            Ok(()) => package.refused = None,
            Err(error) => {
                let report = report(&self.session, package, &error);
                // The same is not said again because another decision was made.
                if package.refused.as_ref().is_none_or(|(_, reported)| *reported != report) {
                    self.ui.note(&report);
                }
                package.refused = Some((decisions, report));
            }
        }
    }

    /// Looks up the file of an installed package again if the list of installed packages has changed.
    fn follow(&self, package: &mut Watched) {
        let Some(installed) = &package.plan.installed else { return };
        let list = Stamp::of(&self.session.home().installed_file());
        if list == package.list {
            return;
        }
        package.list = list;
        match installed::find(&self.session, installed) {
            Ok(Some(path)) if path != package.plan.path => {
                package.plan.path = path;
                (package.stamp, package.refused) = (None, None);
            }
            // A package that is not installed any more is like a file that was deleted.
            Ok(_) | Err(_) => {}
        }
    }

    /// Serves what the file holds now, unless it is what is served already.
    fn replace(&self, position: usize, package: &mut Watched) -> Result<(), Error> {
        let path = &package.plan.path;
        let verified = installed::adopt_to_run(&self.session, &self.ui, path, packages::open(path)?)?;
        if *verified.content_hash() == package.hash {
            return Ok(());
        }
        let locked = installed::entry(&self.session, path, &verified)?;
        let served = package.plan.start(&self.session, &self.launcher, verified)?;
        let ((name, version), hash) = (names(&served), *served.content_hash());
        self.bridge.replace(position, served)?;
        if let Some(locked) = locked {
            self.guarded.set(locked);
        }
        self.ui.progress_done();
        self.ui.status("Replaced", &format!("{} {} by {name} {version}", package.name, package.version));
        (package.name, package.version, package.hash) = (name, version, hash);
        Ok(())
    }
}

fn names(served: &ServedPackage) -> (String, String) {
    (served.manifest().name.clone(), served.manifest().version.to_string())
}

/// Says in one line why the new content of a file is not served, and what can be done.
fn report(session: &Session, package: &Watched, error: &Error) -> String {
    let diagnostic = Diagnostic::from(error);
    let mut report = format!(
        "`{}` has changed, but {} {} is served as before: {} [{}]",
        session.shown(package.plan.installed.as_ref().unwrap_or(&package.plan.path)),
        package.name,
        package.version,
        diagnostic.full_message(),
        diagnostic.code.id
    );
    if let Some(help) = &diagnostic.help {
        report.push_str("; ");
        report.push_str(&help.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    report
}
