//! Codes of serving packages: `MPP-M0xx`.

mpp_host::declare_codes! {
    pub table SERVING;

    M001: Usage, "other machines could call the tools without a token",
        "The server would listen on an address that other machines can reach, and whoever reaches it could call the tools. Set a bearer \
         token, which clients send with each request, or listen on a loopback address such as `127.0.0.1:8080`.";
    M002: Usage, "the bearer token is too short",
        "A short token can be guessed. Use one of at least 16 random characters.";
    M003: Usage, "the server cannot listen on the address",
        "Another program uses the port, the address does not belong to this machine, or ports below 1024 need a permission that you do \
         not have. Choose another port; with port 0, the system chooses a free one.";
    M004: Usage, "the package is not a version of the one that is served",
        "The place of a package that is being served was to be taken by a package with another id. A running server takes only versions of \
         the same package, because clients and mappings were set up for that one. Start the server again to serve the other package.";
}
