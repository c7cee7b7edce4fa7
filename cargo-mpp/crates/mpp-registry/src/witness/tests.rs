//! Tests of witnesses: what they cosign, what they refuse, and logs that ask them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod registries;

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tower::ServiceExt as _;

use super::*;
use crate::client::{OnProgress, Request as ClientRequest, Response, Transport, TransportError};
use crate::log::SignedCheckpoint;
use crate::log::sample::{ORIGIN, SampleLog, key, statement};
use crate::protocol::Action;
use crate::store::Store;

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400)
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

fn log_key() -> VerifierKey {
    NoteSigner::log(ORIGIN, key(1)).unwrap().verifier().clone()
}

fn witness(dir: &Path) -> Witness {
    let signer = NoteSigner::witness("witness.example.com/w1", key(20)).unwrap();
    Witness::open(dir, signer, vec![log_key()], Arc::new(Noon)).unwrap()
}

fn grow(log: &mut SampleLog, count: u64) {
    for _ in 0..count {
        log.append(statement(3, Action::Rotate { to: key(4).public() }));
    }
}

/// The request that a log makes for its newest checkpoint.
async fn request(log: &SampleLog, old: u64) -> Vec<u8> {
    let proof = match old {
        0 => Vec::new(),
        old => proof::consistency_proof(&log.files, old, &log.head()).await.unwrap().0,
    };
    super::request::body(old, &proof, &log.signed())
}

fn check_cosigned(answer: &Answer, witness: &Witness, log: &SampleLog) {
    let Answer::Cosigned(line) = answer else { panic!("{answer:?}") };
    let signature = crate::note::NoteSignature::parse(line.trim_end_matches('\n')).unwrap();
    assert_eq!(signature.verify(&log.head().to_text(), witness.key()).unwrap(), Some(1_772_366_400));
}

#[tokio::test]
async fn cosigns_a_log_that_grows_and_remembers_it_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = SampleLog::new();
    let first = witness(dir.path());
    check_cosigned(&first.add_checkpoint(&request(&log, 0).await).await, &first, &log);
    // The same checkpoint again, with an empty proof from its own size.
    check_cosigned(&first.add_checkpoint(&super::request::body(1, &[], &log.signed())).await, &first, &log);
    grow(&mut log, 300);
    check_cosigned(&first.add_checkpoint(&request(&log, 1).await).await, &first, &log);
    assert!(matches!(
        Witness::open(dir.path(), first.signer.clone(), vec![], Arc::new(Noon)),
        Err(WitnessError::Locked(_))
    ));
    drop(first);
    let again = witness(dir.path());
    grow(&mut log, 1);
    assert_eq!(again.add_checkpoint(&request(&log, 0).await).await, Answer::OtherSize(301));
    check_cosigned(&again.add_checkpoint(&request(&log, 301).await).await, &again, &log);
    drop(again);
    // A damaged memory is not an empty one.
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "checkpoint") {
            fs::write(path, "nonsense").unwrap();
        }
    }
    let signer = NoteSigner::witness("witness.example.com/w1", key(20)).unwrap();
    let error = Witness::open(dir.path(), signer, vec![log_key()], Arc::new(Noon)).unwrap_err();
    assert_eq!(error.code(), "MPP-N506", "{error}");
}

/// Checks the evidence of a contradiction in which the log shows `size` leaves.
fn check_kept(dir: &Path, size: u64, known: &SampleLog, found: &SampleLog, request: &[u8]) {
    let entries = fs::read_dir(dir.join("evidence")).unwrap().map(|entry| entry.unwrap().path());
    let mut entries = entries.filter(|path| path.to_string_lossy().contains(&format!("-20-{size}-")));
    let (dir, None) = (entries.next().unwrap(), entries.next()) else { panic!("more than one") };
    assert_eq!(fs::read(dir.join("known")).unwrap(), known.signed().bytes());
    assert_eq!(fs::read(dir.join("found")).unwrap(), found.signed().bytes());
    assert_eq!(fs::read(dir.join("request")).unwrap(), request);
}

