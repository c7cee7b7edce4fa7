//! Media: results that are images or sound.

use crate::wire::{AudioContent, Content, ImageContent};

/// An image as a tool's result.
///
/// ```
/// /// Draw one black pixel.
/// #[mpp_sdk::tool]
/// fn pixel() -> mpp_sdk::Image {
///     mpp_sdk::Image::new("image/svg+xml", r#"<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1H0z"/></svg>"#)
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image(Media);

/// A sound recording as a tool's result.
///
/// ```
/// let sound = mpp_sdk::Audio::new("audio/wav", b"RIFF".to_vec());
/// let mpp_sdk::Content::Audio(item) = sound.into() else { panic!("not sound") };
/// assert_eq!(item.data, "UklGRg==");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio(Media);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Media {
    mime_type: String,
    bytes: Vec<u8>,
}

impl Image {
    /// Creates an image from its media type, such as `image/png`, and its bytes.
    pub fn new(mime_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self(Media { mime_type: mime_type.into(), bytes: bytes.into() })
    }
}

impl Audio {
    /// Creates a recording from its media type, such as `audio/wav`, and its bytes.
    pub fn new(mime_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self(Media { mime_type: mime_type.into(), bytes: bytes.into() })
    }
}

impl From<Image> for Content {
    fn from(Image(media): Image) -> Self {
        ImageContent::new(base64(&media.bytes), media.mime_type).into()
    }
}

impl From<Audio> for Content {
    fn from(Audio(media): Audio) -> Self {
        AudioContent::new(base64(&media.bytes), media.mime_type).into()
    }
}

/// Encodes bytes as base64 with padding (RFC 4648, section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) as usize & 0x3f;
            text.push(if place > group.len() { '=' } else { char::from(ALPHABET[sextet]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn encodes_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe]), "//4=");
    }
}
