//! Generates values that a JSON Schema allows.

use mpp_recording::calls::sorted;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

use super::text;

/// Depth at which references are no longer followed, so that recursive types end.
const DEEPEST: u32 = 5;
/// Number of items and members beyond the schema's minimum.
const MORE: u64 = 4;

/// Generates values, most of which are valid: combinations of rules and `not` are left to a filter. Returns `None` where no
/// value is possible.
pub(super) fn values(schema: &Value) -> Option<BoxedStrategy<Value>> {
    Generator { root: schema }.schema(schema, 0)
}

struct Generator<'a> {
    root: &'a Value,
}

impl Generator<'_> {
    fn schema(&self, schema: &Value, depth: u32) -> Option<BoxedStrategy<Value>> {
        let keywords = match schema {
            Value::Bool(false) => return None,
            Value::Object(keywords) => keywords,
            _ => return Some(anything()),
        };
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            if depth >= DEEPEST {
                return None;
            }
            let mut target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer))?.clone();
            merge(&mut target, keywords.iter().filter(|(key, _)| *key != "$ref"));
            return self.schema(&target, depth + 1);
        }
        if let Some(value) = keywords.get("const") {
            return Some(Just(value.clone()).boxed());
        }
        if let Some(Value::Array(values)) = keywords.get("enum") {
            return (!values.is_empty()).then(|| proptest::sample::select(values.clone()).boxed());
        }
        if let Some(Value::Array(parts)) = keywords.get("allOf") {
            let mut whole = Value::Object(keywords.clone());
            without(&mut whole, "allOf");
            for part in parts {
                if let Value::Object(part) = self.resolved(part) {
                    merge(&mut whole, part.iter());
                }
            }
            return self.schema(&whole, depth);
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(Value::Array(forms)) = keywords.get(choice) {
                let mut base = Value::Object(keywords.clone());
                without(&mut base, choice);
                return self.one_of(&base, forms, depth);
            }
        }
        self.typed(keywords, depth)
    }

    /// Follows one reference.
    fn resolved(&self, schema: &Value) -> Value {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        reference.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(schema).clone()
    }

    /// Generates one of several forms, together with the keywords beside them.
    fn one_of(&self, base: &Value, forms: &[Value], depth: u32) -> Option<BoxedStrategy<Value>> {
        let base_has_members = base.get("properties").is_some();
        let forms: Vec<BoxedStrategy<Value>> = forms
            .iter()
            .filter_map(|form| {
                if !base_has_members {
                    return self.schema(form, depth);
                }
                if form.get("properties").is_none() {
                    // A choice between required keys.
                    let mut whole = base.clone();
                    merge(&mut whole, form.as_object()?.iter());
                    return self.schema(&whole, depth);
                }
                // A flattened enum: an object with its own members and those of one form.
                let (whole, form) = (self.schema(base, depth)?, self.schema(form, depth)?);
                let joined = (whole, form).prop_map(|(whole, form)| match (whole, form) {
                    (Value::Object(mut whole), Value::Object(form)) => {
                        whole.extend(form);
                        Value::Object(whole)
                    }
                    (_, form) => form,
                });
                Some(joined.boxed())
            })
            .collect();
        (!forms.is_empty()).then(|| proptest::strategy::Union::new(forms).boxed())
    }

    fn typed(&self, keywords: &Map<String, Value>, depth: u32) -> Option<BoxedStrategy<Value>> {
        let types: Vec<&str> = match keywords.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => match implied(keywords) {
                Some(implied) => vec![implied],
                None => return Some(anything()),
            },
        };
        let strategies: Vec<BoxedStrategy<Value>> =
            types.into_iter().filter_map(|kind| self.of_type(kind, keywords, depth)).collect();
        (!strategies.is_empty()).then(|| proptest::strategy::Union::new(strategies).boxed())
    }

    fn of_type(&self, kind: &str, keywords: &Map<String, Value>, depth: u32) -> Option<BoxedStrategy<Value>> {
        match kind {
            "null" => Some(Just(Value::Null).boxed()),
            "boolean" => Some(any::<bool>().prop_map(Value::Bool).boxed()),
            "integer" => integer(keywords),
            "number" => number(keywords),
            "string" => string(keywords),
            "array" => self.array(keywords, depth),
            "object" => self.object(keywords, depth),
            _ => None,
        }
    }

    fn array(&self, keywords: &Map<String, Value>, depth: u32) -> Option<BoxedStrategy<Value>> {
        let (min, max) = lengths(keywords, "minItems", "maxItems");
        if let Some(Value::Array(first)) = keywords.get("prefixItems") {
            let parts = first.iter().map(|schema| self.schema(schema, depth)).collect::<Option<Vec<_>>>()?;
            return Some(parts.prop_map(Value::Array).boxed());
        }
        let items = keywords.get("items").map_or_else(|| Some(anything()), |items| self.schema(items, depth));
        let Some(items) = items else { return (min == 0).then(|| Just(Value::Array(Vec::new())).boxed()) };
        let unique = keywords.get("uniqueItems") == Some(&Value::Bool(true));
        let longest = max.min(min + if depth == 0 { 2 * MORE } else { MORE });
        let list = vec(items, min as usize..=longest as usize).prop_map(move |mut items| {
            if unique {
                let mut seen = std::collections::BTreeSet::new();
                items.retain(|item| seen.insert(sorted(item).to_string()));
            }
            Value::Array(items)
        });
        Some(
            list.prop_filter("too few items", move |list| list.as_array().is_some_and(|l| l.len() as u64 >= min))
                .boxed(),
        )
    }

    fn object(&self, keywords: &Map<String, Value>, depth: u32) -> Option<BoxedStrategy<Value>> {
        let required: Vec<&str> = keywords
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = keywords.get("properties").and_then(Value::as_object);
        let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
        for (key, schema) in properties.into_iter().flatten() {
            let must = required.contains(&key.as_str());
            let Some(value) = self.schema(schema, depth) else {
                if must {
                    return None;
                }
                continue;
            };
            let key = key.clone();
            let member = value.prop_map(move |value| Some((key.clone(), value)));
            members.push(match must {
                true => member.boxed(),
                false => prop_oneof![1 => Just(None), 2 => member].boxed(),
            });
        }
        let known = |key: &&&str| properties.is_some_and(|properties| properties.contains_key(**key));
        for key in required.iter().filter(|key| !known(key)) {
            let key = (*key).to_owned();
            members.push(anything().prop_map(move |value| Some((key.clone(), value))).boxed());
        }
        let aliases = aliases(properties, &required);
        let named = members.prop_map(move |members| {
            let mut members = members.into_iter().flatten().collect::<Map<_, _>>();
            for (one, other) in &aliases {
                if members.contains_key(one) {
                    members.shift_remove(other);
                }
            }
            members
        });
        let (min, max) = lengths(keywords, "minProperties", "maxProperties");
        let Some(rest) = keywords.get("additionalProperties").filter(|rest| rest.is_object()) else {
            return Some(named.prop_map(Value::Object).boxed());
        };
        // A map.
        let keys = match keywords.get("propertyNames").map(|names| self.schema(names, depth)) {
            Some(names) => names?.prop_map(|name| name.as_str().unwrap_or_default().to_owned()).boxed(),
            None => text::free(1, 12),
        };
        let Some(values) = self.schema(rest, depth) else { return Some(named.prop_map(Value::Object).boxed()) };
        let entries = btree_map(keys, values, min as usize..=max.min(min + MORE) as usize);
        let all = (named, entries).prop_map(|(named, entries)| {
            let mut all: Map<String, Value> = entries.into_iter().collect();
            all.extend(named);
            Value::Object(all)
        });
        Some(all.boxed())
    }
}

