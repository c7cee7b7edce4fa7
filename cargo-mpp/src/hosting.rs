//! The host library, configured for this process: one call at a time, and modules compiled in a child process.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mpp_home::{FileError, Launcher, LauncherBuilder};
use mpp_host::codes::{Code, Coded};
use mpp_host::sandbox::network::{CertificateError, NetworkSettings};
use mpp_host::sandbox::{Compile, CompileError, DEFAULT_COMPILE_LIMIT};
use mpp_host::text::without_byte_order_mark;
use mpp_host::{Host, HostBuilder};

use crate::cli::COMPILE_CHILD;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::interrupt;
use crate::session::Session;
use crate::ui::Ui;

/// Files with the certificates of the authorities that systems trust.
const AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// The error returned when the certificates in a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificates in `{}` cannot be used", path.display())]
pub(crate) struct CertificatesError {
    /// The file.
    path: PathBuf,
    /// The reason.
    source: CertificateError,
}

impl Coded for CertificatesError {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

impl Explain for CertificatesError {
    fn place(&self) -> Option<String> {
        Some(self.path.display().to_string())
    }
}

/// Creates a host that compiles and describes modules, and keeps compiled code in the cache of the home directory.
///
/// # Errors
/// Returns an error if the sandbox cannot start on this machine.
pub(crate) fn host(session: &Session, ui: &Arc<Ui>) -> Result<Host, Error> {
    let home = session.home();
    let builder = Host::builder().cache_dir(home.cache_dir()).state_dir(home.state_dir());
    Ok(configured(builder, session, ui).build()?)
}

/// Returns the launcher of a run, which also trusts the certificates in these files.
///
/// # Errors
/// Returns an error if a file of the home directory or of the certificates cannot be read.
pub(crate) fn launcher(session: &Session, ui: &Arc<Ui>, certificates: &[PathBuf]) -> Result<LauncherBuilder, Error> {
    let builder = Launcher::builder(session.home().clone())?;
    let network = network(session, certificates)?;
    Ok(builder.host(|host| configured(host, session, ui).network(network)))
}

/// Configures a host for one call at a time, with modules compiled in a child process.
fn configured(builder: HostBuilder, session: &Session, ui: &Arc<Ui>) -> HostBuilder {
    let builder = builder.instances(1);
    match session.own_program() {
        Some(program) => {
            builder.compiler(Arc::new(ChildCompiler { program, ui: Arc::clone(ui), limit: DEFAULT_COMPILE_LIMIT }))
        }
        None => builder,
    }
}

/// Returns the network settings, which also trust the certificates in these files.
fn network(session: &Session, certificates: &[PathBuf]) -> Result<NetworkSettings, Error> {
    let mut settings = NetworkSettings::new();
    for file in certificates {
        let path = session.resolve(file);
        let pem = std::fs::read(&path).map_err(|source| FileError::read("the certificates", &path, source))?;
        settings = settings
            .root_certificates(without_byte_order_mark(&pem))
            .map_err(|source| CertificatesError { path, source })?;
    }
    Ok(settings)
}

/// Returns the certificates of the authorities that this user or this system trusts, in PEM.
pub(crate) fn authorities(session: &Session) -> String {
    let chosen = session.variable("SSL_CERT_FILE").map(PathBuf::from);
    let files = chosen.into_iter().chain(AUTHORITIES.iter().map(PathBuf::from));
    files.filter_map(|file| std::fs::read_to_string(file).ok()).next().unwrap_or_default()
}

/// Returns the certificates of [`authorities`], and those in these files, in PEM.
pub(crate) fn authorities_and(session: &Session, certificates: &[PathBuf]) -> Result<String, FileError> {
    let mut pem = authorities(session);
    for file in certificates {
        let path = session.resolve(file);
        let more =
            std::fs::read_to_string(&path).map_err(|source| FileError::read("the certificates", &path, source))?;
        pem.push('\n');
        pem.push_str(&more);
    }
    Ok(pem)
}

/// Compiles in a child process, which is killed if it takes too long.
#[derive(Debug)]
struct ChildCompiler {
    program: PathBuf,
    ui: Arc<Ui>,
    limit: Duration,
}

impl Compile for ChildCompiler {
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError> {
        interrupt::watch();
        self.ui.progress_once("Compiling", "the module to machine code (cached for later runs)");
        let mut child = Command::new(&self.program)
            .arg(COMPILE_CHILD)
            .env_clear()
            .env("MPP_HOME", "/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(CompileError::not_run)?;
        let end = talk(&mut child, module, self.limit);
        // The child must not outlive this call. If it responded, it has already ended.
        let _ = child.kill();
        let status = child.wait().map_err(CompileError::not_run)?;
        self.ui.progress_done();
        match end? {
            (code, _) if status.success() => Ok(code),
            (_, reason) if status.code() == Some(i32::from(Exit::Tool.code())) => {
                Err(CompileError::refused(reason.trim()))
            }
            (_, reason) => Err(CompileError::not_run(format!("{status}: {}", reason.trim()))),
        }
    }
}

/// Sends the module to the child and reads its response, within the time limit.
fn talk(child: &mut Child, module: &[u8], limit: Duration) -> Result<(Vec<u8>, String), CompileError> {
    let module = module.to_vec();
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early closes the pipe; its exit status tells why.
        std::thread::spawn(move || drop(stdin.write_all(&module)));
    }
    let (code, reason) = (read(child.stdout.take()), read(child.stderr.take()));
    let late = |_| CompileError::TimeLimit { limit };
    let code = code.recv_timeout(limit).map_err(late)?;
    let reason = reason.recv_timeout(limit).map_err(late)?;
    child.wait().map_err(CompileError::not_run)?;
    Ok((code, String::from_utf8_lossy(&reason).into_owned()))
}

fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // If reading fails, the bytes read so far are the response.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // After the time limit there is no receiver.
        let _ = sender.send(bytes);
    });
    receiver
}
