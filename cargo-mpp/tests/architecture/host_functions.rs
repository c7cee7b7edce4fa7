//! Generates what is written down about the host functions from their one table: the C header, the declarations of the Go SDK and
//! the reference in the book. `cargo xtask gen` rewrites them; without it, the test compares.

use std::fmt::Write as _;
use std::fs;

use mpp_host::host_functions::{
    Answer, GROUPS, HostFunction, INTRODUCTION, Kind, MODULE, Returned, STATUSES, find, wit_package,
};

use crate::root;

/// Width of the generated text.
const WIDTH: usize = 120;
const NOTE: &str = "generated from the table of host functions by `cargo xtask gen`";
const START: &str = "<!-- generated from the table of host functions by `cargo xtask gen` -->\n";
const END: &str = "<!-- end of what is generated -->";

/// How a language names things in the documentation.
struct Names {
    function: fn(&str) -> String,
    status: fn(&str) -> String,
    parameter: fn(&str) -> String,
}

const C: Names = Names {
    function: |name| format!("mpp_{name}"),
    status: |name| format!("MPP_{name}"),
    parameter: |name| format!("`{name}`"),
};

const GO: Names = Names {
    function: |name| format!("host{}", pascal(name)),
    status: |name| format!("status{}", pascal(&name.to_lowercase())),
    parameter: camel,
};

const PYTHON: Names = Names {
    function: |name| format!("`{name}`"),
    status: |name| format!("`{}`", name.to_lowercase()),
    parameter: |name| format!("`{name}`"),
};

const MARKDOWN: Names = Names {
    function: |name| format!("`{name}`"),
    status: |name| format!("`{name}`"),
    parameter: |name| format!("`{name}`"),
};

fn pascal(name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('_').map(capital).collect()
}

fn camel(name: &str) -> String {
    let name = pascal(name);
    name[..1].to_lowercase() + &name[1..]
}

/// Replaces the names in backticks.
fn named(text: &str, names: &Names) -> String {
    let mut parts = text.split('`');
    let mut said = parts.next().unwrap_or_default().to_owned();
    let mut is_name = true;
    for part in parts {
        match is_name {
            false => said.push_str(part),
            true if find(part).is_some() => said.push_str(&(names.function)(part)),
            true if STATUSES.iter().any(|entry| entry.name == part) => said.push_str(&(names.status)(part)),
            true => said.push_str(&(names.parameter)(part)),
        }
        is_name = !is_name;
    }
    said
}

/// Wraps documentation to lines. Indented lines stay as they are.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.is_empty() || line.starts_with(' ') {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines
}

/// Formats a comment of C: on one line if it fits, or else as a block.
fn c_comment(text: &str, indent: &str) -> String {
    let text = named(text, &C);
    let one_line = format!("{indent}/* {text} */\n");
    if !text.contains('\n') && one_line.len() <= WIDTH {
        return one_line;
    }
    let lines = wrapped(&text, WIDTH - indent.len() - 3);
    let lines = lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n");
    format!("{indent}/*\n{}{indent} */\n", lines.collect::<String>())
}

fn c_parameters(function: &HostFunction) -> Vec<String> {
    let one = |name: &str, kind: Kind| match kind {
        Kind::Bytes | Kind::OptionalBytes => {
            vec![format!("const uint8_t *{name}"), format!("size_t {name}_len")]
        }
        Kind::Buffer => vec![format!("uint8_t *{name}")],
        Kind::U32 => vec![format!("uint32_t {name}")],
        Kind::U64 => vec![format!("uint64_t {name}")],
        Kind::I64 => vec![format!("int64_t {name}")],
        other => panic!("C has no type for {other:?}"),
    };
    function.parameters.iter().flat_map(|parameter| one(parameter.name, parameter.kind)).collect()
}

fn c_declaration(function: &HostFunction) -> String {
    let result = match function.result {
        None => "void",
        Some(Returned::Length) => "size_t",
        Some(Returned::Status) => "int32_t",
        Some(other) => panic!("C has no type for {other:?}"),
    };
    let import = format!("MPP_IMPORT(\"{}\")", function.name);
    let head = format!("{result} mpp_{}(", function.name);
    let parameters = c_parameters(function);
    let list = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
    let one_line = format!("{import} {head}{list});\n");
    if one_line.len() <= WIDTH {
        return one_line;
    }
    let mut text = format!("{import}\n{head}");
    let mut column = head.len();
    for (index, parameter) in parameters.iter().enumerate() {
        if index > 0 {
            let break_here = column + 2 + parameter.len() + 2 > WIDTH;
            text.push_str(if break_here { ",\n" } else { ", " });
            column += 2;
            if break_here {
                text.push_str(&" ".repeat(head.len()));
                column = head.len();
            }
        }
        text.push_str(parameter);
        column += parameter.len();
    }
    text + ");\n"
}

