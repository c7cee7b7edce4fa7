//! Simplifies a JSON Schema to a [`Shape`]. A shape accepts at least what the schema accepts; the host enforces the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::document::{all, children, escaped, target};
use super::names;
use super::report::{Note, Reason};
use super::shape::{Field, Shape, Typing};

/// Maximum depth of nested types.
const DEPTH: usize = 24;
/// Maximum number of schemas that are visited for one type, with references resolved.
const VISITS: usize = 5_000;
/// Maximum number of values of an enumeration that becomes an `enum`.
const CHOICES: usize = 200;

/// Keywords whose schemas can describe further keys of the same object.
const COMBINING: [&str; 8] = ["$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];

/// The shape of a schema, and what its publication has to change.
pub(super) struct Simplified {
    /// The arguments, or the members of the result.
    pub(super) shape: Shape,
    pub(super) is_nullable: bool,
    pub(super) notes: Vec<Note>,
    /// Pointers of the objects that become structs, and therefore refuse unknown keys.
    pub(super) closed: BTreeSet<String>,
    /// Types to state, by pointer.
    pub(super) typed: BTreeMap<String, &'static str>,
}

/// Returns the arguments that the schema of a tool describes.
pub(super) fn arguments(root: &Value, typing: Typing) -> (Vec<Field>, Simplified) {
    let mut simplifier = Simplifier::new(root, typing);
    let mut keys: Vec<(String, Option<String>)> = Vec::new();
    simplifier.keys(root, "", true, &mut keys, 0);
    let required: Vec<&str> = required(root);
    let fields = keys
        .into_iter()
        .map(|(key, pointer)| match pointer {
            Some(pointer) => {
                let is_required = required.contains(&key.as_str());
                simplifier.field(key, &pointer, is_required, 1)
            }
            None => simplifier.other_key(key, required.as_slice()),
        })
        .collect();
    (fields, simplifier.finish(Shape::Any, false))
}

/// Returns the shape of a result.
pub(super) fn result(root: &Value, typing: Typing) -> Simplified {
    let mut simplifier = Simplifier::new(root, typing);
    let (shape, is_nullable) = simplifier.shape("", 0);
    simplifier.finish(shape, is_nullable)
}

struct Simplifier<'a> {
    root: &'a Value,
    typing: Typing,
    notes: Vec<Note>,
    closed: BTreeSet<String>,
    typed: BTreeMap<String, &'static str>,
    /// Pointers of the schemas being simplified.
    open: Vec<String>,
    /// Pointers of the schemas that describe only a part of a value, whose other keys they must not refuse.
    parts: BTreeSet<String>,
    visits: usize,
}