#[tokio::test]
async fn refuses_forks_rollbacks_other_logs_and_bad_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let witness = witness(dir.path());
    let mut log = SampleLog::new();
    grow(&mut log, 9);
    let mut fork = log.clone();
    grow(&mut log, 10);
    check_cosigned(&witness.add_checkpoint(&request(&log, 0).await).await, &witness, &log);
    let cosigned = request(&log, 0).await;

    // Other histories: as large, larger, and smaller.
    fork.append(statement(5, Action::Rotate { to: key(6).public() }));
    grow(&mut fork, 9);
    let same = super::request::body(20, &[], &fork.signed());
    let Answer::Fork(both) = witness.add_checkpoint(&same).await else { panic!("a fork") };
    assert_eq!((&both.known, &both.found), (&log.head(), &fork.head()));
    let text = both.to_string();
    assert!(text.contains(&log.head().root.to_string()) && text.contains(&fork.head().root.to_string()), "{text}");
    check_kept(dir.path(), 20, &log, &fork, &same);
    // Shown again, it is not kept again.
    assert!(matches!(witness.add_checkpoint(&same).await, Answer::Fork(_)));
    assert_eq!(fs::read_dir(dir.path().join("evidence")).unwrap().count(), 1);
    grow(&mut fork, 1);
    let larger = request(&fork, 20).await;
    let Answer::OtherHistory(both) = witness.add_checkpoint(&larger).await else { panic!("another history") };
    assert_eq!((&both.known, &both.found), (&log.head(), &fork.head()));
    check_kept(dir.path(), 21, &log, &fork, &larger);
    let mut short = SampleLog::new();
    grow(&mut short, 3);
    assert_eq!(witness.add_checkpoint(&request(&short, 0).await).await, Answer::OtherSize(20));
    let larger = super::request::body(20, &[], &short.signed());
    assert!(matches!(witness.add_checkpoint(&larger).await, Answer::Malformed(_)));

    grow(&mut log, 5);
    let good = String::from_utf8(request(&log, 20).await).unwrap();
    let hash = STANDARD.encode([7; 32]);
    let first_hash = good.lines().nth(1).unwrap();
    let many = format!("old 20\n{}", format!("{hash}\n").repeat(64));
    let cases = [
        (good.replacen(first_hash, &hash, 1), Answer::BadProof),
        (good.replacen(&format!("{first_hash}\n"), "", 1), Answer::BadProof),
        (good.replacen("old 20\n", &format!("old 20\n{hash}\n"), 1), Answer::BadProof),
        (good.replacen("old 20\n", "old 19\n", 1), Answer::OtherSize(20)),
        (good.replacen("tools.example.com/log\n25", "tools.example.com/log\n24", 1), Answer::BadSignature),
        (good.replace("tools.example.com", "other.example.com"), Answer::UnknownLog),
        (good.replacen("old 20", "old 020", 1), Answer::Malformed("the old size is not a decimal number")),
        (good.replacen("old 20", "new 20", 1), Answer::Malformed("the first line is not `old SIZE`")),
        (good.replacen(first_hash, "AAAA", 1), Answer::Malformed("a line is not a hash")),
        (good.replacen("old 20\n", &many, 1), Answer::Malformed("the proof has more than 63 lines")),
        ("old 20\n".to_owned(), Answer::Malformed("there is no empty line before the checkpoint")),
        (String::new(), Answer::Malformed("there is no empty line before the checkpoint")),
    ];
    for (body, answer) in cases {
        assert_eq!(witness.add_checkpoint(body.as_bytes()).await, answer, "{body}");
    }
    assert_eq!(witness.add_checkpoint(b"\xff").await, Answer::Malformed("the body is not UTF-8"));
    // After all that, the true log goes on.
    check_cosigned(&witness.add_checkpoint(good.as_bytes()).await, &witness, &log);
    assert_eq!(witness.add_checkpoint(&cosigned).await, Answer::OtherSize(25));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_logs_that_ask_at_once_only_one_is_cosigned() {
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let witness = Arc::new(witness(dir.path()));
        let logs: Vec<_> = (0..8_u8)
            .map(|seed| {
                let mut log = SampleLog::new();
                log.append(statement(30 + seed, Action::Rotate { to: key(4).public() }));
                log
            })
            .collect();
        let mut asked = Vec::new();
        for log in &logs {
            let (witness, body) = (Arc::clone(&witness), request(log, 0).await);
            asked.push(tokio::spawn(async move { witness.add_checkpoint(&body).await }));
        }
        let mut cosigned = 0;
        for answer in asked {
            match answer.await.unwrap() {
                Answer::Cosigned(_) => cosigned += 1,
                Answer::OtherSize(2) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(cosigned, 1);
    }
}

/// A witness that is asked without a network.
#[derive(Debug)]
struct Local(axum::Router);

impl Transport for Local {
    fn send<'a>(
        &'a self,
        request: ClientRequest,
        _: Option<OnProgress<'a>>,
    ) -> BoxFuture<'a, Result<Response, TransportError>> {
        Box::pin(async move {
            let request =
                axum::http::Request::builder().method(request.method).uri(request.path).body(Body::from(request.body));
            let answer = self.0.clone().oneshot(request.unwrap()).await.unwrap();
            let (parts, body) = answer.into_parts();
            let body = body.into_data_stream().map_err(|_| unreachable!()).boxed();
            Ok(Response::new(parts.status, parts.headers, body))
        })
    }

    fn url(&self) -> &str {
        "http://witness.example.com"
    }
}

