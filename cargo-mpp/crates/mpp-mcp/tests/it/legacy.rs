//! MCP servers beside packages, through the same front end.

mod faults;
mod pins;
mod said;
mod web;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mpp_home::{Home, Launcher};
use mpp_host::clock::SystemClock;
use mpp_mcp::bridge::{Bridge, PlainWording};
use mpp_mcp::config::{AgentConfig, Reached};
use mpp_mcp::legacy::{Endpoint, Event, Events, Launch, LegacyServer, ServerParts};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, modern};
use crate::fake;
use crate::support::{Sample, Served};

/// A fake server of the configuration.
#[derive(Clone)]
pub(crate) struct Fake {
    name: &'static str,
    env: Vec<(String, String)>,
    settings: &'static str,
    url: Option<String>,
}

impl Fake {
    /// A server that speaks this era and has these tools besides `echo`.
    pub(crate) fn new(era: &str, tools: &str) -> Self {
        let env = [("FAKE_ERA", era), ("FAKE_TOOLS", tools)];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { name: "fake", env: env.into(), settings: "", url: None }
    }

    /// A server that is reached at this URL with the header `Authorization: Bearer TOKEN`.
    pub(crate) fn web(url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..Self::new("", "").env("TOKEN", "correct-horse-battery") }
    }

    pub(crate) fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds lines to the `[[server]]` table.
    pub(crate) fn settings(mut self, settings: &'static str) -> Self {
        self.settings = settings;
        self
    }

    fn server(&self, home: &Home, launcher: &Launcher, events: &Arc<Sink>) -> Arc<LegacyServer> {
        if let Some(url) = &self.url {
            return self.at(url, home, launcher, events);
        }
        let command = serde_json::to_string(&fake::command()).unwrap();
        let text = format!("[[server]]\nname = \"{}\"\ncommand = {command}\n{}", self.name, self.settings);
        let config = AgentConfig::parse(&text, &home.root().join("agent.toml")).unwrap().servers.remove(0);
        let mut env = self.env.clone();
        env.push(("PATH".to_owned(), std::env::var("PATH").unwrap()));
        let Reached::Command { command, cwd, .. } = config.reached.clone() else { panic!("{config:?}") };
        let launch = Launch::new(command, cwd, env);
        let secrets: Vec<(String, String)> = self.env.iter().filter(|(name, _)| name == "TOKEN").cloned().collect();
        let parts = ServerParts::new(
            launch,
            launcher.server_gate(&config.name, &secrets).unwrap(),
            home.servers(),
            Arc::new(SystemClock::new()),
            Arc::clone(events) as Arc<dyn Events>,
            ("test".to_owned(), "1".to_owned()),
        );
        LegacyServer::new(config, parts).unwrap()
    }
}

impl Fake {
    fn at(&self, url: &str, home: &Home, launcher: &Launcher, events: &Arc<Sink>) -> Arc<LegacyServer> {
        let headers = "headers = { Authorization = \"Bearer ${TOKEN}\" }";
        let text = format!("[[server]]\nname = \"{}\"\nurl = \"{url}\"\n{headers}\n{}", self.name, self.settings);
        let config = AgentConfig::parse(&text, &home.root().join("agent.toml")).unwrap().servers.remove(0);
        let Reached::Url { url, headers } = &config.reached else { panic!("{config:?}") };
        let token = |name: &str| self.env.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let headers = headers.iter().map(|header| (header.name().to_owned(), header.value(&token).unwrap())).collect();
        let secrets = [("TOKEN".to_owned(), token("TOKEN").unwrap())];
        let parts = ServerParts::new(
            Endpoint::new(url.clone()).headers(headers),
            launcher.server_gate(&config.name, &secrets).unwrap(),
            home.servers(),
            Arc::new(SystemClock::new()),
            Arc::clone(events) as Arc<dyn Events>,
            ("test".to_owned(), "1".to_owned()),
        );
        LegacyServer::new(config, parts).unwrap()
    }
}

struct Sink(Mutex<Sender<Event>>);

impl Events for Sink {
    fn event(&self, event: &Event) {
        // The test may have ended.
        let _ = self.0.lock().unwrap().send(event.clone());
    }
}

/// Servers behind a bridge.
pub(crate) struct SideBySide {
    pub(crate) served: Served,
    pub(crate) servers: Vec<Arc<LegacyServer>>,
    pub(crate) events: Receiver<Event>,
}

