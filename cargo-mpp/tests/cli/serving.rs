//! `mpp serve`: what a client sees, what keeps it from starting, and the configurations of clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use mpp_host::keys::{KeyRole, SigningKey};
use serde_json::{Value, json};

use crate::support::{Ended, User, answers, sample, signed};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;

/// Runs `mpp serve` with these lines on stdin.
fn serve(user: &User, arguments: &[&str], lines: &[&str]) -> Ended {
    talk(user.command(&[&["serve"], arguments].concat()), lines)
}

/// Runs a command with these lines on stdin, and ends the input when every request is answered.
fn talk(mut command: std::process::Command, lines: &[&str]) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let stderr = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text).unwrap()
    });
    for line in lines {
        // A server that does not start reads nothing.
        let _ = writeln!(stdin, "{line}");
    }
    let mut open = lines.iter().filter(|line| line.contains("\"id\":")).count();
    let (mut output, mut stdout) = (BufReader::new(child.stdout.take().unwrap()), String::new());
    while open > 0 {
        let start = stdout.len();
        if output.read_line(&mut stdout).unwrap() == 0 {
            break;
        }
        open -= usize::from(stdout[start..].contains("\"id\":"));
    }
    drop(stdin);
    output.read_to_string(&mut stdout).unwrap();
    Ended { code: child.wait().unwrap().code(), stdout, stderr: stderr.join().unwrap() }
}

fn messages(ended: &Ended) -> Vec<Value> {
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_client_lists_and_calls_the_tools_of_two_packages() {
    let user = User::new();
    let key = user.own_key();
    user.write(
        "one.mpp",
        signed(
            sample(json!({ "name": "one", "package_id": "com.example.one" })),
            &answers("mail ada@example.com"),
            &key,
        )
        .as_slice(),
    );
    user.write(
        "two.mpp",
        signed(sample(json!({ "name": "two", "package_id": "com.example.two" })), &answers("two"), &key).as_slice(),
    );
    let call =
        r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"one__say","arguments":{"what":"x"}}}"#;
    let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
    let served = serve(&user, &["one.mpp", "two.mpp"], &[INITIALIZE, list, call]).done();
    let answers = messages(&served);
    let answer = |id: u64| answers.iter().find(|message| message["id"] == id).unwrap();
    let names: Vec<&Value> =
        answer(2)["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["one__say", "two__say"]);
    assert_eq!(answer(3)["result"]["content"][0]["text"], "mail [REDACTED:email]");
    assert!(served.stderr.contains("2 tools of one, two over stdio"), "{}", served.stderr);
}

