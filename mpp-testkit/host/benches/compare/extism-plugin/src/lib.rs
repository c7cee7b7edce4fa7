//! The unit converter as an Extism plugin.

use extism_pdk::{FnResult, FromBytes, Json, ToBytes, plugin_fn};

#[derive(serde::Deserialize, FromBytes)]
#[encoding(Json)]
struct Request {
    value: f64,
    from: String,
    to: String,
}

#[derive(serde::Serialize, ToBytes)]
#[encoding(Json)]
struct Converted {
    value: f64,
    unit: String,
    quantity: String,
}

#[plugin_fn]
pub fn convert(request: Request) -> FnResult<Converted> {
    let metres = |unit: &str| if unit == "mi" { 1609.344 } else { 1000.0 };
    let value = request.value * metres(&request.from) / metres(&request.to);
    Ok(Converted { value, unit: request.to, quantity: "length".to_owned() })
}
