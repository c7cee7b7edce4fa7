//! Deserializes arguments one by one, so that a call reports all mistakes at once, each with its place.

mod integers;
mod wording;

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    failure::Failure,
    parameter::Parameter,
    private::tag::Reader,
    wire::{Mistake, nearest},
};
pub(crate) use wording::mistake;

/// The arguments of one call, and the mistakes found so far.
#[derive(Debug)]
pub struct Arguments<'a> {
    tool: &'static str,
    parameters: &'static [Parameter],
    given: Vec<Option<&'a RawValue>>,
    mistakes: Vec<Mistake>,
}

impl<'a> Arguments<'a> {
    /// Splits the object into its members. Unknown and repeated keys are mistakes.
    pub(crate) fn read(
        tool: &'static str,
        parameters: &'static [Parameter],
        text: Option<&'a str>,
    ) -> Result<Self, Failure> {
        let mut arguments = Self { tool, parameters, given: vec![None; parameters.len()], mistakes: Vec::new() };
        match members(text.unwrap_or("{}")) {
            Ok(members) => {
                for (key, value) in members {
                    arguments.member(key, value);
                }
                Ok(arguments)
            }
            Err(error) => {
                let mistake = Mistake::new("", wording::of(&error.to_string()).0);
                Err(Failure::invalid_arguments(tool, &[mistake]))
            }
        }
    }

    fn member(&mut self, key: String, value: &'a RawValue) {
        let parameters = self.parameters;
        match parameters.iter().position(|parameter| parameter.name == key) {
            Some(index) if self.given[index].is_none() => self.given[index] = Some(value),
            Some(_) => self.mistakes.push(Mistake::new(pointer(&key), "is given twice")),
            None => {
                let names = parameters.iter().map(|parameter| parameter.name);
                let nearest = nearest(&key, names.clone());
                let message = match (nearest, parameters) {
                    (Some(_), _) => "there is no such argument".to_owned(),
                    (None, []) => "there is no such argument; the tool takes none".to_owned(),
                    (None, _) => format!("there is no such argument, expected {}", wording::words(names)),
                };
                self.mistakes.push(Mistake::new(pointer(&key), message).with_nearest(nearest));
            }
        }
    }

    /// Deserializes a required argument; `None` if there was a mistake.
    pub fn required<T>(&mut self, index: usize, reader: &Reader<T>, fits: fn(&T) -> bool) -> Option<T> {
        match self.given[index] {
            Some(value) => self.decode(index, value, reader, fits),
            None => {
                self.missing(index);
                None
            }
        }
    }

    /// Deserializes an argument that may be omitted; `None` if there was a mistake.
    pub fn or_default<T>(
        &mut self,
        index: usize,
        reader: &Reader<T>,
        fits: fn(&T) -> bool,
        default: fn() -> T,
    ) -> Option<T> {
        match self.given[index] {
            // `null` is what models write for an argument that they leave out.
            Some(value) if value.get() != "null" => self.decode(index, value, reader, fits),
            _ => Some(default()),
        }
    }

    /// Returns the error that lists all mistakes.
    pub(crate) fn refusal(&self) -> Failure {
        Failure::invalid_arguments(self.tool, &self.mistakes)
    }

    /// Returns whether any mistake was found.
    #[must_use]
    pub fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    fn decode<T>(&mut self, index: usize, value: &RawValue, reader: &Reader<T>, fits: fn(&T) -> bool) -> Option<T> {
        let mut text = Cow::Borrowed(value.get());
        loop {
            match (reader.decode)(&text) {
                Ok(value) if fits(&value) => return Some(value),
                Ok(_) => {
                    self.misfit(index, &text);
                    return None;
                }
                // A second time, as serde reads integers.
                Err(error) => match integers::rewritten(&text) {
                    Some(rewritten) => text = Cow::Owned(rewritten),
                    None => {
                        self.mistakes.push(mistake(&pointer(self.parameter(index).name), &error));
                        return None;
                    }
                },
            }
        }
    }

    fn parameter(&self, index: usize) -> &'static Parameter {
        &self.parameters[index]
    }

    fn missing(&mut self, index: usize) {
        let name = self.parameter(index).name;
        // The mistake about a misspelled key already names this one.
        if !self.mistakes.iter().any(|mistake| mistake.nearest.as_deref() == Some(name)) {
            self.mistakes.push(Mistake::new(pointer(name), "is missing"));
        }
    }

    fn misfit(&mut self, index: usize, value: &str) {
        let parameter = self.parameter(index);
        self.mistakes.push(Mistake::new(pointer(parameter.name), wording::misfit(parameter.rules, value)));
    }
}

/// Returns the JSON pointer of a member of the arguments.
fn pointer(key: &str) -> String {
    let mut pointer = String::new();
    crate::pointer::push(&mut pointer, key);
    pointer
}

/// A member of an object: its key, and its value as JSON text.
pub(crate) type Member<'a> = (String, &'a RawValue);

/// Returns the members of an object in their order, including repeated ones.
pub(crate) fn members(text: &str) -> serde_json::Result<Vec<Member<'_>>> {
    serde_json::Deserializer::from_str(text).deserialize_map(Members)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
