//! Compiles a schema to a stream, if it has no keyword that a stream does not know.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Kinds, MOST_PROPERTIES, Members, Node, Others, Stream};

/// Keywords that do not decide whether a value is valid. Formats only describe results: they are not checked in them.
const ANNOTATIONS: &[&str] = &[
    "$comment",
    "$defs",
    "definitions",
    "default",
    "deprecated",
    "description",
    "examples",
    "format",
    "readOnly",
    "title",
    "writeOnly",
];

/// The dialect in which a schema is read.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The largest number of nodes.
const MOST_NODES: usize = 4096;

impl Stream {
    /// Compiles a schema; `None` if it says something that a stream does not check.
    pub(in crate::sandbox::schema) fn compile(schema: &Value) -> Option<Self> {
        // An `$id` changes what references mean.
        if schema.to_string().contains("\"$id\"") {
            return None;
        }
        let mut compiler = Compiler { root: schema, nodes: Vec::new(), open: Vec::new(), known: HashMap::new() };
        let root = compiler.referred("#")?;
        Some(Self { nodes: compiler.nodes.into(), root })
    }
}

struct Compiler<'a> {
    root: &'a Value,
    nodes: Vec<Node>,
    /// The nodes that are not complete yet.
    open: Vec<usize>,
    /// The nodes of schemas that are referred to.
    known: HashMap<&'a str, usize>,
}

impl<'a> Compiler<'a> {
    /// Returns the node of the schema that `reference` leads to.
    fn referred(&mut self, reference: &'a str) -> Option<usize> {
        if let Some(node) = self.known.get(reference) {
            return Some(*node);
        }
        let pointer = reference.strip_prefix('#').filter(|pointer| !pointer.contains(['~', '%']))?;
        let schema = self.root.pointer(pointer)?;
        let node = self.reserve()?;
        self.known.insert(reference, node);
        self.fill(node, schema)?;
        Some(node)
    }

    fn schema(&mut self, schema: &'a Value) -> Option<usize> {
        let is_allowed = |key: &String| key == "$ref" || ANNOTATIONS.contains(&key.as_str());
        if let Some(Value::String(reference)) = schema.get("$ref") {
            return if schema.as_object()?.keys().all(is_allowed) { self.referred(reference) } else { None };
        }
        let node = self.reserve()?;
        self.fill(node, schema)?;
        Some(node)
    }

    fn reserve(&mut self) -> Option<usize> {
        self.nodes.push(Node::default());
        (self.nodes.len() <= MOST_NODES).then(|| self.nodes.len() - 1)
    }

    /// Fills a reserved node. Its kinds come first, because a schema within this one may refer to it.
    fn fill(&mut self, at: usize, schema: &'a Value) -> Option<()> {
        let members = match schema {
            Value::Bool(true) => None,
            Value::Object(members) if !members.contains_key("$ref") => Some(members),
            _ => return None,
        };
        let types = members.and_then(|members| members.get("type"));
        let (kinds, is_integer) = types.map_or(Some((Kinds::ALL, false)), kinds)?;
        (self.nodes[at].kinds, self.nodes[at].is_integer) = (kinds, is_integer);
        self.open.push(at);
        for (keyword, value) in members.into_iter().flatten() {
            self.keyword(at, keyword, value)?;
        }
        if let Some(members) = members {
            self.members(at, members)?;
        }
        self.open.pop();
        // Beside alternatives, other keywords are not checked.
        let node = &self.nodes[at];
        (node.alternatives.is_empty() || node.has_only_alternatives()).then_some(())
    }

    fn keyword(&mut self, at: usize, keyword: &str, value: &'a Value) -> Option<()> {
        match keyword {
            // They are read together with others.
            "type" | "properties" | "required" | "additionalProperties" => {}
            "$schema" if value == DIALECT => {}
            "items" => {
                let items = self.schema(value)?;
                self.nodes[at].items = Some(items);
            }
            "minItems" => self.nodes[at].min_items = usize::try_from(value.as_u64()?).ok()?,
            "maxItems" => self.nodes[at].max_items = Some(usize::try_from(value.as_u64()?).ok()?),
            "minimum" => self.nodes[at].minimum = Some(limit(value)?),
            "maximum" => self.nodes[at].maximum = Some(limit(value)?),
            "enum" => self.strings(at, value.as_array()?.iter())?,
            "const" => self.strings(at, std::iter::once(value))?,
            "anyOf" | "oneOf" => self.alternatives(at, value.as_array()?)?,
            annotation if ANNOTATIONS.contains(&annotation) => {}
            _ => return None,
        }
        Some(())
    }

