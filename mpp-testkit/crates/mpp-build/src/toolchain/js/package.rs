//! Reads package.json: the file that is bundled, and whether the project asks for esbuild.

use std::path::{Path, PathBuf};

use mpp_host::text::without_byte_order_mark;
use serde_json::Value;

use crate::error::BuildError;
use crate::project::keys::KeyError;

/// The file of a project.
pub(super) const FILE: &str = "package.json";
/// What is bundled if package.json does not say it, in the order in which it is looked for.
const ENTRIES: &[&str] = &[
    "src/tool.ts",
    "src/tool.js",
    "src/index.ts",
    "src/index.js",
    "src/main.ts",
    "src/main.js",
    "tool.ts",
    "tool.js",
    "index.ts",
    "index.js",
];

/// The engine that runs the tools of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Engine {
    /// QuickJS, as a module of WASI preview 1.
    #[default]
    QuickJs,
    /// StarlingMonkey, as a component for WASI 0.2.
    StarlingMonkey,
}

impl Engine {
    /// Returns the engine that package.json in `dir` names. A file that is wrong is read as if it named none.
    pub(super) fn of(dir: &Path) -> Self {
        let read = std::fs::read(dir.join(FILE)).ok();
        let value = read.and_then(|bytes| serde_json::from_slice(without_byte_order_mark(&bytes)).ok());
        value.and_then(|value| Self::read(&value).ok()).unwrap_or_default()
    }

    fn read(package: &Value) -> Result<Self, String> {
        match package.get("mpp").and_then(|mpp| mpp.get("engine")) {
            None => Ok(Self::default()),
            Some(Value::String(name)) if name == "quickjs" => Ok(Self::QuickJs),
            Some(Value::String(name)) if name == "starlingmonkey" => Ok(Self::StarlingMonkey),
            Some(other) => Err(format!("`mpp.engine`: expected `quickjs` or `starlingmonkey`, found `{other}`")),
        }
    }
}

/// What matters of package.json.
#[derive(Debug)]
pub(super) struct Package {
    /// The file to bundle, relative to the project.
    pub(super) entry: Option<String>,
    /// Whether esbuild is among the packages that the project needs.
    pub(super) lists_esbuild: bool,
    /// The engine that runs the tools.
    pub(super) engine: Engine,
}

impl Package {
    /// Reads the file in `dir`.
    pub(super) fn read(dir: &Path) -> Result<Self, BuildError> {
        let path = dir.join(FILE);
        let bytes = std::fs::read(&path).map_err(|source| BuildError::Read { path: path.clone(), source })?;
        let wrong = |key: &str, message: String, help: &str| BuildError::Key {
            file: path.clone(),
            source: KeyError::new(key, message, help),
        };
        let value: Value = serde_json::from_slice(without_byte_order_mark(&bytes))
            .map_err(|error| wrong("", error.to_string(), "`package.json` is one JSON object"))?;
        let stated = ["source", "main"].into_iter().find_map(|key| Some((key, value.get(key)?)));
        let entry = match stated {
            Some((_, Value::String(name))) if dir.join(name).is_file() => Some(name.clone()),
            Some((key, Value::String(name))) => {
                let message = format!("`{key}`: there is no file `{name}`");
                return Err(wrong(
                    key,
                    message,
                    "name the source file that registers the tools, or set `source` to it beside `main`",
                ));
            }
            Some((key, other)) => {
                return Err(wrong(
                    key,
                    format!("`{key}`: expected the path of a file, found `{other}`"),
                    "name the source file",
                ));
            }
            None => ENTRIES.iter().find(|name| dir.join(name).is_file()).map(|name| (*name).to_owned()),
        };
        let engine = Engine::read(&value)
            .map_err(|message| wrong("mpp.engine", message, "leave it out for the small engine, QuickJS"))?;
        let lists = |key: &str| value.get(key).and_then(|list| list.get("esbuild")).is_some();
        Ok(Self { entry, lists_esbuild: lists("devDependencies") || lists("dependencies"), engine })
    }

    /// Returns the file to bundle.
    pub(super) fn entry(&self, dir: &Path) -> Result<PathBuf, BuildError> {
        let name = self.entry.as_ref().ok_or_else(|| BuildError::Key {
            file: dir.join(FILE),
            source: KeyError::new(
                "source",
                format!("it names no source file, and there is none of {}", ENTRIES.join(", ")),
                "add `\"source\": \"src/tool.ts\"` with the file that registers the tools",
            ),
        })?;
        Ok(dir.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::{Engine, Package};

    fn read(files: &[(&str, &str)]) -> Result<Option<String>, String> {
        let dir = tempfile::tempdir().expect("temp dir");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("parent")).expect("mkdir");
            std::fs::write(path, text).expect("write");
        }
        match Package::read(dir.path()) {
            Ok(package) => Ok(package.entry),
            Err(error) => Err(mpp_host::causes::with_causes(&error).replace(&dir.path().display().to_string(), "")),
        }
    }

    #[test]
    fn finds_the_file_to_bundle() {
        let of = |text: &str| read(&[("package.json", text), ("src/tool.ts", ""), ("index.js", ""), ("a.js", "")]);
        assert_eq!(of("{}"), Ok(Some("src/tool.ts".to_owned())));
        assert_eq!(of(r#"{"main": "index.js"}"#), Ok(Some("index.js".to_owned())));
        assert_eq!(of(r#"{"main": "dist/index.js", "source": "a.js"}"#), Ok(Some("a.js".to_owned())));
        assert_eq!(read(&[("package.json", "{}")]), Ok(None));
    }

    #[test]
    fn refuses_a_package_json_that_names_no_file() {
        let of = |text: &str| read(&[("package.json", text)]).expect_err("refused");
        assert!(of(r#"{"main": "dist/index.js"}"#).contains("`main`: there is no file `dist/index.js`"));
        assert!(of(r#"{"source": 1}"#).contains("expected the path of a file, found `1`"));
        assert!(of("{").contains("EOF"));
    }

    #[test]
    fn reads_which_engine_runs_the_tools() {
        let dir = tempfile::tempdir().expect("temp dir");
        let of = |text: &str| {
            std::fs::write(dir.path().join("package.json"), text).expect("write");
            (Package::read(dir.path()).map(|package| package.engine).ok(), Engine::of(dir.path()))
        };
        assert_eq!(of("{}"), (Some(Engine::QuickJs), Engine::QuickJs));
        assert_eq!(of(r#"{"mpp": {"engine": "quickjs"}}"#), (Some(Engine::QuickJs), Engine::QuickJs));
        let chosen = Engine::StarlingMonkey;
        assert_eq!(of(r#"{"mpp": {"engine": "starlingmonkey"}}"#), (Some(chosen), chosen));
        assert_eq!(of(r#"{"mpp": {"engine": "v8"}}"#), (None, Engine::QuickJs));
    }

    #[test]
    fn knows_whether_the_project_asks_for_esbuild() {
        let dir = tempfile::tempdir().expect("temp dir");
        for (text, expected) in [
            (r#"{"devDependencies": {"esbuild": "^0.28"}}"#, true),
            (r#"{"dependencies": {"esbuild": "^0.28"}}"#, true),
            (r#"{"dependencies": {"zod": "4"}}"#, false),
        ] {
            std::fs::write(dir.path().join("package.json"), text).expect("write");
            assert_eq!(Package::read(dir.path()).expect("valid").lists_esbuild, expected, "{text}");
        }
    }
}
