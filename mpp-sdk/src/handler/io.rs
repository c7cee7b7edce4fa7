//! stdin and stdout: one request in, one line out, in one write.

use std::io::{BufRead, Read, Write};

/// Reads the request, answers it, writes the line. Ends the process with a failure only where it cannot be written.
pub(crate) fn once(answer: &mut dyn FnMut(&[u8]) -> Vec<u8>) {
    super::panics::report_on_stderr();
    let outcome = read().map(|input| answer(&input)).and_then(|line| write(&line));
    if let Err(error) = outcome {
        fail(&error);
    }
}

/// One line where that is a whole request (so that a caller need not close stdin), else everything there is.
fn read() -> std::io::Result<Vec<u8>> {
    let mut stdin = std::io::stdin().lock();
    let mut input = Vec::new();
    stdin.read_until(b'\n', &mut input)?;
    if super::envelope::is_unfinished(&input) {
        stdin.read_to_end(&mut input)?;
    }
    Ok(input)
}

fn write(line: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line)?;
    stdout.flush()
}

#[allow(
    clippy::print_stderr,
    clippy::exit,
    reason = "there is no answer to write it into, and the caller must see a failure"
)]
fn fail(error: &std::io::Error) {
    eprintln!("mpp: cannot read the request or write the response: {error}");
    std::process::exit(1);
}
