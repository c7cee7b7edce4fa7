//! Asking witnesses for cosignatures of a log's own checkpoints.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use tokio::sync::watch;

use super::http::SIZE;
use super::request;
use crate::client::{Request, Transport};
use crate::log::{Cosigning, Fold, Log, SignedCheckpoint, View, proof};
use crate::note::{NoteSignature, VerifierKey};
use crate::store::Store;

/// The time in which witnesses have to answer. A checkpoint is published without the cosignatures of those that do not.
const LIMIT: Duration = Duration::from_secs(2);
/// The largest answer.
const MAX_ANSWER: usize = 64 << 10;

/// A witness that a log asks.
#[derive(Debug)]
pub struct Cosigner {
    key: VerifierKey,
    transport: Arc<dyn Transport>,
    /// The size of the last checkpoint that the witness has cosigned, as far as is known.
    size: AtomicU64,
}

impl Cosigner {
    /// Creates a witness that is reached through `transport` and signs with `key`.
    #[must_use]
    pub const fn new(key: VerifierKey, transport: Arc<dyn Transport>) -> Self {
        Self { key, transport, size: AtomicU64::new(0) }
    }
}

/// The witnesses of a log.
#[derive(Debug)]
pub struct Cosigners {
    witnesses: Vec<Cosigner>,
    store: Store,
}

impl Cosigners {
    /// Creates the witnesses of the log in `store`.
    #[must_use]
    pub const fn new(witnesses: Vec<Cosigner>, store: Store) -> Self {
        Self { witnesses, store }
    }

    /// Asks for cosignatures of each checkpoint that the log publishes, until the log is closed. This does not keep it open.
    pub fn follow<S: Fold>(self, log: &Log<S>) -> impl Future<Output = ()> + Send + use<S> {
        self.follow_views(log.views(), log.cosigning())
    }

    async fn follow_views<S: Fold>(self, mut views: watch::Receiver<Arc<View<S>>>, cosign: Cosigning<S>) {
        let mut done = None;
        loop {
            let signed = views.borrow_and_update().checkpoint.clone();
            if done != Some(signed.checkpoint().size) {
                done = Some(signed.checkpoint().size);
                let signatures = self.ask(&signed).await;
                if !signatures.is_empty() && !cosign.add(signed.checkpoint().size, signatures).await {
                    return;
                }
            }
            if views.changed().await.is_err() {
                return;
            }
        }
    }

    /// Asks all witnesses at once, and returns the valid cosignatures that arrive in time.
    pub async fn ask(&self, signed: &SignedCheckpoint) -> Vec<NoteSignature> {
        let asked = self.witnesses.iter().map(|witness| async {
            match tokio::time::timeout(LIMIT, self.ask_one(witness, signed)).await {
                Ok(Ok(signature)) => Some(signature),
                Ok(Err(reason)) => {
                    tracing::warn!(witness = witness.key.name(), reason, "no cosignature");
                    None
                }
                Err(_) => {
                    tracing::warn!(witness = witness.key.name(), "no cosignature within two seconds");
                    None
                }
            }
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn ask_one(&self, witness: &Cosigner, signed: &SignedCheckpoint) -> Result<NoteSignature, String> {
        let head = signed.checkpoint();
        // The first answer can be the size from which the witness wants a proof, and another server can be faster with that.
        for _ in 0..3 {
            let old = witness.size.load(Ordering::Relaxed);
            let proof = match old {
                0 => Vec::new(),
                old if old > head.size => {
                    return Err(format!(
                        "the witness has cosigned {old} leaves, and this log has {}: the store is older than what was \
                         published",
                        head.size
                    ));
                }
                old => {
                    let proof = proof::consistency_proof(&self.store, old, head).await;
                    proof.map_err(|error| mpp_host::causes::with_causes(&error))?.0
                }
            };
            let request = Request::send(Method::POST, "/add-checkpoint", request::body(old, &proof, signed));
            let response = witness.transport.send(request, None).await;
            let response = response.map_err(|error| mpp_host::causes::with_causes(&error))?;
            let (status, headers) = (response.status, response.headers);
            let mut text = Vec::new();
            let mut parts = response.body;
            while let Some(part) = parts.next().await {
                text.extend(part.map_err(|error| mpp_host::causes::with_causes(&error))?);
                if text.len() > MAX_ANSWER {
                    return Err("the answer is too large".to_owned());
                }
            }
            let text = String::from_utf8(text).map_err(|_| "the answer is not text".to_owned())?;
            match status {
                StatusCode::OK => {
                    let signature = text.lines().filter_map(|line| NoteSignature::parse(line).ok());
                    let mut valid =
                        signature.filter(|signature| signature.verify(signed.note().text(), &witness.key).is_ok());
                    let signature = valid.next().ok_or("the answer has no valid cosignature")?;
                    witness.size.store(head.size, Ordering::Relaxed);
                    return Ok(signature);
                }
                StatusCode::CONFLICT if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == SIZE) => {
                    let size = text.trim_end().parse().map_err(|_| "the answer is not a size".to_owned())?;
                    witness.size.store(size, Ordering::Relaxed);
                }
                _ => return Err(format!("the witness answers {status}: {}", text.trim_end())),
            }
        }
        Err("the witness wants a proof from another size each time".to_owned())
    }
}