/// The C header.
fn header() -> String {
    let mut text = format!(
        "/*\n * mpp.h: the MPP host functions, version 1, for tools in C, C++, Go, Zig and other languages that compile to\n * \
         WebAssembly. This file is {NOTE}.\n *\n"
    );
    for line in wrapped(&named(INTRODUCTION, &C), WIDTH - 3) {
        text.push_str(format!(" * {line}").trim_end());
        text.push('\n');
    }
    text.push_str(HEADER_EXAMPLE);
    for entry in STATUSES {
        let comma = if entry.status as i32 == -9 { "" } else { "," };
        let comment = c_comment(entry.documentation, "    ");
        writeln!(text, "{comment}    MPP_{} = {}{comma}", entry.name, entry.status as i32).unwrap();
    }
    text.push_str("};\n");
    for group in GROUPS {
        let title = format!("/* ---- {} ", group.title);
        write!(text, "\n{title}{} */\n", "-".repeat(WIDTH - 1 - title.len() - 3)).unwrap();
        if !group.documentation.is_empty() {
            write!(text, "\n{}", c_comment(group.documentation, "")).unwrap();
        }
        for function in group.functions {
            write!(text, "\n{}{}", c_comment(function.documentation, ""), c_declaration(function)).unwrap();
        }
    }
    text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* MPP_H */\n"
}

const HEADER_EXAMPLE: &str = r#" *
 *     int32_t status = mpp_kv_get(key, key_len);
 *     if (status == MPP_NOT_FOUND) { ... }
 *     size_t length = mpp_reply_len();
 *     uint8_t *value = malloc(length);
 *     mpp_reply_take(value);
 */
#ifndef MPP_H
#define MPP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* On other targets the functions are plain declarations, so that the tests of a tool can define them. */
#if defined(__wasm__)
#define MPP_IMPORT(name) __attribute__((import_module("mpp_v1"), import_name(name)))
#else
#define MPP_IMPORT(name)
#endif

