//! Which kind of result a return type is, decided by method resolution.
//!
//! A blanket rule for everything that serialises cannot live beside rules for `Result` and text (E0119). Two layers can:
//! a method of `Tag<T>` is found before the same method of `&Tag<T>`. Generated code knows its types, so this is exact.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, output::IntoToolResult, output::Output, registry::Describe};

/// Stands for a value of type `T`.
pub struct Tag<T>(PhantomData<fn() -> T>);

impl<T> Tag<T> {
    /// The tag of a type.
    #[expect(clippy::new_without_default, reason = "generated code calls `new`; a default has no use")]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The tag of the type of a value that may be there.
    pub const fn of(_: &Option<T>) -> Self {
        Self::new()
    }
}

/// Either layer's answer: the value, or the error that the tool reports.
pub type Returned<T> = Result<T, Error>;

/// First layer: the type is a `Result`.
pub trait WrappedResult {
    /// The whole.
    type Value;
    /// What succeeds.
    type Ok;
    /// What fails.
    type Err;
    /// The tag of what succeeds.
    fn ok(&self) -> Tag<Self::Ok>;
    /// Value or error.
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
    /// The whole.
    type Value;
    /// Its tag.
    fn ok(&self) -> Tag<Self::Value>;
    /// The value.
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

/// What becomes of a value of one type.
#[derive(Debug)]
pub struct Kind<T> {
    /// The result.
    pub output: fn(T) -> Returned<Output>,
    /// The schema of the result, where it is structured.
    pub returns: Describe<Option<Schema>>,
}

/// First layer: the type has a meaning of its own.
pub trait KnownOutput {
    /// The type.
    type Value;
    /// Its kind.
    fn kind(&self) -> Kind<Self::Value>;
}

impl<T: IntoToolResult> KnownOutput for Tag<T> {
    type Value = T;

    fn kind(&self) -> Kind<T> {
        Kind { output: |value| Ok(value.into_output()), returns: |_, _| None }
    }
}

/// Second layer: the type is serialised.
pub trait StructuredOutput {
    /// The type.
    type Value;
    /// Its kind.
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

/// What an argument's type must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a tool",
    label = "this type cannot be read from JSON, or has no JSON Schema",
    note = "if the type is yours, put `#[mpp::data]` on it",
    note = "if it is another crate's, turn on that crate's `serde` feature and `schemars`' feature for the crate, or take a `String` and parse it"
)]
pub trait Argument: DeserializeOwned + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema> Argument for T {}

/// What a result's type must be, where it is neither text nor media.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "this type cannot be written as JSON, or has no JSON Schema",
    note = "if the type is yours, put `#[mpp::data]` on it",
    note = "a tool returns text, media, any such type, or a `Result` of these"
)]
pub trait ToolOutput: Serialize + JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ToolOutput for T {}

/// What an error's type must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a tool",
    label = "this type does not convert into `mpp::Error`",
    note = "put `#[derive(mpp::ToolError)]` on it, or return `Result<_, mpp::Error>` and use `map_err(|e| mpp::Error::new(\"code\", e.to_string()))`",
    note = "for `anyhow::Error` turn on the feature `anyhow` of `mpp-sdk`"
)]
pub trait ToolFailure {
    /// The error that the tool reports.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> ToolFailure for E {
    fn into_error(self) -> Error {
        self.into()
    }
}

/// How an argument of one type is described and read: everything that its type must be able to do is asked for once,
/// in `new`.
#[derive(Debug)]
pub struct Reader<T> {
    /// Its schema.
    pub schema: Describe<Schema>,
    pub(crate) decode: fn(&str) -> Result<T, serde_path_to_error::Error<serde_json::Error>>,
}

impl<T> Reader<T> {
    /// The reader of a type.
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
