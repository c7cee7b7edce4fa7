//! A port in TypeScript or JavaScript: one module for each tool.

use mpp_mcp::scaffold::{Language, PortedTool};
use serde_json::Value;

use super::layout::{File, Layout, Words};
use super::next::{self, Steps};
use super::{DEFINITIONS, PortedServer, cases, manifest, shown};

/// A project with a `package.json`.
#[derive(Debug)]
pub(super) struct Script {
    /// The ending of its sources: `ts` or `js`.
    pub(super) ending: &'static str,
}

const TYPESCRIPT: Steps = Steps {
    io: "`fetch` sends requests, `kv` keeps state, and `env` reads declared\n   variables; there are no modules of Node.",
    types: "The types are for you: the schemas in `schemas` are what is published and enforced.",
    level: "`securityLevel`",
    not_implemented: "`src/not_implemented.ts`",
    tests: "npm test",
};
const JAVASCRIPT: Steps = Steps {
    types: "The schemas in `schemas` are what is published and enforced.",
    not_implemented: "`src/not_implemented.js`",
    ..TYPESCRIPT
};

impl Layout for Script {
    fn language(&self) -> Language {
        if self.has_types() { Language::TypeScript } else { Language::JavaScript }
    }

    fn words(&self) -> Words {
        let numbers = "- **Numbers have 53 bits**, as in every program in JavaScript. An original in another language may accept larger integers.\n";
        Words { program: "mpp", value: "`unknown`", values: "`unknown`", numbers }
    }

    fn source(&self, tool: &PortedTool) -> String {
        format!("src/tools/{}.{}", tool.module, self.ending)
    }

    fn files(&self, server: &PortedServer, name: &str, template: Vec<File>) -> Vec<File> {
        let is_kept = |path: &str| !path.starts_with("tests/") && !path.starts_with("src/") && path != "README.md";
        let mut files: Vec<File> = template
            .into_iter()
            .filter(|(path, _)| is_kept(path))
            .map(|(path, text)| match path.as_str() {
                "manifest.json" => (path, manifest(&text, server)),
                "package.json" => (path, package(&text)),
                "tsconfig.json" => (path, compiler(&text)),
                _ => (path, text),
            })
            .collect();
        let ending = self.ending;
        let mut add = |path: &str, text: String| files.push((format!("{path}.{ending}"), text));
        add("src/tool", self.main(server));
        add("src/not_implemented", self.not_implemented());
        add("tests/definitions.test", TESTS.replace("DEFINITIONS", DEFINITIONS).replace("ENDING", ending));
        files.push(("README.md".to_owned(), self.readme(server, name)));
        let steps = if self.has_types() { &TYPESCRIPT } else { &JAVASCRIPT };
        files.push(("NEXT.md".to_owned(), next::page(self, steps, server, name)));
        files.extend(cases::files(server));
        files
    }
}

impl Script {
    fn has_types(&self) -> bool {
        self.ending == "ts"
    }

    fn main(&self, server: &PortedServer) -> String {
        let mut modules: Vec<&str> = server.port.tools.iter().map(|tool| tool.module.as_str()).collect();
        modules.sort_unstable();
        let ending = self.ending;
        let imports: String = modules.iter().map(|module| format!("import \"./tools/{module}.{ending}\";\n")).collect();
        format!(
            "// A port of an MCP server: the tools are in `tools`, one module each. Each import adds a tool.\n{imports}"
        )
    }

    fn not_implemented(&self) -> String {
        let signature = if self.has_types() { "(name: string): ToolError" } else { "(name)" };
        format!(
            "import {{ ToolError }} from \"@mpp-protocol/sdk\";\n\n\
             /** Returns the error of a tool whose body is not written yet. */\n\
             export function notImplemented{signature} {{\n  \
               return new ToolError(\"not_implemented\", `\\`${{name}}\\` is not implemented yet`);\n\
             }}\n"
        )
    }

    fn readme(&self, server: &PortedServer, name: &str) -> String {
        let ending = self.ending;
        let check = if self.has_types() { "$ npm run check\n" } else { "" };
        let checked = if self.has_types() { " `npm run check` checks the types, which a build does not." } else { "" };
        format!(
            "# {name}\n\n\
             A port of the MCP server {} to a signed package that runs in a sandbox.\n\n\
             ```console\n$ npm install\n$ mpp build\n$ mpp test\n$ npm test\n{check}```\n\n\
             - `NEXT.md`: what is left to do.\n\
             - `REPORT.md`: what the port accepts and refuses otherwise than the original.\n\
             - `src/tools`: the tools, one module each. `src/tool.{ending}` imports them.\n\
             - `schemas`: the schemas that the package publishes for arguments and results.\n\
             - `manifest.json`: the name, the version and the capabilities of the package.\n\
             - `tests/*.yaml`: cases for `mpp test`, which runs them with the finished package in the sandbox.\n\
             - `tests/definitions.test.{ending}`: the published definitions are those in `original`.{checked}\n\
             - `mpp-sdk`: the SDK, until it is published. Commit it.\n\n\
             `mpp build` needs Node 20 or newer, and the project's `esbuild`; `mpp doctor --lang js` says whether they are there.\n",
            shown(server.name())
        )
    }
}

/// Returns the template's `package.json` without the library for schemas: those of the original are JSON Schema.
fn package(template: &str) -> String {
    edited(template, |package| {
        if let Some(Value::Object(dependencies)) = package.get_mut("dependencies") {
            dependencies.shift_remove("zod");
        }
    })
}

/// Returns the template's `tsconfig.json`, with imports of JSON.
fn compiler(template: &str) -> String {
    edited(template, |config| {
        if let Some(Value::Object(options)) = config.get_mut("compilerOptions") {
            options.insert("resolveJsonModule".to_owned(), Value::Bool(true));
        }
    })
}

/// Returns a JSON document after a change. One that is no JSON stays as it is.
fn edited(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    change(&mut document);
    super::pretty(&document)
}

const TESTS: &str = r#"// Agents find the tools of the original, except for the differences in REPORT.md.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { handle } from "@mpp-protocol/sdk";

import "../src/tool.ENDING";

test("publishes the definitions of the original", async () => {
  const original = new URL("../DEFINITIONS", import.meta.url);
  const expected = JSON.parse(readFileSync(original, "utf8"));
  const answer = JSON.parse(await handle('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'));
  assert.deepEqual(answer.result.tools, expected);
});
"#;
