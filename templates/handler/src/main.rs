//! A tool that dispatches by itself: one closure gets every call. Its tools are defined in `manifest.json`, and the host
//! checks arguments and results against them.

use mpp::{ToolRequest, ToolResponse, tool_handler};

/// The arguments of `to_fahrenheit`.
#[mpp::data]
struct ToFahrenheit {
    celsius: f64,
}

/// Its result.
#[mpp::data]
struct Fahrenheit {
    fahrenheit: f64,
}

fn handle(request: ToolRequest) -> ToolResponse {
    match request.tool.as_str() {
        "to_fahrenheit" => match request.parse::<ToFahrenheit>() {
            Ok(arguments) => ToolResponse::success(Fahrenheit { fahrenheit: arguments.celsius * 1.8 + 32.0 }),
            Err(error) => ToolResponse::error(error),
        },
        _ => request.unknown_tool(&["to_fahrenheit"]),
    }
}

fn main() {
    tool_handler(handle)
}

#[cfg(test)]
mod tests;
