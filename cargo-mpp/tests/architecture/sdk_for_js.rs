//! Generates what the SDK for JavaScript and its engine know about the host functions, from their one table. `cargo xtask gen` rewrites
//! the files; without it, the tests compare. The engine that is in the repository is the one that was built last.

use std::fmt::Write as _;
use std::fs;

use mpp_host::host_functions::{HostFunction, Kind, Parameter, STATUSES, all};
use sha2::{Digest as _, Sha256};

use crate::root;

const NOTE: &str = "generated from the table of host functions by `cargo xtask gen`";

/// The declaration of the variable for a parameter.
fn variable(parameter: &Parameter) -> String {
    let name = parameter.name;
    match parameter.kind {
        Kind::Bytes | Kind::OptionalBytes => format!("mpp_bytes {name} = {{0}};"),
        Kind::U32 => format!("uint32_t {name};"),
        Kind::U64 => format!("uint64_t {name};"),
        Kind::I64 => format!("int64_t {name};"),
        other => panic!("JavaScript has no value for {other:?}"),
    }
}

/// How an argument is read.
fn reader(parameter: &Parameter) -> &'static str {
    match parameter.kind {
        Kind::Bytes | Kind::OptionalBytes => "bytes",
        Kind::U32 => "u32",
        Kind::U64 => "u64",
        Kind::I64 => "i64",
        other => panic!("JavaScript has no value for {other:?}"),
    }
}

fn is_bytes(parameter: &&Parameter) -> bool {
    matches!(parameter.kind, Kind::Bytes | Kind::OptionalBytes)
}

/// A function of C that calls a function of the host for a script.
fn native(function: &HostFunction) -> String {
    let name = function.name;
    let mut text = format!(
        "\nstatic JSValue host_{name}(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {{\n"
    );
    for parameter in function.parameters {
        writeln!(text, "    {}", variable(parameter)).unwrap();
    }
    let read = function.parameters.iter().enumerate().map(|(index, parameter)| {
        format!("mpp_to_{}(ctx, &{}, arguments[{index}])", reader(parameter), parameter.name)
    });
    let given = function.parameters.iter().map(|parameter| match reader(parameter) {
        "bytes" => format!("{0}.at, {0}.length", parameter.name),
        _ => parameter.name.to_owned(),
    });
    writeln!(
        text,
        "    JSValue result = JS_EXCEPTION;\n    if ({}) {{\n        result = JS_NewInt32(ctx, mpp_{name}({}));\n    }}",
        read.collect::<Vec<_>>().join(" &&\n        "),
        given.collect::<Vec<_>>().join(", ")
    )
    .unwrap();
    for parameter in function.parameters.iter().filter(is_bytes) {
        writeln!(text, "    mpp_free_bytes(ctx, &{});", parameter.name).unwrap();
    }
    text + "    return result;\n}\n"
}

/// The functions of the host in the engine, except for those of the reply, which the engine itself calls.
fn natives() -> String {
    let mut text = format!(
        "/* host_functions.c: the functions of the host as functions of the object `__mpp_v1`. This file is\n   {NOTE}. */\n\
         #include \"mpp.h\"\n#include \"natives.h\"\n"
    );
    let functions: Vec<&HostFunction> = all().filter(|function| function.capability.is_some()).collect();
    for function in &functions {
        text.push_str(&native(function));
    }
    text.push_str("\nstatic const JSCFunctionListEntry FUNCTIONS[] = {\n");
    for HostFunction { name, parameters, .. } in functions {
        writeln!(text, "    JS_CFUNC_DEF(\"{name}\", {}, host_{name}),", parameters.len()).unwrap();
    }
    text + "};\n\nvoid mpp_add_host_functions(JSContext *ctx, JSValueConst object) {\n    \
            JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);\n}\n"
}

/// The statuses in the SDK.
fn statuses() -> String {
    let mut text = format!("// What a host function returns instead of a result. This file is {NOTE}.\n");
    for entry in STATUSES {
        write!(
            text,
            "\n/** {} */\nexport const {} = {};\n",
            entry.documentation.replace('`', ""),
            entry.name,
            entry.status as i32
        )
        .unwrap();
    }
    text
}

#[test]
fn what_the_sdk_for_js_knows_of_the_host_functions_is_current() {
    let files = [
        ("mpp-sdk/languages/js/engine/host_functions.c", natives()),
        ("mpp-sdk/languages/js/src/status.js", statuses()),
    ];
    for (path, expected) in files {
        let path = root().join(path);
        if std::env::var_os("MPP_BLESS").is_some() {
            fs::write(&path, &expected).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{} is not current; run `cargo xtask gen`", path.display());
    }
}

/// The digests are those of the sources and of the module that was built from them. Building it again takes a compiler, so another test of CI
/// does that.
#[test]
fn the_engine_for_js_was_built_from_its_sources() {
    let dir = root().join("mpp-sdk/languages/js/engine");
    let listed = fs::read_to_string(dir.join("digests")).unwrap();
    let mut names = Vec::new();
    for line in listed.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        let found = hex::encode(Sha256::digest(fs::read(dir.join(name)).unwrap()));
        assert_eq!(found, digest, "{name} has changed: run `mpp-sdk/languages/js/engine/build`");
        names.push(name);
    }
    assert!(names.contains(&"engine.wasm") && names.contains(&"engine.c"), "{names:?}");
}
