//! Where the state is stored: its owner, obstacles, and how people can inspect it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use mpp_host::Host;
use mpp_host::host::FilteredOutput;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::sandbox::CallLimits;
use mpp_host::sandbox::kv::{StateDir, Stored};
use mpp_host::trust::Rotation;
use mpp_sdk::wire::ErrorKind;

use crate::fixture::{Run, assert_fails, failure};
use crate::kv_script::{Script, host_in, keeps, run, said};

fn output(dir: &Path, script: &Script) -> FilteredOutput {
    keeps(script.module(), 1 << 20).runnable(&host_in(dir)).call("run", "{}")
}

fn stored(dir: &Path) -> Stored {
    let mut all = StateDir::new(dir.join("kv")).all().unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Returns every file of the state and its content.
fn bytes(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(dir.join("kv")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| !path.to_string_lossy().ends_with("-shm")).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn two_publishers_of_one_package_id_share_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let theirs = || SigningKey::from_seed(&[8; 32], KeyRole::Publisher);
    run(&host, Script::new().set("secret", "ours"));
    let other =
        keeps(Script::new().get("secret").list("", "", 9).set("secret", "theirs").module(), 1000).signed_by(theirs());
    let found = said(&other.runnable(&host).call("run", "{}"));
    assert_eq!((found[0].0, found[1].0, found[2].0), (-1, 0, 0));
    assert_eq!(run(&host, Script::new().get("secret"))[0].text(), "ours");
    let all = StateDir::new(dir.path().join("kv")).all().unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.iter().any(|stored| format!("pub_{}", stored.key_digits) == theirs().id().as_str()), "{all:?}");
    // A file that was renamed to another publisher's state is refused.
    let [ours, other] = [0, 1].map(|index: usize| all[index].path.clone());
    drop(host);
    std::fs::rename(ours, other).unwrap();
    let refused = [
        keeps(Script::new().get("secret").module(), 1000),
        keeps(Script::new().get("secret").module(), 1000).signed_by(theirs()),
    ]
    .map(|package| package.runnable(&host_in(dir.path())).call("run", "{}"));
    assert!(
        refused.iter().any(|output| output.json().contains("belongs to another package or publisher")),
        "{refused:?}"
    );
}

#[test]
fn a_rotated_key_keeps_the_state_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    run(&host_in(dir.path()), Script::new().set("a", "kept"));
    let (old, new) =
        (SigningKey::from_seed(&[7; 32], KeyRole::Publisher), SigningKey::from_seed(&[9; 32], KeyRole::Publisher));
    let statement = Rotation::sign(&old, new.public(), "2026-01-01T00:00:00Z").unwrap();
    let rotation = Rotation::verify(&statement.to_json()).unwrap();
    let reads = keeps(Script::new().get("a").module(), 1000).signed_by(new);
    assert_eq!(said(&reads.runnable(&host_in(dir.path())).call("run", "{}"))[0].0, -1);
    let host = Host::builder().state_dir(dir.path().join("kv")).rotation(rotation).build().unwrap();
    assert_eq!(said(&reads.runnable(&host).call("run", "{}"))[0].text(), "kept");
}

