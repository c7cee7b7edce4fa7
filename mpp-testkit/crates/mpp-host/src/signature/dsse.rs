//! DSSE v1: the envelope, and the exact bytes that are signed.
//!
//! <https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::causes::BoxedError;
use crate::keys::{PublicKey, SigningKey};
use crate::package::json::{self, JsonFault};

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";
/// The maximum number of signatures in an envelope.
pub const MAX_SIGNATURES: usize = 64;

/// The JSON form of a DSSE envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Envelope {
    /// The payload in Base64, in either the standard or the URL-safe alphabet.
    pub payload: String,
    /// Media type of the payload.
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// The signatures: at least one.
    pub signatures: Vec<Signature>,
}

/// One signature in an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Signature {
    /// Id of the key that signed. It is a hint and proves nothing.
    pub keyid: String,
    /// The signature in Base64.
    pub sig: String,
}

/// The error returned when an envelope cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The bytes are not a single JSON document without duplicate keys.
    #[error(transparent)]
    Json(#[from] JsonFault),
    /// The JSON document is not an envelope.
    #[error("not a DSSE envelope")]
    Shape(#[source] BoxedError),
    /// The payload has another type.
    #[error("the payload type is `{found}`, expected `{expected}`")]
    PayloadType {
        /// The expected type.
        expected: String,
        /// The type in the envelope.
        found: String,
    },
    /// The envelope has no signature, or more than [`MAX_SIGNATURES`].
    #[error("the envelope has {0} signatures, expected 1 to {MAX_SIGNATURES}")]
    Count(usize),
    /// A signature has an empty key id.
    #[error("a signature has an empty `keyid`")]
    EmptyKeyId,
    /// Two signatures have the same key id.
    #[error("two signatures have the `keyid` `{0}`")]
    RepeatedKeyId(String),
    /// A field is not valid Base64.
    #[error("`{0}` is not Base64")]
    Base64(&'static str),
}

/// A decoded envelope whose signatures have not been verified.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decoded {
    /// The bytes of the payload. The signatures cover exactly these bytes, and the statement is parsed from them.
    pub payload: Vec<u8>,
    /// The key id and the bytes of each signature, in the order of the envelope.
    pub signatures: Vec<(String, Vec<u8>)>,
    payload_type: String,
}

/// Returns the bytes that are signed: DSSE's pre-authentication encoding of the payload type and the payload.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// Signs `payload` and returns an envelope with this one signature.
    #[must_use]
    pub fn sign(payload_type: &str, payload: &[u8], key: &SigningKey) -> Self {
        let signature =
            Signature { keyid: key.id().to_string(), sig: STANDARD.encode(key.sign(&pae(payload_type, payload))) };
        Self { payload: STANDARD.encode(payload), payload_type: payload_type.to_owned(), signatures: vec![signature] }
    }

    /// Adds a signature of the same payload.
    ///
    /// # Errors
    /// Returns [`EnvelopeError::RepeatedKeyId`] if the envelope already has a signature with this key id, or
    /// [`EnvelopeError::Base64`] if the payload is not valid Base64.
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

    /// Parses an envelope strictly: duplicate JSON keys and unknown fields are errors. [`Self::decode`] checks the key ids.
    ///
    /// # Errors
    /// Returns [`EnvelopeError::Json`] if `bytes` are not a single JSON document without duplicate keys, or
    /// [`EnvelopeError::Shape`] if the document is not an envelope.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_value(json::parse(bytes)?).map_err(|error| EnvelopeError::Shape(error.into()))
    }

    /// Returns the envelope as a JSON document with a final newline.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Decodes the payload and the signatures.
    ///
    /// # Errors
    /// Returns an [`EnvelopeError`] if the payload type is not `payload_type`, if there is no signature or more than
    /// [`MAX_SIGNATURES`], if a key id is empty or repeated, or if a field is not valid Base64.
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
    /// Returns the bytes that each signature of the envelope covers.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// Returns whether the envelope has a signature with the key id `keyid` that `key` verifies.
    #[must_use]
    pub fn verifies(&self, keyid: &str, key: &PublicKey) -> bool {
        let signature = self.signatures.iter().find(|(id, _)| id == keyid);
        signature.is_some_and(|(_, signature)| key.verifies(&self.signed_bytes(), signature))
    }
}

/// Decodes padded Base64 in either alphabet.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}
