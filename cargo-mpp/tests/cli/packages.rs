//! Files that are not packages, and packages that were modified after signing.

use serde_json::json;

use crate::support::{User, answers, sample, says, signed};

#[test]
fn files_that_are_not_packages_are_refused_before_anything_runs() {
    let user = User::new();
    let key = user.own_key();
    let good = signed(sample(json!({})), &answers("hello"), &key).as_slice().to_vec();
    let mut flipped = good.clone();
    let name = b"bin/main.wasm";
    let module = good.windows(name.len()).position(|found| found == name).expect("the module's entry") + name.len();
    flipped[module] ^= 1;
    let cut = &good[..good.len() - 7];
    let longer = [good.as_slice(), b"x"].concat();
    let table: [(&str, &[u8], &str); 6] = [
        ("empty.mpp", b"", "MPP-G101"),
        ("text.mpp", b"this is not an archive\n", "MPP-G101"),
        ("zip.mpp", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "MPP-G116"),
        ("flipped.mpp", &flipped, "MPP-G401"),
        ("cut.mpp", cut, "MPP-G102"),
        ("longer.mpp", &longer, "MPP-G104"),
    ];
    for (name, bytes, code) in table {
        user.write(name, bytes);
        for command in ["verify", "inspect", "run"] {
            let ended = user.mpp(&[command, name]);
            assert_eq!(ended.code, Some(3), "{command} {name}: {ended:#?}");
            assert!(ended.stderr.contains(&format!("error[{code}]: ")), "{command} {name}: {}", ended.stderr);
            assert!(ended.stderr.contains(name) && ended.stderr.contains("help: "), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_huge_file_is_refused_by_its_size() {
    let user = User::new();
    user.own_key();
    let path = user.dir().join("huge.mpp");
    // The start of an archive, so that a reader that cuts the file off takes it for an incomplete one.
    std::fs::write(&path, b"PK\x03\x04").expect("written");
    let file = std::fs::File::options().write(true).open(&path).expect("there");
    file.set_len(200 << 20).expect("a sparse file");
    for command in [
        &["verify", "huge.mpp"][..],
        &["inspect", "huge.mpp"],
        &["run", "huge.mpp"],
        &["sign", "huge.mpp"],
        &["caps", "huge.mpp"],
        &["lint", "huge.mpp"],
        &["kv", "list", "huge.mpp"],
        &["trust", "add", "huge.mpp"],
        &["trust", "approve", "huge.mpp"],
    ] {
        let ended = user.mpp(command).failed(3, "MPP-G201");
        let size = format!("the archive has {} bytes; the limit is {}", 200 << 20, 100 << 20);
        assert!(ended.stderr.contains(&size) && ended.stderr.contains("step 2 of 7"), "{command:?}: {}", ended.stderr);
    }
    let report = user.mpp(&["verify", "huge.mpp", "--format", "json"]).json();
    let results: Vec<&str> =
        report["steps"].as_array().expect("steps").iter().filter_map(|step| step["result"].as_str()).collect();
    assert_eq!(results[..3], ["not_run", "failed", "not_run"]);
}

#[test]
fn missing_files_and_directories_are_reported() {
    let user = User::new();
    for command in ["verify", "inspect", "run", "sign"] {
        let ended = user.mpp(&[command, "nowhere.mpp"]).failed(2, "MPP-C002");
        assert!(ended.stderr.contains("nowhere.mpp"), "{}", ended.stderr);
    }
    std::fs::create_dir(user.dir().join("dir.mpp")).expect("made");
    // Each of these commands takes a project directory, too, and without an argument the current one.
    for command in ["build", "verify", "inspect", "caps", "lint", "run"] {
        user.mpp(&[command, "dir.mpp"]).failed(6, "MPP-B001");
        user.mpp(&[command]).failed(6, "MPP-B001");
    }
}

#[test]
fn the_json_document_contains_the_error() {
    let user = User::new();
    user.write("text.mpp", "no archive");
    let document = user.mpp(&["verify", "text.mpp", "--format", "json"]).json();
    assert_eq!((&document["verified"], &document["error"]["exit_code"]), (&false.into(), &3.into()));
    assert_eq!(document["error"]["code"], "MPP-G101");
    assert_eq!(document["steps"].as_array().map(Vec::len), Some(7));
    let document = user.mpp(&["run", "nowhere.mpp", "--format=json"]).json();
    assert_eq!((&document["error"]["code"], &document["format"]), (&"MPP-C002".into(), &1.into()));
    assert_eq!(document["error"]["message"], "cannot read the package");
    assert_eq!(document["error"]["causes"], json!(["no such file or directory"]));
    let document = user.mpp(&["sign", "--format", "json"]).json();
    assert_eq!((&document["error"]["code"], &document["error"]["exit_code"]), (&"MPP-C001".into(), &2.into()));
}

#[test]
fn inspect_shows_what_a_package_may_do() {
    let user = User::new();
    let capabilities = json!({"filesystem": {"read": ["/data"]}, "env_vars": ["TOKEN"]});
    let package = signed(sample(json!({"capabilities": capabilities})), &answers("hello"), &user.own_key());
    user.write("tool.mpp", package.as_slice());
    let text = user.mpp(&["inspect", "tool.mpp"]).done().stdout;
    for expected in [
        "say 1.2.3",
        "com.example.say",
        "read /data",
        "receive the variable TOKEN",
        "what  string",
        "times  integer, optional",
        "bin/main.wasm",
        "own",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    // The order of the arguments is the author's.
    assert!(text.find("what  string") < text.find("times  integer"), "{text}");
    let document = user.mpp(&["inspect", "tool.mpp", "--format", "json"]).done().json();
    let tool = &document["manifest"]["tool_definitions"][0];
    assert!(tool["parameters"]["properties"].as_object().unwrap().keys().eq(["what", "times"]), "{tool}");
    assert_eq!(document["manifest"]["name"], "say");
    assert_eq!(document["manifest"]["capabilities"]["filesystem"]["read"], json!(["/data"]));
    assert_eq!(document.get("abilities"), None, "sentences are for people");
}

#[test]
fn text_from_a_package_cannot_control_the_terminal() {
    let user = User::new();
    let patch = json!({"description": "nice\u{1b}[2J\u{202e}txt.exe", "publisher": {"name": "\u{1b}]0;owned\u{7}"}});
    let key = user.own_key();
    user.write("tool.mpp", signed(sample(patch), &answers("\u{1b}[31mred\u{9b}\u{7}"), &key).as_slice());
    for arguments in [
        &["inspect", "tool.mpp"][..],
        &["verify", "tool.mpp"],
        &["run", "tool.mpp", "--arg", "what=x", "--format", "json"],
    ] {
        let ended = user.mpp(arguments).done();
        let all = ended.stdout + &ended.stderr;
        let speaks = |c: char| (c.is_control() && !"\n\t".contains(c)) || c == '\u{202e}';
        assert!(!all.contains(speaks), "{arguments:?}: {all:?}");
    }
    // Colours mean that a person looks at it, although here it goes to a pipe.
    let output = user.command(&["run", "tool.mpp", "what=x"]).env("CLICOLOR_FORCE", "1").output().expect("it starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "\\u{1b}[31mred\\u{9b}\\u{7}\n");
}

#[test]
fn an_answer_reaches_a_pipe_byte_for_byte() {
    let user = User::new();
    let answer = "family \u{1f468}\u{200d}\u{1f469}\r\nsoft\u{ad}hyphen \u{1b}[1m\r\n";
    user.package(&answers(answer), &user.own_key());
    assert_eq!(user.mpp(&["run", "tool.mpp", "what=x"]).done().stdout, answer);
}

#[test]
fn an_invalid_module_fails_in_step_seven() {
    let user = User::new();
    let key = user.own_key();
    user.write("tool.mpp", signed(sample(json!({})), b"not wasm", &key).as_slice());
    let ended = user.mpp(&["verify", "tool.mpp"]).failed(3, "MPP-G705");
    assert!(ended.stderr.contains("step 7 of 7"), "{}", ended.stderr);
    // A module that prints nothing is valid until it is called.
    user.write("tool.mpp", signed(sample(json!({})), &says(""), &key).as_slice());
    user.mpp(&["verify", "tool.mpp"]).done();
}
