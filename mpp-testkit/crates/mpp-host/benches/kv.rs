//! State: a get and a set inside a call, compared with the same statements through `rusqlite` with the same durability.
//!
//! A call has a cost of its own (a fresh instance, a transaction), which is shown separately. The cost of a get or a
//! set is the difference between a call with a thousand of them and a call without any, divided by a thousand. The goal
//! is at most 1.5 times the direct statement.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mpp_host::Host;
use mpp_host::host::RunnablePackage;
use mpp_host::testing::SamplePackage;
use rusqlite::{Connection, OptionalExtension};

/// The number of functions in one call, and the number of keys that they use in turn.
const MANY: u64 = 1000;
const VALUE: [u8; 100] = [b'x'; 100];

/// A tool that runs `body` this many times, with the number of the round as eight digits at 4096, and answers.
fn tool(host: &Host, rounds: u64, body: &str) -> RunnablePackage {
    let answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n";
    let data: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let digit = |place: u32| {
        let (at, unit) = (4096 + 7 - place, 10_u32.pow(place));
        format!(
            "(i32.store8 (i32.const {at}) (i32.add (i32.const 48)
               (i32.rem_u (i32.div_u (local.get $i) (i32.const {unit})) (i32.const 10))))"
        )
    };
    let digits: String = (0..4).map(digit).collect();
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "mpp_v1" "reply_len" (func $reply_len (result i32)))
          (import "mpp_v1" "reply_take" (func $reply_take (param i32)))
          (import "mpp_v1" "kv_get" (func $get (param i32 i32) (result i32)))
          (import "mpp_v1" "kv_set" (func $set (param i32 i32 i32 i32 i64) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 4096) "00000000") (data (i32.const 64) "{data}") (data (i32.const 8192) "{value}")
          (func (export "_start") (local $i i32)
            (block $done (loop $next
              (br_if $done (i32.ge_u (local.get $i) (i32.const {rounds})))
              {digits}
              {body}
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br $next)))
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const {length}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        value = "x".repeat(VALUE.len()),
        length = answer.len(),
    );
    let sample = SamplePackage::new().wat(&text).set("/capabilities/kv/max_bytes", 1 << 30);
    let verified = host.verify(sample.sign()).outcome.unwrap();
    let grant = sample.grant(host, &verified);
    host.load(verified).unwrap().grant(grant).unwrap()
}

const GET: &str = "(if (call $get (i32.const 4096) (i32.const 8)) (then unreachable))
                   (drop (call $reply_len)) (call $reply_take (i32.const 16384))";
const SET: &str = "(if (call $set (i32.const 4096) (i32.const 8) (i32.const 8192) (i32.const 100) (i64.const 0))
                     (then unreachable))";

fn call(tool: &RunnablePackage) {
    let output = tool.call("run", "{}");
    assert!(output.outcome().is_ok(), "{}", output.json());
}

/// A database with the host's settings and tables, used directly.
struct Direct(Connection);

impl Direct {
    fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        let _: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
        connection
            .execute_batch(
                "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024;
                 CREATE TABLE kv (key BLOB NOT NULL PRIMARY KEY, expires INTEGER, value BLOB NOT NULL) WITHOUT ROWID;
                 CREATE INDEX kv_expires ON kv (expires) WHERE expires IS NOT NULL;",
            )
            .unwrap();
        let direct = Self(connection);
        direct.transaction("BEGIN IMMEDIATE", MANY, Self::set);
        direct
    }

    fn transaction(&self, begin: &str, rounds: u64, mut each: impl FnMut(&Self, &[u8])) {
        self.0.prepare_cached(begin).unwrap().execute([]).unwrap();
        for round in 0..rounds {
            let mut key = *b"00000000";
            for (place, digit) in key.iter_mut().rev().take(4).enumerate() {
                *digit = b'0' + u8::try_from(round / 10_u64.pow(u32::try_from(place).unwrap()) % 10).unwrap();
            }
            each(self, &key);
        }
        self.0.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
    }

    fn get(&self, key: &[u8]) {
        let value: Option<Vec<u8>> = self
            .0
            .prepare_cached("SELECT value FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)")
            .unwrap()
            .query_row((key, 1_i64), |row| row.get(0))
            .optional()
            .unwrap();
        black_box(value.unwrap());
    }

    fn set(&self, key: &[u8]) {
        let sql = "INSERT INTO kv (key, value, expires) VALUES (?1, ?2, ?3)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
        self.0.prepare_cached(sql).unwrap().execute((key, VALUE, None::<i64>)).unwrap();
    }
}

fn state(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::builder().state_dir(dir.path().join("kv")).build().unwrap();
    let direct = Direct::open(&dir.path().join("direct.sqlite3"));
    let sets = tool(&host, MANY, SET);
    call(&sets);

    // The difference of two calls, which cancels the fixed cost of a call.
    let mut group = criterion.benchmark_group("state, one of a thousand in a call");
    group.throughput(Throughput::Elements(1)).measurement_time(Duration::from_secs(8));
    let none = tool(&host, MANY, "");
    for (name, many, begin, each) in [
        ("get", tool(&host, MANY, GET), "BEGIN", Direct::get as fn(&Direct, &[u8])),
        ("set", sets, "BEGIN IMMEDIATE", Direct::set),
    ] {
        group.bench_function(format!("{name}: from the tool"), |b| {
            b.iter_custom(|iterations| {
                let calls = iterations.div_ceil(MANY);
                let time = |tool: &RunnablePackage| {
                    let start = Instant::now();
                    (0..calls).for_each(|_| call(tool));
                    start.elapsed()
                };
                let spent = time(&many).saturating_sub(time(&none));
                spent.mul_f64(iterations as f64 / (calls * MANY) as f64).max(Duration::from_nanos(1))
            });
        });
        group.bench_function(format!("{name}: rusqlite directly"), |b| {
            b.iter_custom(|iterations| {
                let transactions = iterations.div_ceil(MANY);
                let start = Instant::now();
                (0..transactions).for_each(|_| direct.transaction(begin, MANY, each));
                start.elapsed().mul_f64(iterations as f64 / (transactions * MANY) as f64)
            });
        });
    }
    group.finish();

    // A transaction with one statement. The first line shows the call around it.
    let mut group = criterion.benchmark_group("state, one in a call");
    let alone = tool(&host, 1, "");
    group.bench_function("a call that uses no state", |b| b.iter(|| call(&alone)));
    for (name, code, begin, each) in
        [("get", GET, "BEGIN", Direct::get as fn(&Direct, &[u8])), ("set", SET, "BEGIN IMMEDIATE", Direct::set)]
    {
        let one = tool(&host, 1, code);
        group.bench_function(format!("a call with one {name}"), |b| b.iter(|| call(&one)));
        group.bench_function(format!("one {name} in a transaction, rusqlite directly"), |b| {
            b.iter(|| direct.transaction(begin, 1, each));
        });
    }
    group.finish();
}

criterion_group!(benches, state);
criterion_main!(benches);
