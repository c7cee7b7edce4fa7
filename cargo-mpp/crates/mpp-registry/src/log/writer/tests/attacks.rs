//! Stores that were restored, exchanged or changed, and what clients make of them.

use futures_util::TryStreamExt as _;
use mpp_host::codes::Coded as _;

use super::*;
use crate::log::ProofError;
use crate::note::Note;

/// Returns a copy of everything in a store.
async fn copy(store: &Store) -> Store {
    let copy = Store::memory();
    let paths: Vec<_> = store.list("").map_ok(|listed| listed.path).try_collect().await.unwrap();
    for path in paths {
        copy.put(&path, store.get(&path).await.unwrap().unwrap().bytes).await.unwrap();
    }
    copy
}

async fn replace(store: &Store, path: &str, bytes: impl Into<Bytes>) {
    store.delete(path).await.unwrap();
    store.put(path, bytes.into()).await.unwrap();
}

async fn refusal(options: Options<Names>) -> WriterError {
    Log::open(options).await.unwrap_err()
}

#[tokio::test]
async fn a_restored_backup_is_refused_by_the_server_that_signed_more() {
    let dir = tempfile::tempdir().unwrap();
    let memory = dir.path().join("signed");
    let with_memory = |store: &Store| Options { keys: keys().with_memory(memory.clone()), ..options(store.clone()) };
    let store = Store::memory();
    let log = Log::open(with_memory(&store)).await.unwrap();
    append(&log, "com.example.a 1.0.0").await.unwrap();
    let backup = copy(&store).await;
    append(&log, "com.example.b 1.0.0").await.unwrap();
    log.close().await;

    let error = refusal(with_memory(&backup)).await;
    assert_eq!(error.code(), "MPP-N132", "{error}");
    // The backup can grow elsewhere to the same size: it does not extend what was signed either.
    let fork = copy(&backup).await;
    let elsewhere = open(&fork).await;
    append(&elsewhere, "com.example.c 1.0.0").await.unwrap();
    append(&elsewhere, "com.example.d 1.0.0").await.unwrap();
    elsewhere.close().await;
    assert_eq!(refusal(with_memory(&fork)).await.code(), "MPP-N132");
    // The store itself is fine.
    Log::open(with_memory(&store)).await.unwrap().close().await;
    std::fs::write(&memory, "nonsense").unwrap();
    assert_eq!(refusal(with_memory(&store)).await.code(), "MPP-N135");
}

#[tokio::test]
async fn a_backup_that_is_restored_under_a_running_server_stops_it() {
    let store = Store::memory();
    let log = open(&store).await;
    append(&log, "com.example.a 1.0.0").await.unwrap();
    let old = store.get(paths::CHECKPOINT).await.unwrap().unwrap();
    append(&log, "com.example.b 1.0.0").await.unwrap();
    replace(&store, paths::CHECKPOINT, old.bytes).await;
    let error = append(&log, "com.example.c 1.0.0").await.unwrap_err();
    assert!(
        matches!(&error, AppendError::Unknown(cause) if matches!(**cause, WriterError::Rollback { .. })),
        "{error:?}"
    );
    let error = append(&log, "com.example.d 1.0.0").await.unwrap_err();
    assert!(matches!(&error, AppendError::Failed(cause) if cause.code() == "MPP-N131"), "{error:?}");
}

#[tokio::test]
async fn the_store_of_another_registry_is_refused() {
    let store = Store::memory();
    open(&store).await.close().await;
    let genesis = Genesis::new(Origin::parse(ORIGIN).unwrap(), key(9).public(), key(1).public());
    let error = refusal(Options { genesis, ..options(store.clone()) }).await;
    assert_eq!(error.code(), "MPP-N133", "{error}");
    let signer = NoteSigner::log(ORIGIN, key(9)).unwrap();
    assert_eq!(refusal(Options { keys: LogKeys::new(signer), ..options(store) }).await.code(), "MPP-N104");
}

