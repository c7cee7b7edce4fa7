//! Python: componentize-py joins the interpreter and the project's modules to a component for WASI 0.2.
//!
//! The world of the component and its program are generated, so that authors see neither.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::atomic_file::write_if_changed;
use mpp_host::package::manifest::RuntimeKind;
use mpp_host::signature;

mod componentizer;
mod libraries;
mod messages;
mod program;
mod sources;

use self::componentizer::{Componentizer, FIRST, INSTALL, Unusable};
use self::sources::Sources;
use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs;
use crate::cargo::env;
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::{Library, Origin};
use crate::process::{Ended, run};

/// The file of a Python project.
const FILE: &str = "pyproject.toml";
/// The target, as it is shown and attested.
const TARGET: &str = "wasm32-wasip2";

/// The tool chain of Python.
#[derive(Debug)]
pub(crate) struct Python;

impl Toolchain for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn title(&self) -> &'static str {
        "Python"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        dir.join(FILE).is_file().then(|| FILE.to_owned())
    }

    fn kind(&self, _dir: &Path) -> RuntimeKind {
        RuntimeKind::Wasip2
    }

    fn find(&self, dir: &Path) -> Vec<Finding> {
        let part = "componentize-py";
        vec![match Componentizer::look(dir) {
            Ok(found) => Finding::usable(part, Some(found.version), Some(found.program)),
            Err(Unusable::Missing) => Finding::missing(part, INSTALL),
            Err(Unusable::TooOld(found)) => Finding::too_old(part, found.version, Some(found.program), INSTALL),
        }]
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        let componentizer = self.componentizer(job.dir)?;
        let sources = Sources::of(job.dir, job.name)?;
        let roots = componentizer.site_packages();
        if !sources.has_sdk(&roots) {
            return Err(BuildError::ToolchainMissing {
                language: self.title(),
                missing: "the package `mpp` is neither in the project nor in its environment".to_owned(),
                install: "`pip install mpp-sdk`, or copy the directory `mpp` from a new project".to_owned(),
            });
        }
        let work = Work::of(job);
        let program = program::source(&sources.module, &sources.shown_root(job.dir), job.declared);
        let digest = sources.digest(&[&componentizer.version, &program], &roots);
        let stamp = work.dir.join(".digest");
        let mut toolchain = signature::Toolchain::new(crate::builder());
        toolchain.compiler = Some(format!("componentize-py {}", componentizer.version));
        toolchain.target = Some(TARGET.to_owned());
        if !(work.component.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|known| known == digest)) {
            events(Event::Compiling { package: job.name.to_owned(), target: TARGET.to_owned() });
            work.write(&program, job.declared)?;
            componentize(&componentizer, &sources, &work, job, events)?;
            write_if_changed(&stamp, digest.as_bytes()).map_err(|source| BuildError::Write { path: stamp, source })?;
        }
        let mut contained = libraries::imported(&sources.files(), &roots);
        contained.push(Library::new(Origin::Generic, "cpython", None, Some("PSF-2.0")));
        Ok(Compiled::read(work.component, job.kind, toolchain)?.with(contained))
    }
}

impl Python {
    fn componentizer(&self, dir: &Path) -> Result<Componentizer, BuildError> {
        Componentizer::look(dir).map_err(|unusable| match unusable {
            Unusable::Missing => BuildError::ToolchainMissing {
                language: self.title(),
                missing: "there is no `componentize-py` in the project's environment or on the `PATH`".to_owned(),
                install: INSTALL.to_owned(),
            },
            Unusable::TooOld(found) => BuildError::ToolchainTooOld {
                language: self.title(),
                program: found.program,
                found: found.version,
                needed: format!("{}.{}", FIRST.0, FIRST.1),
                install: INSTALL.to_owned(),
            },
        })
    }
}

/// The files between a project and its component.
struct Work {
    dir: PathBuf,
    wit: PathBuf,
    /// The directory of the generated program.
    program: PathBuf,
    component: PathBuf,
}

impl Work {
    fn of(job: &Job<'_>) -> Self {
        let dir = job.work_dir.join(format!("{}.python", job.name));
        Self { wit: dir.join("wit"), program: dir.join("program"), component: dir.join("component.wasm"), dir }
    }

    fn write(&self, program: &str, declares: super::job::Declared) -> Result<(), BuildError> {
        let write = |path: PathBuf, text: &str| {
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| write_if_changed(&path, text.as_bytes()).map(drop))
                .map_err(|source| BuildError::Write { path, source })
        };
        for (path, text) in program::wit(declares) {
            write(self.wit.join(path), &text)?;
        }
        write(self.program.join(program::FILE), program)
    }
}

/// Runs componentize-py. Its messages are reported as events, with the author's paths.
fn componentize(
    componentizer: &Componentizer,
    sources: &Sources,
    work: &Work,
    job: &Job<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<(), BuildError> {
    // Written beside, so that a build that fails leaves no half of a component.
    let made = work.dir.join("component.new.wasm");
    let mut command = Command::new(&componentizer.program);
    command.arg("-q").arg("-d").arg(&work.wit).args(["-w", program::WORLD, "componentize"]);
    command.arg("-p").arg(&sources.root).arg("-p").arg(&work.program);
    command.arg(program::MODULE).arg("-o").arg(&made).current_dir(&work.dir);
    env::clean(&mut command, std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    command.env("RUST_BACKTRACE", "0").env_remove("PYTHONPATH");
    if let Some(environment) = &componentizer.environment {
        command.env("VIRTUAL_ENV", environment);
    }
    let mut said = Vec::new();
    let ended = run(command, &job.options.cancel, |_, line| said.push(line));
    let program = componentizer.program.display().to_string();
    match ended.map_err(|source| BuildError::ProgramMissing { program, source })? {
        Ended::Cancelled => return Err(BuildError::Interrupted),
        Ended::Exit(status) if status.success() => {
            said.into_iter().for_each(|line| events(Event::CompilerLine(line)));
        }
        Ended::Exit(status) => {
            let message = messages::of(&said, &sources.shown_root(job.dir));
            message.lines.iter().for_each(|line| events(Event::CompilerLine(line.clone())));
            if let Some(module) = message.missing_module {
                let reason = sources::why_missing(&module, &componentizer.site_packages());
                return Err(BuildError::PythonModule {
                    project: job.name.to_owned(),
                    module,
                    place: message.place,
                    reason,
                });
            }
            let what = match message.place {
                Some(place) => format!("importing its modules, at {place},"),
                None => "componentize-py".to_owned(),
            };
            return Err(BuildError::CompileFailed {
                project: job.name.to_owned(),
                program: what,
                status: message.last.unwrap_or_else(|| status.to_string()),
            });
        }
    }
    std::fs::rename(&made, &work.component).map_err(|source| BuildError::Write { path: work.component.clone(), source })
}

/// Returns the directories in which a project's environment may be.
fn environments(dir: &Path) -> Vec<PathBuf> {
    let active = std::env::var_os("VIRTUAL_ENV").filter(|path| !path.is_empty()).map(PathBuf::from);
    active.into_iter().chain([dir.join(".venv"), dir.join("venv")]).collect()
}

/// Returns a program of an environment, or the one on the `PATH`.
fn program_of(dir: &Path, name: &str) -> Option<PathBuf> {
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let own = environments(dir).into_iter().map(|environment| environment.join(bin).join(name));
    let is_there = |path: &PathBuf| path.is_file() || path.with_extension("exe").is_file();
    own.into_iter().find(is_there).or_else(|| programs::on_path([name]))
}
