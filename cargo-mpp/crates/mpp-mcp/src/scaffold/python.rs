//! Writes the Python source of a tool: its function, and the types of its arguments and its result.

mod names;
mod text;
mod types;

use serde_json::Value;

use self::types::Types;
use super::names::identifiers;
use super::shape::{Field, Shape, Typing};
use super::tool::PortedTool;
use super::writer::{Function, Returned, Writer};

/// The width of a line, as formatters of Python count it by default.
const WIDTH: usize = 88;

/// Writes Python.
pub(super) struct Python;

impl Writer for Python {
    fn module(&self, name: &str) -> String {
        names::function(name)
    }

    fn typing(&self) -> Typing {
        Typing::Hints
    }

    fn source(&self, function: &Function<'_>) -> String {
        let tool = function.tool;
        let mut types = Types::new(&tool.module);
        let parameters = parameters(function.arguments, &mut types);
        let result = match function.returned {
            Returned::Text => "str".to_owned(),
            Returned::Content => "list[mpp.Text | mpp.Image | mpp.Audio]".to_owned(),
            Returned::Structured { shape, is_nullable } => {
                let ty = types.of(shape, &format!("{}_result", tool.module));
                if *is_nullable && *shape != Shape::Any { format!("{ty} | None") } else { ty }
            }
        };
        let mut code = format!("\"\"\"The tool `{}`.\"\"\"\n\n", tool.name);
        if !types.imports.is_empty() {
            let names: Vec<&str> = types.imports.iter().copied().collect();
            code.push_str(&format!("from typing import {}\n\n", names.join(", ")));
        }
        code.push_str("import mpp\n\nfrom . import not_implemented\n\n\n");
        for item in &types.code {
            code.push_str(item);
            code.push_str("\n\n");
        }
        code.push_str(&options(tool));
        code.push_str(&signature(&tool.module, &parameters, &result));
        let summary = if text::is_carried(&tool.description) { tool.description.as_str() } else { "" };
        let about: Vec<(&str, &str)> =
            parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.about)).collect();
        code.push_str(&text::docstring(summary, "Args", &about).unwrap_or_default());
        code.push_str(&format!("    raise not_implemented({})\n", text::literal(&tool.name)));
        code
    }
}

/// A parameter of the function.
struct Parameter<'a> {
    name: String,
    about: &'a str,
    /// For example `limit: int = 10`.
    code: String,
    has_default: bool,
    because: Option<&'static str>,
}

/// Returns the parameters, those without a default first, as Python demands it.
fn parameters<'a>(fields: &'a [Field], types: &mut Types) -> Vec<Parameter<'a>> {
    let idents = identifiers(fields.iter().map(|field| field.key.as_str()), names::parameter);
    let mut parameters: Vec<Parameter<'a>> =
        fields.iter().zip(idents).map(|(field, ident)| parameter(field, ident, types)).collect();
    parameters.sort_by_key(|parameter| parameter.has_default);
    parameters
}

fn parameter<'a>(field: &'a Field, name: String, types: &mut Types) -> Parameter<'a> {
    let default = default(field);
    let ty = types.of(&field.shape, &field.key);
    let accepts_none = field.is_nullable || (!field.is_required && default.is_none());
    let ty = if accepts_none && field.shape != Shape::Any { format!("{ty} | None") } else { ty };
    let ty = match name == field.key {
        true => ty,
        false => format!("{}[{ty}, mpp.Arg(name={})]", types.import("Annotated"), text::literal(&field.key)),
    };
    let default = if field.is_required { None } else { Some(default.unwrap_or_else(|| "None".to_owned())) };
    let code = match &default {
        Some(default) => format!("{name}: {ty} = {default}"),
        None => format!("{name}: {ty}"),
    };
    let about = field.about.as_deref().unwrap_or_default();
    Parameter { name, about, code, has_default: default.is_some(), because: field.because }
}

/// Returns the default of an argument that can be omitted, if its type can express it.
fn default(field: &Field) -> Option<String> {
    let value = field.default.as_ref().filter(|_| !field.is_required)?;
    let fits = match (&field.shape, value) {
        (Shape::Text, Value::String(_)) | (Shape::Flag, Value::Bool(_)) => true,
        (Shape::Choice { values, .. }, Value::String(text)) => values.contains(text),
        (Shape::Integer, value) => value.is_i64(),
        (Shape::Number, Value::Number(_)) => return value.as_f64().map(|number| format!("{number:?}")),
        _ => false,
    };
    if fits { text::scalar(value) } else { None }
}

/// Returns the line or the lines with which the function begins.
fn signature(name: &str, parameters: &[Parameter<'_>], result: &str) -> String {
    let all: Vec<&str> = parameters.iter().map(|parameter| parameter.code.as_str()).collect();
    let one = format!("def {name}({}) -> {result}:\n", all.join(", "));
    // Comments need lines of their own.
    let has_comment = parameters.iter().any(|parameter| parameter.because.is_some());
    if !has_comment && one.trim_end().chars().count() <= WIDTH {
        return one;
    }
    let mut code = format!("def {name}(\n");
    for parameter in parameters {
        if let Some(because) = parameter.because {
            code.push_str(&format!("    # Any value: the schema {because}.\n"));
        }
        code.push_str(&format!("    {},\n", parameter.code));
    }
    code.push_str(&format!(") -> {result}:\n"));
    code
}

fn options(tool: &PortedTool) -> String {
    let mut words = Vec::new();
    if tool.name != tool.module {
        words.push(format!("name={}", text::literal(&tool.name)));
    }
    if let Some(title) = &tool.title {
        words.push(format!("title={}", text::literal(title)));
    }
    if !text::is_carried(&tool.description) {
        words.push(format!("description={}", text::long_literal(&tool.description, 4)));
    }
    words.push(format!("parameters=\"../{}\"", tool.parameters_file()));
    if tool.returns.is_some() {
        words.push(format!("returns=\"../{}\"", tool.returns_file()));
    }
    if tool.level != "low" {
        words.push(format!("security=\"{}\"", tool.level));
    }
    for (hint, value) in &tool.hints {
        words.push(format!("{hint}={}", if *value { "True" } else { "False" }));
    }
    let line = format!("@mpp.tool({})\n", words.join(", "));
    if line.trim_end().chars().count() <= WIDTH && !line.trim_end().contains('\n') {
        return line;
    }
    format!("@mpp.tool(\n    {},\n)\n", words.join(",\n    "))
}
