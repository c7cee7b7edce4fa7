//! Packages and MCP servers behind one list of tools.
//!
//! A [`Bridge`] lists tools and calls them; front ends translate. It does not know a transport or a session, and the same call has the
//! same outcome through each of them.

mod audience;
mod definitions;
mod era;
pub mod names;
mod outcome;
mod package;
pub mod provider;
mod replacing;
mod schedule;
mod selection;
mod source;
mod table;
pub mod widen;
mod wording;

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use mpp_host::CancelHandle;
use mpp_host::policy::Answer;
use mpp_host::wire::RpcError;
use tokio::sync::watch;

use self::schedule::Scheduler;
use self::source::{Origin, Source};
use self::table::Table;

pub use audience::{Audience, Level, Said};
pub use era::Era;
pub use outcome::Outcome;
pub(crate) use outcome::internal_error;
pub use package::ServedPackage;
pub use replacing::ReplaceError;
pub(crate) use schedule::Permit;
pub use selection::Selection;
pub(crate) use table::PublishedTool;
pub use wording::{PlainWording, Wording};

use crate::legacy::LegacyServer;

/// Number of calls that run at once, if the front end does not choose.
pub const DEFAULT_PLACES: usize = 16;

/// One list of tools, and the packages and servers behind it. Can be shared between threads.
pub struct Bridge {
    sources: Mutex<Sources>,
    table: RwLock<Table>,
    scheduler: Scheduler,
    wording: Arc<dyn Wording>,
    /// Counts the changes of the list.
    changes: watch::Sender<u64>,
}

/// What a front end knows about the caller of a tool.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Caller {
    /// The era of the request.
    pub era: Era,
    /// Ends the call.
    pub cancel: CancelHandle,
    /// A person's answer to the question about this call, if it was asked.
    pub answer: Option<Answer>,
    /// Receives what a server says while it runs the call; `None` if nobody listens.
    pub audience: Option<Audience>,
}

impl Caller {
    /// Creates a caller that was not asked anything, and to whom nothing is said.
    #[must_use]
    pub fn new(era: Era) -> Self {
        Self { era, cancel: CancelHandle::new(), answer: None, audience: None }
    }

    /// Sets a person's answer to the question about this call.
    #[must_use]
    pub fn answer(mut self, answer: Answer) -> Self {
        self.answer = Some(answer);
        self
    }

    /// Sets who receives what a server says while it runs the call.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }
}

/// The outcome of a call, and what the tool logged.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answered {
    /// What the client receives.
    pub outcome: Outcome,
    /// What the tool wrote to its log, filtered.
    pub log: String,
}

impl Answered {
    /// An outcome without a log.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, log: String::new() }
    }
}

/// The packages and servers behind the list.
#[derive(Default)]
struct Sources {
    packages: Vec<Arc<Source>>,
    servers: Vec<Arc<Source>>,
    /// Ids of packages that are published no longer. They keep their positions.
    withdrawn: HashSet<String>,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("tools", &self.table().order).finish_non_exhaustive()
    }
}

impl Bridge {
    /// Publishes the tools of `packages`. At most `places` calls run at once. The packages keep their positions, by which
    /// [`Bridge::replace`] knows them.
    #[must_use]
    pub fn new(packages: Vec<ServedPackage>, places: usize, wording: Arc<dyn Wording>) -> Self {
        let scheduler = Scheduler::new(places);
        let sources =
            Sources { packages: sources_of(packages, &scheduler), servers: Vec::new(), withdrawn: HashSet::new() };
        let table = RwLock::new(Table::new(sources.all()));
        Self { sources: Mutex::new(sources), table, scheduler, wording, changes: watch::channel(0).0 }
    }

