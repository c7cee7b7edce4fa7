//! Several servers over one store, and stores that fail.

use super::*;
use crate::store::fault::Faults;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_requests_on_five_servers_exactly_one_wins() {
    let store = Store::memory();
    let mut logs = Vec::new();
    for _ in 0..5 {
        logs.push(open(&store).await);
    }
    for round in 0..20 {
        let name = format!("com.example.race 1.0.{round}");
        let requests: Vec<_> = (0..20)
            .map(|at| {
                let (log, name) = (logs[at % logs.len()].clone(), name.clone());
                tokio::spawn(async move { append(&log, &name).await })
            })
            .collect();
        let (mut won, mut lost) = (Vec::new(), Vec::new());
        for request in requests {
            match request.await.unwrap() {
                Ok(appended) => won.push(appended.index),
                Err(AppendError::Refused(taken)) => lost.push(taken.index),
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((won.len(), lost.len()), (1, 19));
        assert!(lost.iter().all(|index| *index == won[0]), "whoever loses learns who won");
    }
    let names = audit(&store).await;
    assert_eq!(names.len(), 20);
    check_lists(&store, &names).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_fails_or_loses_answers_loses_no_acknowledged_change_and_doubles_none() {
    for seed in 1..=4 {
        let store = Store::memory();
        open(&store).await.close().await;
        let faults = Faults::unreliable(25, 25, seed);
        let faulty = faults.store(&store);
        let mut logs = Vec::new();
        while logs.len() < 3 {
            if let Ok(log) = Log::open(options(faulty.clone())).await {
                logs.push(log);
            }
        }
        let requests: Vec<_> = (0..24)
            .map(|at| {
                let log = logs[at % logs.len()].clone();
                // Each version is requested twice, on different servers.
                let name = format!("com.example.p{} 1.0.0", at / 2);
                tokio::spawn(async move { (append_surely(&log, &name).await, name) })
            })
            .collect();
        let mut acknowledged = BTreeMap::new();
        for request in requests {
            let (Ok(index) | Err(Taken { index, .. }), name) = request.await.unwrap();
            assert_eq!(*acknowledged.entry(name).or_insert(index), index);
        }
        drop(logs);
        let log = open(&store).await;
        let names = audit(&store).await;
        assert_eq!(names, acknowledged, "seed {seed}, {} operations", faults.operations());
        check_lists(&store, &names).await;
        log.close().await;
    }
}

#[tokio::test]
async fn a_server_that_stalls_after_its_commit_does_not_move_the_checkpoint_back() {
    for stalled_at in ["log/tile", "log/checkpoint", "index/", "log/derived"] {
        let store = Store::memory();
        let faults = Faults::none();
        let slow = open(&faults.store(&store)).await;
        append(&slow, "com.example.a 1.0.0").await.unwrap();
        faults.stall(stalled_at);
        let waiting = tokio::spawn({
            let slow = slow.clone();
            async move { append(&slow, "com.example.a 1.0.1").await }
        });
        faults.is_stalling.notified().await;

        let quick = open(&store).await;
        assert!(quick.view().state.0.contains_key("com.example.a 1.0.1"), "{stalled_at}: another server finishes it");
        for at in 2..6 {
            append(&quick, &format!("com.example.a 1.0.{at}")).await.unwrap();
        }
        let before = stored_checkpoint(&store).await;
        let list = store.get("index/com.example.a.json").await.unwrap();
        faults.release();
        let late = waiting.await.unwrap().unwrap();
        assert_eq!((late.index, stored_checkpoint(&store).await), (2, before), "{stalled_at}");
        assert_eq!(store.get("index/com.example.a.json").await.unwrap(), list, "{stalled_at}");
        // The one who woke up goes on after the others.
        assert_eq!(append(&slow, "com.example.a 1.0.6").await.unwrap().index, 7);
        check_lists(&store, &audit(&store).await).await;
    }
}

#[tokio::test]
async fn a_server_that_stalls_before_its_commit_loses_the_place_and_takes_the_next() {
    let store = Store::memory();
    let faults = Faults::none();
    let slow = open(&faults.store(&store)).await;
    faults.stall("log/commit");
    let waiting = tokio::spawn({
        let slow = slow.clone();
        async move { tokio::join!(append(&slow, "com.example.a 1.0.0"), append(&slow, "com.example.b 1.0.0")) }
    });
    faults.is_stalling.notified().await;
    let quick = open(&store).await;
    append(&quick, "com.example.a 1.0.0").await.unwrap();
    faults.release();
    let (same, other) = waiting.await.unwrap();
    assert!(matches!(same, Err(AppendError::Refused(Taken { index: 1, .. }))), "{same:?}");
    assert_eq!(other.unwrap().index, 2);
    quick.catch_up().await.unwrap();
    assert_eq!(quick.view().state.0.len(), 2);
    check_lists(&store, &audit(&store).await).await;
}

#[tokio::test]
async fn servers_see_the_changes_of_others_at_their_next_look() {
    let store = Store::memory();
    let (one, other) = (open(&store).await, open(&store).await);
    append(&one, "com.example.a 1.0.0").await.unwrap();
    assert_eq!(other.view().state.0.len(), 0);
    other.catch_up().await.unwrap();
    assert_eq!(other.view().state.0.len(), 1);
    let polling = Log::open(Options { poll: Duration::from_millis(1), ..options(store.clone()) }).await.unwrap();
    let mut views = polling.views();
    append(&one, "com.example.b 1.0.0").await.unwrap();
    while views.borrow_and_update().state.0.len() < 2 {
        views.changed().await.unwrap();
    }
}
