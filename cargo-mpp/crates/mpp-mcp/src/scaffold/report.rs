//! What a port does otherwise than the original, as data.

use crate::visible::visible;

/// Something in a schema that the port describes otherwise than the original.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// JSON pointer into the schema.
    pub pointer: String,
    /// What is different, and why.
    pub reason: Reason,
}

impl Note {
    pub(super) fn new(pointer: &str, reason: Reason) -> Self {
        Self { pointer: pointer.to_owned(), reason }
    }
}

/// A reason why a schema or a type differs from the original's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The schema allows every value.
    AnyValue,
    /// The schema allows values of several types.
    SeveralTypes,
    /// The schema combines others (`allOf`, `if`, …) that describe keys of their own.
    Combined,
    /// The schema describes some keys and allows others.
    OpenObject,
    /// The enumeration has values of several types.
    MixedEnum,
    /// The list has a schema for each position.
    Tuple,
    /// The schema contains itself.
    Recursive,
    /// The schema is nested too deeply, or is too large when its references are resolved.
    TooLarge,
    /// The enumeration's values do not give distinct names.
    UnnamedEnum,
    /// A `$ref` leads to another document, or nowhere. It is not published.
    ReferenceElsewhere,
    /// A `$ref` leads to itself. It is not published.
    EndlessReference,
    /// The host cannot match a pattern in linear time. It is not published.
    Pattern,
    /// A key is required, but not described.
    NotDescribed,
    /// The argument has an empty name. It is not published.
    NoName,
    /// The schema describes keys or items of a value without saying its type. The type is published.
    NoType,
    /// The host cannot enforce the schema. It is not published.
    NotEnforceable,
}

impl Reason {
    /// Returns whether a value of this schema becomes a JSON value in the generated code, instead of a type of its own.
    #[must_use]
    pub fn is_value(self) -> bool {
        use Reason::{AnyValue, Combined, MixedEnum, OpenObject, Recursive, SeveralTypes, TooLarge, Tuple};
        matches!(self, AnyValue | SeveralTypes | Combined | OpenObject | MixedEnum | Tuple | Recursive | TooLarge)
    }

    /// Returns whether the port accepts other values than the original.
    #[must_use]
    pub fn changes_acceptance(self) -> bool {
        use Reason::{EndlessReference, NoName, NoType, NotEnforceable, Pattern, ReferenceElsewhere};
        matches!(self, ReferenceElsewhere | EndlessReference | Pattern | NoName | NoType | NotEnforceable)
    }

    /// Describes the reason in a sentence without a subject and a final period.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::AnyValue => "allows any value",
            Self::SeveralTypes => "allows values of several types",
            Self::Combined => "combines several schemas",
            Self::OpenObject => "describes some keys and allows others",
            Self::MixedEnum => "lists values of several types",
            Self::Tuple => "describes each position of a list",
            Self::Recursive => "contains itself",
            Self::TooLarge => "is too deeply nested or too large",
            Self::UnnamedEnum => "lists values that give no distinct names",
            Self::ReferenceElsewhere => {
                "refers to a schema outside of the definition; the port accepts any value there"
            }
            Self::EndlessReference => "refers to itself; the port accepts any value there",
            Self::Pattern => "has a pattern that cannot be matched in linear time; the port does not check it",
            Self::NotDescribed => "is required, but not described",
            Self::NoName => "has an empty name, which no argument can have; the port refuses it",
            Self::NoType => "does not state its type; the port requires the type that its keywords describe",
            Self::NotEnforceable => "is not a valid JSON Schema; the port accepts any value there",
        }
    }
}

/// A property of a tool that the port has not, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Names of tools consist of `A-Z a-z 0-9 _ -`: the tool has another name.
    Renamed {
        /// The original's name.
        from: String,
    },
    /// The original does not describe the tool.
    NoDescription,
    /// The original accepts arguments that it does not describe.
    OpenArguments,
    /// Members of the definition that a package cannot contain.
    LeftOut {
        /// Their names.
        members: Vec<String>,
    },
    /// A tool that is both read-only and destructive is only the former.
    Contradiction,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Renamed { from } => write!(f, "was named `{}`, which a package does not allow", visible(from)),
            Self::NoDescription => f.write_str("has no description in the original"),
            Self::OpenArguments => {
                f.write_str("says that it takes arguments that it does not describe; the port refuses them")
            }
            Self::LeftOut { members } => {
                let names: Vec<String> = members.iter().map(|name| format!("`{}`", visible(name))).collect();
                write!(f, "has {}, which a package does not contain", names.join(", "))
            }
            Self::Contradiction => f.write_str("is called both read-only and destructive; the port says read-only"),
        }
    }
}
