//! Uses what the sandbox does not have, or has in another way.

use std::io::{self, Read as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Describes the outcome of an operation.
fn told<T>(outcome: io::Result<T>) -> String {
    match outcome {
        Ok(_) => "works".to_owned(),
        Err(error) => format!("error `{:?}`", error.kind()),
    }
}

fn set(is_set: bool) -> String {
    if is_set { "is set" } else { "not set" }.to_owned()
}

/// Uses one part of the standard library, and returns what happened.
#[mpp::tool]
fn probe(
    /// The name that the book gives it.
    what: &str,
) -> Result<String, mpp::Error> {
    Ok(match what {
        "std::thread::spawn" => std::thread::spawn(|| "works".to_owned()).join().unwrap_or_default(),
        "std::thread::Builder::spawn" => told(std::thread::Builder::new().spawn(|| ())),
        "std::thread::scope" => std::thread::scope(|scope| scope.spawn(|| "works".to_owned()).join().unwrap_or_default()),
        "std::thread::available_parallelism" => told(std::thread::available_parallelism()),
        "std::thread::sleep" => {
            let (start, pause) = (Instant::now(), Duration::from_millis(2));
            std::thread::sleep(pause);
            if start.elapsed() >= pause { "works" } else { "returns at once" }.to_owned()
        }
        "static" => format!("the value is {}", CALLS.fetch_add(1, Ordering::Relaxed)),
        "std::net::TcpStream" => told(std::net::TcpStream::connect("192.0.2.1:80")),
        "std::net::UdpSocket" => told(std::net::UdpSocket::bind("0.0.0.0:0")),
        "std::net::ToSocketAddrs" => told(std::net::ToSocketAddrs::to_socket_addrs("host.example:80")),
        "std::process::Command" => told(std::process::Command::new("true").status()),
        "std::process::exit" => std::process::exit(0),
        "std::process::id" => std::process::id().to_string(),
        "std::panic::catch_unwind" => match std::panic::catch_unwind(|| panic!("caught")) {
            Ok(()) => "returns",
            Err(_) => "catches it",
        }
        .to_owned(),
        "std::io::stdin" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            if text.is_empty() { "is at its end" } else { "has text" }.to_owned()
        }
        "std::env::args" => format!("{} element", std::env::args().count()),
        "std::env::vars" => format!("{} variables", std::env::vars().count()),
        "std::env::current_dir" => std::env::current_dir()?.display().to_string(),
        "std::env::current_exe" => told(std::env::current_exe()),
        "std::env::temp_dir" => std::env::temp_dir().display().to_string(),
        "HOME, USER, TZ, LANG" => set(["HOME", "USER", "TZ", "LANG"].iter().any(|name| std::env::var(name).is_ok())),
        "std::fs::canonicalize" => told(std::fs::canonicalize("/data")),
        "std::fs::File::lock" => told(std::fs::File::open("/data/a.txt")?.lock()),
        "std::fs::set_permissions" => {
            let file = std::fs::File::open("/data/a.txt")?;
            told(std::fs::set_permissions("/data/a.txt", file.metadata()?.permissions()))
        }
        "SystemTime::now" => told(std::time::SystemTime::now().elapsed().map_err(io::Error::other)),
        "Instant::now" => if Instant::now() <= Instant::now() { "works" } else { "runs backwards" }.to_owned(),
        _ => return Err(format!("there is no probe for {what}").into()),
    })
}

fn main() {
    mpp::serve()
}
