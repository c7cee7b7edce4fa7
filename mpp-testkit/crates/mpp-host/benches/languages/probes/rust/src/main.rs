//! Uses the state and the files that the manifest declares.

use mpp::kv;

/// Count the calls.
#[mpp::tool]
fn count() -> Result<String, mpp::Error> {
    Ok(format!("count {}", kv::increment("calls", 1)?))
}

/// Copy a file.
#[mpp::tool]
fn copy() -> Result<String, mpp::Error> {
    let failed = |error: std::io::Error| mpp::Error::new("copy_failed", error.to_string());
    let text = std::fs::read_to_string("/in/text.txt").map_err(failed)?;
    std::fs::write("/out/text.txt", &text).map_err(failed)?;
    Ok(format!("copied {}", text.len()))
}

fn main() {
    mpp::serve()
}