/* Errors. Later versions may add values: treat every unknown value below 0 as an error. */
enum mpp_status {
"#;

fn go_comment(text: &str) -> String {
    let lines = wrapped(&named(text, &GO), WIDTH - 3);
    let commented = |line: &String| match line.strip_prefix("    ") {
        Some(example) => format!("//\t{example}\n"),
        None => format!("// {line}").trim_end().to_owned() + "\n",
    };
    lines.iter().map(commented).collect()
}

/// The imported functions of the Go SDK.
fn go_functions() -> String {
    let mut text = format!("// Code {NOTE}; DO NOT EDIT.\n\npackage mpp\n\nimport \"unsafe\"\n");
    for function in GROUPS.iter().flat_map(|group| group.functions) {
        let name = (GO.function)(function.name);
        let documentation = function.documentation;
        let verb = documentation[..1].to_lowercase() + &documentation[1..];
        let one = |name: String, kind: Kind| match kind {
            Kind::Bytes | Kind::OptionalBytes => format!("{name} unsafe.Pointer, {name}Len uint32"),
            Kind::Buffer => format!("{name} unsafe.Pointer"),
            Kind::U32 => format!("{name} uint32"),
            Kind::U64 => format!("{name} uint64"),
            Kind::I64 => format!("{name} int64"),
            other => panic!("Go has no type for {other:?}"),
        };
        let parameters: Vec<String> =
            function.parameters.iter().map(|parameter| one(camel(parameter.name), parameter.kind)).collect();
        let result = match function.result {
            None => "",
            Some(Returned::Length) => " uint32",
            Some(Returned::Status) => " int32",
            Some(other) => panic!("Go has no type for {other:?}"),
        };
        write!(
            text,
            "\n{}//\n//go:wasmimport {MODULE} {}\n//go:noescape\nfunc {name}({}){result}\n",
            go_comment(&format!("{name} {verb}")),
            function.name,
            parameters.join(", ")
        )
        .unwrap();
    }
    text
}

/// The statuses in the Go SDK.
fn go_statuses() -> String {
    let mut text = format!(
        "// Code {NOTE}; DO NOT EDIT.\n\npackage mpp\n\n// What a host function returns instead of a result.\nconst (\n"
    );
    for entry in STATUSES {
        let comment = go_comment(entry.documentation).replace("// ", "\t// ");
        writeln!(text, "{comment}\t{} int32 = {}", (GO.status)(entry.name), entry.status as i32).unwrap();
    }
    text + ")\n"
}

/// The functions and statuses in the Python SDK.
fn python_functions() -> String {
    let mut text = format!(
        "\"\"\"The functions of the host. This file is {NOTE}.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import Protocol\n\n\
         #: What a function can fail with, in the order of the host's numbers.\nSTATUSES = (\n"
    );
    for entry in STATUSES {
        writeln!(text, "    \"{}\",  # {}", entry.name.to_lowercase(), entry.documentation).unwrap();
    }
    text.push_str(")\n\n#: The interface of each function, and the capability that it needs.\nINTERFACES = {\n");
    let functions: Vec<_> =
        GROUPS.iter().flat_map(|group| group.functions).filter(|found| found.answer.is_some()).collect();
    for function in &functions {
        let Some(capability) = function.capability else { continue };
        writeln!(text, "    \"{}\": (\"{}\", \"{}\"),", function.name, capability.interface(), capability.name())
            .unwrap();
    }
    text.push_str("}\n\n\nclass HostFunctions(Protocol):\n    \"\"\"What the host does for a tool.\"\"\"\n");
    for function in functions {
        let one = |kind: Kind| match kind {
            Kind::Bytes => "bytes",
            Kind::OptionalBytes => "bytes | None",
            Kind::U32 | Kind::U64 | Kind::I64 => "int",
            other => panic!("Python has no type for {other:?}"),
        };
        let parameters = function.parameters.iter().map(|found| format!(", {}: {}", found.name, one(found.kind)));
        let result = match function.answer {
            Some(Answer::Nothing) => "None",
            Some(Answer::Bytes) => "bytes",
            Some(Answer::Flag) => "bool",
            Some(Answer::Keys) => "list[bytes]",
            Some(Answer::Number) => "int",
            other => panic!("Python has no type for {other:?}"),
        };
        let summary = function.documentation.split_once(". ").map_or(function.documentation, |(first, _)| first);
        let summary = named(summary, &PYTHON);
        let parameters = parameters.collect::<String>();
        write!(
            text,
            "\n    def {}(self{parameters}) -> {result}:\n        \"\"\"{}.\"\"\"\n        ...\n",
            function.name,
            summary.trim_end_matches('.')
        )
        .unwrap();
    }
    text
}

/// The reference in the book.
fn reference() -> String {
    let mut text = "\n| function | requires | result |\n|---|---|---|\n".to_owned();
    for function in GROUPS.iter().flat_map(|group| group.functions) {
        let requires = function.capability.map_or("–".to_owned(), |capability| format!("`{}`", capability.name()));
        writeln!(text, "| `{}` | {requires} | {} |", function.name, function.outcome).unwrap();
    }
    text.push_str("\n| status | number | meaning |\n|---|---|---|\n");
    for entry in STATUSES {
        writeln!(text, "| `{}` | `{}` | {} |", entry.name, entry.status as i32, named(entry.documentation, &MARKDOWN))
            .unwrap();
    }
    for group in GROUPS {
        write!(text, "\n## {}\n", group.title).unwrap();
        let paragraphs = |text: &mut String, documentation: &str| {
            for block in wrapped(&named(documentation, &MARKDOWN), WIDTH) {
                text.push_str(&block);
                text.push('\n');
            }
        };
        if !group.documentation.is_empty() {
            text.push('\n');
            paragraphs(&mut text, group.documentation);
        }
        for function in group.functions {
            let declaration = c_declaration(function);
            let (_, c) = declaration.split_once([' ', '\n']).unwrap();
            let c = c.trim_end().replace("\n", " ");
            let c = c.split_whitespace().collect::<Vec<_>>().join(" ");
            write!(text, "\n**`{}`** – `{c}`\n\n", function.name).unwrap();
            paragraphs(&mut text, function.documentation);
        }
    }
    text + "\n"
}

#[test]
fn what_is_written_about_the_host_functions_is_current() {
    let page = "book/src/host-functions.md";
    let found = fs::read_to_string(root().join(page)).unwrap();
    let (before, rest) = found.split_once(START).unwrap_or_else(|| panic!("{page} has no line `{START}`"));
    let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{page} has no line `{END}`"));
    let files = [
        ("mpp-sdk/include/mpp.h", header()),
        ("mpp-sdk/languages/c/mpp.h", header()),
        ("mpp-sdk/languages/go/host_wasip1.go", go_functions()),
        ("mpp-sdk/languages/go/status.go", go_statuses()),
        ("mpp-sdk/languages/python/mpp/_functions.py", python_functions()),
        ("mpp-sdk/include/mpp-host.wit", format!("// {}{}\n{}", NOTE[..1].to_uppercase(), &NOTE[1..], wit_package())),
        (page, format!("{before}{START}{}{END}{after}", reference())),
    ];
    for (path, expected) in files {
        let path = root().join(path);
        if std::env::var_os("MPP_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &expected).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{} is not current; run `cargo xtask gen`", path.display());
    }
}
