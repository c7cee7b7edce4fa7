//! Creates projects that build, test and run without changes, on a machine that has only this program and the compiler of the language.
//!
//! Templates are real projects named `my-tool`. A new project is a copy under another name, and contains the SDK: crates for Rust, or
//! the sources of the SDK in another language.

use std::path::{Path, PathBuf};

mod embedded;
mod lock;
mod name;
mod place;
mod port;
mod vendor;

pub use port::PortedServer;

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
    /// A command that fetches what the project needs before it can be built.
    pub prepare: Option<&'static str>,
    /// What the tool is written in.
    pub language: Language,
}

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust: the project contains the SDK's crates in `vendor/mpp`.
    Rust,
    /// Another language: the project contains the SDK with this name, in this directory.
    Other {
        /// The name of the language, as its tool chain is called.
        name: &'static str,
        /// The name of the SDK, which is that of its directory in `mpp-sdk/languages`.
        sdk: &'static str,
        /// The directory in the project.
        dir: &'static str,
    },
}

/// All templates; the first one is the default.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "tool",
        summary: "annotated functions (`#[mpp::tool]`), which suit nearly every tool",
        first_call: "--arg name=Ada",
        prepare: None,
        language: Language::Rust,
    },
    Template {
        name: "handler",
        summary: "one function dispatches every call; manifest.json defines the tools",
        first_call: "--arg celsius=21.5",
        prepare: None,
        language: Language::Rust,
    },
    Template {
        name: "go",
        summary: "a tool in Go",
        first_call: "--arg name=Ada",
        prepare: None,
        language: Language::Other { name: "go", sdk: "go", dir: "mpp-sdk" },
    },
    Template {
        name: "python",
        summary: "a tool in Python",
        first_call: "--arg name=Ada",
        prepare: None,
        language: Language::Other { name: "python", sdk: "python", dir: "mpp" },
    },
    Template {
        name: "c",
        summary: "a tool in C",
        first_call: "--arg name=Ada",
        prepare: None,
        language: Language::Other { name: "c", sdk: "c", dir: "vendor/mpp" },
    },
    Template {
        name: "cpp",
        summary: "a tool in C++",
        first_call: "--arg name=Ada",
        prepare: None,
        language: Language::Other { name: "cpp", sdk: "c", dir: "vendor/mpp" },
    },
    Template {
        name: "ts",
        summary: "a tool in TypeScript",
        first_call: "--arg name=Ada",
        prepare: Some("npm install"),
        language: Language::Other { name: "js", sdk: "js", dir: "mpp-sdk" },
    },
    Template {
        name: "js",
        summary: "a tool in JavaScript",
        first_call: "--arg name=Ada",
        prepare: Some("npm install"),
        language: Language::Other { name: "js", sdk: "js", dir: "mpp-sdk" },
    },
];

/// The project to create.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// The directory to create or to fill. Its last component is the name of the project, unless `name` is given.
    pub path: PathBuf,
    /// The name of the project; that of the directory if `None`.
    pub name: Option<String>,
    /// The name of one of [`TEMPLATES`]; the first one if `None`.
    pub template: Option<String>,
    /// The MCP server that the project continues. Its tools replace those of the template.
    pub port: Option<PortedServer>,
}

/// A project that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The name of the project.
    pub name: String,
    /// The directory of the project.
    pub dir: PathBuf,
    /// Arguments for a first `mpp run .`; `None` if every tool needs arguments that only its author knows.
    pub first_call: Option<String>,
    /// A command that fetches what the project needs before it can be built.
    pub prepare: Option<&'static str>,
    /// The language of the project.
    pub language: Language,
    /// The files that the author edits: those outside the SDK, relative to `dir`, sorted.
    pub files: Vec<PathBuf>,
    /// Files of the template that were not written, because the directory has its own, relative to `dir`, sorted.
    pub kept: Vec<PathBuf>,
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
    /// The directory contains something that a project would be mixed up with, or is not a directory.
    #[error("`{}` {}", path.display(), found.as_deref().map_or("is not a directory".to_owned(), |name| format!("is not empty: it contains `{name}`")))]
    NotEmpty {
        /// The directory.
        path: PathBuf,
        /// The entry that is in the way; `None` if `path` is not a directory.
        found: Option<String>,
    },
    /// The template does not exist.
    #[error("there is no template `{name}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Template {
        /// The name that was given.
        name: String,
        /// The most similar name of a template.
        nearest: Option<&'static str>,
    },
    /// The template cannot take the tools of an MCP server.
    #[error("the template `{name}` cannot take the tools of an MCP server")]
    NoPort {
        /// The name of the template.
        name: &'static str,
    },
    /// A file cannot be written.
    #[error("cannot write the project `{}`", path.display())]
    Write {
        /// The directory of the project.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The embedded sources are not valid: the program was built from a broken checkout.
    #[error("the sources that are embedded in this program cannot be read")]
    Embedded(#[from] toml::de::Error),
}

impl Coded for NewError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Name { .. } => &codes::B050,
            Self::NotEmpty { .. } => &codes::B051,
            Self::Template { .. } => &codes::B052,
            Self::NoPort { .. } => &codes::B055,
            Self::Write { .. } | Self::Embedded(_) => &codes::B053,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Name { suggestion, .. } => {
                format!("call the directory `{suggestion}`, or choose the project's name with `--name {suggestion}`")
            }
            Self::NotEmpty { found: None, .. } => "choose another directory".to_owned(),
            Self::NotEmpty { found: Some(_), .. } => {
                "choose another directory, or move this entry away; a repository, a README, a licence and the settings of \
                 editors can stay"
                    .to_owned()
            }
            Self::Template { .. } => {
                let known: Vec<_> = TEMPLATES.iter().map(|t| format!("`{}` ({})", t.name, t.summary)).collect();
                format!("available templates: {}", known.join(", "))
            }
            Self::NoPort { .. } => {
                let known = TEMPLATES.iter().filter(|template| port::layout(template.name).is_some());
                let known: Vec<_> = known.map(|template| format!("`{}`", template.name)).collect();
                format!("templates for `--from-mcp`: {}; without `--template`, the project is in Rust", known.join(", "))
            }
            Self::Write { .. } => {
                "the directory was not changed; correct the problem and try again".to_owned()
            }
            Self::Embedded(_) => "this is an internal error; please report it".to_owned(),
        }
    }
}

