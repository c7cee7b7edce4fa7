//! Cargo projects: selects the workspace member and the binary, and reads `Cargo.toml`.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand, Package, TargetKind};
use mpp_sdk::wire::nearest;

use super::metadata::Metadata;
use crate::cargo::env;
use crate::cargo_failure::CargoFailure;
use crate::error::BuildError;

/// A Cargo package that contains a tool.
#[derive(Debug, Clone)]
pub(crate) struct CargoProject {
    pub(crate) dir: PathBuf,
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_dir: PathBuf,
    /// Name of the Cargo package.
    pub(crate) package: String,
    /// Id of the Cargo package, which unlike its name is unique among all packages of a build.
    pub(crate) id: String,
    /// Name of the MPP package, as in the manifest.
    pub(crate) tool_name: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) bins: Vec<String>,
    pub(crate) default_run: Option<String>,
    /// Names of the direct dependencies that are linked into the tool, before any renaming.
    pub(crate) dependencies: Vec<String>,
    pub(crate) path_dependencies: Vec<(String, PathBuf)>,
    /// The `Cargo.toml` files of the workspace.
    pub(crate) manifests: Vec<PathBuf>,
    pub(crate) metadata: Metadata,
}

impl CargoProject {
    /// Returns the name of the binary that becomes the module.
    pub(crate) fn binary(&self, asked: Option<&str>) -> Result<&str, BuildError> {
        let package = self.package.clone();
        let bins = self.bins.clone();
        if let Some(name) = asked.or(self.metadata.bin.as_deref()) {
            let found = self.bins.iter().find(|bin| *bin == name);
            return found.map(String::as_str).ok_or(BuildError::NoSuchBinary { package, name: name.to_owned(), bins });
        }
        match (self.default_run.as_deref(), self.bins.as_slice()) {
            (_, []) => Err(BuildError::NoBinary { package }),
            (_, [only]) => Ok(only),
            (Some(run), _) => Ok(run),
            (None, _) => Err(BuildError::ChooseBinary { package, bins }),
        }
    }
}

/// A workspace as described by `cargo metadata`. A single package is a workspace, too.
pub(crate) struct Workspace {
    dir: PathBuf,
    metadata: cargo_metadata::Metadata,
}

