//! Reads the request from stdin and writes the response line to stdout in one write.

#[cfg_attr(all(target_os = "wasi", target_env = "p1"), path = "io/wasi.rs")]
#[cfg_attr(not(all(target_os = "wasi", target_env = "p1")), path = "io/process.rs")]
mod streams;

pub(crate) use streams::log;

/// Size of the first read; each further read doubles the buffer.
const FIRST_READ: usize = 4 * 1024;

/// Reads the request, answers it, and writes the response line. Exits with an error only if reading or writing fails.
pub(crate) fn once(answer: &mut dyn FnMut(&[u8]) -> Vec<u8>) {
    let outcome = request().and_then(|input| streams::write(&answer(&input)));
    if let Err(error) = outcome {
        fail(&error);
    }
}

/// Reads one line if that is a whole request, so that a caller need not close stdin; else everything up to end of file.
fn request() -> Result<Vec<u8>, streams::Failure> {
    let mut input = Vec::new();
    let mut searched = 0;
    while more(&mut input)? {
        let end = input[searched..].iter().position(|byte| *byte == b'\n');
        let Some(end) = end.map(|end| searched + end + 1) else {
            searched = input.len();
            continue;
        };
        if super::envelope::is_unfinished(&input[..end]) {
            while more(&mut input)? {}
        } else {
            input.truncate(end);
        }
        break;
    }
    Ok(input)
}

/// Appends the bytes of one read, and returns whether there were any.
fn more(input: &mut Vec<u8>) -> Result<bool, streams::Failure> {
    let length = input.len();
    input.resize(length + length.max(FIRST_READ), 0);
    let read = streams::read(&mut input[length..])?;
    input.truncate(length + read);
    Ok(read > 0)
}

#[allow(clippy::exit, reason = "no response can carry the failure, and the caller must see it")]
fn fail(error: &streams::Failure) {
    log(format_args!("mpp: cannot read the request or write the response: {error}"));
    std::process::exit(1);
}
