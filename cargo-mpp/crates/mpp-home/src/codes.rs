//! The codes that this crate raises: files of the home directory, keys on disk, and mappings (`MPP-C…`).

use mpp_host::codes::Code;

mpp_host::declare_codes! {
    pub table HOME;

    C002: Usage, "a file cannot be read",
        "The file does not exist, or you do not have permission to read it. The message shows the path and the \
         operating system's error. Relative paths start at the current directory.";
    C003: Usage, "a file cannot be written",
        "The directory does not exist or is not writable, or the disk is full. No partial file is left behind: a \
         file is written next to its target and renamed when it is complete. Free some space or choose another place.";
    C004: Usage, "the file already exists",
        "Keys are never overwritten, because packages signed with a lost key can never be updated. Choose another \
         directory or another name, or move the old file away yourself.";
    C009: Usage, "a path mapping cannot be used",
        "A mapping connects a path that the package declares under `capabilities.filesystem` with a file or directory \
         on this machine. Paths that the package does not declare cannot be mapped, because they do not exist for the tool.";
    C010: Usage, "a variable cannot be passed",
        "A tool receives only the environment variables that its package declares under `capabilities.env_vars`. The \
         value comes from the environment or is given directly.";
    C016: Usage, "a file in the home directory cannot be used",
        "A file in `~/.mpp/keys` or `~/.mpp/trust`, or `~/.mpp/policy.toml`, is damaged or was edited. The message \
         names the file. Correct it, restore it, or remove it; a file that cannot be read grants no trust.";
    C017: Usage, "other users can read a private key",
        "Anyone who can read a private key can sign in your name, so a key file that its group or others can read is \
         not used. Run `chmod 600 FILE` to make it private. If someone may have read it already, create a new key and \
         tell everyone who trusts the old one.";
    C023: Usage, "the key is not one of your own",
        "Your own keys are those with a `*.pub` file in `~/.mpp/keys`: the publisher key, the development key, and keys that \
         were generated elsewhere. Stored state, approvals and recorded calls are moved only between your own keys.";
}

/// Every code of this crate, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    HOME.iter().copied()
}
