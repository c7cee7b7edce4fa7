//! The HTTP interface of a witness.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;

use super::{Answer, Witness};

/// The largest body: a proof and a checkpoint with many signatures.
const MAX_BODY: usize = 256 << 10;
/// The time in which a request has to arrive and be answered.
const LIMIT: Duration = Duration::from_secs(10);
/// The media type of the size in an answer.
pub(super) const SIZE: &str = "text/x.tlog.size";

/// Returns the routes of a witness: `POST /add-checkpoint`, and its verifier key at `/`.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/", get(key))
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LIMIT))
        .with_state(witness)
}

/// Serves a witness until `stop` is done.
///
/// # Errors
/// Returns an error if connections cannot be accepted.
pub async fn serve(
    witness: Arc<Witness>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(witness)).with_graceful_shutdown(stop).await
}

async fn key(State(witness): State<Arc<Witness>>) -> String {
    format!("{}\n", witness.key())
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let answer = |status: StatusCode, text: &str| (status, format!("{text}\n")).into_response();
    match witness.add_checkpoint(&body).await {
        Answer::Cosigned(line) => line.into_response(),
        Answer::OtherSize(size) => (StatusCode::CONFLICT, [(CONTENT_TYPE, SIZE)], format!("{size}\n")).into_response(),
        Answer::Malformed(reason) => answer(StatusCode::BAD_REQUEST, reason),
        Answer::BadSignature => answer(StatusCode::FORBIDDEN, "the checkpoint is not signed by a known key of the log"),
        Answer::UnknownLog => answer(StatusCode::NOT_FOUND, "this witness does not know the log"),
        Answer::Fork(both) => answer(StatusCode::CONFLICT, &format!("the log has two roots for one size: {both}")),
        Answer::OtherHistory(both) => {
            answer(StatusCode::UNPROCESSABLE_ENTITY, &format!("the log has another history: {both}"))
        }
        Answer::BadProof => answer(StatusCode::UNPROCESSABLE_ENTITY, "the consistency proof is not valid"),
        Answer::NotKept => answer(StatusCode::INTERNAL_SERVER_ERROR, "the checkpoint cannot be kept"),
        Answer::Unreachable => answer(
            StatusCode::SERVICE_UNAVAILABLE,
            "the witness cannot read the description or a proof of the registry",
        ),
    }
}