impl Workspace {
    /// Runs `cargo metadata` in `dir`. Dependencies are neither resolved nor downloaded.
    pub(crate) fn read(dir: &Path) -> Result<Self, BuildError> {
        let mut command = env::cargo();
        command.current_dir(dir).args(["metadata", "--no-deps", "--format-version", "1"]);
        let output =
            command.output().map_err(|source| BuildError::ProgramMissing { program: "cargo".to_owned(), source })?;
        let refused = |output: String| BuildError::CargoMetadata { dir: dir.to_owned(), output };
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(match CargoFailure::of(&output) {
                // The message of rustup says the same, with a backtrace of rustup where backtraces are on.
                Some(failure @ CargoFailure::NoToolchain { .. }) => {
                    BuildError::Cargo { project: dir.display().to_string(), failure, output: String::new() }
                }
                Some(failure) => BuildError::Cargo { project: dir.display().to_string(), failure, output },
                None => refused(output),
            });
        }
        let metadata =
            MetadataCommand::parse(String::from_utf8_lossy(&output.stdout)).map_err(|e| refused(e.to_string()))?;
        Ok(Self { dir: dir.to_owned(), metadata })
    }

    /// Returns the member `name`; without a name, the package in the directory or the only tool of the workspace.
    pub(crate) fn member(&self, name: Option<&str>) -> Result<CargoProject, BuildError> {
        let members = self.metadata.workspace_packages();
        let tools: Vec<String> = self.tool_names();
        if let Some(name) = name {
            let names = members.iter().map(|p| p.name.as_str());
            return match members.iter().find(|p| p.name.as_str() == name) {
                Some(package) => self.project(package),
                None => Err(BuildError::NoSuchMember {
                    name: name.to_owned(),
                    nearest: nearest(name, names).map(str::to_owned),
                    tools,
                }),
            };
        }
        let here = members.iter().find(|p| p.manifest_path.parent().is_some_and(|d| d.as_std_path() == self.dir));
        let at_root = self.dir == self.metadata.workspace_root.as_std_path();
        match (here, tools.as_slice()) {
            // A root package that is not a tool does not hide members that are.
            (Some(package), tools) if is_tool(package) || tools.is_empty() || !at_root => self.project(package),
            (_, [only]) => self.member(Some(only)),
            _ => Err(BuildError::ChooseMember { root: self.dir.clone(), tools }),
        }
    }

    /// Returns the names of all members that are tools, or an error if there are none.
    pub(crate) fn tools(&self) -> Result<Vec<String>, BuildError> {
        let tools = self.tool_names();
        if tools.is_empty() { Err(BuildError::ChooseMember { root: self.dir.clone(), tools }) } else { Ok(tools) }
    }

    fn tool_names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.metadata.workspace_packages().into_iter().filter(|p| is_tool(p)).map(|p| p.name.to_string()).collect();
        names.sort();
        names
    }

    fn manifests(&self) -> Vec<PathBuf> {
        let members = self.metadata.workspace_packages().into_iter().map(|member| member.manifest_path.clone().into());
        let root = self.metadata.workspace_root.as_std_path().join("Cargo.toml");
        let mut manifests: Vec<PathBuf> = members.chain([root]).collect();
        manifests.sort();
        manifests.dedup();
        manifests
    }

    fn project(&self, package: &Package) -> Result<CargoProject, BuildError> {
        let manifest_path = package.manifest_path.as_std_path();
        let dir = manifest_path.parent().unwrap_or(&self.dir).to_owned();
        let metadata =
            Metadata::read(&package.metadata, &dir).map_err(|error| BuildError::key(manifest_path, error))?;
        let linked = || package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        Ok(CargoProject {
            workspace_root: self.metadata.workspace_root.clone().into_std_path_buf(),
            target_dir: self.metadata.target_directory.clone().into_std_path_buf(),
            package: package.name.to_string(),
            id: package.id.repr.clone(),
            tool_name: metadata.name.clone().unwrap_or_else(|| label(&package.name)),
            version: package.version.to_string(),
            description: package.description.as_deref().map(one_line).filter(|text| !text.is_empty()),
            license: package.license.clone(),
            author: package.authors.first().map(|a| a.split('<').next().unwrap_or_default().trim().to_owned()),
            bins: bins(package),
            default_run: package.default_run.clone(),
            dependencies: linked().map(|d| d.name.clone()).collect(),
            path_dependencies: linked()
                .filter_map(|d| d.path.as_ref().map(|path| (d.name.clone(), path.clone().into_std_path_buf())))
                .collect(),
            manifests: self.manifests(),
            metadata,
            dir,
        })
    }
}

/// Returns whether a member is a tool: it has `[package.metadata.mpp]`, or it has a binary and depends on the SDK.
fn is_tool(package: &Package) -> bool {
    // Hosts depend on the SDK for its wire types, without the feature `tool`.
    let links_sdk = package.dependencies.iter().any(|d| {
        d.kind == DependencyKind::Normal
            && d.name == "mpp-sdk"
            && (d.uses_default_features || d.features.iter().any(|feature| feature == "tool"))
    });
    package.metadata.get("mpp").is_some() || (links_sdk && !bins(package).is_empty())
}

fn bins(package: &Package) -> Vec<String> {
    package.targets.iter().filter(|t| t.is_kind(TargetKind::Bin)).map(|t| t.name.clone()).collect()
}

/// Converts `name` to a label of a package id, which consists of `[a-z0-9-]`.
pub(crate) fn label(name: &str) -> String {
    let mapped: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    mapped.trim_matches('-').to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
