//! What a store can do, and the results of its operations.

use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use super::error::StoreError;

/// The tag that changes whenever an object is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag(pub(super) String);

impl ETag {
    /// Returns the tag as the store writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// The bytes.
    pub bytes: Bytes,
    /// The tag of these bytes.
    pub etag: ETag,
}

/// Facts about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// The size in bytes.
    pub size: u64,
    /// The tag of the bytes.
    pub etag: ETag,
    /// The time of the last write, by the store's clock.
    pub modified: SystemTime,
}

/// An object that is being read.
#[non_exhaustive]
pub struct Opened {
    /// Facts about the whole object.
    pub meta: Meta,
    /// The bytes that the stream gives, as a range of the object.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("meta", &self.meta).field("range", &self.range).finish_non_exhaustive()
    }
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The path of the object.
    pub path: String,
    /// Facts about the object.
    pub size: u64,
    /// The time of the last write, by the store's clock.
    pub modified: SystemTime,
}

/// The result of creating an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Created {
    /// The object was created, and has this tag.
    New(ETag),
    /// The store says that the object exists.
    Exists,
}

/// The result of replacing an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Updated {
    /// The object was replaced, and has this tag now.
    Done(ETag),
    /// The object is not the expected one.
    Conflict,
}

/// An operation, for error messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Read,
    Create,
    Update,
    Delete,
    List,
}

impl Operation {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create | Self::Update => "write",
            Self::Delete => "delete",
            Self::List => "list",
        }
    }
}

/// A place that keeps objects.
pub(crate) trait Backend: fmt::Debug + Send + Sync {
    /// Opens an object or a range of it.
    fn open<'a>(
        &'a self,
        path: &'a str,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<Option<Opened>, StoreError>>;
    /// Returns facts about an object.
    fn head<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Meta>, StoreError>>;
    /// Creates an object if there is none.
    fn create<'a>(&'a self, path: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<Created, StoreError>>;
    /// Replaces an object if it has the expected tag, or creates it.
    fn update<'a>(
        &'a self,
        path: &'a str,
        bytes: Bytes,
        expected: Option<&'a ETag>,
    ) -> BoxFuture<'a, Result<Updated, StoreError>>;
    /// Deletes an object, if there is one.
    fn delete<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;
    /// Lists the objects below a folder.
    fn list<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Listed, StoreError>>;
}
