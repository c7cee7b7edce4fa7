//! Projects in C and C++ with a `CMakeLists.txt` or a `Makefile`: the build system gets compilers for WASI.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::compiler::{Compiler, Language};
use crate::error::BuildError;
use crate::event::Event;
use crate::toolchain::command::modules;
use crate::toolchain::job::Job;
use crate::toolchain::programs::{self, Ran};

/// A build system, by its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BuildSystem {
    CMake,
    Make,
}

impl BuildSystem {
    /// Returns the build system of the project in `dir`, and its file.
    pub(super) fn of(dir: &Path) -> Option<(Self, &'static str)> {
        let known = [
            (Self::CMake, "CMakeLists.txt"),
            (Self::Make, "Makefile"),
            (Self::Make, "makefile"),
            (Self::Make, "GNUmakefile"),
        ];
        known.into_iter().find(|(_, file)| dir.join(file).is_file())
    }

    /// Returns the program that it needs.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::CMake => "cmake",
            Self::Make => "make",
        }
    }

    /// Returns how the program is installed.
    pub(super) fn install(self) -> &'static str {
        match self {
            Self::CMake => "`apt-get install cmake make`, or `pip install cmake ninja`",
            Self::Make => "`apt-get install make`",
        }
    }

    /// Builds the project and returns the path of its module.
    pub(super) fn build(
        self,
        compiler: &Compiler,
        flags: &[String],
        job: &Job<'_>,
        events: &mut dyn FnMut(Event),
    ) -> Result<PathBuf, BuildError> {
        let program = programs::on_path([self.program()]).ok_or_else(|| BuildError::ToolchainMissing {
            language: "C",
            missing: format!("there is no `{}` on the `PATH`", self.program()),
            install: self.install().to_owned(),
        })?;
        let tools = Tools::write(compiler, flags, job.work_dir)?;
        events(Event::RunningCommand { command: self.program().to_owned() });
        let searched = match self {
            Self::Make => {
                let mut make = Command::new(&program);
                make.args([format!("CC={}", tools.cc), format!("CXX={}", tools.cxx), format!("AR={}", tools.ar)]);
                run(make, self, job, events)?;
                job.dir.to_owned()
            }
            Self::CMake => {
                let dir = job.work_dir.join("cmake");
                let mut configure = Command::new(&program);
                configure.arg("-S").arg(job.dir).arg("-B").arg(&dir);
                configure.arg(format!("-DCMAKE_TOOLCHAIN_FILE={}", tools.cmake.display()));
                configure.arg("-DCMAKE_BUILD_TYPE=MinSizeRel");
                run(configure, self, job, events)?;
                let mut build = Command::new(&program);
                build.args(["--build".as_ref(), dir.as_os_str()]);
                run(build, self, job, events)?;
                dir
            }
        };
        the_module(&searched, job).ok_or_else(|| BuildError::NoModule {
            path: searched.join(format!("{}.wasm", job.name)),
            command: Some(self.program().to_owned()),
            elsewhere: None,
            source: std::io::ErrorKind::NotFound.into(),
        })
    }
}

fn run(command: Command, system: BuildSystem, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<(), BuildError> {
    match programs::step(command, job.dir, job.options, events)? {
        Ran::Done => Ok(()),
        Ran::Failed(status) => Err(BuildError::CompileFailed {
            project: job.name.to_owned(),
            program: system.program().to_owned(),
            status,
        }),
    }
}

/// Returns the module below `dir` that has the name of the package, or the only one.
fn the_module(dir: &Path, job: &Job<'_>) -> Option<PathBuf> {
    let is_output = |path: &Path| {
        let is_ours = !dir.starts_with(job.work_dir) && path.starts_with(job.work_dir);
        !is_ours && !path.components().any(|part| part.as_os_str() == "CMakeFiles")
    };
    let found: Vec<PathBuf> = modules(dir, 6).into_iter().filter(|path| is_output(path)).collect();
    let named = found.iter().find(|path| path.file_stem().is_some_and(|stem| stem == job.name));
    match (named, found.as_slice()) {
        (Some(named), _) => Some(named.clone()),
        (None, [only]) => Some(only.clone()),
        _ => None,
    }
}

/// Programs by which a build system compiles for WASI without knowing it.
struct Tools {
    cc: String,
    cxx: String,
    ar: String,
    cmake: PathBuf,
}

impl Tools {
    fn write(compiler: &Compiler, flags: &[String], work_dir: &Path) -> Result<Self, BuildError> {
        let dir = work_dir.join("wasi-tools");
        let script = |name: &str, words: Vec<String>| -> Result<String, BuildError> {
            let path = dir.join(name);
            let words: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
            write(&path, &format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")))?;
            executable(&path)?;
            Ok(path.display().to_string())
        };
        let with_flags = |language| compiler.words(language).into_iter().chain(flags.iter().cloned()).collect();
        let cc = script("cc", with_flags(Language::C))?;
        let cxx = script("c++", with_flags(Language::Cpp))?;
        let ar = script("ar", compiler.archiver())?;
        let cmake = dir.join("wasi.cmake");
        let text = format!(
            "set(CMAKE_SYSTEM_NAME Generic)\nset(CMAKE_SYSTEM_PROCESSOR wasm32)\nset(CMAKE_C_COMPILER \"{cc}\")\n\
             set(CMAKE_CXX_COMPILER \"{cxx}\")\nset(CMAKE_AR \"{ar}\")\nset(CMAKE_RANLIB \":\")\n\
             set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)\nset(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)\n\
             set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n"
        );
        write(&cmake, &text)?;
        Ok(Self { cc, cxx, ar, cmake })
    }
}

fn write(path: &Path, text: &str) -> Result<(), BuildError> {
    let failed = |source| BuildError::Write { path: path.to_owned(), source };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    // An unchanged file keeps its time, so that the build system does not build everything again.
    mpp_host::atomic_file::write_if_changed(path, text.as_bytes()).map(drop).map_err(failed)
}

fn executable(path: &Path) -> Result<(), BuildError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let failed = |source| BuildError::Write { path: path.to_owned(), source };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}
