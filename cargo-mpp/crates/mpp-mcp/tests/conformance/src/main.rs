//! The tools that MCP's conformance suites call. Their names and answers are prescribed by the suites.

use mpp::serde_json::{Value, json};
use mpp::{Content, Error, ToolRequest, ToolResponse, tool_handler};

/// A red image of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// A recording without samples.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

fn main() {
    tool_handler(handle);
}

fn handle(request: ToolRequest) -> ToolResponse {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    match request.tool.as_str() {
        "test_simple_text" => ToolResponse::text("This is a simple text response for testing."),
        "test_image_content" => items([image]),
        "test_audio_content" => items([json!({ "type": "audio", "data": WAV, "mimeType": "audio/wav" })]),
        "test_embedded_resource" => items([json!({ "type": "resource", "resource": {
            "uri": "test://embedded-resource", "mimeType": "text/plain", "text": "This is an embedded resource content.",
        } })]),
        "test_multiple_content_types" => items([
            text("Multiple content types test:"),
            image,
            json!({ "type": "resource", "resource": {
                "uri": "test://mixed-content-resource", "mimeType": "application/json", "text": "{\"test\":\"data\",\"value\":123}",
            } }),
        ]),
        "test_error_handling" => {
            ToolResponse::error(Error::new("intended", "This tool intentionally returns an error for testing"))
        }
        "test_tool_with_logging" | "test_logging_tool" => {
            eprintln!("Tool execution started");
            eprintln!("Tool processing data");
            eprintln!("Tool execution completed");
            ToolResponse::text("The tool has logged three messages.")
        }
        "json_schema_2020_12_tool" => ToolResponse::text(request.arguments.to_string()),
        // A critical tool: the host asks for an approval, which is an elicitation.
        "test_streaming_elicitation"
        | "test_input_required_result_elicitation"
        | "test_input_required_result_tampered_state"
        | "test_input_required_result_capabilities" => ToolResponse::text("Approved."),
        "test_input_required_result_request_state" => ToolResponse::text("Approved: state-ok."),
        _ => request.unknown_tool(&["test_simple_text"]),
    }
}

fn items<const N: usize>(items: [Value; N]) -> ToolResponse {
    let content: Result<Vec<Content>, _> = items.into_iter().map(mpp::serde_json::from_value).collect();
    match content {
        Ok(content) => ToolResponse::content(content),
        Err(error) => ToolResponse::error(Error::new("fixture", error.to_string())),
    }
}
