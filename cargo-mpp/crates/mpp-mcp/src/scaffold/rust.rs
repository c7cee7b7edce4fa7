//! Writes the Rust source of a tool: its function, and the types of its arguments and its result.

mod docs;
mod types;

use std::collections::BTreeSet;

use serde_json::Value;

use self::types::{Types, attribute};
use super::names;
use super::shape::{Field, Shape, Typing};
use super::tool::PortedTool;
use super::writer::{Function, Returned, Writer};

/// The width of a line, as rustfmt counts it by default.
const WIDTH: usize = 100;

/// Writes Rust.
pub(super) struct Rust;

impl Writer for Rust {
    fn module(&self, name: &str) -> String {
        names::snake(name, "tool")
    }

    fn typing(&self) -> Typing {
        Typing::Checked
    }

    fn source(&self, function: &Function<'_>) -> String {
        source(function.tool, function.arguments, function.returned)
    }
}

/// Returns the source file of a tool.
fn source(tool: &PortedTool, fields: &[Field], returned: &Returned) -> String {
    let mut types = Types::new();
    let parameters = parameters(fields, &mut types);
    types.results();
    let result = match returned {
        Returned::Text => "String".to_owned(),
        Returned::Content => "Vec<mpp::Content>".to_owned(),
        Returned::Structured { shape, is_nullable } => {
            let ty = types.of(shape, &format!("{}_result", tool.module));
            if *is_nullable && *shape != Shape::Any { format!("Option<{ty}>") } else { ty }
        }
    };
    let mut code = format!("//! The tool `{}`.\n\n", tool.name);
    code.push_str(&imports(&types.imports));
    if docs::is_carried(&tool.description) {
        code.push_str(&docs::comment(&tool.description, 0));
    }
    code.push_str(&options(tool));
    if fields.len() > 7 {
        code.push_str("#[allow(clippy::too_many_arguments, reason = \"the original takes them\")]\n");
    }
    code.push_str(&signature(&tool.module, &parameters, &result));
    code.push_str(&format!("    Err(super::not_implemented({}))\n}}\n", docs::literal(&tool.name, 0)));
    for item in types.code() {
        code.push('\n');
        code.push_str(item);
    }
    code
}

/// Returns the first line of the function, or the lines if they do not fit on one.
fn signature(ident: &str, parameters: &[String], result: &str) -> String {
    let one = format!("fn {ident}({}) -> Result<{result}, mpp::Error> {{\n", parameters.join(", "));
    // Comments need lines of their own.
    if one.trim_end().chars().count() <= WIDTH && parameters.iter().all(|parameter| !parameter.contains('\n')) {
        return one;
    }
    let parameters: String = parameters.iter().map(|parameter| format!("    {parameter},\n")).collect();
    format!("fn {ident}(\n{parameters}) -> Result<{result}, mpp::Error> {{\n")
}

fn imports(used: &BTreeSet<&'static str>) -> String {
    let json: Vec<&str> = ["Map", "Value"].into_iter().filter(|name| used.contains(name)).collect();
    let mut code = String::new();
    if used.contains("BTreeMap") {
        code.push_str("use std::collections::BTreeMap;\n\n");
    }
    match json.as_slice() {
        [] => {}
        [only] => code.push_str(&format!("use mpp::serde_json::{only};\n\n")),
        several => code.push_str(&format!("use mpp::serde_json::{{{}}};\n\n", several.join(", "))),
    }
    code
}

fn options(tool: &PortedTool) -> String {
    let mut words = Vec::new();
    if tool.name != tool.module {
        words.push(format!("name = {}", docs::literal(&tool.name, 0)));
    }
    if let Some(title) = &tool.title {
        words.push(format!("title = {}", docs::literal(title, 0)));
    }
    if !docs::is_carried(&tool.description) {
        words.push(format!("description = {}", docs::literal(&tool.description, 8)));
    }
    if tool.level != "low" {
        words.push(format!("security_level = \"{}\"", tool.level));
    }
    for (hint, value) in &tool.hints {
        words.push(if *value { (*hint).to_owned() } else { format!("{hint} = false") });
    }
    words.push(format!("parameters = \"{}\"", tool.parameters_file()));
    if tool.returns.is_some() {
        words.push(format!("returns = \"{}\"", tool.returns_file()));
    }
    attribute("mpp::tool", &words, 0)
}

/// Returns each parameter with its comments and attributes, without the indentation of its first line and a comma at its end.
fn parameters(fields: &[Field], types: &mut Types) -> Vec<String> {
    let idents = names::identifiers(fields.iter().map(|field| field.key.as_str()), |key| names::snake(key, "arg"));
    fields.iter().zip(idents).map(|(field, ident)| parameter(field, &ident, types)).collect()
}

fn parameter(field: &Field, ident: &str, types: &mut Types) -> String {
    let about = field.about.as_deref().filter(|about| !about.trim().is_empty());
    let mut code = about.map(|about| docs::comment(about, 4)).unwrap_or_default();
    if let Some(because) = field.because {
        code.push_str(&format!("    // A JSON value: the schema {because}.\n"));
    }
    let default = default(field);
    let mut words = Vec::new();
    if ident != field.key {
        words.push(format!("name = {}", docs::literal(&field.key, 0)));
    }
    words.extend(default.clone());
    let ty = match &field.shape {
        Shape::Text => "&str".to_owned(),
        shape => types.of(shape, &field.key),
    };
    let is_option = field.is_optional() && default.is_none();
    let ty = if is_option { format!("Option<{ty}>") } else { ty };
    let parameter = format!("{ident}: {ty}");
    if !words.is_empty() {
        let attribute = attribute("arg", &words, 4);
        // rustfmt joins the two if there is no doc comment and the line is not too long.
        let width = 4 + attribute.trim().chars().count() + 1 + parameter.chars().count() + 1;
        if about.is_none() && width <= WIDTH && !attribute.trim().contains('\n') {
            code.push_str(&format!("    {} ", attribute.trim()));
        } else {
            code.push_str(&format!("{attribute}    "));
        }
    } else {
        code.push_str("    ");
    }
    code.push_str(&parameter);
    code.trim_start().to_owned()
}

/// Returns the option `default` of an argument that can be omitted, if its type can express the default.
fn default(field: &Field) -> Option<String> {
    let value = field.default.as_ref().filter(|_| !field.is_required && !field.is_nullable)?;
    let expression = match (&field.shape, value) {
        (Shape::Text, Value::String(text)) => docs::literal(text, 8),
        (Shape::Flag, Value::Bool(value)) => value.to_string(),
        (Shape::Integer, value) => value.as_i64()?.to_string(),
        // `{:?}` writes a number with a point or an exponent, which makes it a float in Rust.
        (Shape::Number, value) => format!("{:?}", value.as_f64()?),
        (Shape::List(_), Value::Array(items)) if items.is_empty() => return Some("default".to_owned()),
        _ => return None,
    };
    Some(format!("default = {expression}"))
}
