//! Codes of keys, signing and trust: `MPP-K…`.

crate::declare_codes! {
    pub table KEYS;

    // Key files.
    K001: Usage, "the key file is not PEM",
        "A key file is text with a block `-----BEGIN PRIVATE KEY-----` or `-----BEGIN PUBLIC KEY-----`. Check the \
         path; `mpp keygen` makes a new pair.";
    K002: Usage, "the key file holds something else",
        "A private key stands in a block `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS#8), a public one in `PUBLIC \
         KEY` (SPKI). Check that the two files were not mixed up; OpenSSH keys and certificates are other formats. \
         `mpp keygen` makes a new pair.";
    K003: Usage, "the key file is damaged",
        "The block does not decode to a key. Restore the file from your backup; `mpp keygen` makes a new pair, which \
         is a new identity.";
    K004: Usage, "the key is not an Ed25519 key",
        "Packages are signed with Ed25519 only. Make a key with `mpp keygen`, or with `openssl genpkey -algorithm \
         ed25519`.";
    K005: Usage, "the key is encrypted",
        "The private key is encrypted under a passphrase, and none was given. Run the command on a terminal, which \
         asks for it, or give it the way `mpp sign --help` describes.";
    K006: Usage, "the passphrase is wrong",
        "The passphrase does not open the private key. Try again; a lost passphrase cannot be recovered, and a new \
         key is a new identity.";
    K007: Usage, "the key is encrypted in a way that is not supported",
        "Private keys are encrypted with PBES2 (scrypt or PBKDF2 with SHA-2, AES). Convert the file with `openssl \
         pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW`.";
    K008: Usage, "the public key is weak",
        "The key is a point of small order: signatures under it can be forged for any content. No proper program \
         makes such a key; do not trust whoever gave it to you.";
    K009: Usage, "the public key is not canonical",
        "The 32 bytes are not the one encoding of a point on the curve. Ask for the key again; `mpp keygen` makes \
         proper ones.";
    K010: Usage, "the system gave no random bytes",
        "A key or a salt needs random bytes from the operating system, and it gave none. Run the command on a \
         machine whose random source works.";

    // Signing.
    K101: Usage, "the package belongs to another publisher",
        "`publisher.verified_key_id` in the manifest names another publisher's key. Sign with that key, or remove \
         the field from the manifest and give the package an id of your own.";
    K102: Usage, "the key has signed already",
        "The envelope has a signature with this key id already, and a second one says nothing more. There is nothing \
         to do.";

    // Trust.
    K201: Denied, "the publisher is not known",
        "The package is intact and signed, and nobody here has said that this publisher may run tools. Look at `mpp \
         inspect PACKAGE`, then accept the publisher on the terminal when asked, or with `mpp trust`.";
    K202: Denied, "the key was revoked",
        "The key that signed this package may no longer be trusted: it was lost, stolen, or withdrawn. Get a version \
         that is signed with the publisher's new key.";
    K203: Denied, "the rotation statement is malformed",
        "A rotation is a DSSE envelope in which a publisher's old key names the new one. Ask the publisher for the \
         statement again.";
    K204: Denied, "the rotation is not signed by the old key",
        "Only the key that is replaced can say what replaces it. Do not trust the new key because of this statement; \
         ask the publisher.";
    K205: Denied, "the rotation involves a revoked key",
        "Whoever stole a key could sign a rotation with it, so a revoked key hands nothing on. Accept the \
         publisher's new key by itself, after asking the publisher.";
    K206: Denied, "an approval is needed, and nobody can be asked",
        "The package wants more than was approved, or the tool is marked so that each call is asked about, and there \
         is no terminal to ask on. The message lists what is new. `mpp trust approve PACKAGE` accepts all that the \
         package declares, `mpp trust approve PACKAGE --tool NAME` also lets the tool be called without a question, \
         and `--yes` says yes for one run.";
    K207: Denied, "you did not approve",
        "The question was answered with no. Nothing was run and nothing was remembered; it comes again with the next \
         run. `mpp trust approve PACKAGE` answers it with yes.";
    K208: Denied, "your policy refuses it",
        "`policy.toml` in `~/.mpp` denies a host that the package declares, or refuses tools of this security level. \
         It holds for every package, your own too, and no option overrules it. Change the file if it is not what you \
         meant.";
}
