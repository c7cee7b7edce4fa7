//! One server: started when it is needed, started again after it has ended, and called through the gate of the host.

mod running;
mod sending;

use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use mpp_home::{PinnedServer, PinnedTool, Servers};
use mpp_host::CancelHandle;
use mpp_host::clock::{Clock, rfc3339};
use mpp_host::host::{ServerGate, ServerQuestion, ServerReply, ServerTool};
use mpp_host::policy::Answer;
use mpp_host::wire::{ErrorKind, SecurityLevel};
use serde_json::json;
use serde_json::value::RawValue;

use self::running::{Relisting, State};
use super::connection::header_parameters;
use super::definition::{Definition, level};
use super::errors::LegacyError;
use super::events::{Event, Events};
use super::handshake::{Call, Session};
use super::pins::{self, Accepted, Comparison};
use super::reach::Reach;
use super::tools::{Reported, Tools, read_list};
use crate::bridge::{Audience, Era, Selection};
use crate::codes;
use crate::config::ServerConfig;

/// How long servers are awaited whose tools are not known yet.
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// What a server needs from its front end.
#[non_exhaustive]
pub struct ServerParts {
    /// How the server is reached.
    pub reach: Reach,
    /// The gate of the host, made for this server.
    pub gate: ServerGate,
    /// Where accepted definitions are stored.
    pub servers: Servers,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Receives what happens to the server.
    pub events: Arc<dyn Events>,
    /// Name and version of the program, for the server.
    pub client: (String, String),
}

impl ServerParts {
    /// Joins the parts.
    #[must_use]
    pub fn new(
        reach: impl Into<Reach>,
        gate: ServerGate,
        servers: Servers,
        clock: Arc<dyn Clock>,
        events: Arc<dyn Events>,
        client: (String, String),
    ) -> Self {
        Self { reach: reach.into(), gate, servers, clock, events, client }
    }
}

/// An MCP server outside the sandbox.
pub struct LegacyServer {
    me: Weak<Self>,
    config: ServerConfig,
    parts: ServerParts,
    tools: RwLock<Arc<Tools>>,
    /// Whether the tools were accepted before, so that they can be published before the server runs.
    is_known: OnceLock<()>,
    state: Mutex<State>,
    /// Wakes threads that wait for the server to start.
    started: Condvar,
    relisting: Mutex<Relisting>,
    /// Definitions that cannot be used and were reported.
    reported: Mutex<Reported>,
    on_change: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl std::fmt::Debug for LegacyServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LegacyServer").field("name", &self.config.name).finish_non_exhaustive()
    }
}

impl LegacyServer {
    /// Creates a server that does not run yet.
    ///
    /// # Errors
    /// Returns [`LegacyError::Home`] if what was accepted of the server cannot be read.
    pub fn new(config: ServerConfig, parts: ServerParts) -> Result<Arc<Self>, LegacyError> {
        let origin = config.reached.origin();
        let known = parts.servers.load(&config.name, &origin)?;
        let is_known = OnceLock::new();
        if known.is_some() {
            // The cell is new.
            let _ = is_known.set(());
        }
        let pinned = known.unwrap_or_else(|| PinnedServer::new(&config.name, origin));
        let tools = RwLock::new(Arc::new(Tools { pinned, differences: Comparison::default() }));
        Ok(Arc::new_cyclic(|me| Self {
            me: me.clone(),
            config,
            parts,
            tools,
            is_known,
            state: Mutex::default(),
            started: Condvar::new(),
            relisting: Mutex::default(),
            reported: Mutex::default(),
            on_change: OnceLock::new(),
        }))
    }

    /// Starts servers in parallel. Returns when each server whose tools are not known yet has started or failed to, but after some
    /// seconds in any case: clients do not wait long. The others start in the background, with the accepted tools published meanwhile.
    pub fn start_all(servers: &[Arc<Self>]) {
        Self::start_within(servers, FIRST_WAIT);
    }

