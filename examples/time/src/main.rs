//! A port of the MCP reference server for times: `get_current_time` and `convert_time` in the time zones of IANA.
//!
//! `mpp new --from-mcp` wrote the project from a capture of the original; the bodies are in `tools` and `times`.

mod times;
mod tools;

fn main() {
    mpp::serve()
}

#[cfg(test)]
mod tests;
