//! The MPP home directory (`~/.mpp`): keys, trusted publishers, approvals, policy, and the places of caches, state and logs.
//!
//! A [`Home`] is a directory; its parts are read and written through [`Keys`], [`Publishers`] and [`Approvals`]. Front ends (a command
//! line, an MCP server, an agent) share them, so that what a user accepted in one of them holds in all.
//!
//! *Invariant:* this crate does not know the program: it names no command and no option, prints nothing, and reads neither the environment nor
//! the time by itself. Whoever uses it passes these in. Errors implement [`Coded`](mpp_host::codes::Coded), and their fields carry what a front end needs
//! to say what to do next.
//!
//! ```
//! use mpp_home::Home;
//!
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("home");
//! let home = Home::at(path);
//! let pair = home.keys().generate(&home.keys().dir(), "publisher", None)?;
//! assert_eq!(home.keys().own()?.len(), 1);
//! assert!(pair.private.ends_with("publisher.key"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod approvals;
mod belongings;
pub mod codes;
mod error;
pub mod files;
mod home;
mod key_ids;
mod keys;
pub mod launcher;
mod machine_paths;
pub mod mapping;
mod policy_file;
mod publishers;
mod servers;

pub use approvals::Approvals;
pub use belongings::{Belongings, BelongingsError, MovedBelongings};
pub use error::HomeError;
pub use files::FileError;
pub use home::Home;
pub use key_ids::KeyIds;
pub use keys::{DefaultKey, KeyPair, Keys, PUBLISHER, read_public_key};
pub use launcher::{
    ChangeGrant, Decided, LaunchError, Launched, Launcher, LauncherBuilder, Mapped, Opened, StartOptions,
};
pub use mapping::{MappingError, MappingRequest, Mappings, resolve as resolve_mappings};
pub use publishers::Publishers;
pub use servers::{PinnedServer, PinnedTool, Servers};
