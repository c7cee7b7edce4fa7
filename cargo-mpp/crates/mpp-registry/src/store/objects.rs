//! Stores on `object_store`: a directory, an S3-compatible store, or memory.

use std::fs::{self, File, TryLockError};
use std::io::Read as _;
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use mpp_host::causes::BoxedError;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Error, GetOptions, GetRange, GetResult, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode,
    PutOptions, PutPayload, PutResult, RetryConfig, UpdateVersion,
};
use tokio::sync::Mutex;

use super::backend::{Backend, Created, ETag, Listed, Meta, Opened, Operation, Updated};
use super::error::StoreError;

/// The file whose lock says that a server uses a directory.
const LOCK: &str = "registry.lock";
/// The size of the parts in which files are read.
const PART: usize = 256 << 10;

/// A store on `object_store`.
#[derive(Debug)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    writes: Writes,
}

/// How objects are replaced on a condition.
#[derive(Debug)]
enum Writes {
    /// The store compares entity tags.
    Conditional,
    /// This process compares them, alone, as long as it holds the lock of the directory.
    Exclusive { turn: Mutex<()>, _lock: File },
    /// Nothing can be written.
    Refused,
}

impl Objects {
    pub(super) fn directory(path: &FilePath) -> Result<Self, StoreError> {
        let fault = |source: BoxedError| StoreError::Directory { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(|error| fault(error.into()))?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK));
        let lock = lock.map_err(|error| fault(error.into()))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::Locked(path.to_owned()),
            TryLockError::Error(error) => fault(error.into()),
        })?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| fault(error.into()))?.with_fsync(true);
        Ok(Self { store: Arc::new(store), writes: Writes::Exclusive { turn: Mutex::new(()), _lock: lock } })
    }

    pub(super) fn directory_to_read(path: &FilePath) -> Result<Self, StoreError> {
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(|error| StoreError::Directory { path: path.to_owned(), source: error.into() })?;
        Ok(Self { store: Arc::new(store), writes: Writes::Refused })
    }

    pub(super) fn memory() -> Self {
        Self { store: Arc::new(InMemory::new()), writes: Writes::Conditional }
    }

    pub(super) fn s3(
        bucket: &str,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, StoreError> {
        // The HTTP client takes the process-wide provider of cryptography; another one that was installed before is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_conditional_put(S3ConditionalPut::ETagMatch).with_retry(retry);
        for (name, value) in variables {
            if let Some(key) = s3_setting(&name) {
                builder = builder.with_config(key, value);
            }
        }
        let settings = |error: Error| StoreError::Settings(error.into());
        let store = builder.with_bucket_name(bucket).build().map_err(settings)?;
        let prefix = Path::parse(prefix).map_err(|error| StoreError::Settings(error.into()))?;
        let store: Arc<dyn ObjectStore> = match prefix.as_ref().is_empty() {
            true => Arc::new(store),
            false => Arc::new(PrefixStore::new(store, prefix)),
        };
        Ok(Self { store, writes: Writes::Conditional })
    }

    async fn put(&self, path: &str, bytes: Bytes, mode: PutMode) -> Result<PutResult, Error> {
        let options = PutOptions { mode, ..PutOptions::default() };
        self.store.put_opts(&Path::parse(path)?, PutPayload::from_bytes(bytes), options).await
    }

    async fn get(&self, path: &str, options: GetOptions) -> Result<Option<GetResult>, StoreError> {
        let location = Path::parse(path).map_err(|error| failed(Operation::Read, path)(error.into()))?;
        match self.store.get_opts(&location, options).await {
            Ok(result) => Ok(Some(result)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(Operation::Read, path)(error)),
        }
    }

    async fn replace(&self, path: &str, bytes: Bytes, expected: Option<&ETag>) -> Result<Updated, StoreError> {
        let mode = match (expected, &self.writes) {
            (None, _) => PutMode::Create,
            (Some(_), Writes::Exclusive { .. }) => match self.head(path).await?.map(|meta| meta.etag) {
                found if found.as_ref() == expected => PutMode::Overwrite,
                _ => return Ok(Updated::Conflict),
            },
            (Some(etag), _) => PutMode::Update(UpdateVersion { e_tag: Some(etag.0.clone()), version: None }),
        };
        match self.put(path, bytes, mode).await {
            Ok(result) => Ok(Updated::Done(etag(path, result.e_tag)?)),
            // A store says `NotFound` if the object to replace was deleted.
            Err(Error::Precondition { .. } | Error::AlreadyExists { .. } | Error::NotFound { .. }) => {
                Ok(Updated::Conflict)
            }
            Err(error) => Err(failed(Operation::Update, path)(error)),
        }
    }

    fn check_writable(&self, operation: Operation, path: &str) -> Result<(), StoreError> {
        match self.writes {
            Writes::Refused => Err(StoreError::Failed {
                operation: operation.name(),
                path: path.to_owned(),
                source: "the directory was opened for reading only".into(),
            }),
            _ => Ok(()),
        }
    }
}

