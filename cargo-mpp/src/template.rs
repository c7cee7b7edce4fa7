//! Creates projects that build, test and run without changes, on a machine that has only this program and Rust.
//!
//! Templates are real projects named `my-tool`. A new project is a copy under another name, and contains the SDK's crates.

use std::path::{Path, PathBuf};

mod embedded;
mod lock;
mod name;
mod vendor;

use mpp_host::codes::{Code, Coded};
use mpp_sdk::wire::nearest;

use crate::codes;

/// The name of every template, which is replaced by that of the project.
const PLACEHOLDER: &str = "my-tool";
/// The vendored crates that every project depends on: the SDK, and the testkit for its tests.
const VENDORED: &[&str] = &["mpp-sdk", "mpp-testkit"];
/// All dependencies in the Cargo.toml of a template.
const DIRECT: &[&str] = &["mpp-sdk", "mpp-testkit", "serde_json"];

/// A template of `mpp new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The name, which is a value of `--template`.
    pub name: &'static str,
    /// A description in one line.
    pub summary: &'static str,
    /// Arguments for a first `mpp run .`.
    pub first_call: &'static str,
}

/// All templates; the first one is the default.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "tool",
        summary: "annotated functions (`#[mpp::tool]`), right for nearly every tool",
        first_call: "--arg name=Ada",
    },
    Template {
        name: "handler",
        summary: "one function dispatches every call; manifest.json defines the tools",
        first_call: "--arg celsius=21.5",
    },
];

/// The project to create.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// The directory to create. Its last component is the name of the project.
    pub path: PathBuf,
    /// The name of one of [`TEMPLATES`]; the first one if `None`.
    pub template: Option<String>,
}

/// A project that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The name of the project.
    pub name: String,
    /// The directory of the project.
    pub dir: PathBuf,
    /// Arguments for a first `mpp run .`.
    pub first_call: &'static str,
    /// The files that the author edits: those outside `vendor`, relative to `dir`, sorted.
    pub files: Vec<PathBuf>,
}

/// The error returned when a project cannot be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NewError {
    /// The name is not valid.
    #[error("`{name}` cannot be a project's name: {reason}")]
    Name {
        /// The name that was given.
        name: String,
        /// The reason.
        reason: &'static str,
        /// A similar name that is valid.
        suggestion: String,
    },
    /// The directory exists and is not empty.
    #[error("`{}` exists and is not empty", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The template does not exist.
    #[error("there is no template `{name}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Template {
        /// The name that was given.
        name: String,
        /// The most similar name of a template.
        nearest: Option<&'static str>,
    },
    /// A file cannot be written.
    #[error("cannot write the project `{}`: {source}", path.display())]
    Write {
        /// The directory of the project.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The embedded sources are not valid: the program was built from a broken checkout.
    #[error("the sources inside this program cannot be read")]
    Embedded(#[from] toml::de::Error),
}

impl Coded for NewError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Name { .. } => &codes::B050,
            Self::NotEmpty { .. } => &codes::B051,
            Self::Template { .. } => &codes::B052,
            Self::Write { .. } | Self::Embedded(_) => &codes::B053,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Name { suggestion, .. } => format!("try `cargo mpp new {suggestion}`"),
            Self::NotEmpty { .. } => "choose another name, or move what is there".to_owned(),
            Self::Template { .. } => {
                let known: Vec<_> = TEMPLATES.iter().map(|t| format!("`{}` ({})", t.name, t.summary)).collect();
                format!("the templates are {}", known.join(" and "))
            }
            Self::Write { .. } => {
                "nothing half-written was left behind; correct what the system complains about and try again".to_owned()
            }
            Self::Embedded(_) => "this is a bug of ours: please report it".to_owned(),
        }
    }
}

/// Creates a project. It is written to a temporary directory and then renamed, so that it is created completely or not at all.
///
/// # Errors
/// Returns [`NewError`] if the request is not valid, or the files cannot be written.
pub fn new_project(request: &NewProject) -> Result<Created, NewError> {
    let dir = std::path::absolute(&request.path).map_err(|source| failed(&request.path, source))?;
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name::check(&name)?;
    let template = find_template(request.template.as_deref())?;
    if dir.is_file() || dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(NewError::NotEmpty { path: request.path.clone() });
    }
    let mut files: Vec<(String, String)> = template_files(template.name)
        .map(|(path, text)| ((*path).to_owned(), text.replace(PLACEHOLDER, &name)))
        .collect();
    let crates = vendor::crates()?;
    files.push((".cargo/config.toml".to_owned(), cargo_config()));
    files.extend(lock::of_project(&name, DIRECT, &crates)?.map(|text| ("Cargo.lock".to_owned(), text)));
    files.sort();
    let shown = files.iter().map(|(path, _)| PathBuf::from(path)).collect();
    files.extend(vendor::files(&crates));
    write_whole(&dir, &files).map_err(|source| failed(&request.path, source))?;
    Ok(Created { name, dir, first_call: template.first_call, files: shown })
}

fn find_template(name: Option<&str>) -> Result<&'static Template, NewError> {
    let found = TEMPLATES.iter().find(|template| name.is_none_or(|name| template.name == name));
    found.ok_or_else(|| {
        let name = name.unwrap_or_default().to_owned();
        let nearest = nearest(&name, TEMPLATES.iter().map(|template| template.name));
        NewError::Template { name, nearest }
    })
}

fn template_files(name: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    embedded::TEMPLATES.iter().filter(move |(found, _)| *found == name).flat_map(|(_, files)| *files)
}

fn cargo_config() -> String {
    let mut text = "# The SDK is not on crates.io yet: cargo takes it from here.\n[patch.crates-io]\n".to_owned();
    for name in VENDORED {
        text.push_str(&format!("{name} = {{ path = \"{}/{name}\" }}\n", vendor::DIR));
    }
    text
}

fn write_whole(dir: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    let parent = dir.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let temp = tempfile::Builder::new().prefix(".mpp-new-").tempdir_in(parent)?;
    // The temporary directory is only accessible to the user. The project inside it gets the usual permissions.
    let whole = temp.path().join("project");
    for (path, text) in files {
        let path = whole.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    if dir.is_dir() {
        std::fs::remove_dir(dir)?;
    }
    std::fs::rename(&whole, dir)
}

fn failed(path: &Path, source: std::io::Error) -> NewError {
    NewError::Write { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
