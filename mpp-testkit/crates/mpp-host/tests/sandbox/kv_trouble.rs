//! Injected failures of the state, which have the same errors as real ones, and access to the state from outside.

use std::path::Path;
use std::time::Duration;

use mpp_host::host::RunnablePackage;
use mpp_host::sandbox::kv::StateTrouble;
use mpp_sdk::wire::{ErrorKind, Status};

use crate::fixture::{Run, assert_fails, failure};
use crate::kv_script::{Script, call, host_in, keeps, tool};

fn troubled(dir: &Path, script: &Script, trouble: StateTrouble) -> RunnablePackage {
    keeps(script.module(), 100).granted(&host_in(dir), |grant| grant.state_trouble(trouble))
}

/// Returns the keys and values of a tool's state.
fn state(tool: &RunnablePackage) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    tool.state().unwrap().for_each(|entry| all.push((text(entry.key), text(entry.value)))).unwrap();
    all
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_embedder_can_fill_and_inspect_the_state() {
    let dir = tempfile::tempdir().unwrap();
    let tool = keeps(Script::new().get("a").get("b").module(), 100).runnable(&host_in(dir.path()));
    let filled = tool.state().unwrap();
    assert_eq!(state(&tool), []);
    let hour = Some(Duration::from_secs(3600));
    filled.set([(b"a".as_slice(), b"1".as_slice(), None), (b"b", b"2", hour)]).unwrap();
    assert_eq!(call(&tool).iter().map(|said| said.text()).collect::<Vec<_>>(), ["1", "2"]);
    let error =
        filled.set([(b"c".as_slice(), b"3".as_slice(), None), (b"d", [b'x'; 98].as_slice(), None)]).unwrap_err();
    assert!(error.to_string().starts_with("the package's state is full"), "{error}");
    assert_eq!(state(&tool), pairs(&[("a", "1"), ("b", "2")]), "all of them or none");
    let left =
        |entry: mpp_host::sandbox::kv::Entry<'_>| entry.expires.map(|at| at.duration_since(filled.now()).unwrap());
    let left = filled.stored().get(b"b", filled.now(), left).unwrap().unwrap().unwrap();
    assert!(left > Duration::from_secs(3500) && left <= Duration::from_secs(3600), "{left:?}");
}

#[test]
fn a_full_state_accepts_only_changes_that_free_space() {
    let dir = tempfile::tempdir().unwrap();
    let filling = tool(&host_in(dir.path()), &Script::new());
    filling.state().unwrap().set([(b"a".as_slice(), b"12345".as_slice(), None), (b"b", b"1", None)]).unwrap();
    let script = Script::new().set("c", "1").set("b", "22").set("a", "1234").set("b", "22").delete("a").set("c", "1");
    let said = call(&troubled(dir.path(), &script, StateTrouble::Full));
    let numbers: Vec<i32> = said.iter().map(|said| said.0).collect();
    assert_eq!(numbers, [Status::Full as i32, Status::Full as i32, 0, 0, 1, 0]);
    assert!(said[0].text().contains("exceed the 100 that `kv.max_bytes`"), "{}", said[0].text());
    let after = keeps(Script::new().module(), 100).runnable(&host_in(dir.path()));
    assert_eq!(state(&after), pairs(&[("b", "22"), ("c", "1")]));
    after.state().unwrap().set([(b"d".as_slice(), [b'x'; 90].as_slice(), None)]).expect("the quota was not changed");
}

#[test]
fn an_impatient_writer_fails_while_the_lock_is_held() {
    let dir = tempfile::tempdir().unwrap();
    for script in [Script::new().set("a", "1"), Script::new().get("a").set("a", "1")] {
        let tool = troubled(dir.path(), &script, StateTrouble::Impatient);
        let held = tool.state().unwrap().hold().unwrap();
        assert_fails(&tool.call("run", "{}"), ErrorKind::StateConflict, &[]);
        drop(held);
        assert_eq!(call(&tool).last().unwrap().0, 0);
    }
    let reader = troubled(dir.path(), &Script::new().get("a"), StateTrouble::Impatient);
    let _held = reader.state().unwrap().hold().unwrap();
    assert_eq!(call(&reader)[0].text(), "1", "who reads needs no lock");
}

#[test]
fn a_full_disk_is_reported_at_commit() {
    let dir = tempfile::tempdir().unwrap();
    let writer = troubled(dir.path(), &Script::new().set("a", "1"), StateTrouble::DiskFull);
    let output = writer.call("run", "{}");
    let (kind, error) = failure(&output);
    assert_eq!(kind, ErrorKind::StateUnavailable);
    assert_eq!(error.message, "the disk with the package's state is full; nothing was written");
    assert_eq!(state(&writer), []);
    let nothing = troubled(dir.path(), &Script::new().get("a").delete("a"), StateTrouble::DiskFull);
    assert_eq!(call(&nothing).last().unwrap().0, 0, "nothing was written");
}