#[test]
fn a_server_that_would_have_to_ask_does_not_start_and_names_the_command() {
    let user = User::new();
    let stranger = SigningKey::generate(KeyRole::Publisher).unwrap();
    let package = user.package(&answers("x"), &stranger);
    let refused = serve(&user, &[&package], &[INITIALIZE]).failed(4, "MPP-K201");
    assert!(refused.stderr.contains("`mpp trust add tool.mpp`"), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
    user.mpp(&["trust", "add", &package]).done();
    assert_eq!(messages(&serve(&user, &[&package], &[INITIALIZE]).done()).len(), 1);
}

#[test]
fn a_mapping_that_no_package_declares_is_refused() {
    let user = User::new();
    let key = user.own_key();
    let files = json!({ "capabilities": { "filesystem": { "read": ["/data"] }, "env_vars": ["TOKEN"] } });
    user.write("files.mpp", signed(sample(files), &answers("x"), &key).as_slice());
    user.write(
        "plain.mpp",
        signed(sample(json!({ "name": "plain", "package_id": "com.example.plain" })), &answers("x"), &key).as_slice(),
    );
    serve(&user, &["plain.mpp", "--dir", "/data=."], &[]).failed(2, "MPP-C009");
    serve(&user, &["plain.mpp", "--env", "TOKEN=x"], &[]).failed(2, "MPP-C010");
    // Each mapping applies to the packages that declare it.
    serve(&user, &["plain.mpp", "files.mpp", "--dir", "/data=.", "--env", "TOKEN=x"], &[]).done();
}

#[test]
fn an_unsafe_address_is_refused() {
    let user = User::new();
    let package = user.package(&answers("x"), &user.own_key());
    let refused = user.mpp(&["serve", &package, "--http", "0.0.0.0:0"]).failed(2, "MPP-M001");
    assert!(refused.stderr.contains("`--token-file FILE`"), "{}", refused.stderr);
    user.write("token", "short\n");
    user.mpp(&["serve", &package, "--http", "0.0.0.0:0", "--token-file", "token"]).failed(2, "MPP-M002");
}

#[test]
fn a_server_at_a_url_becomes_a_project_and_is_served_beside_packages() {
    let user = User::new();
    let package = user.package(&answers("mail ada@example.com"), &user.own_key());
    let mut running = user.command(&["serve", &package, "--http", "127.0.0.1:0"]);
    running.env("MPP_SERVE_TOKEN", "correct-horse-battery").stderr(Stdio::piped());
    let mut running = Stopped(running.spawn().unwrap());
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(running.0.stderr.take().unwrap()));
    let line = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("http://"))).unwrap().unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');

    let new = |name: &str, more: &[&str]| {
        let mut command = user.command(&[&["new", name, "--from-mcp", url], more].concat());
        Ended::of(command.env("UPSTREAM_TOKEN", "correct-horse-battery").output().unwrap())
    };
    let refused = new("refused", &[]).failed(2, "MPP-M412");
    assert!(refused.stderr.contains("HTTP 401 (Unauthorized)"), "{}", refused.stderr);
    let created = new("ported", &["--header", "Authorization: Bearer ${UPSTREAM_TOKEN}"]).done();
    assert!(created.stderr.contains(&format!("connecting to `{url}`")), "{}", created.stderr);
    assert!(user.dir().join("ported/src/tools/say.rs").exists());

    let headers = "headers = { authorization = \"Bearer ${UPSTREAM_TOKEN}\" }";
    user.write("agent.toml", format!("[[server]]\nname = \"far\"\nurl = \"{url}\"\n{headers}\n"));
    user.mpp(&["serve", "--config", "agent.toml"]).failed(2, "MPP-M105");
    let mut command = user.command(&["trust", "server", "far", "--config", "agent.toml", "--tool", "say"]);
    Ended::of(command.env("UPSTREAM_TOKEN", "correct-horse-battery").output().unwrap()).done();
    let mut command = user.command(&["serve", "--config", "agent.toml"]);
    command.env("UPSTREAM_TOKEN", "correct-horse-battery");
    let call = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"say","arguments":{"what":"x"}}}"#;
    let answers = messages(&talk(command, &[INITIALIZE, call]).done());
    let answer = answers.iter().find(|message| message["id"] == 2).unwrap();
    assert_eq!(answer["result"]["content"][0]["text"], "mail [REDACTED:email]", "{answer}");
    let audited = user.mpp(&["audit", "list", "--package", "far", "--format", "json"]).done().json();
    assert_eq!(audited["records"][0]["legacy"], true, "{audited}");
}

