//! Recursive comparison of two versions of a schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::bounds;
use super::shape::Shape;
use super::{Change, Class, Kind};
use crate::package::json::pointer_part;

/// Maximum depth of the comparison. Recursive types end at a pair of references that was already compared.
const DEEPEST: usize = 32;

/// The direction in which the values of a schema travel.
///
/// Narrowing a schema breaks callers that send its values; widening it breaks callers that receive them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

impl Direction {
    fn narrowed(self) -> Class {
        if self == Self::In { Class::Breaking } else { Class::Compatible }
    }

    fn widened(self) -> Class {
        if self == Self::In { Class::Compatible } else { Class::Breaking }
    }
}

/// A comparison of two schemas, starting at their roots.
pub(super) struct Comparison<'a> {
    tool: &'a str,
    root: &'static str,
    direction: Direction,
    old: &'a Value,
    new: &'a Value,
    changes: &'a mut Vec<Change>,
    /// Pairs of references that were already compared.
    seen: BTreeSet<(String, String)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        tool: &'a str,
        root: &'static str,
        direction: Direction,
        old: &'a Value,
        new: &'a Value,
        changes: &'a mut Vec<Change>,
    ) -> Self {
        Self { tool, root, direction, old, new, changes, seen: BTreeSet::new() }
    }

    pub(super) fn run(&mut self) {
        let (old, new) = (self.old, self.new);
        self.schema("", old, new, 0);
    }

    fn add(&mut self, place: &str, class: Class, kind: Kind, message: impl Into<String>) {
        let place = format!("{}{place}", self.root);
        self.changes.push(Change { class, kind, tool: self.tool.to_owned(), place, message: message.into() });
    }

    fn narrowed(&mut self, place: &str, message: impl Into<String>) {
        self.add(place, self.direction.narrowed(), Kind::Narrowed, message);
    }

    fn widened(&mut self, place: &str, message: impl Into<String>) {
        self.add(place, self.direction.widened(), Kind::Widened, message);
    }

    fn schema(&mut self, place: &str, old: &Value, new: &Value, depth: usize) {
        let (old, new) = (Shape::of(old, self.old), Shape::of(new, self.new));
        self.shapes(place, old, new, depth);
    }

    /// Compares the schemas of an argument that may be left out. The host takes `null` for such an argument even if its
    /// schema does not list it.
    fn optional(&mut self, place: &str, old: &Value, new: &Value, depth: usize) {
        let (mut old, mut new) = (Shape::of(old, self.old), Shape::of(new, self.new));
        old.omit_null();
        new.omit_null();
        self.shapes(place, old, new, depth);
    }

    fn shapes(&mut self, place: &str, mut old: Shape, mut new: Shape, depth: usize) {
        if let (Some(before), Some(after)) = (&old.reference, &new.reference)
            && !self.seen.insert((before.clone(), after.clone()))
        {
            return;
        }
        if depth > DEEPEST {
            return;
        }
        self.texts(place, &mut old.keywords, &mut new.keywords);
        self.default(place, &mut old.keywords, &mut new.keywords);
        if !self.types(place, &old, &new) {
            return;
        }
        self.values(place, old.values.take(), new.values.take());
        for change in bounds::compare(&mut old.keywords, &mut new.keywords) {
            match change.narrower {
                true => self.narrowed(place, change.message),
                false => self.widened(place, change.message),
            }
        }
        for keyword in ["pattern", "format"] {
            self.text_rule(place, keyword, old.keywords.remove(keyword), new.keywords.remove(keyword));
        }
        self.members(place, &mut old, &mut new, depth);
        if let (Some(before), Some(after)) = (old.keywords.remove("items"), new.keywords.remove("items")) {
            self.schema(&format!("{place}/*"), &before, &after, depth + 1);
        }
        self.forms(place, &old.forms, &new.forms, depth);
        self.rest(place, old.keywords, new.keywords);
    }

    fn texts(&mut self, place: &str, old: &mut Map<String, Value>, new: &mut Map<String, Value>) {
        for (keyword, message) in [
            ("description", "has another description"),
            ("title", "has another title"),
            ("examples", "has other examples"),
        ] {
            if old.remove(keyword) != new.remove(keyword) {
                self.add(place, Class::Wording, Kind::Text, message);
            }
        }
    }

    fn default(&mut self, place: &str, old: &mut Map<String, Value>, new: &mut Map<String, Value>) {
        let (before, after) = (old.remove("default"), new.remove("default"));
        // Callers do not see the default of a result.
        if before == after || self.direction == Direction::Out {
            return;
        }
        let said = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), |value| format!("`{value}`"));
        let message = format!("defaults to {}, not {} as before", said(&after), said(&before));
        self.add(place, Class::Breaking, Kind::Default, message);
    }

    /// Compares the types, and returns whether the rest of the schemas can be compared.
    fn types(&mut self, place: &str, old: &Shape, new: &Shape) -> bool {
        if old.types == new.types {
            return true;
        }
        let (Some(before), Some(after)) = (&old.types, &new.types) else {
            match (&old.types, &new.types) {
                (None, Some(after)) => {
                    self.narrowed(place, format!("must be {}; before, it could be anything", words(after)))
                }
                (Some(before), None) => {
                    self.widened(place, format!("may be anything; before, it was {}", words(before)))
                }
                _ => {}
            }
            return true;
        };
        let covers = |types: &BTreeSet<String>, one: &String| {
            types.contains(one) || (one == "integer" && types.contains("number"))
        };
        let gone = before.iter().any(|one| !covers(after, one));
        let added = after.iter().any(|one| !covers(before, one));
        match (gone, added) {
            (true, true) => {
                let message = format!("is {}, not {} as before", words(after), words(before));
                self.add(place, Class::Breaking, Kind::Changed, message);
                return before.iter().any(|one| covers(after, one));
            }
            (true, false) => {
                self.narrowed(place, format!("must be {}; before, it could be {}", words(after), words(before)))
            }
            (false, true) => self.widened(place, format!("may be {}; before, it was {}", words(after), words(before))),
            (false, false) => {}
        }
        true
    }

    fn values(&mut self, place: &str, old: Option<BTreeSet<String>>, new: Option<BTreeSet<String>>) {
        let listed = |values: &mut dyn Iterator<Item = &String>| {
            values.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
        };
        match (old, new) {
            (Some(before), Some(after)) => {
                let gone = listed(&mut before.difference(&after));
                let added = listed(&mut after.difference(&before));
                if !gone.is_empty() {
                    self.narrowed(place, format!("can no longer be {gone}"));
                }
                if !added.is_empty() {
                    self.widened(place, format!("may also be {added}"));
                }
            }
            (None, Some(after)) => self.narrowed(place, format!("must be one of {}", listed(&mut after.iter()))),
            (Some(before), None) => {
                self.widened(place, format!("is no longer limited to {}", listed(&mut before.iter())))
            }
            (None, None) => {}
        }
    }

    fn text_rule(&mut self, place: &str, keyword: &str, old: Option<Value>, new: Option<Value>) {
        match (old, new) {
            (before, after) if before == after => {}
            (None, Some(after)) => {
                self.narrowed(place, format!("has the {keyword} `{}`; before, it had none", bare(&after)))
            }
            (Some(before), None) => {
                self.widened(place, format!("has no {keyword}; before, it had `{}`", bare(&before)))
            }
            (Some(before), Some(after)) => {
                let message = format!("has the {keyword} `{}`, not `{}` as before", bare(&after), bare(&before));
                self.add(place, Class::Breaking, Kind::Changed, message);
            }
            (None, None) => {}
        }
    }

    fn members(&mut self, place: &str, old: &mut Shape, new: &mut Shape, depth: usize) {
        let (was_required, is_required) = (old.required(), new.required());
        let closed = |shape: &Shape| {
            ["additionalProperties", "unevaluatedProperties"]
                .iter()
                .any(|keyword| shape.keywords.get(*keyword) == Some(&Value::Bool(false)))
        };
        let (was_closed, is_closed) = (closed(old), closed(new));
        let (before, after) = (members_of(&mut old.keywords), members_of(&mut new.keywords));
        for (key, schema) in &before {
            let at = format!("{place}{}", pointer_part(key));
            let Some(now) = after.get(key) else {
                let message = match self.direction {
                    Direction::In if is_closed => "was removed, and is now refused",
                    Direction::In => "was removed, and now has no effect",
                    Direction::Out => "was removed",
                };
                self.add(&at, Class::Breaking, Kind::FieldRemoved, message);
                continue;
            };
            match (was_required.contains(key), is_required.contains(key)) {
                (false, true) => {
                    let message = if self.direction == Direction::In { "must be given" } else { "is always there" };
                    self.add(&at, self.direction.narrowed(), Kind::Required, message);
                }
                (true, false) => {
                    let message = if self.direction == Direction::In { "may be left out" } else { "may be missing" };
                    self.add(&at, self.direction.widened(), Kind::Optional, message);
                }
                _ => {}
            }
            let may_be_left_out = !was_required.contains(key) && !is_required.contains(key);
            match may_be_left_out && self.direction == Direction::In {
                true => self.optional(&at, schema, now, depth + 1),
                false => self.schema(&at, schema, now, depth + 1),
            }
        }
        for key in after.keys().filter(|key| !before.contains_key(*key)) {
            let at = format!("{place}{}", pointer_part(key));
            let required = is_required.contains(key);
            let (class, message) = match (self.direction, required) {
                (Direction::In, true) => (Class::Breaking, "is new and must be given"),
                (Direction::In, false) => (Class::Compatible, "is new and may be left out"),
                (Direction::Out, true) => (Class::Compatible, "is new"),
                (Direction::Out, false) => (Class::Compatible, "is new and may be missing"),
            };
            self.add(&at, class, Kind::FieldAdded, message);
        }
        match (was_closed, is_closed) {
            (false, true) if self.direction == Direction::In => self.narrowed(place, "no longer allows unknown keys"),
            (true, false) if self.direction == Direction::In => self.widened(place, "now allows unknown keys"),
            _ => {}
        }
        let rest = |shape: &mut Shape| {
            shape.keywords.remove("unevaluatedProperties");
            shape.keywords.remove("required");
            shape.keywords.remove("additionalProperties").filter(Value::is_object)
        };
        if let (Some(before), Some(after)) = (rest(old), rest(new)) {
            self.schema(&format!("{place}/*"), &before, &after, depth + 1);
        }
    }

    fn forms(&mut self, place: &str, old: &[(String, Value)], new: &[(String, Value)], depth: usize) {
        for (name, before) in old {
            match new.iter().find(|(now, _)| now == name) {
                Some((_, after)) if old.len() > 1 || new.len() > 1 => {
                    self.schema(&format!("{place}[{name}]"), before, after, depth + 1);
                }
                Some((_, after)) => self.schema(place, before, after, depth + 1),
                None => self.narrowed(place, format!("can no longer be the form `{name}`")),
            }
        }
        for (name, _) in new.iter().filter(|(name, _)| !old.iter().any(|(before, _)| before == name)) {
            match old.is_empty() {
                true => self.narrowed(place, format!("must have a form such as `{name}`")),
                false => self.widened(place, format!("may also be the form `{name}`")),
            }
        }
    }

    /// Compares all keywords that have no comparison of their own.
    fn rest(&mut self, place: &str, mut old: Map<String, Value>, mut new: Map<String, Value>) {
        for map in [&mut old, &mut new] {
            // Definitions were compared at the places that refer to them.
            for keyword in ["$defs", "$schema", "$comment", "$id"] {
                map.remove(keyword);
            }
        }
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let changed: Vec<String> =
            keywords.into_iter().filter(|key| old.get(*key) != new.get(*key)).map(|key| format!("`{key}`")).collect();
        if !changed.is_empty() {
            let message = format!("changed in {}", changed.join(", "));
            self.add(place, Class::Breaking, Kind::Changed, message);
        }
    }
}

fn members_of(keywords: &mut Map<String, Value>) -> Map<String, Value> {
    match keywords.remove("properties") {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// Returns the types in words, such as `a string or null`.
fn words(types: &BTreeSet<String>) -> String {
    let mut names: Vec<&str> = types.iter().map(String::as_str).collect();
    names.sort_by_key(|name| *name == "null");
    let named = names.iter().map(|name| match *name {
        "null" => "null".to_owned(),
        "integer" | "array" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    });
    named.collect::<Vec<_>>().join(" or ")
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
