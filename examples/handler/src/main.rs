//! A unit converter that dispatches calls itself. Its tools are defined in `manifest.json`.

mod units;

use mpp::{Error, ToolRequest, ToolResponse, serde_json::json, tool_handler};
use units::{UNITS, Unit};

fn main() {
    tool_handler(handle);
}

fn handle(req: ToolRequest) -> ToolResponse {
    let result = match req.tool.as_str() {
        "convert" => convert(&req),
        "units" => units(&req),
        _ => return req.unknown_tool(&["convert", "units"]),
    };
    result.unwrap_or_else(ToolResponse::error)
}

fn convert(req: &ToolRequest) -> Result<ToolResponse, Error> {
    let value =
        req.arguments["value"].as_f64().ok_or_else(|| Error::invalid_argument("/value", "expected a number"))?;
    let (from, to) = (unit(req, "from")?, unit(req, "to")?);
    if from.quantity != to.quantity {
        return Err(Error::invalid_argument(
            "/to",
            format!(
                "expected a unit of {}, as `{}` is; `{}` is one of {}",
                from.quantity, from.symbol, to.symbol, to.quantity
            ),
        ));
    }
    let converted = from.convert(value, to);
    if !converted.is_finite() {
        return Err(Error::new("out_of_range", "the result is too large for a 64-bit number; convert a smaller value"));
    }
    Ok(ToolResponse::success(json!({ "value": converted, "unit": to.symbol, "quantity": to.quantity })))
}

fn units(req: &ToolRequest) -> Result<ToolResponse, Error> {
    let wanted = req.arguments["quantity"].as_str();
    let listed: Vec<_> = UNITS
        .iter()
        .filter(|unit| wanted.is_none_or(|quantity| unit.quantity == quantity))
        .map(|unit| json!({ "symbol": unit.symbol, "name": unit.name, "quantity": unit.quantity }))
        .collect();
    Ok(ToolResponse::success(listed))
}

fn unit(req: &ToolRequest, key: &str) -> Result<&'static Unit, Error> {
    let pointer = format!("/{key}");
    let Some(symbol) = req.arguments[key].as_str() else {
        return Err(Error::invalid_argument(pointer, "expected the symbol of a unit"));
    };
    units::find(symbol).ok_or_else(|| {
        Error::invalid_argument(pointer, format!("there is no unit `{symbol}`; the tool `units` lists the symbols"))
    })
}

#[cfg(test)]
mod tests;
