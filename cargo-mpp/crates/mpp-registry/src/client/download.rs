//! Downloads of packages: continued where they broke off, checked against the hash in the log, and renamed when they are complete.

use std::fs::File;
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use http::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::error::ClientError;
use super::package_dir::PackageDir;
use super::private::write;
use super::registry::Registry;
use super::transport::{OnProgress, Request, Transport};
use super::versions::ProvenVersion;
use crate::protocol::{Digest, paths};

impl Registry {
    /// Returns the bytes of a version, from this machine or else from the registry. They have the hash that the log contains.
    ///
    /// # Errors
    /// Returns [`ClientError::OtherBytes`] if the registry serves other bytes, and an error if it cannot be reached or the package
    /// cannot be stored.
    pub async fn package(
        &self,
        version: &ProvenVersion,
        packages: &PackageDir,
        progress: Option<OnProgress<'_>>,
    ) -> Result<Vec<u8>, ClientError> {
        if let Some(bytes) = packages.read(&version.archive_hash)? {
            return Ok(bytes);
        }
        packages.create(&version.archive_hash)?;
        let download = Download {
            path: paths::blob(&version.archive_hash),
            hash: version.archive_hash,
            size: version.archive_size,
            file: packages.path(&version.archive_hash),
        };
        let mut failed = None;
        for copy in self.remote.copies() {
            match self.download_from(copy.as_ref(), &download, progress).await {
                Ok(bytes) => return Ok(bytes),
                Err(error @ (ClientError::File { .. } | ClientError::Damaged { .. })) => return Err(error),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        Err(failed.unwrap_or_else(|| ClientError::no_copy(&download.path)))
    }

    /// Downloads from one copy. A part that an earlier download left is used first; if the whole has another hash then, it is
    /// downloaded once more from the beginning.
    async fn download_from(
        &self,
        copy: &dyn Transport,
        download: &Download,
        progress: Option<OnProgress<'_>>,
    ) -> Result<Vec<u8>, ClientError> {
        let retry = self.remote.retry();
        let (mut attempt, mut fresh) = (1, download.length() == 0);
        loop {
            let error = match download.receive(copy, progress).await {
                Ok(()) => match download.finish() {
                    Err(error @ ClientError::OtherBytes { .. }) if fresh => return Err(error),
                    Err(ClientError::OtherBytes { .. }) => {
                        fresh = true;
                        continue;
                    }
                    end => return end,
                },
                Err(error) => error,
            };
            if !error.is_temporary() || attempt >= retry.attempts {
                return Err(error);
            }
            retry.pause(attempt, None).await;
            attempt += 1;
        }
    }
}

/// A package that is being downloaded.
struct Download {
    path: String,
    hash: Digest,
    size: u64,
    file: PathBuf,
}

impl Download {
    fn part(&self) -> PathBuf {
        self.file.with_extension("part")
    }

    /// Which file of the server the part belongs to.
    fn tag(&self) -> PathBuf {
        self.file.with_extension("etag")
    }

    /// Returns the length of the part that an earlier attempt left.
    fn length(&self) -> u64 {
        std::fs::metadata(self.part()).map_or(0, |metadata| metadata.len())
    }

    /// Receives what is missing, and appends it to the part.
    async fn receive(&self, copy: &dyn Transport, progress: Option<OnProgress<'_>>) -> Result<(), ClientError> {
        let failed = |error| ClientError::transport(copy.url(), &self.path, error);
        let tag = std::fs::read(self.tag()).ok().and_then(|tag| HeaderValue::from_bytes(&tag).ok());
        let have = if tag.is_some() { self.length() } else { 0 };
        if have == self.size {
            return Ok(());
        }
        let mut request = Request::get(format!("/{}", self.path));
        if let (Some(tag), 1..) = (&tag, have)
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={have}-"))
            && have < self.size
        {
            request.headers.insert(RANGE, range);
            request.headers.insert(IF_RANGE, tag.clone());
        }
        let mut response = copy.send(request, None).await.map_err(failed)?;
        let start = match response.status {
            StatusCode::PARTIAL_CONTENT => range_start(&response.headers).filter(|start| *start == have),
            StatusCode::OK => Some(0),
            // The part does not belong to the file of the server.
            StatusCode::RANGE_NOT_SATISFIABLE => None,
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(ClientError::missing(copy.url(), &self.path)),
            status => return Err(ClientError::answer(copy.url(), &self.path, status, None)),
        };
        let Some(start) = start else {
            self.forget()?;
            let reason = "the server sent another part than the one that is missing".to_owned();
            return Err(failed(super::transport::TransportError::Connection { reason }));
        };
        let mut file = self.open(start, response.headers.get(ETAG))?;
        let mut done = start;
        while let Some(bytes) = response.body.next().await {
            let bytes = bytes.map_err(failed)?;
            done += bytes.len() as u64;
            if done > self.size {
                drop(file);
                self.forget()?;
                return Err(ClientError::too_long(copy.url(), &self.path, self.size));
            }
            file.write_all(&bytes).map_err(|error| ClientError::file(&self.part(), error))?;
            if let Some(progress) = progress {
                progress(done, self.size);
            }
        }
        if done < self.size {
            let reason = format!("the connection ended after {done} of {} bytes", self.size);
            return Err(failed(super::transport::TransportError::Connection { reason }));
        }
        file.sync_all().map_err(|error| ClientError::file(&self.part(), error))
    }

    /// Opens the part, cut off at `start`, and remembers the tag of the server's file.
    fn open(&self, start: u64, tag: Option<&HeaderValue>) -> Result<File, ClientError> {
        let part = self.part();
        let failed = |error| ClientError::file(&part, error);
        // Without a tag, a later download cannot know whether the part belongs to the same file.
        match tag.filter(|tag| !tag.as_bytes().starts_with(b"W/")) {
            Some(tag) => write(&self.tag(), tag.as_bytes())?,
            None => remove(&self.tag())?,
        }
        let mut file = File::options().create(true).truncate(false).write(true).open(&part).map_err(failed)?;
        file.set_len(start).and_then(|()| file.seek(SeekFrom::Start(start))).map_err(failed)?;
        Ok(file)
    }

    /// Checks the hash of the whole, and renames it. Bytes with another hash are removed.
    fn finish(&self) -> Result<Vec<u8>, ClientError> {
        let part = self.part();
        let bytes = std::fs::read(&part).map_err(|error| ClientError::file(&part, error))?;
        let found = Digest::of(&bytes);
        if found != self.hash {
            self.forget()?;
            return Err(ClientError::OtherBytes { expected: self.hash, found });
        }
        std::fs::rename(&part, &self.file).map_err(|error| ClientError::file(&self.file, error))?;
        remove(&self.tag())?;
        Ok(bytes)
    }

    fn forget(&self) -> Result<(), ClientError> {
        remove(&self.part()).and_then(|()| remove(&self.tag()))
    }
}

fn remove(path: &Path) -> Result<(), ClientError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(ClientError::file(path, error)),
        _ => Ok(()),
    }
}

/// Reads the start of `Content-Range: bytes START-END/SIZE`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}
