//! The bounds of integer types.

use serde_json::Value;

use super::Keywords;

/// Replaces the format of a number type, which JSON Schema does not define, by the bounds of the type.
pub(super) fn bound(keywords: &mut Keywords) {
    let Some(format) = keywords.get("format").and_then(Value::as_str) else { return };
    let (is_signed, bits) = match (format.strip_prefix("uint"), format.strip_prefix("int")) {
        _ if format == "float" || format == "double" => (true, "128"),
        (Some(bits), _) => (false, bits),
        (None, Some(bits)) => (true, bits),
        (None, None) => return,
    };
    let bits = match bits.parse::<u32>() {
        Ok(bits) => bits,
        // `usize` and `isize`, which have 32 bits in a module.
        Err(_) if bits.is_empty() => 32,
        Err(_) => return,
    };
    keywords.shift_remove("format");
    if bits <= 64 {
        let largest = u64::MAX >> (64 - bits);
        let (least, most) = if is_signed { (-((largest >> 1) as i64) - 1, largest >> 1) } else { (0, largest) };
        tighten(keywords, "minimum", "exclusiveMinimum", Value::from(least));
        tighten(keywords, "maximum", "exclusiveMaximum", Value::from(most));
    }
    without_zero(keywords);
}

/// Adds the bound of the type, unless the parameter has one of its own.
fn tighten(keywords: &mut Keywords, inclusive: &str, exclusive: &str, bound: Value) {
    if keywords.contains_key(exclusive) {
        keywords.shift_remove(inclusive);
    } else {
        keywords.entry(inclusive).or_insert(bound);
    }
}

/// Says `not zero` (`NonZeroI32` and the like) with two ranges, since providers refuse `not`.
fn without_zero(keywords: &mut Keywords) {
    if keywords.get("not") != Some(&serde_json::json!({ "const": 0 })) {
        return;
    }
    keywords.shift_remove("not");
    let (least, most) = (keywords.shift_remove("minimum"), keywords.shift_remove("maximum"));
    let range = |least: Option<Value>, most: Option<Value>| {
        let mut form = Keywords::new();
        form.insert("type".to_owned(), Value::from("integer"));
        form.extend(least.map(|bound| ("minimum".to_owned(), bound)));
        form.extend(most.map(|bound| ("maximum".to_owned(), bound)));
        Value::Object(form)
    };
    let mut forms = vec![range(least, Some(Value::from(-1))), range(Some(Value::from(1)), most)];
    if keywords.shift_remove("type").is_some_and(|kind| kind.is_array()) {
        forms.push(serde_json::json!({ "type": "null" }));
    }
    keywords.insert("anyOf".to_owned(), Value::Array(forms));
}
