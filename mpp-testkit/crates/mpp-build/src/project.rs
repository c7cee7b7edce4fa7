//! Finds the project to build: a Cargo package with a tool, or a directory with a `manifest.json`, in any language.

use std::path::{Path, PathBuf};

pub(crate) mod cargo;
mod fit;
mod forms;
pub(crate) mod keys;
pub(crate) mod manifest_file;
pub(crate) mod metadata;
pub(crate) mod place;

pub(crate) use self::cargo::{CargoProject, label};
pub use self::keys::KeyError;
pub(crate) use self::manifest_file::ManifestFile;
pub use self::metadata::DevMappings;
pub use self::place::Place;
use self::place::Step;
use crate::error::BuildError;
use crate::toolchain::{self, Toolchain};

/// A project from which one package is built: a Cargo package, or a directory with a `manifest.json`.
#[derive(Debug, Clone)]
pub struct Project {
    dir: PathBuf,
    dev: DevMappings,
    pub(crate) source: Source,
}

/// The origin of the module.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A Cargo package, and the `manifest.json` beside `Cargo.toml`, if there is one.
    Cargo(Box<CargoProject>, Option<ManifestFile>),
    /// A project in another language, with its tool chain; or an existing module, or one that the project's own build command
    /// creates.
    Module(ManifestFile, &'static dyn Toolchain),
}

impl Project {
    /// Finds the project in `dir`, or in its nearest parent directory with a `Cargo.toml` or a `manifest.json`.
    ///
    /// `dir` may also be the path of one of these files. At the root of a workspace with a single tool, this is the
    /// project of that tool.
    ///
    /// # Errors
    /// [`BuildError`] if there is no project, if it is a workspace with several tools, or if `Cargo.toml` or
    /// `manifest.json` is invalid.
    pub fn find(dir: &Path) -> Result<Self, BuildError> {
        Self::locate(dir)?.one(None)
    }

    /// Finds the workspace member with the given name, starting from `dir`.
    ///
    /// # Errors
    /// The errors of [`Project::find`], and [`BuildError::NoSuchMember`] if the workspace has no such member.
    pub fn find_package(dir: &Path, name: &str) -> Result<Self, BuildError> {
        Self::locate(dir)?.one(Some(name))
    }

    /// Finds every workspace member that is a tool, sorted by name. Outside a workspace, returns the one project.
    ///
    /// # Errors
    /// The errors of [`Project::find`], and [`BuildError::ChooseMember`] if no member is a tool.
    pub fn find_all(dir: &Path) -> Result<Vec<Self>, BuildError> {
        match Self::locate(dir)? {
            Located::Module(project) => Ok(vec![*project]),
            Located::Cargo(workspace) => {
                workspace.tools()?.iter().map(|name| Self::cargo(workspace.member(Some(name))?)).collect()
            }
        }
    }

    fn locate(dir: &Path) -> Result<Located, BuildError> {
        let start = dir.canonicalize().map_err(|source| BuildError::NoDirectory { dir: dir.to_owned(), source })?;
        let start = if start.is_file() { start.parent().map(Path::to_owned).unwrap_or_default() } else { start };
        for dir in start.ancestors() {
            if dir.join("Cargo.toml").is_file() {
                return Ok(Located::Cargo(Box::new(cargo::Workspace::read(dir)?)));
            }
            if let Some(file) = ManifestFile::read(dir)? {
                let by_files = || toolchain::detect(dir).map(|(toolchain, _)| toolchain);
                let told = file.build.is_some().then_some(toolchain::COMMAND);
                let toolchain = told.or_else(by_files).unwrap_or(toolchain::COMMAND);
                let source = Source::Module(file, toolchain);
                return Ok(Located::Module(Box::new(Self {
                    dir: dir.to_owned(),
                    dev: DevMappings::default(),
                    source,
                })));
            }
        }
        match toolchain::detect(&start) {
            Some((toolchain, file)) => Err(BuildError::NoManifest { dir: start, language: toolchain.title(), file }),
            None => Err(BuildError::NoProject { dir: start }),
        }
    }

    fn cargo(package: CargoProject) -> Result<Self, BuildError> {
        let base = ManifestFile::read(&package.dir)?;
        Ok(Self {
            dir: package.dir.clone(),
            dev: package.metadata.dev.clone(),
            source: Source::Cargo(Box::new(package), base),
        })
    }