/// A process that ends with the test.
struct Stopped(std::process::Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_client_is_configured_once_and_its_file_is_kept() {
    let user = User::new();
    let package = user.package(&answers("x"), &user.own_key());
    let before = "{\n  // mine\n  \"mcpServers\": { \"other\": { \"command\": \"x\" } }\n}\n";
    user.write(".cursor/mcp.json", before);
    let install = |more: &[&str]| {
        let mut command = user.command(&[&["serve", package.as_str(), "--install", "cursor"], more].concat());
        Ended::of(command.env("HOME", user.dir()).output().unwrap())
    };
    // There is no terminal to ask on.
    let refused = install(&[]).failed(4, "MPP-C025");
    assert!(refused.stderr.contains("+     \"say\""), "{}", refused.stderr);
    let read = |name: &str| std::fs::read_to_string(user.dir().join(name)).unwrap();
    assert_eq!(read(".cursor/mcp.json"), before);

    let installed = install(&["--yes", "--format", "json"]).done().json();
    assert_eq!((&installed["client"], &installed["server"]), (&json!("cursor"), &json!("say")));
    assert_eq!(read(".cursor/mcp.json.backup"), before);
    let after = read(".cursor/mcp.json");
    assert!(after.contains("// mine") && after.contains("\"say\": {"), "{after}");
    assert_eq!(install(&["--yes", "--format", "json"]).done().json()["changed"], false);
    assert_eq!(read(".cursor/mcp.json"), after);

    user.write(".cursor/mcp.json", "[]");
    install(&["--yes"]).failed(2, "MPP-M501");
    assert_eq!(read(".cursor/mcp.json"), "[]");
}

#[test]
fn a_refusal_names_the_command_that_approves_in_any_directory() {
    let user = User::new();
    let server = toml::Value::from(crate::moving::server()).to_string();
    user.write("my agents/agent.toml", format!("[[server]]\nname = \"good\"\ncommand = [{server}, \"good\"]\n"));
    let call = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"count","arguments":{}}}"#;
    let served = serve(&user, &["--config", "my agents/agent.toml"], &[INITIALIZE, call]).done();
    let answers = messages(&served);
    let answer = answers.iter().find(|message| message["id"] == 2).unwrap();
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    let file = user.dir().join("my agents/agent.toml");
    let command = format!("`mpp trust server good --config '{}' --tool count`", file.display());
    assert!(text.starts_with("approval_required: ") && text.contains(&command), "{text}");
}