impl SideBySide {
    /// Serves in a new home directory whose policy asks about critical tools only.
    pub(crate) fn new(fakes: &[Fake]) -> Self {
        Self::with(tempfile::tempdir().unwrap(), "ask = \"critical\"\n", Vec::new(), fakes)
    }

    /// Does the same, but waits at most for `patience` until the servers have started.
    pub(crate) fn started(fakes: &[Fake], patience: Duration) -> Self {
        Self::prepared(tempfile::tempdir().unwrap(), "ask = \"critical\"\n", Vec::new(), fakes, |servers| {
            LegacyServer::start_within(servers, patience);
        })
    }

    /// Serves in this home directory.
    pub(crate) fn with(dir: TempDir, policy: &str, samples: Vec<Sample>, fakes: &[Fake]) -> Self {
        // As long as it takes on a busy machine.
        Self::prepared(dir, policy, samples, fakes, |servers| {
            LegacyServer::start_within(servers, Duration::from_secs(60));
        })
    }

    fn prepared(
        dir: TempDir,
        policy: &str,
        samples: Vec<Sample>,
        fakes: &[Fake],
        start: impl FnOnce(&[Arc<LegacyServer>]),
    ) -> Self {
        let home = Home::at(dir.path());
        std::fs::write(home.policy_file(), policy).unwrap();
        let launcher = Launcher::builder(home.clone()).unwrap().host(|host| host.instances(8)).build().unwrap();
        let packages = crate::support::served(samples, &launcher);
        let bridge = Arc::new(Bridge::new(packages, 8, Arc::new(PlainWording)));
        let (sender, events) = channel();
        let sink = Arc::new(Sink(Mutex::new(sender)));
        let servers: Vec<_> = fakes.iter().map(|fake| fake.server(&home, &launcher, &sink)).collect();
        bridge.add_servers(&servers);
        start(&servers);
        Self { served: Served { bridge, home: dir }, servers, events }
    }

    /// Returns the next event about a server that is not about its bad definition.
    pub(crate) fn event(&self) -> Event {
        loop {
            let event = self.events.recv_timeout(Duration::from_secs(60)).unwrap();
            if !matches!(event, Event::BadDefinition { .. }) {
                return event;
            }
        }
    }

    /// Ends the servers, and returns the home directory.
    pub(crate) fn close(self) -> TempDir {
        LegacyServer::close_all(&self.servers);
        self.served.home
    }
}

pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}

