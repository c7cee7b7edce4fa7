//! C and C++: every source of the project, or its CMake or Makefile, compiled by clang or zig for WASI.

use std::path::{Path, PathBuf};

use mpp_host::atomic_file::write_if_changed;
use mpp_host::signature;

mod build_systems;
mod compiler;
mod sources;

use self::build_systems::BuildSystem;
use self::compiler::{Compiler, Language};
use self::sources::Sources;
use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs::{self, Ran};
use crate::error::BuildError;
use crate::event::Event;

/// Size of the stack in bytes; as for Rust.
const STACK: &str = "-Wl,-z,stack-size=1048576";

/// The tool chain of C.
#[derive(Debug)]
pub(crate) struct C;

/// The tool chain of C++.
#[derive(Debug)]
pub(crate) struct Cpp;

impl Toolchain for C {
    fn name(&self) -> &'static str {
        "c"
    }

    fn title(&self) -> &'static str {
        "C"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        match BuildSystem::of(dir) {
            Some((_, file)) => Some(file.to_owned()),
            None => Sources::first(dir, Language::C),
        }
    }

    fn find(&self, dir: &Path) -> Vec<Finding> {
        find(dir, "a C compiler for WASI", Language::C)
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        compile(self.title(), job, events)
    }
}

impl Toolchain for Cpp {
    fn name(&self) -> &'static str {
        "cpp"
    }

    fn title(&self) -> &'static str {
        "C++"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        if BuildSystem::of(dir).is_some() { None } else { Sources::first(dir, Language::Cpp) }
    }

    fn find(&self, dir: &Path) -> Vec<Finding> {
        find(dir, "a C++ compiler for WASI", Language::Cpp)
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        compile(self.title(), job, events)
    }
}

fn find(dir: &Path, part: &str, language: Language) -> Vec<Finding> {
    let mut found = vec![Compiler::finding(part, language)];
    if let Some((system, _)) = BuildSystem::of(dir) {
        found.push(match programs::on_path([system.program()]) {
            Some(path) => Finding::usable(system.program(), None, Some(path)),
            None => Finding::missing(system.program(), system.install()),
        });
    }
    found
}

fn compile(title: &'static str, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
    // A project with a build system may be in either language.
    let language = Sources::of(job.dir).language();
    let compiler = Compiler::find(language).map_err(|missing| BuildError::ToolchainMissing {
        language: title,
        missing,
        install: language.install().to_owned(),
    })?;
    std::fs::create_dir_all(job.work_dir)
        .map_err(|source| BuildError::Write { path: job.work_dir.to_owned(), source })?;
    // Paths of this machine do not get into the module, and its lines are found under these names.
    let flags = vec!["-Os".to_owned(), "-g".to_owned(), format!("-ffile-prefix-map={}=/build", job.dir.display())];
    let path = match BuildSystem::of(job.dir) {
        Some((system, _)) => system.build(&compiler, &flags, job, events)?,
        None => compile_sources(&compiler, &flags, job, events)?,
    };
    let mut toolchain = signature::Toolchain::new(crate::builder());
    toolchain.compiler = Some(compiler.version.clone());
    toolchain.target = Some(compiler.target.to_owned());
    Compiled::read(path, job.kind, toolchain)
}

/// Compiles and links every source, unless nothing has changed since it was done.
fn compile_sources(
    compiler: &Compiler,
    flags: &[String],
    job: &Job<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<PathBuf, BuildError> {
    let sources = Sources::of(job.dir);
    let module = job.work_dir.join(format!("{}.c.wasm", job.name));
    let stamp = job.work_dir.join(format!(".{}.c.digest", job.name));
    let settings = [compiler.version.clone(), compiler.words(sources.language()).join(" "), flags.join(" ")];
    let digest = sources.digest(&settings.join(" "));
    if module.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|known| known == digest) {
        return Ok(module);
    }
    events(Event::Compiling { package: job.name.to_owned(), target: compiler.target.to_owned() });
    let objects_dir = job.work_dir.join(format!("{}.objects", job.name));
    std::fs::create_dir_all(&objects_dir).map_err(|source| BuildError::Write { path: objects_dir.clone(), source })?;
    let includes: Vec<String> = sources.include_dirs().iter().map(|dir| format!("-I{}", dir.display())).collect();
    let mut objects = Vec::new();
    for (number, (source, language)) in sources.units.iter().enumerate() {
        let object = objects_dir.join(format!("{number}.o"));
        let mut command = compiler.command(*language);
        command.args(flags).args(&includes).arg("-c").arg(source).arg("-o").arg(&object);
        step(command, source, job, events)?;
        objects.push(object);
    }
    let mut link = compiler.command(sources.language());
    link.args(&objects).arg("-g").arg(STACK).arg("-o").arg(&module);
    step(link, &module, job, events)?;
    write_if_changed(&stamp, digest.as_bytes()).map_err(|source| BuildError::Write { path: stamp, source })?;
    Ok(module)
}

fn step(
    command: std::process::Command,
    what: &Path,
    job: &Job<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<(), BuildError> {
    match programs::step(command, job.dir, job.options, events)? {
        Ran::Done => Ok(()),
        Ran::Failed(status) => {
            let name = what.strip_prefix(job.dir).unwrap_or(what).display();
            let program = format!("the compiler, for `{name}`,");
            Err(BuildError::CompileFailed { project: job.name.to_owned(), program, status })
        }
    }
}
