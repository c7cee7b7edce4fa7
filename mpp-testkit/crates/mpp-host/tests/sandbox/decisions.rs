//! Decisions about packages and calls: who is asked, what runs without a decision, and what the audit log records.

use std::cell::RefCell;
use std::path::Path;

use mpp_host::audit::Entry;
use mpp_host::codes::Coded as _;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::ClearError;
use mpp_host::policy::{Question, Settings};
use mpp_host::privacy::Secrets;
use mpp_host::trust::TrustedPublisher;
use mpp_host::{
    Answer, Approver, CallOptions, ClearanceRequest, Grant, Host, Policy, Remedy, RunnablePackage, TrustStore,
    Unattended,
};
use mpp_sdk::wire::{ErrorKind, RpcError, SecurityLevel};
use serde_json::json;

use crate::audit::{entries, log_dir, recording};
use crate::fixture::{Run, SamplePackage, answers, content, failure, host, sample};

/// Gives the same answer to every question, and counts them.
struct Says(Answer, RefCell<Vec<Question>>);

impl Says {
    fn new(answer: Answer) -> Self {
        Self(answer, RefCell::default())
    }

    fn asked(&self) -> usize {
        self.1.borrow().len()
    }
}

impl Approver for Says {
    fn ask(&self, question: &Question) -> Answer {
        self.1.borrow_mut().push(question.clone());
        self.0
    }
}

/// A package with a harmless tool `run` and a dangerous tool `pay`.
fn package() -> SamplePackage {
    let tool = |name: &str, level: &str| json!({ "name": name, "description": "x", "parameters": { "type": "object" }, "security_level": level });
    sample(answers("1")).set("/tool_definitions", json!([tool("run", "low"), tool("pay", "critical")]))
}

/// A trust store that contains the publisher of the package.
fn trusting(package: &VerifiedPackage) -> TrustStore {
    let mut store = TrustStore::new();
    let prefixes = ["com.example"];
    store.add(TrustedPublisher::new(*package.publisher_key(), "Example", prefixes, "2026-03-01T12:00:00Z"));
    store
}

fn policy(settings: Settings) -> Policy {
    Policy::new(settings).unwrap()
}

/// The package of a trusted publisher, granted under a policy.
fn trusted(host: &Host, policy: &Policy) -> RunnablePackage {
    let package = package().verified(host);
    let store = trusting(&package);
    let admission = store.admit(&package).unwrap();
    let cleared = host.clear(&ClearanceRequest::new(&package, policy, &store, &Says::new(Answer::Once))).unwrap();
    host.load(package).unwrap().grant(Grant::new(admission, cleared.clearance)).unwrap()
}

/// Returns the tool, outcome and code of the last record in the log.
fn last(dir: &Path) -> (Option<String>, String, Option<String>) {
    let Entry { tool, outcome, code, .. } = entries(dir).pop().unwrap();
    (tool, outcome, code)
}

fn told(kind: ErrorKind, code: &str) -> (Option<String>, String, Option<String>) {
    (Some("pay".to_owned()), kind.as_str().to_owned(), Some(code.to_owned()))
}

#[test]
fn a_sensitive_call_without_a_clearance_does_not_run() {
    let (_guard, dir) = log_dir();
    let tool = trusted(&recording(&dir), &Policy::default());
    assert_eq!(content(&tool.call("run", "{}")), json!(1), "a harmless tool needs none");
    let output = tool.call("pay", "{}");
    let (kind, error) = failure(&output);
    assert_eq!(
        (kind, error.code, output.code().map(|code| code.id)),
        (ErrorKind::ApprovalRequired, -31008, Some("MPP-K206"))
    );
    assert!(error.message.contains("`pay`") && error.message.contains("critical"), "{error}");
    assert_eq!(output.report().output_bytes, 0, "nothing ran");
    assert_eq!(last(&dir), told(ErrorKind::ApprovalRequired, "MPP-K206"));
}

#[test]
fn a_clearance_permits_one_call_of_one_tool_of_one_package() {
    let host = host();
    let tool = trusted(&host, &Policy::default());
    let yes = Says::new(Answer::Once);
    let clear = |tool: &RunnablePackage, name: &str| tool.clear_call(name, "{}", &yes).unwrap().clearance;
    let call = |clearance| tool.call_with("pay", "{}", CallOptions::new().clearance(clearance));
    assert_eq!(content(&call(clear(&tool, "pay"))), json!(1));
    assert_eq!(failure(&tool.call("pay", "{}")).0, ErrorKind::ApprovalRequired, "the next call needs another one");

    assert_eq!(failure(&call(clear(&tool, "run"))).0, ErrorKind::ApprovalRequired, "of another tool");
    let other = package().set("/version", json!("1.2.4"));
    let other_clearance = {
        let package = other.verified(&host);
        let store = trusting(&package);
        let (policy, yes) = (Policy::default(), Says::new(Answer::Once));
        let request = ClearanceRequest::new(&package, &policy, &store, &yes).call("pay", "{}");
        host.clear(&request).unwrap().tool.unwrap()
    };
    assert_eq!(failure(&call(other_clearance)).0, ErrorKind::ApprovalRequired, "of another package");
    assert_eq!(yes.asked(), 1, "a harmless tool is cleared without a question");
}

