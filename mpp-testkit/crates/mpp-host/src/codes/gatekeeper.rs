//! Codes of the Gatekeeper: `MPP-G1xx` … `MPP-G7xx`, one hundred for each step.

/// Help for what only a foreign or broken archiver produces.
macro_rules! repack {
    ($($why:literal),+ $(,)?) => {
        concat!(
            $($why,)+
            " Packages are written by MPP's own tools, never by another archiver: fetch the package again from its publisher, or \
             build it again."
        )
    };
}

/// Help for a mistake that was in the package before it was signed.
macro_rules! signed_like_this {
    ($why:literal) => {
        repack!($why, " The package was signed in this state, so the mistake was made before signing.")
    };
}

crate::declare_codes! {
    pub table GATEKEEPER;

    // Step 1: archive safety.
    G101: Verification, "the file is not a package",
        "A package is a ZIP archive, and this file is not one. Check that the path names a `.mpp` file and that a download did not \
         save an error page in its place, then fetch or build the package again.";
    G102: Verification, "the archive is incomplete",
        "The file ends before the archive does, for example because a download was interrupted or a disk was full. Fetch the \
         package again, or build it again.";
    G103: Verification, "there are bytes before the first entry",
        repack!("Bytes in front of an archive let two programs read different contents from the same file.");
    G104: Verification, "there are bytes after the end of the archive",
        repack!("An archive comment or appended bytes let two programs read different contents from the same file.");
    G105: Verification, "there is a gap between two entries",
        repack!("Entries follow each other without gaps, so that no bytes can hide between them.");
    G106: Verification, "an entry is encrypted",
        repack!("Entries are never encrypted, because everybody must be able to read a package before trusting it.");
    G107: Verification, "an entry has a data descriptor",
        repack!("A data descriptor repeats the sizes of an entry after its data, and the two could differ.");
    G108: Verification, "a header field has an unexpected value",
        repack!("Every header field has exactly one allowed value, so that the same content always gives the same bytes.");
    G109: Verification, "an entry uses an unsupported compression method",
        repack!("The only compression methods are Stored and Deflate.");
    G110: Verification, "an entry has extra fields",
        repack!("Extra fields can give other programs a second name or a second size for the entry.");
    G111: Verification, "an entry has a comment",
        repack!("Entries have no comments.");
    G112: Verification, "the archive uses the zip64 format",
        repack!("No valid package is large enough to need zip64, and its fields would state sizes a second time.");
    G113: Verification, "an entry is not a regular file",
        repack!("Links, directories and devices are not allowed: every entry is a regular file with mode 0644.");
    G114: Verification, "the two headers of an entry differ",
        repack!(
            "An archive describes each entry twice, in front of its data and in the central directory. Programs differ in which of \
             the two they read, so both must be the same."
        );
    G115: Verification, "the central directory does not match the entries",
        repack!("Missing, hidden or overlapping entries let two programs read different contents from the same file.");
    G116: Verification, "the entries are not in the required order",
        repack!("`manifest.json` comes first, then all other entries sorted by name, and `signature.json` last.");
    G117: Verification, "two entries have the same name",
        "Programs differ in which of two entries with the same name they read. Remove one of the files and build again.";
    G118: Verification, "the names of two entries differ only in case or Unicode normalization",
        "On some file systems both names refer to the same file. Rename one of the files and build again.";
    G119: Verification, "an entry is both a file and a directory",
        "The name of one entry is also a directory in the name of another, so they cannot both be unpacked. Rename one of the \
         files and build again.";
    G120: Verification, "the sizes of an entry contradict its compression method",
        repack!("A stored entry is as large as its content, and a deflated entry is smaller.");
    G121: Verification, "the entry with the signature is damaged",
        "`signature.json` must be stored without compression, and its checksum must be right. Fetch the package again; if it is \
         your own, sign it again.";

    // Step 2: size limits.
    G201: Verification, "the archive is too large",
        "A package may have at most 100 MiB, and a host may allow less. Keep large data outside the package and declare a \
         directory for it under `capabilities.filesystem`.";
    G202: Verification, "the archive has too many entries",
        "A package may have at most 1,024 entries, and a host may allow fewer. Combine small assets into one file.";
    G203: Verification, "an entry is too large",
        "One entry may unpack to at most 128 MiB, and a host may allow less. Split the file, or keep it outside the package.";
    G204: Verification, "the package is too large when unpacked",
        "All entries together may unpack to at most 256 MiB, and a host may allow less. Keep large data outside the package.";
    G205: Verification, "the manifest is too large",
        "`manifest.json` may have at most 1 MiB. Shorten the descriptions and schemas of the tool definitions.";
    G206: Verification, "the signature is too large",
        "`signature.json` may have at most 2 MiB. Sign the package again; a package with fewer entries has a smaller signature.";
    G207: Verification, "the name of an entry is too long",
        "The name of an entry may have at most 255 bytes. Shorten the path and build again.";
    G208: Verification, "the name of an entry has too many levels",
        "The name of an entry may have at most 16 parts. Move the file into a directory higher up and build again.";
    G209: Verification, "the compression ratio of an entry is suspicious",
        "An entry of more than 1 MiB may unpack to at most 200 times its stored size, because a higher ratio is typical of a \
         decompression bomb. Leave generated filler out of the package.";

    // Step 3: path traversal.
    G301: Verification, "the name of an entry is an absolute path",
        repack!("Names are relative to the package, so that unpacking cannot write to another place.");
    G302: Verification, "the name of an entry contains `..`",
        repack!("A part `..` would make unpacking write outside the target directory.");
    G303: Verification, "the name of an entry contains a part `.`",
        repack!("A part `.` would be a second way to write the same name.");
    G304: Verification, "the name of an entry contains an empty part",
        repack!("An empty part would be a second way to write the same name.");
    G305: Verification, "the name of an entry contains a backslash",
        repack!("Windows treats a backslash as a separator and other systems do not, so the name would mean two different paths.");
    G306: Verification, "the name of an entry contains a drive letter",
        repack!("On Windows, a drive letter would make unpacking write outside the target directory.");
    G307: Verification, "the name of an entry contains a control character",
        repack!("Control characters can cut a name short, or change what a terminal displays.");
    G308: Verification, "the name of an entry is reserved on Windows",
        "Windows opens a device for names like `con`, `nul` or `com1`, with any extension. Rename the file and build again.";
    G309: Verification, "the name of an entry contains a character that is not allowed",
        "Each part of a name consists of `A-Z a-z 0-9 . _ + -` and starts with a letter, a digit or `_`. Rename the file and build \
         again.";

    // Step 4: content hash.
    G401: Verification, "an entry was changed after signing",
        "The content of the package is not the content that its publisher signed: it was modified or damaged on the way. Do not \
         use it; fetch it again from its publisher. If you changed it yourself, build and sign it again.";
    G402: Verification, "the package was changed after signing",
        "All entries match the signature, but the headers of the archive do not, or the content hash that the signature claims \
         does not. Do not use the package; fetch it again from its publisher.";

    // Step 5: signature.
    G501: Verification, "the package is not signed",
        "Unsigned packages are never run. If the package is your own, sign it with your publisher key; otherwise ask its publisher \
         for a signed one.";
    G502: Verification, "the signature is malformed",
        "`signature.json` must be a DSSE envelope with one in-toto statement about this package. Fetch the package again; if it is \
         your own, sign it again.";
    G503: Verification, "the signature is not valid",
        "The package contains a signature with the publisher's key id, but it does not verify with the publisher's key. Do not use \
         the package; fetch it again from its publisher.";
    G504: Verification, "the package is not signed by the key that it names",
        "The signed statement names a public key, but none of the signatures was made with it. Do not use the package; if it is \
         your own, sign it again.";
    G505: Verification, "a registry's countersignature is not valid",
        "The package contains a signature in the name of a registry that this host knows, but the signature does not verify with \
         that registry's key. Do not use the package; fetch it again from the registry.";
    G506: Verification, "the package is signed with a weak key",
        "Anybody can make signatures that verify with this key, or the key is not in its canonical encoding. Correct programs never \
         generate such a key: do not use the package, and do not trust its publisher.";

    // Step 6: manifest.
    G601: Verification, "the manifest is not JSON",
        "`manifest.json` must be one JSON document in UTF-8. The message names the place of the mistake; correct it and build again.";
    G602: Verification, "an entry does not unpack to the size in its header",
        signed_like_this!("The compressed data is damaged, or the header states the wrong size.");
    G603: Verification, "the checksum of an entry is wrong",
        signed_like_this!("The CRC-32 in the header is not the checksum of the unpacked content.");
    G604: Verification, "an entry does not unpack to the signed content",
        repack!("The signed statement contains a different SHA-256 for the unpacked content of this entry.");
    G605: Verification, "the signed statement lists different entries",
        repack!("The signed statement must list exactly the entries of the archive, in their order.");
    G606: Verification, "the manifest names a different key",
        "`publisher.verified_key_id` must be the id of the key that signed the package. If the package is your own, sign it with the \
         key that the manifest names, or remove the field and sign again.";
    G607: Verification, "the signed statement is about a different package",
        "The package id and the version in the signed statement must be those of the manifest. If the package is your own, build \
         and sign it again.";
    G608: Verification, "the entry point is missing",
        "`runtime.entrypoint` must name the entry of the package that contains the module, usually `bin/main.wasm`.";
    G609: Verification, "the manifest contains a key twice",
        "Programs differ in which of two equal keys they read. Remove one of them and build again.";
    G610: Verification, "the manifest contains an unknown field",
        "An unknown field is refused, because a misspelled field would otherwise have no effect without notice. Correct the name \
         and build again.";
    G611: Verification, "the manifest lacks a field",
        "Add the field that the message names, and build again.";
    G612: Verification, "a value in the manifest has the wrong type",
        "The message names the place, what was expected there and what was found. Correct it and build again.";
    G613: Verification, "a value in the manifest is out of range",
        "The message names the place and the allowed range. Correct it and build again.";
    G614: Verification, "the manifest has an unsupported format version",
        "This host cannot know the meaning of fields of another version, so it refuses the package. Update the host program, or \
         build the package for the version that the message names.";
    G615: Verification, "a name, version or address in the manifest is malformed",
        "The message names the place and the expected form: `package_id` is a reversed domain name such as `com.example.crm-lookup`, \
         `name` has lower-case letters, digits and `-`, and `version` is a semantic version such as `1.0.0`. Correct it in \
         `manifest.json`, or in `Cargo.toml` under `[package]` and `[package.metadata.mpp]`.";
    G616: Verification, "a tool definition is malformed",
        "A tool has a unique name of 1 to 64 characters `A-Z a-z 0-9 _ -`, a description, and `parameters` that are the JSON Schema \
         of an object. The message names the tool at fault.";
    G617: Verification, "a privacy filter is malformed",
        "A pattern is the name of a built-in pattern or a Rust regular expression, and an exemption is a JSON pointer with a reason. \
         The message names the one at fault.";

    // Step 7: capabilities.
    G701: Verification, "a network host is malformed",
        "A host is written `api.example.com` or `*.example.com`, with an optional `:port`, or `http://host` for plain HTTP. IP \
         addresses, user names, paths and public suffixes such as `*.com` are not allowed.";
    G702: Verification, "a file system path is malformed",
        "A path is the tool's name for a file or directory: absolute or relative, with `/` between its parts and without `.` or \
         `..`. A list has each path once; `write` includes reading.";
    G703: Verification, "the name of an environment variable is malformed",
        "The name of a variable has letters, digits and `_`, does not start with a digit, and is listed once. Names that start with \
         `MPP_` are reserved for the host.";
    G704: Verification, "an injected header is malformed",
        "`inject` maps header names to values in which `${NAME}` is replaced by a variable that `env_vars` declares. Headers that \
         frame the message, such as `Host` and `Content-Length`, are set by the host.";
    G705: Verification, "the module is not valid WebAssembly",
        "The entry point must be a component or a valid WebAssembly 2.0 module, which can also use tail calls, extended constant \
         expressions and multiple memories. Threads, 64-bit memories, garbage collection and relaxed SIMD are not supported. Build it \
         again for `wasm32-wasip1`.";
    G706: Verification, "the module exceeds a limit",
        "A module may have at most 64 MiB and 100,000 functions, and the initial size of its memories and tables must be within \
         `runtime.memory_limit_mb`. Build it with optimizations and without debug sections, or raise the memory limit.";
    G707: Verification, "the module imports something that the host does not provide",
        "A tool may import WASI preview 1 (a component: the WASI 0.2 command world) and the host functions of MPP. The message names \
         the import; remove the code that needs it, which is often a dependency for browsers.";
    G708: Verification, "the module needs another version of the host functions",
        "The message says which side is too old. Update the host program, or build the package with an SDK of the host's version.";
    G709: Verification, "the module imports a host function whose capability is not declared",
        "Host functions for HTTP need the capability `network`, and those for state need `kv`, in \
         `[package.metadata.mpp.capabilities]` of `Cargo.toml`, or in `capabilities` of `manifest.json`. The message names the function and the line to add.";
    G710: Verification, "the module is not a command",
        "A tool is a program: its module exports `_start` and `memory` (a component: `wasi:cli/run`). Build a binary, not a library, \
         for `wasm32-wasip1`.";
    G711: Verification, "the module is not of the kind that the manifest states",
        "`runtime.type` is `wasm32-wasi` for a core module and `wasm32-wasip2` for a component. Correct it, or build for the other \
         target.";
    G712: Verification, "the module imports a host function with the wrong signature",
        "The function exists, but its parameters or results differ from what the module declares. Usually a declaration was written \
         by hand: take it from the C header `mpp.h` or from the WASI headers, and build again.";
}
