//! Answers calls with the tools that are linked into the test: what stands in for the sandbox.
//!
//! The tool's function runs on a thread of its own, so that a call that never ends can be given up: the thread is left
//! behind, and ends when it next asks the host for something. What it asks for travels by channel to the thread that made the
//! call, which holds the host's functions.

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

use crate::package::Failure;
use bridge::{Ask, Bridge};

/// A closure as it is given to `tool_handler`.
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

/// What answers in place of the module.
#[derive(Debug, Clone)]
pub(crate) enum Native {
    /// The annotated tools of this program.
    Tools(ToolSet),
    /// What dispatches by itself.
    Handler(Handler),
}

impl Native {
    /// The handler; without one the linked tools, where they are those of the package.
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
        let (asks, asked) = mpsc::channel();
        let (native, request) = (self.clone(), request.to_vec());
        let spawned = thread::Builder::new().name("the tool".to_owned()).spawn(move || {
            let installed = mpp_sdk::abi::native::install(Arc::new(Bridge::new(asks.clone())));
            let answered = panics::watch(|| native.respond(&request));
            drop(installed);
            // Nobody waits for it where the call's time is over.
            let _ = asks.send(Ask::Done(answered));
        });
        if let Err(error) = spawned {
            return Err(crashed(format!("no thread could be started for it: {error}"), Vec::new()));
        }
        loop {
            match asked.recv_timeout(functions.remaining()) {
                Ok(Ask::Function(function)) => function(functions)?,
                Ok(Ask::Done(Ok(output))) => return Ok(output),
                Ok(Ask::Done(Err(panic))) => {
                    // As a module's own panic hook writes it.
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
