//! `#[tool(parameters = "…", returns = "…")]`: files whose JSON Schemas are published instead of the derived ones.

mod json;

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::{
    errors::{Errors, did_you_mean},
    options::Opt,
    parameter::Parameter,
};
use json::Json;

/// Keywords that combine schemas, so that a key can be described elsewhere than in `properties`.
const COMBINING: [&str; 6] = ["$ref", "allOf", "anyOf", "oneOf", "if", "$dynamicRef"];

/// A schema file that has been read.
pub(crate) struct SchemaFile {
    /// The path, relative to the directory of `Cargo.toml`.
    path: LitStr,
    schema: Json,
}

impl SchemaFile {
    /// Reads the file that an option names, and checks that it contains a schema.
    pub(crate) fn read(option: &Opt, errors: &mut Errors) -> Option<Self> {
        let path = option.string(errors)?;
        // cargo sets the variable for the crate that is being compiled.
        let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        let name = path.value();
        let text = match std::fs::read_to_string(Path::new(&root).join(&name)) {
            Ok(text) => text,
            Err(error) => {
                let reason = match error.kind() {
                    std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
                    _ => error.to_string(),
                };
                errors.on(
                    &path,
                    format!(
                        "cannot read the schema `{name}`: {reason}; the path is relative to the directory of Cargo.toml"
                    ),
                );
                return None;
            }
        };
        match json::parse(&text) {
            Ok(schema @ Json::Object(_)) => Some(Self { path, schema }),
            Ok(_) => {
                errors.on(&path, format!("`{name}` is not a JSON Schema: expected an object"));
                None
            }
            Err(problem) => {
                errors.on(&path, format!("`{name}` is not valid JSON: {problem}"));
                None
            }
        }
    }

    /// Returns an expression for the text of the file. The compiler rebuilds the crate when the file changes.
    pub(crate) fn text(&self) -> TokenStream {
        let path = &self.path;
        quote!(::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #path)))
    }

    /// Checks that the function takes the arguments that the schema describes.
    pub(crate) fn check_parameters(&self, parameters: &[Parameter], errors: &mut Errors) {
        let name = self.path.value();
        if self.schema.get("type") != Some(&Json::Text("object".to_owned())) {
            errors.on(
                &self.path,
                format!("`{name}` does not describe an object, which arguments are: add `\"type\": \"object\"`"),
            );
            return;
        }
        if COMBINING.iter().any(|keyword| self.schema.get(keyword).is_some()) {
            return;
        }
        let described = self.schema.get("properties").map_or(&[][..], Json::members);
        let keys: Vec<&str> = described.iter().map(|(key, _)| key.as_str()).collect();
        for parameter in parameters {
            let key = parameter.name.value();
            if !keys.contains(&key.as_str()) {
                let hint = did_you_mean(&key, &keys);
                errors.on(&parameter.name, format!("`{name}` describes no argument `{key}`{hint}"));
            } else if parameter.is_required() && !self.requires(&key) {
                errors.on(
                    &parameter.declared,
                    format!("`{name}` lets callers omit `{key}`: make the type an `Option`, give a default, or require it there"),
                );
            }
        }
        let takes = |key: &str| parameters.iter().any(|parameter| parameter.name.value() == key);
        let missing: Vec<&str> = keys.into_iter().filter(|key| !takes(key)).collect();
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(|key| format!("`{key}`")).collect();
            let missing = missing.join(" and ");
            errors.on(
                &self.path,
                format!("`{name}` describes {missing}, which the function does not take: add a parameter"),
            );
        }
    }

    fn requires(&self, key: &str) -> bool {
        self.schema.get("required").is_some_and(|required| required.texts().contains(&key))
    }
}