#[cfg(unix)]
#[test]
fn a_configuration_behind_a_link_keeps_its_place_and_its_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let user = User::new();
    let package = user.package(&answers("x"), &user.own_key());
    user.write("dotfiles/mcp.json", "{}\n");
    let (file, link) = (user.dir().join("dotfiles/mcp.json"), user.dir().join(".cursor/mcp.json"));
    std::fs::create_dir(user.dir().join(".cursor")).unwrap();
    symlink(&file, &link).unwrap();
    let mode = |mode: u32| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    let install = || {
        let mut command = user.command(&["serve", &package, "--install", "cursor", "--yes"]);
        Ended::of(command.env("HOME", user.dir()).output().unwrap())
    };
    // Whoever made the file read-only does not want it to be changed.
    mode(0o444);
    let refused = install().failed(2, "MPP-M502");
    assert!(refused.stderr.contains("`--print-client-config CLIENT`"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{}\n");
    mode(0o640);
    install().done();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"say\": {"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_the_server_was_started_with_is_in_the_configuration() {
    let user = User::new();
    let declared = json!({ "capabilities": { "env_vars": ["TOKEN", "REGION"] } });
    user.write("tool.mpp", signed(sample(declared), &answers("x"), &user.own_key()).as_slice());
    let hash = "sha256:".to_owned() + &"0".repeat(64);
    let options =
        ["--env", "TOKEN=s3cret", "--env", "REGION", "--accept-content", &hash, "--features", "a,b", "--locked"];
    let mut command = user.command(&[&["serve", "tool.mpp", "--print-client-config", "cursor"], &options[..]].concat());
    let printed = Ended::of(command.env("REGION", "north").output().unwrap()).done();
    // The client may not pass on a variable that has its value from here.
    assert!(printed.stderr.contains("add `REGION` to `env` of its entry"), "{}", printed.stderr);
    let printed = printed.json();
    let entry = &printed["mcpServers"]["say"];
    let words: Vec<&str> = entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(
        words[2..],
        ["--env", "TOKEN", "--env", "REGION", "--accept-content", &hash, "--features", "a,b", "--locked"]
    );
    // The arguments of a process are no secret.
    assert_eq!((&entry["env"]["TOKEN"], &entry["env"]["REGION"]), (&json!("s3cret"), &Value::Null), "{entry}");
    for name in ["", "a\nb"] {
        user.mpp(&["serve", "tool.mpp", "--print-client-config", "cursor", "--name", name]).failed(2, "MPP-C001");
    }
    user.mpp(&["serve", "tool.mpp", "--name", "mine"]).failed(2, "MPP-C001");
}

#[test]
fn the_printed_configuration_starts_the_server() {
    let user = User::new();
    let package = user.package(&answers("x"), &user.own_key());
    let printed = user.mpp(&["serve", &package, "--print-client-config", "vscode", "--name", "mine"]).done().json();
    let entry = &printed["servers"]["mine"];
    assert_eq!(entry["type"], "stdio");
    let arguments: Vec<&str> = entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(arguments[0], "serve");
    let mut command = std::process::Command::new(entry["command"].as_str().unwrap());
    // A client starts it elsewhere, and with few variables.
    command.args(&arguments).current_dir("/").env_clear().env("MPP_HOME", entry["env"]["MPP_HOME"].as_str().unwrap());
    Ended::of(command.stdin(Stdio::null()).output().unwrap()).done();
}

#[test]
fn a_bundle_starts_the_package_that_it_was_made_from_and_no_other() {
    let user = User::new();
    let stranger = SigningKey::generate(KeyRole::Publisher).unwrap();
    let declared = json!({ "capabilities": { "filesystem": { "read": ["/data"] }, "env_vars": ["API_KEY"] } });
    user.write("tool.mpp", signed(sample(declared.clone()), &answers("x"), &stranger).as_slice());
    user.write("program", "#!/bin/sh\nexit 7\n");
    let export = ["export", "--mcpb", "tool.mpp", "--program", "program", "--platform", "linux", "--format", "json"];
    let exported = user.mpp(&export).done().json();
    assert_eq!(exported["package_id"], "com.example.say");

    let file = std::fs::File::open(exported["path"].as_str().unwrap()).unwrap();
    let mut bundle = zip::ZipArchive::new(file).unwrap();
    let manifest: Value = serde_json::from_reader(bundle.by_name("manifest.json").unwrap()).unwrap();
    assert_eq!(manifest["manifest_version"], "0.3");
    assert_eq!(manifest["user_config"]["api_key"]["sensitive"], true);
    assert_eq!(manifest["user_config"]["data"]["type"], "directory");
    let program = bundle.by_name(manifest["server"]["entry_point"].as_str().unwrap()).unwrap();
    assert_eq!(program.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    drop(program);
    let mut packed = Vec::new();
    std::io::copy(&mut bundle.by_name("package.mpp").unwrap(), &mut packed).unwrap();
    std::fs::create_dir_all(user.dir().join("installed/data")).unwrap();
    user.write("installed/package.mpp", &packed);

    // As a client starts it, with what the user entered.
    let config = &manifest["server"]["mcp_config"];
    let installed = user.dir().join("installed").display().to_string();
    let entered = |word: &Value| {
        word.as_str()
            .unwrap()
            .replace("${__dirname}", &installed)
            .replace("${user_config.data}", &format!("{installed}/data"))
    };
    let words: Vec<String> = config["args"].as_array().unwrap().iter().map(entered).collect();
    assert_eq!(words[0], "serve");
    let start = || {
        let mut command = user.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        Ended::of(command.env("API_KEY", "k").output().unwrap())
    };
    start().done();
    // The same publisher's next version is not what was accepted.
    let mut next = declared;
    next["version"] = json!("9.9.9");
    user.write("installed/package.mpp", signed(sample(next), &answers("y"), &stranger).as_slice());
    start().failed(4, "MPP-K201");
    // Nothing is remembered: without the hash, the package is unknown as before.
    user.write("installed/package.mpp", &packed);
    user.mpp(&["serve", "installed/package.mpp"]).failed(4, "MPP-K201");
}
