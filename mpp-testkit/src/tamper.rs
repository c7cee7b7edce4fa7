//! Broken packages, at least one for each code of the Gatekeeper, for tests of hosts.
//!
//! Each is made from a valid package by one change. A package whose change does not concern the signature is signed by the
//! publisher, so that the change is the only reason to refuse it. A host passes if it refuses each with the given code.
//!
//! ```
//! use mpp_testkit::tamper;
//!
//! for broken in tamper::every().filter(|broken| broken.step() == 4) {
//!     // give `broken.bytes` to the host and expect `broken.code`
//!     assert!(broken.code.starts_with("MPP-G4"), "{}", broken.name);
//! }
//! ```
//!
//! [`every`] starts from a built-in package, and [`SignedPackage::tamper`](crate::SignedPackage::tamper) from your own.
//! [`write_to`] writes the packages as files, for hosts in other languages.

use std::fs;
use std::io;
use std::path::Path;

pub use mpp_host::package::tamper::{Kit, RawArchive, RawEnd, RawEntry, RawHeader, Tampered};
use serde_json::json;

use crate::assert::describe::pretty;

/// Name of the file that lists the others.
pub const INDEX: &str = "index.json";

/// Returns every broken package, made from a small built-in one. Each is made when the iterator reaches it.
pub fn every() -> impl Iterator<Item = Tampered> {
    Kit::sample().every()
}

/// Writes the broken packages made from the built-in one: see [`write_kit`].
///
/// ```no_run
/// let count = mpp_testkit::tamper::write_to("target/broken-packages")?;
/// assert!(count > 100);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Errors of the file system.
pub fn write_to(dir: impl AsRef<Path>) -> io::Result<usize> {
    write_kit(&Kit::sample(), dir)
}

/// Writes the valid package (`valid.mpp`) and every broken one into a directory, and finally an [`INDEX`]: a list of
/// `{"file", "code", "step", "description", "registry_key"}`. A host must accept the valid package and refuse each of the
/// others with its code. `registry_key` (standard Base64) is the key of a registry that the host must know for this.
///
/// The files take about 110 MiB, most of it for the package that exceeds the size limit. Returns the number of broken
/// packages.
///
/// # Errors
/// Errors of the file system.
pub fn write_kit(kit: &Kit, dir: impl AsRef<Path>) -> io::Result<usize> {
    let dir = dir.as_ref();
    fs::create_dir_all(dir)?;
    fs::write(dir.join("valid.mpp"), kit.valid())?;
    let mut index = vec![json!({ "file": "valid.mpp", "description": "the valid package" })];
    for (number, broken) in kit.every().enumerate() {
        let file = format!("{:03}-{}.mpp", number + 1, broken.code);
        fs::write(dir.join(&file), &broken.bytes)?;
        let mut entry = json!({ "file": file, "code": broken.code, "step": broken.step(), "description": broken.name });
        if let Some(key) = broken.registry_key {
            entry["registry_key"] = key.to_base64().into();
        }
        index.push(entry);
    }
    let count = index.len() - 1;
    mpp_host::atomic_file::write(&dir.join(INDEX), (pretty(&index.into()) + "\n").as_bytes())?;
    Ok(count)
}
