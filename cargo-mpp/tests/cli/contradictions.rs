//! Registries that show two histories, or go back to an old backup: clients, monitors and witnesses notice, and keep the evidence.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::following::Follower;
use crate::registries::package;
use crate::registry::Running;
use crate::support::{Ended, User};

const ID: &str = "com.example.say";

/// An operator, a publisher, a client, a monitor and a witness of one registry, whose address stays the same.
struct World {
    operator: User,
    publisher: User,
    client: User,
    witness: Follower,
    address: String,
    url: String,
    root_key: String,
}

impl World {
    /// A registry of 3 leaves: its own record, a registration and a version.
    fn new() -> (Self, Running) {
        let (operator, publisher, client) = (User::new(), User::new(), User::new());
        let first = Running::start(&operator, &[]);
        let (url, root_key, log_key) = (first.text("url"), first.text("root_key"), first.text("log_key"));
        let address = first.text("address");
        first.stop();
        let start =
            ["registry", "witness", "--name", "witness.example.org/w1", "--log", &log_key, "--listen", "127.0.0.1:0"];
        let witness = Follower::start(&operator, &start);
        let world = Self { operator, publisher, client, witness, address, url, root_key };
        let running = world.serve("registry");
        for user in [&world.publisher, &world.client] {
            user.mpp(&["registry", "add", &world.url, "--key", &world.root_key, "--name", "test"]).done();
        }
        world.publisher.mpp(&["keygen"]).done();
        world.publisher.mpp(&["register"]).done();
        fs::copy(world.publisher.home().join("keys/publisher.pub"), world.client.dir().join("ada.pub"))
            .expect("copied");
        world.client.mpp(&["trust", "add", "ada.pub", "--name", "Ada", "--prefix", "com.example"]).done();
        world.publish("1.0.0", "the first");
        (world, running)
    }

    /// Serves a directory at the address of the registry, and asks the witness.
    fn serve(&self, dir: &str) -> Running {
        let witness = format!("{}={}", self.witness.text("url"), self.witness.text("key"));
        Running::start(&self.operator, &["--dir", dir, "--listen", &self.address, "--witness", &witness])
    }

    fn publish(&self, version: &str, says: &str) {
        let name = package(&self.publisher, "home/keys/publisher.key", version, json!({ "description": says }));
        // A publisher who has seen the other history would notice it first.
        let _ = fs::remove_dir_all(self.publisher.home().join("registries"));
        self.publisher.mpp(&["publish", &name]).done();
    }

    fn install(&self) -> Ended {
        self.client.mpp(&["install", ID])
    }

    fn monitor(&self) -> Ended {
        let watched = ["--package-id", "com.example.*", "--state", "monitor.json"];
        self.operator.mpp(&[&["registry", "monitor", &self.url, "--key", &self.root_key][..], &watched].concat())
    }

    /// Client, monitor and witness see the log of 5 leaves as it is now.
    fn all_see(&self) -> String {
        self.install().done();
        self.monitor().done();
        let checkpoint =
            || fs::read_to_string(self.operator.dir().join("registry/store/log/checkpoint")).expect("a file");
        let cosigned = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            checkpoint().contains("\n— witness.example.org/w1 ")
        });
        assert!(cosigned, "{}", checkpoint());
        root_of(&checkpoint(), 5)
    }

    fn copy(&self, from: &str, to: &str) {
        let dir = self.operator.dir();
        let status = Command::new("cp").arg("-a").arg(dir.join(from)).arg(dir.join(to)).status().expect("cp runs");
        assert!(status.success());
    }

    /// Checks the messages and the evidence of client and monitor.
    fn both_alarm(&self, dir: &str, known: &str, size: u64) {
        let served = fs::read_to_string(self.operator.dir().join(dir).join("store/log/checkpoint")).expect("a file");
        let found = root_of(&served, size);
        assert_ne!(known, found);
        let memory = fs::read_dir(self.client.home().join("registries")).expect("a directory");
        let memory = memory.map(|entry| entry.expect("an entry").path()).next().expect("a registry");
        for (ended, evidence) in [
            (self.install(), memory.join("evidence")),
            (self.monitor(), self.operator.dir().join("monitor.json.evidence")),
        ] {
            let ended = ended.failed(3, "MPP-N024");
            for part in [known, &found, "5 leaves with the root", &format!("{size} leaves with the root")] {
                assert!(ended.stderr.contains(part), "{part} is not in\n{}", ended.stderr);
            }
            for part in ["both signed states are in", "send them to the operator", "Do not use the registry until"] {
                assert!(ended.stderr.contains(part), "{part} is not in\n{}", ended.stderr);
            }
            let kept = only(&evidence);
            assert_eq!(root_of(&fs::read_to_string(kept.join("known")).expect("a file"), 5), known);
            assert_eq!(
                fs::read_to_string(kept.join("found")).expect("a file").split("\n\n").next(),
                served.split("\n\n").next()
            );
        }
    }

    /// Waits for the evidence of the witness about a log of this size, and returns it.
    fn witness_keeps(&self, size: u64) -> PathBuf {
        let dir = self.operator.dir().join("witness/evidence");
        for _ in 0..200 {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let found = fs::read_dir(&dir).into_iter().flatten().map(|entry| entry.expect("an entry").path());
            let mut found = found.filter(|path| path.to_string_lossy().contains(&format!("-5-{size}-")));
            if let Some(path) = found.find(|path| path.join("request").exists()) {
                return path;
            }
        }
        panic!("there is no evidence in {}", dir.display());
    }
}

