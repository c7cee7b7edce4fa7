//! What `mpp build` says about mistakes in a project and about the author's compiler flags.

use crate::support::{Ended, User};

const MANIFEST: &str =
    "[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[package.metadata.mpp]\n";

/// A user with a project in `tool` that answers without the SDK, and with these lines under `[package.metadata.mpp]`.
fn user(metadata: &str, statements: &str) -> User {
    let user = User::new();
    user.write("tool/Cargo.toml", format!("{MANIFEST}{metadata}\n"));
    let response = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"find","description":"Find.","parameters":{"type":"object"}}]}}"#;
    user.write(
        "tool/src/main.rs",
        format!("fn main() {{\n{statements}\nstd::io::stdin().read_line(&mut String::new()).unwrap();\nprintln!(\"{{}}\", r#\"{response}\"#);\n}}\n"),
    );
    user
}

#[test]
fn a_wrong_value_is_shown_with_its_place_and_a_line_to_write() {
    let user = user("capabilities = { network = \"api.example.com\" }", "");
    let ended = user.mpp(&["build", "tool"]).failed(6, "MPP-B006");
    assert!(ended.stderr.contains("Cargo.toml:7:28: `package.metadata.mpp.capabilities.network`"), "{}", ended.stderr);
    assert!(ended.stderr.contains("help: write `network = [\"api.example.com\"]`"), "{}", ended.stderr);
}

#[test]
fn flags_and_code_that_do_not_fit_a_module_are_named() {
    let connecting = "if let Ok(mut stream) = std::net::TcpStream::connect(\"a.example:80\") {
        std::io::Write::write_all(&mut stream, b\"x\").unwrap();
    }";
    let user = user("", connecting);
    let mut build = user.command(&["build", "tool"]);
    build.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", "--cfg special -C target-cpu=native");
    let ended = Ended::run(&mut build).done();
    let flags = "note: compiler flags in RUSTFLAGS that are not used for the module:\n      `-Ctarget-cpu=native`: a module is not made \
                 for one processor\n";
    assert!(ended.stderr.contains(flags), "{}", ended.stderr);
    let sockets =
        "note: the module contains code of `std::net`, which fails when it runs: there are no sockets in the sandbox";
    assert!(ended.stderr.contains(sockets), "{}", ended.stderr);
    let run = user.mpp(&["lint", "tool"]).done();
    assert!(!run.stderr.contains("note: "), "notes about the build are for `mpp build`: {}", run.stderr);
}

#[test]
fn a_toolchain_that_is_not_installed_is_named() {
    let rustup = std::process::Command::new("rustup").arg("--version").output();
    assert!(rustup.is_ok_and(|ended| ended.status.success()), "the toolchain of this project is installed with rustup");
    let user = user("", "");
    let mut build = user.command(&["build", "tool"]);
    build
        .env_remove("CARGO")
        .env("RUSTUP_TOOLCHAIN", "1.2.3")
        .env("RUSTUP_AUTO_INSTALL", "0")
        .env("RUST_BACKTRACE", "1");
    let ended = Ended::run(&mut build).failed(6, "MPP-B069");
    assert!(ended.stderr.contains("the Rust toolchain `1.2.3"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("backtrace"), "{}", ended.stderr);
}
