//! Runs every command that prints a document, and makes the documents the same in every run.

use std::collections::BTreeMap;

use mpp_host::keys::{KeyRole, SigningKey};
use serde_json::{Value, json};

use crate::moving::{HI, definitions, port, server};
use crate::support::{Ended, User, answers, sample, signed};

/// An example: the command line, and the document that it printed.
pub(super) struct Example {
    pub(super) command: String,
    pub(super) document: Value,
}

/// Runs each command once or more, in the order of the help.
pub(super) fn examples() -> Vec<Example> {
    let user = User::new();
    let mut made = Vec::new();
    let mut run = |arguments: &[&str]| {
        let mut command = user.command(&[&["--format", "json"][..], arguments].concat());
        if arguments.contains(&"--install") {
            // The configuration of the client is in the home directory.
            command.env("HOME", user.dir());
        }
        let ended = Ended::run(&mut command);
        // The module of the examples says the same to everything.
        let fails = arguments.contains(&"missing.mpp") || arguments[0] == "conformance";
        assert_eq!(ended.code == Some(0), !fails, "{arguments:?}: {ended:#?}");
        let document: Value = ended.json();
        made.push(Example { command: format!("mpp {}", arguments.join(" ")).replace(server(), "my-server"), document });
    };
    run(&["verify", "missing.mpp"]);
    run(&["new", "greeter"]);
    // A module that is already there needs no compiler.
    let capabilities =
        json!({ "network": ["api.example.com"], "env_vars": ["SAY_TOKEN"], "kv": { "max_bytes": 1024 } });
    let mut manifest = sample(json!({ "capabilities": capabilities })).manifest_json().clone();
    manifest["build"] = json!({ "output": "say.wasm" });
    user.write("say/manifest.json", manifest.to_string());
    user.write("say/say.wasm", crate::kv::counts());
    run(&["build", "say"]);
    let built = "say/target/mpp/say-1.2.3.dev.mpp";
    std::fs::copy(user.dir().join(built), user.dir().join("say.dev.mpp")).expect("copied");
    let run_it = ["run", "say.dev.mpp", "what=ada@example.com", "--env", "SAY_TOKEN=tok-1234567890"];
    run(&run_it);
    run(&["run", "say.dev.mpp", "--help"]);
    user.mpp(&[&run_it[..], &["--record", "call.json"]].concat()).done();
    run(&["rerun", "call.json", "--env", "SAY_TOKEN=tok-1234567890"]);
    run(&["keygen"]);
    run(&["key", "list"]);
    let ids = user.mpp(&["key", "list", "--format", "json"]).json();
    let id = |prefix: &str| {
        let ids = ids["keys"].as_array().expect("keys").iter().map(|key| key["key_id"].as_str().expect("an id"));
        ids.into_iter().find(|id| id.starts_with(prefix)).expect("the key").to_owned()
    };
    run(&["key", "move", "--from", &id("dev_"), "--to", &id("pub_")]);
    run(&["sign", "say.dev.mpp"]);
    run(&["verify", "say.mpp"]);
    run(&["inspect", "say.mpp"]);
    let theirs = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
    user.write("theirs.mpp", signed(sample(json!({})).id("com.example.theirs"), &answers("hello"), &theirs).as_slice());
    run(&["trust", "add", "theirs.mpp"]);
    run(&["trust", "approve", "theirs.mpp"]);
    user.write("clock.sh", include_str!("../../cmd/agent.in/clock.sh"));
    user.write("agent.toml", include_str!("../../cmd/agent.in/agent.toml"));
    run(&["trust", "server", "clock", "--config", "agent.toml", "--tool", "now"]);
    run(&["trust", "list"]);
    run(&["trust", "show", theirs.id().as_str()]);
    run(&["serve", "theirs.mpp", "--install", "cursor", "--yes"]);
    user.write("program", "a program");
    run(&["export", "--mcpb", "theirs.mpp", "--program", "program", "--platform", "linux"]);
    run(&["trust", "remove", theirs.id().as_str()]);
    run(&["kv", "list"]);
    run(&["kv", "list", "say.mpp"]);
    run(&["kv", "get", "say.mpp", "calls"]);
    run(&["kv", "export", "say.mpp"]);
    run(&["kv", "export", "say.mpp", "-o", "state.json"]);
    run(&["kv", "clear", "say.mpp", "--yes"]);
    run(&["audit", "list"]);
    // The first record says that the call is about to store something.
    run(&["audit", "show", "2"]);
    run(&["audit", "verify"]);
    run(&["caps", "say.mpp"]);
    run(&["caps", "say.mpp", "--suggest"]);
    run(&["lint", "say.mpp"]);
    let given = json!({ "env": { "SAY_TOKEN": "tok-1234567890" } });
    let case = json!({ "name": "says something", "tool": "say", "arguments": { "what": "hello" }, "given": given, "expect": {} });
    user.write("say/tests/say.json", json!({ "cases": [case] }).to_string());
    run(&["test", "say"]);
    run(&["conformance", "say.mpp"]);
    user.write("calls.jsonl", HI);
    run(&["capture", "-o", "my.capture", "--calls", "calls.jsonl", "--", server(), "good"]);
    run(&["inventory", "my.capture"]);
    port(&user, definitions());
    run(&["replay", "my.capture", "port.mpp"]);
    run(&["doctor", "--lang", "rust"]);
    run(&["registry", "init", "--origin", "tools.example.com/log"]);
    let operator = std::fs::read_to_string(user.home().join("keys/publisher.pub")).expect("a key");
    let operator = mpp_host::PublicKey::from_pem(&operator).expect("a key").to_base64();
    user.write("registry/policy.toml", format!("operators = [\"{operator}\"]\n"));
    let registry = crate::registry::Running::start(&user, &[]);
    run(&["registry", "check"]);
    run(&["registry", "copy", "registry/store", "copy"]);
    let served = registry.document.clone();
    let (address, key, log) = (registry.text("url"), registry.text("root_key"), registry.text("log_key"));
    let watch = ["registry", "monitor", &address, "--key", &key, "--package-id", "com.example.*", "--format", "json"];
    let watched = user.mpp(&watch).done().json();
    let witness = ["registry", "witness", "--name", "witness.example.org/w1", "--log", &log, "--listen", "127.0.0.1:0"];
    let witness = crate::following::Follower::start(&user, &witness).document.clone();
    let mirror =
        ["registry", "serve", "--upstream", &address, "--key", &key, "--dir", "mirror", "--listen", "127.0.0.1:0"];
    let mirror = crate::following::Follower::start(&user, &mirror).document.clone();
    let (url, root_key) = (served["url"].as_str().expect("a URL"), served["root_key"].as_str().expect("a key"));
    run(&["registry", "add", url, "--key", root_key, "--name", "tools"]);
    run(&["register", "--name", "Ada", "--url", "https://ada.example"]);
    run(&["publish", "say.mpp"]);
    run(&["registry", "list"]);
    // The search learns of a version a moment after the log.
    let finds = || user.mpp(&["search", "say", "--format", "json"]).done().json()["results"] != json!([]);
    assert!((0..200).any(|_| finds() || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        false
    }));
    run(&["search", "say"]);
    run(&["install", "com.example.say", "--lock", "mpp.lock"]);
    run(&["outdated"]);
    run(&["update"]);
    run(&["uninstall", "com.example.say"]);
    run(&["yank", "com.example.say@1.2.3"]);
    run(&["registry", "approve", "--package-id", "com.example.new"]);
    run(&["registry", "takedown", "com.example.say@1.2.3", "--reason", "legal"]);
    run(&["registry", "erase-profile", "home/keys/publisher.pub", "--reason", "personal-data"]);
    run(&["key", "claim", "example.com", "--show"]);
    run(&["key", "delegate", "com.example.say", "-o", "ci"]);
    user.mpp(&["keygen", "-o", "new"]).done();
    user.mpp(&["register", "-k", "new/publisher.key"]).done();
    run(&["owner", "add", "com.example.say", "new/publisher.pub"]);
    run(&["owner", "remove", "com.example.say", "new/publisher.pub"]);
    run(&["key", "revoke", "ci/delegate.pub"]);
    run(&["registry", "transfer", "com.example.say", "new/publisher.pub"]);
    run(&["key", "rotate", "new/publisher.pub"]);
    registry.stop();
    run(&["registry", "rebuild"]);
    run(&["registry", "rotate-log-key", "--request", "request.json"]);
    let root = ["--root-key", "registry/keys/root.key"];
    run(&[&["registry", "sign-description", "request.json"], &root[..], &["-o", "signed.json"]].concat());
    run(&["registry", "rotate-log-key", "--signed", "signed.json"]);
    run(&["registry", "remove", "tools"]);
    run(&["explain", "MPP-G401"]);
    run(&["explain", "list"]);
    made.push(Example { command: "mpp registry serve".to_owned(), document: served });
    let command = "mpp registry serve --upstream https://tools.example.com --key KEY --dir mirror";
    made.push(Example { command: command.to_owned(), document: mirror });
    let command = "mpp registry monitor https://tools.example.com --key KEY --package-id com.example.*";
    made.push(Example { command: command.to_owned(), document: watched });
    let command = "mpp registry witness --name witness.example.org/w1 --log KEY";
    made.push(Example { command: command.to_owned(), document: witness });
    let mut names = Names::default();
    for example in &mut made {
        names.settle("", &mut example.document);
        example.command = names.keys_in(&example.command);
        // The address and the root key of the server are others in each run.
        let words = example.command.split(' ').map(|word| match word {
            word if word.starts_with("http://127.0.0.1") => "http://127.0.0.1:8080",
            word if word.contains('+') => {
                "'tools.example.com/log+2e8a7f34+AfwZ2mgyN0Ck5cEBWcE2U8IxPZGTkU6ICNlCnBxpF0Wk'"
            }
            word => word,
        });
        example.command = words.collect::<Vec<_>>().join(" ");
    }
    made
}

