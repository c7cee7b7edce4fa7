//! `mpp.h` agrees with the Rust side about functions, parameters and status codes, and it compiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_sdk::abi::Status;

const HEADER: &str = include_str!("../../include/mpp.h");
const GUEST: &str = include_str!("../../src/abi/guest.rs");

/// The parameters and the result of a function, as C types.
type Functions = BTreeMap<String, (Vec<(String, String)>, String)>;

fn without_comments(text: &str) -> String {
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |code, part| code + part.split_once("*/").unwrap().1)
}

fn functions_of_the_header() -> Functions {
    let code = without_comments(HEADER);
    let declarations = code.split("MPP_IMPORT(\"").skip(1);
    declarations
        .map(|declaration| {
            let (import, rest) = declaration.split_once("\")").unwrap();
            let (signature, _) = rest.split_once(");").unwrap();
            let (head, parameters) = signature.split_once('(').unwrap();
            let (returns, name) = head.trim().split_once(" mpp_").unwrap();
            assert_eq!(name, import, "the C name is the import's with `mpp_` before it");
            let parameters = parameters.split(',').map(str::trim).filter(|parameter| *parameter != "void");
            let parameters = parameters.map(|parameter| {
                let at = parameter.rfind([' ', '*']).unwrap() + 1;
                (parameter[at..].to_owned(), parameter[..at].trim().to_owned())
            });
            (name.to_owned(), (parameters.collect(), returns.trim().to_owned()))
        })
        .collect()
}

fn functions_of_rust() -> Functions {
    let (_, block) = GUEST.split_once("extern \"C\" {").unwrap();
    let (block, _) = block.split_once("\n}").unwrap();
    let c = |rust: &str| {
        let c = match rust {
            "*const u8" => "const uint8_t *",
            "*mut u8" => "uint8_t *",
            "usize" => "size_t",
            "u32" => "uint32_t",
            "i32" => "int32_t",
            "u64" => "uint64_t",
            "i64" => "int64_t",
            "" => "void",
            other => panic!("a type that C was not told about: {other}"),
        };
        c.to_owned()
    };
    block
        .split("fn ")
        .skip(1)
        .map(|function| {
            let (name, rest) = function.split_once('(').unwrap();
            let (parameters, returns) = rest.split_once(')').unwrap();
            let returns = returns.split(';').next().unwrap().trim().trim_start_matches("->").trim();
            let parameters = parameters.split(',').map(str::trim).filter(|parameter| !parameter.is_empty());
            let parameters = parameters.map(|parameter| {
                let (name, kind) = parameter.split_once(": ").unwrap();
                (name.to_owned(), c(kind))
            });
            (name.to_owned(), (parameters.collect(), c(returns)))
        })
        .collect()
}

#[test]
fn the_header_declares_the_functions_that_the_sdk_imports() {
    let header = functions_of_the_header();
    assert_eq!(header.len(), 9, "{header:?}");
    assert_eq!(header, functions_of_rust());
}

#[test]
fn the_header_has_the_status_codes_of_the_sdk() {
    let code = without_comments(HEADER);
    let (_, list) = code.split_once("enum mpp_status {").unwrap();
    let (list, _) = list.split_once('}').unwrap();
    let numbers: BTreeMap<String, i32> = list
        .split(',')
        .map(|entry| {
            let (name, number) = entry.split_once(" = ").unwrap();
            (name.trim().to_owned(), number.trim().parse().unwrap())
        })
        .collect();
    let ours = [
        ("MPP_NOT_FOUND", Status::NotFound),
        ("MPP_DENIED", Status::Denied),
        ("MPP_INVALID", Status::Invalid),
        ("MPP_FULL", Status::Full),
        ("MPP_TOO_LARGE", Status::TooLarge),
        ("MPP_CONFLICT", Status::Conflict),
        ("MPP_TIMEOUT", Status::Timeout),
        ("MPP_CONNECTION", Status::Connection),
        ("MPP_UNAVAILABLE", Status::Unavailable),
    ];
    assert_eq!(numbers, ours.map(|(name, status)| (name.to_owned(), status as i32)).into());
}

fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// Checks a file with the C compiler that Rust uses as its linker.
fn compiles(arguments: &[&str], file: &Path) {
    let mut cc = Command::new("cc");
    let output = cc.args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]).args(arguments).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_header_and_its_example_compile() {
    compiles(&["-std=c99", "-pedantic", "-x", "c"], &include().join("mpp.h"));
    compiles(&["-std=c99", "-pedantic"], &include().join("example.c"));
    compiles(&["-std=c11", "-O2", "-Wconversion"], &include().join("example.c"));
}
