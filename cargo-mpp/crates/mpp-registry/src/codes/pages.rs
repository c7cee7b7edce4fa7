//! Codes of search and pages: `MPP-N22x`.

mpp_host::declare_codes! {
    pub table PAGES;

    N220: Internal, "the search index of the registry cannot be used",
        "The registry keeps a search index in its cache directory. The directory must be writable, with free space. The index is made of \
         the registry's other files: it can be deleted while the server is stopped, and is written again at the next start. Installing \
         packages does not depend on it.";
    N221: Registry, "a record of the registry cannot be read",
        "The registry could not read a file of its store to show it on a page. The message of the cause is in the server's log. Check that \
         the store is reachable, and try again.";
}
