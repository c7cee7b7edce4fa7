//! Serves the registry's files from the store: entity tags, ranges, and how long each may be cached.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use tokio::time::Instant;

use super::error::ApiError;
use super::ranges::{Wanted, wanted};
use crate::protocol::{Digest, PackageId, paths, requests};
use crate::store::{Object, Store};

/// The time for which a small file that can change is served from memory.
const FRESH: Duration = Duration::from_secs(1);
/// The largest file that is kept in memory, and the number of files.
const KEPT_BYTES: usize = 128 * 1024;
const KEPT_FILES: usize = 1024;

/// A file that clients may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    /// Its place in the store.
    pub(crate) path: String,
    media: &'static str,
    /// The digest of its bytes, if its name has it.
    digest: Option<Digest>,
    is_immutable: bool,
}

impl Served {
    fn mutable(path: String, media: &'static str) -> Self {
        Self { path, media, digest: None, is_immutable: false }
    }

    /// Returns the bytes of a package.
    pub(crate) fn blob(digest: Digest) -> Self {
        Self { path: paths::blob(&digest), media: requests::PACKAGE, digest: Some(digest), is_immutable: true }
    }
}

/// Returns the file at a path of the public part of the store, or `None` if there is no such part. Every path has one spelling.
pub(crate) fn served(path: &str) -> Option<Served> {
    const JSON: &str = "application/json";
    const BYTES: &str = "application/octet-stream";
    let of_digest = |rest: &str, place: fn(&Digest) -> String, media| {
        let digest = Digest::from_hex(rest.rsplit('/').next()?)?;
        let immutable = Served { path: place(&digest), media, digest: Some(digest), is_immutable: true };
        (immutable.path == path).then_some(immutable)
    };
    match path {
        paths::WELL_KNOWN | paths::REVOCATIONS => return Some(Served::mutable(path.to_owned(), JSON)),
        paths::CHECKPOINT => return Some(Served::mutable(path.to_owned(), "text/plain; charset=utf-8")),
        _ => {}
    }
    let (folder, rest) = path.split_once('/')?;
    match folder {
        "index" => {
            let id = PackageId::parse(rest.strip_suffix(".json")?).ok()?;
            Some(Served::mutable(paths::index(&id), JSON))
        }
        "publishers" => {
            let key = rest.strip_suffix(".json")?;
            Digest::from_hex(key)?;
            Some(Served::mutable(path.to_owned(), JSON))
        }
        "blobs" => of_digest(rest, paths::blob, requests::PACKAGE),
        "manifests" => of_digest(rest, paths::manifest, JSON),
        // A side object can be erased, so it is not cached for ever.
        "side" => of_digest(rest, paths::side, JSON).map(|file| Served { is_immutable: false, ..file }),
        "log" => {
            let tile = rest.strip_prefix("tile/")?;
            let is_part = |part: &str| {
                let digits = part.trim_start_matches('x').trim_end_matches(".p");
                part == "entries"
                    || (!digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()))
            };
            let is_tile = tile.split('/').count() <= 12 && tile.split('/').all(is_part);
            let file = Served { path: path.to_owned(), media: BYTES, digest: None, is_immutable: true };
            is_tile.then_some(file)
        }
        _ => None,
    }
}

/// Small files that were read a moment ago.
#[derive(Debug, Default)]
pub(crate) struct FileCache {
    files: Mutex<HashMap<String, (Instant, Object)>>,
}

impl FileCache {
    fn get(&self, path: &str) -> Option<Object> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(path).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, object)| object.clone())
    }

    fn put(&self, path: &str, object: &Object) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= KEPT_FILES {
            files.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        if files.len() < KEPT_FILES && object.bytes.len() <= KEPT_BYTES {
            files.insert(path.to_owned(), (Instant::now(), object.clone()));
        }
    }

    /// Forgets all files, because this server has just changed some.
    pub(crate) fn clear(&self) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Answers a request for a file.