#[test]
fn a_damaged_state_fails_the_call_and_is_not_modified() {
    let dir = tempfile::tempdir().unwrap();
    let mut script = Script::new();
    for entry in 0..100 {
        script = script.set(format!("k/{entry:03}"), "x".repeat(900));
    }
    run(&host_in(dir.path()), script);
    let path = stored(dir.path()).path;
    let whole = std::fs::read(&path).unwrap();
    assert!(whole.len() > 64 * 1024, "{}", whole.len());
    let mut header = whole.clone();
    header[..64].fill(0x55);
    let mut pages = whole.clone();
    pages[3 * 4096..].fill(0x55);
    for (what, damaged) in [("no database", b"hello".repeat(1000)), ("header", header), ("pages", pages)] {
        std::fs::write(&path, damaged).unwrap();
        let before = bytes(dir.path());
        for script in [Script::new().list("", "", 1000), Script::new().get("k/050").set("k/050", "y")] {
            let output = output(dir.path(), &script);
            assert_fails(&output, ErrorKind::StateUnavailable, &["damaged", "nothing was deleted"]);
            assert!(!failure(&output).1.is_retryable() && !output.json().contains("kv/"), "{}", output.json());
        }
        assert!(bytes(dir.path()) == before, "{what}: a file was changed");
        let error = stored(dir.path()).for_each(b"", SystemTime::now(), |_| {}).unwrap_err();
        assert!(error.reason.contains("damaged") && error.path == path, "{error:?}");
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(run(&host_in(dir.path()), Script::new().get("k/050"))[0].text(), "x".repeat(900));
}

#[test]
fn a_state_of_a_newer_host_is_not_modified() {
    let dir = tempfile::tempdir().unwrap();
    run(&host_in(dir.path()), Script::new().set("a", "x"));
    let connection = rusqlite::Connection::open(stored(dir.path()).path).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    drop(connection);
    assert_fails(&output(dir.path(), &Script::new().get("a")), ErrorKind::StateUnavailable, &["newer version"]);
}

#[test]
fn a_locked_state_ends_the_call_at_its_timeout() {
    let dir = tempfile::tempdir().unwrap();
    run(&host_in(dir.path()), Script::new().set("a", "x"));
    let connection = rusqlite::Connection::open(stored(dir.path()).path).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut limits = CallLimits::describing();
    limits.timeout = Duration::from_millis(200);
    for script in [Script::new().set("a", "y"), Script::new().get("a").set("a", "y")] {
        let package = keeps(script.module(), 1000);
        let output = package.granted(&host_in(dir.path()), |grant| grant.limits(limits)).call("run", "{}");
        assert_eq!(failure(&output).0, ErrorKind::StateConflict, "{}", output.json());
    }
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!(run(&host_in(dir.path()), Script::new().get("a").set("a", "y"))[0].text(), "x");
}

#[test]
fn state_that_other_users_can_access_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let get = Script::new().get("a");
    std::fs::write(dir.path().join("kv"), "a file").unwrap();
    assert_fails(&output(dir.path(), &get), ErrorKind::StateUnavailable, &["cannot be opened"]);
    std::fs::remove_file(dir.path().join("kv")).unwrap();

    run(&host_in(dir.path()), Script::new().set("a", "x"));
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let (kv, file) = (dir.path().join("kv"), stored(dir.path()).path);
    mode(&kv, 0o755);
    assert_fails(&output(dir.path(), &get), ErrorKind::StateUnavailable, &["not private to this user"]);
    mode(&kv, 0o700);
    mode(&file, 0o644);
    assert_fails(&output(dir.path(), &get), ErrorKind::StateUnavailable, &["not private to this user"]);
    mode(&file, 0o600);
    let moved = dir.path().join("moved");
    std::fs::rename(&file, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &file).unwrap();
    assert_fails(&output(dir.path(), &get), ErrorKind::StateUnavailable, &["not private to this user"]);
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&moved, &file).unwrap();
    // Root can write everywhere.
    mode(&kv, 0o500);
    if std::fs::write(kv.join("probe"), "").is_err() {
        assert_fails(
            &output(dir.path(), &Script::new().set("a", "y")),
            ErrorKind::StateUnavailable,
            &["nothing was written"],
        );
    }
    mode(&kv, 0o700);
    // The path of the directory can contain a link.
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(dir.path(), &link).unwrap();
    assert_eq!(run(&host_in(&link), get)[0].text(), "x");
}

#[test]
fn a_deleted_state_starts_empty() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let package = keeps(Script::new().get("a").set("a", "x").module(), 1000).runnable(&host);
    assert_eq!(said(&package.call("run", "{}"))[0].0, -1);
    assert_eq!(said(&package.call("run", "{}"))[0].0, 0);
    std::fs::remove_dir_all(dir.path().join("kv")).unwrap();
    assert_eq!(said(&package.call("run", "{}"))[0].0, -1);
    assert_eq!(run(&host_in(dir.path()), Script::new().get("a"))[0].text(), "x");
}

#[test]
fn state_can_be_listed_and_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    assert_eq!(StateDir::new(dir.path().join("kv")).all().unwrap(), []);
    run(&host, Script::new().set("a/1", "one").set("a/2", "two").set_for("b", "three", 60_000));
    let stored = stored(dir.path());
    assert_eq!(stored.package_id, "com.example.sample");
    let now = SystemTime::now();
    let keys = |prefix: &str, now| {
        let mut keys = Vec::new();
        stored
            .for_each(prefix.as_bytes(), now, |entry| keys.push(String::from_utf8(entry.key.to_vec()).unwrap()))
            .unwrap();
        keys
    };
    assert_eq!(keys("a/", now), ["a/1", "a/2"]);
    assert_eq!(keys("", now + Duration::from_secs(61)), ["a/1", "a/2"]);
    let found = stored.get(b"b", now, |entry| (entry.value.to_vec(), entry.expires)).unwrap().unwrap();
    assert!(found.0 == b"three" && found.1.is_some_and(|expires| expires > now));
    assert!(stored.get(b"c", now, |_| ()).unwrap().is_none());
    // Clears the state while the host has it open, which frees the quota.
    assert_eq!(stored.clear().unwrap(), 3);
    assert_eq!(keys("", now), Vec::<String>::new());
    assert_eq!(run(&host, Script::new().get("a/1").set("a/1", "again"))[1].0, 0);
    drop(host);
    stored.remove().unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("kv")).unwrap().count(), 0);
    assert_eq!((keys("", now), stored.clear().unwrap()), (Vec::new(), 0));
}
