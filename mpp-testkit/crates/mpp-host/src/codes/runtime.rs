//! Codes of running a tool: `MPP-R…`. 1xx answer a call, 2xx load a package, 3xx grant capabilities, 4xx describe a module, 5xx record a call.

crate::declare_codes! {
    pub table RUNTIME;

    R101: Usage, "the package has no tool of this name",
        "Check the spelling of the name. If a tool has a similar one, the message contains it.";
    R102: Usage, "the arguments do not match the tool's `parameters`",
        "Correct the arguments. They are checked against the published schema before the tool runs, and every mistake is listed: a JSON \
         pointer to the value, what was expected there, and for an unknown key the most similar one.";
    R103: Tool, "the tool returned an error",
        "The tool ran and reported a failure. Its own error code is in `data.code`; if `data.retryable` is true, the same call may \
         succeed later.";
    R104: Denied, "the tool was denied something that it tried to use",
        "A tool has no access to anything that its manifest does not declare, and whoever runs the tool must also grant what it \
         declares: directories, environment variables, and hosts on this machine or its local network. The message names the host, \
         path or variable, whether a path was to be read or written, and what would allow it.";
    R105: Limit, "the call exceeded its time limit",
        "The call took longer than `runtime.timeout_ms` and was ended; its changes to the package's state were discarded. Time spent \
         waiting counts. If the tool needs longer, write for example `runtime = { timeout_ms = 60000 }` under `[package.metadata.mpp]` \
         (at most 600000) and build again.";
    R106: Limit, "the tool exceeded its memory limit",
        "The tool asked for more memory than `runtime.memory_limit_mb` and then failed. Memories and tables are counted together. If \
         the tool needs more, write for example `runtime = { memory_limit_mb = 128 }` under `[package.metadata.mpp]` (at most 4096) \
         and build again.";
    R107: Limit, "the tool exceeded its output limit",
        "The tool wrote more than `runtime.max_output_bytes`, and its response was discarded. Return less, for example one page or a \
         summary, or write for example `runtime = { max_output_bytes = 16777216 }` under `[package.metadata.mpp]` (at most 268435456) \
         and build again.";
    R108: Tool, "the tool crashed or ended without a response",
        "Typical causes are a panic, an abort, an index out of bounds, endless recursion, and a `main` that returns without calling \
         `mpp::serve()`. The message contains the WebAssembly backtrace, with names if the symbols of the build are still available. \
         What the tool wrote to stderr is in the log. A tool that ran out of stack keeps large values on it, or recurses too deep: move \
         the values to the heap (`Vec`, `Box`), or raise `stack_bytes` of `runtime` under `[package.metadata.mpp]` (1 MiB by default).";
    R109: Tool, "the tool's output is not a valid response",
        "A tool writes exactly one line to stdout, a JSON-RPC response. The usual cause is a program without one of the SDKs that prints: messages go to stderr. The SDKs send what a tool prints to the log. \
         Otherwise the result does not match the `returns` schema; the message says where.";
    R110: Tool, "the tool does not support the request",
        "The module does not answer `tools/list` or `tools/call` as the protocol requires. A program that dispatches calls itself can \
         use `mpp_sdk::tool_handler`, which answers both.";
    R111: Tool, "another call changed the same state at the same time",
        "A call works on a snapshot of the package's state, and its changes are committed together. Another call committed first, or held \
         the lock until this call's time limit. No change of this call was kept; if you repeat the call, it can succeed immediately. A \
         tool that writes before it reads waits for its turn instead of failing.";
    R112: Tool, "the package's state cannot be used",
        "The database of the state is damaged, its disk is full or failing, or it is not writable. Nothing was written and nothing was \
         deleted.";
    R113: Interrupted, "the call was cancelled",
        "The caller ended the call before it was answered. The state of the package and its declared files are as they were before the \
         call. Files that it wrote into declared directories remain, and requests that it sent are not undone.";

    R201: Tool, "the module cannot be compiled or linked",
        "The module is not of the kind that `runtime.type` states, uses a WebAssembly feature that the sandbox does not support, or \
         imports something unknown. Rust tools are built for `wasm32-wasip1`.";
    R202: Limit, "compiling the module takes too long",
        "The time for compiling is limited, because a small module can be made to compile for hours. Build with `opt-level = \"s\"` \
         and `lto = true`. A module that must be this large needs a host with a higher limit.";
    R203: Tool, "a tool's schema cannot be enforced",
        "`parameters` and `returns` must be valid JSON Schema (2020-12) without references to other documents, and each `pattern` \
         must be a regular expression without look-around and backreferences.";
    R204: Tool, "the privacy filter's patterns cannot be compiled",
        "A custom pattern is not a valid regular expression, or becomes too large when compiled. A tool is never run without its \
         filter.";
    R205: Limit, "the sandbox cannot start",
        "The WebAssembly engine could not be created on this machine, because of too little address space or a limit on threads. \
         `ulimit -a` shows the limits.";

    R301: Denied, "a declared environment variable has no value",
        "The manifest declares the variable, but the tool was run without a value for it.";
    R302: Denied, "a variable was given that the manifest does not declare",
        "Only declared variables reach the tool. Do not give it, or declare it: write for example `env_vars = [\"API_KEY\"]` under \
         `[package.metadata.mpp.capabilities]` in `Cargo.toml`, or `\"env_vars\": [\"API_KEY\"]` in `capabilities` of `manifest.json`, and \
         build again.";
    R303: Denied, "a declared file or directory is not mapped",
        "The manifest contains the path that the tool sees, and whoever runs the tool maps it to a file or directory of this machine. \
         No path is mapped to the same path of this machine unless a mapping says so, or a person who is shown it agrees.";
    R304: Denied, "a directory was mapped that the manifest does not declare",
        "Only declared paths reach the tool. Do not map it, or declare it: write for example `filesystem = { read = [\"/data\"] }` under \
         `[package.metadata.mpp.capabilities]` in `Cargo.toml`, or `\"filesystem\": { \"read\": [\"/data\"] }` in `capabilities` of \
         `manifest.json`, and build again.";
    R305: Denied, "a mapped file or directory cannot be opened",
        "The path on this machine does not exist, is neither a regular file nor a directory, or this user may not read or write it.";
    R306: Denied, "the admission belongs to another package",
        "The decision to trust the publisher was made about another package. Decide about the package that is to be run.";
    R307: Denied, "an injected header cannot be made from its variables",
        "The manifest adds a header to the tool's requests, and builds its value from variables. One of them contains a line break or \
         another control character. White space around a value is removed.";
    R308: Usage, "a root certificate cannot be used",
        "The file must contain one or more PEM certificates, each between `-----BEGIN CERTIFICATE-----` and \
         `-----END CERTIFICATE-----`. A private key is not a certificate. Convert a DER file with `openssl x509 -inform der -in FILE`.";
    R309: Denied, "the clearance belongs to another package",
        "The clearance to run was given to another package. Ask for a clearance of the package that is to be run.";

    R401: Build, "the module does not describe its tools",
        "A newly built module is sent `tools/list` without any capability and must answer with its definitions. The definitions of a \
         program that dispatches calls itself are in `manifest.json`.";

    R501: Denied, "the call cannot be recorded",
        "Every call is recorded before its answer is returned, and a call that cannot be recorded returns no answer. The directory of the \
         audit log is not writable, or the disk is full; the message says which. Correct it and repeat the call.";
    R502: Denied, "the audit log was modified",
        "Records, the head or the key of the audit log were changed or are missing, and adding to the log would hide that. Move the \
         directory of the log away to start a new one; the old log can still be verified where it is.";
    R503: Denied, "another process holds the audit log",
        "Another process has held the lock of the audit log for seconds instead of microseconds; it may be suspended. Find other processes \
         that run tools, end the one that hangs, and repeat the call.";
}
