//! The types of a tool in TypeScript: interfaces and unions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names;
use super::text;
use crate::scaffold::names::{singular, unique};
use crate::scaffold::shape::{Field, Shape};

/// What a union of texts may have in characters before it gets a name.
const LONGEST_UNION: usize = 60;

/// A type that has a name.
struct Known {
    shape: Shape,
    name: String,
    code: String,
}

/// The types of one tool.
pub(super) struct Types {
    known: Vec<Known>,
    taken: BTreeSet<String>,
}

impl Types {
    pub(super) fn new() -> Self {
        Self { known: Vec::new(), taken: BTreeSet::new() }
    }

    /// Returns the code of all types, in the order in which they were named.
    pub(super) fn code(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.code.as_str())
    }

    /// Returns the type of a shape. `name` describes it, if it needs a type of its own.
    pub(super) fn of(&mut self, shape: &Shape, name: &str) -> String {
        match shape {
            Shape::Any => "unknown".to_owned(),
            Shape::Text => "string".to_owned(),
            Shape::Flag => "boolean".to_owned(),
            Shape::Integer | Shape::Number => "number".to_owned(),
            Shape::List(item) => match self.of(item, &singular(name)) {
                union if union.contains(" | ") => format!("({union})[]"),
                item => format!("{item}[]"),
            },
            Shape::Map(item) => format!("Record<string, {}>", self.of(item, &singular(name))),
            Shape::Choice { title, values } => self.choice(shape, values, title.as_deref().unwrap_or(name)),
            Shape::Object { title, about, fields } => {
                let wanted = title.as_deref().filter(|title| is_class(title)).unwrap_or(name);
                self.object(Some(shape), wanted, about.as_deref().unwrap_or_default(), fields)
            }
        }
    }

    /// Returns the name of a new interface with these members. Other members of this shape get the same one, if there is a shape.
    pub(super) fn object(&mut self, shape: Option<&Shape>, name: &str, about: &str, fields: &[Field]) -> String {
        if let Some(known) = shape.and_then(|shape| self.find(shape)) {
            return known;
        }
        let (name, index) = self.name(shape.unwrap_or(&Shape::Any), name);
        let mut code = format!("{}export interface {name} {{\n", text::comment(about, 0));
        for field in fields {
            let ty = self.of(&field.shape, &field.key);
            let ty = if field.is_nullable && field.shape != Shape::Any { format!("{ty} | null") } else { ty };
            let mark = if field.is_required { "" } else { "?" };
            code.push_str(&text::comment(&about_of(field), 2));
            code.push_str(&format!("  {}{mark}: {ty};\n", text::member(&field.key)));
        }
        code.push_str("}\n");
        self.known[index].code = code;
        name
    }

    fn choice(&mut self, shape: &Shape, values: &[String], name: &str) -> String {
        let literals: Vec<String> = values.iter().map(|value| text::literal(value)).collect();
        let line = literals.join(" | ");
        if line.chars().count() <= LONGEST_UNION {
            return line;
        }
        if let Some(known) = self.find(shape) {
            return known;
        }
        let (name, index) = self.name(shape, name);
        self.known[index].code = format!("export type {name} =\n  | {};\n", literals.join("\n  | "));
        name
    }

    fn find(&self, shape: &Shape) -> Option<String> {
        self.known.iter().find(|known| known.shape == *shape).map(|known| known.name.clone())
    }

    /// Takes a name, in its place before the types that the code of this one names.
    fn name(&mut self, shape: &Shape, wanted: &str) -> (String, usize) {
        let name = unique(names::class(wanted), "", &mut self.taken);
        self.known.push(Known { shape: shape.clone(), name: name.clone(), code: String::new() });
        (name, self.known.len() - 1)
    }
}

/// Returns what is said about a member.
fn about_of(field: &Field) -> String {
    let mut lines = vec![field.about.as_deref().unwrap_or_default().trim().to_owned()];
    if let Some(because) = field.because {
        lines.push(format!("Any value: the schema {because}."));
    }
    if let Some(default) = field.default.as_ref().filter(|default| !field.is_required && **default != Value::Null) {
        lines.push(format!("@default {default}"));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// Returns whether a title is written like the name of a type.
fn is_class(title: &str) -> bool {
    title.starts_with(|c: char| c.is_ascii_uppercase()) && title.chars().all(|c| c.is_ascii_alphanumeric())
}
