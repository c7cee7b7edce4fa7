//! Shapes: what remains of a JSON Schema when it becomes a Rust type.

use serde_json::Value;

/// What types are to the values of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typing {
    /// A value that does not have the type is refused, and so are unknown keys of an object. The published schema has to say so, too.
    Checked,
    /// They are for readers and for checks of the code. The published schema alone decides about a value, and about unknown keys.
    Hints,
}

/// The shape of a value. Every value that the schema accepts has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Any JSON value.
    Any,
    Text,
    Flag,
    Integer,
    Number,
    List(Box<Self>),
    /// An object with any keys.
    Map(Box<Self>),
    /// One of these texts.
    Choice {
        title: Option<String>,
        values: Vec<String>,
    },
    /// An object with these keys and no others.
    Object {
        title: Option<String>,
        about: Option<String>,
        fields: Vec<Field>,
    },
}

/// A key of an object, or an argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) about: Option<String>,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
    /// Whether the schema accepts `null`.
    pub(super) is_nullable: bool,
    pub(super) default: Option<Value>,
    /// Why the shape is a JSON value.
    pub(super) because: Option<&'static str>,
}

impl Field {
    /// Returns whether the value can be absent or `null`.
    pub(super) fn is_optional(&self) -> bool {
        !self.is_required || self.is_nullable
    }
}

impl Shape {
    /// Returns whether the type of this shape is a JSON value, or a list or map of them.
    pub(super) fn is_value(&self) -> bool {
        match self {
            Self::Any => true,
            Self::List(item) | Self::Map(item) => item.is_value(),
            _ => false,
        }
    }

    /// Returns the number of JSON values (`serde_json::Value`, also inside of lists and maps) in this shape.
    pub(super) fn values(&self) -> usize {
        match self {
            Self::Any => 1,
            Self::List(item) | Self::Map(item) => item.values(),
            Self::Object { fields, .. } => fields.iter().map(|field| field.shape.values()).sum(),
            Self::Text | Self::Flag | Self::Integer | Self::Number | Self::Choice { .. } => 0,
        }
    }
}
