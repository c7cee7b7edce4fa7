//! The world of a component, and the sources by which its script gets the interfaces.

use std::path::Path;

use mpp_host::host_functions;
use serde_json::Value;

use crate::toolchain::job::Declared;

/// The name of the world.
pub(super) const WORLD: &str = "tool";
/// The file that imports the tool and exports what a command does.
pub(super) const MAIN: &str = "main.js";
/// The file that is imported before all others.
pub(super) const BEFORE: &str = "before.js";
/// The file that passes the interfaces to the SDK.
const PLATFORM: &str = "platform.js";
/// The version of WASI. A host with a later one resolves it.
const WASI: &str = "0.2.0";
/// The interfaces of WASI that the SDK uses, and its names for them.
const INTERFACES: [(&str, &str); 7] = [
    ("environment", "cli/environment"),
    ("exit", "cli/exit"),
    ("stdin", "cli/stdin"),
    ("stdout", "cli/stdout"),
    ("stderr", "cli/stderr"),
    ("clock", "clocks/monotonic-clock"),
    ("preopens", "filesystem/preopens"),
];
/// The parts of WASI that the SDK uses, by the names of their files.
const PACKAGES: [(&str, &str); 4] = [
    (
        "io.wit",
        "package wasi:io@0.2.0;\n\n\
         interface error {\n    resource error {\n        to-debug-string: func() -> string;\n    }\n}\n\n\
         interface poll {\n    resource pollable {\n        block: func();\n    }\n}\n\n\
         interface streams {\n    use error.{error};\n\n\
         \x20   variant stream-error {\n        last-operation-failed(error),\n        closed,\n    }\n\
         \x20   resource input-stream {\n        blocking-read: func(len: u64) -> result<list<u8>, stream-error>;\n    }\n\
         \x20   resource output-stream {\n        blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;\n    }\n}\n",
    ),
    (
        "clocks.wit",
        "package wasi:clocks@0.2.0;\n\n\
         interface monotonic-clock {\n    use wasi:io/poll@0.2.0.{pollable};\n\n\
         \x20   type duration = u64;\n    subscribe-duration: func(when: duration) -> pollable;\n}\n\n\
         interface wall-clock {\n    record datetime {\n        seconds: u64,\n        nanoseconds: u32,\n    }\n}\n",
    ),
    ("filesystem.wit", include_str!("filesystem.wit")),
    (
        "cli.wit",
        "package wasi:cli@0.2.0;\n\n\
         interface environment {\n    get-environment: func() -> list<tuple<string, string>>;\n}\n\n\
         interface exit {\n    exit: func(status: result);\n}\n\n\
         interface stdin {\n    use wasi:io/streams@0.2.0.{input-stream};\n    get-stdin: func() -> input-stream;\n}\n\n\
         interface stdout {\n    use wasi:io/streams@0.2.0.{output-stream};\n    get-stdout: func() -> output-stream;\n}\n\n\
         interface stderr {\n    use wasi:io/streams@0.2.0.{output-stream};\n    get-stderr: func() -> output-stream;\n}\n\n\
         interface run {\n    run: func() -> result;\n}\n",
    ),
];

/// Returns the text of the world.
pub(super) fn text(declares: Declared) -> String {
    let (package, version) = host_functions::PACKAGE;
    let wasi = INTERFACES.iter().map(|(_, name)| format!("    import wasi:{name}@{WASI};\n"));
    let host = declares.interfaces().into_iter().map(|name| format!("    import {package}/{name}@{version};\n"));
    let imports = wasi.chain(host).collect::<String>();
    format!("package mpp:tool;\n\nworld {WORLD} {{\n{imports}    export wasi:cli/run@{WASI};\n}}\n")
}

/// Returns the files of the world.
pub(super) fn wit(declares: Declared) -> Vec<(String, String)> {
    let packages = PACKAGES.iter().map(|(name, text)| (format!("deps/{name}"), (*text).to_owned()));
    let own = [("world.wit".to_owned(), text(declares)), ("deps/host.wit".to_owned(), host_functions::wit_package())];
    own.into_iter().chain(packages).collect()
}

/// Returns the generated sources. `sdk` and `globals` are files of the SDK, and `tool` is the author's.
pub(super) fn sources(sdk: &Path, globals: &Path, tool: &Path, declares: Declared) -> [(&'static str, String); 3] {
    let (package, version) = host_functions::PACKAGE;
    let quoted = |path: &Path| Value::String(path.display().to_string()).to_string();
    let wasi = INTERFACES.iter().map(|(name, path)| format!("import * as {name} from \"wasi:{path}@{WASI}\";\n"));
    let host = declares.interfaces();
    let imports = host.iter().map(|name| format!("import * as {name} from \"{package}/{name}@{version}\";\n"));
    let names = INTERFACES.map(|(name, _)| name).join(", ");
    let platform = format!(
        "{}import {{ start }} from {};\nexport const run = start({{ {names} }}, {{ {} }});\n",
        wasi.chain(imports).collect::<String>(),
        quoted(sdk),
        host.join(", ")
    );
    let before = format!("import \"./{PLATFORM}\";\nimport {};\n", quoted(globals));
    let main = format!("export {{ run }} from \"./{PLATFORM}\";\nimport {};\n", quoted(tool));
    [(PLATFORM, platform), (BEFORE, before), (MAIN, main)]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{sources, text};
    use crate::toolchain::job::Declared;

    #[test]
    fn only_declared_interfaces_of_the_host_are_imported() {
        let [none, all] = [Declared::default(), Declared { network: true, kv: true }];
        assert!(!text(none).contains("mpp:host"), "{}", text(none));
        assert!(text(all).contains("    import mpp:host/kv@1.0.0;\n"), "{}", text(all));
        let platform = |declares| {
            let [(_, platform), ..] =
                sources(Path::new("/sdk/s.js"), Path::new("/sdk/g.js"), Path::new("/tool.ts"), declares);
            platform
        };
        assert!(platform(none).contains("stderr, clock, preopens }, {  });"), "{}", platform(none));
        for line in [
            "import * as http from \"mpp:host/http@1.0.0\";",
            "import { start } from \"/sdk/s.js\";",
            "import * as preopens from \"wasi:filesystem/preopens@0.2.0\";",
            "export const run = start({ environment, exit, stdin, stdout, stderr, clock, preopens }, { http, kv });",
        ] {
            assert!(platform(all).lines().any(|found| found == line), "{line} is not in\n{}", platform(all));
        }
    }
}
