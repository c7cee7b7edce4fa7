//! A registry from the side of those who publish and install: two users with empty home directories, and one server.

use std::fs;

use serde_json::{Value, json};

use crate::registry::Running;
use crate::replacing::Server;
use crate::support::{Ended, User, answers, sample};

const ID: &str = "com.example.say";

/// A server, a publisher who is registered, and the URL and root key of the registry.
struct World {
    _server: Running,
    publisher: User,
    url: String,
    root_key: String,
    operator: User,
}

impl World {
    fn new() -> Self {
        let operator = User::new();
        // Rates are for the internet; tests are faster.
        let server = Running::start(&operator, &[]);
        let url = server.document["url"].as_str().expect("a URL").to_owned();
        let root_key = server.document["root_key"].as_str().expect("a key").to_owned();
        let publisher = User::new();
        let world = Self { _server: server, publisher, url, root_key, operator };
        world.add(&world.publisher, &[]);
        world.publisher.mpp(&["keygen"]).done();
        world.publisher.mpp(&["register", "--name", "Ada", "--url", "https://ada.example"]).done();
        world
    }

    /// Adds the registry to a user's configuration.
    fn add(&self, user: &User, more: &[&str]) -> Value {
        let add = ["registry", "add", &self.url, "--key", &self.root_key, "--name", "test", "--format", "json"];
        user.mpp(&[&add[..], more].concat()).done().json()
    }

    /// Writes a package of the publisher with this version.
    fn package(&self, version: &str, patch: Value) -> String {
        package(&self.publisher, "home/keys/publisher.key", version, patch)
    }

    /// Publishes a package.
    fn publish(&self, version: &str) -> Value {
        let name = self.package(version, json!({}));
        self.publisher.mpp(&["publish", &name, "--format", "json"]).done().json()
    }

    /// A user who knows the registry and trusts the publisher.
    fn user(&self) -> User {
        let user = User::new();
        self.add(&user, &[]);
        fs::copy(self.publisher.home().join("keys/publisher.pub"), user.dir().join("ada.pub")).expect("copied");
        user.mpp(&["trust", "add", "ada.pub", "--name", "Ada", "--prefix", "com.example"]).done();
        user
    }
}

/// Writes a package that is signed by the private key in `key`.
pub(crate) fn package(user: &User, key: &str, version: &str, patch: Value) -> String {
    let mut sample = sample(patch).version(version).module(answers(&format!("this is {version}")));
    sample = sample.signed_by(
        mpp_host::keys::SigningKey::from_pem(&fs::read_to_string(user.dir().join(key)).expect("a key"), None)
            .expect("a key"),
    );
    user.write(&format!("say-{version}.mpp"), sample.sign().as_slice())
}

fn says(ended: Ended, version: &str) {
    let ended = ended.done();
    assert_eq!(ended.stdout, format!("this is {version}\n"), "{ended:#?}");
}

