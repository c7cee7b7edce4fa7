//! Broken packages, at least one for each code of the Gatekeeper: for whoever writes a host.
//!
//! Each is made of a valid package by one change; where that leaves the signature intact, it is signed by the publisher,
//! so that nothing but the change can be the reason to refuse it. A host passes when it refuses each with its code.
//!
//! ```
//! use mpp_testkit::tamper;
//!
//! for broken in tamper::every().filter(|broken| broken.step() == 4) {
//!     // give `broken.bytes` to the host, and expect `broken.code`
//!     assert!(broken.code.starts_with("MPP-G4"), "{}", broken.name);
//! }
//! ```
//!
//! [`every`] starts from a package of the kit's own; [`SignedPackage::tamper`](crate::SignedPackage::tamper) from one of
//! yours. [`write_to`] writes the set as files, for a host in another language.

use std::fs;
use std::io;
use std::path::Path;

pub use mpp_host::package::tamper::{Kit, RawArchive, RawEnd, RawEntry, RawHeader, Tampered};
use serde_json::json;

use crate::explain::pretty;
use crate::stored;

/// The file that lists the others.
pub const INDEX: &str = "index.json";

/// Every broken package, made of the kit's own small one; each is made when it is asked for.
pub fn every() -> impl Iterator<Item = Tampered> {
    Kit::sample().every()
}

/// [`write_kit`] for the kit's own small package.
///
/// # Errors
/// The file system's.
pub fn write_to(dir: impl AsRef<Path>) -> io::Result<usize> {
    write_kit(&Kit::sample(), dir)
}

/// Writes the valid package (`valid.mpp`) and every broken one into a directory, and last an [`INDEX`]: a list of
/// `{"file", "code", "step", "description", "registry_key"}`. A host must accept the first and refuse each of the others
/// with its code; `registry_key` (standard Base64) is the key of a registry that the host must know for that.
///
/// The set takes about 110 MiB, most of it the one package that is larger than a package may be. Gives the number of
/// broken packages.
///
/// # Errors
/// The file system's.
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
    stored::write(&dir.join(INDEX), &(pretty(&index.into()) + "\n"))?;
    Ok(count)
}
