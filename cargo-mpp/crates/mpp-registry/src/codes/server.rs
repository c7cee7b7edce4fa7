//! Codes of the server and its API: `MPP-N2xx`.

mpp_host::declare_codes! {
    pub table SERVER;

    N201: Usage, "the request has no valid statement",
        "An upload has one `mpp-statement` header, which contains the signed statement in URL-safe Base64 without padding. Other changes \
         have the statement in the body. The message says what is missing, repeated or malformed.";
    N202: Limit, "the body is too large",
        "The message has the limit. A package has at most 100 MiB, and the policy of a server can lower that. A statement has at most 64 KB.";
    N203: Limit, "the body did not arrive in time",
        "The connection was idle for too long, or too slow on average, so the server gave it up. Send the request again, from a better \
         connection if there is one.";
    N204: Limit, "too many requests",
        "Anybody can make keys, and a log keeps every entry, so a server limits how many keys, packages and versions it accepts from one address, for one \
         owner and in total. The message and the `Retry-After` header have the time to wait.";
    N205: Limit, "the server is busy",
        "The server verifies as many packages as its memory allows. Send the request again after the seconds in the `Retry-After` header.";
    N206: Registry, "there is nothing at this path",
        "The registry has no such package, version or file. Check the spelling of the id and the version. A version that was taken down \
         is no \
         longer served.";
    N207: Usage, "the request is malformed",
        "The server refuses requests that other programs could interpret differently, for example with two lengths or with an encoded path. \
         The message says what is wrong with this one.";
    N208: Usage, "the request has no length",
        "A request with a body needs exactly one `Content-Length` header and no `Transfer-Encoding`. If a proxy in front of the server \
         encodes requests in chunks, configure it to buffer them.";
    N209: Verification, "the package is not the one in the statement",
        "The id, the version, the hash or the key of the uploaded package, or the path of the request, differs from what the publisher has \
         signed. The message has both values. Sign a statement for exactly these bytes.";
    N210: Usage, "the range is outside of the file",
        "The client asked for bytes beyond the end of the file. Fetch the whole file.";
    N211: Registry, "the server does not accept changes",
        "The server is a mirror, or it has found a leaf in the log that its release does not know. The message says which. Send changes \
         to the \
         registry itself, or ask its operator to update the server.";
    N212: Usage, "the policy of the server cannot be used",
        "`policy.toml` cannot be read, or has a setting that is unknown or out of range. The message names the line. The server does not \
         start \
         with a policy that it does not understand.";
    N213: Usage, "the server cannot start",
        "The address is in use or not permitted, or a certificate cannot be read. The message contains the reason. Choose another \
         address, or \
         correct the files.";
    N214: Usage, "the keys of the registry cannot be used",
        "A registry has a root key and a log key, made once for its origin. The message says which one is missing, damaged, readable by \
         others \
         or made for another registry. Restore the keys from your copy; never make new ones for a registry that clients have pinned.";
    N215: Usage, "the method is not supported here",
        "The API reads with `GET` and `HEAD`, uploads with `PUT` and makes other changes with `POST`. The `Allow` header has the methods of \
         this path.";
    N216: Denied, "the package is signed with a development key",
        "A development key stays on one machine and identifies nobody. Generate a publisher key, sign the package with it and publish again.";
    N217: Internal, "internal error of the server",
        "Something failed that has nothing to do with the request, for example a full disk or a store that does not answer. The log of \
         the server has \
         the reason. Nothing that was acknowledged is lost; send the request again.";
    N218: Usage, "the side object cannot be used",
        "A profile or a note is sent along with the statement that names its hash. It has at most 4,096 bytes and the members that the \
         protocol defines. The message says what is wrong.";
    N219: Usage, "the log key cannot be replaced",
        "To replace the log key, the server writes a request for its present log. The root key signs it, wherever that key is kept, and the \
         signed description comes back to the same server. The message says what does not fit: the root key, the version, or the log key. \
         Nothing was changed. Make a new request, and have it signed by the root key of this registry.";
}