#[test]
fn a_server_of_every_era_serves_clients_of_every_era() {
    for (era, version) in [("legacy", "7.1"), ("modern", "8.0"), ("exits", "7.1"), ("silent", "7.1")] {
        // A server that does not answer what it does not know costs this time.
        let settings = if era == "silent" { "start_timeout_ms = 4000" } else { "" };
        let side = SideBySide::new(&[Fake::new(era, "data,asks").settings(settings)]);
        assert_eq!(side.served.bridge.tools(), ["asks", "data", "echo"], "{era}");
        let mut old = Client::legacy(&side.served, json!({}));
        old.start("tools/call", "1", &json!({ "name": "data", "arguments": {} }));
        let structured = r#"[12345678901234567890.50,"[REDACTED:email]"]"#;
        let quoted = structured.replace('"', "\\\"");
        let content = format!(r#""content":[{{"type":"text","text":"{quoted}"}}]"#);
        assert_eq!(
            old.line(),
            format!(
                r#"{{"jsonrpc":"2.0","id":"1","result":{{{content},"structuredContent":{{"result":{structured}}},"isError":false,"vendor":{{"a":1.10}}}}}}"#
            ),
            "{era}"
        );
        assert_eq!(text(&old.call("asks", json!({}))), "asked", "{era}");
        let mut new = Client::connect(&side.served);
        new.start("tools/call", "1", &json!({ "name": "data", "arguments": {}, "_meta": modern(json!({})) }));
        assert_eq!(
            new.line(),
            format!(
                r#"{{"jsonrpc":"2.0","id":"1","result":{{"resultType":"complete",{content},"structuredContent":{structured},"isError":false,"vendor":{{"a":1.10}}}}}}"#
            ),
            "{era}"
        );
        let known = Home::at(side.served.home.path());
        let pinned = known.servers().load("fake", &fake::command()).unwrap().unwrap();
        assert_eq!((pinned.version.as_str(), pinned.initializes), (version, Some(era != "modern")), "{era}");
        side.close();
    }
}

#[test]
fn tools_of_servers_are_marked_and_named_like_those_of_packages() {
    let dir = tempfile::tempdir().unwrap();
    let samples = vec![
        Sample::answering("echoes", r#"{"content":[],"isError":false}"#)
            .tools(json!([crate::support::tool("echo", "low")])),
    ];
    let fakes = [
        Fake::new("legacy", "data").settings("tools = { rename = { data = \"facts\" } }"),
        Fake::new("legacy", "data").named("other").settings("tools = { allow = [\"echo\"] }"),
    ];
    let side = SideBySide::with(dir, "ask = \"critical\"\n", samples, &fakes);
    assert_eq!(side.served.bridge.tools(), ["echoes__echo", "facts", "fake__echo", "other__echo"]);
    let mut client = Client::legacy(&side.served, json!({}));
    let list = client.request("tools/list", "1", &json!({}));
    let tool = &list["result"]["tools"][2];
    assert_eq!(
        tool,
        &json!({
            "name": "fake__echo", "title": "echo (unverified)", "description": "Echoes.",
            "inputSchema": { "type": "object", "properties": { "n": { "type": "number" } } },
            "icons": [{ "src": "x" }],
            "annotations": { "readOnlyHint": true, "title": "echo (unverified)" },
            "_meta": { "mpp/server": "fake", "mpp/unverified": true, "mpp/securityLevel": "medium" },
        })
    );
    assert_eq!(text(&client.call("other__echo", json!({ "n": 1 }))), r#"{"n":1}"#);
    assert_eq!(client.call("facts", json!({}))["isError"], false);
    // The log tells which calls still go to servers.
    let mut recorded = Vec::new();
    mpp_host::audit::read(&Home::at(side.served.home.path()).audit_dir(), |listed| {
        let (package, version) = listed.record.package();
        let text = format!("{package} {version} {}", listed.record.tool().unwrap());
        recorded.push((text, listed.record.is_legacy(), listed.is_sealed));
    })
    .unwrap();
    assert_eq!(recorded, [("other 7.1 echo".to_owned(), true, true), ("fake 7.1 data".to_owned(), true, true)]);
    let report = mpp_host::audit::verify(&Home::at(side.served.home.path()).audit_dir()).unwrap().unwrap();
    assert!(report.is_whole(), "{report:?}");
    side.close();
}

#[test]
fn calls_need_the_approval_that_the_policy_asks_for() {
    let fakes = [Fake::new("legacy", "data")];
    let side = SideBySide::with(tempfile::tempdir().unwrap(), "", Vec::new(), &fakes);
    let mut client = Client::legacy(&side.served, json!({}));
    // A tool that claims to read only counts as medium, any other one as high.
    assert_eq!(client.call("echo", json!({}))["isError"], false);
    let refused = client.call("data", json!({}));
    assert!(text(&refused).starts_with("approval_required: the tool `data` of the MCP server `fake` is not verified"));
    assert!(text(&refused).contains("\nA person can allow this: "), "{refused}");
    let mut asked = Client::legacy(&side.served, json!({ "elicitation": {} }));
    asked.start("tools/call", "1", &json!({ "name": "data", "arguments": { "password": "hunter2" } }));
    let question = asked.next();
    let message = question["params"]["message"].as_str().unwrap();
    assert!(message.contains("`data`") && message.contains("[hidden]") && !message.contains("hunter2"), "{message}");
    asked.send(
        &json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": {} } }).to_string(),
    );
    assert_eq!(asked.next()["result"]["isError"], false);
    assert_eq!(side.served.audited(), ["ok", "approval_required", "ok"]);
    let dir = side.close();
    let side = SideBySide::with(dir, "refuse = \"medium\"\n", Vec::new(), &fakes);
    let mut client = Client::legacy(&side.served, json!({ "elicitation": {} }));
    let refused = client.call("echo", json!({}));
    assert!(text(&refused).starts_with("approval_refused: "), "{refused}");
    assert_eq!(refused["_meta"]["mpp/error"]["mpp_code"], "MPP-K208", "{refused}");
    side.close();
}

#[test]
fn a_server_is_given_only_its_own_variables_and_cannot_return_them() {
    let side = SideBySide::new(&[Fake::new("legacy", "secret").env("TOKEN", "correct-horse-battery")]);
    let mut client = Client::legacy(&side.served, json!({}));
    assert_eq!(text(&client.call("secret", json!({}))), "the token is [REDACTED:env:TOKEN]");
    side.close();
}
