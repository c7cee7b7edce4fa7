//! State in a native build: requests to the host, and how its answers are read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mpp_sdk::abi::native::{HostFunctions, Installed, install};
use mpp_sdk::abi::{Answer, Call, Status};
use mpp_sdk::kv;

/// Keys and values in memory, and the expiries and pages that were requested.
#[derive(Default)]
struct Memory {
    entries: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    ttls: Mutex<Vec<u64>>,
    pages: Mutex<usize>,
}

impl HostFunctions for Memory {
    fn call(&self, call: Call<'_>) -> Answer {
        let mut entries = self.entries.lock().unwrap();
        match call {
            Call::KvGet { key } => match entries.get(key) {
                Some(value) => Answer::new(0, value.clone()),
                None => Answer::failed(Status::NotFound, "none"),
            },
            Call::KvSet { key, value, ttl_ms } => {
                self.ttls.lock().unwrap().push(ttl_ms);
                entries.insert(key.to_vec(), value.to_vec());
                Answer::new(0, [])
            }
            Call::KvDelete { key } => Answer::new(i32::from(entries.remove(key).is_some()), []),
            Call::KvList { prefix, after, limit } => {
                *self.pages.lock().unwrap() += 1;
                let keys = entries.keys().filter(|key| key.starts_with(prefix) && key.as_slice() > after);
                let keys: Vec<_> = keys.take(limit as usize).collect();
                let reply = keys.iter().flat_map(|key| [&(key.len() as u32).to_le_bytes()[..], key].concat());
                Answer::new(keys.len() as i32, reply.collect::<Vec<u8>>())
            }
            Call::KvCompareAndSwap { key, expected, value, .. } => {
                if entries.get(key).map(Vec::as_slice) != expected {
                    return Answer::new(0, []);
                }
                match value {
                    Some(value) => drop(entries.insert(key.to_vec(), value.to_vec())),
                    None => drop(entries.remove(key)),
                }
                Answer::new(1, [])
            }
            Call::KvIncrement { key, by } => match std::str::from_utf8(entries.get(key).map_or(b"0", |value| value)) {
                Ok(text) if text.parse::<i64>().is_ok() => {
                    let sum = text.parse::<i64>().unwrap() + by;
                    entries.insert(key.to_vec(), sum.to_string().into_bytes());
                    Answer::new(0, sum.to_le_bytes())
                }
                _ => Answer::failed(Status::Invalid, "the value is not a number"),
            },
            _ => Answer::failed(Status::Unavailable, "not here"),
        }
    }
}

fn memory() -> (Arc<Memory>, Installed) {
    let memory = Arc::new(Memory::default());
    (Arc::clone(&memory), install(memory))
}

#[mpp_sdk::data]
#[derive(Debug, PartialEq)]
struct Note {
    text: String,
}

#[test]
fn bytes_and_values_are_read_as_they_were_written() {
    let (_, _installed) = memory();
    assert_eq!(kv::get("a").unwrap(), None);
    kv::set("a", b"\0\xff").unwrap();
    assert_eq!(kv::get(b"a").unwrap().as_deref(), Some(b"\0\xff".as_slice()));
    assert!(kv::delete("a").unwrap() && !kv::delete("a").unwrap());
    kv::set_json("note", &Note { text: "tea".into() }).unwrap();
    assert_eq!(kv::get_json::<Note>("note").unwrap(), Some(Note { text: "tea".into() }));
    assert_eq!(kv::get_json::<Note>("other").unwrap(), None);
    // A later version of the tool may have written more keys.
    kv::set("note", br#"{"added":[1],"text":"tea"}"#).unwrap();
    assert_eq!(kv::get_json::<Note>("note").unwrap(), Some(Note { text: "tea".into() }));
    let error = kv::get_json::<u8>("note").unwrap_err();
    assert!(
        matches!(&error, kv::Error::Invalid(text) if text.contains("`note` cannot be deserialized from JSON")),
        "{error}"
    );
}

#[test]
fn a_ttl_is_clamped_to_the_range_of_milliseconds() {
    let (memory, _installed) = memory();
    kv::set("a", "x").unwrap();
    kv::set_with_ttl("a", "x", Duration::from_millis(1500)).unwrap();
    kv::set_with_ttl("a", "x", Duration::from_nanos(1)).unwrap();
    kv::set_json_with_ttl("a", "x", Duration::MAX).unwrap();
    assert_eq!(*memory.ttls.lock().unwrap(), [0, 1500, 1, u64::MAX]);
}

#[test]
fn a_list_fetches_its_pages_on_demand() {
    let (memory, _installed) = memory();
    for n in 0..600 {
        kv::set(format!("n/{n:03}"), "").unwrap();
    }
    kv::set("other", "").unwrap();
    assert_eq!(kv::list("n/").take(3).count(), 3);
    assert_eq!(*memory.pages.lock().unwrap(), 1);
    let keys: Vec<Vec<u8>> = kv::list("n/").collect::<Result<_, _>>().unwrap();
    assert_eq!((keys.len(), keys[599].as_slice()), (600, b"n/599".as_slice()));
    assert_eq!(kv::list("").count(), 601);
    assert_eq!(kv::list_page("n/", Some(b"n/597"), 9).unwrap(), [b"n/598".to_vec(), b"n/599".to_vec()]);
}

#[test]
fn swaps_and_increments_return_the_outcome() {
    let (_, _installed) = memory();
    assert!(kv::compare_and_swap("a", None, Some(b"1")).unwrap());
    assert!(!kv::compare_and_swap("a", None, Some(b"2")).unwrap());
    assert_eq!(kv::increment("a", 41).unwrap(), 42);
    assert!(kv::compare_and_swap("a", Some(b"42"), None).unwrap());
    kv::set("a", "x").unwrap();
    assert_eq!(kv::increment("a", 1).unwrap_err(), kv::Error::Invalid("the value is not a number".into()));
}

#[derive(Debug, mpp_sdk::ToolError)]
enum OwnError {
    #[error(code = "no_state", message = "nothing could be kept")]
    Kv(#[from] kv::Error),
}

#[test]
fn every_failure_keeps_its_own_code() {
    struct Fails(Status);
    impl HostFunctions for Fails {
        fn call(&self, _: Call<'_>) -> Answer {
            Answer::failed(self.0, "a sentence")
        }
    }
    for (status, code, is_retryable) in [
        (Status::Denied, "kv_denied", false),
        (Status::Full, "kv_full", false),
        (Status::TooLarge, "kv_too_large", false),
        (Status::Conflict, "kv_conflict", true),
        (Status::Invalid, "kv_invalid", false),
        (Status::Unavailable, "kv_unavailable", false),
        (Status::Timeout, "kv_unavailable", false),
    ] {
        let _installed = install(Arc::new(Fails(status)));
        let failed = || -> Result<(), mpp_sdk::Error> { Ok(kv::set("a", "b")?) };
        let error = failed().unwrap_err();
        assert_eq!((error.code(), error.message(), error.is_retryable()), (code, "a sentence", is_retryable));
        let own = || -> Result<i64, OwnError> { Ok(kv::increment("a", 1)?) };
        assert!(matches!(own(), Err(OwnError::Kv(error)) if error.code() == code));
        assert!(kv::list("").next().unwrap().is_err());
    }
}

#[test]
fn state_without_a_host_is_unavailable() {
    let error = kv::get("a").unwrap_err();
    assert!(
        matches!(&error, kv::Error::Unavailable(text) if text.contains("no host is available in a native build")),
        "{error}"
    );
}
