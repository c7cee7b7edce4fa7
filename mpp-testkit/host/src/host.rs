//! The façade: the only file that joins the stages.

/// The host.
#[derive(Debug)]
pub struct Host;
/// Its builder.
#[derive(Debug)]
pub struct HostBuilder;
