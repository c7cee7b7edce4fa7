//! Imported functions: which ones step 7 of the Gatekeeper refuses, and what the others return when they are called.

use std::net::TcpListener;

use mpp_sdk::wire::ErrorKind;
use serde_json::{Value, json};

use super::Table;
use crate::fixture::{Run, content, failure, host, module_with, sample};

/// A module that imports this and would otherwise run.
fn importing(import: &str) -> Vec<u8> {
    let text = format!("(module {import} (memory (export \"memory\") 1) (func (export \"_start\")))");
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn function(module: &str, name: &str, signature: &str) -> Vec<u8> {
    importing(&format!("(import \"{module}\" \"{name}\" (func {signature}))"))
}

#[test]
fn no_escape_through_imports() {
    let host = host();
    let mut table = Table::new("imports", "error that the author sees");
    let two = "(param i32 i32) (result i32)";
    let none = || json!({});
    let attempts: Vec<(&str, Vec<u8>, Value, &str)> = vec![
        ("`http_send`, no network declared", function("mpp_v1", "http_send", two), none(), "MPP-G709"),
        (
            "`http_send`, state declared",
            function("mpp_v1", "http_send", two),
            json!({ "kv": { "max_bytes": 9 } }),
            "MPP-G709",
        ),
        ("`kv_get`, no state declared", function("mpp_v1", "kv_get", two), none(), "MPP-G709"),
        (
            "`kv_increment`, network declared",
            function("mpp_v1", "kv_increment", "(param i32 i32 i64) (result i32)"),
            json!({ "network": ["api.example.com"] }),
            "MPP-G709",
        ),
        ("a host function that there is not", function("mpp_v1", "exec", two), none(), "MPP-G708"),
        ("host functions of another version", function("mpp_v2", "http_send", two), none(), "MPP-G708"),
        ("a host function with another signature", function("mpp_v1", "reply_take", "(param i64)"), none(), "MPP-G712"),
        ("a host function as a memory", importing("(import \"mpp_v1\" \"reply_len\" (memory 1))"), none(), "MPP-G707"),
        ("a function of an unknown module", function("env", "system", two), none(), "MPP-G707"),
        ("a function without a name", function("", "", ""), none(), "MPP-G707"),
        ("sockets of WASIX", function("wasix_32v1", "sock_open", two), none(), "MPP-G707"),
        ("sockets that preview 1 has not", function("wasi_snapshot_preview1", "sock_open", two), none(), "MPP-G707"),
        ("an older WASI", function("wasi_unstable", "path_open", two), none(), "MPP-G707"),
        ("threads of WASI", function("wasi", "thread-spawn", "(param i32) (result i32)"), none(), "MPP-G707"),
        ("a memory of the host's", importing("(import \"env\" \"memory\" (memory 1))"), none(), "MPP-G707"),
        ("a table of the host's", importing("(import \"env\" \"table\" (table 1 funcref))"), none(), "MPP-G707"),
    ];
    for (what, module, capabilities, code) in attempts {
        let package = sample(module).set("/capabilities", capabilities);
        let refusal = host.verify(package.sign()).outcome.err();
        let (ended, told) = match &refusal {
            Some(refusal) => (refusal.code.id.to_owned(), format!("{}; {}", refusal.message, refusal.help)),
            None => ("passed".to_owned(), String::new()),
        };
        let is_right = refusal.is_some_and(|refusal| refusal.code.id == code && refusal.step.number() == 7);
        table.row(what, &ended, &told, (!is_right).then(|| format!("{code} in step 7")));
    }
    for (what, import) in [
        ("sockets of a later WASI in a component", "wasi:sockets/types@0.3.0"),
        ("a server of HTTP in a component", "wasi:http/incoming-handler@0.2.0"),
        ("host functions in a component", "mpp_v1"),
    ] {
        let text = format!("(component (import \"{import}\" (instance)))").replace("mpp_v1", "mpp:v1/host");
        let package = sample(wat::parse_str(text).unwrap()).set("/runtime/type", json!("wasm32-wasip2"));
        let refusal = host.verify(package.sign()).outcome.err();
        let ended = refusal.as_ref().map_or("passed".to_owned(), |refusal| refusal.code.id.to_owned());
        let told = refusal.as_ref().map_or(String::new(), |refusal| refusal.message.clone());
        table.row(what, &ended, &told, (ended != "MPP-G707").then(|| "MPP-G707".to_owned()));
    }
    table.done();
}

#[test]
fn no_escape_through_functions_that_always_link() {
    let mut table = Table::new("functions of preview 1 that link without any grant", "error that the tool receives");
    let no_fd = ["008", "057", "058", "076"];
    for (name, parameters) in [
        ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
        ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
        ("path_symlink", "i32 i32 i32 i32 i32"),
        ("path_rename", "i32 i32 i32 i32 i32 i32"),
        ("path_unlink_file", "i32 i32 i32"),
        ("fd_readdir", "i32 i32 i32 i64 i32"),
        ("fd_renumber", "i32 i32"),
        ("sock_accept", "i32 i32 i32"),
        ("sock_send", "i32 i32 i32 i32 i32"),
        ("sock_recv", "i32 i32 i32 i32 i32 i32"),
        ("proc_raise", "i32"),
    ] {
        // Descriptor 3 is the root directory, in which nothing exists.
        let arguments = parameters.split(' ').map(|kind| format!("({kind}.const 3)")).collect::<String>();
        let import =
            format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func $f (param {parameters}) (result i32)))");
        let module = module_with(&import, "", &format!("(call $answer_number (call $f {arguments}))"));
        let answer = content(&sample(module).runnable(&host()).call("run", "{}"));
        let is_refused = answer.as_str().is_some_and(|number| no_fd.contains(&number));
        let told = format!("{answer} there is no such descriptor, socket or signal");
        table.row(name, "refused", &told, (!is_refused).then(|| format!("one of {no_fd:?}, found {answer}")));
    }
    table.done();
}