    /// Notes the values of an `enum` or a `const`, if all of them are strings.
    fn strings<'v>(&mut self, at: usize, values: impl Iterator<Item = &'v Value>) -> Option<()> {
        let strings = values.map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
        let node = &mut self.nodes[at];
        if node.strings.is_some() || !node.kinds.overlaps(Kinds::STRING) {
            return None;
        }
        (node.kinds, node.strings) = (Kinds::STRING, Some(strings));
        Some(())
    }

    /// Notes alternatives of different kinds, so that at most one of them applies to a value. Enumerations of strings are joined.
    fn alternatives(&mut self, at: usize, schemas: &'a [Value]) -> Option<()> {
        if self.nodes[at].kinds != Kinds::ALL || !self.nodes[at].alternatives.is_empty() {
            return None;
        }
        let mut alternatives: Vec<usize> = Vec::new();
        let mut all = Kinds::default();
        for schema in schemas {
            let node = self.schema(schema)?;
            let kinds = self.nodes[node].kinds;
            // The kinds of an incomplete node are final only if it has a type.
            if kinds == Kinds::ALL && self.open.contains(&node) {
                return None;
            }
            if all.overlaps(kinds) {
                self.join(&alternatives, node)?;
                continue;
            }
            all = all.with(kinds);
            alternatives.push(node);
        }
        (self.nodes[at].kinds, self.nodes[at].alternatives) = (all, alternatives);
        Some(())
    }

    /// Adds the strings of a node to those of an earlier alternative, if none of them is there already.
    fn join(&mut self, alternatives: &[usize], node: usize) -> Option<()> {
        let is_shared = |index: &usize| self.known.values().any(|known| known == index);
        let earlier = *alternatives.iter().find(|index| self.nodes[**index].kinds == Kinds::STRING)?;
        if is_shared(&earlier) || self.nodes[node].kinds != Kinds::STRING {
            return None;
        }
        let more = self.nodes[node].strings.clone()?;
        let strings = self.nodes[earlier].strings.as_mut()?;
        if more.iter().any(|string| strings.contains(string)) {
            return None;
        }
        strings.extend(more);
        Some(())
    }

    fn members(&mut self, at: usize, schema: &'a Map<String, Value>) -> Option<()> {
        let required = match schema.get("required") {
            Some(names) => names.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?,
            None => Vec::new(),
        };
        let others = match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Others::Allowed,
            Some(Value::Bool(false)) => Others::Refused,
            Some(schema) => Others::Node(self.schema(schema)?),
        };
        let mut known = Vec::new();
        if let Some(properties) = schema.get("properties") {
            for (name, schema) in properties.as_object()? {
                known.push((name.clone(), self.schema(schema)?, required.contains(&name.as_str())));
            }
        }
        let is_known = |name: &&str| known.iter().any(|(known, ..)| known == name);
        if known.len() > MOST_PROPERTIES || !required.iter().all(is_known) {
            return None;
        }
        if !known.is_empty() || !matches!(others, Others::Allowed) {
            self.nodes[at].members = Some(Members { known, others });
        }
        Some(())
    }
}

/// Returns the kinds that `type` allows, and whether numbers have to be integers.
fn kinds(types: &Value) -> Option<(Kinds, bool)> {
    let names = match types {
        Value::Array(names) => names.as_slice(),
        name => std::slice::from_ref(name),
    };
    let mut all = Kinds::default();
    for name in names {
        all = all.with(match name.as_str()? {
            "null" => Kinds::NULL,
            "boolean" => Kinds::BOOLEAN,
            "integer" | "number" => Kinds::NUMBER,
            "string" => Kinds::STRING,
            "array" => Kinds::ARRAY,
            "object" => Kinds::OBJECT,
            _ => return None,
        });
    }
    Some((all, !names.iter().any(|name| name == "number") && all.overlaps(Kinds::NUMBER)))
}

/// Returns a limit of numbers, if it is an integer.
fn limit(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}
