//! Codes of running a tool: `MPP-R…`. 1xx answer a call, 2xx load a package, 3xx grant it something, 4xx describe a module, 5xx record a call.

crate::declare_codes! {
    pub table RUNTIME;

    R101: Usage, "no tool of this name in the package",
        "The package has other tools; the message names the nearest one. `mpp inspect PACKAGE` lists them all.";
    R102: Usage, "the arguments do not fit the tool's `parameters`",
        "The arguments are checked against the published schema before the tool runs. Each mistake is named by its \
         JSON pointer, with what was expected there and the nearest valid key. `mpp inspect PACKAGE` shows the \
         schema.";
    R103: Tool, "the tool answered with an error of its own",
        "The tool ran and reported a failure. Its own code is in `data.code`; where `data.retryable` is true, the \
         same call may succeed later.";
    R104: Denied, "the tool wants something that it was not granted",
        "What a manifest does not declare does not exist for the tool, and what it declares must also be granted by \
         whoever runs it: directories with `--dir GUEST=HOST`, variables with `--env NAME=VALUE`, hosts on this \
         machine or its network with `--allow-local`. For a host that is not declared, the message has the line that \
         declares it.";
    R105: Limit, "the call took longer than `runtime.timeout_ms`",
        "The call was ended; nothing of it remains. If the tool is right to take longer, raise `timeout_ms` under \
         `[package.metadata.mpp]` (1 to 600000) and build again. Waiting and sleeping count.";
    R106: Limit, "the tool needs more memory than `runtime.memory_limit_mb`",
        "The tool asked for more memory than it may have and then failed. If it is right to, raise `memory_limit_mb` \
         under `[package.metadata.mpp]` (1 to 4096) and build again. Memory and tables are counted together.";
    R107: Limit, "the tool wrote more than `runtime.max_output_bytes`",
        "The answer was discarded. Return less (a page, a summary), or raise `max_output_bytes` under \
         `[package.metadata.mpp]` and build again.";
    R108: Tool, "the tool trapped, or ended without a response",
        "A panic, an abort, an index out of bounds, endless recursion, or a `main` that returns without \
         `mpp::serve()`. The message carries the wasm backtrace; its names come from the build that still has its \
         symbols. What the tool wrote to stderr is in the log.";
    R109: Tool, "the tool's answer is not one valid response",
        "stdout carries exactly one JSON-RPC response line. Most often a `println!` is in the way: use `eprintln!`. \
         Otherwise the result does not have the shape that `returns` promises; the message says where.";
    R110: Tool, "the tool does not understand the request",
        "The module does not answer `tools/list` or `tools/call` as the contract says. If it dispatches by itself, \
         use `mpp_sdk::tool_handler`, which does both.";
    R111: Tool, "another call changed the same state at the same time",
        "A call reads its package's state as it is at one moment and writes it in one step. Another call wrote in \
         between, or held the lock until this one's time was over. Nothing of this call was kept. Make it again: \
         that may succeed at once. A tool that writes before it reads waits for its turn and cannot lose it.";
    R112: Tool, "the package's state cannot be used",
        "The database under `MPP_HOME/kv` is damaged, its disk is full or failing, or it may not be written. Nothing \
         was written and nothing was deleted. `mpp kv list PKG` names the file and says what is wrong; `mpp kv clear \
         PKG` starts anew.";
    R113: Interrupted, "the call was cancelled",
        "Whoever made the call ended it before its answer. The state of the package and its declared files are as they \
         were before the call. What it wrote into declared directories, and the requests that it sent, remain.";

    R201: Tool, "the module does not compile or link",
        "The module is not what `runtime.type` says, uses a WebAssembly feature that the sandbox does not offer, or \
         imports something unknown. Rust tools are built for `wasm32-wasip1`.";
    R202: Limit, "compiling the module takes too long",
        "Compiling is bounded, because a small module can be made to compile for hours. Build with `opt-level = \
         \"s\"` and `lto = true`; a module that is honestly this large needs a host with a higher compile time \
         limit.";
    R203: Tool, "a tool's schema cannot be enforced",
        "`parameters` and `returns` must be valid JSON Schema (2020-12) without references to other documents, and \
         their `pattern`s must be in linear-time syntax: no look-around, no back-references.";
    R204: Tool, "the privacy filter's patterns do not compile",
        "A custom pattern is not valid `regex` syntax or compiles to something too large. Without its filter, a tool \
         is not run.";
    R205: Limit, "the sandbox cannot start",
        "The WebAssembly engine could not be made on this machine: too little address space, or no thread. Look at \
         `ulimit -a`.";

    R301: Denied, "a declared environment variable has no value",
        "The manifest declares the variable, and the host program's environment does not have it. Set it, pass \
         `--env NAME=VALUE`, or run without any with `--env -`.";
    R302: Denied, "a variable was given that the manifest does not declare",
        "Only declared variables reach the tool. Declare it under `capabilities.env_vars` (in `Cargo.toml`: \
         `env_vars` of `[package.metadata.mpp.capabilities]`), or drop it.";
    R303: Denied, "a declared file or directory is mapped to nothing",
        "The manifest names what the tool sees; whoever runs it says what that is on this machine: `--dir \
         GUEST=HOST`. Without that, the same path is used where it exists. `/`, a home directory, `MPP_HOME`, \
         `/proc`, `/sys` and `/dev` are never used by default.";
    R304: Denied, "a directory was mapped that the manifest does not declare",
        "Only declared paths reach the tool. Declare it under `capabilities.filesystem`, or drop the mapping.";
    R305: Denied, "a mapped file or directory cannot be opened",
        "The path on this machine does not exist, is neither a regular file nor a directory, or may not be read or \
         written by this user.";
    R306: Denied, "the permission belongs to another package",
        "A package was granted something with the admission of another one. Decide on trust for the package that is \
         run.";
    R307: Denied, "an injected header cannot be made of its variables",
        "The manifest says that the host program adds a header to the tool's requests, made of variables. One of \
         them holds a line break inside, or another control character. Surrounding white space is dropped.";
    R308: Usage, "a root certificate cannot be used",
        "Expected one or more certificates in PEM, each between `-----BEGIN CERTIFICATE-----` and `-----END \
         CERTIFICATE-----`. A private key is none, and DER must be converted: `openssl x509 -inform der -in FILE`.";

    R309: Denied, "the clearance belongs to another package",
        "A package was granted something with the clearance of another one. Ask for a clearance of the package that is run.";

    R401: Build, "the module does not say which tools it has",
        "The freshly built module is asked `tools/list` with no capability at all and must answer with its \
         definitions. A tool that dispatches by itself has its definitions in `manifest.json`.";

    R501: Denied, "the record of the call cannot be written",
        "Every call is recorded before its answer is given, and a call that cannot be recorded gives none. The \
         directory cannot be written, or the disk is full; the message says which. Make room or give yourself the \
         right, and call again.";
    R502: Denied, "the audit log is not as it was left",
        "Lines, the head or the key of the log were changed or are gone, and writing on would hide it. `mpp audit \
         verify` says what is wrong. To begin a new log, move the directory away: `mv ~/.mpp/audit \
         ~/.mpp/audit-old`; the old one can still be verified where it is.";
    R503: Denied, "another process holds the audit log",
        "A process holds the lock on the log for seconds where microseconds are usual; perhaps it was stopped in the \
         middle. Look for other processes that run tools, end the one that hangs, and call again.";
}
