//! A program that dispatches calls itself: one function handles every call. `manifest.json` defines the tools, and the host
//! validates arguments and results against these definitions.

use mpp::{ToolRequest, ToolResponse, tool_handler};

/// The arguments of `to_fahrenheit`.
#[mpp::data]
struct ToFahrenheit {
    celsius: f64,
}

/// The result of `to_fahrenheit`.
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
