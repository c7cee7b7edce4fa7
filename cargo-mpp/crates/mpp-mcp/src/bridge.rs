//! Packages and MCP servers behind one list of tools.
//!
//! A [`Bridge`] lists tools and calls them; front ends translate. It does not know a transport or a session, and the same call has the
//! same outcome through each of them.

mod definitions;
mod era;
pub mod names;
mod outcome;
mod package;
pub mod provider;
mod schedule;
mod selection;
mod source;
pub mod widen;
mod wording;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mpp_host::CancelHandle;
use mpp_host::policy::Answer;
use mpp_host::wire::{ErrorKind, RpcError, did_you_mean, nearest};
use tokio::sync::watch;

use self::names::{Offered, published};
use self::schedule::Scheduler;
use self::source::{Origin, Source};

pub use era::Era;
pub use outcome::Outcome;
pub use package::ServedPackage;
pub(crate) use schedule::Permit;
pub use selection::Selection;
pub use wording::{PlainWording, Wording};

use crate::legacy::LegacyServer;

/// Number of calls that run at once, if the front end does not choose.
pub const DEFAULT_PLACES: usize = 16;

/// One list of tools, and the packages and servers behind it. Can be shared between threads.
pub struct Bridge {
    sources: Mutex<Sources>,
    table: RwLock<Arc<Table>>,
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
}

impl Caller {
    /// Creates a caller that was not asked anything.
    #[must_use]
    pub fn new(era: Era) -> Self {
        Self { era, cancel: CancelHandle::new(), answer: None }
    }

