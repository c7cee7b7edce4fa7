//! What the rules of `#[arg(…)]` need from a type.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthKind {
    /// Unicode scalar values, as JSON Schema counts them.
    Characters,
    /// Elements of an array.
    Items,
    /// Members of an object.
    Members,
}

/// A type that `min_len` and `max_len` fit.
#[diagnostic::on_unimplemented(
    message = "`min_len` and `max_len` do not fit `{Self}`",
    label = "this type has no length",
    note = "they fit text, lists, sets and maps; for a number use `range = 1..=100`"
)]
pub trait Length {
    /// What is counted.
    const KIND: LengthKind;
    /// How long the value is.
    fn length(&self) -> usize;
}

/// A type that `pattern` and `format` fit.
#[diagnostic::on_unimplemented(
    message = "`pattern` and `format` do not fit `{Self}`",
    label = "this type is not text",
    note = "they fit `&str`, `String`, `Cow<str>` and `PathBuf`"
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

/// There is one where `T` is text; a place for the compiler to say that it is not.
#[derive(Debug)]
pub struct IsText<T>(std::marker::PhantomData<fn() -> T>);

impl<T> IsText<T> {
    /// The proof.
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

/// How a value of one type is measured.
#[derive(Debug)]
pub struct Measure<T> {
    /// What is counted.
    pub kind: LengthKind,
    /// How long a value is.
    pub length: fn(&T) -> usize,
}

impl<T> Measure<T> {
    /// The measure of a type.
    #[expect(clippy::new_without_default, reason = "generated code calls `new` in constants")]
    #[must_use]
    pub const fn new() -> Self
    where
        T: Length,
    {
        Self { kind: T::KIND, length: T::length }
    }
}
