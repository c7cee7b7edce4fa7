//! Tests decisions as tables: first use, further requests, and repeated use.

use std::cell::RefCell;

use mpp_sdk::wire::{ErrorKind, SecurityLevel};
use serde_json::{Value, json};

use super::{Answer, Approval, Approver, MachinePath, NotApproved, Policy, Question, Settings, Situation, Wants, Why};
use crate::causes::with_causes;
use crate::codes::Coded as _;
use crate::keys::{KeyRole, SigningKey};
use crate::package::Manifest;
use crate::testing::SamplePackage;
use crate::trust::Trust;

const NOW: &str = "2026-03-01T12:00:00Z";

/// Returns a manifest with a harmless tool `find` and a dangerous tool `pay`.
fn manifest(capabilities: Value, filters: Value) -> Manifest {
    let tool = |name: &str, level: &str| json!({"name": name, "description": "x", "parameters": {"type": "object"}, "security_level": level});
    SamplePackage::new()
        .set("/capabilities", capabilities)
        .set("/tool_definitions", json!([tool("find", "low"), tool("pay", "critical")]))
        .set("/privacy_filters", filters)
        .manifest()
}

fn plain() -> Manifest {
    manifest(json!({}), json!({}))
}

/// An approver that always gives the same answer and records the questions.
struct Says(Answer, RefCell<Vec<Question>>);

impl Approver for Says {
    fn ask(&self, question: &Question) -> Answer {
        self.1.borrow_mut().push(question.clone());
        self.0
    }
}

struct Outcome {
    end: Result<super::clear::Settled, NotApproved>,
    asked: Vec<Question>,
}

fn settle(
    policy: &Policy,
    manifest: &Manifest,
    trust: Trust,
    tool: &str,
    known: Option<&Approval>,
    answer: Answer,
) -> Outcome {
    let key = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
    let (public, key_id) = (key.public(), key.id());
    let situation = Situation { manifest, key: &public, key_id: &key_id, trust, tool: Some(tool), paths: &[] };
    let approver = Says(answer, RefCell::default());
    let end = policy.settle(&situation, known, &approver, &|| None, NOW);
    Outcome { end, asked: approver.1.into_inner() }
}

fn approved(manifest: &Manifest) -> Approval {
    let key = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
    let (public, key_id) = (key.public(), key.id());
    let situation =
        Situation { manifest, key: &public, key_id: &key_id, trust: Trust::Trusted, tool: None, paths: &[] };
    Approval::of(&situation, None, NOW)
}

/// Returns what is shown as new in `after` compared with `before`.
fn new(before: &Manifest, after: &Manifest) -> Vec<String> {
    Wants::of(after).beyond(Some(&Wants::of(before))).iter().map(ToString::to_string).collect()
}

#[test]
fn the_first_use_asks_and_a_repetition_does_not() {
    let (policy, manifest) = (Policy::default(), manifest(json!({"env_vars": ["TOKEN"]}), json!({})));
    let first = settle(&policy, &manifest, Trust::UnknownPublisher, "find", None, Answer::Remember);
    assert!(matches!(&first.asked[..], [Question { why: Why::UnknownPublisher { wants }, .. }] if wants.len() == 2));
    let settled = first.end.expect("allowed");
    assert_eq!(settled.publisher, Some(Answer::Remember));
    let approval = settled.approval.expect("remembered");
    let again = settle(&policy, &manifest, Trust::Trusted, "find", Some(&approval), Answer::No);
    let nothing_new = super::clear::Settled { trust: Trust::Trusted, publisher: None, paths: None, approval: None };
    assert!(again.asked.is_empty() && again.end == Ok(nothing_new));
    let json = serde_json::to_string(&approval).expect("serialises");
    assert_eq!(serde_json::from_str::<Approval>(&json).expect("reads"), approval);
}

