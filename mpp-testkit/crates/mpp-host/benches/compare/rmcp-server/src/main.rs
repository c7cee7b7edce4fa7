//! The unit converter as an MCP server on stdio, written with the official Rust SDK.

use std::fmt::Write as _;
use std::sync::LazyLock;

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::model::CallToolResult;
use rmcp::{ErrorData, ServiceExt, tool, tool_router};

/// A result of 180 KB as JSON text, as a bridge receives it from a tool.
static LARGE: LazyLock<String> = LazyLock::new(|| {
    let mut text = "{\"items\":[".to_owned();
    for id in 0..2250 {
        let comma = if id > 0 { "," } else { "" };
        write!(text, "{comma}{{\"id\":{id},\"name\":\"item {id}\",\"price\":{id}.5,\"tags\":[\"new\",\"blue\"],\"stock\":true}}")
            .expect("a string grows");
    }
    text + "]}"
});

#[derive(Clone)]
struct Converter;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Request {
    value: f64,
    from: String,
    to: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Converted {
    value: f64,
    unit: String,
    quantity: String,
}

#[tool_router(server_handler)]
impl Converter {
    #[tool(description = "Convert a value from one unit to another")]
    fn convert(&self, Parameters(request): Parameters<Request>) -> Json<Converted> {
        let metres = |unit: &str| if unit == "mi" { 1609.344 } else { 1000.0 };
        let value = request.value * metres(&request.from) / metres(&request.to);
        Json(Converted { value, unit: request.to, quantity: "length".to_owned() })
    }

    #[tool(description = "Answer with 180 KB")]
    fn large(&self) -> Result<CallToolResult, ErrorData> {
        let value = serde_json::from_str(&LARGE).map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(CallToolResult::structured(value))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Converter.serve(rmcp::transport::stdio()).await?.waiting().await?;
    Ok(())
}
