//! Parts of the standard library that compile and fail at run time are named by the build.

use mpp_build::Event;

use crate::support::{FIND, Sources, answering, cargo_toml};

/// Builds a tool with these statements at the start of `main`, and returns the parts that the build names.
fn named(name: &str, statements: &str) -> Vec<&'static str> {
    let program = answering(FIND).replacen("fn main() {", &format!("fn main() {{\n{statements}"), 1);
    let sources = Sources::new(&[("Cargo.toml", &cargo_toml(name, "")), ("src/main.rs", &program)]);
    let (_, events) = sources.build().expect("built");
    events
        .iter()
        .filter_map(|event| if let Event::Unsupported { api } = event { Some(api.name) } else { None })
        .collect()
}

#[test]
fn names_sockets_threads_and_processes() {
    assert_eq!(named("plain", ""), [""; 0]);
    let address = "if \"x\".parse::<std::net::IpAddr>().is_ok() { panic!() }";
    assert_eq!(named("addressing", address), [""; 0], "addresses are only data");
    // What the compiler can tell to fail leaves no code behind, so the results are used.
    let connecting = "if let Ok(mut stream) = std::net::TcpStream::connect(\"a.example:80\") {
        std::io::Write::write_all(&mut stream, b\"x\").unwrap();
    }";
    assert_eq!(named("connecting", connecting), ["std::net"]);
    let spawning = "if let Err(error) = std::thread::Builder::new().spawn(|| println!()) { eprintln!(\"{error}\") }";
    assert_eq!(named("spawning", spawning), ["std::thread::spawn"]);
    let running = "if let Err(error) = std::process::Command::new(\"ls\").status() { eprintln!(\"{error}\") }";
    assert_eq!(named("running", running), ["std::process::Command"]);
}
