//! What an operator does to a running registry: replaces its log key, takes versions down, erases profiles; and what users do about
//! registries that they no longer want.

use std::fs;

use serde_json::{Value, json};

use crate::following::Follower;
use crate::registries::package;
use crate::registry::Running;
use crate::support::User;

const ID: &str = "com.example.say";

/// An operator, a registered publisher and a user of one registry.
struct World {
    operator: User,
    publisher: User,
    user: User,
    url: String,
    root_key: String,
}

impl World {
    fn new() -> (Self, Running) {
        let (operator, publisher, user) = (User::new(), User::new(), User::new());
        operator.mpp(&["keygen"]).done();
        let key = fs::read_to_string(operator.home().join("keys/publisher.pub")).expect("a key");
        let key = mpp_host::PublicKey::from_pem(&key).expect("a key").to_base64();
        operator.write("registry/policy.toml", format!("operators = [\"{key}\"]\n"));
        let running = Running::start(&operator, &[]);
        let (url, root_key) = (running.text("url"), running.text("root_key"));
        for user in [&operator, &publisher, &user] {
            user.mpp(&["registry", "add", &url, "--key", &root_key, "--name", "test"]).done();
        }
        publisher.mpp(&["keygen"]).done();
        publisher.mpp(&["register", "--name", "Ada Lovelace", "--contact", "ada@example.com"]).done();
        fs::copy(publisher.home().join("keys/publisher.pub"), user.dir().join("ada.pub")).expect("copied");
        user.mpp(&["trust", "add", "ada.pub", "--name", "Ada", "--prefix", "com.example"]).done();
        let world = Self { operator, publisher, user, url, root_key };
        world.publish("1.0.0");
        (world, running)
    }

    fn publish(&self, version: &str) {
        let name = package(&self.publisher, "home/keys/publisher.key", version, json!({}));
        self.publisher.mpp(&["publish", &name]).done();
    }

    /// Starts the registry again at its address.
    fn serve(&self) -> Running {
        Running::start(&self.operator, &["--listen", self.url.trim_start_matches("http://").trim_end_matches('/')])
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.operator.mpp(&[arguments, &["--format", "json"]].concat()).done().json()
    }

    fn monitor(&self) -> crate::support::Ended {
        let watched = ["--package-id", "com.example.*", "--state", "monitor.json"];
        self.operator.mpp(&[&["registry", "monitor", &self.url, "--key", &self.root_key][..], &watched].concat())
    }
}