/// Name of the case, manifest, trust, tool, approval and answer; expected number of questions and result.
type Case<'a> = (&'a str, &'a Manifest, Trust, &'a str, Option<&'a Approval>, Answer, usize, Result<(), &'a str>);

#[test]
fn questions_depend_on_trust_approval_and_the_tool() {
    use Answer::{CannotAsk, No, Once, Remember};
    let (policy, wants, nothing) = (Policy::default(), manifest(json!({"env_vars": ["T"]}), json!({})), plain());
    let known = approved(&wants);
    let other_key = Approval { key: SigningKey::from_seed(&[8; 32], KeyRole::Publisher).public(), ..known.clone() };
    let pay = approved(&nothing);
    let table: &[Case<'_>] = &[
        ("own, requests much", &wants, Trust::Own, "pay", None, No, 0, Ok(())),
        ("revoked", &nothing, Trust::Revoked, "find", None, Remember, 0, Err("MPP-K202")),
        ("unknown, no", &nothing, Trust::UnknownPublisher, "find", None, No, 1, Err("MPP-K207")),
        ("unknown, cannot ask", &nothing, Trust::UnknownPublisher, "find", None, CannotAsk, 1, Err("MPP-K201")),
        (
            "trusted by a bare key, requests something",
            &wants,
            Trust::Trusted,
            "find",
            None,
            CannotAsk,
            1,
            Err("MPP-K206"),
        ),
        (
            "the same, with another key's approval",
            &wants,
            Trust::Trusted,
            "find",
            Some(&other_key),
            CannotAsk,
            1,
            Err("MPP-K206"),
        ),
        ("approved", &wants, Trust::Trusted, "find", Some(&known), CannotAsk, 0, Ok(())),
        ("approved, yes is not needed", &wants, Trust::Trusted, "find", Some(&known), Once, 0, Ok(())),
        ("dangerous, cannot ask", &nothing, Trust::Trusted, "pay", Some(&pay), CannotAsk, 1, Err("MPP-K206")),
        ("dangerous, no", &nothing, Trust::Trusted, "pay", Some(&pay), No, 1, Err("MPP-K207")),
        ("dangerous, yes", &nothing, Trust::Trusted, "pay", Some(&pay), Once, 1, Ok(())),
        ("requests more and dangerous", &wants, Trust::Trusted, "pay", None, Once, 2, Ok(())),
        ("a tool that is not there", &nothing, Trust::Trusted, "pya", Some(&pay), CannotAsk, 0, Ok(())),
    ];
    for (name, manifest, trust, tool, known, answer, asked, end) in table {
        let outcome = settle(&policy, manifest, *trust, tool, *known, *answer);
        assert_eq!(outcome.asked.len(), *asked, "{name}: {:?}", outcome.asked);
        assert_eq!(outcome.end.as_ref().map(|_| ()).map_err(|not| not.code().id), *end, "{name}");
        if let Err(not) = &outcome.end {
            let kind = if *answer == CannotAsk { ErrorKind::ApprovalRequired } else { ErrorKind::ApprovalRefused };
            assert_eq!((not.kind(), not.to_rpc().code), (kind, -31008), "{name}");
        }
        if *answer == Once {
            assert!(outcome.end.expect("allowed").approval.is_none(), "{name}: once is not remembered");
        }
    }
}

#[test]
fn an_approved_tool_asks_again_only_at_a_higher_level() {
    let (policy, manifest) = (Policy::default(), plain());
    let mut known = approved(&manifest);
    known.tools.insert("pay".to_owned(), SecurityLevel::Critical);
    let outcome = settle(&policy, &manifest, Trust::Trusted, "pay", Some(&known), Answer::CannotAsk);
    assert!(outcome.end.is_ok());
    known.tools.insert("pay".to_owned(), SecurityLevel::High);
    let outcome = settle(&policy, &manifest, Trust::Trusted, "pay", Some(&known), Answer::CannotAsk);
    assert_eq!(outcome.end.expect_err("asked").code(), "MPP-K206");
}

