//! A normalised form of a schema: its types, values and forms, independent of the keywords that express them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::package::json::canonical;

/// A schema with resolved references and merged simple choices.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    /// Allowed types; `None` if every type is allowed.
    pub(super) types: Option<BTreeSet<String>>,
    /// Allowed values as JSON; `None` if every value is allowed.
    pub(super) values: Option<BTreeSet<String>>,
    /// Alternative forms, each with a distinguishing name.
    pub(super) forms: Vec<(String, Value)>,
    /// All other keywords.
    pub(super) keywords: Map<String, Value>,
    /// Target of the last reference that was followed, if the schema is a reference.
    pub(super) reference: Option<String>,
}

impl Shape {
    pub(super) fn of(schema: &Value, root: &Value) -> Self {
        let mut shape = Self::default();
        let mut keywords = match schema {
            Value::Object(keywords) => keywords.clone(),
            // The schema `false` allows no value.
            Value::Bool(false) => return Self { values: Some(BTreeSet::new()), ..shape },
            _ => Map::new(),
        };
        // The limit ends cycles; it is higher than any chain of references in practice.
        for _ in 0..32 {
            let Some(Value::String(reference)) = keywords.remove("$ref") else { break };
            let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
            if let Some(Value::Object(target)) = target {
                for (key, value) in target {
                    keywords.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            shape.reference = Some(reference);
        }
        match keywords.remove("type") {
            Some(Value::String(one)) => shape.types = Some(BTreeSet::from([one])),
            Some(Value::Array(several)) => {
                shape.types = Some(several.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            }
            _ => {}
        }
        if let Some(Value::Array(values)) = keywords.remove("enum") {
            shape.values = Some(values.iter().map(text).collect());
        }
        if let Some(value) = keywords.remove("const") {
            shape.values = Some(BTreeSet::from([text(&value)]));
        }
        let choice = keywords.remove("oneOf").or_else(|| keywords.remove("anyOf"));
        shape.keywords = keywords;
        if let Some(Value::Array(forms)) = choice {
            shape.choose(&forms, root);
        }
        shape
    }

    /// Applies the alternatives of `oneOf` or `anyOf`.
    ///
    /// If every alternative is a list of values, they become [`Self::values`]. An alternative `null` becomes a type.
    fn choose(&mut self, forms: &[Value], root: &Value) {
        let shapes: Vec<Self> = forms.iter().map(|form| Self::of(form, root)).collect();
        if !shapes.is_empty() && shapes.iter().all(|form| form.values.is_some() && form.forms.is_empty()) {
            self.types = union(shapes.iter().map(|form| form.types.clone()));
            self.values = Some(shapes.into_iter().filter_map(|form| form.values).flatten().collect());
            return;
        }
        let is_null = |shape: &Self| shape.types.as_ref().is_some_and(|types| types.iter().eq(["null"]));
        let mut rest: Vec<(usize, &Self)> = shapes.iter().enumerate().filter(|(_, shape)| !is_null(shape)).collect();
        let nullable = rest.len() < shapes.len();
        if let ([(_, only)], true) = (rest.as_slice(), nullable) {
            let mut joined = Self::clone(only);
            if let Some(types) = &mut joined.types {
                types.insert("null".to_owned());
            }
            if let Some(values) = &mut joined.values {
                values.insert("null".to_owned());
            }
            for (key, value) in std::mem::take(&mut self.keywords) {
                joined.keywords.insert(key, value);
            }
            *self = joined;
            return;
        }
        let types = union(shapes.iter().map(|form| form.types.clone()));
        self.types = self.types.take().or(types);
        self.forms = rest.drain(..).map(|(index, shape)| (shape.name(index), forms[index].clone())).collect();
    }

    /// Returns a name that distinguishes a form from the others.
    ///
    /// The first that exists of: the member with a single value that is first by name, since fields may have been moved; the only
    /// required member, the title, the values, the types, the index.
    fn name(&self, index: usize) -> String {
        let properties = self.keywords.get("properties").and_then(Value::as_object);
        let required = self.required();
        let tags = properties.into_iter().flatten().filter_map(|(key, schema)| {
            let value = schema.get("const").or_else(|| match schema.get("enum")?.as_array()?.as_slice() {
                [only] => Some(only),
                _ => None,
            })?;
            Some((key, value))
        });
        let tag = tags
            .min_by_key(|(key, _)| *key)
            .map(|(key, value)| format!("{key}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        // Serde writes a variant of an externally tagged enum as an object with one member.
        let only = match required.as_slice() {
            [only] if properties.is_some_and(|properties| properties.len() == 1) => Some(only.clone()),
            _ => None,
        };
        let title = || self.keywords.get("title").and_then(Value::as_str).map(str::to_owned);
        let kind = || self.types.as_ref().map(|types| types.iter().cloned().collect::<Vec<_>>().join("|"));
        let value = || self.values.as_ref().map(|values| values.iter().cloned().collect::<Vec<_>>().join("|"));
        tag.or(only).or_else(title).or_else(value).or_else(kind).unwrap_or_else(|| index.to_string())
    }

    /// Removes `null` from the types and values, unless nothing else is allowed.
    pub(super) fn omit_null(&mut self) {
        for words in [self.types.as_mut(), self.values.as_mut()].into_iter().flatten() {
            if words.len() > 1 {
                words.remove("null");
            }
        }
    }

    /// Returns the names of the required members.
    pub(super) fn required(&self) -> Vec<String> {
        let required = self.keywords.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Returns a value as JSON text that does not depend on the order of keys.
fn text(value: &Value) -> String {
    canonical(&value.to_string()).into_owned()
}

/// Returns the types of all forms, or `None` if a form allows every type.
fn union(forms: impl Iterator<Item = Option<BTreeSet<String>>>) -> Option<BTreeSet<String>> {
    forms.collect::<Option<Vec<_>>>().map(|sets| sets.into_iter().flatten().collect())
}
