//! The types of a tool in Python: typed dictionaries and literals.

use std::collections::BTreeSet;

use super::names;
use super::text;
use crate::scaffold::names::{singular, unique};
use crate::scaffold::shape::{Field, Shape};

/// What a literal type may have in characters before it gets a name.
const LONGEST_LITERAL: usize = 60;

/// A type that has a name.
struct Known {
    shape: Shape,
    name: String,
}

/// The types of one tool.
pub(super) struct Types {
    known: Vec<Known>,
    taken: BTreeSet<String>,
    /// The code of all types, each after those that it uses.
    pub(super) code: Vec<String>,
    /// The names of `typing` that the code uses.
    pub(super) imports: BTreeSet<&'static str>,
}

impl Types {
    /// Starts without types. `function` is the name of the tool's function.
    pub(super) fn new(function: &str) -> Self {
        let taken = BTreeSet::from([function.to_owned()]);
        Self { known: Vec::new(), taken, code: Vec::new(), imports: BTreeSet::new() }
    }

    /// Returns the type of a shape. `name` describes it, if it needs a type of its own.
    pub(super) fn of(&mut self, shape: &Shape, name: &str) -> String {
        match shape {
            Shape::Any => self.import("Any").to_owned(),
            Shape::Text => "str".to_owned(),
            Shape::Flag => "bool".to_owned(),
            Shape::Integer => "int".to_owned(),
            Shape::Number => "float".to_owned(),
            Shape::List(item) => format!("list[{}]", self.of(item, &singular(name))),
            Shape::Map(item) => format!("dict[str, {}]", self.of(item, &singular(name))),
            Shape::Choice { title, values } => self.choice(shape, values, title.as_deref().unwrap_or(name)),
            Shape::Object { title, about, fields } => {
                let wanted = title.as_deref().filter(|title| is_class(title)).unwrap_or(name);
                self.object(shape, wanted, about.as_deref().unwrap_or_default(), fields)
            }
        }
    }

    /// Marks a name of `typing` as used.
    pub(super) fn import(&mut self, name: &'static str) -> &'static str {
        self.imports.insert(name);
        name
    }

    fn choice(&mut self, shape: &Shape, values: &[String], name: &str) -> String {
        self.import("Literal");
        let literals: Vec<String> = values.iter().map(|value| text::literal(value)).collect();
        let line = format!("Literal[{}]", literals.join(", "));
        if line.chars().count() <= LONGEST_LITERAL {
            return line;
        }
        if let Some(known) = self.find(shape) {
            return known;
        }
        let name = self.name(shape, name);
        let lines: String = literals.iter().map(|literal| format!("    {literal},\n")).collect();
        self.code.push(format!("{name} = Literal[\n{lines}]\n"));
        name
    }

    fn object(&mut self, shape: &Shape, name: &str, about: &str, fields: &[Field]) -> String {
        if let Some(known) = self.find(shape) {
            return known;
        }
        self.import("TypedDict");
        let name = self.name(shape, name);
        let types: Vec<String> = fields.iter().map(|field| self.field(field)).collect();
        let is_class = fields.iter().all(|field| names::is_attribute(&field.key));
        let mut code = if is_class {
            let about = text::docstring(about, "Attributes", &[]).map(|about| about + "\n").unwrap_or_default();
            format!("class {name}(TypedDict):\n{about}")
        } else {
            format!("{}{name} = TypedDict(\n    \"{name}\",\n    {{\n", text::comment(about, 0))
        };
        let indent = if is_class { 4 } else { 8 };
        for (field, ty) in fields.iter().zip(types) {
            code.push_str(&text::comment(field.about.as_deref().unwrap_or_default(), indent));
            if let Some(because) = field.because {
                code.push_str(&format!("{:indent$}# Any value: the schema {because}.\n", ""));
            }
            match is_class {
                true => code.push_str(&format!("    {}: {ty}\n", field.key)),
                false => code.push_str(&format!("        {}: {ty},\n", text::literal(&field.key))),
            }
        }
        if !is_class {
            code.push_str("    },\n)\n");
        }
        self.code.push(code);
        name
    }

    fn field(&mut self, field: &Field) -> String {
        let ty = self.of(&field.shape, &field.key);
        let ty = if field.is_nullable && field.shape != Shape::Any { format!("{ty} | None") } else { ty };
        if field.is_required {
            return ty;
        }
        format!("{}[{ty}]", self.import("NotRequired"))
    }

    fn find(&self, shape: &Shape) -> Option<String> {
        self.known.iter().find(|known| known.shape == *shape).map(|known| known.name.clone())
    }

    fn name(&mut self, shape: &Shape, wanted: &str) -> String {
        let name = unique(names::class(wanted), "", &mut self.taken);
        self.known.push(Known { shape: shape.clone(), name: name.clone() });
        name
    }
}

/// Returns whether a title is written like the name of a type.
fn is_class(title: &str) -> bool {
    title.starts_with(|c: char| c.is_ascii_uppercase()) && title.chars().all(|c| c.is_ascii_alphanumeric())
}