#[test]
fn only_what_is_new_is_shown() {
    let filters = |filters: Value| manifest(json!({}), filters);
    let can = |capabilities: Value| manifest(capabilities, json!({}));
    let table: &[(&str, Manifest, Manifest, &[&str])] = &[
        ("the same", can(json!({"env_vars": ["A"]})), can(json!({"env_vars": ["A"]})), &[]),
        ("less", can(json!({"env_vars": ["A", "B"]})), can(json!({"env_vars": ["A"]})), &[]),
        (
            "a host",
            can(json!({"network": ["a.example"]})),
            can(json!({"network": ["a.example", "b.example"]})),
            &["may connect to https://b.example"],
        ),
        ("a host below", can(json!({"network": ["*.a.example"]})), can(json!({"network": ["b.a.example"]})), &[]),
        (
            "all below",
            can(json!({"network": ["b.a.example"]})),
            can(json!({"network": ["*.a.example"]})),
            &["may connect to https://*.a.example"],
        ),
        (
            "plain",
            can(json!({"network": ["a.example"]})),
            can(json!({"network": ["http://a.example"]})),
            &["may connect to http://a.example"],
        ),
        (
            "a credential",
            can(json!({"network": ["a.example"], "env_vars": ["K"]})),
            can(
                json!({"network": [{"host": "a.example", "inject": {"Authorization": "Bearer ${K}"}}], "env_vars": ["K"]}),
            ),
            &["sends the header authorization to a.example; the host adds it, and the tool never sees it"],
        ),
        (
            "a credential that it had not seen, to see",
            can(json!({"network": [{"host": "a.example", "inject": {"authorization": "${K}"}}], "env_vars": ["K"]})),
            can(json!({"network": ["a.example"], "env_vars": ["K"]})),
            &["receives the variable K"],
        ),
        (
            "another credential in the same header",
            can(json!({"network": [{"host": "a.example", "inject": {"authorization": "${K}"}}], "env_vars": ["K"]})),
            can(
                json!({"network": [{"host": "a.example", "inject": {"authorization": "${L}"}}], "env_vars": ["K", "L"]}),
            ),
            &[
                "receives the variable K",
                "uses the variable L in headers; the host adds them, and the tool never sees it",
            ],
        ),
        (
            "writing",
            can(json!({"filesystem": {"read": ["/d"]}})),
            can(json!({"filesystem": {"write": ["/d"]}})),
            &["may read and change /d"],
        ),
        (
            "reading what it wrote",
            can(json!({"filesystem": {"write": ["/d"]}})),
            can(json!({"filesystem": {"read": ["/d"]}})),
            &[],
        ),
        ("a variable", can(json!({})), can(json!({"env_vars": ["A"]})), &["receives the variable A"]),
        (
            "state",
            can(json!({})),
            can(json!({"kv": {"max_bytes": 1_048_576}})),
            &["may store up to 1.0 MiB of its own data"],
        ),
        (
            "more state",
            can(json!({"kv": {"max_bytes": 1024}})),
            can(json!({"kv": {"max_bytes": 1025}})),
            &["may store up to 1.0 KiB of its own data"],
        ),
        ("less state", can(json!({"kv": {"max_bytes": 1025}})), can(json!({"kv": {"max_bytes": 1024}})), &[]),
        (
            "no filter",
            filters(json!({})),
            filters(json!({"enabled": false})),
            &["answers are NOT filtered for personal data: the package turns the filter off"],
        ),
        ("a filter after all", filters(json!({"enabled": false})), filters(json!({})), &[]),
        (
            "one pattern less",
            filters(json!({})),
            filters(json!({"patterns": ["email", "phone"]})),
            &["answers are not filtered for credit_card"],
        ),
        ("one more pattern", filters(json!({})), filters(json!({"patterns": ["*"]})), &[]),
        (
            "one of many less",
            filters(json!({"patterns": ["email", "phone", "credit_card", "iban"]})),
            filters(json!({})),
            &["answers are no longer filtered for iban as they were"],
        ),
        (
            "a weaker pattern of its own",
            filters(json!({"custom_patterns": [{"id": "customer", "regex": "CUST-\\d{2,8}"}]})),
            filters(json!({"custom_patterns": [{"id": "customer", "regex": "CUST-\\d{8}"}]})),
            &["answers are no longer filtered for customer as they were"],
        ),
        (
            "an exemption",
            filters(json!({})),
            filters(json!({"exempt": [{"pointer": "/mail", "reason": "public"}]})),
            &["answers are not filtered at /mail"],
        ),
    ];
    for (name, before, after, expected) in table {
        assert_eq!(new(before, after), *expected, "{name}");
    }
}