#[tokio::test]
async fn a_replaced_log_key_signs_the_checkpoint_again() {
    let store = Store::memory();
    let log = open(&store).await;
    append(&log, "com.example.a 1.0.0").await.unwrap();
    log.close().await;
    let mut keys = LogKeys::new(NoteSigner::log(ORIGIN, key(7)).unwrap());
    keys.former.push(log_key());
    let log = Log::open(Options { keys: keys.clone(), ..options(store.clone()) }).await.unwrap();
    let object = store.get(paths::CHECKPOINT).await.unwrap().unwrap();
    let signed = SignedCheckpoint::open(&object.bytes, keys.signer.verifier()).unwrap();
    assert_eq!(signed.checkpoint().size, 2);
    assert_eq!(append(&log, "com.example.b 1.0.0").await.unwrap().index, 2);
    // From now on, nothing that the former key signs counts.
    let forged = super::keys().sign(log.view().checkpoint.checkpoint()).unwrap();
    replace(&store, paths::CHECKPOINT, forged.bytes()).await;
    let error = log.publish(vec![Derived::new("revocations.json".to_owned(), "{\"tree_size\":3}")]).await.unwrap_err();
    assert_eq!(error.code(), "MPP-N104", "{error}");
    assert_eq!(store.get("revocations.json").await.unwrap(), None);
}

#[tokio::test]
async fn a_log_key_counts_from_a_tree_of_the_log() {
    let store = Store::memory();
    let log = open(&store).await;
    append(&log, "com.example.a 1.0.0").await.unwrap();
    let head = log.view().checkpoint.checkpoint().clone();
    append(&log, "com.example.b 1.0.0").await.unwrap();
    log.close().await;
    let with = |start: Checkpoint| {
        let mut keys = LogKeys::new(NoteSigner::log(ORIGIN, key(7)).unwrap());
        keys.former.push(log_key());
        keys.start = Some(start);
        Options { keys, ..options(store.clone()) }
    };
    for start in [
        Checkpoint::new(head.origin.clone(), 2, Digest::of(b"other")),
        Checkpoint::new(head.origin.clone(), 3, head.root),
        Checkpoint::new(head.origin.clone(), 4, head.root),
    ] {
        assert_eq!(refusal(with(start)).await.code(), "MPP-N139");
    }
    let before = store.get(paths::CHECKPOINT).await.unwrap().unwrap();
    assert!(SignedCheckpoint::open(&before.bytes, &log_key()).is_ok(), "nothing was signed");
    Log::open(with(head)).await.unwrap().close().await;
}

#[tokio::test]
async fn damaged_commits_and_checkpoints_stop_the_server() {
    let store = Store::memory();
    let log = open(&store).await;
    append(&log, "com.example.a 1.0.0").await.unwrap();
    append(&log, "com.example.b 1.0.0").await.unwrap();
    log.close().await;
    let checkpoint = store.get(paths::CHECKPOINT).await.unwrap().unwrap().bytes;
    let commit = store.get("log/commit/2").await.unwrap().unwrap().bytes;
    let text = String::from_utf8_lossy(&commit).into_owned();

    // A commit after the checkpoint that does not lead where it says, is cut off, or has another leaf.
    let changed = [
        text.replacen("\"new_size\":3", "\"new_size\":4", 1).into_bytes(),
        commit[..commit.len() - 1].to_vec(),
        b"{}\n".to_vec(),
        text.replace("com.example.b", "com.example.c").into_bytes(),
    ];
    for changed in changed {
        let broken = copy(&store).await;
        replace(&broken, "log/commit/2", changed).await;
        // Behind the checkpoint, commits are not read any more.
        Log::open(options(broken.clone())).await.unwrap().close().await;
        let earlier = copy(&broken).await;
        let head = Checkpoint::new(Origin::parse(ORIGIN).unwrap(), 2, tree_of(&store, 2).await);
        replace(&earlier, paths::CHECKPOINT, keys().sign(&head).unwrap().bytes()).await;
        let error = refusal(options(earlier)).await;
        assert!(["MPP-N131", "MPP-N005"].contains(&error.code().id), "{error}");
    }

    // A checkpoint that is cut off, changed, or signed again by somebody else.
    let text = String::from_utf8_lossy(&checkpoint).split("\n\n").next().unwrap().to_owned() + "\n";
    let mut other = Note::new(text.clone()).unwrap();
    other.add(NoteSigner::log(ORIGIN, key(9)).unwrap().sign(&text, 0));
    let size = String::from_utf8_lossy(&checkpoint).replacen("\n3\n", "\n2\n", 1);
    let cases = [
        (checkpoint[..checkpoint.len() - 20].to_vec(), "MPP-N101"),
        (size.into_bytes(), "MPP-N103"),
        (other.to_bytes(), "MPP-N104"),
    ];
    for (bytes, code) in cases {
        let broken = copy(&store).await;
        replace(&broken, paths::CHECKPOINT, bytes).await;
        let error = refusal(options(broken)).await;
        assert_eq!(error.code(), code, "{error}");
    }
}

async fn tree_of(store: &Store, size: u64) -> Digest {
    let head = stored_checkpoint(store).await;
    proof::consistency_proof(store, size, head.checkpoint()).await.unwrap().1
}