    /// Publishes the tools of MCP servers beside those of packages, and follows their changes.
    pub fn add_servers(self: &Arc<Self>, servers: &[Arc<LegacyServer>]) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        for server in servers {
            let origin = Origin::Server(Arc::clone(server));
            sources.servers.push(Arc::new(Source { origin, index: self.scheduler.add_source() }));
            let bridge = Arc::downgrade(self);
            server.on_change(move || {
                if let Some(bridge) = bridge.upgrade() {
                    bridge.refresh();
                }
            });
        }
        drop(sources);
        self.refresh();
    }

    /// Publishes what the sources offer now, and notifies clients if that has changed.
    fn refresh(&self) {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        self.publish(&sources);
    }

    /// Makes a new list of what the sources offer, and notifies clients if it is another one.
    fn publish(&self, sources: &Sources) {
        let table = Table::new(sources.all());
        let mut present = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let is_changed = !present.is_same_list(&table);
        let before = std::mem::replace(&mut *present, table);
        drop(present);
        drop(before);
        if is_changed {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// Stops publishing the tools of a package, for example because it was revoked, and notifies clients. Running calls end.
    pub fn withdraw(&self, package_id: &str) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.withdrawn.insert(package_id.to_owned());
        self.publish(&sources);
    }

    /// Returns a receiver that sees each change of the list.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns the result of `tools/list`: a JSON object as text.
    #[must_use]
    pub fn list(&self, era: Era) -> Arc<str> {
        self.table().list(era)
    }

    /// Returns the published names, in the order of the list.
    #[must_use]
    pub fn tools(&self) -> Vec<String> {
        self.table().order.clone()
    }

    /// Calls the tool that is published under `name`, and blocks until the call ends. `arguments` is a JSON object as text.
    #[must_use]
    pub fn call(&self, name: &str, arguments: &str, caller: &Caller) -> Answered {
        match self.find(name) {
            Ok(tool) => self.run(&tool, arguments, caller),
            Err(unknown) => Answered::of(Outcome::Error(unknown)),
        }
    }

    /// Returns the tool that is published under `name` now.
    ///
    /// # Errors
    /// Returns the error for the client if there is none.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<PublishedTool>, RpcError> {
        self.table().find(name)
    }

    /// Returns the question that a person must answer before this call, worded for them; `None` if there is none.
    pub(crate) fn question(&self, tool: &PublishedTool, arguments: &str) -> Option<String> {
        tool.source.question(&tool.own_name, arguments, &*self.wording)
    }

    /// Calls a tool that was found, and blocks until the call ends. A call that panics ends with an internal error, so that its client
    /// does not wait for an answer.
    pub(crate) fn run(&self, tool: &PublishedTool, arguments: &str, caller: &Caller) -> Answered {
        let call = || tool.source.call(&tool.own_name, arguments, caller, &*self.wording);
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Answered::of(Outcome::Error(internal_error())))
    }

    /// Takes a place for a call of a tool, which the current thread then runs; `None` if the call has to wait.
    pub(crate) fn enter(&self, tool: &PublishedTool) -> Option<Permit> {
        self.scheduler.enter(tool.source.index)
    }

    /// Runs `job` on another thread as soon as there is a place for a call of this tool.
    ///
    /// # Errors
    /// Returns the outcome for the client if too many calls are waiting.
    pub(crate) fn submit(
        &self,
        tool: &PublishedTool,
        era: Era,
        job: Box<dyn FnOnce() + Send>,
    ) -> Result<(), Box<Outcome>> {
        let busy = "too many calls are waiting for this package or server: repeat the call in a moment";
        self.scheduler.submit(tool.source.index, job).map_err(|_| Box::new(outcome::failed("busy", busy, era)))
    }

    fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sources {
    fn all(&self) -> impl Iterator<Item = &Arc<Source>> {
        let packages = self.packages.iter().filter(|source| !self.withdrawn.contains(source.names().0));
        packages.chain(&self.servers)
    }
}

fn sources_of(packages: Vec<ServedPackage>, scheduler: &Scheduler) -> Vec<Arc<Source>> {
    let source =
        |package| Arc::new(Source { origin: Origin::Package(Box::new(package)), index: scheduler.add_source() });
    packages.into_iter().map(source).collect()
}