    /// Does what [`start_all`](Self::start_all) does, but waits at most for `patience`.
    pub fn start_within(servers: &[Arc<Self>], patience: Duration) {
        let (done, ended) = channel();
        let mut waiting = BTreeSet::new();
        for (index, server) in servers.iter().enumerate() {
            let (started, is_known, done) = (Arc::clone(server), server.is_known(), done.clone());
            let thread = std::thread::Builder::new().name("mpp-server-start".to_owned()).spawn(move || {
                if !started.try_to_start() && !is_known {
                    started.start_later();
                }
                // The receiver is gone if the wait has ended.
                let _ = done.send(index);
            });
            if thread.is_ok() && !is_known {
                waiting.insert(index);
            }
        }
        drop(done);
        let until = Instant::now() + patience;
        while !waiting.is_empty() {
            let Ok(index) = ended.recv_timeout(until.saturating_duration_since(Instant::now())) else { break };
            waiting.remove(&index);
        }
        for server in waiting.into_iter().filter_map(|index| servers.get(index)) {
            server.report(Event::Slow { server: server.config.name.clone(), waited: patience });
        }
    }

    /// Ends servers in parallel, and waits until all have ended.
    pub fn close_all(servers: &[Arc<Self>]) {
        std::thread::scope(|scope| {
            for server in servers {
                scope.spawn(|| server.close());
            }
        });
    }

