//! A second front end that is not a command line: it opens, decides, grants, calls and cancels through the public API
//! only.

use std::sync::Mutex;
use std::time::Duration;

use mpp_home::{Home, LaunchError, Launcher, MappingRequest, StartOptions};
use mpp_host::CancelHandle;
use mpp_host::codes::Coded as _;
use mpp_host::policy::{Answer, Approver, Question, Unattended};
use mpp_host::trust::Trust;

use crate::support::{answers, loops, signed, stranger};

/// Gives the same answer to every question, and remembers the questions.
struct Person {
    answer: Answer,
    asked: Mutex<Vec<String>>,
}

impl Person {
    fn who_answers(answer: Answer) -> Self {
        Self { answer, asked: Mutex::default() }
    }
}

// ANCHOR: approver
impl Approver for Person {
    fn ask(&self, question: &Question) -> Answer {
        self.asked.lock().unwrap().push(question.to_string());
        self.answer
    }
}
// ANCHOR_END: approver

#[test]
fn a_front_end_runs_a_tool_through_the_public_api() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let package = signed(&answers("hello"), &stranger());

    // ANCHOR: launch
    let launcher = Launcher::builder(Home::at(dir.path().join("home")))?.host(|host| host.instances(4)).build()?;
    let opened = launcher.open(package.clone())?;
    assert_eq!(opened.trust(), Trust::UnknownPublisher);
    let mapped = opened.map(&MappingRequest::default(), &|_| None)?;
    let person = Person::who_answers(Answer::Remember);
    let decided = launcher.decide(mapped, None, &person)?;
    let launched = launcher.start(decided, StartOptions::default())?;
    // ANCHOR_END: launch
    assert_eq!(person.asked.lock().unwrap().len(), 1, "the publisher is unknown");

    let said = launched.package().call("say", "{}");
    assert_eq!(said.outcome().map_err(ToString::to_string)?.content.len(), 1);
    let refused = launched.package().call("erase", "{}");
    assert_eq!(refused.code().map(|code| code.id), Some("MPP-K206"), "a critical tool needs a decision of its own");
    let refused = launched.decide_call("erase", "{}", &Unattended).unwrap_err();
    assert_eq!(refused.code(), "MPP-K206");
    // ANCHOR: call
    let decision = launched.decide_call("erase", "{}", &person)?;
    assert!(launched.package().call_with("erase", "{}", decision).outcome().is_ok());
    // ANCHOR_END: call

    // A remembered answer also applies to the next run, and to every other front end with this home directory.
    let again = launcher.open(package)?.map(&MappingRequest::default(), &|_| None)?;
    assert_eq!(again.trust(), Trust::Trusted);
    let decided = launcher.decide(again, Some(("erase", "{}")), &Unattended)?;
    let mut launched = launcher.start(decided, StartOptions::default())?;
    let decision = launched.decided_call();
    assert!(launched.package().call_with("erase", "{}", decision).outcome().is_ok());
    Ok(())
}

#[test]
fn a_call_that_does_not_end_is_cancelled() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let launcher = Launcher::builder(Home::at(dir.path().join("home")))?.build()?;
    let opened = launcher.open(signed(&loops(), &stranger()))?;
    let mapped = opened.map(&MappingRequest::default(), &|_| None)?;
    let call = ("say", "{}");
    let decided = launcher.decide(mapped, Some(call), &Person::who_answers(Answer::Once))?;
    let mut launched = launcher.start(decided, StartOptions::default())?;
    // ANCHOR: cancel
    let cancel = CancelHandle::new();
    let options = launched.decided_call().cancel(&cancel);
    let ended = std::thread::scope(|scope| {
        let running = scope.spawn(|| launched.package().call_with(call.0, call.1, options));
        // On most machines, the call is running by then. A call that has not started yet is cancelled as well.
        std::thread::sleep(Duration::from_millis(50));
        cancel.cancel();
        running.join().unwrap()
    });
    // ANCHOR_END: cancel
    assert_eq!(ended.outcome().unwrap_err().kind().map(|kind| kind.as_str()), Some("cancelled"));
    let mut outcomes = Vec::new();
    mpp_host::audit::read(&dir.path().join("home/audit"), |listed| outcomes.push(listed.record.outcome().to_owned()))?;
    assert_eq!(outcomes, ["cancelled"]);
    Ok(())
}

#[test]
fn a_declined_question_ends_the_launch_and_saves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::at(dir.path().join("home"));
    let package = signed(&answers("hello"), &stranger());
    let launcher = Launcher::builder(home.clone()).unwrap().build().unwrap();
    let decide = |approver: &dyn Approver| {
        let mapped = launcher.open(package.clone()).unwrap().map(&MappingRequest::default(), &|_| None).unwrap();
        launcher.decide(mapped, Some(("say", "{}")), approver)
    };
    let refused = decide(&Person::who_answers(Answer::No)).unwrap_err();
    assert!(matches!(&refused, LaunchError::NotApproved(answer) if answer.is_no_to_trust()), "{refused}");
    assert_eq!(decide(&Unattended).unwrap_err().code(), "MPP-K201");
    decide(&Person::who_answers(Answer::Once)).unwrap();
    assert!(home.publishers().list().unwrap().is_empty());
    // Refusals are in the audit log.
    let mut outcomes = Vec::new();
    mpp_host::audit::read(&home.audit_dir(), |listed| outcomes.push(listed.record.outcome().to_owned())).unwrap();
    assert_eq!(outcomes, ["approval_refused", "approval_required"]);
}

#[test]
fn a_modified_package_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let launcher = Launcher::builder(Home::at(dir.path())).unwrap().build().unwrap();
    let mut bytes = signed(&answers("hello"), &stranger()).as_slice().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let refused = launcher.open(bytes).unwrap_err();
    assert!(matches!(refused, LaunchError::Refused(_)), "{refused}");
    assert_eq!(refused.code().id, "MPP-G121", "{refused}");
}
