//! The Rust types of a tool: structs and enums with distinct names.

use std::collections::BTreeSet;

use super::docs;
use crate::scaffold::names;
use crate::scaffold::shape::{Field, Shape};

/// Whether types are read from arguments or written as results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Arguments,
    Result,
}

/// A type that has a name.
struct Known {
    shape: Shape,
    side: Side,
    name: String,
    code: String,
}

/// The types of one tool.
pub(super) struct Types {
    side: Side,
    known: Vec<Known>,
    taken: BTreeSet<String>,
    /// Names of imported types that the code uses.
    pub(super) imports: BTreeSet<&'static str>,
}

impl Types {
    pub(super) fn new() -> Self {
        Self { side: Side::Arguments, known: Vec::new(), taken: BTreeSet::new(), imports: BTreeSet::new() }
    }

    /// The types that follow are those of the result.
    pub(super) fn results(&mut self) {
        self.side = Side::Result;
    }

    /// Returns the code of all types, in the order in which they were named.
    pub(super) fn code(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.code.as_str())
    }

    /// Returns the Rust type of a shape. `name` describes it, if it needs a type of its own.
    pub(super) fn of(&mut self, shape: &Shape, name: &str) -> String {
        match shape {
            Shape::Any => self.import("Value"),
            Shape::Text => "String".to_owned(),
            Shape::Flag => "bool".to_owned(),
            Shape::Integer => "i64".to_owned(),
            Shape::Number => "f64".to_owned(),
            Shape::List(item) => format!("Vec<{}>", self.of(item, &names::singular(name))),
            Shape::Map(item) if **item == Shape::Any => {
                self.import("Value");
                format!("{}<String, Value>", self.import("Map"))
            }
            Shape::Map(item) => {
                let item = self.of(item, &names::singular(name));
                format!("{}<String, {item}>", self.import("BTreeMap"))
            }
            Shape::Choice { title, .. } | Shape::Object { title, .. } => self.named(shape, title.as_deref(), name),
        }
    }

    fn import(&mut self, name: &'static str) -> String {
        self.imports.insert(name);
        name.to_owned()
    }

    fn named(&mut self, shape: &Shape, title: Option<&str>, name: &str) -> String {
        // Arguments and results have the same attributes except for absent members.
        let is_same = |known: &&Known| known.shape == *shape && (known.side == self.side || !has_optional(shape));
        if let Some(known) = self.known.iter().find(is_same) {
            return known.name.clone();
        }
        let is_name = |title: &&str| {
            title.starts_with(|c: char| c.is_ascii_uppercase()) && title.chars().all(|c| c.is_ascii_alphanumeric())
        };
        let wanted = names::pascal(title.filter(is_name).unwrap_or(name), "Item");
        let name = names::unique(wanted, "", &mut self.taken);
        // In its place before the types of its fields.
        let index = self.known.len();
        self.known.push(Known { shape: shape.clone(), side: self.side, name: name.clone(), code: String::new() });
        let code = match shape {
            Shape::Choice { values, .. } => choice(&name, values),
            Shape::Object { about, fields, .. } => self.structure(&name, about.as_deref(), fields),
            _ => String::new(),
        };
        self.known[index].code = code;
        name
    }

    fn structure(&mut self, name: &str, about: Option<&str>, fields: &[Field]) -> String {
        let mut code =
            about.filter(|about| !about.trim().is_empty()).map(|about| docs::comment(about, 0)).unwrap_or_default();
        code.push_str(&format!("#[mpp::data]\nstruct {name} {{\n"));
        let idents =
            names::identifiers(fields.iter().map(|field| field.key.as_str()), |key| names::snake(key, "field"));
        for (field, ident) in fields.iter().zip(idents) {
            if let Some(about) = field.about.as_deref().filter(|about| !about.trim().is_empty()) {
                code.push_str(&docs::comment(about, 4));
            }
            if let Some(because) = field.because {
                code.push_str(&format!("    // A JSON value: the schema {because}.\n"));
            }
            let mut words = Vec::new();
            if ident != field.key {
                words.push(format!("rename = {}", docs::literal(&field.key, 0)));
            }
            if self.side == Side::Result && field.is_optional() && !(field.is_required && field.is_nullable) {
                words.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            }
            if !words.is_empty() {
                code.push_str(&attribute("serde", &words, 4));
            }
            let ty = self.of(&field.shape, &field.key);
            let ty = if field.is_optional() { format!("Option<{ty}>") } else { ty };
            code.push_str(&format!("    {ident}: {ty},\n"));
        }
        code.push_str("}\n");
        code
    }
}

fn has_optional(shape: &Shape) -> bool {
    match shape {
        Shape::List(item) | Shape::Map(item) => has_optional(item),
        Shape::Object { fields, .. } => fields.iter().any(|field| field.is_optional() || has_optional(&field.shape)),
        _ => false,
    }
}

fn choice(name: &str, values: &[String]) -> String {
    let mut code = format!("#[mpp::data]\nenum {name} {{\n");
    for (variant, value) in names::variants(values).unwrap_or_default().iter().zip(values) {
        if variant != value {
            code.push_str(&format!("    #[serde(rename = {})]\n", docs::literal(value, 0)));
        }
        code.push_str(&format!("    {variant},\n"));
    }
    code.push_str("}\n");
    code
}

/// Returns an attribute in the layout of rustfmt.
pub(super) fn attribute(name: &str, words: &[String], indent: usize) -> String {
    /// What rustfmt writes on one line between the parentheses.
    const WIDTH: usize = 70;
    let line = words.join(", ");
    if line.chars().count() <= WIDTH && !line.contains('\n') {
        return format!("{:indent$}#[{name}({line})]\n", "");
    }
    let words: Vec<String> = words.iter().map(|word| format!("{:indent$}    {word}", "")).collect();
    format!("{:indent$}#[{name}(\n{}\n{:indent$})]\n", "", words.join(",\n"), "")
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn a_long_attribute_has_a_line_for_each_word() {
        let words = ["a".repeat(40), "b".repeat(40)];
        assert_eq!(attribute("x", &words[..1], 0), format!("#[x({})]\n", words[0]));
        assert_eq!(
            attribute("x", &words, 4),
            format!("    #[x(\n        {},\n        {}\n    )]\n", words[0], words[1])
        );
    }
}
