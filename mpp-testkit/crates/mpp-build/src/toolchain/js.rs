//! JavaScript and TypeScript: bundled by esbuild, compiled to bytecode by the engine, and added to a copy of the engine.

use std::path::Path;
use std::process::Command;

use mpp_host::signature;

mod bundle;
mod compose;
mod engine;
mod libraries;
mod lines;
mod package;
mod starlingmonkey;

use mpp_host::package::manifest::RuntimeKind;

use self::bundle::{Bundle, Entry, Esbuild};
use self::lines::Lines;
use self::package::{Engine, Package};
use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::{Library, Origin};

/// The first version of Node with which esbuild and the SDK's tests run.
const FIRST: (u32, u32) = (18, 0);
/// The version of QuickJS that the engine contains.
const QUICKJS: &str = "0.16.2";
/// How Node is installed.
const INSTALL: &str = "`apt-get install nodejs npm` on Debian 12, `brew install node`, or https://nodejs.org";

/// The tool chain of JavaScript and TypeScript.
#[derive(Debug)]
pub(crate) struct Js;

impl Toolchain for Js {
    fn name(&self) -> &'static str {
        "js"
    }

    fn title(&self) -> &'static str {
        "JavaScript and TypeScript"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        dir.join(package::FILE).is_file().then(|| package::FILE.to_owned())
    }

    fn kind(&self, dir: &Path) -> RuntimeKind {
        match Engine::of(dir) {
            Engine::QuickJs => RuntimeKind::Wasip1,
            Engine::StarlingMonkey => RuntimeKind::Wasip2,
        }
    }

    fn find(&self, dir: &Path) -> Vec<Finding> {
        let mut found = vec![node()];
        found.push(match programs::on_path(["npm"]) {
            Some(path) => Finding::usable("npm", None, Some(path)),
            None => Finding::missing("npm", INSTALL),
        });
        // Outside a project there is nowhere to look for its packages.
        if self.detect(dir).is_some() {
            found.push(match bundle::esbuild(dir) {
                Some(esbuild) => Finding::usable("esbuild", Some(esbuild.version), Some(esbuild.program)),
                None => Finding::missing("esbuild", install_esbuild(dir)),
            });
            if Engine::of(dir) == Engine::StarlingMonkey {
                found.push(starlingmonkey::finding(dir));
            }
        }
        found
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        let missing = |missing: &str, install: String| BuildError::ToolchainMissing {
            language: self.title(),
            missing: missing.to_owned(),
            install,
        };
        let node = node();
        if let (Some(install), version) = (node.install, node.version) {
            return Err(match (version, node.path.clone()) {
                (Some(found), Some(program)) => BuildError::ToolchainTooOld {
                    language: self.title(),
                    program,
                    found,
                    needed: FIRST.0.to_string(),
                    install,
                },
                _ => missing("there is no `node` on the `PATH`", install),
            });
        }
        let Some(esbuild) = bundle::esbuild(job.dir) else {
            return Err(missing("the project has no `esbuild` in its `node_modules`", install_esbuild(job.dir)));
        };
        let package = Package::read(job.dir)?;
        match (package.engine, node.path) {
            (Engine::StarlingMonkey, Some(node)) => starlingmonkey::compile(&node, &esbuild, &package, job, events),
            _ => self.on_quickjs(&esbuild, &package, job, events),
        }
    }
}

impl Js {
    /// Adds the bytecode of the project to a copy of QuickJS.
    fn on_quickjs(
        &self,
        esbuild: &Esbuild,
        package: &Package,
        job: &Job<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<Compiled, BuildError> {
        let engine = job.options.js_engine.ok_or_else(|| BuildError::ToolchainMissing {
            language: self.title(),
            missing: "this program was built without the JavaScript engine".to_owned(),
            install: "build it with its default features".to_owned(),
        })?;
        let (file, globals) = (package.entry(job.dir)?, bundle::globals(job.dir));
        let entry = Entry { file: &file, before: globals.as_deref(), external: &[] };
        events(Event::Compiling { package: job.name.to_owned(), target: "the JavaScript engine".to_owned() });
        let bundle = Bundle::make(esbuild, &entry, job, events)?;
        let lines = Lines::read(&bundle.map, &bundle.dir, job.dir);
        let bytecode = engine::compile(job, engine, &bundle.script, &lines)?;
        let script = engine::script(&bytecode, &lines);
        let packed = compose::compose(engine, &script, job.declared)
            .map_err(|source| BuildError::Script { project: job.name.to_owned(), source: source.into() })?;
        let mut toolchain = signature::Toolchain::new(crate::builder());
        toolchain.compiler = Some(format!("esbuild {}", esbuild.version));
        toolchain.target = Some("wasm32-wasi".to_owned());
        let mut libraries = bundle.libraries;
        libraries.push(Library::new(Origin::Generic, "quickjs-ng", Some(QUICKJS), Some("MIT")));
        Ok(Compiled { path: bundle.path, packed, linked: None, toolchain, libraries })
    }
}

/// Looks for Node.
fn node() -> Finding {
    let Some(program) = programs::on_path(["node", "nodejs"]) else { return Finding::missing("node", INSTALL) };
    let mut command = Command::new(&program);
    command.arg("--version");
    match programs::output_of(command) {
        None => Finding::missing("node", INSTALL),
        Some(version) if programs::numbers(&version).is_some_and(|numbers| numbers < FIRST) => {
            Finding::too_old("node", version, Some(program), INSTALL)
        }
        Some(version) => Finding::usable("node", Some(version), Some(program)),
    }
}

/// Returns the command that installs esbuild: that of the whole project if its package.json lists it.
fn install_esbuild(dir: &Path) -> String {
    match Package::read(dir) {
        Ok(package) if package.lists_esbuild => "run `npm install` in the directory of the project".to_owned(),
        _ => "run `npm install --save-dev esbuild` in the directory of the project".to_owned(),
    }
}