    /// Returns the name of the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Returns which tools are published.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.config.tools
    }

    /// Returns the tools that the configuration selects and that the server does not have; none if the tools are not known yet.
    #[must_use]
    pub fn unknown_tools(&self) -> Vec<String> {
        let tools = self.tools();
        let names = tools.pinned.tools.keys().chain(&tools.differences.new).map(String::as_str);
        let names: Vec<&str> = names.collect();
        if !self.is_known() {
            return Vec::new();
        }
        self.config.tools.unknown(&names).into_iter().map(str::to_owned).collect()
    }

    /// Returns the names of the accepted tools.
    #[must_use]
    pub fn tool_names(&self) -> Vec<String> {
        self.tools().pinned.tools.keys().cloned().collect()
    }

    /// Accepts the tools of the server as they are now, and approves every call of the tools in `approve`.
    ///
    /// # Errors
    /// Returns an error if the server cannot be used, if it has no tool that is to be approved, or if the home directory cannot be
    /// written.
    pub fn accept(&self, approve: &[String]) -> Result<Accepted, LegacyError> {
        let (session, definitions) = self.open(None)?;
        let name = self.config.name.clone();
        let origin = self.config.reached.origin();
        let known = self.parts.servers.load(&name, &origin)?;
        let mut pinned = known.unwrap_or_else(|| PinnedServer::new(name.clone(), origin));
        let Comparison { changed, new, missing } = Comparison::of(&pinned, &definitions);
        session.connection.close();
        pins::accept(&mut pinned, &definitions, &self.now());
        pins::approve(&mut pinned, approve).map_err(|tool| LegacyError::NoTool {
            server: name,
            tool,
            known: definitions.iter().map(|definition| definition.name.clone()).collect(),
        })?;
        self.note_session(&mut pinned, &session);
        self.parts.servers.save(&pinned)?;
        let is_approved = |(name, tool): (&String, &PinnedTool)| tool.approved.map(|_| name.clone());
        let approved = pinned.tools.iter().filter_map(is_approved).collect();
        let tools = definitions.into_iter().map(|definition| definition.name).collect();
        Ok(Accepted { tools, changed, new, missing, approved })
    }

    /// Returns the published tools: the server's own name and the accepted definition of each, and its level.
    pub(crate) fn published(&self) -> Vec<(String, Box<RawValue>, SecurityLevel)> {
        let tools = self.tools();
        tools.published().map(|(name, tool)| (name.clone(), tool.definition.clone(), level(&tool.definition))).collect()
    }

    /// Sets what is done when the published tools change. Only the first call has an effect.
    pub(crate) fn on_change(&self, act: impl Fn() + Send + Sync + 'static) {
        let _ = self.on_change.set(Box::new(act));
    }

    /// Returns what identifies a tool as it was accepted.
    pub(crate) fn fingerprint(&self, tool: &str) -> Option<String> {
        let tools = self.tools();
        Some(format!("{} {}", self.config.name, tools.pinned.tools.get(tool)?.hash))
    }

    /// Returns the question that a person must answer before this call.
    pub(crate) fn question(&self, tool: &str, arguments: &str) -> Option<ServerQuestion> {
        let tools = self.tools();
        // A call that is refused in any case needs no answer.
        if tools.obstacle(tool).is_some() {
            return None;
        }
        self.parts.gate.question_about(&self.target(&tools, tool)?, arguments)
    }

    /// Calls a tool and blocks until the call ends.
    pub(crate) fn call(
        &self,
        tool: &str,
        arguments: &str,
        answer: Option<Answer>,
        (cancel, audience): (&CancelHandle, Option<&Audience>),
    ) -> Option<ServerReply> {
        let tools = self.tools();
        let target = self.target(&tools, tool)?;
        let gate = &self.parts.gate;
        let session = match self.session(Some(cancel)) {
            Ok(session) => session,
            Err(error) => {
                let code = (error.kind() == Some(ErrorKind::ToolCrashed)).then_some(&codes::M106);
                return Some(gate.refuse(&target, arguments, error, code));
            }
        };
        let definition = tools.pinned.tools.get(tool).map(|tool| tool.definition.get()).unwrap_or_default();
        let headers = header_parameters(definition, arguments);
        let call = Call { tool, arguments, patience: self.config.timeout, cancel, audience, headers: &headers };
        // The server may have been started by this call, so that its definitions are known only now.
        Some(match self.tools().obstacle(tool) {
            Some((error, code)) => gate.refuse(&target, arguments, error, Some(code)),
            None => gate.call(&target, arguments, answer, || self.send(session, &call)),
        })
    }

    fn target<'a>(&self, tools: &'a Tools, tool: &str) -> Option<ServerTool<'a>> {
        let (name, pinned) = tools.pinned.tools.get_key_value(tool)?;
        let level = level(&pinned.definition);
        let is_approved = pinned.approved.is_some_and(|approved| level <= approved);
        Some(ServerTool::new(name, level, pinned.hash).version(&tools.pinned.version).approved(is_approved))
    }

    /// Compares the tools of the running server with the accepted ones. At the first use they are accepted.
    fn settle(&self, session: &Session, definitions: &[Definition]) -> Result<(), LegacyError> {
        let before = self.tools();
        let mut pinned = before.pinned.clone();
        let is_first = !self.is_known();
        if is_first {
            pins::accept(&mut pinned, definitions, &self.now());
        }
        if self.note_session(&mut pinned, session) || is_first {
            self.parts.servers.save(&pinned)?;
        }
        let differences = Comparison::of(&pinned, definitions);
        let tools = Tools { pinned, differences };
        *self.tools.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tools.clone());
        let _ = self.is_known.set(());
        // Whoever reads the report finds it in what is served.
        if let Some(act) = self.on_change.get() {
            act();
        }
        let server = self.config.name.clone();
        if is_first {
            self.report(Event::FirstUse { server, tools: definitions.len() });
        } else if !tools.differences.is_empty() && tools.differences != before.differences {
            let Comparison { changed, new, missing } = tools.differences;
            self.report(Event::Differs { server, changed, new, missing });
        }
        Ok(())
    }

    /// Notes the era and the version of the server. Returns whether something has changed.
    fn note_session(&self, pinned: &mut PinnedServer, session: &Session) -> bool {
        let initializes = Some(session.era == Era::Legacy);
        let is_new = pinned.initializes != initializes || pinned.version != session.version;
        (pinned.initializes, pinned.version) = (initializes, session.version.clone());
        is_new
    }

    /// Reads the definitions of a list. One that cannot be used is left out. What is odd about definitions is reported once.
    fn read(&self, list: &[Box<RawValue>]) -> Vec<Definition> {
        let report = |event| {
            if self.reported.lock().unwrap_or_else(PoisonError::into_inner).is_new(&event) {
                self.report(event);
            }
        };
        let definitions = read_list(&self.config.name, list, &report);
        let hiding = definitions.iter().filter(|definition| definition.has_hidden);
        let tools: Vec<String> = hiding.map(|definition| definition.name.clone()).collect();
        if !tools.is_empty() {
            report(Event::Hidden { server: self.config.name.clone(), tools });
        }
        definitions
    }

    fn is_known(&self) -> bool {
        self.is_known.get().is_some()
    }

    fn tools(&self) -> Arc<Tools> {
        Arc::clone(&self.tools.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, event: Event) {
        self.parts.events.event(&event);
    }

    fn now(&self) -> String {
        rfc3339(self.parts.clock.now())
    }

    fn client(&self) -> serde_json::Value {
        let (name, version) = &self.parts.client;
        json!({ "name": name, "version": version })
    }
}
