//! Codes of the Gatekeeper: `MPP-G1xx` … `MPP-G7xx`, one hundred a step.

/// The help for what only a foreign or broken archiver produces.
macro_rules! repack {
    ($why:literal) => {
        concat!(
            $why,
            " A package is written by `mpp build` or `mpp sign` and never by another archiver: fetch it again, or build it again."
        )
    };
}

crate::declare_codes! {
    pub table GATEKEEPER;

    // Step 1: archive safety.
    G101: Verification, "the file is not a package",
        "A package is a ZIP archive that `mpp build` wrote. Check that the path names a `.mpp` file and that the \
         download was not an error page, then fetch or build it again.";
    G102: Verification, "the archive is cut off",
        "The file ends before the archive does, as after an interrupted download or on a full disk. Fetch it again, \
         or build it again.";
    G103: Verification, "something stands before the first entry",
        repack!("Bytes before an archive let two programs see two different packages.");
    G104: Verification, "something follows the end of the archive",
        repack!("An archive comment or appended bytes let two programs see two different packages.");
    G105: Verification, "there is a gap between entries",
        repack!("Entries stand back to back, so that no bytes hide between them.");
    G106: Verification, "an entry is encrypted",
        repack!("Entries are never encrypted: what a package holds can be read before it is trusted.");
    G107: Verification, "an entry has a data descriptor",
        repack!("A data descriptor states sizes a second time, after the data, and the two may differ.");
    G108: Verification, "a header field has an unexpected value",
        repack!("Every header field has one allowed value, so that the same package is always the same bytes.");
    G109: Verification, "an entry uses another compression method",
        repack!("Only Stored and Deflate are allowed.");
    G110: Verification, "an entry has extra fields",
        repack!("Extra fields can carry a second name or a second size for other readers.");
    G111: Verification, "an entry has a comment",
        repack!("Entries have no comments.");
    G112: Verification, "the archive is in the zip64 form",
        repack!("No package is large enough for zip64, and its fields are a second place for sizes.");
    G113: Verification, "an entry is not a regular file",
        repack!("Links, directories and devices have no place in a package; every entry is a regular file with mode 0644.");
    G114: Verification, "the two headers of an entry differ",
        repack!("The archive names each entry twice, and readers differ in which of the two they believe; here they must say \
         the same.");
    G115: Verification, "the central directory does not list the entries that are there",
        repack!("Missing, hidden or overlapping entries let two programs see two different packages.");
    G116: Verification, "the entries are not in order",
        repack!("`manifest.json` comes first, the others follow sorted by name, and `signature.json` comes last.");
    G117: Verification, "two entries have the same name",
        "Readers differ in which of two equal names they take, so a name may be there once. Remove one of the files \
         and build again.";
    G118: Verification, "two entries differ only in case or composition",
        "On some file systems both names are the same file. Rename one of the files and build again.";
    G119: Verification, "an entry is both a file and a directory",
        "One entry's name is a directory of another's, so they cannot both be unpacked. Rename one of the files and \
         build again.";
    G120: Verification, "the sizes of an entry contradict its method",
        repack!("A stored entry is as long as what it holds, and a deflated one is shorter.");
    G121: Verification, "the signature's entry is damaged",
        "`signature.json` is stored without compression, and its checksum must fit. Fetch the package again, or sign \
         it again with `mpp sign`.";

    // Step 2: size limits.
    G201: Verification, "the archive is too large",
        "A package has at most 100 MiB; a host may allow less. Leave large data out of the package and declare a \
         directory for it under `capabilities.filesystem`.";
    G202: Verification, "the archive has too many entries",
        "A package has at most 1,024 entries; a host may allow fewer. Join small assets into one file.";
    G203: Verification, "an entry is too large",
        "One entry unpacks to at most 128 MiB; a host may allow less. Split the file, or keep it outside the \
         package.";
    G204: Verification, "the package unpacks to too much",
        "All entries together unpack to at most 256 MiB; a host may allow less. Keep large data outside the package.";
    G205: Verification, "the manifest is too large",
        "`manifest.json` has at most 1 MiB. Shorten descriptions and schemas of the tool definitions.";
    G206: Verification, "the signature is too large",
        "`signature.json` has at most 2 MiB. Sign the package again with `mpp sign`; a package with fewer entries \
         has a smaller signature.";
    G207: Verification, "the name of an entry is too long",
        "An entry's name has at most 255 bytes. Shorten the path and build again.";
    G208: Verification, "the name of an entry has too many levels",
        "An entry's name has at most 16 parts. Put the file higher up and build again.";
    G209: Verification, "an entry unpacks to suspiciously much",
        "An entry over 1 MiB may unpack to at most 200 times its stored size; more is what a decompression bomb \
         looks like. Keep generated filler out of the package.";

    // Step 3: path traversal.
    G301: Verification, "the name of an entry is absolute",
        repack!("Names are relative to the package, so that unpacking cannot write elsewhere.");
    G302: Verification, "the name of an entry leads out of the package",
        repack!("A part `..` would write outside the directory that a package is unpacked to.");
    G303: Verification, "the name of an entry has a part `.`",
        repack!("A part `.` is a second way to write the same name.");
    G304: Verification, "the name of an entry has an empty part",
        repack!("An empty part is a second way to write the same name.");
    G305: Verification, "the name of an entry has a backslash",
        repack!("Windows takes a backslash for a separator, other systems do not.");
    G306: Verification, "the name of an entry has a drive letter",
        repack!("On Windows, a drive letter leads out of the directory that a package is unpacked to.");
    G307: Verification, "the name of an entry has a control character",
        repack!("NUL and other control characters cut names short, or forge what a terminal shows.");
    G308: Verification, "the name of an entry is reserved for a device",
        "Windows opens a device for names like `con`, `nul` or `com1`, with any extension. Rename the file and build \
         again.";
    G309: Verification, "the name of an entry has a character that is not allowed",
        "The parts of a name are made of `A-Z a-z 0-9 . _ + -` and start with a letter, a digit or `_`. Rename the \
         file and build again.";

    // Step 4: content hash.
    G401: Verification, "an entry was changed after signing",
        "The bytes are not those that the publisher signed: somebody or something changed the package on its way. Do \
         not use it; fetch it again from where the publisher put it. If you changed it yourself, build and sign it \
         again.";
    G402: Verification, "the package was changed after signing",
        "No entry differs, yet the headers or the signature's own claim do. Do not use the package; fetch it again \
         from where the publisher put it.";

    // Step 5: signature.
    G501: Verification, "the package is not signed",
        "No flag runs an unsigned package. If it is your own, run `mpp keygen` once and then `mpp sign PACKAGE`; \
         otherwise ask its publisher for a signed one.";
    G502: Verification, "the signature is malformed",
        "`signature.json` is not one DSSE envelope around an in-toto statement as this version writes it. Fetch the \
         package again; if it is your own, sign it again with `mpp sign PACKAGE`.";
    G503: Verification, "the signature does not hold",
        "The signature under the publisher's key id is not that key's over this statement. Do not use the package; \
         fetch it again from where the publisher put it.";
    G504: Verification, "the package is not signed by the key it names",
        "The signed statement names a public key, and no signature in the envelope is by it. Do not use the package; \
         if it is your own, sign it again with `mpp sign PACKAGE`.";
    G505: Verification, "a registry's countersignature does not hold",
        "The envelope carries a signature in the name of a registry that this host knows, and it is not that \
         registry's. Do not use the package; fetch it again from the registry.";
    G506: Verification, "the package is signed with a weak key",
        "The statement names a key under which anybody can make signatures, or a second way to write one. No proper \
         program makes such a key: do not use the package, and do not trust whoever published it.";

    // Step 6: manifest.
    G601: Verification, "the manifest is not JSON",
        "`manifest.json` must be one JSON document in UTF-8. Check it with `mpp inspect`, correct it, and build \
         again.";
    G602: Verification, "an entry does not unpack to what its header says",
        repack!("The Deflate stream is damaged, or its size is another than stated. It was signed like this, so the mistake \
         was there before.");
    G603: Verification, "an entry's checksum is wrong",
        repack!("The CRC-32 in the header is not that of the unpacked bytes. It was signed like this, so the mistake was \
         there before.");
    G604: Verification, "an entry unpacks to something else than was signed",
        repack!("The signed statement names another SHA-256 for this entry's unpacked bytes.");
    G605: Verification, "the signed statement lists other entries",
        repack!("The statement's subjects and entries must be the archive's, in its order.");
    G606: Verification, "the manifest names another key",
        "`publisher.verified_key_id` must be the id of the key that signed the package. If it is your own, sign it \
         with the key that the manifest names, or remove the field and sign again.";
    G607: Verification, "the signed statement speaks of another package",
        "Package id and version in the signed statement must be the manifest's. If it is your own, build and sign it \
         again.";
    G608: Verification, "the entry point is missing",
        "`runtime.entrypoint` must name an entry of the package that holds the module, for example `bin/main.wasm`.";
    G609: Verification, "the manifest has a key twice",
        "Readers differ in which of two equal keys they take. Remove one of them and build again.";
    G610: Verification, "the manifest has an unknown field",
        "A misspelled field would silently mean nothing, so it is refused. Correct the name; `mpp schema manifest` \
         prints all of them.";
    G611: Verification, "the manifest lacks a field",
        "Add the field that the message names; `mpp schema manifest` prints all of them with their meaning.";
    G612: Verification, "a value in the manifest is of the wrong kind",
        "The message names the place and what was expected there; `mpp schema manifest` prints every field with its \
         type.";
    G613: Verification, "a value in the manifest is out of range",
        "The message names the place and the range; `mpp schema manifest` prints the limits of every field.";
    G614: Verification, "the manifest is of another format version",
        "This host cannot know what a field of another version means, so it refuses the package. Update the host \
         program, or build the package for the version that the message names.";
    G615: Verification, "a name, version or address in the manifest is malformed",
        "The message names the place and the form that was expected. Correct it in `manifest.json`, or in \
         `Cargo.toml` under `[package]` and `[package.metadata.mpp]`.";
    G616: Verification, "a tool definition is malformed",
        "A tool has a unique name of `A-Z a-z 0-9 _ -`, a description, and parameters that are a JSON Schema of an \
         object. The message names the one at fault.";
    G617: Verification, "a privacy filter is malformed",
        "Patterns are built-in names or Rust regular expressions, and exemptions are JSON pointers with a reason. \
         The message names the one at fault.";

    // Step 7: capabilities.
    G701: Verification, "a network host is malformed",
        "A host is written `api.example.com`, `*.example.com`, with an optional `:port`, or `http://host` for plain \
         HTTP. IP addresses, user names, paths and public suffixes have no place there.";
    G702: Verification, "a file system path is malformed",
        "A path is the guest's name for a file or directory: absolute or relative, with `/` between its parts, \
         without `.` and `..` among them, and is there once (`write` includes reading).";
    G703: Verification, "the name of an environment variable is malformed",
        "A variable's name has letters, digits and `_`, does not start with a digit, and is there once. Names that \
         start with `MPP_` are the host's own.";
    G704: Verification, "an injected header is malformed",
        "`inject` maps header names to values in which `${NAME}` stands for a variable that `env_vars` declares. \
         Headers that frame the message, such as `Host` and `Content-Length`, are the host's own.";
    G705: Verification, "the module is not valid WebAssembly",
        "The entry point must be a valid module of WebAssembly 2.0 with tail calls, extended constants and several \
         memories, or a component. Threads, 64-bit memories, garbage collection and relaxed SIMD are not accepted. \
         Build it again for `wasm32-wasip1`.";
    G706: Verification, "the module is over the limits",
        "A module has at most 64 MiB and 100,000 functions, and its memories and tables start within \
         `runtime.memory_limit_mb`. Build it with optimisation and without debug sections, or raise the memory \
         limit.";
    G707: Verification, "the module imports something that no host provides",
        "A tool may import WASI preview 1 (a component: the WASI 0.2 command world) and MPP's own host functions. \
         The message names the import; remove what needs it, often a dependency meant for browsers.";
    G708: Verification, "the module needs another version of the host functions",
        "The message says which side is too old. Update the host program, or build the package with an SDK of the \
         host's version.";
    G709: Verification, "the module imports a host function whose capability is not declared",
        "Host functions for the network need `network`, those for state need `kv`, in \
         `[package.metadata.mpp.capabilities]`. The message names the function and shows the line. What is not \
         declared cannot be called.";
    G710: Verification, "the module is not a command",
        "A tool is a program: it exports `_start` and `memory` (a component: `wasi:cli/run`). Build a binary, not a \
         library, for `wasm32-wasip1`.";
    G711: Verification, "the module is of another kind than the manifest says",
        "`runtime.type` is `wasm32-wasi` for a core module and `wasm32-wasip2` for a component. Correct it, or build \
         for the other target.";
    G712: Verification, "the module imports a host function with another signature",
        "The function exists, and takes or returns something else than the module says. Most often a declaration was \
         written by hand: take it from the C header `mpp.h`, or from the WASI headers, and build again.";
}