    /// Returns the absolute path of the project's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the name of the package, as stated in the project's files. It may be invalid.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.source {
            Source::Cargo(package, base) => base.as_ref().and_then(|b| b.text("name")).unwrap_or(&package.tool_name),
            Source::Module(file, _) => file.text("name").unwrap_or_default(),
        }
    }

    /// Returns the version of the package, as stated in the project's files.
    #[must_use]
    pub fn version(&self) -> &str {
        match &self.source {
            Source::Cargo(package, base) => base.as_ref().and_then(|b| b.text("version")).unwrap_or(&package.version),
            Source::Module(file, _) => file.text("version").unwrap_or_default(),
        }
    }

    /// Returns the `manifest.json` of the project, if there is one.
    pub(crate) fn manifest_file(&self) -> Option<&ManifestFile> {
        match &self.source {
            Source::Cargo(_, base) => base.as_ref(),
            Source::Module(file, _) => Some(file),
        }
    }

    /// Returns whether the project is built by cargo.
    #[must_use]
    pub fn is_cargo(&self) -> bool {
        matches!(self.source, Source::Cargo(..))
    }

    /// Returns the tool chain that compiles the project.
    pub(crate) fn toolchain(&self) -> &'static dyn Toolchain {
        match &self.source {
            Source::Cargo(..) => toolchain::CARGO,
            Source::Module(_, toolchain) => *toolchain,
        }
    }

    /// Returns the name of the language that the project is written in: `rust`, `go`, `python`, `c`, `cpp`, or `command` if its own command
    /// builds it.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.toolchain().name()
    }

    /// Returns the mappings for running and testing the project (`dev` in `[package.metadata.mpp]`).
    #[must_use]
    pub fn dev(&self) -> &DevMappings {
        &self.dev
    }

    /// Returns the place in `Cargo.toml` from which the manifest's value at a JSON pointer was taken, if it was.
    pub(crate) fn place_of(&self, pointer: &str) -> Option<(PathBuf, Place)> {
        let Source::Cargo(_, base) = &self.source else { return None };
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        let member = *parts.first()?;
        if base.as_ref().is_some_and(|base| base.fields.contains_key(member)) {
            return None;
        }
        let file = self.dir.join("Cargo.toml");
        let text = std::fs::read_to_string(&file).ok()?;
        let candidates = manifest_places(&parts);
        let place = candidates.iter().find_map(|steps| Place::find_exactly(&text, steps))?;
        Some((file, place))
    }

    /// Returns the directory for finished packages: `mpp` in cargo's target directory, or `target/mpp` in a project
    /// without cargo.
    #[must_use]
    pub fn output_dir(&self) -> PathBuf {
        match &self.source {
            Source::Cargo(package, _) => package.target_dir.join("mpp"),
            Source::Module(..) => self.dir.join("target").join("mpp"),
        }
    }

    /// Returns the directories that contain the sources of the package, so that a front end can watch them for changes.
    #[must_use]
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.dir.clone()];
        if let Source::Cargo(package, _) = &self.source {
            paths.extend(package.path_dependencies.iter().map(|(_, path)| path.clone()));
        }
        paths
    }
}

/// Returns the paths in `Cargo.toml` that a value of the manifest can come from, the most specific first.
fn manifest_places(parts: &[&str]) -> Vec<Vec<Step>> {
    let in_package = |key: &str| vec![Step::Key("package".to_owned()), Step::Key(key.to_owned())];
    let step = |part: &&str| match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.replace("~1", "/").replace("~0", "~")),
    };
    match parts {
        ["publisher", "verified_key_id"] => vec![Step::in_metadata(["publisher", "key_id"])],
        ["publisher", "name"] => vec![Step::in_metadata(["publisher", "name"]), in_package("authors")],
        ["name"] => vec![Step::in_metadata(["name"]), in_package("name")],
        ["version" | "description" | "license"] => vec![in_package(parts[0])],
        _ => {
            let steps: Vec<Step> = Step::in_metadata([]).into_iter().chain(parts.iter().map(step)).collect();
            let held = steps.len().saturating_sub(1).max(4);
            // A value that is missing is told at the table that should have it.
            vec![steps.clone(), steps[..held.min(steps.len())].to_vec()]
        }
    }
}

/// The project or workspace found, before a member is chosen.
enum Located {
    Cargo(Box<cargo::Workspace>),
    Module(Box<Project>),
}

impl Located {
    fn one(self, name: Option<&str>) -> Result<Project, BuildError> {
        match self {
            Self::Cargo(workspace) => Project::cargo(workspace.member(name)?),
            Self::Module(project) => match name {
                Some(name) if project.name() != name => Err(BuildError::NoSuchMember {
                    name: name.to_owned(),
                    nearest: None,
                    tools: vec![project.name().to_owned()],
                }),
                _ => Ok(*project),
            },
        }
    }
}

#[cfg(test)]
mod proposals;
#[cfg(test)]
mod reference;
