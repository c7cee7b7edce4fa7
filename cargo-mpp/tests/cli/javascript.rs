//! Projects in JavaScript: what is missing, what the bundler and the engine say, and a tool that runs. Node and the bundler are scripts;
//! the engine is the real one.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::languages::Machine;
use crate::support::Ended;

/// A bundler that copies the file, whose lines are then those of the bundle.
const BUNDLER: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo 0.28.2; exit; fi
for argument; do
    case "$argument" in
        --outfile=*) out=${argument#--outfile=} ;;
        --*) ;;
        *) entry=$argument ;;
    esac
done
if read -r first <"$entry" && [ "$first" = "// FAIL" ]; then
    echo 'Could not resolve "node:fs"' >&2
    exit 1
fi
/bin/cp "$entry" "$out"
printf '{"version": 3, "sources": ["../../src/tool.js"], "mappings": "AAAA;AACA;AACA;AACA;AACA;AACA;AACA;AACA"}' >"$out.map"
"#;

/// A tool without the SDK.
const TOOL: &str = r#"const tools = [{ name: "greet", description: "Greet.", parameters: { type: "object" } }];
__mpp_v1.handle = async ({ method, params }) => {
  if (method === "tools/call" && params.arguments.fail) { null.member; }
  const result = method === "tools/list" ? { tools } : { content: [{ type: "text", text: "hello" }], isError: false };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, result });
};
"#;

