//! Sends with `wasi:http`.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

use crate::{Arguments, Outcome};

pub fn send(arguments: &Arguments) -> Outcome {
    let mut outcome = exchange(arguments, &arguments.url).unwrap_or_else(|failed| failed);
    for _ in 0..arguments.follow {
        let location = outcome.headers.iter().find(|(name, _)| name == "location");
        let Some((_, url)) = location.filter(|_| (300..400).contains(&outcome.status)).cloned() else { break };
        outcome = exchange(arguments, &url).unwrap_or_else(|failed| failed);
    }
    outcome
}

fn exchange(arguments: &Arguments, url: &str) -> Result<Outcome, Outcome> {
    let request = request_of(arguments, url)?;
    let options = arguments.timeout_ms.map(|time| {
        let options = RequestOptions::new();
        options.set_first_byte_timeout(Some(time * 1_000_000)).expect("a timeout");
        options
    });
    let body = request.body().expect("a new body");
    let response = handle(request, options).map_err(failed)?;
    // The host may answer before it has read the whole body.
    let written = write(body, arguments);
    if arguments.no_wait {
        return Ok(Outcome::failed("not_waited", ""));
    }
    let response = wait(&response).map_err(failed)?;
    if let Err(error) = written {
        return Err(Outcome::failed("body", error));
    }
    read(&response, arguments)
}

fn request_of(arguments: &Arguments, url: &str) -> Result<OutgoingRequest, Outcome> {
    let invalid = |what: &str| Outcome::failed("invalid", what);
    let headers: Vec<(String, Vec<u8>)> =
        arguments.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|error| invalid(&error.to_string()))?);
    let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("the URL has no scheme"))?;
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let method = match arguments.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "CONNECT" => Method::Connect,
        other => Method::Other(other.to_owned()),
    };
    request.set_method(&method).map_err(|()| invalid("the method"))?;
    request.set_scheme(Some(&scheme)).map_err(|()| invalid("the scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| invalid("the authority"))?;
    let path = if path.is_empty() { "/" } else { path };
    request.set_path_with_query(Some(path)).map_err(|()| invalid("the path"))?;
    Ok(request)
}

/// Writes the body, piece by piece.
fn write(body: OutgoingBody, arguments: &Arguments) -> Result<(), String> {
    let stream = body.write().expect("a new stream");
    for _ in 0..arguments.times {
        for piece in arguments.body.as_bytes().chunks(4096) {
            stream.blocking_write_and_flush(piece).map_err(|error| error.to_string())?;
        }
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|error| error.to_string())
}

fn wait(response: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    response.subscribe().block();
    response.get().expect("it is ready").expect("it is taken once")
}

fn read(response: &IncomingResponse, arguments: &Arguments) -> Result<Outcome, Outcome> {
    let entries = response.headers().entries();
    let headers = entries.into_iter().map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect();
    let mut outcome = Outcome { ended: "answered".to_owned(), status: response.status(), headers, ..Outcome::default() };
    let body = response.consume().expect("it is consumed once");
    let stream = body.stream().expect("it is taken once");
    let mut bytes = Vec::new();
    let most = arguments.at_most.unwrap_or(usize::MAX);
    while bytes.len() < most {
        match stream.blocking_read(65_536.min((most - bytes.len()) as u64)) {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(Outcome::failed("body", error.to_string())),
        }
    }
    outcome.set_body(&bytes);
    Ok(outcome)
}

fn failed(code: ErrorCode) -> Outcome {
    let kind = match &code {
        ErrorCode::HttpRequestDenied => "denied",
        ErrorCode::HttpResponseTimeout | ErrorCode::ConnectionTimeout => "timeout",
        ErrorCode::HttpResponseBodySize(_) | ErrorCode::HttpRequestBodySize(_) => "too_large",
        ErrorCode::ConnectionTerminated | ErrorCode::ConnectionRefused | ErrorCode::DnsError(_) => "connection",
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestMethodInvalid | ErrorCode::InternalError(_) => "invalid",
        _ => "other",
    };
    Outcome::failed(kind, format!("{code:?}"))
}
