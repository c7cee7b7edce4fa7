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
    N105: Verification, "a checkpoint is malformed",
        "The text of a checkpoint is the origin of its log, the number of leaves, and the root hash, one a line. The signature is \
         valid, so the key signed something that is not a checkpoint. Check which key you expect.";

    // Proofs.
    N110: Registry, "a part of the log cannot be read",
        "A proof needs a file of the log that the server does not have or cannot send. A mirror or a cache may be behind the \
         registry: try again in a moment.";
    N111: Verification, "files of the log do not belong to its checkpoint",
        "The hashes in the tiles or the leaves of the log do not give the signed root, so they prove nothing. A copy was damaged, or \
         something between you and the registry changes files. Fetch from another address, or tell the operator.";
    N112: Verification, "two checkpoints of a log contradict each other",
        "A log only grows: a later checkpoint contains everything that an earlier one did. Here it provably does not, and the same key \
         signed both. The registry restored an old backup, or it shows different logs to different people. Use nothing from it until \
         its operator has explained it, and keep both checkpoints as evidence.";
    N113: Verification, "the log has another leaf at this index",
        "The registry claims that the log has recorded something at an index, and the log provably has something else there. Use \
         nothing that depends on it, and tell the operator of the registry.";

    // The store.
    N120: Registry, "the store of the registry failed",
        "The directory or the object store could not read or write an object; the message contains its error. For a directory, check \
         that the disk is not full and that the files belong to the server. For an object store, check address, credentials and \
         network. Nothing that was acknowledged is lost; repeat what was not.";
    N121: Usage, "another server uses the directory",
        "A directory belongs to one server at a time, which holds a lock on it as long as it runs. Stop the other server, or use an \
         object store, which any number of servers can share.";
    N122: Usage, "the directory of the registry cannot be used",
        "The directory cannot be created, opened or locked; the message contains the operating system's error. Choose a directory that \
         the server can write to, on a local file system.";
    N123: Usage, "the store does not honour conditional writes",
        "A registry creates objects only if they do not exist, and replaces them only if they have not changed. Without these \
         conditions, two servers could overwrite each other's changes. Use a store that supports `If-None-Match` and `If-Match` on \
         writes.";
    N124: Usage, "the settings of the store are not valid",
        "The name of the bucket, its prefix, or a variable that begins with `AWS_` is not valid; the message contains the details. \
         Correct the value.";

    // The writer.
    N130: Registry, "it is not certain whether the registry accepted the change",
        "The store failed in the middle of a change, so that the registry cannot say whether it was accepted. If it was, it becomes \
         visible later, and complete. Repeat the request: what was accepted is not accepted twice, and the answer says so.";
    N131: Verification, "the log of the registry contradicts itself",
        "A commit, a leaf or the checkpoint in the store does not fit what came before it, so the server accepts no more changes. \
         Somebody changed or deleted objects in the store, or a newer release wrote them. Check the store, restore the objects that \
         the message names, or update the server.";
    N132: Verification, "the store is older than what the server has signed",
        "The server remembers the last checkpoint that it signed, and the log in the store does not extend it: an old backup was \
         restored, or the store of another copy is used. Clients have seen the larger log, and would take a different one for a fork. \
         Bring the newer store back. If it is lost, start a new registry with a new origin and new keys, and import the packages.";
    N133: Usage, "the store belongs to another registry",
        "The first leaf of the log names another origin or root key. Use the store and the keys that belong together.";
    N134: Registry, "the files that are derived from the log cannot be made",
        "The change is in the log, but index files, publishers' files or the revocation list could not be made from it; the message \
         contains the reason. The server tries again.";
    N135: Usage, "the file with the last signed checkpoint cannot be used",
        "A server keeps the last checkpoint that it signed in a file beside its key, so that a restored backup cannot make it sign a \
         shorter log. The file cannot be read or written, or contains something else. Check its permissions; restore it from where it \
         was last good.";
    N136: Registry, "the log is closed",
        "The server is stopping and accepts no more changes. Repeat the request when it runs again.";

    // Copies and checks.
    N137: Registry, "the registry cannot be copied",
        "A file of the source cannot be read, or the source changes faster than it can be copied. What was copied so far is whole and \
         stays. Copy again: only what is missing is copied.";
    N138: Verification, "an object of the registry is not what its leaf says",
        "The log names each package, manifest and text by its hash, and the source has other bytes under that name. The object was \
         damaged or exchanged. Copy from another source, or restore the object from a backup.";
    N139: Verification, "the log key counts from a tree that the log does not have",
        "The description of the registry, which the root key has signed, names the size and root from which the log key counts. The log in \
         the store has another history, or is shorter. Clients would take it for a fork. Use the store that belongs to the description, or have \
         the root key sign a description for this log.";
}
