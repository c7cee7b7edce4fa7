//! Codes of the program itself, and the joined table of all codes that `mpp explain` prints.

use mpp_host::codes::Code;

use crate::wording;

mpp_host::declare_codes! {
    pub table PROGRAM;

    // Starting a project.
    B050: Usage, "the project name is not valid",
        "The name of a project becomes the name of its Cargo package and its tool, and a part of its package id. It has at \
         most 64 lower-case letters, digits and `-`, begins with a letter, and is not a keyword of the Rust language.";
    B051: Usage, "the directory for the new project is not empty",
        "`new` creates a directory or fills an existing one, and never overwrites anything. An existing directory may contain a \
         repository (`.git`), a README, a licence and the settings of editors; files that already exist are kept. Other files \
         would get mixed up with the project: choose another directory, or move them away.";
    B052: Usage, "there is no such template",
        "`cargo mpp new --help` lists the templates. Without `--template`, the project has annotated functions, which suit \
         nearly every tool.";
    B053: Build, "the new project cannot be written",
        "The message contains the operating system's error. The files are written to a hidden directory and moved when all of \
         them are complete, so a failure changes nothing.";

    B054: Usage, "the source names neither a file nor a program",
        "`--from-mcp` takes the command that starts an MCP server, as one argument in quotes, or a file with the result of its \
         `tools/list` or with a capture. The value is neither a file nor does it begin with the name of a program.";

    B055: Usage, "the template has no form for the tools of an MCP server",
        "`--from-mcp` writes a project in Rust (`--template tool`, or none), Python (`python`), TypeScript (`ts`) or JavaScript (`js`). \
         There is no such project for the other templates. In Go, C and C++, start from the template, and take the definitions \
         of the tools from a project in another language.";

    B058: Usage, "no template was chosen, and Rust is not installed",
        "Without `--template`, `mpp new` creates a tool in Rust, which needs `cargo`. Choose another language with `--template`, or \
         install Rust. `--template tool` creates a project in Rust in any case.";

    // The program itself.
    C001: Usage, "the command line is not valid",
        "An option or argument is missing or unknown, or its value is not valid. The message names it. `mpp COMMAND \
         --help` lists the arguments and options of a command, with an example.";
    C005: Usage, "the arguments are not JSON",
        "`--args` takes one JSON object. In a shell, put it in single quotes: `--args '{\"query\":\"ada\"}'`. To avoid \
         quoting, use `--arg query=ada`, read a file with `--args @call.json`, or read stdin with `--args -`.";
    C006: Usage, "the arguments are not a JSON object",
        "A tool is called with named arguments, so the JSON after `--args` is an object such as \
         `{\"query\":\"ada\"}`. To pass no arguments, omit `--args` or give `{}`.";
    C007: Usage, "an `--arg` option cannot be used",
        "`--arg` takes KEY=VALUE. The value is converted to the type in the tool's schema: a string is taken as it is; \
         numbers, booleans, lists and objects are read as JSON. A list can also be given by repeating `--arg KEY=ITEM`. \
         `mpp inspect PKG` shows the arguments of a tool.";
    C008: Usage, "the package has several tools, and none was chosen",
        "Choose a tool with `--tool NAME`. The option can be omitted if the package has only one tool.";
    C011: Usage, "there is no such code",
        "Codes look like `MPP-G401`. `mpp explain list` lists all of them.";
    C012: Usage, "there is no home directory for keys and trust",
        "The program keeps keys, trusted publishers and compiled code in `~/.mpp`. If there is no home directory, as in \
         some containers, set `MPP_HOME` to a directory that only you can write to.";
    C014: Usage, "the result cannot be printed",
        "stdout or stderr cannot be written, for example because it is redirected to a full disk.";
    C015: Usage, "a question cannot be asked",
        "The command needs an answer from a person, but stdin or stderr is not a terminal, or the input ended. The help \
         of the error names an option that answers the question.";
    C018: Usage, "there is no passphrase",
        "A key is to be encrypted, but there is no passphrase: neither from the terminal, nor in `MPP_KEY_PASSPHRASE`, nor in \
         the file named by `MPP_KEY_PASSPHRASE_FILE`; or the two passphrases at the terminal did not match. No key was created.";
    C019: Usage, "there is no publisher key",
        "`mpp sign` signs with `~/.mpp/keys/publisher.key`, which `mpp keygen` generates, or with the key that `-k FILE` names. \
         Without a publisher key, `mpp build` signs with a development key of this machine, which is sufficient to run your own \
         packages.";
    C020: Verification, "the package is signed by another publisher",
        "The package is intact and signed, but not by the key that `--publisher-key` names. Either someone else made it, or \
         the publisher has a new key. Ask the publisher through a channel that does not depend on the source of the package.";
    C021: Denied, "you did not trust the publisher",
        "The question whether to trust the publisher was answered with no. Nothing was run, and the decision was not \
         saved: the next run asks again. `mpp trust add PKG` trusts the publisher.";
    C022: Usage, "no trusted publisher has this key id",
        "`mpp trust list` lists the key ids of the publishers that you trust. A key id is `pub_` or `dev_`, followed by 16 \
         hex digits.";
    C024: Usage, "there is state under both keys",
        "`mpp key move` moves what packages have stored from one of your keys to another. The package named in the message has \
         stored state under both keys, and the two are different, so each stays where it is. Clear the one that you do not need.";
    C025: Denied, "the configuration of the MCP client was not changed",
        "`mpp serve --install CLIENT` shows how it would change the client's configuration and asks. The answer was no, or there is no \
         terminal to ask on. Nothing was written. `--yes` changes it without a question, and `--print-client-config CLIENT` prints what to \
         enter by hand.";
    C026: Usage, "there is no such language",
        "`mpp doctor --lang` takes the name of a language in which tools can be compiled by `mpp build`. A tool in any other language is \
         built by a command that `build.command` of `manifest.json` names.";
    C027: Build, "the compiler of the language cannot be used",
        "`mpp doctor --lang LANGUAGE` fails if something is missing or too old that compiling in this language needs. The result lists \
         each part with its state, and how to install what is missing.";
    C031: Verification, "the audit log was modified",
        "Lines of the audit log, or its head, were changed, removed, added, moved or cut off after the host wrote them. The \
         notes name them; all other lines are unchanged. Keep the directory as it is, find out who can write to it, and \
         move it away to start a new log.";
    C032: Usage, "there is no such record",
        "`mpp audit list` lists the records with their numbers. `mpp audit show` takes a number, or the id of a \
         call, which `mpp run --format json` prints in `call.report.call_id`.";
    C033: Verification, "the declared capabilities differ from those that are used",
        "`mpp caps --check` compares the declared capabilities with the imports of the module and with the recorded runs of the \
         package. The notes name each capability that is declared but not used, or used but not declared. `mpp caps \
         --suggest` prints a sufficient declaration. Only recorded runs count, so exercise the tool first.";
    C034: Verification, "the manifest can be improved",
        "`mpp lint --deny` fails if there are findings. They are about capabilities (declared but not usable, plain HTTP, a \
         disabled privacy filter), about defaults and template text that are still there, and about schemas that make a tool \
         hard to use for a model. `--allow RULE` ignores a rule. Findings do not keep a package from running. `mpp caps --check` \
         also considers recorded runs.";
    C040: Usage, "an OCI registry cannot do this",
        "An OCI registry stores packages, but it has no log and no owners, and packages are found by their ids only. Its own tools manage \
         who may push. The command needs a registry with a log.";
    C041: Usage, "the package is not installed",
        "`mpp install ID` installs a package from a registry. `mpp outdated -v` lists the installed packages. Commands that take a \
         package take the path of a file, or the id of an installed package.";
    C042: Verification, "an installed package was changed",
        "The file of an installed package has another content or another key than when it was installed, or is missing. Nothing was run. \
         `mpp install ID` installs it again. Find out who can write to the MPP home directory.";
    C043: Usage, "the package is signed by a development key",
        "Registries refuse packages that a development key has signed: such a key exists on one machine only and is not kept. `mpp \
         keygen` generates a publisher key, and `mpp sign` signs the package with it.";
    C044: Usage, "the package is signed by another key",
        "The statement that publishes a package must be signed by the key that signed the package. `-k FILE` names that key; `mpp sign PKG \
         -k FILE` signs the package with another one.";
    C045: Denied, "the package declares more than the version before",
        "Everyone who updates to this version is asked to approve what is new, which the message lists. `mpp publish \
         --confirm-capabilities` publishes it. If the capabilities are not meant to grow, change the manifest.";
    C046: Usage, "the version was already published",
        "The registry has this version with other contents. A published version never changes, not even after it was yanked. Raise the \
         version in `Cargo.toml` or the manifest, build, and publish again. Build metadata (`+…`) makes no new version.";
    C047: Denied, "the root key of the registry must be confirmed",
        "A registry is known by its root key, and the first contact pins it. The program shows the key and asks, but there is no terminal \
         to ask on. Compare the key with one from a source that you trust, and pass it with `--key`.";
    C048: Denied, "the root key of the registry was not accepted",
        "The question whether the root key is right was answered with no. Nothing was added. Ask the operator of the registry for the key \
         in a way that does not depend on the server.";
    C049: Usage, "packages of the registry are installed",
        "`mpp registry remove` would leave installed packages without the registry that says whether they were revoked or taken down. \
         Uninstall them, or remove the registry with `--keep-packages`: the packages then run with a warning, unless the policy refuses \
         that.";
    C050: Usage, "the package has not stored any state",
        "The state of a package is created when one of its tools first stores something, in `kv` of the MPP home directory. `mpp \
         kv list` lists the packages with stored state. You can name a package file instead of a package id.";
    C051: Usage, "several publishers have state for this package id",
        "State belongs to a package id and a publisher key together, so that no package can read the state of another \
         publisher's package. Name the package file, or add `--publisher KEY-ID`.";
    C052: Usage, "the key does not exist",
        "The key was never set, was deleted, or has expired. `mpp kv list PKG` lists all keys. A key that is not text is \
         listed in hexadecimal; look it up with `--hex`.";
    C053: Denied, "the state was not deleted",
        "`mpp kv clear` asked for confirmation, and the answer was no. Nothing was changed. `mpp kv export PKG -o FILE` \
         keeps a copy.";
    C060: Usage, "the recording is of another package",
        "A recording can be repeated with any build of the package that was called, but not with another package. The message names \
         both package ids. Name the package, or another recording.";
    C061: Usage, "the package no longer has the recorded tool",
        "The recorded call is of a tool that this build of the package does not have; it may have been renamed. `mpp inspect PKG` lists \
         its tools. Repeat the call with a build that has the tool, or record it again.";
    C062: Tool, "the repeated call differs from its recording",
        "With the same arguments, times, random bytes, responses, state and files, the call did something else than when it was \
         recorded: its result, its log, its requests, or its changes of state and files differ. With another build, this is what the \
         changes of its code do. With the same build, the call depends on something that is not recorded, such as the order of the \
         files in a directory.";
    C063: Usage, "the recorded state or files cannot be restored",
        "`mpp rerun` restores the recorded state and files in a temporary directory. The message contains the reason: the entries may \
         exceed `kv.max_bytes` of this build, or the disk may be full.";
    C065: Verification, "the stored registry has faults",
        "`mpp registry check` compares everything in the store of a registry with its log, and the result lists what is missing, different or \
         unexpected. `mpp registry rebuild` writes tiles and derived files again. Packages, manifests and commits follow from nothing else: \
         restore them from a backup that is not older than the log.";
    C066: Usage, "there is no registry at this place",
        "A registry's store has a signed description at `.well-known/mpp-registry.json`. There is none at the place that the message names. \
         Name the directory `store` below the directory of the registry, or the bucket and prefix of its store.";
    C070: Internal, "an internal error",
        "The program failed in a way that no input should cause. Please report it with the message, the command line and the \
         output of `mpp --version`.";
    C130: Interrupted, "interrupted",
        "The command was interrupted. Its child processes were ended and its partial files removed. Run it again to \
         complete it.";
}

