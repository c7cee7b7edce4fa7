//! Sends with the functions of `mpp_v1`.

use serde::{Deserialize, Serialize};

use crate::{Arguments, Outcome};

#[link(wasm_import_module = "mpp_v1")]
unsafe extern "C" {
    fn http_send(request: *const u8, length: usize) -> i32;
    fn reply_len() -> usize;
    fn reply_take(at: *mut u8);
}

#[derive(Serialize)]
struct Head<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
    redirects: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
}

pub fn send(arguments: &Arguments) -> Outcome {
    let Arguments { method, url, headers, body, times, timeout_ms, at_most, follow, .. } = arguments;
    let head = Head { method, url, headers, redirects: *follow, timeout_ms: *timeout_ms };
    let head = serde_json::to_vec(&head).expect("JSON");
    let length = u32::try_from(head.len()).expect("a short head");
    let request = [&length.to_le_bytes(), head.as_slice(), body.repeat(*times).as_bytes()].concat();
    let status = unsafe { http_send(request.as_ptr(), request.len()) };
    let mut reply = vec![0; unsafe { reply_len() }];
    unsafe { reply_take(reply.as_mut_ptr()) };
    let kind = match status {
        0.. => "answered",
        -2 => "denied",
        -3 => "invalid",
        -5 => "too_large",
        -7 => "timeout",
        -8 => "connection",
        _ => "other",
    };
    if status < 0 {
        return Outcome::failed(kind, String::from_utf8_lossy(&reply));
    }
    let length = u32::from_le_bytes(reply[..4].try_into().expect("four bytes")) as usize;
    let answer: Answer = serde_json::from_slice(&reply[4..4 + length]).expect("a head");
    let mut outcome = Outcome { ended: kind.to_owned(), status: answer.status, headers: answer.headers, ..Outcome::default() };
    let body = &reply[4 + length..];
    outcome.set_body(&body[..body.len().min(at_most.unwrap_or(usize::MAX))]);
    outcome
}
