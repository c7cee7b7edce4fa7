//! StarlingMonkey, by choice of a project: componentize-js joins the engine and the bundled script to a component for WASI 0.2.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::atomic_file::write_if_changed;
use mpp_host::signature;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

mod world;

use super::bundle::{self, Bundle, Entry, Esbuild, installed};
use super::libraries;
use super::lines::Lines;
use super::package::Package;
use crate::error::BuildError;
use crate::event::Event;
use crate::toolchain::finding::Finding;
use crate::toolchain::job::{Compiled, Job};
use crate::toolchain::programs::{self, Ran};

/// The name of componentize-js, as it is installed.
const NAME: &str = "@bytecodealliance/componentize-js";
/// A package that componentize-js 0.23 imports. Its own dependencies no longer bring it.
const SHIM: &str = "@bytecodealliance/preview2-shim@0.17";
/// The oldest version that was tried.
const FIRST: (u32, u32) = (0, 23);
/// The target, as it is shown and attested.
const TARGET: &str = "wasm32-wasip2";
/// The script that the engine evaluates; the SDK knows it by this name.
const SCRIPT: &str = "script.js";
/// The SDK's functions of the engine.
const SDK: &str = "node_modules/@mpp-protocol/sdk/src/starlingmonkey.js";

/// An installed componentize-js.
struct Componentizer {
    /// The file that Node runs.
    program: PathBuf,
    version: String,
}

impl Componentizer {
    fn look(dir: &Path) -> Option<Self> {
        let file = installed(dir, &format!("node_modules/{NAME}/package.json"))?;
        let package: Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
        let version = package.get("version")?.as_str()?.to_owned();
        Some(Self { program: file.with_file_name("src").join("cli.js"), version })
    }

    fn is_too_old(&self) -> bool {
        programs::numbers(&self.version).is_none_or(|numbers| numbers < FIRST)
    }
}

fn install() -> String {
    format!("run `npm install --save-dev {NAME} {SHIM}` in the directory of the project")
}

/// Looks for what the project in `dir` needs besides what every project does.
pub(super) fn finding(dir: &Path) -> Finding {
    match Componentizer::look(dir) {
        None => Finding::missing(NAME, install()),
        Some(found) if found.is_too_old() => Finding::too_old(NAME, found.version, Some(found.program), install()),
        Some(found) => Finding::usable(NAME, Some(found.version), Some(found.program)),
    }
}

/// Bundles the project and makes a component of it.
pub(super) fn compile(
    node: &Path,
    esbuild: &Esbuild,
    package: &Package,
    job: &Job<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<Compiled, BuildError> {
    let language = "JavaScript and TypeScript";
    let missing = |missing: String, install: String| BuildError::ToolchainMissing { language, missing, install };
    let componentizer = Componentizer::look(job.dir)
        .ok_or_else(|| missing(format!("the project has no `{NAME}` in its `node_modules`"), install()))?;
    if componentizer.is_too_old() {
        return Err(BuildError::ToolchainTooOld {
            language,
            program: componentizer.program,
            found: componentizer.version,
            needed: format!("{}.{}", FIRST.0, FIRST.1),
            install: install(),
        });
    }
    let (Some(sdk), Some(globals)) = (installed(job.dir, SDK), bundle::globals(job.dir)) else {
        let what = "the project has no `@mpp-protocol/sdk` that knows StarlingMonkey in its `node_modules`".to_owned();
        return Err(missing(what, "run `npm install` in the directory of the project, with a current SDK".to_owned()));
    };
    events(Event::Compiling { package: job.name.to_owned(), target: TARGET.to_owned() });
    let work = Work::of(job)?;
    let tool = package.entry(job.dir)?;
    let tool = std::path::absolute(&tool).map_err(|source| BuildError::Read { path: tool, source })?;
    for (name, text) in world::sources(&sdk, &globals, &tool, job.declared) {
        write(&work.dir.join(name), text.as_bytes())?;
    }
    for (name, text) in world::wit(job.declared) {
        write(&work.dir.join("wit").join(name), text.as_bytes())?;
    }
    let (main, before) = (work.dir.join(world::MAIN), work.dir.join(world::BEFORE));
    let entry = Entry { file: &main, before: Some(&before), external: &["wasi:*", "mpp:*"] };
    let bundle = Bundle::make(esbuild, &entry, job, events)?;
    let lines = Lines::read(&bundle.map, &bundle.dir, job.dir);
    let script = with_lines(&bundle.script, &lines);
    let digest = digest(&[&componentizer.version, &world::text(job.declared)], &script);
    let stamp = work.dir.join(".digest");
    if !(work.component.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|known| known == digest)) {
        write(&work.dir.join(SCRIPT), &script)?;
        componentize(node, &componentizer, &work, &lines, job, events)?;
        write(&stamp, digest.as_bytes())?;
    }
    let engine = componentizer.program.parent().and_then(Path::parent).and_then(libraries::read);
    let contained = bundle.libraries.into_iter().chain(engine).collect();
    let mut toolchain = signature::Toolchain::new(crate::builder());
    toolchain.compiler = Some(format!("componentize-js {}", componentizer.version));
    toolchain.target = Some(TARGET.to_owned());
    Ok(Compiled::read(work.component, job.kind, toolchain)?.with(contained))
}