/// Stable values for what differs between runs.
#[derive(Default)]
struct Names {
    keys: BTreeMap<String, String>,
}

/// Digits of the key ids on the page, in the order in which they occur.
const DIGITS: [&str; 6] = [
    "a1b2c3d4e5f67890",
    "0f1e2d3c4b5a6978",
    "5566778899aabbcc",
    "1029384756abcdef",
    "c0ffee0123456789",
    "9988776655443322",
];
const KEY: &str = "OqTOprS5KVXNcAjpd5bKvr7DCPkvD4KJD1QlKX0KuaY=";
const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

impl Names {
    /// Replaces what differs between runs, and shortens long lists.
    fn settle(&mut self, member: &str, value: &mut Value) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| self.settle(name, value)),
            Value::Array(items) => {
                items.truncate(if member == "codes" { 2 } else { 7 });
                items.iter_mut().for_each(|item| self.settle(member, item));
                if member == "states" {
                    // They are in the order of the ids before this.
                    items.sort_by_key(|state| state["key_id"].to_string());
                }
            }
            Value::Number(number) => {
                let stable: Option<u64> = match member {
                    "duration_us" => Some(1_234),
                    "duration_ms" => Some(12),
                    "package_bytes" => Some(3_406),
                    "cache_bytes" => Some(131_072),
                    "packed_bytes" => Some(512),
                    "bundle_bytes" => Some(6_812),
                    "database_bytes" => Some(12_288),
                    "memory_peak_bytes" => Some(65_536),
                    // What the server writes to stderr is before or after its answer.
                    "line" => Some(9),
                    _ => None,
                };
                if let Some(stable) = stable {
                    *number = stable.into();
                }
            }
            Value::String(text) => *text = self.text(member, text),
            _ => {}
        }
    }

    fn text(&mut self, member: &str, text: &str) -> String {
        match member {
            "time" | "added_at" | "approved_at" | "expires_at" => "2026-03-01T12:00:00.000Z".to_owned(),
            "call_id" => "5f3a9c0b7d21e846-1".to_owned(),
            "arguments_hash" => HASH.to_owned(),
            "content_hash" | "archive_hash" => format!("sha256:{HASH}"),
            "root_key" => "tools.example.com/log+2e8a7f34+AfwZ2mgyN0Ck5cEBWcE2U8IxPZGTkU6ICNlCnBxpF0Wk".to_owned(),
            "log_key" => "tools.example.com/log+1c0d2f55+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".to_owned(),
            "key" if text.starts_with("witness.") => {
                "witness.example.org/w1+5d8a3c21+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop".to_owned()
            }
            "root" | "from_root" => format!("sha256:{HASH}"),
            "history" => "home/registries/tools.example.com_log-2e8a7f34".to_owned(),
            "upstream" => "https://tools.example.com".to_owned(),
            "address" => "127.0.0.1:8080".to_owned(),
            "url" | "urls" if text.starts_with("http://127.0.0.1") => "http://127.0.0.1:8080".to_owned(),
            "public_key" | "key" => KEY.to_owned(),
            "txt_record" => format!("mpp-key={KEY}"),
            "document" => json!({ "keys": [KEY] }).to_string(),
            "builder" => "cargo-mpp 0.1.0".to_owned(),
            "installed" => text.split(' ').take(2).collect::<Vec<_>>().join(" "),
            "path" if text.ends_with("/cargo") => "/home/ada/.cargo/bin/cargo".to_owned(),
            "path" if text.ends_with("/rustc") => "/home/ada/.cargo/bin/rustc".to_owned(),
            "path" if text.ends_with(".cursor/mcp.json") => "/home/ada/.cursor/mcp.json".to_owned(),
            "path" if text.starts_with("home/packages/") => format!("home/packages/sha256/9f/86/{HASH}.mpp"),
            "path" if text.ends_with(".mcpb") => "/home/ada/say-1.2.3.mcpb".to_owned(),
            "path" if text.ends_with(".sqlite3") => "home/kv/com.example.say-a1b2c3d4e5f67890….sqlite3".to_owned(),
            _ => self.keys_in(text),
        }
    }

    /// Replaces key ids in a text.
    fn keys_in(&mut self, text: &str) -> String {
        let mut text = text.replace(server(), "my-server");
        let mut from = 0;
        let next = |rest: &str| ["pub_", "dev_"].into_iter().filter_map(|prefix| rest.find(prefix)).min();
        while let Some(at) = next(&text[from..]).map(|at| from + at) {
            from = at + 4;
            let Some(digits) = text.get(from..from + 16) else { break };
            if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let next = DIGITS[self.keys.len() % DIGITS.len()].to_owned();
                // The page itself may have been settled before.
                let stable = if DIGITS.contains(&digits) {
                    digits.to_owned()
                } else {
                    self.keys.entry(digits.to_owned()).or_insert(next).clone()
                };
                text.replace_range(from..from + 16, &stable);
                from += 16;
            }
        }
        text
    }
}