/// Returns the root of a checkpoint, as messages show it, after checking its size.
fn root_of(checkpoint: &str, size: u64) -> String {
    let (text, _) = checkpoint.split_once("\n\n").expect("a signed note");
    let parsed = mpp_registry::log::Checkpoint::parse(&format!("{text}\n")).expect("a checkpoint");
    assert_eq!(parsed.size, size, "{checkpoint}");
    parsed.root.to_string()
}

fn only(dir: &Path) -> PathBuf {
    let mut entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let first = entries.next().expect("evidence").expect("an entry").path();
    assert!(entries.next().is_none(), "{}", dir.display());
    first
}

#[test]
fn a_forked_log_is_noticed_by_client_monitor_and_witness() {
    let (world, running) = World::new();
    running.stop();
    world.copy("registry", "other");
    let running = world.serve("registry");
    world.publish("1.1.0", "one side");
    world.publish("1.2.0", "one side");
    let known = world.all_see();
    running.stop();
    // The same log key signs another continuation, and shows it at the same address.
    let running = world.serve("other");
    world.publish("1.1.0", "the other side");
    world.publish("1.2.0", "the other side");
    world.both_alarm("other", &known, 5);
    let kept = world.witness_keeps(5);
    assert_eq!(root_of(&fs::read_to_string(kept.join("known")).expect("a file"), 5), known);
    world.publish("1.3.0", "the other side");
    let kept = world.witness_keeps(6);
    assert_ne!(root_of(&fs::read_to_string(kept.join("found")).expect("a file"), 6), known);
    let served = fs::read_to_string(world.operator.dir().join("other/store/log/checkpoint")).expect("a file");
    assert!(!served.contains("witness.example.org"), "{served}");
    // The operator reads it in the log of the server, with both roots.
    let (_, log) = running.stop();
    let said = log.lines().filter(|line| line.contains("no cosignature")).collect::<Vec<_>>().join("\n");
    assert!(said.contains("another history") && said.contains(&known), "{said}");
    // The first side is still the one that everybody has seen.
    let _running = world.serve("registry");
    world.install().done();
    world.monitor().done();
}

#[test]
fn a_log_that_was_rolled_back_is_noticed_by_client_monitor_and_witness() {
    let (world, running) = World::new();
    running.stop();
    world.copy("registry", "backup");
    let running = world.serve("registry");
    world.publish("1.1.0", "lost");
    world.publish("1.2.0", "lost");
    let known = world.all_see();
    running.stop();
    // The whole directory is restored, so that the server does not remember what it has signed.
    fs::remove_dir_all(world.operator.dir().join("registry")).expect("lost");
    world.copy("backup", "registry");
    let running = world.serve("registry");
    world.publish("1.1.0", "again");
    // As long as the log is smaller, it may be a copy that is behind: nothing is installed, and it is no alarm yet.
    world.install().failed(7, "MPP-N022");
    let ended = world.monitor().failed(7, "MPP-N022");
    assert!(ended.stderr.contains("serves a log of 4 leaves, but has shown one of 5 before"), "{}", ended.stderr);
    world.publish("1.2.0", "again");
    world.publish("1.3.0", "again");
    world.both_alarm("registry", &known, 6);
    let kept = world.witness_keeps(6);
    assert_eq!(root_of(&fs::read_to_string(kept.join("known")).expect("a file"), 5), known);
    let (_, log) = running.stop();
    assert!(log.contains("the witness has cosigned 5 leaves, and this log has"), "{log}");
    // What the server itself says if it remembers: the old backup is refused.
    fs::remove_dir_all(world.operator.dir().join("registry/store")).expect("lost");
    world.copy("backup/store", "registry/store");
    let refused = world.operator.mpp(&["registry", "serve", "--listen", "127.0.0.1:0"]).failed(3, "MPP-N132");
    assert!(refused.stderr.contains("signed a log of 6 leaves, and the store has one of 3"), "{}", refused.stderr);
}