#[test]
fn one_user_publishes_and_another_one_searches_installs_and_runs() {
    let world = World::new();
    let published = world.publish("1.0.0");
    assert_eq!((&published["version"], &published["existed"]), (&json!("1.0.0"), &json!(false)));
    assert!(published["leaf_index"].as_u64().is_some_and(|leaf| leaf >= 2), "{published}");
    // The same bytes again are no error.
    let again = world.publisher.mpp(&["publish", "say-1.0.0.mpp", "--format", "json"]).done().json();
    assert_eq!((&again["existed"], &again["leaf_index"]), (&json!(true), &published["leaf_index"]));

    let user = User::new();
    world.add(&user, &[]);
    let found = user.mpp(&["search", "say", "--format", "json"]).done().json();
    assert_eq!(found["results"][0]["package_id"], ID, "{found}");
    // Nobody can be asked whether to trust the publisher; the package is there to be looked at.
    let refused = user.mpp(&["install", ID]).failed(4, "MPP-K201");
    let name = refused.stderr.split("mpp trust add ").nth(1).expect("the command").split('`').next().expect("a name");
    assert_eq!(name, "com.example.say@1.0.0");
    assert!(refused.stderr.contains("com.example.say 1.0.0 from localhost\n"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("sha256"), "{}", refused.stderr);
    // It can be looked at by its name, and does not run.
    for name in [name, ID, "com.example.say@1"] {
        user.mpp(&["inspect", name]).done();
        user.mpp(&["run", name, "what=x"]).failed(2, "MPP-C041");
    }
    user.mpp(&["inspect", "com.example.say@2"]).failed(2, "MPP-C041");
    user.mpp(&["trust", "approve", name]).failed(4, "MPP-K201");
    user.mpp(&["trust", "add", name]).done();
    let installed = user.mpp(&["install", ID, "--format", "json"]).done().json();
    let package = &installed["packages"][0];
    assert_eq!((&package["version"], &package["leaf_index"]), (&json!("1.0.0"), &published["leaf_index"]));
    let waiting = fs::read_to_string(user.home().join("packages/waiting.lock")).expect("the list");
    assert!(!waiting.contains(ID), "{waiting}");
    says(user.mpp(&["run", ID, "what=x"]), "1.0.0");
    says(user.mpp(&["run", "com.example.say@1", "what=x"]), "1.0.0");
    user.mpp(&["run", "com.example.say@2", "what=x"]).failed(2, "MPP-C041");
    let inspected = user.mpp(&["inspect", ID, "--format", "json"]).done().json();
    assert_eq!(inspected["trust"], "trusted", "{inspected}");
    user.mpp(&["uninstall", ID]).done();
    user.mpp(&["run", ID, "what=x"]).failed(2, "MPP-C041");
    user.mpp(&["uninstall", ID]).failed(2, "MPP-C041");
}

#[test]
fn versions_are_updated_yanked_and_pinned() {
    let world = World::new();
    world.publish("1.0.0");
    let user = world.user();
    user.mpp(&["install", "com.example.say@1", "--lock", "mpp.lock", "--yes"]).done();
    world.publish("1.1.0");
    world.publish("2.0.0");
    let outdated = user.mpp(&["outdated", "--format", "json"]).done().json();
    let package = &outdated["packages"][0];
    assert_eq!((&package["compatible_version"], &package["newest_version"]), (&json!("1.1.0"), &json!("2.0.0")));
    let updated = user.mpp(&["update", "--format", "json"]).done().json();
    assert_eq!(
        (&updated["packages"][0]["version"], &updated["packages"][0]["previous_version"]),
        (&json!("1.1.0"), &json!("1.0.0"))
    );
    says(user.mpp(&["run", ID, "what=x"]), "1.1.0");
    assert_eq!(user.mpp(&["update", "--format", "json"]).done().json()["packages"], json!([]));

    world.publisher.mpp(&["yank", "com.example.say@1.1.0"]).done();
    let outdated = user.mpp(&["outdated", "--format", "json"]).done().json();
    assert_eq!(outdated["packages"][0]["state"], "yanked", "{outdated}");
    // Another user does not get it, except from a lock file.
    let other = world.user();
    let installed = other.mpp(&["install", "com.example.say@1", "--format", "json"]).done().json();
    assert_eq!(installed["packages"][0]["version"], "1.0.0");
    world.publisher.mpp(&["yank", "com.example.say@1.1.0", "--undo"]).done();
    let installed = other.mpp(&["install", "com.example.say@1", "--format", "json"]).done().json();
    assert_eq!(installed["packages"][0]["version"], "1.1.0");
    // What the lock file pins is installed, whatever there is now.
    fs::copy(user.dir().join("mpp.lock"), other.dir().join("mpp.lock")).expect("copied");
    let pinned = other.mpp(&["install", "--lock", "mpp.lock", "--format", "json"]).done().json();
    assert_eq!(pinned["packages"][0]["version"], "1.0.0");
    says(other.mpp(&["run", ID, "what=x"]), "1.0.0");
    let changed =
        fs::read_to_string(other.dir().join("mpp.lock")).expect("a file").replace("leaf_index = 2", "leaf_index = 1");
    other.write("mpp.lock", changed);
    other.mpp(&["install", "--lock", "mpp.lock"]).failed(3, "MPP-N029");
    user.mpp(&["install", "com.example.say@9"]).failed(2, "MPP-N036");
    user.mpp(&["install", "com.example.missing"]).failed(2, "MPP-N035");
    user.mpp(&["install", "not an id"]).failed(2, "MPP-N044");
}

#[test]
fn a_running_server_follows_the_updates_of_an_installed_package() {
    let world = World::new();
    world.publish("1.0.0");
    let user = world.user();
    user.mpp(&["install", "com.example.say@1", "--yes"]).done();
    let mut server = Server::start(&user, &[ID]);
    assert_eq!(server.call("say"), "this is 1.0.0");

    world.publish("1.1.0");
    user.mpp(&["update"]).done();
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    assert!(server.note("Replaced").contains("say 1.0.0 by say 1.1.0"));
    assert_eq!(server.call("say"), "this is 1.1.0");

    // Back to the version before, and then to none: what was loaded last stays.
    user.mpp(&["install", "com.example.say@=1.0.0", "--yes"]).done();
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    assert_eq!(server.call("say"), "this is 1.0.0");
    user.mpp(&["uninstall", ID]).done();
    assert_eq!(server.call("say"), "this is 1.0.0");

    // A version whose package is damaged on disk is not served.
    let installed = user.mpp(&["install", "com.example.say@1.1.0", "--yes", "--format", "json"]).done().json();
    assert_eq!(server.next()["method"], "notifications/tools/list_changed");
    let path = user.dir().join(installed["packages"][0]["path"].as_str().expect("a path"));
    let other = world.package("1.0.1", json!({}));
    fs::copy(world.publisher.dir().join(other), &path).expect("copied");
    let note = server.note(ID);
    assert!(note.starts_with("note: `com.example.say` has changed, but say 1.1.0 is served as before: "), "{note}");
    assert!(note.contains("[MPP-C042]"), "{note}");
    assert_eq!(server.call("say"), "this is 1.1.0");
    server.end();
}

#[test]
fn wider_capabilities_are_confirmed_by_the_publisher_and_approved_by_the_user() {
    let world = World::new();
    world.publish("1.0.0");
    let user = world.user();
    user.mpp(&["install", ID]).done();
    let wider = world.package("1.1.0", json!({ "capabilities": { "network": ["api.example.com"] } }));
    let refused = world.publisher.mpp(&["publish", &wider]).failed(4, "MPP-C045");
    assert!(refused.stderr.contains("api.example.com"), "{}", refused.stderr);
    let planned = world.publisher.mpp(&["publish", &wider, "--confirm-capabilities", "--dry-run", "--format", "json"]);
    assert!(planned.done().json().get("leaf_index").is_none());
    user.mpp(&["install", "com.example.say@=1.1.0"]).failed(2, "MPP-N036");
    world.publisher.mpp(&["publish", &wider, "--confirm-capabilities"]).done();
    let asked = user.mpp(&["update"]).failed(4, "MPP-K206");
    assert!(asked.stderr.contains("api.example.com"), "{}", asked.stderr);
    assert!(asked.stderr.contains("`mpp trust approve com.example.say@1.1.0`"), "{}", asked.stderr);
    says(user.mpp(&["run", ID, "what=x"]), "1.0.0");
    // The name with the version is that of the one that waits, and the id that of the one that is installed.
    for (name, version) in [(ID, " 1.0.0 "), ("com.example.say@1.1.0", " 1.1.0 ")] {
        let shown = user.mpp(&["inspect", name]).done().stdout;
        assert!(shown.lines().next().is_some_and(|line| line.contains(version)), "{shown}");
    }
    user.mpp(&["trust", "approve", "com.example.say@1.1.0"]).done();
    user.mpp(&["update"]).done();
    says(user.mpp(&["run", ID, "what=x"]), "1.1.0");
    // The version is taken, with whatever other bytes.
    let other = world.package("1.1.0", json!({ "description": "Says something else." }));
    world.publisher.mpp(&["publish", &other]).failed(2, "MPP-C046");
}

#[test]
fn registries_refuse_development_keys_and_keys_of_others() {
    let world = World::new();
    world.publish("1.0.0");
    let stranger = User::new();
    world.add(&stranger, &[]);
    stranger.mpp(&["keygen"]).done();
    let theirs = package(&stranger, "home/keys/publisher.key", "1.1.0", json!({}));
    let refused = Ended::run(&mut stranger.command(&["publish", &theirs]));
    assert_eq!(refused.code, Some(4), "{refused:#?}");
    stranger.mpp(&["register"]).done();
    let refused = Ended::run(&mut stranger.command(&["publish", &theirs]));
    assert_eq!(refused.code, Some(4), "{refused:#?}");
    let refused = Ended::run(&mut stranger.command(&["yank", "com.example.say@1.0.0"]));
    assert_eq!(refused.code, Some(4), "{refused:#?}");
    let name = world.package("1.2.0", json!({}));
    world.publisher.mpp(&["keygen", "--name", "other"]).done();
    world.publisher.mpp(&["publish", &name, "-k", "home/keys/other.key"]).failed(2, "MPP-C044");
    let key = mpp_host::keys::SigningKey::generate(mpp_host::keys::KeyRole::Development).expect("a key");
    world.publisher.write("dev.mpp", sample(json!({})).signed_by(key).sign().as_slice());
    world.publisher.mpp(&["publish", "dev.mpp"]).failed(2, "MPP-C043");
}

#[test]
fn owners_delegates_successors_and_revocations_reach_the_user() {
    let world = World::new();
    let publisher = &world.publisher;
    world.publish("1.0.0");
    let user = world.user();
    user.mpp(&["install", ID]).done();

    // A key of CI publishes for the owner.
    let delegated =
        publisher.mpp(&["key", "delegate", ID, "-o", "ci", "--days", "7", "--format", "json"]).done().json();
    let name = package(publisher, "ci/delegate.key", "1.1.0", json!({}));
    publisher.mpp(&["publish", &name, "-k", "ci/delegate.key"]).done();
    let updated = user.mpp(&["update", "--format", "json"]).done().json();
    let package_ = &updated["packages"][0];
    assert_eq!(
        (&package_["version"], &package_["delegate_key_id"]),
        (&json!("1.1.0"), &delegated["key_id"]),
        "{updated}"
    );
    says(user.mpp(&["run", ID, "what=x"]), "1.1.0");

    // The owner gets a new key, and the user follows.
    publisher.mpp(&["keygen", "-o", "new"]).done();
    publisher.mpp(&["register", "-k", "new/publisher.key"]).done();
    publisher.mpp(&["key", "rotate", "new/publisher.pub"]).done();
    let name = package(publisher, "new/publisher.key", "1.2.0", json!({}));
    publisher.mpp(&["publish", &name, "-k", "new/publisher.key"]).done();
    let updated = user.mpp(&["update"]).done();
    assert!(updated.stderr.contains("replaced their key"), "{}", updated.stderr);
    says(user.mpp(&["run", ID, "what=x"]), "1.2.0");

    // A second owner revokes the key from the version on.
    publisher.mpp(&["keygen", "-o", "second"]).done();
    publisher.mpp(&["register", "-k", "second/publisher.key"]).done();
    publisher.mpp(&["owner", "add", ID, "second/publisher.pub", "-k", "new/publisher.key"]).done();
    let from = user.mpp(&["install", ID, "--format", "json"]).done().json()["packages"][0]["leaf_index"].to_string();
    publisher.mpp(&["key", "revoke", "new/publisher.pub", "--from-leaf", &from, "-k", "second/publisher.key"]).done();
    let outdated = user.mpp(&["outdated", "--format", "json"]).done().json();
    assert_eq!(outdated["packages"][0]["state"], "revoked", "{outdated}");
    user.mpp(&["run", ID, "what=x"]).failed(4, "MPP-N033");
    user.mpp(&["serve", ID]).failed(4, "MPP-N033");
    user.mpp(&["install", ID, "--yes"]).done();
    says(user.mpp(&["run", ID, "what=x"]), "1.1.0");
}

#[test]
fn installed_packages_work_without_a_network() {
    let world = World::new();
    world.publish("1.0.0");
    let user = world.user();
    user.mpp(&["install", ID, "--lock", "mpp.lock"]).done();
    let World { _server: server, .. } = world;
    server.stop();
    says(user.mpp(&["run", ID, "what=x"]), "1.0.0");
    user.mpp(&["uninstall", ID]).done();
    user.mpp(&["install", "--lock", "mpp.lock", "--offline"]).failed(7, "MPP-N045");
    user.mpp(&["search", "say"]).failed(7, "MPP-N020");
}

#[test]
fn a_registry_is_pinned_by_its_key() {
    let world = World::new();
    let user = User::new();
    let asked = user.mpp(&["registry", "add", &world.url]).failed(4, "MPP-C047");
    assert!(asked.stderr.contains(&world.root_key), "{}", asked.stderr);
    let other = mpp_host::keys::SigningKey::from_seed(&[9; 32], mpp_host::keys::KeyRole::Publisher).public();
    let other = mpp_registry::note::VerifierKey::new("localhost", mpp_registry::note::Algorithm::Ed25519, other)
        .expect("a key");
    user.mpp(&["registry", "add", &world.url, "--key", &other.to_string()]).failed(3, "MPP-N027");
    assert!(!user.home().join("config.toml").exists());
    let added = world.add(&user, &["--prefix", "com.example"]);
    assert_eq!(added["is_default"], true, "{added}");
    let again = ["registry", "add", &world.url, "--key", &world.root_key, "--name", "test"];
    user.mpp(&again).failed(2, "MPP-N037");
    user.mpp(&["registry", "add", "http://tools.example.com", "--key", &world.root_key]).failed(4, "MPP-N041");
    user.mpp(&["registry", "add", "nonsense"]).failed(2, "MPP-N040");
    user.mpp(&["search", "x", "--registry", "unknown"]).failed(2, "MPP-N038");

    // Another registry at the same URL, as after a restart with an empty directory.
    let second = Running::start(&world.operator, &["--dir", "second"]);
    let config = fs::read_to_string(user.home().join("config.toml")).expect("a file");
    let url = second.document["url"].as_str().expect("a URL");
    user.write("home/config.toml", config.replace(world.url.trim_end_matches('/'), url.trim_end_matches('/')));
    let ended = user.mpp(&["install", ID]).failed(3, "MPP-N027");
    assert!(ended.stderr.contains(&world.root_key), "{}", ended.stderr);
}

#[test]
fn a_package_that_was_changed_on_disk_does_not_run() {
    let world = World::new();
    world.publish("1.0.0");
    let user = world.user();
    let installed = user.mpp(&["install", ID, "--format", "json"]).done().json();
    let path = user.dir().join(installed["packages"][0]["path"].as_str().expect("a path"));
    let other = world.package("1.0.1", json!({}));
    fs::copy(world.publisher.dir().join(other), &path).expect("copied");
    user.mpp(&["run", ID, "what=x"]).failed(3, "MPP-C042");
    user.mpp(&["install", ID]).done();
    says(user.mpp(&["run", ID, "what=x"]), "1.0.0");
}
