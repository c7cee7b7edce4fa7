//! Step 5: the key that the statement names has signed the envelope.

use std::collections::BTreeMap;

use super::archive_safety::ArchiveSafety;
use super::content_hash::{ClaimState, ContentHashMatch, HashedArchive};
use super::path_traversal::PathTraversal;
use super::size_limits::SizeLimits;
use super::{Refusal, Step};
use crate::codes;
use crate::keys::{KeyId, KeyRole, PublicKey};
use crate::package::UnverifiedPackage;
use crate::package::fault::Fault;
use crate::signature::{
    Claim, ClaimFault, Countersignature, CountersignatureState, Predicate, SignatureOutcome, Statement,
};

/// The proof of step 5: the statement, which is now known to come from the signer.
#[derive(Debug)]
pub struct SignatureValid {
    pub(super) statement: Statement,
    pub(super) key_id: KeyId,
    pub(super) countersignatures: Vec<Countersignature>,
}

/// A package after step 5.
#[derive(Debug)]
pub struct SignedArchive {
    pub(super) package: UnverifiedPackage,
    pub(super) archive_safety: ArchiveSafety,
    pub(super) size_limits: SizeLimits,
    pub(super) path_traversal: PathTraversal,
    pub(super) content_hash: ContentHashMatch,
    pub(super) signature: SignatureValid,
}

impl SignedArchive {
    pub(super) fn predicate(&self) -> &Predicate {
        &self.signature.statement.predicate
    }
}

/// Verifies strictly that exactly one signature is by the claimed key, and that countersignatures by the keys in
/// `registries` are valid.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G5xx` if the signature is missing, malformed or not valid, or if a
/// countersignature by a known registry is not valid.
pub fn check(archive: HashedArchive, registries: &BTreeMap<KeyId, PublicKey>) -> Result<SignedArchive, Refusal> {
    let HashedArchive { package, archive_safety, size_limits, path_traversal, mut content_hash } = archive;
    let refuse = |fault, outcome| Err(Refusal::new(Step::Signature, fault).with_outcome(outcome));
    let claim = match std::mem::replace(&mut content_hash.claim, ClaimState::Absent) {
        ClaimState::Read(claim) => *claim,
        ClaimState::Absent => {
            let fault = Fault::new(&codes::G501, "the package has no signature");
            return refuse(fault, SignatureOutcome::Absent);
        }
        ClaimState::Unreadable(fault) => {
            let (code, reason) = match fault {
                ClaimFault::Malformed(reason) => (&codes::G502, reason),
                ClaimFault::WeakKey(reason) => (&codes::G506, reason),
            };
            let fault = Fault::new(code, reason.clone()).in_entry(crate::package::SIGNATURE);
            return refuse(fault, SignatureOutcome::Malformed { reason });
        }
    };
    match verify(claim, registries) {
        Ok(signature) => {
            Ok(SignedArchive { package, archive_safety, size_limits, path_traversal, content_hash, signature })
        }
        Err(fault) => {
            let outcome = if fault.code == &codes::G502 {
                SignatureOutcome::Malformed { reason: fault.message.clone() }
            } else {
                SignatureOutcome::BadSignature
            };
            refuse(fault.in_entry(crate::package::SIGNATURE), outcome)
        }
    }
}

fn verify(claim: Claim, registries: &BTreeMap<KeyId, PublicKey>) -> Result<SignatureValid, Fault> {
    let key = claim.statement.predicate.public_key;
    let ids = [KeyRole::Publisher, KeyRole::Development].map(|role| key.id(role));
    let own: Vec<&KeyId> =
        ids.iter().filter(|id| claim.envelope.signatures.iter().any(|(keyid, _)| keyid == id.as_str())).collect();
    let key_id = match own.as_slice() {
        [id] => (*id).clone(),
        [] => {
            let message = format!("no signature was made with the key that the statement names, `{}`", ids[0]);
            return Err(Fault::new(&codes::G504, message));
        }
        _ => return Err(Fault::new(&codes::G502, format!("the key `{}` signed twice", ids[0]))),
    };
    let signed = claim.envelope.signed_bytes();
    let mut countersignatures = Vec::new();
    for (keyid, signature) in &claim.envelope.signatures {
        let is_publisher = keyid == key_id.as_str();
        match (is_publisher, key.verifies(&signed, signature)) {
            (true, true) => continue,
            (true, false) => {
                return Err(Fault::new(
                    &codes::G503,
                    format!("the signature by `{key_id}` does not match the statement"),
                ));
            }
            (false, true) => return Err(Fault::new(&codes::G502, format!("the key `{key_id}` signed twice"))),
            (false, false) => {}
        }
        let state = match KeyId::parse(keyid).and_then(|id| registries.get(&id)) {
            None => CountersignatureState::Unverified,
            Some(registry) if registry.verifies(&signed, signature) => CountersignatureState::Verified,
            Some(_) => {
                let message =
                    format!("the countersignature by the registry key `{keyid}` does not match the statement");
                return Err(Fault::new(&codes::G505, message));
            }
        };
        countersignatures.push(Countersignature { keyid: keyid.clone(), state });
    }
    Ok(SignatureValid { statement: claim.statement, key_id, countersignatures })
}
