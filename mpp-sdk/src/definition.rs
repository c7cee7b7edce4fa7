//! Definitions: the JSON Schemas that a tool publishes.
//!
//! The schemas follow draft 2020-12. Subschemas are inlined unless they are recursive, because models read inlined ones
//! more easily; objects are closed; keywords without information, or that providers refuse, are replaced.

mod packed;
mod published;
mod tidy;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::{
    parameter::{AboutParameter, Apart, Constant, Parameter, Presence, Rule},
    private::constraint::LengthKind,
    registry::{About, Done, Job, Tool},
};

pub(crate) use packed::definitions;
#[cfg(target_family = "wasm")]
pub(crate) use packed::marks;
use tidy::{Side, tidy};

impl Tool {
    /// Returns the tool's [`ToolDefinition`](crate::wire::ToolDefinition) as JSON.
    pub(crate) fn definition(&self) -> Value {
        let about = (self.about)(Apart::HERE);
        let mut definition = Map::new();
        let mut put = |key: &str, value: Value| definition.insert(key.to_owned(), value);
        put("name", Value::from(self.name));
        put("description", Value::from(about.description));
        put("parameters", about.published_parameters.map_or_else(|| self.parameters(about), published::arguments));
        put("security_level", Value::from(about.security_level.as_str()));
        if let Some(title) = about.title {
            put("title", Value::from(title));
        }
        if let Some(returns) = about.published_returns.map(published::schema).or_else(|| self.returns()) {
            put("returns", returns);
        }
        if !about.annotations.is_empty() {
            put("annotations", about.hints());
        }
        Value::Object(definition)
    }

    fn parameters(&self, about: &About) -> Value {
        let mut generator = settings().for_deserialize().into_generator();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (parameter, about) in self.parameters.iter().zip(about.parameters) {
            if matches!(about.presence, Presence::Required) {
                required.push(Value::from(parameter.name));
            }
            properties.insert(parameter.name.to_owned(), about.schema(parameter, &mut generator));
        }
        let mut root = Map::new();
        root.insert("type".to_owned(), Value::from("object"));
        root.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            root.insert("required".to_owned(), Value::Array(required));
        }
        root.insert("additionalProperties".to_owned(), Value::Bool(false));
        with_definitions(root, generator, Side::Arguments)
    }

    fn returns(&self) -> Option<Value> {
        let Done::Described(describe) = (self.run)(Job::Describe) else { return None };
        let mut generator = settings().for_serialize().into_generator();
        match describe(&mut generator, Apart::HERE)?.to_value() {
            Value::Object(root) if !root.is_empty() => Some(with_definitions(root, generator, Side::Result)),
            _ => None,
        }
    }
}

impl About {
    fn hints(&self) -> Value {
        let hints = [
            ("readOnlyHint", self.annotations.read_only_hint),
            ("destructiveHint", self.annotations.destructive_hint),
            ("idempotentHint", self.annotations.idempotent_hint),
            ("openWorldHint", self.annotations.open_world_hint),
        ];
        // Inserted one by one: collecting into a map would link the standard sort.
        let mut given = Map::new();
        for (key, hint) in hints {
            if let Some(hint) = hint {
                given.insert(key.to_owned(), Value::Bool(hint));
            }
        }
        Value::Object(given)
    }
}

impl AboutParameter {
    fn schema(&self, parameter: &Parameter, generator: &mut SchemaGenerator) -> Value {
        let mut schema: Schema = (self.schema)(generator, Apart::HERE);
        let object = schema.ensure_object();
        if !self.description.is_empty() {
            object.insert("description".to_owned(), Value::from(self.description));
        }
        if let Presence::Default(value) = &self.presence {
            object.insert("default".to_owned(), value.to_json());
        }
        for rule in parameter.rules {
            let (key, value) = rule.keyword();
            object.insert(key.to_owned(), value);
        }
        schema.to_value()
    }
}

impl Rule {
    fn keyword(&self) -> (&'static str, Value) {
        match self {
            Self::Min(bound) => ("minimum", bound.to_json()),
            Self::Max(bound) => ("maximum", bound.to_json()),
            Self::Below(bound) => ("exclusiveMaximum", bound.to_json()),
            Self::MinLen(length, LengthKind::Characters) => ("minLength", Value::from(*length)),
            Self::MinLen(length, LengthKind::Items) => ("minItems", Value::from(*length)),
            Self::MinLen(length, LengthKind::Members) => ("minProperties", Value::from(*length)),
            Self::MaxLen(length, LengthKind::Characters) => ("maxLength", Value::from(*length)),
            Self::MaxLen(length, LengthKind::Items) => ("maxItems", Value::from(*length)),
            Self::MaxLen(length, LengthKind::Members) => ("maxProperties", Value::from(*length)),
            Self::Pattern(pattern) => ("pattern", Value::from(*pattern)),
            Self::Format(format) => ("format", Value::from(*format)),
            Self::Examples(examples) => ("examples", examples.iter().map(Constant::to_json).collect()),
        }
    }
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

/// Adds the definitions that recursive types refer to, then tidies every schema.
fn with_definitions(mut root: Map<String, Value>, mut generator: SchemaGenerator, side: Side) -> Value {
    let definitions = generator.take_definitions(false);
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    let mut root = Value::Object(root);
    tidy(&mut root, side);
    root
}

#[cfg(test)]
mod tests;
