//! The results of commands as plain data: `ui` renders them for people, and `--format json` prints them as they are.

pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod caps;
pub(crate) mod capture;
pub(crate) mod codes;
pub(crate) mod doctor;
pub(crate) mod document;
#[cfg(feature = "registry-server")]
pub(crate) mod following;
pub(crate) mod installs;
pub(crate) mod keys;
pub(crate) mod kv;
pub(crate) mod libraries;
pub(crate) mod lint;
pub(crate) mod package;
pub(crate) mod project;
pub(crate) mod publishing;
#[cfg(feature = "registry-server")]
pub(crate) mod registry;
pub(crate) mod replay;
pub(crate) mod rerun;
pub(crate) mod schema;
pub(crate) mod serve;
mod shapes;
pub(crate) mod testing;
pub(crate) mod trust;
