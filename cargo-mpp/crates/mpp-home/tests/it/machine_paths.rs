//! Declared paths without a mapping: offered to a person, remembered for one version, and never taken silently.

use std::path::Path;
use std::sync::Mutex;

use mpp_home::{Decided, Home, LaunchError, Launcher, MappingRequest, StartOptions};
use mpp_host::codes::Coded as _;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::policy::{Answer, Approver, Question, Unattended, Why};
use serde_json::json;

use crate::support::{answers, sample};

/// A user with a key, whose packages read and write paths of a temporary directory.
struct Owner {
    dir: tempfile::TempDir,
    key: SigningKey,
}

/// Answers questions about paths, and counts them.
struct Person(Answer, Mutex<Vec<String>>);

impl Person {
    fn who_answers(answer: Answer) -> Self {
        Self(answer, Mutex::default())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

impl Approver for Person {
    fn ask(&self, question: &Question) -> Answer {
        let Why::MachinePaths { paths } = &question.why else { panic!("another question: {question}") };
        assert!(question.needs_a_person());
        self.1.lock().unwrap().extend(paths.iter().map(ToString::to_string));
        self.0
    }
}

impl Owner {
    fn new() -> Self {
        let owner = Self { dir: tempfile::tempdir().unwrap(), key: SigningKey::generate(KeyRole::Publisher).unwrap() };
        let keys = owner.home().keys().dir();
        std::fs::create_dir_all(&keys).unwrap();
        std::fs::write(keys.join("own.pub"), owner.key.public().to_pem()).unwrap();
        std::fs::create_dir(owner.root().join("data")).unwrap();
        std::fs::write(owner.root().join("log"), "").unwrap();
        owner
    }

    fn root(&self) -> std::path::PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    fn home(&self) -> Home {
        Home::at(self.root().join("mpp"))
    }

    fn path(&self, name: &str) -> String {
        self.root().join(name).display().to_string()
    }

    fn decide(
        &self,
        version: &str,
        read: &str,
        write: Option<&str>,
        approver: &dyn Approver,
    ) -> Result<(Launcher, Decided), LaunchError> {
        let files = json!({"read": [read], "write": write.into_iter().collect::<Vec<_>>()});
        let sample = sample(json!({"version": version, "capabilities": {"filesystem": files}}));
        let launcher = Launcher::builder(self.home())?.build()?;
        let opened = launcher.open(sample.module(answers("hello")).signed_by(self.key.clone()).sign())?;
        let environment = |name: &str| (name == "HOME").then(|| self.root().join("people/ada").into());
        let mapped = opened.map(&MappingRequest::default(), &environment)?;
        let decided = launcher.decide(mapped, None, approver)?;
        Ok((launcher, decided))
    }

    /// Runs a version that reads `read` and says what the launch ended with.
    fn run(&self, version: &str, read: &str, approver: &dyn Approver) -> &'static str {
        let ended = self.decide(version, read, None, approver).and_then(|(launcher, decided)| {
            let launched = launcher.start(decided, StartOptions::default())?;
            assert!(launched.package().call("say", "{}").outcome().is_ok());
            Ok("runs")
        });
        ended.unwrap_or_else(|error| error.code().id)
    }
}

#[test]
fn a_person_sees_the_path_of_this_machine_and_allows_it_once() {
    let owner = Owner::new();
    let (data, log) = (owner.path("data"), owner.path("log"));
    let once = Person::who_answers(Answer::Once);
    let (_, decided) = owner.decide("1.0.0", &data, Some(&log), &once).unwrap();
    assert_eq!(
        once.asked(),
        [
            format!("`{data}` will be the directory {data} of THIS machine (read)"),
            format!("`{log}` will be the file {log} of THIS machine (read and change)"),
        ]
    );
    assert_eq!(decided.mappings().host_path(&log).unwrap(), Path::new(&log));
    assert_eq!(owner.run("1.0.0", &data, &once), "runs");
    assert_eq!(once.asked().len(), 1, "once is once");
    assert_eq!(owner.run("1.0.0", &data, &Unattended), "MPP-R303", "nobody saw it");
    assert_eq!(owner.run("1.0.0", &data, &Person::who_answers(Answer::No)), "MPP-K207");
}

#[cfg(unix)]
#[test]
fn an_answer_is_remembered_for_one_content_and_one_resolved_path() {
    let owner = Owner::new();
    let link = owner.path("link");
    std::os::unix::fs::symlink(owner.path("data"), &link).unwrap();
    let always = Person::who_answers(Answer::Remember);
    assert_eq!(owner.run("1.0.0", &link, &always), "runs");
    let shown = format!("`{link}` will be the directory {} of THIS machine (read)", owner.path("data"));
    assert_eq!(always.asked(), [shown], "with links resolved");
    assert_eq!(owner.run("1.0.0", &link, &Unattended), "runs");
    assert_eq!(owner.run("1.0.1", &link, &Unattended), "MPP-R303", "another content");

    std::fs::create_dir(owner.path("other")).unwrap();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(owner.path("other"), &link).unwrap();
    assert_eq!(owner.run("1.0.0", &link, &Unattended), "MPP-R303", "another directory");
    let (key, id) = (owner.key.public(), "com.example.say");
    let approval = owner.home().approvals().load(id, &key).unwrap().unwrap();
    assert_eq!(approval.paths.len(), 1);
    assert!(approval.wants.abilities.is_empty() && approval.tools.is_empty(), "only the path was allowed");
}

#[test]
fn reserved_and_missing_paths_are_not_offered_and_need_a_mapping() {
    let owner = Owner::new();
    let yes = Person::who_answers(Answer::Remember);
    std::fs::create_dir_all(owner.path("people/ada")).unwrap();
    std::fs::create_dir_all(owner.path("mpp/keys")).unwrap();
    for path in ["/", "/proc", "/dev/null", &owner.path("people/ada"), &owner.path("mpp/keys"), &owner.path("missing")]
    {
        assert_eq!(owner.run("1.0.0", path, &yes), "MPP-R303", "{path}");
    }
    assert_eq!(owner.decide("1.0.0", &owner.path("data"), Some("/proc"), &yes).map(drop).unwrap(), ());
    assert!(yes.asked().is_empty(), "a question whose answer does not help is not asked");
    std::fs::write(owner.home().policy_file(), "dirs.\"com.example.say\" = { \"/proc\" = \"/proc\" }").unwrap();
    assert_eq!(owner.run("1.0.0", "/proc", &Unattended), "runs", "a mapping names it");
}

#[test]
fn a_mapping_of_the_policy_applies_to_its_package_after_all_others() {
    let owner = Owner::new();
    let policy = |id: &str| format!("[dirs.\"{id}\"]\n\"/data\" = \"{}\"\n", owner.path("data"));
    std::fs::create_dir_all(owner.home().root()).unwrap();
    std::fs::write(owner.home().policy_file(), policy("com.example.say")).unwrap();
    assert_eq!(owner.run("1.0.0", "/data", &Unattended), "runs");
    let (_, decided) = owner.decide("1.0.0", "/data", None, &Unattended).unwrap();
    assert_eq!(decided.mappings().host_path("/data").unwrap(), Path::new(&owner.path("data")));
    std::fs::write(owner.home().policy_file(), policy("com.example.other")).unwrap();
    assert_eq!(owner.run("1.0.0", "/data", &Unattended), "MPP-R303");
}