#[tokio::test]
async fn clients_notice_tiles_and_leaves_that_were_changed() {
    let store = Store::memory();
    let log = open(&store).await;
    let requests: Vec<_> = (0..262)
        .map(|at| {
            let log = log.clone();
            tokio::spawn(async move { append(&log, &format!("com.example.a 1.0.{at}")).await.unwrap() })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    let head = stored_checkpoint(&store).await.checkpoint().clone();
    let leaves = all_leaves(&store, &head).await;
    let small = Checkpoint::new(head.origin.clone(), 5, tree_of(&store, 5).await);

    // Another hash in the first tile.
    let tile = paths::tile(0, 0, 256);
    let mut bytes = store.get(&tile).await.unwrap().unwrap().bytes.to_vec();
    bytes[32 * 3] ^= 1;
    let broken = copy(&store).await;
    replace(&broken, &tile, bytes).await;
    // The reader of `tlog_tiles` does not notice it in a tree of this size, which has several subtrees in one tile. When it does,
    // the remark in `log.rs` can go.
    assert!(reader_of_tlog_tiles_accepts(&broken, &head, 2).await);
    for index in [2, 3, 200] {
        let error = proof::inclusion(&broken, &head, index, &leaves[index as usize]).await.unwrap_err();
        assert_eq!(error.code(), "MPP-N111", "{index}: {error}");
    }
    assert_eq!(proof::consistency(&broken, &small, &head).await.unwrap_err().code(), "MPP-N111");

    // A tile that is cut off, or missing.
    let broken = copy(&store).await;
    replace(&broken, &tile, vec![0; 31]).await;
    assert_eq!(proof::inclusion(&broken, &head, 0, &leaves[0]).await.unwrap_err().code(), "MPP-N111");
    broken.delete(&tile).await.unwrap();
    let missing = proof::inclusion(&broken, &head, 0, &leaves[0]).await.unwrap_err();
    assert!(matches!(missing, ProofError::Unavailable { .. }), "{missing}");

    // Another leaf in a bundle.
    let broken = copy(&store).await;
    let bundle = paths::entries(1, 7);
    let bytes = store.get(&bundle).await.unwrap().unwrap().bytes;
    replace(&broken, &bundle, String::from_utf8_lossy(&bytes).replace("com.example.a", "com.example.b")).await;
    let read = Follower::new().advance(&broken, &head, |_, _| Ok::<_, LogError>(())).await;
    assert!(matches!(read, Err(LogError::Root { size: 263 } | LogError::Proof(_))), "{read:?}");

    // Claims that the log refutes.
    let other = proof::inclusion(&store, &head, 7, &leaves[8]).await.unwrap_err();
    assert!(matches!(other, ProofError::OtherLeaf { index: 7 }), "{other}");
    let later = proof::inclusion(&store, &head, 263, &leaves[8]).await.unwrap_err();
    assert!(matches!(later, ProofError::NotYet { .. }), "{later}");
    for forked in [
        Checkpoint::new(head.origin.clone(), 5, Digest::of(b"x")),
        Checkpoint::new(head.origin.clone(), head.size, Digest::of(b"x")),
        Checkpoint::new(head.origin.clone(), head.size + 1, head.root),
    ] {
        let fork = proof::consistency(&store, &forked, &head).await.unwrap_err();
        assert_eq!(fork.code(), "MPP-N112", "{fork}");
    }
    proof::consistency(&store, &small, &head).await.unwrap();
}

/// The tiles that a proof needs, for the reader of `tlog_tiles`.
struct AllTiles(std::collections::HashMap<String, Bytes>);

impl tlog_tiles::TileReader for AllTiles {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            self.0[&paths::tile(tile.level(), tile.level_index(), tile.width().into())].to_vec()
        };
        Ok(tiles.iter().map(read).collect())
    }
    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

async fn reader_of_tlog_tiles_accepts(store: &Store, head: &Checkpoint, index: u64) -> bool {
    use tlog_tiles::HashReader as _;
    let mut tiles = std::collections::HashMap::new();
    for path in store.list("log/tile").map_ok(|listed| listed.path).try_collect::<Vec<_>>().await.unwrap() {
        tiles.insert(path.clone(), store.get(&path).await.unwrap().unwrap().bytes);
    }
    let tiles = AllTiles(tiles);
    let reader = tlog_tiles::TileHashReader::new(head.size, tlog_tiles::Hash(*head.root.as_bytes()), &tiles);
    reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).is_ok()
}
