//! Comparison of the bounds of numbers, strings, arrays and objects.

use serde_json::{Map, Value};

/// A bound that was added, removed or changed.
pub(super) struct BoundChange {
    /// Whether fewer values are allowed than before.
    pub(super) narrower: bool,
    pub(super) message: String,
}

/// The keyword of each bound, whether it is a lower bound, and the words before and after its number.
const BOUNDS: [(&str, bool, &str, &str); 10] = [
    ("minimum", true, "may be at least", ""),
    ("exclusiveMinimum", true, "may be more than", ""),
    ("maximum", false, "may be at most", ""),
    ("exclusiveMaximum", false, "may be less than", ""),
    ("minLength", true, "has at least", " characters"),
    ("maxLength", false, "has at most", " characters"),
    ("minItems", true, "has at least", " items"),
    ("maxItems", false, "has at most", " items"),
    ("minProperties", true, "has at least", " members"),
    ("maxProperties", false, "has at most", " members"),
];

/// Removes the bounds from both schemas and returns those that changed.
pub(super) fn compare(old: &mut Map<String, Value>, new: &mut Map<String, Value>) -> Vec<BoundChange> {
    let mut changes = Vec::new();
    for (keyword, below, words, unit) in BOUNDS {
        let (before, after) = (old.remove(keyword), new.remove(keyword));
        if before == after {
            continue;
        }
        let change = match (before, after) {
            (None, Some(after)) => BoundChange {
                narrower: true,
                message: format!("{words} {after}{unit}; before, there was no such limit"),
            },
            (Some(before), None) => BoundChange {
                narrower: false,
                message: format!("is no longer limited; before, it {words} {before}{unit}"),
            },
            (Some(before), Some(after)) => {
                let grew = after.as_f64() > before.as_f64();
                BoundChange {
                    narrower: grew == below,
                    message: format!("{words} {after}{unit}, not {before} as before"),
                }
            }
            (None, None) => continue,
        };
        changes.push(change);
    }
    changes
}
