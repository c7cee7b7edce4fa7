//! The body of an `add-checkpoint` request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::log::SignedCheckpoint;
use crate::note::Note;
use crate::protocol::Digest;

/// The maximum number of hashes in a consistency proof.
const MAX_PROOF: usize = 63;

/// The body of an `add-checkpoint` request.
#[derive(Debug)]
pub(super) struct Request {
    /// The size from which the proof begins.
    pub(super) old: u64,
    pub(super) proof: Vec<Digest>,
    pub(super) note: Note,
    /// The whole body.
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Parses a body: `old` and a size, the hashes of a proof, one a line, an empty line, and a checkpoint.
    pub(super) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
        let (head, note) = text.split_once("\n\n").ok_or("there is no empty line before the checkpoint")?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or("the first line is not `old SIZE`")?;
        let is_decimal = old.bytes().all(|b| b.is_ascii_digit()) && (old == "0" || !old.starts_with('0'));
        let old = old.parse().ok().filter(|_| is_decimal).ok_or("the old size is not a decimal number")?;
        let hash =
            |line: &str| STANDARD.decode(line).ok().and_then(|hash| hash.try_into().ok()).map(Digest::from_bytes);
        let proof: Vec<_> = lines.take(MAX_PROOF + 1).map(hash).collect::<Option<_>>().ok_or("a line is not a hash")?;
        if proof.len() > MAX_PROOF {
            return Err("the proof has more than 63 lines");
        }
        let note = Note::parse(note.as_bytes()).map_err(|_| "the checkpoint is not a signed note")?;
        Ok(Self { old, proof, note, body: body.to_owned() })
    }
}

/// Returns the body that asks for a cosignature.
pub(super) fn body(old: u64, proof: &[Digest], checkpoint: &SignedCheckpoint) -> Vec<u8> {
    let lines: String = proof.iter().map(|hash| STANDARD.encode(hash.as_bytes()) + "\n").collect();
    let mut body = format!("old {old}\n{lines}\n").into_bytes();
    body.extend(checkpoint.bytes());
    body
}
