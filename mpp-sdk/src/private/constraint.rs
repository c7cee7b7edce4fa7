//! Traits that `#[arg(…)]` requires of a parameter's type.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
};

/// The unit of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthKind {
    /// Unicode scalar values, as JSON Schema counts them.
    Characters,
    /// Elements of an array.
    Items,
    /// Members of an object.
    Members,
}

/// A type that `min_len` and `max_len` apply to.
#[diagnostic::on_unimplemented(
    message = "`min_len` and `max_len` do not apply to `{Self}`",
    label = "this type has no length",
    note = "they apply to text, lists, sets and maps; to bound a number use `range = 1..=100`"
)]
pub trait Length {
    /// The unit.
    const KIND: LengthKind;
    /// Returns the length of the value.
    fn length(&self) -> usize;
}

/// A type that `pattern` and `format` apply to.
#[diagnostic::on_unimplemented(
    message = "`pattern` and `format` do not apply to `{Self}`",
    label = "this type is not text",
    note = "they apply to `&str`, `String`, `Cow<str>` and `PathBuf`"
)]
pub trait Text {}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl Length for $type {
            const KIND: LengthKind = LengthKind::Characters;
            fn length(&self) -> usize {
                self.chars().count()
            }
        }
        impl Text for $type {}
    )*};
}
text!(String, Box<str>, Cow<'_, str>);
impl Text for std::path::PathBuf {}

/// A type that a field of `#[mpp::data]` can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no JSON Schema, and so cannot be the type of a field of `#[mpp::data]`",
    label = "this type does not implement `JsonSchema`",
    note = "if the type is defined in your crate, mark it with `#[mpp::data]`",
    note = "if it is a type of `chrono`, `uuid`, `url`, `rust_decimal` or another usual crate, enable the feature of `mpp-sdk` with that crate's name, and the crate's own feature `serde`",
    note = "otherwise name a type with the same JSON: `#[schemars(with = \"String\")]`"
)]
pub trait Field {}

#[diagnostic::do_not_recommend]
impl<T: schemars::JsonSchema + ?Sized> Field for T {}

/// Proof that `T` has a JSON Schema. Constructing it gives the compiler a place to report that it has none.
#[derive(Debug)]
pub struct Described<T: ?Sized>(std::marker::PhantomData<fn() -> T>);

impl<T: ?Sized> Described<T> {
    /// Proves that `T` has a JSON Schema.
    #[expect(clippy::new_without_default, reason = "generated code calls `new` in constants")]
    #[must_use]
    pub const fn new() -> Self
    where
        T: Field,
    {
        Self(std::marker::PhantomData)
    }
}

/// Proof that `T` is text. Constructing it gives the compiler a place to report that it is not.
#[derive(Debug)]
pub struct IsText<T>(std::marker::PhantomData<fn() -> T>);

impl<T> IsText<T> {
    /// Proves that `T` is text.
    #[expect(clippy::new_without_default, reason = "generated code calls `new` in constants")]
    #[must_use]
    pub const fn new() -> Self
    where
        T: Text,
    {
        Self(std::marker::PhantomData)
    }
}

macro_rules! counted {
    ($kind:ident: $($type:ty, [$($generics:tt)*]);*) => {$(
        impl<$($generics)*> Length for $type {
            const KIND: LengthKind = LengthKind::$kind;
            fn length(&self) -> usize {
                self.len()
            }
        }
    )*};
}
counted!(Items: Vec<T>, [T]; VecDeque<T>, [T]; BTreeSet<T>, [T]; HashSet<T, S>, [T, S]; Box<[T]>, [T]);
counted!(Members: BTreeMap<K, V>, [K, V]; HashMap<K, V, S>, [K, V, S]);

/// How to measure a value of one type.
#[derive(Debug)]
pub struct Measure<T> {
    /// The unit.
    pub kind: LengthKind,
    /// Returns the length of a value.
    pub length: fn(&T) -> usize,
}

impl<T> Measure<T> {
    /// Returns the measure of `T`.
    #[expect(clippy::new_without_default, reason = "generated code calls `new` in constants")]
    #[must_use]
    pub const fn new() -> Self
    where
        T: Length,
    {
        Self { kind: T::KIND, length: T::length }
    }
}
