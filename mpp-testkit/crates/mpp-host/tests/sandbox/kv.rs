//! State: what each function does and refuses, and what remains after an expiry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mpp_host::clock::Clock;
use mpp_host::sandbox::kv::{LONGEST_KEY, LONGEST_PAGE, StateDir};
use mpp_sdk::wire::ErrorKind;
use serde_json::json;

use crate::fixture::{Run, assert_fails, content, module, sample};
use crate::kv_script::{Said, Script, host_at, host_in, keeps, run, said, tool};

const NOT_FOUND: i32 = -1;
const INVALID: i32 = -3;
const FULL: i32 = -4;
const TOO_LARGE: i32 = -5;

/// A clock that a test advances.
#[derive(Debug, Default)]
pub(crate) struct SteppedClock(AtomicU64);

impl SteppedClock {
    pub(crate) fn step(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_000) + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

fn numbers(said: &[Said]) -> Vec<i32> {
    said.iter().map(|said| said.0).collect()
}

#[test]
fn a_call_reads_what_an_earlier_one_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let first = run(&host, Script::new().get("a").set("a", "one").get("a").set("a", b"\0\xff").get("a").set("b", ""));
    assert_eq!(numbers(&first), [NOT_FOUND, 0, 0, 0, 0, 0]);
    assert_eq!((first[2].text().as_str(), first[4].1.as_slice()), ("one", b"\0\xff".as_slice()));
    // A second host, as in another process.
    let second = run(&host_in(dir.path()), Script::new().get("a").get("b").delete("a").delete("a").get("a"));
    assert_eq!(numbers(&second), [0, 0, 1, 0, NOT_FOUND]);
    assert_eq!((second[0].1.as_slice(), second[1].1.as_slice()), (b"\0\xff".as_slice(), b"".as_slice()));
}

#[test]
fn keys_are_bytes_of_limited_length() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let longest = vec![0xff; LONGEST_KEY];
    let said = run(
        &host,
        Script::new()
            .set(&longest, "x")
            .get(&longest)
            .set(b"\0", "zero")
            .get(b"\0")
            .set("", "x")
            .set(vec![b'k'; LONGEST_KEY + 1], "x")
            .run("(call $note (call $get (i32.const 0x300000) (i32.const 0x100000)))")
            .run("(call $note (call $list (i32.const 0x300000) (i32.const 2000) (i32.const 0) (i32.const 0) (i32.const 1)))"),
    );
    assert_eq!(numbers(&said), [0, 0, 0, 0, INVALID, TOO_LARGE, TOO_LARGE, TOO_LARGE]);
    assert_eq!(said[6].text(), "the key has 1048576 bytes; the limit is 1024");
}

#[test]
fn lists_keys_in_byte_order_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let mut script = Script::new();
    for key in ["b/2", "b/10", "a", "b0", "b/", "b", "c/1"] {
        script = script.set(key, "x");
    }
    run(&host, script.set(b"\xff\xff", "x"));
    let listed = run(
        &host,
        Script::new()
            .list("b/", "", 1000)
            .list("b/", "", 2)
            .list("b/", "b/10", 2)
            .list("b/", "b/2", 2)
            .list("b/", "a", 2)
            .list("b/", "zzz", 2)
            .list("", "", 5)
            .list(b"\xff", "", 5)
            .list("b/", "", 0)
            .list("b/", "", 1 + LONGEST_PAGE as i32),
    );
    let keys: Vec<Vec<String>> = listed[..7].iter().map(Said::keys).collect();
    assert_eq!(keys[0], ["b/", "b/10", "b/2"]);
    assert_eq!((&keys[1], &keys[2]), (&vec!["b/".to_owned(), "b/10".to_owned()], &vec!["b/2".to_owned()]));
    assert!(keys[3].is_empty() && keys[5].is_empty());
    assert_eq!(keys[4], ["b/", "b/10"]);
    assert_eq!(keys[6], ["a", "b", "b/", "b/10", "b/2"]);
    assert_eq!((listed[7].0, &listed[7].1[4..]), (1, b"\xff\xff".as_slice()));
    assert_eq!(numbers(&listed[8..]), [INVALID, INVALID]);
}

#[test]
fn swaps_only_the_expected_value() {
    let dir = tempfile::tempdir().unwrap();
    let said = run(
        &host_in(dir.path()),
        Script::new()
            .swap("a", Some("x"), Some("y"))
            .swap("a", None, Some("one"))
            .swap("a", None, Some("two"))
            .swap("a", Some("one"), Some(""))
            .get("a")
            .swap("a", Some(""), None)
            .get("a")
            .swap("a", None, None),
    );
    assert_eq!(numbers(&said), [0, 1, 0, 1, 0, 1, NOT_FOUND, 1]);
    assert_eq!(said[4].1, b"");
}

