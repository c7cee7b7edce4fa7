//! Typical mistakes of authors, and the message for each: what is wrong, where, and how to fix it.

use mpp_build::Project;
use mpp_host::testing::CargoLine;
use serde_json::{Value, json};

use crate::support::{crm, failure, mistake};

/// Asserts that a message contains these parts in this order, and nothing irrelevant.
fn says(said: &str, parts: &[&str]) {
    let mut rest = said;
    for part in parts {
        let Some(at) = rest.find(part) else { panic!("{part}\nis not in\n{rest}\nof\n{said}") };
        rest = &rest[at + part.len()..];
    }
    for noise in ["Compiling", "Finished", "library/", "/rustc/", "__mpp"] {
        assert!(!said.contains(noise), "`{noise}` is in\n{said}");
    }
}

#[test]
fn a_tool_that_does_not_compile() {
    let said = failure(|| mistake("uncompilable").load());
    says(
        &said,
        &[
            "`uncompilable` does not compile for `wasm32-wasip1` (MPP-B012)\n\noutput of cargo:\n  | error[E0599]: no method named `lenght`",
            "--> uncompilable/src/main.rs:4:10",
            "help: there is a method `len` with a similar name",
            "\n\nhelp: the compiler's messages above name the place",
        ],
    );
}

#[test]
fn a_program_without_tools() {
    let said = failure(|| mistake("toolless").load());
    says(&said, &["`toolless` does not answer `tools/list`: this program has no tools: mark a function with"]);
    assert_eq!(said.matches("this program has no tools").count(), 1, "{said}");
}

#[test]
fn a_program_that_is_not_a_tool() {
    let said = failure(|| mistake("greeting").load());
    says(&said, &["`greeting` does not answer `tools/list`", "`hello`"]);
}

#[test]
fn a_crate_without_a_program_and_a_missing_directory() {
    let said = failure(|| mistake("library").load());
    says(
        &said,
        &[
            "package `library` has no binary: a tool is a program whose `main` calls `mpp::serve()` (MPP-B004)",
            "help: add `src/main.rs`",
        ],
    );
    let said = failure(|| mistake("nowhere").load());
    says(&said, &["nowhere` is not a directory that can be read: no such file or directory (MPP-B001)"]);
}

#[test]
fn a_wrong_field() {
    let tool = mistake("misbehaving").load();
    let answer = tool.call("find", json!({ "query": "Ada" }));
    assert_eq!(
        failure(|| answer.assert_at("/nmae", "Ada")),
        "there is no value at `/nmae`: the result has no `nmae`; did you mean `name`?\n\n\
         the answer of `find` with {\"query\":\"Ada\"}:\n  \
           | {\n  |   \"content\": [],\n  |   \"structuredContent\": {\n  |     \"name\": \"Ada\",\n  \
           |     \"age\": 36\n  |   },\n  |   \"isError\": false\n  | }"
    );
    let answer = tool.call("find", json!({ "qurey": "Ada" }));
    assert_eq!(
        failure(|| answer.assert_at("/name", "Ada")),
        "expected a result, found the error `invalid_arguments`: the arguments do not match the tool's `parameters`\n  \
           `/qurey`: there is no such key; did you mean `query`?\n  \
           `/query`: is missing\n\n\
         the call: `find` with {\"qurey\":\"Ada\"}"
    );
}

#[test]
fn an_undeclared_host() {
    let answer = mistake("misbehaving").load().call("fetch", json!({}));
    assert_eq!(
        failure(|| answer.assert_success()),
        "expected a result, found the error `capability_denied`: the manifest does not declare the host `api.crn.example`; \
         the most similar declared host is `api.crm.example`; to allow it, write `network = [\"api.crm.example\", \
         \"api.crn.example\"]` under `[package.metadata.mpp.capabilities]` and build again\n\n\
         the call: `fetch` with {}"
    );
    answer.assert_denied("network", "api.crn.example").assert_error("capability_denied");
    says(
        &failure(|| answer.assert_denied("network", "api.crm.example")),
        &["expected a denial of the host `api.crm.example`; denied were `api.crn.example`\n\
             this line of the manifest would allow them: network = [\"api.crm.example\", \"api.crn.example\"]"],
    );
}

#[test]
fn an_undeclared_path_or_variable() {
    let tool = mistake("misbehaving").load();
    for name in ["peek", "peek_wrapped"] {
        let answer = tool.call(name, json!({ "path": "/etc/app.toml" }));
        says(
            &failure(|| answer.assert_success()),
            &[
                "found the error `capability_denied`: the manifest does not declare the path `/etc/app.toml`, which the tool tried to \
                 read; to allow it, write `filesystem = { read = [\"/etc/app.toml\"] }` under `[package.metadata.mpp.capabilities]`",
            ],
        );
        answer.assert_denied("filesystem", "/etc/app.toml");
    }
    let written = tool.call("leave", json!({ "path": "/srv/out.txt" }));
    written
        .assert_error("capability_denied")
        .assert_message_contains("`/srv/out.txt`, which the tool tried to write to");
    let coped = tool.call("cope", json!({}));
    coped.assert_text("defaults").assert_denied("filesystem", "/etc/optional.toml");
    says(
        &failure(|| coped.assert_nothing_denied()),
        &["expected no denials; denied were `/etc/optional.toml` (to read)"],
    );
    let variable = tool.call("variable", json!({}));
    variable.assert_error("capability_denied").assert_message_contains("the environment variable `UNDECLARED_KEY`");
    variable.assert_denied("env_vars", "UNDECLARED_KEY");
}

