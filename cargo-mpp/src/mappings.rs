//! The options `--dir` and `--env` as a request for mappings.

use std::path::Path;

use mpp_build::DevMappings;
use mpp_home::MappingRequest;
use mpp_host::codes::{Code, Coded};

use crate::cli::GrantArgs;
use crate::error::Explain;
use crate::session::Session;

/// The error returned when a `--dir` option is not a mapping.
#[derive(Debug, thiserror::Error)]
#[error("`--dir {given}` is not a mapping: expected GUEST=HOST")]
pub(crate) struct NotAMapping {
    given: String,
}

impl Coded for NotAMapping {
    fn code(&self) -> &'static Code {
        &mpp_home::codes::C009
    }
}

impl Explain for NotAMapping {
    fn place(&self) -> Option<String> {
        Some("--dir".to_owned())
    }

    fn advice(&self) -> String {
        "for example: --dir /data=./data".to_owned()
    }
}

/// Returns the mappings that the options ask for. `dev` are the mappings of the project.
///
/// # Errors
/// Returns [`NotAMapping`] if a `--dir` option has no `=`.
pub(crate) fn of_options(
    session: &Session,
    given: &GrantArgs,
    dev: Option<&DevMappings>,
) -> Result<MappingRequest, NotAMapping> {
    request(session, (&given.dir, &given.env), dev)
}

/// Returns the mappings that these values of `--dir` and `--env` ask for. `dev` are the mappings of the project.
///
/// # Errors
/// Returns [`NotAMapping`] if a `--dir` option has no `=`.
pub(crate) fn request(
    session: &Session,
    (dirs, env): (&[String], &[String]),
    dev: Option<&DevMappings>,
) -> Result<MappingRequest, NotAMapping> {
    let mut request = MappingRequest::default();
    for given in dirs {
        let (guest, host) = given.split_once('=').ok_or_else(|| NotAMapping { given: given.clone() })?;
        request.dirs.push((guest.to_owned(), session.resolve(Path::new(host))));
    }
    for given in env {
        match given.split_once('=') {
            _ if given == "-" => request.no_env = true,
            Some((name, value)) => request.env.push((name.to_owned(), Some(value.to_owned()))),
            None => request.env.push((given.clone(), None)),
        }
    }
    if let Some(dev) = dev {
        request.project_dirs.clone_from(&dev.dirs);
        request.project_env.clone_from(&dev.env);
    }
    Ok(request)
}
