//! The functions of `mpp:host`, which are those of `mpp_v1` for components: results and failures are values, not replies.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower};

use super::host_calls::{HasHostCalls as _, HostCalls};
use super::stop::Stop;
use super::wasi::WasiState;
use super::{imports, kv};
use crate::host_functions::{PACKAGE, Requirement};

/// Why a function failed, in the order of the numbers of `mpp_v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
enum Status {
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "denied")]
    Denied,
    #[component(name = "invalid")]
    Invalid,
    #[component(name = "full")]
    Full,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "conflict")]
    Conflict,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "connection")]
    Connection,
    #[component(name = "unavailable")]
    Unavailable,
}

const STATUSES: [Status; 9] = [
    Status::NotFound,
    Status::Denied,
    Status::Invalid,
    Status::Full,
    Status::TooLarge,
    Status::Conflict,
    Status::Timeout,
    Status::Connection,
    Status::Unavailable,
];

/// The failure of a function.
#[derive(Debug, ComponentType, Lower)]
#[component(record)]
struct Failure {
    status: Status,
    message: String,
}

/// The result of a function, or the failure of which the component learns.
type Answered<T> = wasmtime::Result<(Result<T, Failure>,)>;

/// Defines every function of `mpp:host`.
pub(super) fn add_to_linker(linker: &mut Linker<WasiState>) -> wasmtime::Result<()> {
    let (package, version) = PACKAGE;
    let interface = |requirement: Requirement| format!("{package}/{}@{version}", requirement.interface());
    linker.instance(&format!("{package}/types@{version}"))?;
    let mut http = linker.instance(&interface(Requirement::Network))?;
    http.func_wrap("http-send", |mut store: Store<'_>, (request,): (Vec<u8>,)| {
        answer(&mut store, |calls| imports::http_send(calls, &request), |_, reply| reply)
    })?;
    let mut state = linker.instance(&interface(Requirement::Kv))?;
    state.func_wrap("kv-get", |mut store: Store<'_>, (key,): (Vec<u8>,)| {
        answer(&mut store, |calls| kv::functions::get(calls, &key), |_, reply| reply)
    })?;
    state.func_wrap("kv-set", |mut store: Store<'_>, (key, value, ttl_ms): (Vec<u8>, Vec<u8>, u64)| {
        answer(&mut store, |calls| kv::functions::set(calls, &key, &value, ttl_ms), |_, _| ())
    })?;
    state.func_wrap("kv-delete", |mut store: Store<'_>, (key,): (Vec<u8>,)| {
        answer(&mut store, |calls| kv::functions::delete(calls, &key), |number, _| number == 1)
    })?;
    state.func_wrap("kv-list", |mut store: Store<'_>, (prefix, after, limit): (Vec<u8>, Vec<u8>, u32)| {
        answer(&mut store, |calls| kv::functions::list(calls, &prefix, &after, limit), |_, reply| keys(&reply))
    })?;
    state.func_wrap("kv-compare-and-swap", |mut store: Store<'_>, (key, expected, value, ttl_ms): Swap| {
        let swap = |calls: &mut HostCalls| {
            kv::functions::compare_and_swap(calls, &key, expected.as_deref(), value.as_deref(), ttl_ms)
        };
        answer(&mut store, swap, |number, _| number == 1)
    })?;
    state.func_wrap("kv-increment", |mut store: Store<'_>, (key, by): (Vec<u8>, i64)| {
        let number = |_, reply: Vec<u8>| reply.try_into().map(i64::from_le_bytes).unwrap_or_default();
        answer(&mut store, |calls| kv::functions::increment(calls, &key, by), number)
    })?;
    Ok(())
}

type Store<'a> = StoreContextMut<'a, WasiState>;
/// The parameters of `kv-compare-and-swap`.
type Swap = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, u64);

