//! DSSE v1: the envelope, and what exactly is signed.
//!
//! <https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::keys::{PublicKey, SigningKey};
use crate::package::json;

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";
/// How many signatures an envelope may carry.
pub const MAX_SIGNATURES: usize = 64;

/// A DSSE envelope as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Base64 of the payload; the standard and the URL-safe alphabet are both valid.
    pub payload: String,
    /// What the payload is.
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// At least one.
    pub signatures: Vec<Signature>,
}

/// One signature in an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Which key signed: a hint, never a proof.
    pub keyid: String,
    /// Base64 of the signature.
    pub sig: String,
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Not one JSON document without duplicate keys.
    #[error("{0}")]
    Json(String),
    /// JSON, but no envelope.
    #[error("not a DSSE envelope: {0}")]
    Shape(String),
    /// Another payload type.
    #[error("the payload type is `{found}`, expected `{expected}`")]
    PayloadType {
        /// The type wanted.
        expected: String,
        /// The type that is there.
        found: String,
    },
    /// No signature, or too many.
    #[error("the envelope has {0} signatures, expected 1 to {MAX_SIGNATURES}")]
    Count(usize),
    /// An empty key id.
    #[error("a signature has an empty `keyid`")]
    EmptyKeyId,
    /// The same key id twice.
    #[error("two signatures have the `keyid` `{0}`")]
    RepeatedKeyId(String),
    /// Not Base64.
    #[error("`{0}` is not Base64")]
    Base64(&'static str),
}

/// An envelope that has been read: decoded, not verified.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The payload's bytes: what is signed, and what is parsed.
    pub payload: Vec<u8>,
    /// Key ids and signatures, in the order of the envelope.
    pub signatures: Vec<(String, Vec<u8>)>,
    payload_type: String,
}

/// What is signed: DSSE's pre-authentication encoding of type and payload.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// An envelope around `payload` with one signature.
    #[must_use]
    pub fn sign(payload_type: &str, payload: &[u8], key: &SigningKey) -> Self {
        let signature =
            Signature { keyid: key.id().to_string(), sig: STANDARD.encode(key.sign(&pae(payload_type, payload))) };
        Self { payload: STANDARD.encode(payload), payload_type: payload_type.to_owned(), signatures: vec![signature] }
    }

    /// Adds a signature over the same payload.
    ///
    /// # Errors
    /// [`EnvelopeError::Base64`] where the payload is damaged; [`EnvelopeError::RepeatedKeyId`] where the key has signed.
    pub fn countersign(&mut self, key: &SigningKey) -> Result<(), EnvelopeError> {
        let keyid = key.id().to_string();
        if self.signatures.iter().any(|signature| signature.keyid == keyid) {
            return Err(EnvelopeError::RepeatedKeyId(keyid));
        }
        let payload = decode(&self.payload).ok_or(EnvelopeError::Base64("payload"))?;
        let sig = STANDARD.encode(key.sign(&pae(&self.payload_type, &payload)));
        self.signatures.push(Signature { keyid, sig });
        Ok(())
    }

    /// Reads an envelope strictly: duplicate keys, unknown fields, and empty or repeated key ids are refused.
    ///
    /// # Errors
    /// Whatever makes it no envelope.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let value = json::parse(bytes).map_err(|fault| EnvelopeError::Json(fault.to_string()))?;
        serde_json::from_value(value).map_err(|error| EnvelopeError::Shape(error.to_string()))
    }

    /// One JSON document, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Decodes payload and signatures.
    ///
    /// # Errors
    /// Another payload type, no or too many signatures, key ids that are empty or repeated, or broken Base64.
    pub fn decode(&self, payload_type: &str) -> Result<Decoded, EnvelopeError> {
        if self.payload_type != payload_type {
            let found = self.payload_type.clone();
            return Err(EnvelopeError::PayloadType { expected: payload_type.to_owned(), found });
        }
        if self.signatures.is_empty() || self.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::Count(self.signatures.len()));
        }
        let mut signatures: Vec<(String, Vec<u8>)> = Vec::new();
        for Signature { keyid, sig } in &self.signatures {
            if keyid.is_empty() {
                return Err(EnvelopeError::EmptyKeyId);
            }
            if signatures.iter().any(|(seen, _)| seen == keyid) {
                return Err(EnvelopeError::RepeatedKeyId(keyid.clone()));
            }
            signatures.push((keyid.clone(), decode(sig).ok_or(EnvelopeError::Base64("sig"))?));
        }
        let payload = decode(&self.payload).ok_or(EnvelopeError::Base64("payload"))?;
        Ok(Decoded { payload, signatures, payload_type: payload_type.to_owned() })
    }
}

impl Decoded {
    /// What every signature of the envelope is over.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// Whether the signature under `keyid` is there and is `key`'s.
    #[must_use]
    pub fn verifies(&self, keyid: &str, key: &PublicKey) -> bool {
        let signature = self.signatures.iter().find(|(id, _)| id == keyid);
        signature.is_some_and(|(_, signature)| key.verifies(&self.signed_bytes(), signature))
    }
}

/// Decodes Base64 in either alphabet, padded.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}
