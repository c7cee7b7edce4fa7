//! The host library, set up for this process: one call at a time, compiling in a child process.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use mpp_host::audit::AuditLog;
use mpp_host::clock::SystemClock;
use mpp_host::policy::Policy;
use mpp_host::sandbox::network::NetworkSettings;
use mpp_host::sandbox::{Compile, CompileError, DEFAULT_COMPILE_LIMIT};
use mpp_host::{Host, HostBuilder};

use crate::cli::COMPILE_CHILD;
use crate::error::Error;
use crate::interrupt;
use crate::session::Session;
use crate::ui::Ui;

/// A host that compiles and describes modules and keeps compiled code in `MPP_HOME/cache`.
///
/// # Errors
/// Where the sandbox cannot start on this machine.
pub(crate) fn host(session: &Session, ui: &Arc<Ui>) -> Result<Host, Error> {
    Ok(builder(session, ui).build()?)
}

/// The same for calls, before it starts: under the user's policy, and each recorded in `MPP_HOME/audit`.
pub(crate) fn for_calls(session: &Session, ui: &Arc<Ui>, policy: &Policy, network: NetworkSettings) -> HostBuilder {
    let audit = Arc::new(AuditLog::new(audit_dir(session)));
    builder(session, ui).network(network).forced_patterns(policy.forced_patterns()).audit(audit)
}

/// Where calls are recorded.
pub(crate) fn audit_dir(session: &Session) -> PathBuf {
    session.home().join("audit")
}

fn builder(session: &Session, ui: &Arc<Ui>) -> HostBuilder {
    let mut builder = Host::builder()
        .clock(Arc::new(SystemClock::new()))
        .instances(1)
        .cache_dir(session.home().join("cache"))
        .state_dir(session.state_dir());
    if let Some(program) = session.own_program() {
        builder =
            builder.compiler(Arc::new(ChildCompiler { program, ui: Arc::clone(ui), limit: DEFAULT_COMPILE_LIMIT }));
    }
    builder
}

/// The way to the network, with the certificates in these files trusted besides the usual ones.
///
/// # Errors
/// Where a file cannot be read or holds no certificate.
pub(crate) fn network(session: &Session, certificates: &[PathBuf]) -> Result<NetworkSettings, Error> {
    let mut settings = NetworkSettings::new();
    for file in certificates {
        let path = session.resolve(file);
        let pem = std::fs::read(&path).map_err(|source| Error::read("the certificates", &path, source))?;
        settings = settings.root_certificates(&pem).map_err(|source| Error::Certificates { path, source })?;
    }
    Ok(settings)
}

/// Compiles in a child process, which is ended when it takes too long.
#[derive(Debug)]
struct ChildCompiler {
    program: PathBuf,
    ui: Arc<Ui>,
    limit: Duration,
}

impl Compile for ChildCompiler {
    fn compile(&self, module: &[u8]) -> Result<Vec<u8>, CompileError> {
        interrupt::watch();
        self.ui.progress("Compiling", "the module to machine code (kept for later runs)", true);
        let mut child = Command::new(&self.program)
            .arg(COMPILE_CHILD)
            .env_clear()
            .env("MPP_HOME", "/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_run)?;
        let end = talk(&mut child, module, self.limit);
        // Whatever happened, it does not outlive this call; it is gone already where it answered.
        let _ = child.kill();
        let status = child.wait().map_err(not_run)?;
        self.ui.progress_done();
        match end? {
            (code, _) if status.success() => Ok(code),
            (_, reason) if status.code() == Some(i32::from(crate::exit::Exit::Tool as u8)) => {
                Err(CompileError::Refused { reason: reason.trim().to_owned() })
            }
            (_, reason) => Err(CompileError::NotRun { reason: format!("{status}: {}", reason.trim()) }),
        }
    }
}

/// Writes the module and reads what comes back, within the limit.
fn talk(child: &mut Child, module: &[u8], limit: Duration) -> Result<(Vec<u8>, String), CompileError> {
    let module = module.to_vec();
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early closes the pipe; its status says why.
        std::thread::spawn(move || drop(stdin.write_all(&module)));
    }
    let (code, reason) = (read(child.stdout.take()), read(child.stderr.take()));
    let late = |_| CompileError::TimeLimit { limit };
    let code = code.recv_timeout(limit).map_err(late)?;
    let reason = reason.recv_timeout(limit).map_err(late)?;
    child.wait().map_err(not_run)?;
    Ok((code, String::from_utf8_lossy(&reason).into_owned()))
}

fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read until then is what there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        // Nobody listens any more where the limit was reached.
        let _ = sender.send(bytes);
    });
    receiver
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn not_run(error: std::io::Error) -> CompileError {
    CompileError::NotRun { reason: error.to_string() }
}
