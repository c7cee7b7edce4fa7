//! Codes of the protocol, which both sides raise: `MPP-N00x` and `MPP-N01x`.

mpp_host::declare_codes! {
    pub table PROTOCOL;

    N001: Verification, "a document of a registry is malformed",
        "A registry and its clients exchange JSON documents with known members, in signed envelopes. The message says which document \
         is malformed and what was expected. The two sides may have different releases: update the older one. If both are current, \
         the document was damaged on its way, or the registry has a fault that its operator should know about.";
    N002: Verification, "a signature of a registry's document is not valid",
        "The document is not signed, or was changed after it was signed. Fetch it again. If the error remains, the server or something \
         between you and the server serves documents that the registry or the publisher did not sign.";
    N003: Verification, "a document belongs to another registry",
        "Each statement, checkpoint and file names the registry that it was made for, and this one names another. A statement for one \
         registry cannot be used in another: sign a new one. If a registry serves such a file, check its address.";
    N004: Verification, "a document is signed by another key",
        "The signature is valid, but the key is not the one that must sign this document. A registry's log key changes only by a new \
         version of its well-known file, which the pinned root key signs.";
    N005: Verification, "a leaf of the log is malformed",
        "Each leaf is one line of JSON followed by a signed statement or a record of the server, and has at most 65,535 bytes. The log \
         contains something else at this position, so nothing after it can be trusted. Tell the operator of the registry.";
    N006: Registry, "a leaf of the log has an unknown type or version",
        "A newer release of the registry wrote this leaf. Programs that do not know a leaf cannot tell what it changes, so they stop \
         there. Update this program.";
    N007: Usage, "the name of a registry's object is not valid",
        "A package id has 2 to 10 labels of `a-z 0-9 -` joined by dots, a version is a semantic version, a hash is `sha256:` and 64 \
         lower-case hex digits, and the origin of a registry is a host name with an optional path. Correct the value that the message \
         shows.";
    N008: Internal, "the system returned no random bytes",
        "The operating system returned no random bytes, without which no statement can be signed. The message contains its error.";
}
