//! Codes of identity and ownership: `MPP-N3xx`.

mpp_host::declare_codes! {
    pub table IDENTITY;

    N301: Denied, "the statement is for another registry",
        "A statement names the registry that it is for, so that it cannot be used in another one. The message has both names. Sign a new \
         statement for this registry.";
    N302: Denied, "the statement's time differs from the registry's",
        "A statement is accepted within 15 minutes of the time at which it was signed. The message has both times. Correct the clock of \
         the machine that signs, and send a new statement.";
    N303: Denied, "the statement was already accepted",
        "A registry accepts each statement once. If you sent it again because the first answer was lost, it took effect: the answer has \
         the index of its leaf. To make the same change again, for example to add an owner who was removed, sign a new statement.";
    N304: Denied, "the key is revoked",
        "An owner, an operator or the holder of the key has revoked it, so the registry accepts nothing that it signs. Another owner of \
         the package can act, or an operator of the registry can transfer the package to a new key.";
    N305: Denied, "the key is not registered",
        "A key must be registered before it can publish. Registering proves that you hold the key.";
    N306: Denied, "the key waits for approval",
        "The policy of this registry is that an operator approves each new publisher. Ask an operator of the registry to approve your key.";
    N307: Denied, "the key does not own the package",
        "Only an owner of a package can change it, and only an owner or a key with a valid delegation can publish versions. An owner can \
         add your key, or delegate to it. If the package is not yours, choose another id.";
    N308: Denied, "the version exists with other contents",
        "A version is never replaced, and versions that differ only in build metadata are the same version. Increase the version and \
         publish again. \
         If you expected the same contents, compare the content hashes: the package may have been built by another release of the kit.";
    N309: Denied, "the id waits for an operator",
        "The new id could be mistaken for an established one of another owner: it differs by one letter, or only by `-`. An operator of the \
         registry can approve it. Otherwise choose an id that is easier to tell apart.";
    N310: Denied, "the id needs the proof of a domain",
        "In this registry, ids belong to the keys of the domain that they begin with. Put the key into a DNS TXT record of the domain, \
         `mpp-key=KEY`, or into `https://DOMAIN/.well-known/mpp-keys.json`, and claim the domain with the key.";
    N311: Registry, "the proof of the domain was not found",
        "The registry looked for the key in the TXT records of the domain and in `https://DOMAIN/.well-known/mpp-keys.json`. The message has \
         what it found in each. A new DNS record can take some time until everybody sees it. Correct the proof, and claim the domain again.";
    N312: Usage, "the domain cannot be claimed",
        "A domain is written in lower case and ASCII, and is not a public suffix such as `com` or `co.uk`, below which everybody can have \
         names. Claim your own domain below it.";
    N313: Denied, "the last owner cannot be removed",
        "A package keeps at least one owner whose key is valid. Add another owner first. To replace a key by another, rotate it.";
    N314: Denied, "only an operator can do this",
        "Transfers, takedowns and approvals are signed by a key that `operators` in the policy of the server lists. Ask an operator of the \
         registry.";
    N315: Usage, "the delegation is not valid",
        "A delegation names a key, 1 to 100 packages that the signer owns, and an end within the next 90 days. The message says which part \
         is wrong.";
    N316: Usage, "there is no such package or version",
        "The message names the package and the version. Check the spelling; the index file of the package lists its versions.";
    N317: Denied, "the key was replaced by another one",
        "The key signed a statement that names its successor, so only the successor can act. The message has the ids of both keys.";
    N318: Usage, "the named key cannot be used",
        "The statement names a key that cannot take this part: it may be unregistered, revoked or replaced, or own the package already. The \
         message says which.";
    N319: Denied, "the proof of the domain has failed for too long",
        "The registry checks the proofs of domains every week. This one has failed for more than 30 days, so the package takes no new \
         versions. Restore the record that names an owner's key, and claim the domain again.";
    N320: Denied, "the version was taken down",
        "An operator of the registry has taken this version down. Its number is never used again. If the reason is resolved, publish the \
         next version.";
    N321: Denied, "the key may not revoke the other one",
        "A key can be revoked by its own signature, by an owner of every package that it owns or publishes, or by an operator of the \
         registry. To end its rights to one package only, remove it as an owner.";
    N322: Usage, "nothing would change",
        "The registry is already in the state that the statement asks for. The message says what is the case. Nothing needs to be done.";
    N323: Limit, "the publisher has used all the space",
        "The policy of the server limits the sum of the sizes of what one key publishes. The message has the limit. Ask an operator of the \
         registry, or publish smaller packages.";
    N324: Verification, "a leaf does not follow the one before it",
        "The leaves of a log have consecutive indexes and times that never go back, and the first one is the registry's own record. This log \
         breaks the rule at the leaf that the message names, so nothing after it can be trusted. Tell the operator of the registry.";
}
