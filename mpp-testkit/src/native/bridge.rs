//! Sends calls of host functions from the tool's thread to the thread that holds these functions.

use std::env::VarError;
use std::fmt::Arguments;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::SystemTime;

use mpp_host::sandbox::in_process::{Functions, Stopped};
use mpp_sdk::abi::native::HostFunctions;
use mpp_sdk::abi::{Answer, Call};

use super::panics::Panic;

/// A call of a host function.
pub(super) type HostCall = Box<dyn FnOnce(&mut Functions<'_>) -> Result<(), Stopped> + Send>;

/// A message of the tool's thread.
pub(super) enum Message {
    /// A call of a host function.
    HostCall(HostCall),
    /// The tool's response, or its panic.
    Done(Result<Vec<u8>, Panic>),
}

/// The host functions as the tool's thread sees them.
pub(super) struct Bridge(Sender<Message>);

impl Bridge {
    pub(super) fn new(messages: Sender<Message>) -> Self {
        Self(messages)
    }

    /// Runs `function` on the other thread and returns its result. If that thread has ended the call, this one is unwound.
    fn run<T: Send + 'static>(
        &self,
        function: impl FnOnce(&mut Functions<'_>) -> Result<T, Stopped> + Send + 'static,
    ) -> T {
        let (reply, replied) = mpsc::sync_channel(1);
        let sent = self.0.send(Message::HostCall(Box::new(move |functions| {
            let answer = function(functions)?;
            // The tool's thread waits for this message.
            let _ = reply.send(answer);
            Ok(())
        })));
        match sent.ok().and_then(|()| replied.recv().ok()) {
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
                self.run(move |host| host.http_send(&request))
            }
            Call::KvGet { key } => {
                let key = key.to_vec();
                self.run(move |host| host.kv_get(&key))
            }
            Call::KvSet { key, value, ttl_ms } => {
                let (key, value) = (key.to_vec(), value.to_vec());
                self.run(move |host| host.kv_set(&key, &value, ttl_ms))
            }
            Call::KvDelete { key } => {
                let key = key.to_vec();
                self.run(move |host| host.kv_delete(&key))
            }
            Call::KvList { prefix, after, limit } => {
                let (prefix, after) = (prefix.to_vec(), after.to_vec());
                self.run(move |host| host.kv_list(&prefix, &after, limit))
            }
            Call::KvCompareAndSwap { key, expected, value, ttl_ms } => {
                let (key, expected, value) = (key.to_vec(), expected.map(<[u8]>::to_vec), value.map(<[u8]>::to_vec));
                self.run(move |host| host.kv_compare_and_swap(&key, expected.as_deref(), value.as_deref(), ttl_ms))
            }
            Call::KvIncrement { key, by } => {
                let key = key.to_vec();
                self.run(move |host| host.kv_increment(&key, by))
            }
            _ => return unknown(),
        };
        let (number, reply) = answered;
        Answer::new(number, reply)
    }

    fn env(&self, name: &str) -> Result<String, VarError> {
        let name = name.to_owned();
        self.run(move |host| Ok(host.env(&name).map(str::to_owned))).ok_or(VarError::NotPresent)
    }

    fn place(&self, path: &Path) -> Option<PathBuf> {
        let path = path.to_owned();
        self.run(move |host| Ok(host.place(&path)))
    }

    fn now(&self) -> SystemTime {
        self.run(|host| Ok(host.now()))
    }

    fn fill_random(&self, bytes: &mut [u8]) -> bool {
        let mut random = vec![0; bytes.len()];
        let filled = self.run(move |host| Ok(host.fill_random(&mut random).then_some(random)));
        filled.is_some_and(|random| {
            bytes.copy_from_slice(&random);
            true
        })
    }

    fn log(&self, line: Arguments<'_>) {
        let line = format!("{line}\n");
        self.run(move |host| {
            host.log(&line);
            Ok(())
        });
    }
}

/// Answers a host function that this version does not know. The SDK and this crate are released together.
fn unknown() -> Answer {
    Answer::failed(
        mpp_sdk::abi::Status::Unavailable,
        "this version of mpp-testkit does not know the host function; use the version of the SDK",
    )
}
