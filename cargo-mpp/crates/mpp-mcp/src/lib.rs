//! MPP packages for MCP clients, and MCP servers on their way to MPP.
//!
//! *Invariant:* this crate does not know the program: it names no command and no option, and reads neither the environment nor the
//! time by itself. Errors implement [`Coded`](mpp_host::codes::Coded), and the front end words them.
#![forbid(unsafe_code)]

pub mod bridge;
pub mod bundle;
pub mod capture;
pub mod clients;
pub mod codes;
pub mod config;
pub mod http;
pub mod inventory;
pub mod legacy;
pub mod replay;
mod request;
pub mod scaffold;
mod server;
pub mod stdio;
mod tls;
mod visible;

pub use server::About;