/// The files between a project and its component.
struct Work {
    dir: PathBuf,
    component: PathBuf,
}

impl Work {
    fn of(job: &Job<'_>) -> Result<Self, BuildError> {
        let dir = std::path::absolute(job.work_dir)
            .map_err(|source| BuildError::Write { path: job.work_dir.to_owned(), source })?;
        let dir = dir.join(format!("{}.starlingmonkey", job.name));
        Ok(Self { component: dir.join("component.wasm"), dir })
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| write_if_changed(path, bytes).map(drop))
        .map_err(|source| BuildError::Write { path: path.to_owned(), source })
}

/// Adds the table of the author's lines at the end, where it moves no line.
fn with_lines(script: &[u8], lines: &Lines) -> Vec<u8> {
    let table = Value::String(lines.table());
    let mut whole = script.to_vec();
    whole.extend(format!("\nglobalThis.__mpp_v1.lines = {table};\n").into_bytes());
    whole
}

fn digest(settings: &[&str], script: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in settings.iter().map(|setting| setting.as_bytes()).chain([script]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Runs componentize-js. What it says of an exception is the reason of the error, with the author's lines.
fn componentize(
    node: &Path,
    componentizer: &Componentizer,
    work: &Work,
    lines: &Lines,
    job: &Job<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<(), BuildError> {
    // Written beside, so that a build that fails leaves no half of a component.
    let made = work.dir.join("component.new.wasm");
    let mut command = Command::new(node);
    command.arg(&componentizer.program).args([SCRIPT, "--wit", "wit", "--world-name", world::WORLD]);
    // Requests are sent with `mpp:host`, and nobody sends any to the component.
    command.args(["--disable", "http", "--disable", "fetch-event", "--out"]).arg(&made);
    let mut said = Vec::new();
    let mut collect = |event: Event| {
        if let Event::CompilerLine(line) = event {
            said.push(line);
        }
    };
    let ran = programs::step(command, &work.dir, job.options, &mut collect)?;
    match ran {
        Ran::Done => {}
        Ran::Failed(status) => {
            let message = message(&said);
            if message.is_empty() {
                said.into_iter().for_each(|line| events(Event::CompilerLine(line)));
                let (project, program) = (job.name.to_owned(), "componentize-js".to_owned());
                return Err(BuildError::CompileFailed { project, program, status });
            }
            let reason = lines.replaced_in(&format!("{SCRIPT}:"), &message);
            return Err(BuildError::Script { project: job.name.to_owned(), source: reason.into() });
        }
    }
    std::fs::rename(&made, &work.component).map_err(|source| BuildError::Write { path: work.component.clone(), source })
}

/// Returns what is said of an exception at the top of the script: the lines after the one that says so, without Node's own stack.
fn message(said: &[String]) -> String {
    let start = said.iter().position(|line| line.starts_with("Exception while evaluating"));
    let after = start.map_or(&[][..], |start| &said[start + 1..]);
    let lines = after.iter().take_while(|line| {
        !line.starts_with("    at ") && !line.starts_with("Additionally,") && !line.starts_with("Promise rejected")
    });
    lines.map(String::as_str).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Lines, message, with_lines};

    const MAP: &str = r#"{"version": 3, "sources": ["../../src/tool.ts"], "mappings": ";AAAA;AACA"}"#;

    fn lines() -> Lines {
        Lines::read(MAP.as_bytes(), Path::new("/tool/target/mpp"), Path::new("/tool"))
    }

    #[test]
    fn the_table_of_lines_is_behind_the_script() {
        let script = String::from_utf8(with_lines(b"a\nb\nc", &lines())).expect("text");
        assert_eq!(script, "a\nb\nc\nglobalThis.__mpp_v1.lines = \"F src/tool.ts\\nR 2 0 1\\n\";\n");
    }

    #[test]
    fn an_exception_at_the_top_is_told_with_the_authors_line() {
        let said = "file:///x/componentize.js:365\n    throw new Error(err);\n\nError: Failed to initialize component:\n\
                    Exception while evaluating top-level script\nscript.js:3:7 Error: at once\nAdditionally, some promises\n\
                    Stack:\n  @script.js:3:7\n    at componentize (x)\n";
        let said: Vec<String> = said.lines().map(str::to_owned).collect();
        assert_eq!(lines().replaced_in("script.js:", &message(&said)), "src/tool.ts:2 Error: at once");
        assert_eq!(message(&["Error: no memory".to_owned()]), "");
    }
}
