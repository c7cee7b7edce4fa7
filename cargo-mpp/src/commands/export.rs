//! `mpp export --mcpb`: a package as a bundle that desktop clients install.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_home::FileError;
use mpp_home::files::Access;
use mpp_host::atomic_file::StagedFile;
use mpp_host::codes::{Code, Coded};
use mpp_host::package::UnverifiedPackage;
use mpp_mcp::bundle::{Bundle, BundleError};

use crate::cli::ExportArgs;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::packages::{self, PackageError};
use crate::reports::serve::Exported;
use crate::session::Session;
use crate::ui::Ui;
use crate::{building, interrupt};

/// The error returned when a bundle cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be written", path.display())]
pub(crate) struct NotWritten {
    path: PathBuf,
    source: BundleError,
}

impl Coded for NotWritten {
    fn code(&self) -> &'static Code {
        &mpp_home::codes::C003
    }
}

impl Explain for NotWritten {
    fn place(&self) -> Option<String> {
        Some(self.path.display().to_string())
    }
}

/// Verifies the package and writes the bundle.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &ExportArgs) -> Result<Exit, Error> {
    let path = building::file_at(session, ui, &args.select, &args.target)?;
    let bytes = packages::read_bytes(&path)?;
    let verified = packages::gatekeeper().verify(UnverifiedPackage::new(bytes.clone())).outcome;
    let package = verified.map_err(|refusal| PackageError::refused(&path, refusal))?;
    let manifest = package.manifest();
    let mut bundle = Bundle::new(manifest, bytes.as_slice());
    if let Some(platform) = &args.platform {
        bundle.platform.clone_from(platform);
    }
    bundle.args = vec!["serve".to_owned(), Bundle::PACKAGE_PATH.to_owned()];
    bundle.args.extend(["--accept-content".to_owned(), package.content_hash().to_string()]);
    for name in &manifest.capabilities.env_vars {
        bundle.args.extend(["--env".to_owned(), name.clone()]);
    }
    let files = &manifest.capabilities.filesystem;
    let mut paths: Vec<&String> = files.read.iter().chain(&files.write).collect();
    paths.sort_unstable();
    paths.dedup();
    for guest in paths {
        bundle.args.extend(["--dir".to_owned(), format!("{guest}={}", Bundle::setting(guest))]);
    }
    let output = match &args.output {
        Some(output) => session.resolve(output),
        None => session.resolve(Path::new(&format!("{}-{}.mcpb", manifest.name, manifest.version))),
    };
    let program = match &args.program {
        Some(program) => Some(session.resolve(program)),
        None => session.installed_program(),
    };
    let program = program.unwrap_or_else(|| PathBuf::from("mpp"));
    let mut source = File::open(&program).map_err(|source| FileError::read("the program", &program, source))?;
    ui.progress("Writing", &session.shown(&output), true);
    write(&bundle, &mut source, &output)?;
    ui.progress_done();
    let bytes = std::fs::metadata(&output).map_or(0, |metadata| metadata.len());
    ui.show(&Exported {
        path: output,
        bytes,
        package_id: manifest.package_id.clone(),
        version: manifest.version.to_string(),
        content_hash: *package.content_hash(),
        platform: bundle.platform,
    })?;
    Ok(Exit::Done)
}

/// Writes the bundle beside its place and renames it.
fn write(bundle: &Bundle<'_>, program: &mut File, output: &Path) -> Result<(), Error> {
    let failed = |source| FileError::write(output, source);
    let staged = StagedFile::new(output, Access::Shared.mode()).map_err(failed)?;
    let _guard = interrupt::remove_on_interrupt(staged.path());
    interrupt::watch();
    let file = File::options().write(true).open(staged.path()).map_err(failed)?;
    bundle.write(program, file).map_err(|source| NotWritten { path: output.to_owned(), source })?;
    staged.persist().map_err(failed)?;
    Ok(())
}
