//! stdin and stdout: one request in, one line out, in one write.

#[cfg_attr(all(target_os = "wasi", target_env = "p1"), path = "io/wasi.rs")]
#[cfg_attr(not(all(target_os = "wasi", target_env = "p1")), path = "io/process.rs")]
mod streams;

pub(crate) use streams::log;

/// How much is asked for at first; then as much again as there is.
const FIRST: usize = 4 * 1024;

/// Reads the request, answers it, writes the line. Ends the process with a failure only where it cannot be written.
pub(crate) fn once(answer: &mut dyn FnMut(&[u8]) -> Vec<u8>) {
    super::panics::report_on_stderr();
    let outcome = request().and_then(|input| streams::write(&answer(&input)));
    if let Err(error) = outcome {
        fail(&error);
    }
}

/// One line where that is a whole request (so that a caller need not close stdin), else everything there is.
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

/// Appends what one read gives; whether that was anything.
fn more(input: &mut Vec<u8>) -> Result<bool, streams::Failure> {
    let length = input.len();
    input.resize(length + length.max(FIRST), 0);
    let read = streams::read(&mut input[length..])?;
    input.truncate(length + read);
    Ok(read > 0)
}

#[allow(clippy::exit, reason = "there is no answer to write it into, and the caller must see a failure")]
fn fail(error: &streams::Failure) {
    log(format_args!("mpp: cannot read the request or write the response: {error}"));
    std::process::exit(1);
}
