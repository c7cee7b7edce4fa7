//! The types of the table.

use mpp_sdk::wire::Status;

/// Functions that belong together.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// What applies to every function of the group; may be empty.
    pub documentation: &'static str,
    /// The functions.
    pub functions: &'static [HostFunction],
}

/// A function that modules can import.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct HostFunction {
    /// The name of the import, for example `kv_get`.
    pub name: &'static str,
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// The result; `None` if the function returns nothing.
    pub result: Option<Returned>,
    /// What a component gets in place of the number and the reply; `None` if components do not need the function.
    pub answer: Option<Answer>,
    /// The capability that the manifest must declare.
    pub capability: Option<Requirement>,
    /// What a call gives, in a few words.
    pub outcome: &'static str,
    /// What the function does.
    pub documentation: &'static str,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Parameter {
    /// The name, in snake case.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Bytes that the host reads: an address and a length.
    Bytes,
    /// As [`Bytes`](Self::Bytes); a null address stands for no value.
    OptionalBytes,
    /// The address to which the host writes.
    Buffer,
    /// An unsigned number of 32 bits.
    U32,
    /// An unsigned number of 64 bits.
    U64,
    /// A signed number of 64 bits.
    I64,
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returned {
    /// A number of bytes.
    Length,
    /// A result of 0 or more, or a negative [`Status`].
    Status,
}

/// The result of a function for components, which receive it as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// No value.
    Nothing,
    /// Bytes: the reply.
    Bytes,
    /// Whether the number is 1.
    Flag,
    /// The keys in the reply.
    Keys,
    /// The number in the reply.
    Number,
}

/// A capability that the manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// `capabilities.network`.
    Network,
    /// `capabilities.kv`.
    Kv,
}

/// A status that a function can return instead of a result.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StatusEntry {
    /// The status.
    pub status: Status,
    /// The name, in upper case.
    pub name: &'static str,
    /// The meaning.
    pub documentation: &'static str,
}

impl HostFunction {
    /// Returns the name under which components import the function, for example `kv-get`.
    #[must_use]
    pub fn component_name(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Returns the signature of the import: the parameters, a colon and the result; `i` is `i32`, `I` is `i64`.
    #[must_use]
    pub fn signature(&self) -> String {
        let parameters: String = self.parameters.iter().map(|parameter| parameter.kind.letters()).collect();
        if self.result.is_some() { parameters + ":i" } else { parameters }
    }
}

impl Kind {
    /// Returns the WebAssembly types, `i` for `i32` and `I` for `i64`.
    fn letters(self) -> &'static str {
        match self {
            Self::Bytes | Self::OptionalBytes => "ii",
            Self::Buffer | Self::U32 => "i",
            Self::U64 | Self::I64 => "I",
        }
    }
}

impl Requirement {
    /// Returns the name of the capability in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Kv => "kv",
        }
    }

    /// Returns the name of the interface from which components import the functions.
    #[must_use]
    pub fn interface(self) -> &'static str {
        match self {
            Self::Network => "http",
            Self::Kv => "kv",
        }
    }
}