/// Creates a project, completely or not at all.
///
/// A directory that exists is filled; nothing in it is overwritten or removed. See [`NewError::NotEmpty`].
///
/// # Errors
/// Returns [`NewError`] if the request is not valid, or the files cannot be written.
pub fn new_project(request: &NewProject) -> Result<Created, NewError> {
    let dir = place::absolute(&request.path).map_err(|source| failed(&request.path, source))?;
    let of_dir = || dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = request.name.clone().unwrap_or_else(of_dir);
    name::check(&name)?;
    let template = find_template(request.template.as_deref())?;
    let not_empty = |found| NewError::NotEmpty { path: dir.clone(), found };
    let existing = match place::entries(&dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Err(not_empty(None)),
        entries => entries.map_err(|source| failed(&request.path, source))?,
    };
    if let Some(found) = existing.iter().flatten().find(|name| !place::is_harmless(name)) {
        return Err(not_empty(Some(found.clone())));
    }
    let template_files =
        template_files(template.name).map(|(path, text)| ((*path).to_owned(), text.replace(PLACEHOLDER, &name)));
    let mut files: Vec<(String, String)> = match &request.port {
        Some(server) => {
            let layout = port::layout(template.name).filter(|layout| layout.language() == server.port.language);
            let layout = layout.ok_or(NewError::NoPort { name: template.name })?;
            port::files(layout, server, &name, template_files)
        }
        None => template_files.collect(),
    };
    let sdk = match template.language {
        Language::Rust => {
            let crates = vendor::crates()?;
            files.push((".cargo/config.toml".to_owned(), cargo_config()));
            files.push(("Cargo.lock".to_owned(), lock::of_project(&name, DIRECT, &crates)?));
            vendor::files(&crates)
        }
        Language::Other { sdk, dir, .. } => sdk_files(sdk, dir),
    };
    files.sort();
    let has = |path: &str| existing.as_ref().is_some_and(|names| names.contains(path));
    let (kept, mut files): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| has(path));
    let shown = files.iter().map(|(path, _)| PathBuf::from(path)).collect();
    files.extend(sdk);
    let written = if existing.is_some() { place::fill(&dir, &files) } else { place::create(&dir, &files) };
    written.map_err(|source| failed(&request.path, source))?;
    let kept = kept.into_iter().map(|(path, _)| PathBuf::from(path)).collect();
    let first_call = match &request.port {
        Some(server) => server.first_call(),
        None => Some(template.first_call.to_owned()),
    };
    let Template { prepare, language, .. } = *template;
    Ok(Created { name, dir, first_call, prepare, language, files: shown, kept })
}

/// Returns the language in which the tools of an MCP server are written for a template; that of the first one for `None`.
///
/// # Errors
/// Returns [`NewError`] if there is no such template, or it cannot take the tools of a server.
pub fn port_language(template: Option<&str>) -> Result<mpp_mcp::scaffold::Language, NewError> {
    let template = find_template(template)?;
    let layout = port::layout(template.name).ok_or(NewError::NoPort { name: template.name })?;
    Ok(layout.language())
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

/// Returns the files of an SDK in another language, in a directory of the project.
fn sdk_files(sdk: &str, dir: &str) -> Vec<(String, String)> {
    let sources = embedded::LANGUAGES.iter().filter(|(name, _)| *name == sdk).flat_map(|(_, files)| *files);
    sources.map(|(path, text)| (format!("{dir}/{path}"), (*text).to_owned())).collect()
}

/// Returns the descriptions in the templates, which an author is expected to replace.
pub(crate) fn descriptions() -> Vec<&'static str> {
    let files = embedded::TEMPLATES.iter().flat_map(|(_, files)| *files);
    let mut found = Vec::new();
    for (path, text) in files {
        if path.ends_with(".toml") || path.ends_with(".json") {
            let values = text.lines().filter_map(|line| line.trim().split_once("description"));
            let values = values
                .filter_map(|(_, rest)| rest.split_once(['=', ':'])?.1.trim().strip_prefix('"')?.split('"').next());
            found.extend(values);
        } else if path.ends_with(".rs") {
            let lines: Vec<&str> = text.lines().collect();
            let pairs = lines.windows(2).filter(|pair| pair[1].starts_with("#[mpp::tool"));
            found.extend(pairs.filter_map(|pair| pair[0].strip_prefix("/// ")));
        }
    }
    found
}

fn cargo_config() -> String {
    let mut text = "# The SDK is not on crates.io yet: cargo takes it from here.\n[patch.crates-io]\n".to_owned();
    for name in VENDORED {
        text.push_str(&format!("{name} = {{ path = \"{}/{name}\" }}\n", vendor::DIR));
    }
    text
}

fn failed(path: &Path, source: std::io::Error) -> NewError {
    NewError::Write { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
