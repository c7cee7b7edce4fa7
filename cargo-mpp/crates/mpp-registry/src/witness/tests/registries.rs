//! Tests of witnesses that take the log key of a registry from its description.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use mpp_host::causes::BoxedError;

use super::*;
use crate::log::Files;
use crate::log::sample::origin;
use crate::note::Algorithm;
use crate::protocol::Signed;
use crate::protocol::files::WellKnown;
use crate::protocol::paths::WELL_KNOWN;

/// A registry whose files can be changed, and that can be switched off.
#[derive(Default)]
struct Registry {
    files: std::sync::Mutex<HashMap<String, Bytes>>,
    is_off: AtomicBool,
}

impl Files for Registry {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        let answer = match self.is_off.load(Ordering::SeqCst) {
            true => Err("switched off".into()),
            false => Ok(self.files.lock().unwrap().get(path).cloned()),
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Registry {
    fn describe(&self, version: u64, log_seed: u8, start: Option<Checkpoint>) {
        let mut description = WellKnown::first(origin(), key(2).public(), key(log_seed).public());
        description.version = version;
        if let Some(start) = start {
            (description.from_size, description.from_root) = (start.size, start.root);
        }
        let signed = Signed::sign(description, &key(2)).unwrap().bytes().to_vec();
        self.files.lock().unwrap().insert(WELL_KNOWN.to_owned(), signed.into());
    }

    fn serve(&self, log: &SampleLog) {
        let tiles = log.files.iter().filter(|(path, _)| path.starts_with("log/tile"));
        self.files.lock().unwrap().extend(tiles.map(|(path, bytes)| (path.clone(), bytes.clone())));
    }

    fn witness(self: &Arc<Self>, dir: &Path) -> Witness {
        let signer = NoteSigner::witness("witness.example.com/w1", key(20)).unwrap();
        let root = VerifierKey::new(ORIGIN, Algorithm::Ed25519, key(2).public()).unwrap();
        let registry = FollowedRegistry::new(root, Arc::clone(self) as Arc<dyn Files>).unwrap();
        Witness::open(dir, signer, vec![], Arc::new(Noon)).unwrap().following(vec![registry]).unwrap()
    }
}

/// The request for the newest checkpoint, signed by the key with this seed.
async fn signed_by(seed: u8, log: &SampleLog, old: u64) -> Vec<u8> {
    let mut note = Note::new(log.head().to_text()).unwrap();
    note.add(NoteSigner::log(ORIGIN, key(seed)).unwrap().sign(note.text(), 0));
    let own = VerifierKey::new(ORIGIN, Algorithm::Ed25519, key(seed).public()).unwrap();
    let signed = SignedCheckpoint::open(&note.to_bytes(), &own).unwrap();
    let proof = match old {
        0 => Vec::new(),
        old => proof::consistency_proof(&log.files, old, &log.head()).await.unwrap().0,
    };
    super::super::request::body(old, &proof, &signed)
}

#[tokio::test]
async fn follows_the_log_key_of_a_registry_and_never_goes_back_to_an_old_one() {
    let (dir, registry, mut log) = (tempfile::tempdir().unwrap(), Arc::new(Registry::default()), SampleLog::new());
    let pause = async || tokio::time::sleep(Duration::from_millis(1050)).await;
    let witness = registry.witness(dir.path());
    assert_eq!(witness.names().collect::<Vec<_>>(), [ORIGIN]);
    // The registry cannot be reached yet.
    assert_eq!(witness.add_checkpoint(&signed_by(1, &log, 0).await).await, Answer::Unreachable);
    registry.describe(1, 1, None);
    assert_eq!(
        witness.add_checkpoint(&signed_by(1, &log, 0).await).await,
        Answer::Unreachable,
        "it was asked just now"
    );
    pause().await;
    check_cosigned(&witness.add_checkpoint(&signed_by(1, &log, 0).await).await, &witness, &log);
    pause().await;
    assert_eq!(witness.add_checkpoint(&signed_by(7, &log, 1).await).await, Answer::BadSignature);

    // The log key is replaced when the log has 5 leaves. The witness has seen one of them.
    grow(&mut log, 4);
    let start = log.head();
    let mut fork = SampleLog::new();
    fork.extend((0..9).map(|_| statement(5, Action::Rotate { to: key(6).public() })));
    grow(&mut log, 2);
    registry.serve(&log);
    registry.describe(2, 7, Some(start.clone()));
    pause().await;
    let request = signed_by(7, &log, 1).await;
    let proofs: Vec<_> = registry.files.lock().unwrap().extract_if(|path, _| path.starts_with("log/tile")).collect();
    assert_eq!(witness.add_checkpoint(&request).await, Answer::Unreachable, "without a proof, nothing is cosigned");
    registry.files.lock().unwrap().extend(proofs);
    check_cosigned(&witness.add_checkpoint(&request).await, &witness, &log);
    // The old key does not count any more, also if an old description is shown, and also after a restart.
    registry.describe(1, 1, None);
    pause().await;
    grow(&mut log, 1);
    assert_eq!(witness.add_checkpoint(&signed_by(1, &log, 7).await).await, Answer::BadSignature);
    drop(witness);
    registry.is_off.store(true, Ordering::SeqCst);
    let again = registry.witness(dir.path());
    assert_eq!(again.add_checkpoint(&signed_by(1, &log, 7).await).await, Answer::BadSignature);
    assert_eq!(again.add_checkpoint(&signed_by(7, &log, 7).await).await, Answer::Unreachable, "asks for a proof again");
    registry.is_off.store(false, Ordering::SeqCst);
    registry.serve(&log);
    check_cosigned(&again.add_checkpoint(&signed_by(7, &log, 7).await).await, &again, &log);

    // A key that counts from a tree that the log does not have.
    let other = tempfile::tempdir().unwrap();
    let stranger = registry.witness(other.path());
    registry.serve(&fork);
    registry.describe(3, 7, Some(start));
    assert_eq!(stranger.add_checkpoint(&signed_by(7, &fork, 0).await).await, Answer::BadSignature);
    // And a description that the root key has not signed.
    let bytes = registry.files.lock().unwrap()[WELL_KNOWN].clone();
    let forged = String::from_utf8_lossy(&bytes).replace("\"sig\":\"", "\"sig\":\"AAAA");
    registry.files.lock().unwrap().insert(WELL_KNOWN.to_owned(), forged.into());
    let third = tempfile::tempdir().unwrap();
    let third = registry.witness(third.path());
    assert_eq!(third.add_checkpoint(&signed_by(7, &log, 0).await).await, Answer::Unreachable);
}

#[tokio::test]
async fn refuses_a_log_that_is_named_twice_and_a_damaged_description() {
    let (dir, registry) = (tempfile::tempdir().unwrap(), Arc::new(Registry::default()));
    let root = VerifierKey::new(ORIGIN, Algorithm::Ed25519, key(2).public()).unwrap();
    let files = || Arc::clone(&registry) as Arc<dyn Files>;
    let followed = || vec![FollowedRegistry::new(root.clone(), files()).unwrap()];
    let error = witness(dir.path()).following(followed()).unwrap_err();
    assert_eq!((error.code().id, error.to_string()), ("MPP-N507", format!("the log `{ORIGIN}` is named twice")));
    registry.describe(1, 1, None);
    let log = SampleLog::new();
    let first = registry.witness(dir.path());
    check_cosigned(&first.add_checkpoint(&signed_by(1, &log, 0).await).await, &first, &log);
    drop(first);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "description") {
            fs::write(path, "nonsense").unwrap();
        }
    }
    let signer = NoteSigner::witness("witness.example.com/w1", key(20)).unwrap();
    let opened = Witness::open(dir.path(), signer, vec![], Arc::new(Noon)).unwrap().following(followed());
    assert_eq!(opened.unwrap_err().code(), "MPP-N506");
}
