//! Codes of keys, signing and trust: `MPP-K…`.

crate::declare_codes! {
    pub table KEYS;

    // Key files.
    K001: Usage, "the key file is not PEM",
        "A key file is text with a block that starts with `-----BEGIN PRIVATE KEY-----` or `-----BEGIN PUBLIC KEY-----`. Check that \
         the path names a key file.";
    K002: Usage, "the key file contains another kind of block",
        "A private key is in a block `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), and a public key in a block `PUBLIC KEY` \
         (SPKI). Check that you did not confuse the two files; OpenSSH keys and certificates are different formats.";
    K003: Usage, "the key file is damaged",
        "The block cannot be decoded to a key. Restore the file from a backup; a new key pair is a new identity.";
    K004: Usage, "the key is not an Ed25519 key",
        "Packages are signed with Ed25519 keys only. Use an Ed25519 key, for example one that `openssl genpkey -algorithm ed25519` \
         generates.";
    K005: Usage, "the key is encrypted",
        "The private key is encrypted with a passphrase, and no passphrase was given.";
    K006: Usage, "the passphrase is wrong",
        "The passphrase does not decrypt the private key. Try again; a lost passphrase cannot be recovered, and a new key is a new \
         identity.";
    K007: Usage, "the key is encrypted with an unsupported algorithm",
        "Private keys are encrypted with PBES2 (scrypt or PBKDF2 with SHA-2, and AES). Convert the file with `openssl pkcs8 -topk8 \
         -v2 aes-256-cbc -in OLD -out NEW`.";
    K008: Usage, "the public key is weak",
        "The key is a point of small order, so anybody can forge signatures that verify with it. Correct programs never generate \
         such a key; do not trust its source.";
    K009: Usage, "the public key is not canonical",
        "The 32 bytes are not the canonical encoding of a point on the curve. Ask for the key again.";
    K010: Usage, "the system provided no random bytes",
        "A key or a salt needs random bytes from the operating system, which returned an error. Try again on a machine whose random \
         source works.";

    // Signing.
    K101: Usage, "the manifest names another publisher's key",
        "`publisher.verified_key_id` in the manifest is not the id of the signing key. Sign with the key that it names, or remove the \
         field and choose a package id of your own.";
    K102: Usage, "the key has already signed the package",
        "The package already contains a signature with this key id, so there is nothing to do.";

    // Trust.
    K201: Denied, "the publisher is not trusted",
        "The package is intact and signed, but its publisher has not been accepted on this machine. Review what the package can do, and \
         accept the publisher if you trust them.";
    K202: Denied, "the key was revoked",
        "The key that signed this package was lost, stolen or withdrawn, and must no longer be trusted. Get a version that is \
         signed with the publisher's new key.";
    K203: Denied, "the rotation statement is malformed",
        "A rotation is a DSSE envelope in which a publisher's old key names the new one. Ask the publisher for the statement again.";
    K204: Denied, "the rotation is not signed by the old key",
        "Only the key that is replaced can name its successor. Do not trust the new key because of this statement; ask the publisher.";
    K205: Denied, "the rotation involves a revoked key",
        "A revoked key may be in the wrong hands, so it cannot name a successor. Ask the publisher for the new key, and trust that key \
         directly.";
    K206: Denied, "an approval is required",
        "The package requests more than was approved, or the policy requires approval of each call of this tool, and nobody could be \
         asked. The message lists what is new.";
    K207: Denied, "the approval was refused",
        "The question was answered with no. Nothing was run or stored; the next run asks again.";
    K208: Denied, "the policy refuses the package or the call",
        "The policy denies a host that the package declares, or refuses tools of this security level. A policy applies to every \
         package, including your own, and cannot be overruled for a single run. Change it if it is not what you intended.";
}
