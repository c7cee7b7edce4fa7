//! Selects how to convert a return type, by method resolution.
//!
//! A blanket implementation for all serializable types would conflict with those for `Result` and text (E0119). Two
//! layers do not: method resolution finds a method of `Tag<T>` before the same method of `&Tag<T>`. Generated code names
//! concrete types, so the selection is exact.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::Error,
    output::{IntoToolResult, Output},
    parameter::Describe,
};

/// A marker for the type `T`.
pub struct Tag<T>(PhantomData<fn() -> T>);

impl<T> std::fmt::Debug for Tag<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tag")
    }
}

impl<T> Tag<T> {
    /// Returns the tag of `T`.
    #[expect(clippy::new_without_default, reason = "generated code calls `new`; a default has no use")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Returns the tag of an option's inner type.
    pub const fn of(_: &Option<T>) -> Self {
        Self::new()
    }
}

/// The value, or the error that the tool reports.
pub type Returned<T> = Result<T, Error>;

/// First layer: the type is a `Result`.
pub trait WrappedResult {
    /// The `Result`.
    type Value;
    /// Its success type.
    type Ok;
    /// Its error type.
    type Err;
    /// Returns the tag of the success type.
    fn ok(&self) -> Tag<Self::Ok>;
    /// Converts the error.
    fn split(&self, value: Self::Value) -> Returned<Self::Ok>
    where
        Self::Err: ToolFailure;
}

impl<T, E> WrappedResult for Tag<Result<T, E>> {
    type Value = Result<T, E>;
    type Ok = T;
    type Err = E;

    fn ok(&self) -> Tag<T> {
        Tag::new()
    }

    fn split(&self, value: Result<T, E>) -> Returned<T>
    where
        E: ToolFailure,
    {
        value.map_err(E::into_error)
    }
}

/// Second layer: the type is not a `Result`.
pub trait PlainResult {
    /// The type.
    type Value;
    /// Returns the tag of the type.
    fn ok(&self) -> Tag<Self::Value>;
    /// Wraps the value.
    fn split(&self, value: Self::Value) -> Returned<Self::Value>;
}

impl<T> PlainResult for &Tag<T> {
    type Value = T;

    fn ok(&self) -> Tag<T> {
        Tag::new()
    }

    fn split(&self, value: T) -> Returned<T> {
        Ok(value)
    }
}

/// How to convert and describe results of one type.
#[derive(Debug)]
pub struct Kind<T> {
    /// Converts a value into the result of the call.
    pub output: fn(T) -> Returned<Output>,
    /// Returns the schema of the result if it is structured.
    pub returns: Describe<Option<Schema>>,
}

/// First layer: the type is text, media or nothing.
pub trait KnownOutput {
    /// The type.
    type Value;
    /// Returns how to convert and describe it.
    fn kind(&self) -> Kind<Self::Value>;
}

impl<T: IntoToolResult> KnownOutput for Tag<T> {
    type Value = T;

    fn kind(&self) -> Kind<T> {
        Kind { output: |value| Ok(value.into_output()), returns: |_, _| None }
    }
}

/// Second layer: the type is serialized.
pub trait StructuredOutput {
    /// The type.
    type Value;
    /// Returns how to convert and describe it.
    fn kind(&self) -> Kind<Self::Value>
    where
        Self::Value: ToolOutput;
}

impl<T> StructuredOutput for &Tag<T> {
    type Value = T;

    fn kind(&self) -> Kind<T>
    where
        T: ToolOutput,
    {
        Kind {
            output: |value| Output::structured(&value),
            returns: |generator, _| Some(generator.subschema_for::<T>()),
        }
    }
}

/// A type that can be an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a tool",
    label = "this type does not implement `Deserialize` and `JsonSchema`",
    note = "if the type is defined in your crate, mark it with `#[mpp::data]`",
    note = "if it is a type of `chrono`, `uuid`, `url`, `rust_decimal` or another usual crate, enable the feature of `mpp-sdk` with that crate's name, and the crate's own feature `serde`",
    note = "otherwise take a `String` and parse it"
)]
pub trait Argument: DeserializeOwned + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Argument for T {}

/// A type that can be a structured result.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "this type does not implement `Serialize` and `JsonSchema`",
    note = "if the type is defined in your crate, mark it with `#[mpp::data]`",
    note = "a tool returns text, media, a type marked with `#[mpp::data]`, or a `Result` of one of these"
)]
pub trait ToolOutput: Serialize + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ToolOutput for T {}

/// A type that can be the error of a tool.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a tool",
    label = "this type does not convert into `mpp::Error`",
    note = "derive it with `#[derive(mpp::ToolError)]`, or return `Result<_, mpp::Error>` and convert with `map_err(|e| mpp::Error::new(\"code\", e.to_string()))`",
    note = "for `anyhow::Error` enable the feature `anyhow` of `mpp-sdk`"
)]
pub trait ToolFailure {
    /// Converts it into the error that the tool reports.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> ToolFailure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// How to describe and deserialize an argument of one type. Only `new` has trait bounds, so that the compiler reports a
/// missing trait once.
#[derive(Debug)]
pub struct Reader<T> {
    /// Returns the type's schema.
    pub schema: Describe<Schema>,
    pub(crate) decode: fn(&str) -> Result<T, serde_path_to_error::Error<serde_json::Error>>,
}

impl<T> Reader<T> {
    /// Returns the reader of `T`.
    #[expect(clippy::new_without_default, reason = "generated code calls `new` in constants")]
    #[must_use]
    pub const fn new() -> Self
    where
        T: Argument,
    {
        Self {
            schema: |generator, _| generator.subschema_for::<T>(),
            decode: |json| serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json)),
        }
    }
}