#[test]
fn a_log_key_is_replaced_with_the_root_key_elsewhere() {
    let (world, running) = World::new();
    let old = running.text("log_key");
    world.user.mpp(&["install", ID]).done();
    world.monitor().done();
    let mirror = [
        "registry",
        "serve",
        "--upstream",
        &world.url,
        "--key",
        &world.root_key,
        "--dir",
        "mirror",
        "--listen",
        "127.0.0.1:0",
    ];
    let follower = Follower::start(&world.operator, &mirror);
    // The root key is on another machine.
    let offline = User::new();
    let operator = world.operator.dir();
    fs::rename(operator.join("registry/keys/root.key"), offline.dir().join("root.key")).expect("moved");
    let refused = world.operator.mpp(&["registry", "rotate-log-key"]).failed(2, "MPP-N219");
    assert!(
        refused.stderr.contains("registry/keys/root.key") && refused.stderr.contains("--request"),
        "{}",
        refused.stderr
    );
    let requested = world.json(&["registry", "rotate-log-key", "--request", "request.json"]);
    assert_eq!((&requested["step"], &requested["version"]), (&json!("requested"), &json!(2)), "{requested}");
    fs::copy(operator.join("request.json"), offline.dir().join("request.json")).expect("copied");
    let sign = ["registry", "sign-description", "request.json", "--root-key", "root.key", "-o", "signed.json"];
    offline.mpp(&sign).done();
    // A key that is not the root key.
    offline.mpp(&["keygen"]).done();
    let other =
        ["registry", "sign-description", "request.json", "--root-key", "home/keys/publisher.key", "-o", "other.json"];
    offline.mpp(&other).failed(2, "MPP-N219");
    assert!(!offline.dir().join("other.json").exists());
    fs::copy(offline.dir().join("signed.json"), operator.join("signed.json")).expect("copied");
    world.publish("1.1.0");
    // The server has to be stopped.
    let replace = ["registry", "rotate-log-key", "--signed", "signed.json"];
    world.operator.mpp(&replace).failed(2, "MPP-N121");
    running.stop();
    world.operator.mpp(&["registry", "rotate-log-key", "--signed", "request.json"]).failed(3, "MPP-N001");
    let replaced = world.json(&replace);
    assert_eq!((&replaced["step"], &replaced["log_key"]), (&json!("replaced"), &requested["log_key"]), "{replaced}");
    world.operator.mpp(&["registry", "check"]).done();
    let running = world.serve();
    assert_eq!(running.document["log_key"], replaced["log_key"]);
    assert_ne!(running.text("log_key"), old);

    // Everybody goes on; nobody is asked anything.
    let updated = world.user.mpp(&["update", "--format", "json"]).done().json();
    assert_eq!(updated["packages"][0]["version"], "1.1.0", "{updated}");
    let changed = world.monitor().failed(1, "MPP-N501");
    assert!(changed.stdout.contains("1.1.0"), "{}", changed.stdout);
    world.publish("1.2.0");
    let elsewhere = User::new();
    // A mirror serves for some seconds what it has fetched.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let mirrored = format!("http://{}", follower.text("address"));
    elsewhere.mpp(&["registry", "add", &mirrored, "--key", &world.root_key]).done();
    fs::copy(world.user.dir().join("ada.pub"), elsewhere.dir().join("ada.pub")).expect("copied");
    elsewhere.mpp(&["trust", "add", "ada.pub", "--name", "Ada", "--prefix", "com.example"]).done();
    let installed = elsewhere.mpp(&["install", ID, "--format", "json"]).done().json();
    assert_eq!(installed["packages"][0]["version"], "1.2.0", "{installed}");
    world.operator.mpp(&["registry", "copy", "registry/store", "copy"]).done();

    // A witness of the new key refuses what the old one signs.
    let wrong = ["registry", "rotate-log-key", "--signed", "signed.json", "--dir", "registry"];
    world.operator.mpp(&wrong).failed(2, "MPP-N121");
    running.stop();
    // The first description again, which the root key has signed, too.
    fs::copy(operator.join("registry/keys/mpp-registry-1.json"), operator.join("old.json")).expect("copied");
    let refused = world.operator.mpp(&["registry", "rotate-log-key", "--signed", "old.json"]).failed(2, "MPP-N219");
    assert!(refused.stderr.contains("has version 1, and the registry has version 2"), "{}", refused.stderr);
    world.operator.mpp(&["registry", "check"]).done();
}

#[test]
fn a_log_key_is_replaced_in_one_step_where_the_root_key_is_at_hand() {
    let (world, running) = World::new();
    running.stop();
    let replaced = world.json(&["registry", "rotate-log-key", "--root-key", "registry/keys/root.key"]);
    assert_eq!((&replaced["version"], &replaced["from_size"]), (&json!(2), &json!(3)), "{replaced}");
    let again = world.operator.mpp(&["registry", "rotate-log-key"]).done();
    assert!(again.stdout.contains("replaced the log key of localhost, version 3"), "{}", again.stdout);
    world.operator.mpp(&["registry", "check"]).done();
    let _running = world.serve();
    world.user.mpp(&["install", ID]).done();
    // The log in the store is not the one that the description counts from.
    world.operator.mpp(&["registry", "rotate-log-key", "--root-key", "home/keys/publisher.key"]).failed(2, "MPP-N121");
}

