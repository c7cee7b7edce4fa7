//! Notes: a text and its signature lines.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::NoteError;
use super::key::{Algorithm, VerifierKey, check_name};

/// The maximum size of a note in bytes.
pub const MAX_NOTE: usize = 1_000_000;
/// The maximum number of signatures of a note.
const MAX_SIGNATURES: usize = 100;
/// The beginning of a signature line: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// A note whose signatures have not been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub id: [u8; 4],
    /// The signature; that of a cosignature begins with its time.
    pub bytes: Vec<u8>,
}

/// A note that at least one known key has signed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verified<'a> {
    /// The text.
    pub text: &'a str,
    /// The known keys that signed, each once, and the times of cosignatures in seconds since 1970.
    pub signed_by: Vec<(&'a VerifierKey, Option<u64>)>,
}

impl NoteSignature {
    pub(super) const fn new(name: String, id: [u8; 4], bytes: Vec<u8>) -> Self {
        Self { name, id, bytes }
    }

    /// Parses a signature line without its newline.
    ///
    /// # Errors
    /// Returns [`NoteError::Malformed`] if the line is not a signature.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let malformed = || NoteError::Malformed("a signature line does not have the form `— name base64`");
        let (name, data) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(malformed)?;
        check_name(name)?;
        let data = STANDARD.decode(data).map_err(|_| malformed())?;
        let (id, bytes) = data.split_first_chunk::<4>().ok_or_else(malformed)?;
        if bytes.is_empty() {
            return Err(malformed());
        }
        Ok(Self::new(name.to_owned(), *id, bytes.to_vec()))
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    /// Verifies the signature of `text`; returns the time of a cosignature.
    ///
    /// # Errors
    /// Returns [`NoteError::BadSignature`] if `key` did not make the signature.
    pub fn verify(&self, text: &str, key: &VerifierKey) -> Result<Option<u64>, NoteError> {
        let (time, valid) = match key.algorithm() {
            Algorithm::Ed25519 => (None, key.key().verifies(text.as_bytes(), &self.bytes)),
            Algorithm::Cosignature => match self.bytes.split_first_chunk::<8>() {
                None => (None, false),
                Some((time, signature)) => {
                    let time = u64::from_be_bytes(*time);
                    (Some(time), key.key().verifies(cosigned(text, time).as_bytes(), signature))
                }
            },
        };
        match self.is_by(key) && valid {
            true => Ok(time),
            false => Err(NoteError::BadSignature { name: self.name.clone() }),
        }
    }
}

impl fmt::Display for NoteSignature {
    /// Writes the signature line without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [self.id.as_slice(), &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, STANDARD.encode(data))
    }
}

/// Returns what a cosignature signs.
pub(super) fn cosigned(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

impl Note {
    /// Creates a note without signatures.
    ///
    /// # Errors
    /// Returns [`NoteError::Malformed`] if the text does not end in a newline or contains other control characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Parses a note with at least one signature.
    ///
    /// # Errors
    /// Returns [`NoteError::Malformed`] or [`NoteError::KeyName`] if the bytes are not a note.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::Malformed("it is larger than 1,000,000 bytes"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        // The text can contain empty lines, the signatures cannot.
        let split = note.rfind("\n\n").ok_or(NoteError::Malformed("it has no signatures"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("its last line has no newline"))?;
        let signatures: Vec<_> =
            lines.split('\n').take(MAX_SIGNATURES + 1).map(NoteSignature::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::Malformed("it has more than 100 signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Returns the text, which ends in a newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signatures.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature, in place of one by the same key.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.retain(|other| (&other.name, other.id) != (&signature.name, signature.id));
        self.signatures.push(signature);
    }

    /// Returns the bytes of the note.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        use fmt::Write as _;
        let mut note = format!("{}\n", self.text);
        for signature in &self.signatures {
            let _ = writeln!(note, "{signature}");
        }
        note.into_bytes()
    }

    /// Verifies the signatures that refer to `keys`; those by other keys are ignored.
    ///
    /// # Errors
    /// Returns [`NoteError::BadSignature`] if a signature refers to one of the keys and is not valid, or
    /// [`NoteError::UnknownKeys`] if there is no signature by any of them.
    pub fn verify<'a>(&'a self, keys: impl IntoIterator<Item = &'a VerifierKey>) -> Result<Verified<'a>, NoteError> {
        let mut signed_by = Vec::new();
        for key in keys {
            // Only the first signature by a key counts; a later one is ignored.
            let Some(signature) = self.signatures.iter().find(|signature| signature.is_by(key)) else { continue };
            signed_by.push((key, signature.verify(&self.text, key)?));
        }
        if signed_by.is_empty() {
            let names: Vec<_> = self.signatures.iter().map(|signature| format!("`{}`", signature.name)).collect();
            return Err(NoteError::UnknownKeys { found: names.join(", ") });
        }
        Ok(Verified { text: &self.text, signed_by })
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("its text does not end in a newline"));
    }
    match text.chars().any(|c| c < ' ' && c != '\n') {
        true => Err(NoteError::Malformed("its text contains a control character")),
        false => Ok(()),
    }
}
