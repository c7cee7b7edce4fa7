//! An OCI registry in memory, as far as a client needs it, with faults that a test can set.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use crate::protocol::Digest;

/// The registry: blobs by digest, manifests by digest, tags of repositories.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) blobs: HashMap<String, Bytes>,
    pub(super) manifests: HashMap<String, Bytes>,
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Answers every request with this status.
    pub(super) refuses: Option<StatusCode>,
    /// Answers the catalogue with this status.
    pub(super) no_catalogue: Option<StatusCode>,
    /// After a push of a tag, the tag names this manifest.
    pub(super) moves_tags_to: Option<String>,
    /// Number of requests that upload blobs.
    pub(super) uploads: usize,
}

pub(super) type Shared = Arc<Mutex<Fake>>;

/// Starts the registry. Returns it with its host and port.
pub(super) async fn start() -> (Shared, String) {
    let fake = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("an address").to_string();
    let router =
        Router::new().route("/v2/{*path}", any(answer)).route("/v2/", any(StatusCode::OK)).with_state(fake.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (fake, address)
}

fn error(status: StatusCode, code: &str) -> Response {
    (status, format!(r#"{{"errors":[{{"code":"{code}","message":"{code}"}}]}}"#)).into_response()
}

async fn answer(
    State(fake): State<Shared>,
    Path(path): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fake = fake.lock().expect("not poisoned");
    if let Some(status) = fake.refuses {
        let code = match status {
            StatusCode::FORBIDDEN => "DENIED",
            StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
            StatusCode::NOT_FOUND => "NAME_UNKNOWN",
            _ => "UNKNOWN",
        };
        return error(status, code);
    }
    if path == "_catalog" {
        return fake.catalogue(&query);
    }
    if let Some(repository) = path.strip_suffix("/tags/list") {
        return fake.list_tags(repository, &query);
    }
    if let Some((repository, reference)) = path.split_once("/manifests/") {
        return if method == Method::PUT {
            fake.put_manifest(repository, reference, body)
        } else {
            fake.get_manifest(repository, reference)
        };
    }
    if path.contains("/blobs/uploads/") {
        fake.uploads += 1;
        return fake.upload(&method, &uri, &headers, &query, &body);
    }
    match path.split_once("/blobs/").and_then(|(_, digest)| fake.blobs.get(digest)) {
        Some(bytes) => bytes.clone().into_response(),
        None => error(StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
    }
}

impl Fake {
    fn page(all: Vec<String>, query: &HashMap<String, String>) -> Vec<String> {
        let last = query.get("last").cloned().unwrap_or_default();
        let number = query.get("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
        all.into_iter().filter(|name| *name > last).take(number).collect()
    }

    fn catalogue(&self, query: &HashMap<String, String>) -> Response {
        match self.no_catalogue {
            Some(status) => error(status, "UNSUPPORTED"),
            None => serde_json::json!({"repositories": Self::page(self.tags.keys().cloned().collect(), query)})
                .to_string()
                .into_response(),
        }
    }

    fn list_tags(&self, repository: &str, query: &HashMap<String, String>) -> Response {
        match self.tags.get(repository) {
            Some(tags) => {
                serde_json::json!({"name": repository, "tags": Self::page(tags.keys().cloned().collect(), query)})
                    .to_string()
                    .into_response()
            }
            None => error(StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
        }
    }

    fn put_manifest(&mut self, repository: &str, reference: &str, body: Bytes) -> Response {
        let digest = Digest::of(&body).to_string();
        self.manifests.insert(digest.clone(), body);
        let named = self.moves_tags_to.clone().unwrap_or_else(|| digest.clone());
        self.tags.entry(repository.to_owned()).or_default().insert(reference.to_owned(), named);
        (StatusCode::CREATED, [("location", format!("/v2/{repository}/manifests/{digest}"))]).into_response()
    }

    fn get_manifest(&self, repository: &str, reference: &str) -> Response {
        let digest = match reference.contains(':') {
            true => Some(reference),
            false => self.tags.get(repository).and_then(|tags| tags.get(reference)).map(String::as_str),
        };
        match digest.and_then(|digest| self.manifests.get(digest)) {
            Some(bytes) => {
                ([("content-type", "application/vnd.oci.image.manifest.v1+json")], bytes.clone()).into_response()
            }
            None => error(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        }
    }

    fn upload(
        &mut self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        query: &HashMap<String, String>,
        body: &Bytes,
    ) -> Response {
        let location = uri.path().to_owned();
        match *method {
            Method::POST => (StatusCode::ACCEPTED, [("location", format!("{location}session"))]).into_response(),
            Method::PATCH => {
                let mut bytes = self.blobs.remove("session").unwrap_or_default().to_vec();
                bytes.extend_from_slice(body);
                assert!(headers.contains_key("content-range"), "a chunk says where it belongs");
                let range = format!("0-{}", bytes.len().saturating_sub(1));
                self.blobs.insert("session".to_owned(), bytes.into());
                (StatusCode::ACCEPTED, [("location", location), ("range", range)]).into_response()
            }
            _ => {
                let mut bytes = self.blobs.remove("session").unwrap_or_default().to_vec();
                bytes.extend_from_slice(body);
                let digest = query.get("digest").cloned().unwrap_or_default();
                if Digest::of(&bytes).to_string() != digest {
                    return error(StatusCode::BAD_REQUEST, "DIGEST_INVALID");
                }
                self.blobs.insert(digest.clone(), bytes.into());
                (StatusCode::CREATED, [("location", location.replace("uploads/session", &digest))]).into_response()
            }
        }
    }
}
