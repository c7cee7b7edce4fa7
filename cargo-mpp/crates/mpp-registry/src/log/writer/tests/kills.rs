//! Servers that die between any two operations of an append.

use super::*;
use crate::store::fault::Faults;

/// Runs a server on a store that dies after some operations, and returns what was acknowledged. `true` means that it lived.
async fn run_until_death(store: &Store, operations: usize, names: &[&str]) -> (BTreeMap<String, u64>, bool) {
    let faults = Faults::die_after(operations);
    let mut acknowledged = BTreeMap::new();
    let faulty = faults.store(store);
    let mut log = None;
    {
        let work = async {
            let opened = log.insert(open(&faulty).await);
            for name in names {
                let (Ok(index) | Err(Taken { index, .. })) = append_surely(opened, name).await;
                acknowledged.insert((*name).to_owned(), index);
            }
        };
        tokio::select! {
            () = work => {}
            () = faults.died.notified() => {}
        }
    }
    if let Some(log) = log {
        log.kill();
    }
    let lived = acknowledged.len() == names.len();
    (acknowledged, lived)
}

#[tokio::test]
async fn a_server_that_dies_anywhere_loses_nothing_acknowledged_and_leaves_nothing_half_visible() {
    let mut deaths = 0;
    for operations in 0.. {
        let store = Store::memory();
        let names = ["com.example.a 1.0.0", "com.example.a 1.1.0", "com.example.b 1.0.0"];
        let (acknowledged, lived) = run_until_death(&store, operations, &names).await;
        // What a client sees before anybody repairs anything: each visible leaf is whole.
        if store.get(paths::CHECKPOINT).await.unwrap().is_some() {
            let visible = audit(&store).await;
            assert!(acknowledged.iter().all(|(name, index)| visible.get(name) == Some(index)), "{operations}");
        } else {
            assert!(acknowledged.is_empty(), "{operations}");
        }
        // The next server finishes what was left, and repeating every request succeeds.
        let log = open(&store).await;
        for name in names {
            let (Ok(index) | Err(Taken { index, .. })) = append_surely(&log, name).await;
            assert!(acknowledged.get(name).is_none_or(|known| *known == index), "{operations}: {name} moved");
        }
        let names = audit(&store).await;
        assert_eq!(names.len(), 3, "{operations}");
        check_lists(&store, &names).await;
        log.close().await;
        if lived {
            break;
        }
        deaths += 1;
    }
    // Opening alone takes more than 10 operations, and each append at least 6.
    assert!(deaths > 28, "{deaths}");
}

#[tokio::test]
async fn servers_that_die_one_after_the_other_still_get_on() {
    let store = Store::memory();
    let names = ["com.example.a 1.0.0", "com.example.b 1.0.0"];
    let mut acknowledged = BTreeMap::new();
    for operations in (0..60).cycle() {
        let (more, lived) = run_until_death(&store, operations, &names).await;
        for (name, index) in more {
            assert_eq!(*acknowledged.entry(name).or_insert(index), index);
        }
        if lived {
            break;
        }
    }
    assert_eq!(audit(&store).await, acknowledged);
}
