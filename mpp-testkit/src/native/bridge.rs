//! The tool's side of a native call: asks the thread that holds the host's functions, and waits for the answer.

use std::env::VarError;
use std::fmt::Arguments;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::SystemTime;

use mpp_host::sandbox::in_process::{Functions, Stopped};
use mpp_sdk::abi::native::HostFunctions;
use mpp_sdk::abi::{Answer, Call};

use super::panics::Panic;

/// What is to be done with the host's functions.
pub(super) type Asked = Box<dyn FnOnce(&mut Functions<'_>) -> Result<(), Stopped> + Send>;

/// What the tool's thread says.
pub(super) enum Ask {
    /// Something is to be done with the host's functions.
    Function(Asked),
    /// The response, or the panic that came instead.
    Done(Result<Vec<u8>, Panic>),
}

/// Stands in for the host on the tool's thread.
pub(super) struct Bridge(Sender<Ask>);

impl Bridge {
    pub(super) fn new(asks: Sender<Ask>) -> Self {
        Self(asks)
    }

    /// Has `function` run on the other thread. Where nobody is there any more the call is over, and so is this thread.
    fn ask<T: Send + 'static>(
        &self,
        function: impl FnOnce(&mut Functions<'_>) -> Result<T, Stopped> + Send + 'static,
    ) -> T {
        let (reply, replied) = mpsc::sync_channel(1);
        let asked = self.0.send(Ask::Function(Box::new(move |functions| {
            let answer = function(functions)?;
            // It waits for exactly this.
            let _ = reply.send(answer);
            Ok(())
        })));
        match asked.ok().and_then(|()| replied.recv().ok()) {
            Some(answer) => answer,
            None => std::panic::resume_unwind(Box::new("the call is over")),
        }
    }
}

impl HostFunctions for Bridge {
    fn call(&self, call: Call<'_>) -> Answer {
        let answered = match call {
            Call::HttpSend { request } => {
                let request = request.to_vec();
                self.ask(move |host| host.http_send(&request))
            }
            Call::KvGet { key } => {
                let key = key.to_vec();
                self.ask(move |host| host.kv_get(&key))
            }
            Call::KvSet { key, value, ttl_ms } => {
                let (key, value) = (key.to_vec(), value.to_vec());
                self.ask(move |host| host.kv_set(&key, &value, ttl_ms))
            }
            Call::KvDelete { key } => {
                let key = key.to_vec();
                self.ask(move |host| host.kv_delete(&key))
            }
            Call::KvList { prefix, after, limit } => {
                let (prefix, after) = (prefix.to_vec(), after.to_vec());
                self.ask(move |host| host.kv_list(&prefix, &after, limit))
            }
            Call::KvCompareAndSwap { key, expected, value, ttl_ms } => {
                let (key, expected, value) = (key.to_vec(), expected.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
                self.ask(move |host| host.kv_compare_and_swap(&key, expected.as_deref(), value.as_deref(), ttl_ms))
            }
            Call::KvIncrement { key, by } => {
                let key = key.to_vec();
                self.ask(move |host| host.kv_increment(&key, by))
            }
            _ => return unknown(),
        };
        let (number, reply) = answered;
        Answer::new(number, reply)
    }

    fn env(&self, name: &str) -> Result<String, VarError> {
        let name = name.to_owned();
        self.ask(move |host| Ok(host.env(&name).map(str::to_owned))).ok_or(VarError::NotPresent)
    }

    fn place(&self, path: &Path) -> Option<PathBuf> {
        let path = path.to_owned();
        self.ask(move |host| Ok(host.place(&path)))
    }

    fn now(&self) -> SystemTime {
        self.ask(|host| Ok(host.now()))
    }

    fn fill_random(&self, bytes: &mut [u8]) -> bool {
        let mut random = vec![0; bytes.len()];
        let filled = self.ask(move |host| Ok(host.fill_random(&mut random).then_some(random)));
        filled.is_some_and(|random| {
            bytes.copy_from_slice(&random);
            true
        })
    }

    fn log(&self, line: Arguments<'_>) {
        let line = format!("{line}\n");
        self.ask(move |host| {
            host.log(&line);
            Ok(())
        });
    }
}

/// The SDK and the testkit are of one version; a function that only one of them knows is a mistake in them.
fn unknown() -> Answer {
    Answer::failed(
        mpp_sdk::abi::Status::Unavailable,
        "this testkit does not know the function; use the SDK's own version",
    )
}
