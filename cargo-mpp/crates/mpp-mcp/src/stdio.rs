//! Serves one client over a pair of streams, a message a line.
//!
//! Several threads take turns to read a line and answer it (`turns`). Plain calls and lists take this express lane from the bridge to
//! the output, as JSON text. Everything else (the handshake, approvals, subscriptions) goes through the protocol library, on a thread of
//! its own.

mod connection;
mod heard;
pub(crate) mod lines;
mod transport;
mod turns;

use std::io::{Read, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mpp_host::wire::{ErrorKind, RpcError};
use rmcp::model::ClientJsonRpcMessage;
use serde_json::value::RawValue;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use self::connection::{Connection, NotAccepted, cancelled_id};
use self::lines::{LONGEST, Line, LineReader};
use self::transport::Lane;
use self::turns::{Source, Turns, Work};
use crate::bridge::{Answered, Audience, Bridge, Caller, DEFAULT_PLACES, Era};
use crate::request::{self, CallParams, Lifecycle, ListParams, Malformed, Message};
use crate::server::{About, Questions, Server};

/// How long running calls may go on when the client has closed its side.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a request is answered with whose arguments are left out.
const NO_ARGUMENTS: &str = "{}";

/// Serves `bridge` to one client until it closes `input`, and then until running calls have ended, at most for some seconds.
///
/// # Errors
/// Returns an error if a thread cannot be started.
pub fn serve(
    bridge: Arc<Bridge>,
    about: About,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> std::io::Result<()> {
    let connection = Arc::new(Connection::new(Box::new(output)));
    let (sender, messages) = unbounded_channel();
    let stop = CancellationToken::new();
    let lane = Lane { messages, connection: Arc::clone(&connection) };
    let session = (connection.level.clone(), Some(connection.texts.clone()));
    let server = Server::new(Arc::clone(&bridge), about, session, Questions::default());
    let client = server.client();
    let protocol = protocol_thread(server, lane, stop.clone())?;

    let express = Arc::new(Express {
        turns: Turns::new(LineReader::new(input)),
        bridge,
        connection: Arc::clone(&connection),
        client,
        protocol: Mutex::new(Some(sender)),
    });
    // One thread more than calls that run at once, so that one always reads.
    let threads: Vec<_> = (0..=DEFAULT_PLACES)
        .map(|_| {
            let express = Arc::clone(&express);
            std::thread::Builder::new().name("mpp-stdio".to_owned()).spawn(move || express.take_turns())
        })
        .collect::<Result<_, _>>()?;
    // This thread runs no calls, so that it learns of the end of the input also during long ones.
    express.turns.watch();
    // What runs may still be answered.
    connection.wait_until_settled(PATIENCE);
    connection.cancel_all();
    connection.drain();
    express.close();
    stop.cancel();
    // A thread that still runs a call ends with it.
    drop(threads);
    // The protocol library may wait for a call that does not end; the process does not.
    drop(protocol);
    Ok(())
}

/// Runs the protocol library on a thread of its own.
fn protocol_thread(
    server: Server,
    lane: Lane,
    stop: CancellationToken,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("mpp-protocol".to_owned()).spawn(move || {
        runtime.block_on(async {
            // Without a client that opens a session, there is nothing to wait for.
            if let Ok(running) = rmcp::service::serve_server_with_ct(server, lane, stop).await {
                drop(running.waiting().await);
            }
        });
    })
}

/// The right to read the next line.
type Turn<'a, R> = turns::Turn<'a, LineReader<R>>;

impl<R: Read> Source for LineReader<R> {
    fn has_more(&self) -> bool {
        self.has_line()
    }
}

/// The threads that read and answer.
struct Express<R> {
    turns: Turns<LineReader<R>>,
    bridge: Arc<Bridge>,
    connection: Arc<Connection>,
    /// Number of the client, for what servers say during calls.
    client: u64,
    protocol: Mutex<Option<UnboundedSender<ClientJsonRpcMessage>>>,
}

impl<R: Read> Express<R> {
    fn take_turns(&self) {
        let mut work = Work::default();
        while let Some(mut turn) = self.turns.take(&mut work) {
            match turn.reader().and_then(LineReader::next) {
                None => turn.end(),
                Some(Line::TooLong(_)) => {
                    drop(turn);
                    let reason = format!("the message is longer than {} MiB", LONGEST / 1024 / 1024);
                    self.malformed(&Malformed { code: -32600, reason, id: None });
                }
                Some(Line::Bytes(line)) if line.is_empty() => {}
                Some(Line::Bytes(line)) => self.handle(turn, &line),
            }
            if self.connection.is_broken() {
                // Nobody reads the answers.
                self.turns.end();
            }
        }
    }

    fn close(&self) {
        *self.protocol.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Handles a message. The turn ends when the message is registered or passed on, so that a later message finds it.
    fn handle(&self, turn: Turn<'_, R>, line: &[u8]) {
        match request::read(line) {
            Err(malformed) => {
                drop(turn);
                self.malformed(&malformed);
            }
            Ok(Message::Request { id, method, params }) => self.request(turn, line, id, &method, params),
            Ok(Message::Notification { method, params }) => {
                let is_known = method == "notifications/cancelled"
                    && cancelled_id(params).is_some_and(|id| self.connection.cancel(&id));
                // Before a session is open, the protocol library ends with a notification.
                if !is_known && self.connection.is_open.load(Ordering::Acquire) {
                    self.forward(line);
                }
            }
            Ok(Message::Response { id, result }) => {
                if !self.connection.take_answer(id, result) && self.connection.is_open.load(Ordering::Acquire) {
                    self.forward(line);
                }
            }
        }
    }

    fn malformed(&self, malformed: &Malformed) {
        self.connection.refuse(malformed.id.as_deref(), &malformed.error());
    }

    fn request(&self, turn: Turn<'_, R>, line: &[u8], id: &RawValue, method: &str, params: Option<&RawValue>) {
        let turn = match method {
            "tools/call" => self.call(turn, id, params),
            "tools/list" => self.list(turn, id, params),
            _ => Some(turn),
        };
        // Without the turn, the request is answered.
        let Some(_turn) = turn else { return };
        let id = id.get();
        if let Err(refused) = self.connection.accept(id, None) {
            return self.not_accepted(id, refused);
        }
        if method == "tools/call"
            && let Some(params) = params
            && let Ok(call) = serde_json::from_str::<CallParams<'_>>(params.get())
            && let Some(arguments) = call.arguments
        {
            self.connection.texts.put_arguments(id, arguments.get());
        }
        if request::opens_session(method, params) {
            self.connection.is_open.store(true, Ordering::Release);
            if method == "initialize" {
                self.connection.introduce(params);
            }
        } else if method == "initialize" {
            let message =
                "the parameters are not those of `initialize`: a protocol version, capabilities and who the client is";
            return self.connection.failure(id, &RpcError::new(ErrorKind::InvalidArguments, message));
        } else if !self.connection.is_open.load(Ordering::Acquire) && !matches!(method, "ping" | "server/discover") {
            let message = "there is no session: begin with `initialize`, or name the version of the protocol and what the client can do in `_meta`";
            return self.connection.failure(id, &RpcError::new(ErrorKind::InvalidArguments, message));
        }
        let refused = match self.forward(line) {
            Forwarded::Sent => return,
            Forwarded::Unreadable => {
                let message = format!("the parameters are not those of `{}`", method.escape_debug());
                RpcError::new(ErrorKind::InvalidArguments, message)
            }
            Forwarded::Ended => {
                RpcError::new(ErrorKind::InvalidRequest, "the session has ended: start the server again")
            }
        };
        self.connection.failure(id, &refused);
    }

    /// Answers a list without the protocol library, or returns the turn.
    fn list<'a>(&self, turn: Turn<'a, R>, id: &RawValue, params: Option<&RawValue>) -> Option<Turn<'a, R>> {
        let parsed: Result<ListParams<'_>, _> =
            params.map_or(Ok(ListParams::default()), |params| serde_json::from_str(params.get()));
        let Some(era) = parsed.ok().and_then(|params| self.era(&params.lifecycle())) else { return Some(turn) };
        let accepted = self.connection.accept(id.get(), None);
        drop(turn);
        if let Err(refused) = accepted {
            self.not_accepted(id.get(), refused);
            return None;
        }
        self.connection.result(id.get(), &self.bridge.list(era));
        None
    }

    /// Runs a plain call, or returns the turn.
    fn call<'a>(&self, turn: Turn<'a, R>, id: &RawValue, params: Option<&RawValue>) -> Option<Turn<'a, R>> {
        let Some(params) = params.and_then(|params| serde_json::from_str::<CallParams<'_>>(params.get()).ok()) else {
            return Some(turn);
        };
        let Some(era) = self.era(&params.lifecycle()) else { return Some(turn) };
        let arguments = params.arguments.map_or(NO_ARGUMENTS, RawValue::get);
        // The protocol library answers for tools that do not exist, and asks a person.
        let Ok(tool) = self.bridge.find(&params.name) else { return Some(turn) };
        // In a session, the connection passes on what a server says. Otherwise the protocol library does, unless nobody listens.
        let is_heard = era == Era::Legacy || !params.can_ask();
        if !arguments.starts_with('{') || !tool.is_plain(arguments, is_heard) {
            return Some(turn);
        }
        let mut caller = Caller::new(era);
        if tool.is_of_server() {
            caller.audience = Some(match era {
                Era::Legacy => self.connection.audience(self.client, id.get()),
                Era::Modern => Audience::mute(self.client),
            });
        }
        let accepted = self.connection.accept(id.get(), Some(caller.cancel.clone()));
        drop(turn);
        if let Err(refused) = accepted {
            self.not_accepted(id.get(), refused);
            return None;
        }
        if let Some(permit) = self.bridge.enter(&tool) {
            let answered = self.bridge.run(&tool, arguments, &caller);
            self.connection.answer(id.get(), &answered, &params.name);
            drop(permit);
            return None;
        }
        let (bridge, connection) = (Arc::clone(&self.bridge), Arc::clone(&self.connection));
        let (id, name, arguments) = (id.get().to_owned(), params.name.into_owned(), arguments.to_owned());
        let job = {
            let (tool, id, name) = (Arc::clone(&tool), id.clone(), name.clone());
            move || connection.answer(&id, &bridge.run(&tool, &arguments, &caller), &name)
        };
        if let Err(outcome) = self.bridge.submit(&tool, era, Box::new(job)) {
            self.connection.answer(&id, &Answered::of(*outcome), &name);
        }
        None
    }

    fn era(&self, lifecycle: &Lifecycle) -> Option<Era> {
        match lifecycle {
            Lifecycle::Modern => Some(Era::Modern),
            Lifecycle::Session => self.connection.session(),
            Lifecycle::Other => None,
        }
    }

    fn not_accepted(&self, id: &str, refused: NotAccepted) {
        let error = match refused {
            NotAccepted::Repeated => RpcError::new(
                ErrorKind::InvalidRequest,
                format!("a request with the id {id} has not been answered yet: use another id"),
            ),
            NotAccepted::TooMany => RpcError::new(
                ErrorKind::InvalidRequest,
                "too many requests have not been answered yet: wait for answers",
            ),
        };
        self.connection.refuse(Some(id), &error);
    }

    /// Passes a message to the protocol library.
    fn forward(&self, line: &[u8]) -> Forwarded {
        let Ok(message) = serde_json::from_slice::<ClientJsonRpcMessage>(line) else { return Forwarded::Unreadable };
        let protocol = self.protocol.lock().unwrap_or_else(PoisonError::into_inner);
        match &*protocol {
            Some(sender) if sender.send(message).is_ok() => Forwarded::Sent,
            _ => Forwarded::Ended,
        }
    }
}

/// What became of a message for the protocol library.
#[derive(Debug, PartialEq, Eq)]
enum Forwarded {
    Sent,
    /// The library cannot read the message.
    Unreadable,
    /// The library no longer serves this connection.
    Ended,
}
