//! The style sheet and the icon of the pages, compiled in. Their names contain their hashes, so that they can be cached for ever.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Asset {
    /// Path below the registry's URL.
    pub path: String,
    /// Media type.
    pub media_type: &'static str,
    /// Contents.
    pub bytes: &'static [u8],
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash = hex::encode(Sha256::digest(bytes));
        Self { path: format!("/static/{name}-{}.{extension}", &hash[..12]), media_type, bytes }
    }
}

/// The style sheet.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_bytes!("style.css")));

/// The icon that browsers show beside the title.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("icon.svg")));

/// Returns the file of this name below `/static/`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    [&*STYLE, &*ICON].into_iter().find(|asset| asset.path.strip_prefix("/static/") == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{ICON, STYLE, find};

    #[test]
    fn files_are_found_by_their_hashed_names_only() {
        let name = STYLE.path.strip_prefix("/static/").expect("a static file");
        assert!(find(name).is_some() && find("style.css").is_none() && find("../style.css").is_none());
    }

    #[test]
    fn assets_refer_to_nothing_else() {
        for asset in [&*STYLE, &*ICON] {
            let text = std::str::from_utf8(asset.bytes).expect("text");
            let text = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains("url(") && !text.contains("@import") && !text.contains("http"), "{}", asset.path);
        }
    }
}
