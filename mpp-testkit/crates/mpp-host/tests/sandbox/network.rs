//! The network of a tool with real servers: what it can reach, and attempts to reach more.

#[path = "network/server.rs"]
pub(crate) mod server;

#[path = "network/client.rs"]
pub(crate) mod client;
#[path = "network/escapes.rs"]
mod escapes;
#[path = "network/exchange.rs"]
mod exchange;
#[path = "network/forms.rs"]
mod forms;
#[path = "network/forms_ends.rs"]
mod forms_ends;
#[path = "network/injection.rs"]
mod injection;
#[path = "network/misbehaving.rs"]
mod misbehaving;
#[path = "network/stand_in.rs"]
mod stand_in;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use mpp_host::Host;
use mpp_host::host::{FilteredOutput, Grant, RunnablePackage};
use mpp_host::sandbox::network::{NetworkLimits, NetworkSettings, Resolver};
use serde_json::{Value, json};

use crate::fixture::{Run, SamplePackage, content, sample};
use server::Authority;

/// A resolver. Each name has a list of answers, the last of which is repeated.
#[derive(Debug, Default)]
pub(crate) struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// Resolves all these names to this machine.
    pub(crate) fn here(names: &[&str]) -> Self {
        let all = Self::default();
        names.iter().for_each(|name| all.add(name, &[&["127.0.0.1"]]));
        all
    }

    pub(crate) fn add(&self, name: &str, answers: &[&[&str]]) {
        let answers = answers.iter().map(|list| list.iter().map(|text| text.parse().unwrap()).collect()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolver for Names {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let list = answers.get_mut(host).ok_or_else(|| io::Error::other("no such name"))?;
        Ok(if list.len() > 1 { list.remove(0) } else { list[0].clone() })
    }
}

/// A host with this resolver, which trusts the certificate authority of the tests.
pub(crate) fn host(names: &Arc<Names>) -> Host {
    host_with(names, NetworkLimits::default())
}

pub(crate) fn host_with(names: &Arc<Names>, limits: NetworkLimits) -> Host {
    let settings = NetworkSettings::new().root_certificates(Authority::trusted().pem().as_bytes()).unwrap();
    let names: Arc<dyn Resolver> = Arc::clone(names) as _;
    Host::builder().instances(4).network(settings.resolver(names).limits(limits)).build().unwrap()
}

/// A module that sends one request, writes the reply to its log, and answers with the status: 0, or 1 to 9 for a
/// failure.
pub(crate) fn sends(head: &Value, body: &[u8]) -> Vec<u8> {
    let store = "(i32.store8 (i32.const 1091) (i32.sub (i32.const 48) (local.get $status)))";
    sender(head, body, &crate::fixture::result("0"), store)
}

/// The same with another answer.
pub(crate) fn sends_and_answers(head: &Value, answer: &str) -> Vec<u8> {
    sender(head, b"", answer, "")
}

fn sender(head: &Value, body: &[u8], answer: &str, store: &str) -> Vec<u8> {
    let head = head.to_string();
    let mut request = u32::try_from(head.len()).unwrap().to_le_bytes().to_vec();
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(body);
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let (data, length) = (escaped(&request), request.len());
    let (answer, answer_length) = (escaped(answer.as_bytes()), answer.len());
    let text = format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "mpp_v1" "http_send" (func $http_send (param i32 i32) (result i32)))
  (import "mpp_v1" "reply_len" (func $reply_len (result i32)))
  (import "mpp_v1" "reply_take" (func $reply_take (param i32)))
  (memory (export "memory") 600)
  (data (i32.const 1024) "{answer}")
  (data (i32.const 65536) "{data}")
  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") (local $status i32) (local $length i32)
    (local.set $status (call $http_send (i32.const 65536) (i32.const {length})))
    (local.set $length (call $reply_len))
    (call $reply_take (i32.const 16777216))
    (call $write (i32.const 2) (i32.const 16777216) (local.get $length))
    {store}
    (call $write (i32.const 1) (i32.const 1024) (i32.const {answer_length}))))"#
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A package that declares these hosts and whose tool sends this request.
pub(crate) fn package(network: &Value, head: &Value, body: &[u8]) -> SamplePackage {
    sample(sends(head, body)).set("/capabilities", json!({ "network": network }))
}

/// A tool that requests `url`, with a grant that allows local hosts.
pub(crate) fn getter(host: &Host, network: &Value, url: &str) -> RunnablePackage {
    package(network, &json!({ "method": "GET", "url": url }), b"").granted(host, |grant| grant.allow_local(true))
}

/// Returns the output of one call of such a tool.
pub(crate) fn get(host: &Host, network: &Value, url: &str) -> FilteredOutput {
    getter(host, network, url).call("run", "{}")
}

pub(crate) fn call(host: &Host, package: &SamplePackage, grant: impl FnOnce(Grant) -> Grant) -> FilteredOutput {
    package.granted(host, grant).call("run", "{}")
}

/// The outcomes of `http_send`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Answered,
    Denied,
    Invalid,
    TooLarge,
    Timeout,
    Connection,
}

pub(crate) fn ended(output: &FilteredOutput) -> Ended {
    match content(output).as_u64().unwrap() {
        0 => Ended::Answered,
        2 => Ended::Denied,
        3 => Ended::Invalid,
        5 => Ended::TooLarge,
        7 => Ended::Timeout,
        8 => Ended::Connection,
        other => panic!("status {other}: {}", output.log()),
    }
}

/// Returns the head and the body of a response.
pub(crate) fn answer(output: &FilteredOutput) -> (Value, String) {
    assert_eq!(ended(output), Ended::Answered, "{}", output.log());
    // Skips the length, which is four bytes.
    let start = output.log().find('{').unwrap();
    let mut values = serde_json::Deserializer::from_str(&output.log()[start..]).into_iter::<Value>();
    let head = values.next().unwrap().unwrap();
    let body = output.log()[start + values.byte_offset()..].to_owned();
    (head, body)
}