/// Returns pairs of names of one field (`#[serde(alias)]`), of which only the first may be given if both were generated.
fn aliases(properties: Option<&Map<String, Value>>, required: &[&str]) -> Vec<(String, String)> {
    let alias = |(alias, schema): (&String, &Value)| {
        let description = schema.get("description")?.as_str()?;
        let field = description.strip_prefix("Another name of `")?.strip_suffix("`.")?;
        properties?.get(field)?;
        let (alias, field) = (alias.clone(), field.to_owned());
        Some(if required.contains(&alias.as_str()) { (alias, field) } else { (field, alias) })
    };
    properties.into_iter().flatten().filter_map(alias).collect()
}

/// Returns the type that the keywords apply to if there is no `type`.
fn implied(keywords: &Map<String, Value>) -> Option<&'static str> {
    let any = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    if any(&["properties", "required", "additionalProperties", "minProperties", "maxProperties"]) {
        Some("object")
    } else if any(&["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]) {
        Some("array")
    } else if any(&["pattern", "format", "minLength", "maxLength"]) {
        Some("string")
    } else if any(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        Some("number")
    } else {
        None
    }
}

fn lengths(keywords: &Map<String, Value>, min: &str, max: &str) -> (u64, u64) {
    let length = |name: &str| keywords.get(name).and_then(Value::as_u64);
    (length(min).unwrap_or(0), length(max).unwrap_or(u64::MAX))
}