#[test]
fn a_remembered_answer_is_not_asked_for_again() {
    let tool = trusted(&host(), &Policy::default());
    let yes = Says::new(Answer::Remember);
    let cleared = tool.clear_call("pay", "{}", &yes).unwrap();
    let approval = cleared.approval.unwrap();
    assert_eq!(approval.tools.get("pay"), Some(&SecurityLevel::Critical));
    assert_eq!(content(&tool.clone().call("pay", "{}")), json!(1));
    assert!(tool.clear_call("pay", "{}", &Unattended).unwrap().approval.is_none());
    assert_eq!(yes.asked(), 1);
}

#[test]
fn refusals_are_recorded_by_the_host() {
    let (_guard, dir) = log_dir();
    let host = recording(&dir);
    let tool = trusted(&host, &Policy::default());
    let refused = |answer| match tool.clear_call("pay", "{}", &Says::new(answer)) {
        Err(ClearError::NotApproved(refused)) => (refused.code().id, refused.kind()),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Answer::No), ("MPP-K207", ErrorKind::ApprovalRefused));
    assert_eq!(last(&dir), told(ErrorKind::ApprovalRefused, "MPP-K207"));
    assert_eq!(refused(Answer::CannotAsk), ("MPP-K206", ErrorKind::ApprovalRequired));
    assert_eq!(last(&dir), told(ErrorKind::ApprovalRequired, "MPP-K206"));
    assert_eq!(entries(&dir).len(), 2);

    let package = package().verified(&host);
    let (policy, nobody) = (Policy::default(), TrustStore::new());
    let request = ClearanceRequest::new(&package, &policy, &nobody, &Unattended);
    assert_eq!(host.clear(&request).unwrap_err().code(), "MPP-K201");
    let about_the_package = (None, "approval_required".to_owned(), Some("MPP-K201".to_owned()));
    assert_eq!(last(&dir), about_the_package, "the code is the refusal's own");
    assert_eq!(host.clear(&request.call("pay", "{}")).unwrap_err().code(), "MPP-K201");
    assert_eq!(last(&dir).0.as_deref(), Some("pay"));
    assert_eq!(entries(&dir).len(), 4);
}

#[test]
fn a_clearance_does_not_overrule_the_policy() {
    let (_guard, dir) = log_dir();
    let host = recording(&dir);
    let mut settings = Settings::default();
    settings.refuse = Some(SecurityLevel::Critical);
    let refusing = policy(settings);
    let tool = trusted(&host, &refusing);
    let lenient = trusted(&host, &Policy::default());
    let clearance = lenient.clear_call("pay", "{}", &Says::new(Answer::Once)).unwrap().clearance;
    for options in [CallOptions::new(), CallOptions::new().clearance(clearance)] {
        let output = tool.call_with("pay", "{}", options);
        assert_eq!(
            (failure(&output).0, output.code().map(|code| code.id)),
            (ErrorKind::ApprovalRefused, Some("MPP-K208"))
        );
        assert_eq!(last(&dir), told(ErrorKind::ApprovalRefused, "MPP-K208"));
    }
    let yes = Says::new(Answer::Remember);
    assert_eq!(tool.clear_call("pay", "{}", &yes).unwrap_err().code(), "MPP-K208");
    assert_eq!(last(&dir), told(ErrorKind::ApprovalRefused, "MPP-K208"));
    assert_eq!(yes.asked(), 0);
    assert_eq!(content(&tool.call("run", "{}")), json!(1));
}

#[test]
fn what_would_permit_a_refused_call_travels_with_the_error() {
    let remedy = |tool: &RunnablePackage| Remedy::of(failure(&tool.call("pay", "{}")).1).unwrap();
    let package_id = "com.example.sample".to_owned();
    let asked = remedy(&trusted(&host(), &Policy::default()));
    assert_eq!(asked, Remedy::Approve { package_id: package_id.clone(), tool: Some("pay".to_owned()) });
    let mut settings = Settings::default();
    settings.refuse = Some(SecurityLevel::Critical);
    let refusing = policy(settings);
    assert_eq!(remedy(&trusted(&host(), &refusing)), Remedy::ChangePolicy { setting: "refuse".to_owned() });

    let (host, policy, nobody) = (host(), Policy::default(), TrustStore::new());
    let package = package().verified(&host);
    let error = host.clear(&ClearanceRequest::new(&package, &policy, &nobody, &Unattended)).unwrap_err();
    let key_id = package.key_id().to_string();
    let trust = Remedy::TrustPublisher { package_id, publisher: "Example".to_owned(), key_id };
    assert_eq!(error.remedy(), Some(trust.clone()));
    assert_eq!(nobody.admit(&package).unwrap_err().remedy(), Some(trust));
}

