//! Codes of replays: `MPP-M3xx`.

mpp_host::declare_codes! {
    pub table REPLAY;

    M301: Tool, "the package does not answer as the server did",
        "A tool or a parameter differs from the captured server's, or a call was answered differently. The report shows each difference \
         with its JSON pointer. Correct the package, or, if a value differs in every call by its nature, declare its pointer volatile.";
    M302: Usage, "there is nothing to replay",
        "The capture contains neither a list of tools nor an answered call. Record a session in which the client lists the tools and calls \
         them.";
    M303: Usage, "a volatile pointer is not valid",
        "A value that differs in every call is declared by its JSON pointer: `/items/*/id`. A pointer is empty or begins with `/`, and `*` \
         matches any member or index. A file of volatile pointers has one pointer a line, optionally after the name of a tool and a space; \
         lines that begin with `#` are comments.";
}
