//! Runs calls in the test's own process, with the tools that are linked into the test.
//!
//! A tool's function runs on a thread of its own, so that a call can be abandoned: the thread keeps running and ends when
//! it next calls the host. Calls of host functions are sent through a channel to the thread that makes the call, which holds
//! these functions.

mod bridge;
mod linked;
mod panics;

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use mpp_host::host::LoadedPackage;
use mpp_host::sandbox::in_process::{Functions, InProcess, Stopped};
use mpp_sdk::private::{respond, respond_by_hand};
use mpp_sdk::{ToolRequest, ToolResponse, ToolSet};

use crate::failure::Failure;
use bridge::{Bridge, Message};

/// The function that a program gives to `tool_handler`.
#[derive(Clone)]
pub(crate) struct Handler(Arc<dyn Fn(ToolRequest) -> ToolResponse + Send + Sync>);

impl Handler {
    pub(crate) fn new(handle: impl Fn(ToolRequest) -> ToolResponse + Send + Sync + 'static) -> Self {
        Self(Arc::new(handle))
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

/// Answers calls instead of the module.
#[derive(Debug, Clone)]
pub(crate) enum Native {
    /// The annotated tools that are linked into this program.
    Tools(ToolSet),
    /// A handler that dispatches the calls itself.
    Handler(Handler),
}

impl Native {
    /// Uses the handler or, without one, the linked tools if they are those of the package.
    pub(crate) fn of(package: &LoadedPackage, handler: Option<Handler>) -> Result<Self, Failure> {
        match handler {
            Some(handler) => Ok(Self::Handler(handler)),
            None => linked::tools_of(package).map(Self::Tools),
        }
    }

    fn respond(&self, request: &[u8]) -> Vec<u8> {
        match self {
            Self::Tools(tools) => respond(tools, request),
            Self::Handler(Handler(handle)) => respond_by_hand(&mut |request| handle(request), request),
        }
    }
}

impl InProcess for Native {
    fn run(&self, request: &[u8], functions: &mut Functions<'_>) -> Result<Vec<u8>, Stopped> {
        let (sender, messages) = mpsc::channel();
        let (native, request) = (self.clone(), request.to_vec());
        let spawned = thread::Builder::new().name("the tool".to_owned()).spawn(move || {
            let installed = mpp_sdk::abi::native::install(Arc::new(Bridge::new(sender.clone())));
            let answered = panics::catch(|| native.respond(&request));
            drop(installed);
            // The receiver is gone if the call has timed out.
            let _ = sender.send(Message::Done(answered));
        });
        if let Err(error) = spawned {
            return Err(crashed(format!("its thread could not be started: {error}"), Vec::new()));
        }
        loop {
            match messages.recv_timeout(functions.remaining()) {
                Ok(Message::HostCall(function)) => function(functions)?,
                Ok(Message::Done(Ok(output))) => return Ok(output),
                Ok(Message::Done(Err(panic))) => {
                    // In the sandbox, the panic hook of the module writes this line.
                    functions.log(&format!("{}\n", panic.shown));
                    return Err(crashed(panic.reason, panic.backtrace));
                }
                Err(RecvTimeoutError::Timeout) => return Err(Stopped::Timeout),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(crashed("its thread ended without an answer".to_owned(), Vec::new()));
                }
            }
        }
    }
}

fn crashed(reason: String, backtrace: Vec<String>) -> Stopped {
    Stopped::Crashed { reason, backtrace }
}