#[test]
fn increments_decimal_text_without_overflow() {
    let dir = tempfile::tempdir().unwrap();
    let said = run(
        &host_in(dir.path()),
        Script::new()
            .increment("n", 5)
            .increment("n", -7)
            .get("n")
            .set("n", i64::MAX.to_string())
            .increment("n", 1)
            .get("n")
            .set("n", "five")
            .increment("n", 1)
            .get("n"),
    );
    assert_eq!(numbers(&said), [0, 0, 0, 0, INVALID, 0, 0, INVALID, 0]);
    assert_eq!((said[0].counter(), said[1].counter(), said[2].text().as_str()), (5, -2, "-2"));
    assert_eq!((said[5].text(), said[8].text().as_str()), (i64::MAX.to_string(), "five"));
}

#[test]
fn expired_entries_are_absent() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SteppedClock::default());
    let host = host_at(dir.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    run(&host, Script::new().set_for("a", "1", 1000).set_for("n", "41", 2000).set("b", "for ever"));
    let look = tool(&host, &Script::new().get("a").list("", "", 10));
    clock.step(999);
    let before = said(&look.call("run", "{}"));
    assert_eq!((before[0].0, before[1].keys()), (0, vec!["a".to_owned(), "b".to_owned(), "n".to_owned()]));
    clock.step(1);
    let after = said(&look.call("run", "{}"));
    assert_eq!((after[0].0, after[1].keys()), (NOT_FOUND, vec!["b".to_owned(), "n".to_owned()]));
    // An expired key cannot be removed, is equal to a missing one, and is counted from 0. A counter keeps its expiry.
    let gone = run(&host, Script::new().delete("a").swap("a", None, Some("2")).increment("n", 1));
    assert_eq!((gone[0].0, gone[1].0, gone[2].counter()), (0, 1, 42));
    clock.step(1000);
    let said = run(&host, Script::new().get("n").increment("n", 1).get("a"));
    assert_eq!((said[0].0, said[1].counter(), said[2].0), (NOT_FOUND, 1, 0));
    // An expiry beyond the largest time never happens.
    let said = run(&host, Script::new().set_for("z", "x", -1).get("z"));
    assert_eq!(numbers(&said), [0, 0]);
}

#[test]
fn the_quota_counts_keys_and_values_only() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SteppedClock::default());
    let host = host_at(dir.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    let run = |script: Script| said(&keeps(script.module(), 100).runnable(&host).call("run", "{}"));
    let full = run(Script::new()
        .set("a", "x".repeat(49))
        .set("b", "x".repeat(49))
        .set("c", "")
        .get("c")
        .set("b", "x".repeat(50))
        .swap("c", None, Some(""))
        .increment("c", 1)
        .get("b"));
    assert_eq!(numbers(&full), [0, 0, FULL, NOT_FOUND, FULL, FULL, FULL, 0]);
    assert_eq!(full[7].1.len(), 49);
    assert!(
        full[2].text().starts_with("the package's state is full: 100 bytes of other entries and 1 of this one"),
        "{}",
        full[2].text()
    );
    // The quota applies across calls, and freed space can be used again.
    let room =
        run(Script::new().set("c", "").set("a", "x".repeat(48)).set("c", "").delete("a").set("d", "x".repeat(48)));
    assert_eq!(numbers(&room), [FULL, 0, 0, 1, 0]);
    // Expired entries use no space, even if they have not been read since.
    assert_eq!(
        numbers(&run(Script::new().delete("d").set_for("t", "x".repeat(40), 10).set("d", "x".repeat(40)))),
        [1, 0, FULL]
    );
    clock.step(10);
    assert_eq!(numbers(&run(Script::new().set("d", "x".repeat(40)))), [0]);
    let large = run(Script::new().set("e", "x".repeat(100)));
    assert_eq!(large[0].0, TOO_LARGE);
    assert!(large[0].text().contains("exceeds the 100 that"), "{}", large[0].text());
}