async fn store_of(log: &SampleLog) -> Store {
    let store = Store::memory();
    for (path, bytes) in &log.files {
        store.put(path, bytes.clone()).await.unwrap();
    }
    store
}

#[tokio::test]
async fn a_log_gets_cosignatures_from_witnesses_that_it_has_not_asked_before() {
    let dirs: Vec<_> = (0..2).map(|_| tempfile::tempdir().unwrap()).collect();
    let witnesses: Vec<_> = dirs.iter().map(|dir| Arc::new(witness(dir.path()))).collect();
    let mut log = SampleLog::new();
    grow(&mut log, 4);
    // The second one knows the log already.
    witnesses[1].add_checkpoint(&request(&log, 0).await).await;
    grow(&mut log, 5);
    let ask =
        |witness: &Arc<Witness>| Cosigner::new(witness.key().clone(), Arc::new(Local(router(Arc::clone(witness)))));
    let stranger = NoteSigner::witness("witness.example.com/w2", key(21)).unwrap().verifier().clone();
    let mut list: Vec<_> = witnesses.iter().map(ask).collect();
    // One that answers with a signature of another key than expected, and one that is not there.
    list.push(Cosigner::new(stranger, Arc::new(Local(router(Arc::clone(&witnesses[0]))))));
    list.push(Cosigner::new(witnesses[0].key().clone(), Arc::new(Local(axum::Router::new()))));
    let cosigners = Cosigners::new(list, store_of(&log).await);
    let signatures = cosigners.ask(&log.signed()).await;
    assert_eq!(signatures.len(), 2);
    let mut note = Note::parse(&log.signed().bytes()).unwrap();
    signatures.iter().for_each(|signature| note.add(signature.clone()));
    let signed = SignedCheckpoint::open(&note.to_bytes(), &log_key()).unwrap();
    assert_eq!(signed.cosigners(&[witnesses[0].key().clone()]), ["witness.example.com/w1"]);
    assert_eq!(signed.checkpoint(), &log.head());
    // A log that was rolled back gets none.
    let mut short = SampleLog::new();
    grow(&mut short, 2);
    let asked = Cosigners::new(vec![ask(&witnesses[0])], store_of(&short).await);
    assert_eq!(asked.ask(&short.signed()).await, []);
}

#[tokio::test]
async fn answers_over_http_have_the_statuses_of_the_specification() {
    let dir = tempfile::tempdir().unwrap();
    let witness = Arc::new(witness(dir.path()));
    let transport = Local(router(Arc::clone(&witness)));
    let mut log = SampleLog::new();
    grow(&mut log, 3);
    let send = async |body: Vec<u8>| {
        let request = ClientRequest::send(axum::http::Method::POST, "/add-checkpoint", body);
        let response = transport.send(request, None).await.unwrap();
        let text: Vec<Bytes> = response.body.try_collect().await.unwrap();
        let kind = response.headers.get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        (response.status.as_u16(), kind.unwrap_or_default(), String::from_utf8(text.concat()).unwrap())
    };
    let (status, _, line) = send(request(&log, 0).await).await;
    assert!(status == 200 && line.starts_with("— witness.example.com/w1 ") && line.ends_with('\n'), "{line}");
    assert_eq!(send(request(&log, 0).await).await, (409, "text/x.tlog.size".to_owned(), "4\n".to_owned()));
    let good = String::from_utf8(request(&log, 2).await).unwrap();
    assert_eq!(send(b"nonsense".to_vec()).await.0, 400);
    assert_eq!(send(good.replace("log\n4", "log\n5").into_bytes()).await.0, 403);
    assert_eq!(send(good.replace("tools.", "other.").into_bytes()).await.0, 404);
    assert_eq!(send(vec![b'a'; 1 << 20]).await.0, 413);
    grow(&mut log, 1);
    let bad = super::request::body(4, &[Digest::of(b"x")], &log.signed());
    assert_eq!(send(bad).await.0, 422);
    let response = transport.send(ClientRequest::get("/"), None).await.unwrap();
    let text: Vec<Bytes> = response.body.try_collect().await.unwrap();
    assert_eq!(text.concat(), format!("{}\n", witness.key()).into_bytes());
}
