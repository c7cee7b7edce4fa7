//! Writes the TypeScript or JavaScript source of a tool: its function, and in TypeScript the types of its arguments and its result.

mod names;
mod text;
mod types;

use self::types::Types;
use super::shape::{Field, Shape, Typing};
use super::tool::PortedTool;
use super::writer::{Function, Returned, Writer};

/// Writes TypeScript, or JavaScript.
pub(super) struct Script {
    /// Whether the language is TypeScript.
    pub(super) has_types: bool,
}

impl Writer for Script {
    fn module(&self, name: &str) -> String {
        names::file(name)
    }

    fn typing(&self) -> Typing {
        Typing::Hints
    }

    fn source(&self, function: &Function<'_>) -> String {
        let tool = function.tool;
        let ending = if self.has_types { "ts" } else { "js" };
        let mut imports = format!(
            "// The tool `{}`.\nimport {{ jsonSchema, tool }} from \"@mpp-protocol/sdk\";\n\n{}",
            tool.name,
            import("parameters", &tool.parameters_file())
        );
        if tool.returns.is_some() {
            imports.push_str(&import("returns", &tool.returns_file()));
        }
        imports.push_str(&format!("import {{ notImplemented }} from \"../not_implemented.{ending}\";\n"));
        let mut types = Types::new();
        let names = self.has_types.then(|| Signature::of(function, &mut types));
        let mut code = imports;
        for item in types.code() {
            code.push('\n');
            code.push_str(item);
        }
        match &names {
            Some(signature) => {
                if let Some(import) = signature.import {
                    code = code.replacen("{ jsonSchema, tool }", import, 1);
                }
                code.push_str(&format!("\nexport const {} = tool(\n", names::constant(&tool.module)));
                code.push_str(&options(tool, Some(signature)));
                code.push_str(&format!("  async (given): Promise<{}> => {{\n", signature.result));
            }
            None => {
                code.push_str(&format!("\nexport const {} = tool(\n", names::constant(&tool.module)));
                code.push_str(&options(tool, None));
                code.push_str("  async (given) => {\n");
                code.push_str(&given(function.arguments));
            }
        }
        code.push_str(&format!("    throw notImplemented({});\n  }},\n);\n", text::literal(&tool.name)));
        code
    }
}

/// The types of a function.
struct Signature {
    arguments: String,
    /// The result, also where it can be `null`.
    result: String,
    /// The imports from the SDK, if they are more than usual.
    import: Option<&'static str>,
}

impl Signature {
    fn of(function: &Function<'_>, types: &mut Types) -> Self {
        let name = format!("{}_arguments", function.tool.module);
        let arguments = match function.arguments {
            [] => "Record<string, never>".to_owned(),
            fields => types.object(None, &name, &format!("The arguments of `{}`.", function.tool.name), fields),
        };
        let (result, import) = match function.returned {
            Returned::Text => ("string".to_owned(), None),
            Returned::Content => ("Content[]".to_owned(), Some("{ type Content, jsonSchema, tool }")),
            Returned::Structured { shape, is_nullable } => {
                let ty = types.of(shape, &format!("{}_result", function.tool.module));
                let is_null = *is_nullable && *shape != Shape::Any;
                (if is_null { format!("{ty} | null") } else { ty }, None)
            }
        };
        Self { arguments, result, import }
    }
}

fn import(name: &str, file: &str) -> String {
    format!("import {name} from \"../../{file}\" with {{ type: \"json\" }};\n")
}

/// Returns what a function in JavaScript is given, as a comment.
fn given(fields: &[Field]) -> String {
    let name = |field: &Field| format!("{}{}", text::member(&field.key), if field.is_required { "" } else { "?" });
    let names: Vec<String> = fields.iter().map(name).collect();
    if names.is_empty() { String::new() } else { format!("    // given: {{ {} }}\n", names.join(", ")) }
}

fn options(tool: &PortedTool, signature: Option<&Signature>) -> String {
    let schema = |ty: Option<&str>, name: &str| match ty {
        Some(ty) => format!("jsonSchema<{ty}>({name})"),
        None => format!("jsonSchema({name})"),
    };
    let mut members = vec![format!("name: {}", text::literal(&tool.name))];
    if let Some(title) = &tool.title {
        members.push(format!("title: {}", text::literal(title)));
    }
    let description = text::long_literal(&tool.description, 4);
    let space = if description.starts_with('\n') { "" } else { " " };
    members.push(format!("description:{space}{description}"));
    let arguments = signature.map(|signature| signature.arguments.as_str());
    members.push(format!("parameters: {}", schema(arguments, "parameters")));
    if tool.returns.is_some() {
        let result = signature.map(|signature| signature.result.as_str());
        members.push(format!("returns: {}", schema(result, "returns")));
    }
    if tool.level != "low" {
        members.push(format!("securityLevel: \"{}\"", tool.level));
    }
    for (hint, value) in &tool.hints {
        let name = match *hint {
            "read_only" => "readOnly",
            "open_world" => "openWorld",
            other => other,
        };
        members.push(format!("{name}: {value}"));
    }
    let members: String = members.iter().map(|member| format!("    {member},\n")).collect();
    format!("  {{\n{members}  }},\n")
}
