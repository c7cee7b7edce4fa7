//! Tests of stores: a directory and memory behave alike, and stores without conditions are refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use mpp_host::codes::Coded as _;

use super::*;

async fn text(store: &Store, path: &str) -> Option<String> {
    store.get(path).await.unwrap().map(|object| String::from_utf8(object.bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_directory_and_memory_honour_the_same_conditions() {
    let dir = tempfile::tempdir().unwrap();
    for store in [Store::memory(), Store::directory(dir.path()).unwrap()] {
        store.probe().await.unwrap();
        let Created::New(first) = store.create("a/b.json", Bytes::from_static(b"1")).await.unwrap() else { panic!() };
        assert_eq!(store.head("a/b.json").await.unwrap().unwrap().etag, first, "{store:?}");
        assert_eq!(store.create("a/b.json", Bytes::from_static(b"2")).await.unwrap(), Created::Exists);
        let Updated::Done(second) = store.update("a/b.json", Bytes::from_static(b"3"), Some(&first)).await.unwrap()
        else {
            panic!()
        };
        assert_eq!(store.get("a/b.json").await.unwrap().unwrap().etag, second, "{store:?}");
        for stale in [Some(&first), None] {
            let update = store.update("a/b.json", Bytes::from_static(b"4"), stale).await.unwrap();
            assert_eq!(update, Updated::Conflict);
        }
        assert_eq!(text(&store, "a/b.json").await.as_deref(), Some("3"));
        store.put("a/b.json", Bytes::from_static(b"5")).await.unwrap();
        assert_eq!(text(&store, "a/b.json").await.as_deref(), Some("3"), "an object is not overwritten");
        store.delete("a/b.json").await.unwrap();
        store.delete("a/b.json").await.unwrap();
        assert_eq!(text(&store, "a/b.json").await, None);
        assert_eq!(store.update("a/b.json", Bytes::new(), Some(&second)).await.unwrap(), Updated::Conflict);
    }
}

#[tokio::test]
async fn objects_are_read_whole_in_ranges_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    for store in [Store::memory(), Store::directory(dir.path()).unwrap()] {
        let bytes: Vec<u8> = (0..700_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        store.put(".well-known/x", bytes.clone().into()).await.unwrap();
        store.put("log/tile/0/000.p/1", Bytes::from_static(b"1")).await.unwrap();
        assert_eq!(store.get(".well-known/x").await.unwrap().unwrap().bytes, bytes);
        let opened = store.open(".well-known/x", Some(300_000..650_000)).await.unwrap().unwrap();
        assert_eq!((opened.meta.size, opened.range.clone()), (700_000, 300_000..650_000));
        let parts: Vec<Bytes> = opened.stream.try_collect().await.unwrap();
        assert_eq!(parts.concat(), bytes[300_000..650_000]);
        assert!(store.open("missing", None).await.unwrap().is_none());
        let mut listed: Vec<_> = store.list("").map_ok(|file| (file.path, file.size)).try_collect().await.unwrap();
        listed.sort();
        assert_eq!(listed, [(".well-known/x".to_owned(), 700_000), ("log/tile/0/000.p/1".to_owned(), 1)], "{store:?}");
        let listed: Vec<_> = store.list("log/tile").try_collect().await.unwrap();
        assert_eq!(listed.len(), 1);
        for path in ["../outside", "a//b", "a/../b"] {
            assert_eq!(store.get(path).await.unwrap_err().code(), "MPP-N120", "{path}");
        }
    }
}

#[tokio::test]
async fn one_server_at_a_time_uses_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let first = Store::directory(dir.path()).unwrap();
    first.put("a", Bytes::from_static(b"1")).await.unwrap();
    assert_eq!(Store::directory(dir.path()).unwrap_err().code(), "MPP-N121");
    // Reading needs no lock, and cannot write.
    let reader = Store::directory_to_read(dir.path()).unwrap();
    assert_eq!(text(&reader, "a").await.as_deref(), Some("1"));
    assert!(reader.put("b", Bytes::new()).await.is_err() && reader.delete("a").await.is_err());
    assert!(reader.update("a", Bytes::new(), None).await.is_err());
    drop(first);
    Store::directory(dir.path()).unwrap();
    assert_eq!(Store::directory_to_read(&dir.path().join("missing")).unwrap_err().code(), "MPP-N122");
    std::fs::write(dir.path().join("file"), "").unwrap();
    assert_eq!(Store::directory(&dir.path().join("file")).unwrap_err().code(), "MPP-N122");
}

#[test]
fn settings_of_object_stores_are_checked() {
    let variables = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    assert!(Store::s3("bucket", "a/b", variables("AWS_REGION", "eu-west-1")).is_ok());
    let error = Store::s3("bucket", "", variables("AWS_ALLOW_HTTP", "perhaps")).unwrap_err();
    assert_eq!(error.code(), "MPP-N124", "{error}");
    assert_eq!(Store::s3("bucket", "a/../b", []).unwrap_err().code(), "MPP-N124");
}

/// A store that ignores one of the conditions.
#[derive(Debug)]
struct Careless {
    inner: Arc<dyn Backend>,
    creates: bool,
}

impl Backend for Careless {
    fn open<'a>(
        &'a self,
        path: &'a str,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<Option<Opened>, StoreError>> {
        self.inner.open(path, range)
    }
    fn head<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Meta>, StoreError>> {
        self.inner.head(path)
    }
    fn create<'a>(&'a self, path: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<Created, StoreError>> {
        Box::pin(async move {
            if self.creates {
                self.inner.delete(path).await?;
            }
            self.inner.create(path, bytes).await
        })
    }
    fn update<'a>(
        &'a self,
        path: &'a str,
        bytes: Bytes,
        expected: Option<&'a ETag>,
    ) -> BoxFuture<'a, Result<Updated, StoreError>> {
        Box::pin(async move {
            let found = self.inner.head(path).await?.map(|meta| meta.etag);
            let expected = if self.creates { expected } else { found.as_ref() };
            self.inner.update(path, bytes, expected).await
        })
    }
    fn delete<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.delete(path)
    }
    fn list<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Listed, StoreError>> {
        self.inner.list(prefix)
    }
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_refused() {
    for creates in [true, false] {
        let store = Store::of(Careless { inner: Store::memory().backend(), creates });
        let error = store.probe().await.unwrap_err();
        assert_eq!(error.code(), "MPP-N123", "{error}");
        assert_eq!(store.list("").try_collect::<Vec<_>>().await.unwrap(), [], "the probe leaves nothing behind");
    }
}