impl Backend for Objects {
    fn open<'a>(
        &'a self,
        path: &'a str,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<Option<Opened>, StoreError>> {
        Box::pin(async move {
            let range = range.map(GetRange::Bounded);
            let Some(result) = self.get(path, GetOptions { range, ..GetOptions::default() }).await? else {
                return Ok(None);
            };
            let (meta, range) = (meta(path, &result.meta)?, result.range.clone());
            Ok(Some(Opened { meta, range, stream: parts(path.to_owned(), result) }))
        })
    }

    fn head<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Meta>, StoreError>> {
        Box::pin(async move {
            let result = self.get(path, GetOptions { head: true, ..GetOptions::default() }).await?;
            result.map(|result| meta(path, &result.meta)).transpose()
        })
    }

    fn create<'a>(&'a self, path: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<Created, StoreError>> {
        Box::pin(async move {
            self.check_writable(Operation::Create, path)?;
            match self.put(path, bytes, PutMode::Create).await {
                Ok(result) => Ok(Created::New(etag(path, result.e_tag)?)),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(Created::Exists),
                Err(error) => Err(failed(Operation::Create, path)(error)),
            }
        })
    }

    fn update<'a>(
        &'a self,
        path: &'a str,
        bytes: Bytes,
        expected: Option<&'a ETag>,
    ) -> BoxFuture<'a, Result<Updated, StoreError>> {
        Box::pin(async move {
            self.check_writable(Operation::Update, path)?;
            match &self.writes {
                Writes::Exclusive { turn, .. } => {
                    let _turn = turn.lock().await;
                    self.replace(path, bytes, expected).await
                }
                _ => self.replace(path, bytes, expected).await,
            }
        })
    }

    fn delete<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.check_writable(Operation::Delete, path)?;
            let location = Path::parse(path).map_err(|error| failed(Operation::Delete, path)(error.into()))?;
            match self.store.delete(&location).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(Operation::Delete, path)(error)),
            }
        })
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Listed, StoreError>> {
        let folder = match Path::parse(prefix) {
            Ok(folder) => folder,
            Err(error) => return stream::iter([Err(failed(Operation::List, prefix)(error.into()))]).boxed(),
        };
        let objects = self.store.list(Some(&folder).filter(|folder| !folder.as_ref().is_empty()));
        let objects = objects.map_err(failed(Operation::List, prefix));
        let listed = objects.map_ok(|found| Listed {
            path: found.location.as_ref().to_owned(),
            size: found.size,
            modified: time(found.last_modified.timestamp_millis()),
        });
        listed.try_filter(|found| std::future::ready(found.path != LOCK)).boxed()
    }
}

/// Returns the setting that a variable of the environment stands for.
fn s3_setting(name: &str) -> Option<AmazonS3ConfigKey> {
    name.starts_with("AWS_").then(|| name.to_ascii_lowercase().parse().ok()).flatten()
}

fn failed(operation: Operation, path: &str) -> impl FnMut(Error) -> StoreError + Send + use<> {
    let path = path.to_owned();
    move |error| StoreError::Failed { operation: operation.name(), path: path.clone(), source: error.into() }
}

fn etag(path: &str, etag: Option<String>) -> Result<ETag, StoreError> {
    let missing = || StoreError::Failed {
        operation: Operation::Read.name(),
        path: path.to_owned(),
        source: "the store returned no entity tag".into(),
    };
    etag.map(ETag).ok_or_else(missing)
}

fn meta(path: &str, found: &ObjectMeta) -> Result<Meta, StoreError> {
    let modified = time(found.last_modified.timestamp_millis());
    Ok(Meta { size: found.size, etag: etag(path, found.e_tag.clone())?, modified })
}

fn time(millis: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Returns the bytes of an object in parts. Files are read in larger parts than `object_store` does.
fn parts(path: String, result: GetResult) -> BoxStream<'static, Result<Bytes, StoreError>> {
    let file = match result.payload {
        GetResultPayload::Stream(stream) => return stream.map_err(failed(Operation::Read, &path)).boxed(),
        GetResultPayload::File(file, _) => file,
    };
    let Range { start, end } = result.range;
    let parts = stream::try_unfold((file, start), move |(file, at)| {
        let path = path.clone();
        async move {
            if at >= end {
                return Ok(None);
            }
            let read = tokio::task::spawn_blocking(move || read_part(file, at, end)).await;
            let read: Result<_, BoxedError> = read.map_err(Into::into).and_then(|read| read.map_err(Into::into));
            let (file, part) =
                read.map_err(|source| StoreError::Failed { operation: Operation::Read.name(), path, source })?;
            let next = at + part.len() as u64;
            Ok(Some((part, (file, next))))
        }
    });
    parts.boxed()
}

/// Reads the next part of a file, which must not end before `end`.
fn read_part(mut file: File, at: u64, end: u64) -> std::io::Result<(File, Bytes)> {
    use std::io::{Seek as _, SeekFrom};
    file.seek(SeekFrom::Start(at))?;
    let mut part = vec![0; usize::try_from(end - at).unwrap_or(PART).min(PART)];
    file.read_exact(&mut part)?;
    Ok((file, part.into()))
}