/// Calls a function of `mpp_v1`, and takes its reply.
fn answer<T>(
    store: &mut Store<'_>,
    function: impl FnOnce(&mut HostCalls) -> Result<i32, Stop>,
    value: impl FnOnce(i32, Vec<u8>) -> T,
) -> Answered<T> {
    let state = store.data_mut();
    // An abandoned call does nothing more when what blocked it ends.
    state.running.check()?;
    let mut calls = state.host_calls();
    let number = function(&mut calls)?;
    let reply = calls.take_reply();
    if number >= 0 {
        return Ok((Ok(value(number, reply)),));
    }
    let index = usize::try_from(-1 - number).unwrap_or(usize::MAX);
    let status = STATUSES.get(index).copied().unwrap_or(Status::Unavailable);
    Ok((Err(Failure { status, message: String::from_utf8_lossy(&reply).into_owned() }),))
}

/// Reads the reply of `kv_list`: each key after its length.
fn keys(mut reply: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Some((length, rest)) = reply.split_first_chunk::<4>() {
        let Some((key, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else { break };
        found.push(key.to_vec());
        reply = rest;
    }
    found
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;
    use wasmtime::component::{Component, Linker};

    use super::STATUSES;
    use crate::host_functions::{self, Answer, HostFunction, Kind, PACKAGE, Requirement, all};

    /// The type of a function in the text format.
    fn signature(function: &HostFunction, answer: Answer) -> String {
        let one = |kind: Kind| match kind {
            Kind::Bytes | Kind::Buffer => "(list u8)",
            Kind::OptionalBytes => "(option (list u8))",
            Kind::U32 => "u32",
            Kind::U64 => "u64",
            Kind::I64 => "s64",
        };
        let parameters = function
            .parameters
            .iter()
            .map(|found| format!("(param \"{}\" {})", found.name.replace('_', "-"), one(found.kind)));
        let result = match answer {
            Answer::Nothing => "",
            Answer::Bytes => "(list u8)",
            Answer::Flag => "bool",
            Answer::Keys => "(list (list u8))",
            Answer::Number => "s64",
        };
        format!("{} (result (result {result} (error $f)))", parameters.collect::<String>())
    }

    /// A component that imports every function of the table links.
    #[test]
    fn every_function_of_the_table_is_defined_with_its_type() {
        let (package, version) = PACKAGE;
        let cases = host_functions::STATUSES
            .iter()
            .map(|entry| format!("\"{}\" ", entry.name.to_lowercase().replace('_', "-")));
        let mut text = format!(
            r#"(component (import "{package}/types@{version}" (instance $types
              (type $s (enum {})) (export "status" (type $status (eq $s)))
              (type $r (record (field "status" $status) (field "message" string))) (export "failure" (type (eq $r)))))
              (alias export $types "failure" (type $failure))"#,
            cases.collect::<String>()
        );
        for requirement in [Requirement::Network, Requirement::Kv] {
            let functions = all().filter(|function| function.capability == Some(requirement));
            let functions = functions.filter_map(|function| {
                let signature = signature(function, function.answer?);
                Some(format!("(export \"{}\" (func {signature}))", function.component_name()))
            });
            let interface = requirement.interface();
            let functions = functions.collect::<String>();
            text.push_str(&format!(
                r#"(import "{package}/{interface}@{version}" (instance
                  (alias outer 1 $failure (type $outer)) (export "failure" (type $f (eq $outer))) {functions}))"#
            ));
        }
        let component = wat::parse_str(text + ")").expect("a component");
        let engine = Engine::default();
        let component = Component::new(&engine, component).expect("compiled");
        let mut linker = Linker::new(&engine);
        super::add_to_linker(&mut linker).expect("defined");
        linker.instantiate_pre(&component).expect("every function is there");
        assert_eq!(STATUSES.len(), host_functions::STATUSES.len());
        for (index, status) in STATUSES.iter().enumerate() {
            assert_eq!(*status as usize, index);
        }
    }

    #[test]
    fn keys_are_read_from_the_reply() {
        assert_eq!(super::keys(b"\x01\0\0\0a\x02\0\0\0bc"), [b"a".to_vec(), b"bc".to_vec()]);
        assert!(super::keys(b"").is_empty());
    }
}
