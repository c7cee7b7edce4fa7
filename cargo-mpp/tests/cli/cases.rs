//! `mpp test`: test cases in files, for projects in any language. The modules are written by hand.

use serde_json::json;

use crate::support::{Ended, User, text_of};

/// A project with a finished module.
struct Project(User);

impl Project {
    /// A project whose module answers everything with this result, and then runs `code`.
    fn new(result: serde_json::Value, code: &str) -> Self {
        let project = Self(User::new());
        let tool = json!({"name": "greet", "description": "Greet.",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": false}});
        let manifest = json!({"name": "tool", "version": "1.0.0", "description": "A tool.", "build": {"output": "tool.wasm"},
            "capabilities": {"kv": {"max_bytes": 1000}, "network": ["api.example.com"], "env_vars": ["KEY"]},
            "tool_definitions": [tool]});
        let mut result = result;
        result["tools"] = json!([tool]);
        let line = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
        let imports =
            r#"(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32))) (memory"#;
        let text = text_of(&line, code).replacen("(memory", imports, 1);
        project.0.write("manifest.json", manifest.to_string());
        project.0.write("tool.wasm", wat::parse_str(text).expect("wat"));
        project
    }

    fn cases(&self, text: &str) -> &Self {
        self.0.write("tests/greet.yaml", format!("given: {{ env: {{ KEY: a value for tests }} }}\ncases:\n{text}"));
        self
    }

    fn test(&self, arguments: &[&str]) -> Ended {
        self.0.mpp(&[&["test"], arguments].concat())
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.0.dir().join("tests/greet.yaml")).expect("a file")
    }
}

fn greeting() -> serde_json::Value {
    json!({"content": [], "structuredContent": {"text": "Hello, ada@post.example!", "times": 2}, "isError": false})
}

const TWO: &str = r#"
  - name: greets
    tool: greet
    arguments: { name: Ada }
    expect: { result: { text: "Hello, [REDACTED:email]!", times: 2 } }
  - name: counts # a comment
    tool: greet
    arguments: { name: Ada }
    expect:
      partial: { times: 3 }
"#;

#[test]
fn each_case_passes_or_shows_what_differs() {
    let project = Project::new(greeting(), "");
    let failed = project.cases(TWO).test(&[]).failed(1, "MPP-R710");
    assert!(failed.stdout.contains("  ok      greets\n  FAILED  counts (tests/greet.yaml:8)\n"), "{}", failed.stdout);
    assert!(
        failed
            .stdout
            .contains("    the result does not contain what is expected:\n      `/times`: expected 3, found 2\n"),
        "{}",
        failed.stdout
    );
    assert!(failed.stdout.ends_with("2 cases: 1 passed, 1 failed\n"), "{}", failed.stdout);
    assert!(failed.stderr.contains("1 of 2 test cases failed"), "{}", failed.stderr);
    let document = project.test(&["--format", "json"]).json();
    assert_eq!(document["counts"], json!({"passed": 1, "failed": 1, "skipped": 0}));
    assert_eq!(
        document["files"][0]["cases"][1]["mismatches"][0]["differences"],
        json!([{"pointer": "/times", "expected": 3, "found": 2}])
    );
    assert_eq!(document["error"]["exit_code"], 1);
    let passed = project.test(&["--filter", "greets"]).done();
    assert_eq!(passed.stdout, "tests/greet.yaml\n  ok      greets\n1 case: 1 passed\n");
}

#[test]
fn junit_has_a_case_for_each_case() {
    let project = Project::new(greeting(), "");
    let failed = project.cases(TWO).test(&["--format", "junit"]).failed(1, "MPP-R710");
    assert!(
        failed.stdout.contains("<testsuite name=\"tests/greet.yaml\" tests=\"2\" failures=\"1\" skipped=\"0\""),
        "{}",
        failed.stdout
    );
    assert!(failed.stdout.contains("name=\"greets\""), "{}", failed.stdout);
    assert!(failed.stdout.contains("`/times`: expected 3, found 2"), "{}", failed.stdout);
}

#[test]
fn update_writes_what_was_found_and_leaves_the_rest() {
    let project = Project::new(greeting(), "");
    project.cases(&format!("{TWO}  - name: is new\n    tool: greet\n    arguments: {{ name: Bob }}\n"));
    let updated = project.test(&["--update"]).done();
    assert!(updated.stdout.contains("  updated counts\n    /expect/partial/times: 3 is now 2\n"), "{}", updated.stdout);
    assert!(updated.stdout.contains("  updated is new\n    /expect: nothing is now "), "{}", updated.stdout);
    let text = project.text();
    assert!(text.contains("  - name: counts # a comment\n"), "{text}");
    assert!(text.contains("      partial: { times: 2 }\n"), "{text}");
    assert!(
        text.contains("    expect:\n      result:\n        text: \"Hello, [REDACTED:email]!\"\n        times: 2\n"),
        "{text}"
    );
    assert!(project.test(&[]).done().stdout.ends_with("3 cases: 3 passed\n"));
    let again = project.test(&["--update"]).done();
    assert!(!again.stdout.contains("updated"), "{}", again.stdout);
    assert_eq!(project.text(), text);
}

#[test]
fn a_mistake_in_a_file_is_named_with_its_line_before_anything_is_built() {
    let project = Project::new(greeting(), "");
    project.0.write("tool.wasm", "not a module");
    let failed =
        project.cases("  - name: greets\n    tool: greet\n    expect: { reslt: 1 }\n").test(&[]).failed(2, "MPP-R702");
    assert!(failed.stderr.contains("there is no key `reslt`; did you mean `result`?"), "{}", failed.stderr);
    assert!(failed.stderr.contains("--> tests/greet.yaml:5"), "{}", failed.stderr);
    project.cases("  []\n").test(&[]).failed(2, "MPP-R703");
    let failed = project.cases(TWO).test(&["--filter", "gone"]).failed(2, "MPP-R705");
    assert!(failed.stderr.contains("tests/greet.yaml: counts"), "{}", failed.stderr);
    std::fs::remove_dir_all(project.0.dir().join("tests")).expect("removed");
    let failed = project.test(&[]).failed(2, "MPP-R704");
    assert!(failed.stderr.contains("cases:\n") && failed.stderr.contains("`mpp test --update`"), "{}", failed.stderr);
}

#[test]
fn a_fixture_in_the_directory_is_not_a_file_of_cases() {
    let project = Project::new(greeting(), "");
    project.0.write("tests/http.json", r#"{"exchanges": []}"#);
    project.cases(TWO).test(&["--filter", "greets"]).done();
    project.0.write("tests/other.json", r#"{"exchange": []}"#);
    project.test(&[]).failed(2, "MPP-R702");
}

#[test]
fn what_a_case_cannot_have_fails_it_with_the_reason() {
    let project = Project::new(greeting(), "");
    let case = |given: &str| {
        format!(
            "  - name: greets\n    tool: greet\n    arguments: {{ name: Ada }}\n    given: {given}\n    expect: {{}}\n"
        )
    };
    for (given, said) in [
        ("{ env: { KEYS: x } }", "KEYS"),
        ("{ files: { /data/a: x } }", "the manifest does not declare `/data/a`"),
        ("{ faults: [{ kind: dns_failure, host: other.example.com }] }", "a host that the manifest does not declare"),
        ("{ fixtures: [none.json] }", "the fixture `none.json` cannot be read"),
        ("{ kv: { a: \"x\" }, faults: [{ kind: disk_full }] }", "can never happen"),
    ] {
        let failed = project.cases(&case(given)).test(&[]).failed(1, "MPP-R710");
        assert!(failed.stdout.contains(said) && failed.stdout.contains("(MPP-R706)"), "{given}: {}", failed.stdout);
        assert!(failed.stdout.contains("tests/greet.yaml:"), "{}", failed.stdout);
    }
}

#[test]
fn expectations_about_errors_state_and_skipped_cases() {
    let project = Project::new(greeting(), "");
    let cases = r#"
  - name: refuses a missing name
    tool: greet
    expect: { error: { code: invalid_arguments, data: { pointer: /name } } }
  - name: suggests a tool
    tool: gret
    expect: { error: { code: MPP-R101, message: did you mean `greet`? } }
  - name: keeps the state
    tool: greet
    arguments: { name: Ada }
    given: { kv: { count: "7", entry: { id: 1 } } }
    expect: { kv: { count: "7", entry: { id: 1 } }, requests: [] }
  - name: expects what is not so
    tool: greet
    arguments: { name: Ada }
    expect: { error: { code: none }, denied: { network: other.example }, log: [nothing], kv: { a: 1 }, requests: [GET x] }
  - name: is for later
    tool: greet
    skip: not yet
"#;
    let failed = project.cases(cases).test(&[]).failed(1, "MPP-R710");
    assert!(failed.stdout.ends_with("5 cases: 3 passed, 1 failed, 1 skipped\n"), "{}", failed.stdout);
    for said in [
        "expected the error `none`, found a result",
        "expected a denial of the host `other.example`; nothing was denied",
        "the log does not contain `nothing`",
        "the whole value: expected {\"a\":1}, found {}",
        "the whole value: expected [\"GET x\"], found []",
        "skipped is for later: not yet",
    ] {
        assert!(failed.stdout.contains(said), "{said} is not in\n{}", failed.stdout);
    }
}

#[test]
fn a_crash_and_a_hang_end_and_are_not_recorded() {
    // The module answers the list, and traps or hangs only if it is called: the request is then longer.
    let read = |code: &str| {
        format!(
            r#"(i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 4096))
               (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
               (if (i32.gt_u (i32.load (i32.const 16)) (i32.const 60)) (then {code}))"#
        )
    };
    for (code, said) in [("unreachable", "tool_crashed"), ("(loop $again (br $again))", "timeout")] {
        let project = Project::new(greeting(), &read(code));
        let case = "  - name: greets\n    tool: greet\n    arguments: { name: Ada }\n    given: { limits: { timeout_ms: 1000 } }\n";
        let failed = project.cases(case).test(&["--update"]).failed(1, "MPP-R710");
        assert!(failed.stdout.contains(said), "{said} is not in\n{}", failed.stdout);
        assert!(!project.text().contains("expect"), "{}", project.text());
        project.cases(&format!("{case}    expect: {{ error: {{ code: {said} }} }}\n")).test(&[]).done();
    }
}

#[test]
fn the_schema_describes_the_files_of_the_templates_and_examples() {
    let schema = User::new().mpp(&["schema", "test"]).done().json();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json!({"cases": [{"name": "a", "tool": "t", "expect": {"result": null}}]})));
    assert!(!validator.is_valid(&json!({"cases": [{"name": "a", "tool": "t", "expects": {}}]})));
    assert!(!validator.is_valid(&json!({"cases": [{"tool": "t"}]})));
    assert!(!schema.to_string().contains("\"null\""), "{schema:#}");
}

#[test]
fn examples_pass_their_cases() {
    let _turn = crate::support::one_workspace_at_a_time();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent");
    for (example, cases) in [("crm-lookup", 5), ("notes", 3)] {
        let user = User::new();
        let dir = root.join("examples").join(example).display().to_string();
        let mut command = user.command(&["test", &dir]);
        command.env("CARGO_TARGET_DIR", crate::projects::target_dir()).env("CARGO_NET_OFFLINE", "true");
        let passed = Ended::run(&mut command).done();
        assert!(passed.stdout.ends_with(&format!("{cases} cases: {cases} passed\n")), "{}", passed.stdout);
    }
}