#[test]
fn a_downgrade_does_not_ask() {
    let (one, two) = (manifest(json!({"env_vars": ["A"]}), json!({})), manifest(json!({"env_vars": ["B"]}), json!({})));
    let both = Wants::of(&two).accepted_with(Some(&Wants::of(&one)));
    assert!(Wants::of(&one).beyond(Some(&both)).is_empty() && Wants::of(&two).beyond(Some(&both)).is_empty());
}

#[test]
fn approval_does_not_overrule_the_policy() {
    let network = |host: &str| manifest(json!({"network": [host]}), json!({}));
    let policy = |settings: Value| Policy::new(serde_json::from_value(settings).expect("settings")).expect("a policy");
    let denied = policy(json!({"deny_hosts": ["*.bad.example", "worse.example"]}));
    for (host, end) in [
        ("a.bad.example", Err("MPP-K208")),
        ("http://a.bad.example:8080", Err("MPP-K208")),
        ("*.a.bad.example", Err("MPP-K208")),
        ("*.worse.example", Ok(())),
        ("bad.example", Ok(())),
        ("worse.example:8443", Err("MPP-K208")),
    ] {
        let outcome = settle(&denied, &network(host), Trust::Own, "find", None, Answer::Remember);
        assert_eq!(outcome.end.map(|_| ()).map_err(|not| not.code().id), end, "{host}");
    }
    let levels = policy(json!({"refuse": "critical", "ask": "medium"}));
    let end = |tool: &str| settle(&levels, &plain(), Trust::Own, tool, None, Answer::Remember).end;
    assert_eq!(end("pay").expect_err("refused").code(), "MPP-K208");
    assert!(end("find").is_ok());
}

#[test]
fn an_invalid_policy_is_refused() {
    let new = |settings: Value| {
        serde_json::from_value::<Settings>(settings)
            .map_err(|error| error.to_string())
            .and_then(|settings| Policy::new(settings).map(drop).map_err(|error| with_causes(&error)))
    };
    assert_eq!(
        new(json!({"force_patterns": ["*", "iban"], "deny_hosts": ["a.example"], "refuse": "critical"})),
        Ok(())
    );
    assert_eq!(
        new(json!({"force_patterns": ["emial"]})).expect_err("refused"),
        "`force_patterns`: there is no privacy pattern `emial`; did you mean `email`?"
    );
    assert!(new(json!({"deny_hosts": ["https://a.example"]})).expect_err("refused").contains("leave out `https://`"));
    assert!(new(json!({"allow_hosts": []})).is_err());
    assert!(new(json!({"ask": "never"})).is_err());
}

