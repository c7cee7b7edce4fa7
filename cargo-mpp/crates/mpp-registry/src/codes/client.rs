//! Codes of the client: `MPP-N02x` … `MPP-N05x`.

mpp_host::declare_codes! {
    pub table CLIENT;

    // Reaching a registry.
    N020: Registry, "the registry cannot be reached",
        "The program could not connect to the registry or its mirrors, or each connection broke off. Requests were repeated several \
         times. Check the \
         URL, your network and the proxy settings, and try again. Installed packages run without a network.";
    N021: Registry, "the registry answered with an error",
        "The registry could not process the request. The message contains its answer. If it says that it is busy or not ready, try again \
         later; otherwise ask its operator.";
    N022: Registry, "the registry serves an old or incomplete state",
        "A file of the registry is missing or older than what you have from the registry, or its log is shorter than one that it has \
         shown before. A mirror or a cache that lags behind does this, and so does a server that has just started; neither is an attack. \
         Nothing was changed. Try again later. If it lasts, tell the operator.";
    N023: Registry, "the registry serves a file that is too long",
        "Files of a registry have limits, so that no server can fill memory or disk. Either the URL is not one of a registry, or the \
         server is faulty.";
    N024: Verification, "the registry has shown two histories",
        "A registry's log can only grow. This registry signed two states of its log of which neither extends the other, so somebody else is \
         shown another history. Nothing was installed or changed. Both signed states are stored in the directory that the \
         message names; together they prove the contradiction to everyone. Do not use the registry until its operator has explained it. \
         An operator who lost data must start a new registry with new keys.";
    N025: Verification, "the registry has gone back in its history",
        "The registry signed a list of revocations later than the last one that you saw, but for fewer leaves. Some leaves have \
         disappeared: the operator restored an old backup, or somebody who has the log key hides leaves, for example a revocation. Both \
         lists \
         are stored in the directory that the message names. Do not use the registry until its operator has explained it. An operator who \
         restores a backup must start a new registry with new keys.";
    N027: Verification, "the registry has another root key",
        "A registry is known by its origin and its root key, whatever its URL is. The server at this URL has another root key than the one \
         that you pinned: it is another registry, or the registry lost its root key and was started anew. Ask its operator in a way that \
         does not depend on the server. If the new key is right, remove the old registry from the configuration and add the new one.";
    N028: Verification, "the list of revocations is not current",
        "The registry signs its list of revoked keys and withdrawn versions every hour, and each list is valid for a day. Without a \
         valid list, the program cannot tell whether a key has been revoked since the last one. Either the registry has stopped signing, \
         or somebody withholds newer lists, \
         or the clock of this machine is wrong. Check the clock, and try again later.";
    N029: Verification, "the log does not contain what the registry says",
        "Every version is a leaf of the registry's log. The leaf that the registry or the lock file names is missing, or says something \
         else. Nothing was installed. Tell the operator of the registry.";
    N030: Verification, "the downloaded package is not the one in the log",
        "The bytes that the server sent do not have the hash that the publisher signed. The download was repeated. A damaged disk or cache \
         of the server or somebody in between can cause this. The bytes were removed. Try again later, or use another URL of the \
         registry.";
    N031: Verification, "the package differs from what the log says about it",
        "The package has the hash that is in the log, but its id, version, content or manifest differ from what the log says about it. The \
         publisher signed a statement that does not fit the package. Nothing was installed. Tell the publisher.";
    N032: Verification, "the delegation does not cover the version",
        "The version was published with a key to which an owner delegated publishing. The delegation is not in the log, is for other \
         packages, or had ended. Nothing was installed. Tell the owner of the package.";
    N033: Denied, "the key that published the version was revoked",
        "An owner, the holder of the key or the operator of the registry revoked the key, as of a leaf before or at this version. \
         Somebody who stole the key may have published it. Install another version; versions that were published before that leaf \
         stay valid.";
    N034: Denied, "the version was taken down by the registry",
        "The operator of the registry erased this version, for example because it is harmful or contains personal data. Its hashes stay in \
         the log, and its number is never used again. Install another version.";
    N049: Registry, "the certificate of the registry is not valid",
        "The server has proved who it is with a certificate that this machine does not accept: it has expired, it is for another host, or no \
         authority that is trusted here has issued it. The message says which. Either the server is set up wrongly, or something between \
         you and it answers in its place. For a registry with a private authority, trust the certificate of that authority.";

    // Choosing a package.
    N035: Usage, "the registry has no such package",
        "Check the spelling of the package id, and which registry it belongs to: an id is looked up in the registry that its prefix is \
         bound to in `config.toml`, or else in the default registry, and in no other one.";
    N036: Usage, "no version satisfies the requirement",
        "The package exists, but none of its versions satisfies the requirement. Yanked versions, versions that were taken down, and \
         pre-releases that the requirement does not name are not chosen. A requirement is written as for Cargo: `1.2`, `=1.2.3`, \
         `>=1, <3`.";
    N037: Usage, "the configuration of registries is not valid",
        "`config.toml` in the MPP home directory lists registries. The message says where the mistake is. Each `[[registry]]` has a \
         `name`, a `root_key` and `urls` (or `oci` in place of these two), and optionally `prefixes`, `authorization`, `certificates` and \
         `allow_http`.";
    N038: Usage, "no registry is configured for the package",
        "No configured registry is responsible for the package id, or the registry that you named is not configured. Add it with its URL, \
         bind the id's prefix to a registry in `config.toml`, or set `default` there.";
    N039: Usage, "the package id is bound to another registry",
        "The prefix of the package id is bound to a registry in `config.toml`, so the id is looked up there and nowhere else. This keeps \
         other registries from passing off packages under the same id. To use another registry, change the binding.";
    N040: Usage, "the URL is not one of a registry",
        "A registry has a URL such as `https://tools.example.com`, without user name, query and fragment.";
    N041: Denied, "the registry would be reached without encryption",
        "Plain HTTP shows everyone on the way what you install, and lets them withhold it. It is allowed for addresses of this machine, \
         such as `http://127.0.0.1:8080`, and where the configuration says `allow_http = true`.";
    N042: Usage, "connections to the registry cannot be set up",
        "The certificates or the authorization in the configuration cannot be used, or the system has no certificates. The message \
         contains the reason.";
    N043: Usage, "the lock file cannot be used",
        "A lock file pins the registry, hashes, key and leaf of each package. It is damaged, or was written by a newer release. \
         Restore it, or remove it and install the packages again.";
    N044: Usage, "not a package id with an optional version",
        "Write the id of a package, optionally with a version requirement: `com.example.notes`, `com.example.notes@1.2`.";
    N045: Registry, "a network connection is needed",
        "The command was not allowed to use the network, but the package or a file of the registry is not on this machine. Run the \
         command once with a \
         network.";
    N046: Usage, "a file of the registry's client cannot be read or written",
        "The client keeps what it knows of each registry in `registries`, and packages in `packages` of the MPP home directory. The message \
         shows the path and the operating system's error.";
    N047: Usage, "a file of the registry's client is damaged",
        "The message names the file. Restore it from a backup. Without the last checkpoint, the client cannot notice that a registry \
         contradicts what it showed before, so a damaged one is not ignored; remove it only if you know why it is damaged.";
    N048: Verification, "too few witnesses have cosigned the log",
        "The configuration requires that some of the listed witnesses have cosigned each checkpoint of the registry. Fewer of them have. \
         Either the registry or the witnesses cannot reach each other, or the registry shows you a history that it hides from the \
         witnesses. Try again later. Ask the operators of the witnesses if it lasts.";
    N050: Registry, "the registry cannot be searched",
        "The address serves a static copy of a registry, or a mirror without a search. Search at the registry itself. Packages can be \
         installed from a copy if you know their ids.";
}
