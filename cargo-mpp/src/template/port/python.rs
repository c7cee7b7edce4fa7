//! A port in Python: one module for each tool, with `@mpp.tool`.

use mpp_mcp::scaffold::{Language, PortedTool};

use super::layout::{File, Layout, Words};
use super::next::{self, Steps};
use super::{DEFINITIONS, PortedServer, cases, description, manifest, shown};

/// A project with a `pyproject.toml`.
#[derive(Debug)]
pub(super) struct Python;

const STEPS: Steps = Steps {
    io: "`mpp.http` sends requests, `mpp.kv` keeps state, `open` reads\n   declared directories, and `mpp.env` reads declared variables.",
    types: "The type hints are for you: the schemas in `schemas` are what is published and enforced.",
    level: "`security` in `@mpp.tool`",
    not_implemented: "`tools/__init__.py`",
    tests: "python -m unittest",
};

impl Layout for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn words(&self) -> Words {
        Words { program: "mpp", value: "`Any`", values: "`Any`", numbers: "" }
    }

    fn source(&self, tool: &PortedTool) -> String {
        format!("tools/{}.py", tool.module)
    }

    fn files(&self, server: &PortedServer, name: &str, template: Vec<File>) -> Vec<File> {
        let is_kept = |path: &str| !path.starts_with("tests/") && path != "main.py" && path != "README.md";
        let mut files: Vec<File> = template
            .into_iter()
            .filter(|(path, _)| is_kept(path))
            .map(|(path, text)| match path.as_str() {
                "manifest.json" => (path, manifest(&text, server)),
                "pyproject.toml" => (path, project(&text, server)),
                _ => (path, text),
            })
            .collect();
        let mut add = |path: &str, text: String| files.push((path.to_owned(), text));
        add("main.py", main(server));
        add("tools/__init__.py", TOOLS.to_owned());
        add("tests/__init__.py", "\"\"\"Tests of the port.\"\"\"\n".to_owned());
        add("tests/test_definitions.py", TESTS.replace("DEFINITIONS", DEFINITIONS));
        add("README.md", readme(server, name));
        add("NEXT.md", next::page(self, &STEPS, server, name));
        files.extend(cases::files(server));
        files
    }
}

/// Returns the template's `pyproject.toml` with the description of the port. `typing.NotRequired` is new in Python 3.11.
fn project(template: &str, server: &PortedServer) -> String {
    let line = |line: &str| match line.split_once(" = ").map(|(key, _)| key) {
        Some("description") => format!("description = {}\n", toml::Value::String(description(server))),
        Some("requires-python") => "requires-python = \">=3.11\"\n".to_owned(),
        _ => format!("{line}\n"),
    };
    template.lines().map(line).collect()
}

fn main(server: &PortedServer) -> String {
    let mut modules: Vec<&str> = server.port.tools.iter().map(|tool| tool.module.as_str()).collect();
    modules.sort_unstable();
    let imports: String = modules.iter().map(|module| format!("    {module},\n")).collect();
    let names: String = modules.iter().map(|module| format!("    \"{module}\",\n")).collect();
    format!(
        "\"\"\"A port of an MCP server: the tools are in `tools`, one module each.\"\"\"\n\n\
         # Each import adds a tool.\n\
         from tools import (\n{imports})\n\n\
         __all__ = [\n{names}]\n"
    )
}

const TOOLS: &str = r#""""The tools of the original, one module each. The schemas of arguments and results are the original's, in `schemas`."""

import mpp


def not_implemented(tool: str) -> mpp.ToolError:
    """Returns the error of a tool whose body is not written yet."""
    return mpp.ToolError(f"`{tool}` is not implemented yet", code="not_implemented")
"#;

const TESTS: &str = r#""""Agents find the tools of the original, except for the differences in REPORT.md."""

import json
import unittest
from pathlib import Path

import mpp

import main

ORIGINAL = Path(__file__).parent.parent / "DEFINITIONS"


class Definitions(unittest.TestCase):
    maxDiff = None

    def test_publishes_the_definitions_of_the_original(self):
        expected = json.loads(ORIGINAL.read_text(encoding="utf-8"))
        self.assertEqual(len(main.__all__), len(expected))
        self.assertEqual(mpp.definitions(), expected)


if __name__ == "__main__":
    unittest.main()
"#;

fn readme(server: &PortedServer, name: &str) -> String {
    format!(
        "# {name}\n\n\
         A port of the MCP server {} to a signed package that runs in a sandbox.\n\n\
         ```console\n$ pip install componentize-py\n$ mpp build\n$ mpp test\n$ python -m unittest\n```\n\n\
         - `NEXT.md`: what is left to do.\n\
         - `REPORT.md`: what the port accepts and refuses otherwise than the original.\n\
         - `tools`: the tools, one module each. `main.py` imports them.\n\
         - `schemas`: the schemas that the package publishes for arguments and results.\n\
         - `manifest.json`: the name, the version and the capabilities of the package.\n\
         - `tests/*.yaml`: cases for `mpp test`, which runs them with the finished package in the sandbox.\n\
         - `tests/test_definitions.py`: the published definitions are those in `original`.\n\
         - `mpp`: the SDK, until it is published. Commit it.\n\n\
         `mpp build` needs `componentize-py`, in the environment of the project (`.venv`) or on the `PATH`; `mpp doctor --lang python` says\n\
         whether it is there. Modules are imported when the tool is built, so imports belong at the top of a module.\n",
        shown(server.name())
    )
}