#[test]
fn a_level_that_the_policy_sets_applies_to_ones_own_packages_too() {
    let manifest = manifest(json!({"env_vars": ["T"]}), json!({}));
    let asking = Policy::new(Settings { ask: Some(SecurityLevel::Critical), ..Settings::default() }).expect("valid");
    let own = |policy: &Policy, tool, answer| settle(policy, &manifest, Trust::Own, tool, None, answer);
    assert!(own(&Policy::default(), "pay", Answer::No).asked.is_empty());
    assert!(own(&asking, "find", Answer::No).asked.is_empty());
    let asked = own(&asking, "pay", Answer::Remember);
    assert!(matches!(&asked.asked[..], [Question { why: Why::SensitiveTool { tool, .. }, .. }] if tool == "pay"));
    let approval = asked.end.expect("allowed").approval.expect("remembered");
    let again = settle(&asking, &manifest, Trust::Own, "pay", Some(&approval), Answer::No);
    assert!(again.asked.is_empty() && again.end.is_ok());
}

#[test]
fn paths_of_this_machine_are_asked_about_before_the_call_and_stay_unmapped_if_nobody_answers() {
    let paths = [MachinePath::new("/etc/ssl", "/usr/lib/ssl", true, false)];
    let manifest = manifest(json!({"filesystem": {"read": ["/etc/ssl"]}}), json!({}));
    let key = SigningKey::from_seed(&[7; 32], KeyRole::Publisher);
    let (public, key_id) = (key.public(), key.id());
    let asking = Policy::new(Settings { ask: Some(SecurityLevel::Critical), ..Settings::default() }).expect("valid");
    let situation = Situation {
        manifest: &manifest,
        key: &public,
        key_id: &key_id,
        trust: Trust::Own,
        tool: Some("pay"),
        paths: &paths,
    };
    let settle = |answer: &dyn Fn(&Question) -> Answer| {
        struct Answers<'a>(&'a dyn Fn(&Question) -> Answer, RefCell<Vec<String>>);
        impl Approver for Answers<'_> {
            fn ask(&self, question: &Question) -> Answer {
                self.1.borrow_mut().push(question.to_string());
                (self.0)(question)
            }
        }
        let approver = Answers(answer, RefCell::default());
        let end = asking.settle(&situation, None, &approver, &|| None, NOW);
        (end, approver.1.into_inner())
    };
    let about_paths = "sample 1.2.3 would use `/etc/ssl` of this machine";
    let (end, asked) = settle(&|_| Answer::Once);
    assert_eq!(end.expect("allowed").paths, Some(Answer::Once));
    assert_eq!((asked.len(), asked[0].as_str()), (2, about_paths), "the call comes second: {asked:?}");
    let (end, asked) = settle(&|_| Answer::No);
    let declined = end.expect_err("refused");
    assert_eq!((declined.code().id, asked.len()), ("MPP-K207", 1));
    assert_eq!(declined.to_string(), format!("you declined: {about_paths}"));
    let (end, asked) = settle(&|question| if question.needs_a_person() { Answer::CannotAsk } else { Answer::Once });
    assert_eq!((end.expect("allowed without the paths").paths, asked.len()), (None, 2));
}

#[test]
fn mappings_in_a_policy_are_for_packages_and_absolute() {
    let new = |dirs: Value| {
        let settings = serde_json::from_value::<Settings>(json!({ "dirs": dirs })).expect("the form is right");
        Policy::new(settings).map_err(|error| (error.to_string(), error.keys().join(" ")))
    };
    let policy = new(json!({"com.example.notes": {"/notes": "/srv/notes"}})).expect("valid");
    assert_eq!(policy.dirs("com.example.notes")["/notes"], std::path::Path::new("/srv/notes"));
    assert!(policy.dirs("com.example.other").is_empty());
    for (dirs, mistake, keys) in [
        (json!({"notes": {}}), "`notes` is not a package id", "dirs notes"),
        (json!({"a.b": {"/x/": "/y"}}), "`/x/` is not a valid path", "dirs a.b /x/"),
        (json!({"a.b": {"/x": "y"}}), "`/x` is mapped to `y`, which is not an absolute path", "dirs a.b /x"),
    ] {
        let (message, place) = new(dirs).expect_err(mistake);
        assert!(message.starts_with("`dirs`: ") && message.contains(mistake), "{message}");
        assert_eq!(place, keys);
    }
}