/// Returns every code of the libraries and of the program itself, sorted by area and number.
pub fn all() -> impl Iterator<Item = &'static Code> {
    let program = PROGRAM.iter().copied().chain(mpp_home::codes::all());
    let libraries = mpp_host::codes::all()
        .chain(mpp_recording::codes::all())
        .chain(mpp_cases::codes::all())
        .chain(mpp_build::codes::all());
    libraries
        .chain(in_order(mpp_mcp::codes::all()))
        .chain(in_order(mpp_registry::codes::all()))
        .chain(in_order(program))
}

fn in_order(codes: impl Iterator<Item = &'static Code>) -> impl Iterator<Item = &'static Code> {
    let mut codes: Vec<&'static Code> = codes.collect();
    codes.sort_by_key(|code| code.id);
    codes.into_iter()
}

/// Returns the help of a code, with the commands and options that a library does not know.
#[must_use]
pub fn help(code: &Code) -> String {
    let commands = wording::of_code(code);
    if commands.is_empty() { code.help.to_owned() } else { format!("{} {commands}", code.help) }
}

/// Returns the code with this id, ignoring case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn the_codes_of_a_family_are_in_order() {
        let all: Vec<&str> = super::all().map(|code| code.id).collect();
        for pair in all.windows(2).filter(|pair| pair[0][..5] == pair[1][..5]) {
            assert!(pair[0] < pair[1], "{} is before {}", pair[0], pair[1]);
        }
    }

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