///
/// # Errors
/// Returns [`ApiError::NotFound`] if the file does not exist, or an error of the store.
pub(crate) async fn respond(
    store: &Store,
    cache: &FileCache,
    file: &Served,
    (method, headers): (&Method, &HeaderMap),
) -> Result<Response, ApiError> {
    let missing = || ApiError::NotFound { what: format!("file `{}`", file.path) };
    if !file.is_immutable || file.path.starts_with("log/") {
        let object = match cache.get(&file.path) {
            Some(object) => object,
            None => {
                let object = store.get(&file.path).await.map_err(ApiError::internal)?.ok_or_else(missing)?;
                cache.put(&file.path, &object);
                object
            }
        };
        let (tag, length) = (tag(file, object.etag.as_str()), object.bytes.len() as u64);
        return match wanted(headers, length, &tag) {
            Wanted::Unchanged => Ok(unchanged(file, &tag)),
            Wanted::Outside => Err(ApiError::Range { length }),
            Wanted::Whole => Ok(answer(file, (&tag, method), (0, length, length), Body::from(object.bytes))),
            Wanted::Part(from, to) => {
                let bytes = part(&object.bytes, from, to);
                Ok(answer(file, (&tag, method), (from, to, length), Body::from(bytes)))
            }
        };
    }
    let meta = store.head(&file.path).await.map_err(ApiError::internal)?.ok_or_else(missing)?;
    let (tag, length) = (tag(file, meta.etag.as_str()), meta.size);
    let (from, to) = match wanted(headers, length, &tag) {
        Wanted::Unchanged => return Ok(unchanged(file, &tag)),
        Wanted::Outside => return Err(ApiError::Range { length }),
        Wanted::Whole => (0, length),
        Wanted::Part(from, to) => (from, to),
    };
    if method == Method::HEAD || from == to {
        return Ok(answer(file, (&tag, method), (from, to, length), Body::empty()));
    }
    let range = (from, to) != (0, length);
    let opened = store.open(&file.path, range.then_some(from..to)).await.map_err(ApiError::internal)?;
    let stream = opened.ok_or_else(missing)?.stream;
    Ok(answer(file, (&tag, method), (from, to, length), Body::from_stream(stream)))
}

fn part(bytes: &Bytes, from: u64, to: u64) -> Bytes {
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(index(from)..index(to))
}

/// Returns the entity tag of a file: its digest, or else the tag of the store without characters that a header cannot have.
fn tag(file: &Served, stored: &str) -> String {
    match &file.digest {
        Some(digest) => format!("\"{}\"", digest.to_hex()),
        None => {
            let text = stored.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | ','));
            format!("\"{}\"", text.collect::<String>())
        }
    }
}

fn answer(file: &Served, (tag, method): (&str, &Method), (from, to, length): (u64, u64, u64), body: Body) -> Response {
    let is_part = (from, to) != (0, length);
    let body = if method == Method::HEAD { Body::empty() } else { body };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(to - from));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    describe(file, tag, headers);
    if is_part {
        if let Ok(value) = HeaderValue::try_from(format!("bytes {from}-{}/{length}", to - 1)) {
            headers.insert(CONTENT_RANGE, value);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

fn unchanged(file: &Served, tag: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    describe(file, tag, response.headers_mut());
    response
}

fn describe(file: &Served, tag: &str, headers: &mut HeaderMap) {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    let cache = match file.is_immutable {
        true => "public, max-age=31536000, immutable",
        false => "public, max-age=2",
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::served;

    #[test]
    fn only_public_files_in_their_only_spelling_are_served() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for path in [
            ".well-known/mpp-registry.json",
            "revocations.json",
            "log/checkpoint",
            "log/tile/0/000",
            "log/tile/1/x001/x234/067",
            "log/tile/0/000.p/3",
            "log/tile/entries/005",
            "index/com.example.clock.json",
            &format!("publishers/{hex}.json"),
            &format!("blobs/sha256/ba/78/{hex}"),
            &format!("manifests/sha256/ba/78/{hex}"),
            &format!("side/sha256/ba/78/{hex}"),
        ] {
            assert_eq!(served(path).map(|file| file.path).as_deref(), Some(path));
        }
        for path in [
            "",
            "registry.lock",
            "log/commit/5",
            "log/derived",
            "log/tile/0/../../commit/5",
            "log/tile/0/",
            "log/tile/0/0000",
            "index/../revocations.json",
            "index/com.example.clock",
            "index/Com.example.clock.json",
            "publishers/abc.json",
            &format!("publishers/{}.json", hex.to_uppercase()),
            &format!("blobs/sha256/78/ba/{hex}"),
            &format!("blobs/{hex}"),
            &format!("blobs/sha256/ba/78/{}", hex.to_uppercase()),
            "keys/log.key",
        ] {
            assert_eq!(served(path), None, "{path}");
        }
    }
}
