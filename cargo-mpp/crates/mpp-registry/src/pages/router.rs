//! The routes of the pages.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use mpp_host::causes::with_causes;
use mpp_host::{Coded, PublicKey};
use semver::Version;

use super::load::{LoadError, Loader};
use super::respond::{asset, html};
use super::site::Site;
use super::source::PageSource;
use super::{assets, home, missing, package, publisher};
use crate::protocol::PackageId;
use crate::search::Query;

/// Returns the routes of the pages: `/`, `/search`, `/packages/{id}`, `/packages/{id}/{version}`, `/publisher/{key}` and
/// `/static/{file}`.
pub fn router<S: PageSource>(source: Arc<S>) -> Router {
    Router::new()
        .route("/", get(home_page::<S>))
        .route("/search", get(search_page::<S>))
        .route("/packages/{id}", get(package_page::<S>))
        .route("/packages/{id}/{version}", get(version_page::<S>))
        .route("/publisher/{key}", get(publisher_page::<S>))
        .route("/static/{file}", get(static_file::<S>))
        .with_state(Arc::new(Loader::new(source)))
}

type Pages<S> = State<Arc<Loader<S>>>;

async fn home_page<S: PageSource>(State(pages): Pages<S>) -> Response {
    let site = match site(&pages).await {
        Ok(site) => site,
        Err(response) => return response,
    };
    let load = async {
        let search = pages.source.search();
        let (counts, found) = (search.counts().await?, search.find(Query::default()).await?);
        Ok::<_, LoadError>((counts, found))
    };
    match load.await {
        Ok((counts, latest)) => html(StatusCode::OK, home::home(&site, counts, &latest)),
        Err(error) => failed(&site, &error),
    }
}

async fn search_page<S: PageSource>(State(pages): Pages<S>, RawQuery(query): RawQuery) -> Response {
    let site = match site(&pages).await {
        Ok(site) => site,
        Err(response) => return response,
    };
    let query = match read_query(&query.unwrap_or_default()) {
        Ok(query) => query,
        Err(reason) => return html(StatusCode::BAD_REQUEST, home::bad_search(&site, &reason)),
    };
    match pages.source.search().find(query.clone()).await {
        Ok(found) => html(StatusCode::OK, home::results_page(&site, &query, &found)),
        Err(error) => failed(&site, &error.into()),
    }
}

async fn package_page<S: PageSource>(State(pages): Pages<S>, Path(id): Path<String>, query: RawQuery) -> Response {
    one_package(&pages, &id, None, query).await
}

async fn version_page<S: PageSource>(
    State(pages): Pages<S>,
    Path((id, version)): Path<(String, String)>,
    query: RawQuery,
) -> Response {
    one_package(&pages, &id, Some(&version), query).await
}

async fn one_package<S: PageSource>(
    pages: &Loader<S>,
    id: &str,
    version: Option<&str>,
    RawQuery(query): RawQuery,
) -> Response {
    let site = match site(pages).await {
        Ok(site) => site,
        Err(response) => return response,
    };
    let wanted = version.map_or_else(|| id.to_owned(), |version| format!("{id} {version}"));
    let missing = || html(StatusCode::NOT_FOUND, missing::not_found(&site, Some(&wanted)));
    let Ok(package_id) = PackageId::parse(id) else { return missing() };
    let version = match version.map(Version::parse) {
        Some(Err(_)) => return missing(),
        Some(Ok(version)) => Some(version),
        None => None,
    };
    let all = query.as_deref() == Some("versions=all");
    match pages.package(&package_id, version.as_ref(), all).await {
        Ok(Some(view)) => html(StatusCode::OK, package::package(&site, &view)),
        Ok(None) => missing(),
        Err(error) => failed(&site, &error),
    }
}

async fn publisher_page<S: PageSource>(State(pages): Pages<S>, Path(key): Path<String>) -> Response {
    let site = match site(&pages).await {
        Ok(site) => site,
        Err(response) => return response,
    };
    let missing = || html(StatusCode::NOT_FOUND, missing::not_found(&site, Some(&format!("publisher {key}"))));
    let Some(public_key) = key_of(&key) else { return missing() };
    match pages.publisher(&public_key).await {
        Ok(Some(view)) => html(StatusCode::OK, publisher::publisher(&site, &view)),
        Ok(None) => missing(),
        Err(error) => failed(&site, &error),
    }
}

async fn static_file<S: PageSource>(State(pages): Pages<S>, Path(file): Path<String>) -> Response {
    match (assets::find(&file), site(&pages).await) {
        (Some(found), _) => asset(found),
        (None, Ok(site)) => html(StatusCode::NOT_FOUND, missing::not_found(&site, None)),
        (None, Err(response)) => response,
    }
}

/// Returns the registry, or the response if not even that is known.
async fn site<S: PageSource>(pages: &Loader<S>) -> Result<Site, Response> {
    pages.source.site().await.map_err(|error| {
        tracing::error!(error = with_causes(&error), "a page cannot be made");
        html(StatusCode::SERVICE_UNAVAILABLE, maud::html! { "The registry cannot be read now. Try again in a minute." })
    })
}

fn failed(site: &Site, error: &LoadError) -> Response {
    // The causes can name places on the server, so they are for its log only.
    tracing::error!(error = with_causes(error), "a page cannot be made");
    html(StatusCode::SERVICE_UNAVAILABLE, missing::failed(site, error.code().id, &error.to_string()))
}

/// Parses the query of a search: `q`, `capability`, `verified`, `key` (64 hex digits or Base64) and `page`. Empty values are as
/// good as none, because forms send them.
///
/// # Errors
/// Returns the reason if a value has no meaning.
pub fn read_query(query: &str) -> Result<Query, String> {
    let mut read = Query::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        match &*name {
            "q" => read.text = value.into_owned(),
            "capability" => {
                read.capability =
                    Some(value.parse().map_err(|error: crate::search::UnknownCapability| error.to_string())?);
            }
            "verified" => match &*value {
                "true" => read.verified = true,
                "false" => read.verified = false,
                other => return Err(format!("`verified` is `{}`, expected `true` or `false`", other.escape_debug())),
            },
            "key" => {
                read.key = Some(key_of(&value).ok_or_else(|| {
                    format!("`{}` is not a public key: expected 64 hex digits or Base64", value.escape_debug())
                })?);
            }
            "page" => {
                read.page =
                    value.parse().map_err(|_| format!("`{}` is not the number of a page", value.escape_debug()))?;
            }
            // Links get parameters of others.
            _ => {}
        }
    }
    Ok(read)
}

fn key_of(text: &str) -> Option<PublicKey> {
    let mut bytes = [0; 32];
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) => PublicKey::from_bytes(&bytes).ok(),
        Err(_) => PublicKey::from_base64(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::read_query;
    use crate::search::CapabilityFilter;

    #[test]
    fn a_search_is_read_from_the_address() {
        let query = read_query("q=look+up%22&capability=kv&verified=true&page=3&utm_source=x&key=").expect("a query");
        assert_eq!(
            (query.text.as_str(), query.capability, query.verified, query.page),
            ("look up\"", Some(CapabilityFilter::Kv), true, 3)
        );
        assert!(query.key.is_none());
    }

    #[test]
    fn values_without_meaning_are_named() {
        for (query, word) in
            [("capability=sockets", "sockets"), ("verified=maybe", "maybe"), ("key=abc", "abc"), ("page=-1", "-1")]
        {
            assert!(read_query(query).expect_err(query).contains(word), "{query}");
        }
    }
}
