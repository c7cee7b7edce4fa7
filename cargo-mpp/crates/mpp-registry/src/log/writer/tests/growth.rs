//! The log grows over the borders of tiles, and everything can be proved.

use super::*;
use crate::log::Tree;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_leaf_is_proved_and_every_checkpoint_extends_the_earlier_ones() {
    let store = Store::memory();
    let log = open(&store).await;
    let mut heads = vec![log.view().checkpoint.checkpoint().clone()];
    // Groups of different sizes, up to more than two tiles.
    let mut number = 0;
    for group in [1, 2, 3, 250, 1, 255, 40] {
        let requests = (0..group).map(|at| {
            let (log, name) = (log.clone(), format!("com.example.p{} 1.0.{}", at % 7, number + at));
            tokio::spawn(async move { append(&log, &name).await.unwrap().index })
        });
        let requests: Vec<_> = requests.collect();
        let mut indexes = BTreeSet::new();
        for request in requests {
            indexes.insert(request.await.unwrap());
        }
        assert_eq!(indexes.len(), group, "each request has its own leaf");
        number += group;
        heads.push(stored_checkpoint(&store).await.checkpoint().clone());
    }
    let names = audit(&store).await;
    assert_eq!(names.len(), number);
    check_lists(&store, &names).await;
    for (index, newer) in heads.iter().enumerate() {
        for older in &heads[..index] {
            proof::consistency(&store, older, newer).await.unwrap();
            let (hashes, _) = proof::consistency_proof(&store, older.size, newer).await.unwrap();
            assert!(proof::verifies_consistency(&hashes, older, newer));
            assert!(!proof::verifies_consistency(&hashes, older, older) || older == newer);
            // The root of the smaller tree follows from the proof, unless the proof leaves it out.
            let prefix = (!older.size.is_power_of_two()).then_some(older.root);
            assert_eq!(proof::proved_prefix(&hashes, older.size, newer), prefix, "{} in {}", older.size, newer.size);
            assert_eq!(proof::proved_prefix(&hashes, older.size, older), None);
            assert_eq!(proof::proved_prefix(&hashes, older.size - 1, newer), None);
        }
        let tree = Tree::load(&store, newer).await.unwrap();
        assert_eq!((tree.size(), tree.root()), (newer.size, newer.root));
    }
}

#[tokio::test]
async fn a_reopened_log_goes_on_where_it_was_with_and_without_a_cached_state() {
    let store = Store::memory();
    let log = open(&store).await;
    for at in 0..5 {
        append(&log, &format!("com.example.a 1.0.{at}")).await.unwrap();
    }
    let view = log.view();
    let cached = (view.state.clone(), view.checkpoint.checkpoint().clone());
    for at in 5..8 {
        append(&log, &format!("com.example.a 1.0.{at}")).await.unwrap();
    }
    log.close().await;
    let wrong = (view.state.clone(), Checkpoint::new(cached.1.origin.clone(), cached.1.size, Digest::of(b"other")));
    for (at, cached) in [None, Some(cached), Some(wrong)].into_iter().enumerate() {
        let log = Log::open(Options { cached, ..options(store.clone()) }).await.unwrap();
        assert_eq!(log.view().state.0.len(), 8 + at);
        let taken = append(&log, "com.example.a 1.0.3").await;
        assert!(matches!(taken, Err(AppendError::Refused(Taken { index: 4, .. }))), "{taken:?}");
        append(&log, &format!("com.example.b 1.0.{at}")).await.unwrap();
        log.close().await;
    }
    check_lists(&store, &audit(&store).await).await;
}

#[tokio::test]
async fn readers_fall_back_to_full_tiles() {
    let store = Store::memory();
    let log = open(&store).await;
    append(&log, "com.example.a 1.0.0").await.unwrap();
    let early = log.view().checkpoint.checkpoint().clone();
    let requests: Vec<_> = (0..300)
        .map(|at| {
            let log = log.clone();
            tokio::spawn(async move { append(&log, &format!("com.example.b 1.0.{at}")).await.unwrap() })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    for path in [paths::tile(0, 0, early.size), paths::entries(0, early.size)] {
        assert!(store.get(&path).await.unwrap().is_some());
        store.delete(&path).await.unwrap();
    }
    assert_eq!(all_leaves(&store, &early).await.len() as u64, early.size);
    Tree::load(&store, &early).await.unwrap();
}

#[tokio::test]
async fn a_leaf_that_is_too_large_is_refused_alone() {
    let store = Store::memory();
    let log = open(&store).await;
    let packages =
        (0..2000).map(|at| PackageId::parse(&format!("com.example.a-package-with-a-long-name-{at}")).unwrap());
    let action = Action::Delegate {
        delegate: key(4).public(),
        package_ids: packages.collect(),
        expires: Timestamp::from_secs(1_772_366_500),
    };
    let origin = Origin::parse(ORIGIN).unwrap();
    let statement = Statement::new(origin, Timestamp::from_secs(1_772_366_400), key(3).public(), action).unwrap();
    let body = Body::Statement(SignedStatement::sign(statement, &key(3)).unwrap());
    let (large, small) = tokio::join!(log.append(body, |_, _, _| Ok(())), append(&log, "com.example.a 1.0.0"));
    assert!(matches!(large, Err(AppendError::Failed(_))), "{large:?}");
    assert_eq!(small.unwrap().index, 1);
}