/// Returns the size that the host has counted, and the actual size of all entries, expired or not.
fn counted_and_there(dir: &std::path::Path) -> (i64, i64) {
    let path = StateDir::new(dir.join("kv")).all().unwrap().remove(0).path;
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT used, (SELECT coalesce(sum(length(key) + length(value)), 0) FROM kv) FROM about";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[test]
fn the_counted_size_matches_the_entries() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SteppedClock::default());
    let host = host_at(dir.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    let long = "x".repeat(20_000);
    for (script, there) in [
        (Script::new().set("a", "12").set("bc", &long).set_for("t", "123", 1000), 3 + 20_002 + 4),
        // Shorter and longer values replace others, several times in one call.
        (Script::new().set("a", &long).set("a", "").set("bc", "1").set("bc", "12345"), 1 + 7 + 4),
        (Script::new().increment("n", 99).increment("n", 1).increment("n", -101), 1 + 7 + 4 + 3),
        (Script::new().swap("bc", Some("12345"), Some("1")).swap("bc", Some("no"), Some("12345678")), 1 + 3 + 4 + 3),
        (Script::new().swap("bc", Some("1"), None).delete("a").delete("a").swap("new", None, Some("1")), 4 + 4 + 3),
        // An expired entry that has not been removed yet is replaced like any other.
        (Script::new().set_for("t", "1234567", 1000), 8 + 4 + 3),
    ] {
        run(&host, script);
        assert_eq!(counted_and_there(dir.path()), (there, there));
    }
    clock.step(1000);
    run(&host, Script::new().set("t", "1").set("t", "12"));
    assert_eq!(counted_and_there(dir.path()), (10, 10));
    // A failed call does not change the count.
    let package = keeps(Script::new().set("a", "1234").module_ending("unreachable"), 1 << 20);
    assert_fails(&package.runnable(&host).call("run", "{}"), ErrorKind::ToolCrashed, &["unreachable"]);
    assert_eq!(counted_and_there(dir.path()), (10, 10));
    assert_eq!(StateDir::new(dir.path().join("kv")).all().unwrap()[0].clear().unwrap(), 3);
    assert_eq!(counted_and_there(dir.path()), (0, 0));
}

#[test]
fn many_expired_entries_make_room_in_one_call() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(SteppedClock::default());
    let host = host_at(dir.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    for part in 0..3 {
        let mut script = Script::new();
        for key in 0..400 {
            script = script.set_for(format!("{part}/{key:03}"), "12345", 1000);
        }
        let module = script.module();
        assert!(said(&keeps(module, 12_000).runnable(&host).call("run", "{}")).iter().all(|said| said.0 == 0));
    }
    clock.step(1000);
    let script = Script::new().set("all", "x".repeat(11_997)).list("", "", 10);
    let said = said(&keeps(script.module(), 12_000).runnable(&host).call("run", "{}"));
    assert_eq!((said[0].0, said[1].keys()), (0, vec!["all".to_owned()]));
}

#[test]
fn a_host_without_state_denies_it() {
    let said = said(&keeps(Script::new().set("a", "x").module(), 100).call());
    assert_eq!(said[0].0, -2);
    assert!(said[0].text().contains("kv = { max_bytes = 1048576 }"), "{}", said[0].text());
}

#[test]
fn a_call_without_state_opens_no_database() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    let package = keeps(module("", "(call $answer_text (i32.const 0) (i32.const 0))"), 100);
    let output = package.runnable(&host).call("run", "{}");
    assert_eq!(content(&output), "");
    assert!(!output.report().accesses.kv);
    assert!(!dir.path().join("kv").exists());
    let used = keeps(Script::new().get("a").module(), 100).runnable(&host).call("run", "{}");
    assert!(used.report().accesses.kv);
}

#[test]
fn a_pointer_outside_the_memory_ends_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let host = host_in(dir.path());
    for call in [
        "(call $get (i32.const -8) (i32.const 100))",
        "(call $set (i32.const 8192) (i32.const 1) (i32.const 0x7fffffff) (i32.const 0x7fffffff) (i64.const 0))",
        "(call $list (i32.const 0) (i32.const 0) (i32.const 8192) (i32.const -1) (i32.const 1))",
    ] {
        let module = Script::new().set("a", "x").run(&format!("(drop {call})")).module();
        let output = keeps(module, 1000).runnable(&host).call("run", "{}");
        assert_fails(&output, ErrorKind::ToolCrashed, &["a pointer outside its memory", "kv_"]);
    }
    assert_eq!(run(&host, Script::new().get("a"))[0].0, NOT_FOUND);
}

#[test]
fn undeclared_state_is_refused_before_the_tool_runs() {
    let package = sample(Script::new().get("a").module());
    let host = mpp_host::Host::builder().build().unwrap();
    let bytes = package.sign();
    let refusal = host.verify(bytes).outcome.err().unwrap();
    assert_eq!(refusal.code, "MPP-G709");
    assert!(refusal.help.contains("kv = { max_bytes"), "{}", refusal.help);
    let declared = package.set("/capabilities", json!({ "kv": { "max_bytes": 1 } }));
    assert!(host.verify(declared.sign()).outcome.is_ok());
}