/// A component that creates a socket and connects it to a local port. It ends with 1 if that is refused.
fn connects(port: u16) -> Vec<u8> {
    let codes = "unknown access-denied not-supported invalid-argument out-of-memory timeout concurrency-conflict \
        not-in-progress would-block invalid-state new-socket-limit address-not-bindable address-in-use remote-unreachable \
        connection-refused connection-reset connection-aborted datagram-too-large name-unresolvable \
        temporary-resolver-failure permanent-resolver-failure";
    let codes: String = codes.split_whitespace().map(|code| format!("\"{code}\" ")).collect();
    let (numbers, zeros) = ("u16 ".repeat(8), "(i32.const 0) ".repeat(6));
    let text = format!(
        r#"(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $code (enum {codes})) (export "error-code" (type (eq $code)))
    (type $family (enum "ipv4" "ipv6")) (export "ip-address-family" (type (eq $family)))
    (type $four (tuple u8 u8 u8 u8)) (export "ipv4-address" (type $ipv4 (eq $four)))
    (type $six (tuple {numbers})) (export "ipv6-address" (type $ipv6 (eq $six)))
    (type $place4 (record (field "port" u16) (field "address" $ipv4)))
    (export "ipv4-socket-address" (type $at4 (eq $place4)))
    (type $place6 (record (field "port" u16) (field "flow-info" u32) (field "address" $ipv6) (field "scope-id" u32)))
    (export "ipv6-socket-address" (type $at6 (eq $place6)))
    (type $place (variant (case "ipv4" $at4) (case "ipv6" $at6))) (export "ip-socket-address" (type (eq $place)))))
  (alias export $network "network" (type $network-type))
  (alias export $network "error-code" (type $code))
  (alias export $network "ip-address-family" (type $family))
  (alias export $network "ip-socket-address" (type $place))
  (import "wasi:sockets/instance-network@0.2.0" (instance $instance
    (alias outer 1 $network-type (type $n)) (export "network" (type $own (eq $n)))
    (export "instance-network" (func (result (own $own))))))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (alias outer 1 $network-type (type $n)) (export "network" (type $own (eq $n)))
    (alias outer 1 $code (type $c)) (export "error-code" (type $error (eq $c)))
    (alias outer 1 $place (type $p)) (export "ip-socket-address" (type $address (eq $p)))
    (export "tcp-socket" (type $socket (sub resource)))
    (export "[method]tcp-socket.start-connect" (func (param "self" (borrow $socket)) (param "network" (borrow $own))
      (param "remote-address" $address) (result (result (error $error)))))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $make
    (alias outer 1 $socket (type $s)) (export "tcp-socket" (type $own (eq $s)))
    (alias outer 1 $code (type $c)) (export "error-code" (type $error (eq $c)))
    (alias outer 1 $family (type $f)) (export "ip-address-family" (type $kind (eq $f)))
    (export "create-tcp-socket" (func (param "address-family" $kind) (result (result (own $own) (error $error)))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $network (canon lower (func $instance "instance-network")))
  (core func $make (canon lower (func $make "create-tcp-socket") (memory (core memory $memory "memory"))))
  (core func $connect (canon lower (func $tcp "[method]tcp-socket.start-connect") (memory (core memory $memory "memory"))))
  (core module $main
    (import "host" "memory" (memory 1))
    (import "host" "network" (func $network (result i32)))
    (import "host" "make" (func $make (param i32 i32)))
    (import "host" "connect"
      (func $connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (func (export "run") (result i32)
      ;; A result is a byte for which one it is, and then the socket or the error: the second one is "access-denied".
      (call $make (i32.const 0) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then (return (i32.eq (i32.load8_u (i32.const 20)) (i32.const 1)))))
      (call $connect (i32.load (i32.const 20)) (call $network) (i32.const 0) (i32.const {port})
        (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1) {zeros} (i32.const 32))
      (if (i32.eqz (i32.load8_u (i32.const 32))) (then unreachable))
      (i32.eq (i32.load8_u (i32.const 33)) (i32.const 1))))
  (core instance $main (instantiate $main (with "host" (instance
    (export "memory" (memory $memory "memory")) (export "network" (func $network)) (export "make" (func $make))
    (export "connect" (func $connect))))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exports (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exports)))"#
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn no_escape_through_sockets_of_a_component() {
    let mut table = Table::new("functions of WASI 0.2 that link without any grant", "error that the tool receives");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for (what, declared) in
        [("a socket", json!([])), ("a socket, hosts declared", json!([format!("localhost:{port}")]))]
    {
        let package = sample(connects(port))
            .set("/runtime/type", json!("wasm32-wasip2"))
            .set("/capabilities", json!({ "network": declared }));
        let output = package.granted(&host(), |grant| grant.allow_local(true)).call("run", "{}");
        let (kind, error) = failure(&output);
        let is_denied = kind == ErrorKind::ToolCrashed && error.message.contains("code 1");
        table.row(what, "refused", "access-denied", (!is_denied).then(|| format!("access-denied, found {error:?}")));
    }
    assert_eq!(listener.accept().err().map(|error| error.kind()), Some(std::io::ErrorKind::WouldBlock), "nobody came");
    table.done();
}
