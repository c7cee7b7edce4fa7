//! Codes of monitors, witnesses and mirrors: `MPP-N5xx`.

mpp_host::declare_codes! {
    pub table FOLLOWING;

    N501: Tool, "watched packages have changed",
        "The log has new entries about the packages that are watched. The report lists them. If you made these changes, all is well; if \
         not, somebody else can publish under your name: revoke the key that the report names, and tell the operator of the registry.";
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
}