#[test]
fn a_thread() {
    let answer = mistake("misbehaving").load().call("threads", json!({}));
    let said = failure(|| answer.assert_success());
    says(
        &said,
        &[
            "found the error `tool_crashed`: the tool tried to start a thread; a tool runs on one thread\n",
            "  in `threads` at misbehaving/src/main.rs:",
        ],
    );
    assert!(!said.contains("library/std"), "{said}");
}

#[test]
fn a_request_without_any_declared_host() {
    let said = failure(|| mistake("asking").load());
    says(
        &said,
        &[
            "the tool uses `mpp::http`, but the package does not declare `network`\n  the module imports `mpp_v1::http_send`, but the manifest does not declare `capabilities.network` (MPP-G709)\n\n\
             help: write `network = [\"api.example.com\"]` under `[package.metadata.mpp.capabilities]` in `",
            "mistakes/asking/Cargo.toml`, with the hosts or the size that the tool needs",
        ],
    );
    assert_eq!(applied(&said)["capabilities"]["network"], json!(["api.example.com"]));
}

/// Returns the manifest of a project that applies the only line that a text proposes for `Cargo.toml`.
#[track_caller]
fn applied(text: &str) -> Value {
    let lines = CargoLine::all_in(text);
    let [line] = lines.as_slice() else { panic!("{} lines are proposed in: {text}", lines.len()) };
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("src")).unwrap();
    std::fs::write(dir.path().join("src/main.rs"), "fn main() {}").unwrap();
    std::fs::write(dir.path().join("Cargo.toml"), line.cargo_toml()).unwrap();
    let project = Project::find(dir.path()).unwrap_or_else(|error| panic!("{line:?} is refused: {error}"));
    project.stated_manifest()
}

#[test]
fn state_without_a_declaration() {
    let max_bytes = json!(1_048_576);
    let asked = failure(|| crm().kv("a", "b").load());
    assert!(asked.contains("its manifest does not declare `kv`"), "{asked}");
    assert_eq!(applied(&asked)["capabilities"]["kv"]["max_bytes"], max_bytes);
    let tool = crm().http("api.crm.example", |_| json!([])).load();
    let read = failure(|| tool.kv());
    assert!(read.contains("its manifest does not declare `kv`"), "{read}");
    assert_eq!(applied(&read)["capabilities"]["kv"]["max_bytes"], max_bytes);
}

#[test]
fn a_panic() {
    let answer = mistake("misbehaving").load().call("tenth", json!({ "of": [1] }));
    assert_eq!(
        failure(|| answer.assert_json(json!(1))),
        "expected a result, found the error `tool_crashed`: the tool panicked at misbehaving/src/main.rs:34:5: index out of \
         bounds: the len is 1 but the index is 9\n  \
           in `pick` at misbehaving/src/main.rs:34\n  \
           in `tenth` at misbehaving/src/main.rs:30\n\n\
         the call: `tenth` with {\"of\":[1]}"
    );
}

#[test]
fn a_loop() {
    let answer = mistake("misbehaving").load().call("spin", json!({ "forever": true }));
    let said = failure(|| answer.assert_success());
    assert_eq!(applied(&said)["runtime"]["timeout_ms"], 800);
    says(
        &said,
        &[
            "expected a result, found the error `timeout`: the call took longer than the 400 ms that `runtime.timeout_ms` allows; it was stopped\n",
            "  in `spin` at misbehaving/src/main.rs:4",
            "\nnote: look for a loop that never ends; if the tool needs more, write `runtime = { timeout_ms = 800 }` under \
             `[package.metadata.mpp]`\n",
            "the call: `spin` with {\"forever\":true}",
        ],
    );
}

#[test]
fn what_a_tool_prints_is_in_the_log() {
    let answer = mistake("misbehaving").load().call("chat", json!({ "text": "x" }));
    answer.assert_text("x");
    assert_eq!(answer.log(), "working on x\nin two parts\nand without a line break");
}

#[test]
fn a_result_that_does_not_match_its_schema() {
    let answer = mistake("misbehaving").load().call("lie", json!({}));
    assert_eq!(
        failure(|| answer.assert_at("/age", 969)),
        "expected a result, found the error `invalid_response`: the result does not match the tool's `returns`: `/age`: expected at most 150\n\n\
         the call: `lie` with {}"
    );
}

#[test]
fn personal_data_in_an_error_message() {
    let answer = mistake("misbehaving").load().call("lookup", json!({ "address": "ada@post.example" }));
    says(
        &failure(|| answer.assert_message("nobody has the address ada@post.example")),
        &[
            "the error message is not as expected\nexpected: nobody has the address ada@post.example\n   found: nobody has the \
             address [REDACTED:email]\n\
             note: the privacy filter redacts personal data for every caller. If the redaction is expected, assert it:\n  \
               .assert_redacted(\"/message\", \"email\")\n\n\
             the answer of `lookup` with {\"address\":\"ada@post.example\"}:",
            "its log:\n  | looking up [REDACTED:email]",
        ],
    );
    says(
        &failure(|| answer.assert_success()),
        &[
            "expected a result, found the error `not_found`: nobody has the address [REDACTED:email]\n\
             note: the error message contains personal data (`email`), which the privacy filter redacts for every caller. Leave it \
             out of the message, or expect the redaction:\n  .assert_redacted(\"/message\", \"email\")",
            "the call: `lookup` with",
        ],
    );
    answer.assert_redacted("/message", "email").assert_log_redacted("email");
}
