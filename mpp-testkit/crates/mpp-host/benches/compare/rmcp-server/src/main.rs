//! The unit converter as an MCP server on stdio, written with the official Rust SDK.

use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::{ServiceExt, tool, tool_router};

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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Converter.serve(rmcp::transport::stdio()).await?.waiting().await?;
    Ok(())
}
