//! Passes on the body of an HTTP message as it comes, and gives a copy of its content away.

use std::io::{self, BufRead, Write};

use super::head::{Body, malformed, read_line};

/// Passes on a body from `source` to `target`. `copy` is given the content, without the frames of chunks.
pub(in crate::capture) fn pass(
    body: Body,
    source: &mut impl BufRead,
    target: &mut impl Write,
    mut copy: impl FnMut(&[u8]),
) -> io::Result<()> {
    match body {
        Body::Length(length) => exactly(length, source, target, &mut copy),
        Body::UntilClose => loop {
            let available = source.fill_buf()?;
            if available.is_empty() {
                return Ok(());
            }
            target.write_all(available)?;
            target.flush()?;
            copy(available);
            let length = available.len();
            source.consume(length);
        },
        Body::Chunked => loop {
            let line = read_line(source, 1024)?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let length = u64::from_str_radix(digits, 16).map_err(|_| malformed("the size of a chunk is not valid"))?;
            target.write_all(line.as_bytes())?;
            if length == 0 {
                break trailers(source, target);
            }
            exactly(length, source, target, &mut copy)?;
            target.write_all(read_line(source, 3)?.as_bytes())?;
            target.flush()?;
        },
    }
}

fn exactly(
    mut left: u64,
    source: &mut impl BufRead,
    target: &mut impl Write,
    copy: &mut impl FnMut(&[u8]),
) -> io::Result<()> {
    while left > 0 {
        let available = source.fill_buf()?;
        if available.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(available.len());
        target.write_all(&available[..length])?;
        copy(&available[..length]);
        source.consume(length);
        left -= length as u64;
    }
    target.flush()
}

fn trailers(source: &mut impl BufRead, target: &mut impl Write) -> io::Result<()> {
    loop {
        let line = read_line(source, 8 << 10)?;
        target.write_all(line.as_bytes())?;
        match line.trim_end() {
            "" if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            "" => return target.flush(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::Body;
    use super::pass;

    fn passed(body: Body, text: &str) -> std::io::Result<(String, String)> {
        let (mut target, mut content) = (Vec::new(), Vec::new());
        pass(body, &mut text.as_bytes(), &mut target, |bytes| content.extend_from_slice(bytes))?;
        Ok((String::from_utf8(target).expect("valid"), String::from_utf8(content).expect("valid")))
    }

    #[test]
    fn chunks_are_passed_on_as_they_are_and_copied_without_frames() {
        let chunked = "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nt: 1\r\n\r\n";
        assert_eq!(passed(Body::Chunked, chunked).expect("valid"), (chunked.to_owned(), "hello world".to_owned()));
        assert_eq!(passed(Body::Length(3), "abcdef").expect("valid"), ("abc".to_owned(), "abc".to_owned()));
        assert_eq!(passed(Body::UntilClose, "abc").expect("valid"), ("abc".to_owned(), "abc".to_owned()));
    }

    #[test]
    fn bodies_that_end_too_early_are_errors() {
        assert!(passed(Body::Length(9), "abc").is_err());
        for text in ["5\r\nhel", "5\r\nhello\r\n", "x\r\n", "0\r\n"] {
            assert!(passed(Body::Chunked, text).is_err(), "{text}");
        }
    }
}
