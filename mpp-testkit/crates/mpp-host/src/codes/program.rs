//! Codes of the program itself: `MPP-C…`.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "MPP-C001",
        title: "the command line cannot be read",
        help: "An option or argument is missing, unknown, or has a value that it does not take. The message names it; \
               `mpp COMMAND --help` lists what the command takes, with an example.",
    },
    Code {
        id: "MPP-C002",
        title: "a file cannot be read",
        help: "The file is not there, or may not be read by you. The message gives the path as it was looked for and what the \
               operating system said. A path is taken relative to the current directory.",
    },
    Code {
        id: "MPP-C003",
        title: "a file cannot be written",
        help: "The directory is missing or may not be written to, or the disk is full. Nothing half-written is left behind: \
               files are written beside their target and renamed when they are whole. Make room or choose another place \
               with `-o`, and run the command again.",
    },
    Code {
        id: "MPP-C004",
        title: "the file exists already",
        help: "Keys are never overwritten: packages signed with a lost key cannot be updated by anybody. Choose another \
               place with `-o` or another name with `--name`, or move the old file away yourself.",
    },
    Code {
        id: "MPP-C005",
        title: "the arguments are not JSON",
        help: "`--args` takes one JSON object. In a shell put it in single quotes: `--args '{\"query\":\"ada\"}'`. Or leave the quoting \
               to mpp with `--arg query=ada`, read a file with `--args @call.json`, or stdin with `--args -`.",
    },
    Code {
        id: "MPP-C006",
        title: "the arguments are not a JSON object",
        help: "A tool is called with named arguments, so the JSON after `--args` is an object such as `{\"query\":\"ada\"}`. A list, a \
               string or a number has no names. Without any argument, leave `--args` out or give `{}`.",
    },
    Code {
        id: "MPP-C007",
        title: "an `--arg` cannot be used",
        help: "`--arg` takes KEY=VALUE. The value is read as the tool's schema says: a string as it is, numbers, `true`, `false` \
               and everything structured as JSON. A list may be given as JSON or by repeating `--arg KEY=ITEM`. \
               `mpp inspect PKG` shows what a tool takes.",
    },
    Code {
        id: "MPP-C008",
        title: "the package has several tools, and none was named",
        help: "Say which with `--tool NAME`. With a single tool in the package the option may be left out.",
    },
    Code {
        id: "MPP-C009",
        title: "a `--dir` cannot be used",
        help: "`--dir GUEST=HOST` maps a path that the package declares under `capabilities.filesystem` to one of this machine. A path that \
               is not declared cannot be mapped: what the manifest does not name does not exist for the tool. \
               `mpp inspect PKG` lists the declared paths.",
    },
    Code {
        id: "MPP-C010",
        title: "an `--env` cannot be used",
        help: "`--env NAME` gives the tool a declared variable from your environment, `--env NAME=VALUE` gives it this value, and \
               `--env -` gives none. A variable that the package does not declare under `capabilities.env_vars` cannot be given. \
               `mpp inspect PKG` lists the declared ones.",
    },
    Code {
        id: "MPP-C011",
        title: "there is no such code",
        help: "Codes look like `MPP-G401`. `mpp explain list` prints all of them.",
    },
    Code {
        id: "MPP-C012",
        title: "there is no home directory to keep keys and trust in",
        help: "mpp keeps keys, trusted publishers and compiled code in `~/.mpp`. Where there is no home directory, as in some \
               containers, set `MPP_HOME` to a directory that only you can write to.",
    },
    Code {
        id: "MPP-C014",
        title: "the result cannot be printed",
        help: "stdout or stderr cannot be written to, for instance because it is redirected to a full disk.",
    },
    Code {
        id: "MPP-C015",
        title: "a question cannot be asked",
        help: "The command needs an answer from a person, and stdin or stderr is no terminal, or it ended. The message says how \
               to give the answer without a question.",
    },
    Code {
        id: "MPP-C016",
        title: "a file in `MPP_HOME` cannot be used",
        help: "A file in `~/.mpp/keys` or `~/.mpp/trust`, or `~/.mpp/policy.toml`, is damaged or was edited. The message names it. \
               Correct it, remove it, or put it back as it was; nothing is trusted on the word of a file that cannot be read.",
    },
    Code {
        id: "MPP-C017",
        title: "others may read a private key",
        help: "Whoever reads a private key can sign in your name, so a key file that its group or others may read is not used. \
               `chmod 600 FILE` makes it yours alone. If others may have read it already, make a new key and tell those who \
               trust the old one.",
    },
    Code {
        id: "MPP-C018",
        title: "there is no passphrase",
        help: "A key is to be encrypted, and no passphrase came from the terminal, from `MPP_KEY_PASSPHRASE` or from the file that \
               `MPP_KEY_PASSPHRASE_FILE` names; or the two answers at the terminal were not the same. No key was made.",
    },
    Code {
        id: "MPP-C019",
        title: "there is no publisher's key",
        help: "`mpp sign` signs with `~/.mpp/keys/publisher.key`, which `mpp keygen` makes, or with the key that `-k FILE` names. Until \
               then `mpp build` signs with a development key of this machine, which is good enough to run your own packages.",
    },
    Code {
        id: "MPP-C020",
        title: "the package is by another publisher",
        help: "The package is intact and signed, but not by the key that `--publisher-key` names. Somebody else made it, or the \
               publisher has a new key. Ask the publisher, in a way that does not depend on where the package came from.",
    },
    Code {
        id: "MPP-C021",
        title: "you said no",
        help: "The question whether a publisher's package may run was answered with no. Nothing was run and nothing was \
               remembered; the question comes again with the next run. `mpp trust add PKG` answers it with yes.",
    },
    Code {
        id: "MPP-C022",
        title: "no trusted publisher has this key id",
        help: "`mpp trust list` prints the key ids of the publishers that you accepted. A key id is `pub_` (or `dev_`) and 16 hex \
               digits.",
    },
    Code {
        id: "MPP-C031",
        title: "the audit log was changed",
        help: "Lines of the audit log were changed, taken out, added, moved or cut off since the host wrote them, or its head was. The \
               notes say which. What the other lines say still holds. Keep the directory as it is, find out who can write to it, and \
               begin a new log by moving it away.",
    },
    Code {
        id: "MPP-C032",
        title: "there is no such record",
        help: "`mpp audit list` prints the records with their numbers; `mpp audit show` takes a number, or the name of an invocation as \
               `mpp run --format json` prints it in `call.report.invocation`.",
    },
    Code {
        id: "MPP-C033",
        title: "the declared capabilities are not those that are used",
        help: "`mpp caps --check` compares what is declared with what the module can import and with what the recorded runs of the \
               package used. The notes name each capability that is declared and not used, or used and not declared. `mpp caps \
               --suggest` prints what would do. Runs that were not recorded are not known: exercise the tool first.",
    },
    Code {
        id: "MPP-C034",
        title: "the package could do better",
        help: "`mpp lint --deny` fails where anything is found: a capability that is declared while the module imports nothing that \
               could use it, a host that is declared for plain HTTP, a privacy filter that is off. Nothing of it keeps a package \
               from running. `mpp caps --check` looks at the recorded runs as well.",
    },
    Code {
        id: "MPP-C050",
        title: "no package of this id keeps anything here",
        help: "A package that declares `kv` has a state of its own under `MPP_HOME/kv` as soon as it has written something. \
               `mpp kv list` shows the packages that have one. A package file may be named in place of the id.",
    },
    Code {
        id: "MPP-C051",
        title: "several publishers have a state for this package id",
        help: "A package id says little about who made the package: what is kept belongs to the id and the publisher's key together, \
               so that nobody reads what another's package has kept. Name the package file, or add `--publisher KEY-ID`.",
    },
    Code {
        id: "MPP-C052",
        title: "the package keeps nothing under this key",
        help: "The key was never written, was removed, or has expired. `mpp kv list PKG` shows all keys. Keys that are no text are \
               shown in hexadecimal and asked for with `--hex`.",
    },
    Code {
        id: "MPP-C053",
        title: "what the package keeps was not removed",
        help: "`mpp kv clear` asked, and the answer was no. Nothing was changed. `mpp kv export PKG -o FILE` keeps a copy.",
    },
    Code {
        id: "MPP-C070",
        title: "a bug of ours",
        help: "The program failed in a way that no input should cause. Please report it with the message, the command line and \
               the output of `mpp --version`.",
    },
    Code {
        id: "MPP-C130",
        title: "ended by Ctrl-C",
        help: "The command was interrupted. Its child processes were ended and its unfinished files removed; run it again to \
               finish what it did.",
    },
];
