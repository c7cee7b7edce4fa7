//! A version of a package in place of another one, while clients use it.

use mpp_host::codes::{Coded as _, Remedy};
use mpp_host::host::ServerQuestion;
use mpp_host::policy::Question;
use mpp_mcp::bridge::{Caller, Era, Outcome, Wording};
use serde_json::{Value, json};

use crate::client::{Client, modern};
use crate::support::{Gate, Sample, Served, tool};

fn answering(name: &'static str, text: &str) -> Sample {
    Sample::answering(name, &json!({ "content": [{ "type": "text", "text": text }], "isError": false }).to_string())
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_default()
}

#[test]
fn a_running_call_ends_with_the_version_that_it_began_with() {
    for meta in [json!({}), json!({ "progressToken": "through the protocol library" })] {
        let gate = Gate::new();
        let served = Served::new(vec![Sample::waiting("slow", &gate, "old").tools(json!([tool("say", "low")]))]);
        let mut client = Client::legacy(&served, json!({}));
        client.start("tools/call", "1", &json!({ "name": "say", "arguments": {}, "_meta": meta }));
        gate.wait_until_running();
        served.replace(0, answering("slow", "new").version("2.0.0").tools(json!([tool("say", "low")]))).unwrap();
        assert_eq!(client.next()["method"], "notifications/tools/list_changed");
        let params = json!({ "name": "say", "arguments": {}, "_meta": meta });
        assert_eq!(text(&client.request("tools/call", "2", &params)), "new");
        gate.open();
        let answer = client.next();
        assert_eq!((&answer["id"], text(&answer)), (&json!("1"), "old"), "{answer}");
        client.close();
    }
}

#[test]
fn an_answer_about_one_version_does_not_count_for_another_one() {
    let served = Served::new(vec![answering("disk", "old")]);
    let mut client = Client::connect(&served);
    let meta = modern(json!({ "elicitation": {} }));
    let mut call = json!({ "name": "erase", "arguments": {}, "_meta": meta });
    let asked = client.request("tools/call", "1", &call)["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    served.replace(0, answering("disk", "new").version("2.0.0")).unwrap();
    call["requestState"] = asked["requestState"].clone();
    call["inputResponses"] = json!({ "approval": { "action": "accept", "content": {} } });
    assert_eq!(client.request("tools/call", "2", &call)["error"]["code"], -32602);

    // A client that is asked during the call gets the version that it was asked about.
    let mut client = Client::legacy(&served, json!({ "elicitation": {} }));
    client.start("tools/call", "3", &json!({ "name": "erase", "arguments": {} }));
    let question = client.next();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    served.replace(0, answering("disk", "newest").version("3.0.0")).unwrap();
    assert_eq!(client.next()["method"], "notifications/tools/list_changed");
    let accept = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": {} } });
    client.send(&accept.to_string());
    assert_eq!(text(&client.next()), "new");
}

#[test]
fn only_a_version_of_the_same_package_takes_its_place() {
    let served = Served::new(vec![answering("one", "one")]);
    let refused = served.replace(0, answering("two", "two")).unwrap_err();
    assert_eq!(refused.code().id, "MPP-M004");
    assert_eq!(refused.to_string(), "the package is `com.example.two`, and not a version of `com.example.one`");
    assert_eq!(served.replace(1, answering("one", "one")).unwrap_err().code().id, "MPP-M004");
    let mut client = Client::legacy(&served, json!({}));
    assert_eq!(client.call("say", json!({}))["content"][0]["text"], "one");
    client.ends_silently();
}

/// Panics when a failure is worded.
struct Panics;

impl Wording for Panics {
    fn fix(&self, _: &Remedy, _: &str) -> String {
        panic!("no words")
    }

    fn question(&self, _: &Question, _: &str) -> String {
        String::new()
    }

    fn server_question(&self, _: &ServerQuestion) -> String {
        String::new()
    }
}

#[test]
fn a_call_that_panics_is_answered() {
    let served = Served::worded(vec![answering("disk", "x")], Panics);
    // Nobody can be asked, and how to allow the call is what cannot be worded.
    let answered = served.bridge.call("erase", "{}", &Caller::new(Era::Modern));
    assert!(matches!(&answered.outcome, Outcome::Error(error) if error.code == -32603), "{answered:?}");
    let mut client = Client::legacy(&served, json!({}));
    let answer = client.request("tools/call", "1", &json!({ "name": "erase", "arguments": {} }));
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    assert_eq!(answer["error"]["data"]["kind"], "internal_error", "{answer}");
    assert_eq!(client.call("say", json!({}))["isError"], false);
    client.ends_silently();
}
