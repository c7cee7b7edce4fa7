//! Codes of the log and the store: `MPP-N1xx`.

mpp_host::declare_codes! {
    pub table LOG;

    // Signed notes.
    N101: Verification, "a signed note is malformed",
        "Checkpoints are signed notes: a text, an empty line, and lines with signatures. The document is something else, for example \
         the error page of a proxy. Check the address, and fetch it again.";
    N102: Usage, "a verifier key is malformed",
        "A verifier key has the form `name+hash+base64` on one line, with a hash that belongs to the other two parts. Copy the whole \
         key again from where it was published.";
    N103: Verification, "a signature of a checkpoint is not valid",
        "The checkpoint names a key that is known, but the signature is not by that key, or the text was changed. Fetch it again. If \
         the error remains, the server or something between you and the server serves checkpoints that the registry did not sign.";
    N104: Verification, "a checkpoint is signed by unknown keys",
        "None of the signatures is by an expected key. Either the checkpoint belongs to another log, or the registry replaced its log \
         key: its well-known file, which the root key signs, then names the new one.";
}