fn required(schema: &Value) -> Vec<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the pointers of the schemas that are combined with others.
fn parts(root: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    for pointer in all(root) {
        let Some(Value::Object(keywords)) = root.pointer(&pointer) else { continue };
        let combining = COMBINING.iter().filter(|keyword| keywords.contains_key(**keyword)).count();
        let describes = keywords.contains_key("properties") || combining > 1;
        for child in children(&Value::Object(keywords.clone())).into_iter().filter(|child| child.is_in_place) {
            let list = child.pointer.split('/').nth(1).and_then(|keyword| keywords.get(keyword)?.as_array());
            let is_only = list.is_some_and(|list| list.iter().filter(|part| !is_null(part)).count() == 1);
            if describes || !is_only {
                open.push(format!("{pointer}{}", child.pointer));
            }
        }
        if describes && let Some(at) = keywords.get("$ref").and_then(Value::as_str).and_then(|at| target(root, at)) {
            open.push(at);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(pointer) = open.pop() {
        if !found.insert(pointer.clone()) {
            continue;
        }
        let Some(schema) = root.pointer(&pointer) else { continue };
        open.extend(schema.get("$ref").and_then(Value::as_str).and_then(|at| target(root, at)));
        let inside = children(schema).into_iter().filter(|child| child.is_in_place);
        open.extend(inside.map(|child| format!("{pointer}{}", child.pointer)));
    }
    found
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn text(keywords: &Map<String, Value>, keyword: &str) -> Option<String> {
    keywords.get(keyword).and_then(Value::as_str).map(str::to_owned)
}

impl<'a> Simplifier<'a> {
    fn new(root: &'a Value, typing: Typing) -> Self {
        Self {
            root,
            typing,
            notes: Vec::new(),
            closed: BTreeSet::new(),
            typed: BTreeMap::new(),
            open: Vec::new(),
            parts: parts(root),
            visits: 0,
        }
    }

    fn finish(self, shape: Shape, is_nullable: bool) -> Simplified {
        let Self { notes, closed, typed, .. } = self;
        Simplified { shape, is_nullable, notes, closed, typed }
    }

    fn any(&mut self, pointer: &str, reason: Reason) -> Shape {
        self.notes.push(Note::new(pointer, reason));
        Shape::Any
    }

    /// Collects the keys of the arguments: those of `properties` with their pointers, and without one those that only a combined schema
    /// describes.
    fn keys(
        &self,
        schema: &Value,
        pointer: &str,
        is_root: bool,
        keys: &mut Vec<(String, Option<String>)>,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        for key in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            if !keys.iter().any(|(known, _)| known == key) {
                let place = is_root.then(|| format!("{pointer}/properties/{}", escaped(key)));
                keys.push((key.clone(), place));
            }
        }
        for keyword in COMBINING {
            match schema.get(keyword) {
                Some(Value::Array(parts)) => {
                    parts.iter().for_each(|part| self.keys(part, pointer, false, keys, depth + 1));
                }
                Some(Value::String(reference)) => {
                    let found = target(self.root, reference).and_then(|at| self.root.pointer(&at));
                    if let Some(part) = found {
                        self.keys(part, pointer, false, keys, depth + 1);
                    }
                }
                Some(Value::Object(parts)) if keyword == "dependentSchemas" => {
                    parts.values().for_each(|part| self.keys(part, pointer, false, keys, depth + 1));
                }
                Some(part) => self.keys(part, pointer, false, keys, depth + 1),
                None => {}
            }
        }
    }

    /// A key that only a combined schema describes.
    fn other_key(&mut self, key: String, required: &[&str]) -> Field {
        self.notes.push(Note::new(&format!("/properties/{}", escaped(&key)), Reason::Combined));
        let is_required = required.contains(&key.as_str());
        let because = Some(Reason::Combined.text());
        Field { key, about: None, shape: Shape::Any, is_required, is_nullable: false, default: None, because }
    }

    fn field(&mut self, key: String, pointer: &str, is_required: bool, depth: usize) -> Field {
        let before = self.notes.len();
        let (shape, is_nullable) = self.shape(pointer, depth);
        let keywords = self.root.pointer(pointer).and_then(Value::as_object);
        let because = shape
            .is_value()
            .then(|| self.notes[before..].iter().map(|note| note.reason).find(|reason| reason.is_value()));
        let because = because.flatten().map(Reason::text);
        Field {
            key,
            about: keywords.and_then(|keywords| text(keywords, "description")),
            shape,
            is_required,
            is_nullable,
            default: keywords.and_then(|keywords| keywords.get("default")).cloned(),
            because,
        }
    }

    /// Returns the shape of the schema at a pointer, and whether it accepts `null`.
    fn shape(&mut self, pointer: &str, depth: usize) -> (Shape, bool) {
        self.visits += 1;
        if self.open.iter().any(|open| open == pointer) {
            return (self.any(pointer, Reason::Recursive), true);
        }
        if depth > DEPTH || self.visits > VISITS || self.open.len() > 4 * DEPTH {
            return (self.any(pointer, Reason::TooLarge), true);
        }
        let root = self.root;
        let Some(Value::Object(keywords)) = root.pointer(pointer) else {
            return (self.any(pointer, Reason::AnyValue), true);
        };
        self.open.push(pointer.to_owned());
        let found = self.keywords(keywords, pointer, depth);
        self.open.pop();
        found
    }

    fn keywords(&mut self, keywords: &Map<String, Value>, pointer: &str, depth: usize) -> (Shape, bool) {
        if let Some(Value::String(reference)) = keywords.get("$ref")
            && let Some(at) = target(self.root, reference)
        {
            return match keywords.contains_key("properties") {
                true => (self.any(pointer, Reason::Combined), true),
                false => self.shape(&at, depth),
            };
        }
        for (keyword, is_same) in [("anyOf", false), ("oneOf", false), ("allOf", true)] {
            match keywords.get(keyword) {
                Some(Value::Array(parts)) if !keywords.contains_key("properties") && !keywords.contains_key("type") => {
                    if let Some(found) = self.parts(keywords, parts, &format!("{pointer}/{keyword}"), is_same, depth) {
                        return found;
                    }
                    return (self.any(pointer, if is_same { Reason::Combined } else { Reason::SeveralTypes }), true);
                }
                _ => {}
            }
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            return self.enumeration(keywords, values, pointer);
        }
        if let Some(value) = keywords.get("const") {
            let values = [value.clone()];
            let (shape, is_nullable) = self.enumeration(&Map::new(), &values, pointer);
            let is_text = matches!(shape, Shape::Choice { .. }) && self.typing == Typing::Checked;
            return (if is_text { Shape::Text } else { shape }, is_nullable);
        }
        let (words, is_nullable) = match keywords.get("type") {
            Some(Value::String(word)) => (vec![word.as_str()], false),
            Some(Value::Array(words)) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                let is_nullable = words.contains(&"null");
                (words.into_iter().filter(|word| *word != "null").collect(), is_nullable)
            }
            _ if self.typing == Typing::Hints => return (self.any(pointer, Reason::AnyValue), true),
            _ if keywords.contains_key("properties") => {
                self.state(pointer, "object");
                (vec!["object"], false)
            }
            _ if keywords.contains_key("items") => {
                self.state(pointer, "array");
                (vec!["array"], false)
            }
            _ => return (self.any(pointer, Reason::AnyValue), true),
        };
        let shape = match words.as_slice() {
            ["string"] => Shape::Text,
            ["boolean"] => Shape::Flag,
            ["integer"] => Shape::Integer,
            ["number"] | ["integer", "number"] | ["number", "integer"] => Shape::Number,
            ["array"] => self.list(keywords, pointer, depth),
            ["object"] => self.object(keywords, pointer, depth),
            _ => return (self.any(pointer, Reason::SeveralTypes), true),
        };
        (shape, is_nullable)
    }

    fn state(&mut self, pointer: &str, word: &'static str) {
        self.typed.insert(pointer.to_owned(), word);
        self.notes.push(Note::new(pointer, Reason::NoType));
    }

    /// The shape of `anyOf`, `oneOf` or `allOf`, if all parts have one shape.
    fn parts(
        &mut self,
        keywords: &Map<String, Value>,
        parts: &[Value],
        pointer: &str,
        is_same: bool,
        depth: usize,
    ) -> Option<(Shape, bool)> {
        let others: Vec<usize> = (0..parts.len()).filter(|index| !is_null(&parts[*index])).collect();
        let admits_null = others.len() < parts.len() && !is_same;
        if let [only] = others.as_slice() {
            let (shape, is_nullable) = self.shape(&format!("{pointer}/{only}"), depth);
            return Some((shape, is_nullable || admits_null));
        }
        if is_same || others.is_empty() {
            return None;
        }
        // Constants with titles are an enumeration.
        let constants: Option<Vec<Value>> = others.iter().map(|index| parts[*index].get("const").cloned()).collect();
        if let Some(constants) = constants {
            let (shape, is_nullable) = self.enumeration(keywords, &constants, pointer);
            return Some((shape, is_nullable || admits_null));
        }
        // Forms of one simple type, such as texts of several formats.
        let before = (self.notes.len(), self.closed.clone(), self.typed.clone());
        let shapes: Vec<(Shape, bool)> =
            others.iter().map(|index| self.shape(&format!("{pointer}/{index}"), depth)).collect();
        let simple = |shape: &Shape| match shape {
            Shape::Choice { .. } => Some(Shape::Text),
            Shape::Text | Shape::Flag | Shape::Integer | Shape::Number => Some(shape.clone()),
            _ => None,
        };
        let first = simple(&shapes[0].0);
        let is_one = shapes.iter().all(|(shape, _)| simple(shape) == first);
        let is_nullable = admits_null || shapes.iter().any(|(_, is_nullable)| *is_nullable);
        if let (Some(shape), true) = (first, is_one) {
            return Some((shape, is_nullable));
        }
        self.notes.truncate(before.0);
        (self.closed, self.typed) = (before.1, before.2);
        None
    }

    fn enumeration(&mut self, keywords: &Map<String, Value>, values: &[Value], pointer: &str) -> (Shape, bool) {
        let is_nullable = values.contains(&Value::Null);
        let others: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        if others.is_empty() {
            return (self.any(pointer, Reason::AnyValue), true);
        }
        let texts: Option<Vec<String>> = others.iter().map(|value| value.as_str().map(str::to_owned)).collect();
        let shape = match texts {
            Some(texts) if texts.len() <= CHOICES && self.has_variants(&texts) => {
                Shape::Choice { title: text(keywords, "title"), values: texts }
            }
            Some(_) => {
                if self.typing == Typing::Checked {
                    self.notes.push(Note::new(pointer, Reason::UnnamedEnum));
                }
                Shape::Text
            }
            None if others.iter().all(|value| value.is_boolean()) => Shape::Flag,
            None if others.iter().all(|value| value.is_i64()) => Shape::Integer,
            None if others.iter().all(|value| value.is_number()) => Shape::Number,
            None => self.any(pointer, Reason::MixedEnum),
        };
        (shape, is_nullable)
    }

    /// Returns whether the texts can be an enumeration. As hints, they are literals; otherwise, each needs a name.
    fn has_variants(&self, texts: &[String]) -> bool {
        self.typing == Typing::Hints || names::variants(texts).is_some()
    }

    fn list(&mut self, keywords: &Map<String, Value>, pointer: &str, depth: usize) -> Shape {
        let is_tuple = keywords.contains_key("prefixItems") || keywords.get("items").is_some_and(Value::is_array);
        let item = if is_tuple {
            self.any(pointer, Reason::Tuple)
        } else if keywords.get("items").is_some_and(Value::is_object) {
            match self.shape(&format!("{pointer}/items"), depth + 1) {
                (shape, true) if shape != Shape::Any => self.any(&format!("{pointer}/items"), Reason::SeveralTypes),
                (shape, _) => shape,
            }
        } else {
            self.any(&format!("{pointer}/items"), Reason::AnyValue)
        };
        Shape::List(Box::new(item))
    }

    fn object(&mut self, keywords: &Map<String, Value>, pointer: &str, depth: usize) -> Shape {
        let any = || Box::new(Shape::Any);
        if self.parts.contains(pointer) || COMBINING.iter().any(|keyword| keywords.contains_key(*keyword)) {
            self.notes.push(Note::new(pointer, Reason::Combined));
            return Shape::Map(any());
        }
        let properties =
            keywords.get("properties").and_then(Value::as_object).filter(|properties| !properties.is_empty());
        let others = keywords.get("additionalProperties");
        let has_patterns = keywords.contains_key("patternProperties");
        let Some(properties) = properties else {
            let item = match others {
                Some(Value::Object(_)) if !has_patterns => {
                    match self.shape(&format!("{pointer}/additionalProperties"), depth + 1) {
                        (shape, true) if shape != Shape::Any => {
                            self.any(&format!("{pointer}/additionalProperties"), Reason::SeveralTypes)
                        }
                        (shape, _) => shape,
                    }
                }
                _ => self.any(&format!("{pointer}/additionalProperties"), Reason::AnyValue),
            };
            return Shape::Map(Box::new(item));
        };
        let is_open = has_patterns || matches!(others, Some(Value::Bool(true) | Value::Object(_)));
        if is_open {
            self.notes.push(Note::new(pointer, Reason::OpenObject));
            return Shape::Map(any());
        }
        self.closed.insert(pointer.to_owned());
        let required: Vec<&str> = keywords
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields = properties
            .keys()
            .map(|key| {
                let place = format!("{pointer}/properties/{}", escaped(key));
                self.field(key.clone(), &place, required.contains(&key.as_str()), depth + 1)
            })
            .collect();
        Shape::Object { title: text(keywords, "title"), about: text(keywords, "description"), fields }
    }
}

#[cfg(test)]
mod tests;