fn integer(keywords: &Map<String, Value>) -> Option<BoxedStrategy<Value>> {
    let bound = |name: &str| keywords.get(name).and_then(whole);
    let low = bound("minimum").max(bound("exclusiveMinimum").map(|bound| bound + 1)).unwrap_or(i64::MIN.into());
    let above = bound("exclusiveMaximum").map(|bound| bound - 1);
    let high = [bound("maximum"), above].into_iter().flatten().min();
    // Without a maximum, an unsigned number goes up to the largest integer that serde_json represents exactly.
    let high = high.unwrap_or(if low >= 0 { u64::MAX.into() } else { i64::MAX.into() }).min(u64::MAX.into());
    let low = low.max(i64::MIN.into());
    if low > high {
        return None;
    }
    let step = keywords.get("multipleOf").and_then(whole).filter(|step| *step > 1);
    let near = (low.max(0).min(high)).min(high);
    let small = (low.max(near - 100), high.min(near + 100));
    let strategy = prop_oneof![
        4 => range(small.0, small.1),
        1 => range(low, high),
        1 => proptest::sample::select(vec![low, high, near]),
    ];
    let rounded = strategy.prop_map(move |value| match step {
        Some(step) => value - value.rem_euclid(step),
        None => value,
    });
    Some(rounded.prop_filter_map("out of range", move |value| number_of(value).filter(|_| value >= low)).boxed())
}

fn range(low: i128, high: i128) -> BoxedStrategy<i128> {
    (low..=high).boxed()
}

/// Returns a bound as an integer, rounded towards zero.
fn whole(value: &Value) -> Option<i128> {
    let exact = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    exact.or_else(|| value.as_f64().map(|bound| bound as i128))
}

fn number_of(value: i128) -> Option<Value> {
    let signed = i64::try_from(value).ok().map(Number::from);
    signed.or_else(|| u64::try_from(value).ok().map(Number::from)).map(Value::Number)
}

fn number(keywords: &Map<String, Value>) -> Option<BoxedStrategy<Value>> {
    let bound = |name: &str| keywords.get(name).and_then(Value::as_f64);
    let low = bound("minimum").or(bound("exclusiveMinimum")).unwrap_or(f64::MIN);
    let high = bound("maximum").or(bound("exclusiveMaximum")).unwrap_or(f64::MAX);
    if low > high {
        return None;
    }
    let not_low = bound("exclusiveMinimum");
    let not_high = bound("exclusiveMaximum");
    let near = 0f64.clamp(low, high);
    let small = (low.max(near - 1000.0), high.min(near + 1000.0));
    // A weighted mean stays finite, even where the difference of the bounds does not.
    let between = |low: f64, high: f64| (0.0..=1.0f64).prop_map(move |part| low * (1.0 - part) + high * part);
    let strategy = prop_oneof![
        4 => between(small.0, small.1),
        2 => (small.0.ceil() as i64..=(small.1.floor() as i64).max(small.0.ceil() as i64)).prop_map(|whole| whole as f64),
        1 => between(low, high),
        1 => proptest::sample::select(vec![low, high, near]),
    ];
    let allowed = move |value: &f64| {
        (low..=high).contains(value)
            && not_low.is_none_or(|low| *value > low)
            && not_high.is_none_or(|high| *value < high)
    };
    let values = strategy.prop_filter("out of range", allowed);
    Some(values.prop_filter_map("not finite", |value| Number::from_f64(value).map(Value::Number)).boxed())
}

fn string(keywords: &Map<String, Value>) -> Option<BoxedStrategy<Value>> {
    let (min, max) = lengths(keywords, "minLength", "maxLength");
    if min > max {
        return None;
    }
    let word = |name: &str| keywords.get(name).and_then(Value::as_str);
    let free = || text::free(min as usize, usize::try_from(max).unwrap_or(usize::MAX));
    let texts = match (word("pattern").map(text::matching), word("format").and_then(text::format)) {
        (Some(texts), _) => texts?,
        (None, Some(texts)) => texts,
        (None, None) => free(),
    };
    let fits = move |text: &String| (min..=max).contains(&(text.chars().count() as u64));
    Some(texts.prop_filter("too short or too long", fits).prop_map(Value::String).boxed())
}

/// Generates any small JSON value.
fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        (-1000.0..1000.0f64).prop_map(Value::from),
        text::free(0, 20).prop_map(Value::String),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            btree_map(text::free(0, 8), inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Merges the keywords of another schema for the same value.
fn merge<'a>(whole: &mut Value, part: impl Iterator<Item = (&'a String, &'a Value)>) {
    let Value::Object(whole) = whole else { return };
    for (key, value) in part {
        match (whole.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => {
                known.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => known.extend(more.iter().cloned()),
            // A part that allows no further members does not restrict the members of the other parts.
            (_, Value::Bool(false)) if key == "additionalProperties" => {}
            _ => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
}

fn without(schema: &mut Value, key: &str) {
    if let Value::Object(keywords) = schema {
        keywords.shift_remove(key);
    }
}