#[test]
fn a_version_is_taken_down_and_a_profile_is_erased() {
    let (world, running) = World::new();
    world.user.mpp(&["install", ID, "--lock", "mpp.lock"]).done();
    world.publish("1.1.0");
    let mirror = [
        "registry",
        "serve",
        "--upstream",
        &world.url,
        "--key",
        &world.root_key,
        "--dir",
        "mirror",
        "--listen",
        "127.0.0.1:0",
    ];
    let follower = Follower::start(&world.operator, &mirror);
    world.operator.mpp(&["registry", "copy", &world.url, "copy"]).done();
    let texts = |dir: &str| files(&world.operator.dir().join(dir), "side").len();
    let blobs = |dir: &str| files(&world.operator.dir().join(dir), "blobs").len();
    assert_eq!((texts("registry/store"), blobs("registry/store"), texts("copy"), blobs("copy")), (1, 2, 1, 2));

    let takedown = |user: &User, version: &str| {
        let version = format!("{ID}@{version}");
        user.mpp(&["registry", "takedown", &version, "--reason", "malware", "--note", "It deletes files."])
    };
    takedown(&world.publisher, "1.0.0").failed(4, "MPP-N314");
    takedown(&world.operator, "7.0.0").failed(2, "MPP-N316");
    world.operator.mpp(&["registry", "takedown", "com.example.say@1.0.0", "--reason", "spite"]).failed(2, "MPP-C001");
    let done = takedown(&world.operator, "1.0.0").done();
    assert!(done.stdout.contains("taken down com.example.say 1.0.0"), "{}", done.stdout);
    assert!(done.stderr.contains("everybody can read the explanation"), "{}", done.stderr);

    // Clients say so, whichever way they come.
    for arguments in [
        &["install", "com.example.say@=1.0.0"][..],
        &["install", "--lock", "mpp.lock"],
        &["run", ID, "what=x"],
        &["serve", ID],
    ] {
        let refused = world.user.mpp(arguments).failed(4, "MPP-N034");
        assert!(
            refused.stderr.contains("`com.example.say` 1.0.0 was taken down by the registry"),
            "{}",
            refused.stderr
        );
    }
    let outdated = world.user.mpp(&["outdated", "--format", "json"]).done().json();
    assert_eq!(outdated["packages"][0]["state"], "taken_down", "{outdated}");
    let name = package(&world.publisher, "home/keys/publisher.key", "1.0.0", json!({ "description": "Another one." }));
    let refused = world.publisher.mpp(&["publish", &name]).failed(4, "MPP-N034");
    assert!(refused.stderr.contains("taken down by the registry"), "{}", refused.stderr);

    // The bytes are gone: here, in the mirror and in the copy. The explanation stays.
    world.operator.mpp(&["registry", "copy", &world.url, "copy"]).done();
    assert_eq!((blobs("registry/store"), blobs("copy"), texts("registry/store"), texts("copy")), (1, 1, 2, 2));
    let erase = ["registry", "erase-profile", "ada.pub", "--reason", "personal-data"];
    fs::copy(world.user.dir().join("ada.pub"), world.operator.dir().join("ada.pub")).expect("copied");
    let erased = world.operator.mpp(&erase).done();
    assert!(erased.stdout.contains("erased the profile of pub_"), "{}", erased.stdout);
    world.operator.mpp(&erase).failed(2, "MPP-N322");
    world.operator.mpp(&["registry", "copy", &world.url, "copy"]).done();
    assert_eq!((texts("registry/store"), texts("copy")), (1, 1));
    // The explanation can be erased, too, and the version stays taken down.
    let erase = ["registry", "takedown", "com.example.say@1.0.0", "--reason", "malware"];
    world.operator.mpp(&erase).done();
    world.operator.mpp(&erase).failed(2, "MPP-N322");
    world.operator.mpp(&["registry", "copy", &world.url, "copy"]).done();
    assert_eq!((texts("registry/store"), texts("copy"), blobs("registry/store")), (0, 0, 1));
    world.user.mpp(&["run", ID, "what=x"]).failed(4, "MPP-N034");
    for dir in ["registry/store", "copy"] {
        let left = files(&world.operator.dir().join(dir), "");
        let has_name =
            |path: &&std::path::PathBuf| String::from_utf8_lossy(&fs::read(path).expect("a file")).contains("Lovelace");
        assert_eq!(left.iter().find(has_name), None, "{dir}");
    }
    world.operator.mpp(&["registry", "check"]).done();
    // The mirror follows, and serves the version that is left.
    let elsewhere = User::new();
    // A mirror serves for some seconds what it has fetched.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let mirrored = format!("http://{}", follower.text("address"));
    elsewhere.mpp(&["registry", "add", &mirrored, "--key", &world.root_key]).done();
    fs::copy(world.user.dir().join("ada.pub"), elsewhere.dir().join("ada.pub")).expect("copied");
    elsewhere.mpp(&["trust", "add", "ada.pub", "--name", "Ada", "--prefix", "com.example"]).done();
    elsewhere.mpp(&["install", "com.example.say@=1.0.0"]).failed(4, "MPP-N034");
    elsewhere.mpp(&["install", ID]).done();
    // A publisher takes back a name without an operator.
    world.publisher.mpp(&["register", "--name", "Ada"]).done();
    world.publisher.mpp(&["register"]).done();
    assert_eq!(texts("registry/store"), 0);
    drop(follower);
    running.stop();
    world.operator.mpp(&["registry", "check"]).done();
}

