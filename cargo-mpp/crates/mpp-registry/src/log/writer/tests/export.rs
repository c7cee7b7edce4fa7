//! A log in a directory with its proofs, which implementations of others check (`.ci/foreign.d/50-log`).
#![allow(clippy::disallowed_methods, reason = "the caller of the test names the directory")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

#[tokio::test]
#[ignore = "writes a directory for other programs"]
async fn writes_a_log_for_other_implementations() {
    let dir = std::path::PathBuf::from(std::env::var_os("MPP_LOG_EXPORT").expect("the directory to write"));
    let store = Store::directory(&dir).unwrap();
    let log = open(&store).await;
    let mut heads = Vec::new();
    for group in [1_u32, 6, 250, 3, 252, 88] {
        let requests = (0..group).map(|at| {
            let (log, name) = (log.clone(), format!("com.example.p{group} 1.0.{at}"));
            tokio::spawn(async move { append(&log, &name).await.unwrap() })
        });
        for request in requests.collect::<Vec<_>>() {
            request.await.unwrap();
        }
        heads.push(stored_checkpoint(&store).await.checkpoint().clone());
    }
    let witness = NoteSigner::witness("witness.example.com/w1", key(5)).unwrap();
    let head = heads.pop().unwrap();
    log.cosigning().add(head.size, vec![witness.sign(&head.to_text(), 1_772_366_400)]).await;
    log.catch_up().await.unwrap();
    log.close().await;

    let encoded = |proof: &[Digest]| proof.iter().map(|hash| STANDARD.encode(hash.as_bytes())).collect::<Vec<_>>();
    let leaves = all_leaves(&store, &head).await;
    let mut inclusion = Vec::new();
    for (index, leaf) in (0..).zip(&leaves) {
        let (proof, _) = proof::inclusion_proof(&store, &head, index).await.unwrap();
        let proof = encoded(&proof);
        inclusion.push(serde_json::json!({"index": index, "leaf": STANDARD.encode(leaf), "proof": proof}));
    }
    let mut consistency = Vec::new();
    for older in &heads {
        let (proof, root) = proof::consistency_proof(&store, older.size, &head).await.unwrap();
        assert_eq!(root, older.root);
        let root = STANDARD.encode(root.as_bytes());
        consistency.push(serde_json::json!({"size": older.size, "root": root, "proof": encoded(&proof)}));
    }
    let export = serde_json::json!({
        "log_key": log_key(), "witness_key": witness.verifier(), "inclusion": inclusion, "consistency": consistency,
    });
    std::fs::write(dir.join("proofs.json"), export.to_string()).unwrap();
}