    /// Sets a person's answer to the question about this call.
    #[must_use]
    pub fn answer(mut self, answer: Answer) -> Self {
        self.answer = Some(answer);
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

/// The tools that are published at one time.
#[derive(Default)]
struct Table {
    tools: HashMap<String, PublishedTool>,
    /// Names in the order of the list.
    order: Vec<String>,
    legacy: String,
    modern: String,
}

/// The packages and servers behind the list.
#[derive(Default)]
struct Sources {
    packages: Vec<Arc<Source>>,
    servers: Vec<Arc<Source>>,
}

struct PublishedTool {
    source: Arc<Source>,
    /// The name that the source knows.
    own_name: String,
    legacy: String,
    modern: String,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("tools", &self.table().order).finish_non_exhaustive()
    }
}

impl Bridge {
    /// Publishes the tools of `packages`. At most `places` calls run at once.
    #[must_use]
    pub fn new(packages: Vec<ServedPackage>, places: usize, wording: Arc<dyn Wording>) -> Self {
        let scheduler = Scheduler::new(places);
        let sources = Sources { packages: sources_of(packages, &scheduler), servers: Vec::new() };
        let table = RwLock::new(Arc::new(Table::new(&sources)));
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
        let table = Arc::new(Table::new(&sources));
        let mut present = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let is_changed = present.modern != table.modern;
        *present = table;
        drop((present, sources));
        if is_changed {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// Publishes the tools of `packages` instead of those of the present packages, and notifies clients. Running calls end with the
    /// package that they started with.
    pub fn replace(&self, packages: Vec<ServedPackage>) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut sources.packages, sources_of(packages, &self.scheduler));
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Table::new(&sources));
        drop(sources);
        for source in before {
            self.scheduler.retire(source.index);
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Returns a receiver that sees each change of the list.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns the result of `tools/list`: a JSON object as text.
    #[must_use]
    pub fn list(&self, era: Era) -> String {
        let table = self.table();
        match era {
            Era::Modern => table.modern.clone(),
            _ => table.legacy.clone(),
        }
    }

    /// Returns the published names, in the order of the list.
    #[must_use]
    pub fn tools(&self) -> Vec<String> {
        self.table().order.clone()
    }

    /// Returns the definition of one tool: a JSON object as text.
    #[must_use]
    pub fn definition(&self, name: &str, era: Era) -> Option<String> {
        let table = self.table();
        let tool = table.tools.get(name)?;
        Some(if era == Era::Modern { tool.modern.clone() } else { tool.legacy.clone() })
    }

    /// Returns the question that a person must answer before this call, worded for them; `None` if there is none.
    #[must_use]
    pub fn question(&self, name: &str, arguments: &str) -> Option<String> {
        let table = self.table();
        let tool = table.tools.get(name)?;
        tool.source.question(&tool.own_name, arguments, &*self.wording)
    }

    /// Returns the content hash of the package that offers a tool, or the accepted definition of a server's tool, to which answers and
    /// states are bound.
    #[must_use]
    pub fn fingerprint(&self, name: &str) -> Option<String> {
        let table = self.table();
        let tool = table.tools.get(name)?;
        tool.source.fingerprint(&tool.own_name)
    }

    /// Calls a tool and blocks until the call ends. `arguments` is a JSON object as text.
    #[must_use]
    pub fn call(&self, name: &str, arguments: &str, caller: &Caller) -> Answered {
        let table = self.table();
        let Some(tool) = table.tools.get(name) else {
            return Answered::of(Outcome::Error(unknown_tool(name, &table.order)));
        };
        tool.source.call(&tool.own_name, arguments, caller, &*self.wording)
    }

    /// Returns whether a call of this tool can be answered at once, without asking a person.
    pub(crate) fn is_plain(&self, name: &str, arguments: &str) -> bool {
        let table = self.table();
        table.tools.get(name).is_some_and(|tool| !tool.source.asks(&tool.own_name, arguments))
    }

    /// Returns whether the tool takes arguments from headers of a request, which the protocol library checks.
    pub(crate) fn has_header_parameters(&self, name: &str) -> bool {
        self.table().tools.get(name).is_some_and(|tool| tool.modern.contains("\"x-mcp-header\""))
    }

    /// Takes a place for a call of a tool, which the current thread then runs; `None` if the call has to wait.
    pub(crate) fn enter(&self, name: &str) -> Option<Permit> {
        let index = self.table().tools.get(name)?.source.index;
        self.scheduler.enter(index)
    }

    /// Runs `job` on another thread as soon as there is a place for a call of this tool.
    ///
    /// # Errors
    /// Returns the outcome for the client if too many calls are waiting, or if there is no such tool.
    pub(crate) fn submit(&self, name: &str, era: Era, job: Box<dyn FnOnce() + Send>) -> Result<(), Box<Outcome>> {
        let table = self.table();
        let Some(tool) = table.tools.get(name) else {
            return Err(Box::new(Outcome::Error(unknown_tool(name, &table.order))));
        };
        let busy = "too many calls are waiting for this package or server: repeat the call in a moment";
        self.scheduler.submit(tool.source.index, job).map_err(|_| Box::new(outcome::failed("busy", busy, era)))
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn sources_of(packages: Vec<ServedPackage>, scheduler: &Scheduler) -> Vec<Arc<Source>> {
    let source =
        |package| Arc::new(Source { origin: Origin::Package(Box::new(package)), index: scheduler.add_source() });
    packages.into_iter().map(source).collect()
}

impl Table {
    fn new(sources: &Sources) -> Self {
        let mut offered = Vec::new();
        for source in sources.packages.iter().chain(&sources.servers) {
            offered.extend(source.tools().into_iter().map(|tool| (source, tool)));
        }
        let offers: Vec<Offered<'_>> = offered
            .iter()
            .map(|(source, tool)| {
                let (id, name) = source.names();
                Offered::new(id, name, &tool.wanted)
            })
            .collect();
        let mut table = Self::default();
        for (name, (source, tool)) in published(&offers).into_iter().zip(&offered) {
            let published = PublishedTool {
                source: Arc::clone(source),
                own_name: tool.own_name.clone(),
                legacy: source.define(tool, &name, Era::Legacy),
                modern: source.define(tool, &name, Era::Modern),
            };
            table.order.push(name.clone());
            table.tools.insert(name, published);
        }
        let listed: Vec<&PublishedTool> = table.order.iter().filter_map(|name| table.tools.get(name)).collect();
        let legacy = definitions::list(listed.iter().map(|tool| tool.legacy.as_str()), Era::Legacy);
        let modern = definitions::list(listed.iter().map(|tool| tool.modern.as_str()), Era::Modern);
        Self { legacy, modern, ..table }
    }
}

/// Returns the error for a name that is not published.
fn unknown_tool(name: &str, names: &[String]) -> RpcError {
    let known = || names.iter().map(String::as_str);
    let message = format!("there is no tool `{}`{}", name.escape_debug(), did_you_mean(name, known()));
    let error = RpcError::new(ErrorKind::UnknownTool, message);
    match nearest(name, known()) {
        Some(nearest) => error.with("nearest", nearest),
        None => error,
    }
}
