//! Codes of the program itself, and the joined table of all codes that `mpp explain` prints.

use mpp_host::codes::Code;

mpp_host::declare_codes! {
    pub table PROGRAM;

    // Starting a project.
    B050: Usage, "not a name for a project",
        "A project's name becomes the Cargo package, the tool's name and a part of its package id: lower-case \
         letters, digits and `-`, beginning with a letter, at most 64 of them, and no word of the Rust language.";
    B051: Usage, "the directory for the new project is not empty",
        "`new` writes into a directory that does not exist yet or is empty, so that it never overwrites anything. \
         Choose another name, or move what is there.";
    B052: Usage, "there is no such template",
        "`cargo mpp new --help` lists the templates. Without `--template` the project has annotated functions, which \
         is right for nearly every tool.";
    B053: Build, "the new project cannot be written",
        "The system's own words are shown. The project is written into a hidden directory beside its place and \
         renamed when it is complete, so nothing half-written is left.";

    // The program itself.
    C001: Usage, "the command line cannot be read",
        "An option or argument is missing, unknown, or has a value that it does not take. The message names it; `mpp \
         COMMAND --help` lists what the command takes, with an example.";
    C002: Usage, "a file cannot be read",
        "The file is not there, or may not be read by you. The message gives the path as it was looked for and what \
         the operating system said. A path is taken relative to the current directory.";
    C003: Usage, "a file cannot be written",
        "The directory is missing or may not be written to, or the disk is full. Nothing half-written is left \
         behind: files are written beside their target and renamed when they are whole. Make room or choose another \
         place with `-o`, and run the command again.";
    C004: Usage, "the file exists already",
        "Keys are never overwritten: packages signed with a lost key cannot be updated by anybody. Choose another \
         place with `-o` or another name with `--name`, or move the old file away yourself.";
    C005: Usage, "the arguments are not JSON",
        "`--args` takes one JSON object. In a shell put it in single quotes: `--args '{\"query\":\"ada\"}'`. Or \
         leave the quoting to mpp with `--arg query=ada`, read a file with `--args @call.json`, or stdin with \
         `--args -`.";
    C006: Usage, "the arguments are not a JSON object",
        "A tool is called with named arguments, so the JSON after `--args` is an object such as \
         `{\"query\":\"ada\"}`. A list, a string or a number has no names. Without any argument, leave `--args` out \
         or give `{}`.";
    C007: Usage, "an `--arg` cannot be used",
        "`--arg` takes KEY=VALUE. The value is read as the tool's schema says: a string as it is, numbers, `true`, \
         `false` and everything structured as JSON. A list may be given as JSON or by repeating `--arg KEY=ITEM`. \
         `mpp inspect PKG` shows what a tool takes.";
    C008: Usage, "the package has several tools, and none was named",
        "Say which with `--tool NAME`. With a single tool in the package the option may be left out.";
    C009: Usage, "a `--dir` cannot be used",
        "`--dir GUEST=HOST` maps a path that the package declares under `capabilities.filesystem` to one of this \
         machine. A path that is not declared cannot be mapped: what the manifest does not name does not exist for \
         the tool. `mpp inspect PKG` lists the declared paths.";
    C010: Usage, "an `--env` cannot be used",
        "`--env NAME` gives the tool a declared variable from your environment, `--env NAME=VALUE` gives it this \
         value, and `--env -` gives none. A variable that the package does not declare under `capabilities.env_vars` \
         cannot be given. `mpp inspect PKG` lists the declared ones.";
    C011: Usage, "there is no such code",
        "Codes look like `MPP-G401`. `mpp explain list` prints all of them.";
    C012: Usage, "there is no home directory to keep keys and trust in",
        "mpp keeps keys, trusted publishers and compiled code in `~/.mpp`. Where there is no home directory, as in \
         some containers, set `MPP_HOME` to a directory that only you can write to.";
    C014: Usage, "the result cannot be printed",
        "stdout or stderr cannot be written to, for instance because it is redirected to a full disk.";
    C015: Usage, "a question cannot be asked",
        "The command needs an answer from a person, and stdin or stderr is no terminal, or it ended. The message \
         says how to give the answer without a question.";
    C016: Usage, "a file in `MPP_HOME` cannot be used",
        "A file in `~/.mpp/keys` or `~/.mpp/trust`, or `~/.mpp/policy.toml`, is damaged or was edited. The message \
         names it. Correct it, remove it, or put it back as it was; nothing is trusted on the word of a file that \
         cannot be read.";
    C017: Usage, "others may read a private key",
        "Whoever reads a private key can sign in your name, so a key file that its group or others may read is not \
         used. `chmod 600 FILE` makes it yours alone. If others may have read it already, make a new key and tell \
         those who trust the old one.";
    C018: Usage, "there is no passphrase",
        "A key is to be encrypted, and no passphrase came from the terminal, from `MPP_KEY_PASSPHRASE` or from the \
         file that `MPP_KEY_PASSPHRASE_FILE` names; or the two answers at the terminal were not the same. No key was \
         made.";
    C019: Usage, "there is no publisher's key",
        "`mpp sign` signs with `~/.mpp/keys/publisher.key`, which `mpp keygen` makes, or with the key that `-k FILE` \
         names. Until then `mpp build` signs with a development key of this machine, which is good enough to run \
         your own packages.";
    C020: Verification, "the package is by another publisher",
        "The package is intact and signed, but not by the key that `--publisher-key` names. Somebody else made it, \
         or the publisher has a new key. Ask the publisher, in a way that does not depend on where the package came \
         from.";
    C021: Denied, "you said no",
        "The question whether a publisher's package may run was answered with no. Nothing was run and nothing was \
         remembered; the question comes again with the next run. `mpp trust add PKG` answers it with yes.";
    C022: Usage, "no trusted publisher has this key id",
        "`mpp trust list` prints the key ids of the publishers that you accepted. A key id is `pub_` (or `dev_`) and \
         16 hex digits.";
    C031: Verification, "the audit log was changed",
        "Lines of the audit log were changed, taken out, added, moved or cut off since the host wrote them, or its \
         head was. The notes say which. What the other lines say still holds. Keep the directory as it is, find out \
         who can write to it, and begin a new log by moving it away.";
    C032: Usage, "there is no such record",
        "`mpp audit list` prints the records with their numbers; `mpp audit show` takes a number, or the name of an \
         invocation as `mpp run --format json` prints it in `call.report.invocation`.";
    C033: Verification, "the declared capabilities are not those that are used",
        "`mpp caps --check` compares what is declared with what the module can import and with what the recorded \
         runs of the package used. The notes name each capability that is declared and not used, or used and not \
         declared. `mpp caps --suggest` prints what would do. Runs that were not recorded are not known: exercise \
         the tool first.";
    C034: Verification, "the package could do better",
        "`mpp lint --deny` fails where anything is found: a capability that is declared while the module imports \
         nothing that could use it, a host that is declared for plain HTTP, a privacy filter that is off. Nothing of \
         it keeps a package from running. `mpp caps --check` looks at the recorded runs as well.";
    C050: Usage, "no package of this id keeps anything here",
        "A package that declares `kv` has a state of its own under `MPP_HOME/kv` as soon as it has written \
         something. `mpp kv list` shows the packages that have one. A package file may be named in place of the id.";
    C051: Usage, "several publishers have a state for this package id",
        "A package id says little about who made the package: what is kept belongs to the id and the publisher's key \
         together, so that nobody reads what another's package has kept. Name the package file, or add `--publisher \
         KEY-ID`.";
    C052: Usage, "the package keeps nothing under this key",
        "The key was never written, was removed, or has expired. `mpp kv list PKG` shows all keys. Keys that are no \
         text are shown in hexadecimal and asked for with `--hex`.";
    C053: Denied, "what the package keeps was not removed",
        "`mpp kv clear` asked, and the answer was no. Nothing was changed. `mpp kv export PKG -o FILE` keeps a copy.";
    C070: Internal, "a bug of ours",
        "The program failed in a way that no input should cause. Please report it with the message, the command line \
         and the output of `mpp --version`.";
    C130: Interrupted, "ended by Ctrl-C",
        "The command was interrupted. Its child processes were ended and its unfinished files removed; run it again \
         to finish what it did.";
}

/// Every code that the program can end with: those of the host, of building, and its own.
pub fn all() -> impl Iterator<Item = &'static Code> {
    mpp_host::codes::all().chain(mpp_build::codes::all()).chain(PROGRAM.iter().copied())
}

/// The entry for `id`, whatever its case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_unique_and_explained() {
        let mut seen = BTreeSet::new();
        for code in super::all() {
            assert!(seen.insert(code.id), "{} twice", code.id);
            assert!(code.id.starts_with("MPP-"), "{}", code.id);
            assert!(code.help.len() > 40, "{} needs a help text", code.id);
            assert!(code.title.starts_with(|c: char| c.is_lowercase() || c == '`'), "{}: {}", code.id, code.title);
            assert_eq!(super::find(&code.id.to_lowercase()), Some(code));
        }
    }
}
