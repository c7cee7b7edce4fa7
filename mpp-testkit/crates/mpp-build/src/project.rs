//! Finds the project: a Cargo package with a tool program, or a directory with a `manifest.json`.

use std::path::{Path, PathBuf};

mod cargo;
pub(crate) mod keys;
mod manifest_file;
pub(crate) mod metadata;

pub(crate) use self::cargo::{CargoProject, label};
pub use self::keys::KeyError;
pub(crate) use self::manifest_file::ManifestFile;
pub use self::metadata::Dev;
use crate::error::BuildError;

/// One project that makes one package.
#[derive(Debug, Clone)]
pub struct Project {
    dir: PathBuf,
    dev: Dev,
    pub(crate) source: Source,
}

/// Where the module comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A Cargo package, with the `manifest.json` beside it if there is one.
    Cargo(Box<CargoProject>, Option<ManifestFile>),
    /// A module that is there, or that a command makes.
    Module(ManifestFile),
}

impl Project {
    /// The project in `dir`, or in the nearest directory above it that has a `Cargo.toml` or a `manifest.json`.
    ///
    /// `dir` may also be one of these two files. At the root of a workspace the only member that is a tool is meant.
    ///
    /// # Errors
    /// There is no project; it is a workspace with several tools; `Cargo.toml`, `[package.metadata.mpp]` or
    /// `manifest.json` cannot be read.
    pub fn find(dir: &Path) -> Result<Self, BuildError> {
        Self::locate(dir)?.one(None)
    }

    /// The workspace member `name` (`-p NAME`), searched from `dir`.
    ///
    /// # Errors
    /// As [`Project::find`]; also, the workspace has no such member.
    pub fn find_package(dir: &Path, name: &str) -> Result<Self, BuildError> {
        Self::locate(dir)?.one(Some(name))
    }

    /// Every member of the workspace that is a tool (`--workspace`), by name; elsewhere the one project.
    ///
    /// # Errors
    /// As [`Project::find`]; also, none is a tool.
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
                let project = Self { dir: dir.to_owned(), dev: Dev::default(), source: Source::Module(file) };
                return Ok(Located::Module(Box::new(project)));
            }
        }
        Err(BuildError::NoProject { dir: start })
    }

    fn cargo(package: CargoProject) -> Result<Self, BuildError> {
        let base = ManifestFile::read(&package.dir)?;
        Ok(Self {
            dir: package.dir.clone(),
            dev: package.metadata.dev.clone(),
            source: Source::Cargo(Box::new(package), base),
        })
    }

    /// The project's directory, absolute.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The package's name, as the manifest will have it where it is valid.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.source {
            Source::Cargo(package, base) => base.as_ref().and_then(|b| b.text("name")).unwrap_or(&package.tool_name),
            Source::Module(file) => file.text("name").unwrap_or_default(),
        }
    }

    /// The package's version.
    #[must_use]
    pub fn version(&self) -> &str {
        match &self.source {
            Source::Cargo(package, base) => base.as_ref().and_then(|b| b.text("version")).unwrap_or(&package.version),
            Source::Module(file) => file.text("version").unwrap_or_default(),
        }
    }

    /// Whether cargo builds it.
    #[must_use]
    pub fn is_cargo(&self) -> bool {
        matches!(self.source, Source::Cargo(..))
    }

    /// Mappings for running from the project (`dev` in `[package.metadata.mpp]`), never packed.
    #[must_use]
    pub fn dev(&self) -> &Dev {
        &self.dev
    }

    /// Where finished packages go: `mpp` in cargo's target directory, or `target/mpp` of a project without cargo.
    #[must_use]
    pub fn output_dir(&self) -> PathBuf {
        match &self.source {
            Source::Cargo(package, _) => package.target_dir.join("mpp"),
            Source::Module(_) => self.dir.join("target").join("mpp"),
        }
    }

    /// What to watch for changes: directories and files that the package is made from.
    #[must_use]
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.dir.clone()];
        if let Source::Cargo(package, _) = &self.source {
            paths.extend(package.path_dependencies.iter().map(|(_, path)| path.clone()));
        }
        paths
    }
}

/// What was found before a package was chosen.
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