/// Returns the files below a folder of a store, without locks.
fn files(store: &std::path::Path, folder: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![store.join(folder)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn registries_are_listed_and_removed() {
    let (world, running) = World::new();
    let list = |user: &User| user.mpp(&["registry", "list", "--format", "json"]).done().json()["registries"].clone();
    assert_eq!(list(&User::new()), json!([]));
    let user = &world.user;
    user.mpp(&["install", ID]).done();
    let listed = list(user);
    let expected = json!({ "name": "test", "root_key": world.root_key, "urls": [world.url], "is_default": true, "log_size": 3, "packages": [ID] });
    for (member, value) in expected.as_object().expect("an object") {
        assert_eq!(&listed[0][member], value, "{member} in {listed}");
    }
    running.stop();
    // The registry is not asked. What is installed came from it.
    user.mpp(&["registry", "remove", "unknown"]).failed(2, "MPP-N038");
    let refused = user.mpp(&["registry", "remove", "test"]).failed(2, "MPP-C049");
    assert!(refused.stderr.contains(ID) && refused.stderr.contains("--keep-packages"), "{}", refused.stderr);
    assert_eq!(list(user), listed);
    let removed = user.mpp(&["registry", "remove", "test", "--keep-packages", "--format", "json"]).done().json();
    assert_eq!((&removed["was_default"], &removed["packages"]), (&json!(true), &json!([ID])), "{removed}");
    let history = user.dir().join(removed["history"].as_str().expect("a directory"));
    assert!(history.join("checkpoint").exists(), "what proves the history stays");
    let ran = user.mpp(&["run", ID, "what=x"]).done();
    assert!(ran.stderr.contains("is not configured any more"), "{}", ran.stderr);

    // Added again, its log must extend what was seen; forgotten, it need not.
    let _running = world.serve();
    let add = ["registry", "add", &world.url, "--key", &world.root_key, "--name", "again"];
    user.mpp(&add).done();
    user.mpp(&["uninstall", ID]).done();
    let removed = user.mpp(&["registry", "remove", &world.url, "--forget"]).done();
    assert!(removed.stdout.contains("removed again") && removed.stdout.contains("forgotten"), "{}", removed.stdout);
    assert!(!history.join("checkpoint").exists());
    user.mpp(&add).done();
    user.write("home/config.toml", "registry = [{ name = \"odd\", oci = \"oci://registry.example/x\" }]\n");
    user.mpp(&["registry", "remove", "odd"]).failed(2, "MPP-N037");
}
