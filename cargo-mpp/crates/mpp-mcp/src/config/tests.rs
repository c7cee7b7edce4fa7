//! Tests of the configuration.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::time::Duration;

use mpp_host::codes::Coded as _;

use super::{AgentConfig, Reached};

fn parse(text: &str) -> Result<AgentConfig, (&'static str, String, String)> {
    let parsed = AgentConfig::parse(text, Path::new("/etc/mpp/agent.toml"));
    parsed.map_err(|error| (error.code().id, error.place(), error.to_string()))
}

#[test]
fn every_key_of_the_format_is_read() {
    let text = r#"
        [[package]]
        source = "crm-lookup-1.0.0.mpp"
        dirs = { "/data" = "./data", "/other" = "/srv/other" }
        env = ["CRM_API_KEY"]
        tools = { deny = ["delete"], rename = { lookup = "find_customer" } }

        [[server]]
        name = "time"
        command = ["./bin/time", "-z", "UTC"]
        env = ["TOKEN", "MODE=test"]
        cwd = "work"
        timeout_ms = 1000
        start_timeout_ms = 3600000
        tools = { allow = ["get_current_time"] }

        [[server]]
        name = "plain"
        command = ["uvx", "plain"]

        [[server]]
        name = "remote"
        url = "https://mcp.example.com/mcp"
        headers = { Authorization = "Bearer ${TOKEN}" }

        [[server]]
        name = "near"
        url = "http://mcp.example.com/mcp"
        allow_http = true
    "#;
    let config = parse(text).unwrap();
    let package = &config.packages[0];
    assert_eq!(package.source, Path::new("/etc/mpp/crm-lookup-1.0.0.mpp"));
    assert_eq!(package.dirs["/data"], Path::new("/etc/mpp/./data"));
    assert_eq!(package.dirs["/other"], Path::new("/srv/other"));
    assert_eq!(package.tools.published("lookup"), Some("find_customer"));
    assert_eq!(package.tools.published("delete"), None);
    let [time, plain, remote, near] = config.servers.as_slice() else { panic!("{config:?}") };
    let Reached::Command { command, env, cwd } = &time.reached else { panic!("{time:?}") };
    assert_eq!(*command, ["/etc/mpp/./bin/time", "-z", "UTC"]);
    assert_eq!((&**cwd, &**env), (Path::new("/etc/mpp/work"), &["TOKEN".to_owned(), "MODE=test".to_owned()][..]));
    assert_eq!((time.timeout, time.start_timeout), (Duration::from_secs(1), Duration::from_secs(3600)));
    assert_eq!(time.tools.published("convert"), None);
    let Reached::Command { command, cwd, .. } = &plain.reached else { panic!("{plain:?}") };
    assert_eq!((command[0].as_str(), &**cwd), ("uvx", Path::new("/etc/mpp")));
    assert_eq!((plain.timeout, plain.start_timeout), (Duration::from_secs(300), Duration::from_secs(20)));
    let Reached::Url { url, headers } = &remote.reached else { panic!("{remote:?}") };
    assert_eq!((url.as_str(), headers[0].name()), ("https://mcp.example.com/mcp", "authorization"));
    assert_eq!(headers[0].variables().collect::<Vec<_>>(), ["TOKEN"]);
    assert_eq!(remote.reached.origin(), ["https://mcp.example.com/mcp"]);
    assert!(matches!(near.reached, Reached::Url { .. }));
}

#[test]
fn mistakes_have_a_place_a_code_and_a_suggestion() {
    let server = |line: &str| format!("[[server]]\nname = \"a\"\ncommand = [\"a\"]\n{line}\n");
    let remote = |line: &str| format!("[[server]]\nname = \"a\"\nurl = \"https://a.example/\"\n{line}\n");
    for (text, code, place, message) in [
        ("[[package]\n", "MPP-M101", "1:", ""),
        ("[[package]]\n", "MPP-M101", "1:1", "missing field `source`"),
        ("[[package]]\nsource = 7\n", "MPP-M101", "2:10", "invalid type: integer `7`, expected a string"),
        ("package = 7\n", "MPP-M101", "1:11", "invalid type: integer `7`, expected a sequence"),
        (
            "[[packages]]\nsource = \"a\"\n",
            "MPP-M102",
            "1:3",
            "unknown key `packages` in the configuration; did you mean `package`?",
        ),
        (
            "[[package]]\nsource = \"a\"\ntool = {}\n",
            "MPP-M102",
            "3:1",
            "unknown key `tool` in [[package]]; did you mean `tools`?",
        ),
        (&server("é.x = 1"), "MPP-M101", "4:1", ""),
        (&server("timeout = 1"), "MPP-M102", "4:1", "unknown key `timeout` in [[server]]; did you mean `timeout_ms`?"),
        (
            &server("tools = { dany = [\"x\"] }"),
            "MPP-M102",
            "4:11",
            "unknown key `dany` in `tools`; did you mean `deny`?",
        ),
        (&server("timeout_ms = 0"), "MPP-M103", "4:14", "0 is not a time: expected 1 to 3600000 milliseconds"),
        (&server("timeout_ms = -1"), "MPP-M101", "4:14", "invalid value: integer `-1`, expected u64"),
        (&(server("") + &server("")), "MPP-M103", "6:8", "the name `a` is used for two servers"),
        (
            "[[server]]\nname = \"a b\"\ncommand = [\"a\"]",
            "MPP-M103",
            "2:8",
            "`a b` is not a name for a server: expected at most 64 letters, digits, `-` and `_`",
        ),
        (
            "[[server]]\nname = \"a\"\ncommand = []",
            "MPP-M103",
            "3:11",
            "the command is empty: expected a program and its arguments",
        ),
        ("[[server]]\nname = \"a\"", "MPP-M103", "2:8", "a server needs a `command` or a `url`"),
        (
            &server("url = \"https://a.example/\""),
            "MPP-M103",
            "4:7",
            "a server has either a `command` or a `url`, and this one has both",
        ),
        (&server("headers = { a = \"b\" }"), "MPP-M103", "4:11", "`headers` is for servers with a `url`"),
        (&server("allow_http = true"), "MPP-M103", "4:14", "`allow_http` is for servers with a `url`"),
        (&remote("env = []"), "MPP-M103", "4:7", "`env` is for servers with a `command`"),
        (&remote("cwd = \"x\""), "MPP-M103", "4:7", "`cwd` is for servers with a `command`"),
        (&remote("headers = { host = \"b\" }"), "MPP-M103", "4:11", "the header `host` is set by the protocol"),
        (&remote("headers = { a = \"b\", A = \"c\" }"), "MPP-M103", "4:11", "the header `a` is given twice"),
        (
            "[[server]]\nname = \"a\"\nurl = \"http://a.example/\"",
            "MPP-M103",
            "3:7",
            "the URL cannot be used: plain HTTP is used only to this machine, unless it is allowed",
        ),
    ] {
        let (found, found_place, found_message) = parse(text).expect_err(text);
        assert_eq!(found, code, "{text}: {found_message}");
        assert!(found_place.starts_with(&format!("/etc/mpp/agent.toml:{place}")), "{text}: {found_place}");
        if !message.is_empty() {
            assert_eq!(found_message, message, "{text}");
        }
    }
}

#[test]
fn an_empty_configuration_serves_nothing() {
    assert_eq!(parse("# nothing yet\n"), Ok(AgentConfig::default()));
}