fn machine() -> Machine {
    let machine = Machine::new();
    machine.program("node", "echo v20.1.0");
    machine.0.write("js/package.json", r#"{"source": "src/tool.js"}"#);
    machine.0.write("js/manifest.json", r#"{"name": "js", "version": "1.0.0"}"#);
    let bundler = "js/node_modules/esbuild/bin/esbuild";
    machine.0.write(bundler, BUNDLER);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(machine.0.dir().join(bundler), executable).expect("executable");
    machine.0.write("js/src/tool.js", TOOL);
    machine
}

#[test]
fn what_a_project_in_js_lacks_is_named_with_how_to_install_it() {
    let machine = machine();
    std::fs::remove_dir_all(machine.0.dir().join("js/node_modules")).expect("removed");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B080");
    assert!(failed.stderr.contains("has no `esbuild` in its `node_modules`"), "{}", failed.stderr);
    assert!(failed.stderr.contains("run `npm install --save-dev esbuild`"), "{}", failed.stderr);
    machine.0.write("js/package.json", r#"{"source": "src/tool.js", "devDependencies": {"esbuild": "*"}}"#);
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B080");
    assert!(failed.stderr.contains("run `npm install` in the directory"), "{}", failed.stderr);
    machine.program("node", "echo v16.20.2");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B081");
    assert!(failed.stderr.contains("is v16.20.2, which is too old"), "{}", failed.stderr);
    std::fs::remove_file(machine.0.dir().join("bin/node")).expect("removed");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B080");
    assert!(failed.stderr.contains("there is no `node` on the `PATH`"), "{}", failed.stderr);
    let failed = machine.mpp(&["doctor", "--lang", "js"]).failed(6, "MPP-C027");
    assert!(failed.stdout.contains("JavaScript and TypeScript: not usable\n  missing: node\n"), "{}", failed.stdout);
}

#[test]
fn a_tool_in_js_runs_on_the_engine() {
    let machine = machine();
    let answer = machine.mpp(&["run", "js"]).done();
    assert!(answer.stdout.contains("hello"), "{}", answer.stdout);
    machine.mpp(&["build", "js"]).done();
    let inspected = machine.mpp(&["inspect", "js/target/mpp/js-1.0.0.dev.mpp", "--format", "json"]).done().json();
    assert_eq!(inspected["toolchain"]["compiler"], "esbuild 0.28.2");
    assert_eq!(inspected["libraries"], json!([{ "name": "quickjs-ng", "version": "0.16.2", "license": "MIT" }]));
    let shown = machine.mpp(&["inspect", "js/target/mpp/js-1.0.0.dev.mpp", "-v"]).done();
    assert!(shown.stdout.contains("libraries     1: MIT\n    quickjs-ng 0.16.2  MIT\n"), "{}", shown.stdout);
}

#[test]
fn errors_of_a_tool_in_js_name_the_line_of_its_source() {
    let machine = machine();
    let failed = machine.mpp(&["run", "js", "--args", r#"{"fail": true}"#]);
    assert!(failed.stderr.contains("src/tool.js:3)"), "{}", failed.stderr);
    machine.0.write("js/src/tool.js", format!("{TOOL}\nthrow new Error('at once');\n"));
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B020");
    assert!(failed.stderr.contains("Error: at once (src/tool.js:8)"), "{}", failed.stderr);
    machine.0.write("js/src/tool.js", "export {};\n");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B020");
    assert!(failed.stderr.contains("the script registers no tools"), "{}", failed.stderr);
}

#[test]
fn what_the_engine_does_not_know_is_an_error_of_the_build() {
    let machine = machine();
    machine.0.write("js/src/tool.js", "let a;\nlet b = ;\n");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B086");
    assert!(failed.stderr.contains("SyntaxError") && failed.stderr.contains("(src/tool.js:2)"), "{}", failed.stderr);
    machine.0.write("js/src/tool.js", "// FAIL\n");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B085");
    assert!(failed.stderr.contains("needs the module `node:fs` of Node"), "{}", failed.stderr);
}

/// A tool that calls functions of the engine for files, and answers with what each of them returned.
const FILES: &str = r#"const tools = [{ name: "files", description: "Files.", parameters: { type: "object" } }];
const written = (found) => (found instanceof Uint8Array ? Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("") : found);
__mpp_v1.handle = async ({ method, params }) => {
  let result = { tools };
  if (method === "tools/call") {
    const { calls, big, denied } = params.arguments;
    if (denied) {
      const data = { kind: "capability_denied", path: denied };
      __mpp_v1.fs_write(denied, "x", 0), __mpp_v1.fs_stat("/in/none", true);
      return JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -31001, message: "no", data } });
    }
    let answers;
    if (big) {
      const bytes = new Uint8Array(big).fill(7);
      answers = [__mpp_v1.fs_write("/out/big", bytes, 0), __mpp_v1.fs_read("/out/big", 0, -1).length, __mpp_v1.fs_read("/out/big", big - 2, 9).length];
    } else {
      answers = calls.map(([name, ...given]) => written(__mpp_v1[`fs_${name}`](...given)));
    }
    result = { content: [{ type: "text", text: JSON.stringify(answers) }], isError: false };
  }
  return JSON.stringify({ jsonrpc: "2.0", id: 1, result });
};
"#;

/// A project with this tool, which may read `/in` and change `/out`, and what it is run with.
fn with_files(machine: &Machine, arguments: &Value) -> Ended {
    machine.0.write("js/src/tool.js", FILES);
    let files = json!({ "read": ["/in"], "write": ["/out"] });
    let manifest = json!({ "name": "js", "version": "1.0.0", "runtime": { "memory_limit_mb": 32 }, "capabilities": { "filesystem": files } });
    machine.0.write("js/manifest.json", manifest.to_string());
    machine.0.write("in/text", "Gr\u{fc}\u{df}e");
    machine.0.write("out/old", "old");
    let (given, out) = (machine.0.dir().join("in"), machine.0.dir().join("out"));
    let [given, out] = [("/in", given), ("/out", out)].map(|(name, path)| format!("{name}={}", path.display()));
    machine.mpp(&["run", "js", "--args", &arguments.to_string(), "--dir", &given, "--dir", &out, "--yes"])
}

#[test]
fn a_tool_in_js_reads_and_writes_declared_files() {
    let machine = machine();
    let answers = |calls: Value| -> Value {
        let ended = with_files(&machine, &json!({ "calls": calls })).done();
        serde_json::from_str(ended.stdout.trim()).unwrap_or_else(|error| panic!("{error}: {}", ended.stdout))
    };
    let found = answers(json!([
        ["read", "/in/text", 0, -1],
        ["read", "/in/text", 2, 2],
        ["read", "/in/text", 99, 2],
        ["write", "/out/new", "a\u{e9}", 0],
        ["write", "/out/new", "b", 1],
        ["write", "/out/new", "c", 2],
        ["read", "out/new", 0, -1],
        ["mkdir", "/out/dir"],
        ["rename", "/out/new", "/out/dir/moved"],
        ["list", "/out/dir"],
        ["rmdir", "/out/dir"],
        ["unlink", "/out/dir/moved"],
        ["rmdir", "/out/dir"],
        ["list", "/out"],
    ]));
    let moved = json!(["moved", 1]);
    let expected = json!(["4772c3bcc39f65", "c3bc", "", 0, 0, -20, "61c3a962", 0, 0, moved, -55, 0, 0, ["old", 1]]);
    assert_eq!(found, expected);
    let found = answers(json!([
        ["stat", "/in/text", true],
        ["stat", "/in", true],
        ["read", "/in", 0, -1],
        ["list", "/in/text"]
    ]));
    assert_eq!((&found[0][0], &found[0][1], &found[1][0]), (&json!(1), &json!(7), &json!(2)));
    assert!(found[0][2].as_f64().is_some_and(|changed| changed > 1.6e12), "{found}");
    assert_eq!((&found[2], &found[3]), (&json!(-31), &json!(-54)));
    // What is missing, outside of what is declared, or declared for reading only.
    let refused = answers(json!([
        ["read", "/in/none", 0, -1],
        ["read", "/etc/passwd", 0, -1],
        ["read", "/in/../etc/passwd", 0, -1],
        ["list", "/"],
        ["write", "/in/text", "x", 0],
        ["unlink", "/in/text"],
        ["rename", "/out/old", "/in/old"],
    ]));
    assert_eq!(refused, json!([-44, -76, -63, -76, -76, -76, -76]));
}

#[test]
fn a_denied_path_in_js_is_told_as_in_rust() {
    let machine = machine();
    let ended = with_files(&machine, &json!({ "denied": "/etc/app.toml" })).failed(4, "MPP-R104");
    let words = "does not declare the path `/etc/app.toml`, which the tool tried to write to";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    // Another failure came after the denial, and it is still told apart.
    let ended = with_files(&machine, &json!({ "denied": "/in/text" })).failed(4, "MPP-R104");
    let words = "declares `/in` for reading only, and the tool tried to write to `/in/text`";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
}

#[test]
fn a_large_file_in_js_is_read_within_the_memory_of_the_tool() {
    let machine = machine();
    let ended = with_files(&machine, &json!({ "big": 7 * 1024 * 1024 })).done();
    assert_eq!(ended.stdout.trim(), "[0,7340032,2]");
    let ended = with_files(&machine, &json!({ "big": 20 * 1024 * 1024 })).failed(5, "MPP-R106");
    assert!(
        ended.stderr.contains("write `\"runtime\": {\"memory_limit_mb\":64}` of `manifest.json`"),
        "{}",
        ended.stderr
    );
}

/// A Node that stands in for componentize-js: it writes what it is given, and a component or an exception.
const NODE: &str = r#"case $1 in --version) echo v20.1.0; exit;; esac
echo "$*" >arguments
for last; do if [ "$before" = --out ]; then out=$last; fi; before=$last; done
if /bin/grep -q FAIL script.js; then
    echo 'Error: Failed to initialize component:' >&2
    echo 'Exception while evaluating top-level script' >&2
    echo 'script.js:3:7 Error: at once' >&2
    echo '    at componentize (x)' >&2
    exit 1
fi
/bin/cp COMPONENT "$out""#;

/// A project that chooses StarlingMonkey, with componentize-js in this version.
fn on_starlingmonkey(version: &str) -> Machine {
    let machine = machine();
    let component = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../mpp-testkit/crates/mpp-host/tests/components/client/built/component.wasm"
    );
    machine.program("node", &NODE.replace("COMPONENT", component));
    machine.0.write("js/package.json", r#"{"source": "src/tool.js", "mpp": {"engine": "starlingmonkey"}}"#);
    let tool = r#"{"name": "run", "description": "Run.", "parameters": {"type": "object"}}"#;
    let capabilities = r#"{"network": ["a.example"]}"#;
    machine.0.write(
        "js/manifest.json",
        format!(
            r#"{{"name": "js", "version": "1.0.0", "capabilities": {capabilities}, "tool_definitions": [{tool}]}}"#
        ),
    );
    let package = format!(r#"{{"version": "{version}"}}"#);
    machine.0.write("js/node_modules/@bytecodealliance/componentize-js/package.json", package);
    for file in ["globals.js", "starlingmonkey.js"] {
        machine.0.write(&format!("js/node_modules/@mpp-protocol/sdk/src/{file}"), "");
    }
    machine
}

#[test]
fn a_project_can_choose_starlingmonkey_and_becomes_a_component() {
    let machine = on_starlingmonkey("0.23.0");
    machine.mpp(&["build", "js"]).done();
    let inspected = machine.mpp(&["inspect", "js/target/mpp/js-1.0.0.dev.mpp", "--format", "json"]).done().json();
    assert_eq!(inspected["manifest"]["runtime"]["type"], "wasm32-wasip2");
    assert_eq!(inspected["toolchain"]["compiler"], "componentize-js 0.23.0");
    let file = |name: &str| {
        let path = machine.0.dir().join("js/target/mpp/js.starlingmonkey").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let arguments = file("arguments");
    assert!(arguments.contains("/componentize-js/src/cli.js script.js --wit wit --world-name tool"), "{arguments}");
    assert!(file("wit/world.wit").contains("import mpp:host/http@1.0.0;"));
    assert!(!file("wit/world.wit").contains("mpp:host/kv"));
    assert!(
        file("script.js").ends_with("globalThis.__mpp_v1.lines = \"F src/tool.js\\nR 1 0 1\\n\";\n"),
        "{}",
        file("script.js")
    );
    // Nothing has changed, so that the component is not made again.
    machine.0.write("js/target/mpp/js.starlingmonkey/arguments", "not again");
    machine.mpp(&["build", "js"]).done();
    assert_eq!(file("arguments"), "not again");
}

#[test]
fn what_starlingmonkey_needs_is_named() {
    let machine = on_starlingmonkey("0.19.3");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B081");
    assert!(failed.stderr.contains("is 0.19.3, which is too old"), "{}", failed.stderr);
    std::fs::remove_dir_all(machine.0.dir().join("js/node_modules/@bytecodealliance")).expect("removed");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B080");
    assert!(
        failed.stderr.contains("has no `@bytecodealliance/componentize-js` in its `node_modules`"),
        "{}",
        failed.stderr
    );
    assert!(
        failed.stderr.contains(
            "`npm install --save-dev @bytecodealliance/componentize-js @bytecodealliance/preview2-shim@0.17`"
        ),
        "{}",
        failed.stderr
    );
    machine.0.write("js/package.json", r#"{"source": "src/tool.js", "mpp": {"engine": "v8"}}"#);
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B006");
    assert!(failed.stderr.contains("expected `quickjs` or `starlingmonkey`, found `\"v8\"`"), "{}", failed.stderr);
}

#[test]
fn an_exception_at_the_top_of_a_script_is_an_error_of_the_build() {
    let machine = on_starlingmonkey("0.23.0");
    // The stand-in for the bundler copies the generated file, which contains the name of the author's.
    machine.0.write("js/package.json", r#"{"source": "src/FAIL.js", "mpp": {"engine": "starlingmonkey"}}"#);
    machine.0.write("js/src/FAIL.js", TOOL);
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B086");
    assert!(failed.stderr.contains("src/tool.js:3 Error: at once"), "{}", failed.stderr);
    assert!(!machine.0.dir().join("js/target/mpp/js.starlingmonkey/component.wasm").exists());
}