#[test]
fn a_refusal_that_cannot_be_recorded_is_an_error_of_its_own() {
    let (_guard, dir) = log_dir();
    let host = recording(&dir);
    let tool = trusted(&host, &Policy::default());
    std::fs::write(&dir, "not a directory").unwrap();
    let error = tool.clear_call("pay", "{}", &Says::new(Answer::No)).unwrap_err();
    assert!(matches!(error, ClearError::Audit(_)), "{error:?}");
    assert_eq!(error.code(), "MPP-R501");
}

#[test]
fn the_types_of_the_facade_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<Host>();
    shared::<mpp_host::HostBuilder>();
    shared::<mpp_host::VerifiedPackage>();
    shared::<mpp_host::LoadedPackage>();
    shared::<RunnablePackage>();
    shared::<Grant>();
    shared::<CallOptions>();
    shared::<mpp_host::CancelHandle>();
    shared::<mpp_host::FilteredOutput>();
    shared::<mpp_host::Admission>();
    shared::<mpp_host::Clearance>();
    shared::<mpp_host::ToolClearance>();
    shared::<Policy>();
    shared::<TrustStore>();
}

#[test]
fn own_packages_do_not_ask() {
    let tool = package().runnable(&host());
    assert_eq!(content(&tool.call("pay", "{}")), json!(1));
}

#[test]
fn whoever_is_asked_about_a_call_sees_its_arguments_without_secrets_and_what_it_may_use() {
    let host = host();
    let declares = package().set("/capabilities", json!({ "env_vars": ["CRM_KEY"], "network": ["api.example.com"] }));
    let verified = declares.verified(&host);
    let store = trusting(&verified);
    let policy = Policy::default();
    let yes = Says::new(Answer::Once);
    let arguments = r#"{"to":"ada@example.com","amount":100,"password":"hunter2","note":"correct-horse-battery"}"#;
    let secrets = Secrets::new([("CRM_KEY", "correct-horse-battery")]);
    let request = ClearanceRequest::new(&verified, &policy, &store, &yes);
    let cleared = host.clear(&request.call("pay", arguments).secrets(&secrets)).unwrap();
    let admission = store.admit(&verified).unwrap();
    let grant = Grant::new(admission, cleared.clearance).env("CRM_KEY", "correct-horse-battery");
    let tool = host.load(verified).unwrap().grant(grant).unwrap();
    tool.clear_call("pay", arguments, &yes).unwrap();

    let asked = yes.1.borrow();
    let calls: Vec<_> = asked.iter().filter_map(|question| question.call.as_ref()).collect();
    assert_eq!((asked.len(), calls.len()), (3, 2), "one question is about the package");
    for call in calls {
        for part in ["ada@example.com", "100", "[hidden]", "[REDACTED:env:CRM_KEY]"] {
            assert!(call.arguments.contains(part), "{part} is not in {}", call.arguments);
        }
        assert!(!call.arguments.contains("hunter2") && !call.arguments.contains("battery"), "{}", call.arguments);
        let may: Vec<String> = call.may.iter().map(ToString::to_string).collect();
        assert_eq!(may, ["may connect to https://api.example.com", "receives the variable CRM_KEY"]);
    }
}

#[test]
fn a_level_in_the_policy_applies_to_ones_own_packages() {
    let host = host();
    let verified = package().verified(&host);
    let mut store = TrustStore::new();
    store.add_own(*verified.publisher_key());
    let mut settings = Settings::default();
    settings.ask = Some(SecurityLevel::Critical);
    let asking = policy(settings);
    let request = ClearanceRequest::new(&verified, &asking, &store, &Unattended);
    assert_eq!(host.clear(&request.call("pay", "{}")).unwrap_err().code(), "MPP-K206");
    let cleared = host.clear(&request.call("run", "{}")).unwrap();
    let grant = Grant::new(store.admit(&verified).unwrap(), cleared.clearance);
    let tool = host.load(verified).unwrap().grant(grant).unwrap();
    assert_eq!(failure(&tool.call("pay", "{}")).0, ErrorKind::ApprovalRequired);
    let clearance = tool.clear_call("pay", "{}", &Says::new(Answer::Once)).unwrap().clearance;
    assert_eq!(content(&tool.call_with("pay", "{}", CallOptions::new().clearance(clearance))), json!(1));
}

#[test]
fn a_missing_tool_is_unknown() {
    let tool = trusted(&host(), &Policy::default());
    let clearance = tool.clear_call("pya", "{}", &Unattended).unwrap().clearance;
    let output = tool.call_with("pya", "{}", CallOptions::new().clearance(clearance));
    let (kind, error): (ErrorKind, &RpcError) = failure(&output);
    assert_eq!((kind, error.data["nearest"].as_str()), (ErrorKind::UnknownTool, Some("pay")));
}
