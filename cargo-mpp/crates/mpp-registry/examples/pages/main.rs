//! Serves the pages of a registry with sample packages, for whoever works on the pages: `cargo run -p mpp-registry --features server
//! --example pages -- 127.0.0.1:8099`.
#![allow(clippy::disallowed_methods, reason = "an example is a program, which has a command line")]

mod sample;

use std::sync::Arc;

use mpp_registry::pages::router;
use sample::Sample;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    let cache = tempfile::tempdir()?;
    let sample = Arc::new(Sample::new(cache.path()).await);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    axum::serve(listener, router(sample)).await?;
    Ok(())
}
