//! Codes of monitors, witnesses and mirrors: `MPP-N5xx`.

mpp_host::declare_codes! {
    pub table FOLLOWING;

    N501: Tool, "watched packages have changed",
        "The log has new entries about the packages that are watched. The report lists them. If you did not make \
         these changes, somebody else can publish under your name: revoke the key that the report names, and tell the operator of the \
         registry.";
    N502: Verification, "the registry does not show what its log contains",
        "An index file hides or invents a version, shows other hashes, keys or owners than the log, or the log contains a change that \
         the rules forbid. Clients that read only index files are misled. Keep the report as evidence, and tell the operator of the \
         registry and those who use it.";
    N503: Usage, "the saved state of the monitor cannot be used",
        "The file is damaged, or belongs to another registry. Give each registry a file of its own. Without the file, the monitor \
         reads the log from its first leaf.";
    N504: Usage, "a pattern of package ids is not valid",
        "A pattern is a package id like `com.example.my-tool`, or a prefix followed by `.*`, like `com.example.*`, which stands for \
         every id below it.";
    N505: Usage, "another witness uses the directory",
        "A directory belongs to one witness at a time. Stop the other one, or give this one a directory of its own.";
    N506: Usage, "the directory of the witness cannot be used",
        "The directory or the checkpoint of a log in it cannot be read or written; the message contains the reason. A witness that lost a \
         checkpoint would cosign logs that it should refuse, so it does not start. Restore the file from where it was last good.";
    N507: Usage, "the key is not that of a log",
        "The name of a log's verifier key is its origin: a host name in lower case with an optional path. Copy the key from where the \
         registry published it. A witness takes each log once: by the root key of its registry, or by its log key.";
    N508: Registry, "the registry that is mirrored cannot be reached",
        "The mirror could not fetch a file from the registry; the message contains the reason. It goes on serving what it has. Check the \
         address and the network.";
    N509: Usage, "a mirror accepts no changes",
        "This server is a read-only copy of another registry. Send registrations, packages and other changes to the address that the \
         message contains.";
    N510: Registry, "the report of a monitor cannot be sent",
        "The web server of the webhook cannot be reached, or did not answer with success. The report was shown before; it is not sent \
         again. Check the address.";
    N511: Usage, "the witness cannot listen on the address",
        "Another program uses the port, or the address is not one of this machine. Choose another one.";
}
