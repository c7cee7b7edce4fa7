/// Its schema describes other arguments.
#[mpp_sdk::tool(parameters = "schemas/find.json")]
fn find(qurey: String, limit: u8) -> String {
    format!("{qurey} {limit}")
}

/// Its schema is no object schema.
#[mpp_sdk::tool(parameters = "schemas/list.json")]
fn list(items: Vec<String>) -> usize {
    items.len()
}

/// Its schemas are no schemas.
#[mpp_sdk::tool(parameters = "schemas/broken.json", returns = "schemas/text.json")]
fn broken() -> u8 {
    1
}

fn main() {}
