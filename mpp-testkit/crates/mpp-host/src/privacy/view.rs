//! A view of a text: the text as a reader would see it, with a mapping back to the source bytes.

/// A rewritten text in which each byte is mapped to the source bytes that it represents.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) text: String,
    /// For each byte of `text`, the range of the source bytes of its character.
    from: Vec<(u32, u32)>,
}

/// The length in bytes from which a text is too long for a view. Such a text is redacted as a whole.
pub(super) const MAX_TEXT: usize = u32::MAX as usize;

impl View {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), from: Vec::with_capacity(bytes) }
    }

    /// Appends a character that represents the source bytes `start..end`.
    pub(super) fn push(&mut self, c: char, start: usize, end: usize) {
        self.text.push(c);
        self.from.resize(self.text.len(), (start as u32, end as u32));
    }

    /// Appends the source bytes `start..end` unchanged.
    pub(super) fn copy(&mut self, source: &str, start: usize, end: usize) {
        let piece = &source[start..end];
        self.text.push_str(piece);
        if piece.is_ascii() {
            self.from.extend((start..end).map(|i| (i as u32, i as u32 + 1)));
        } else {
            for (i, c) in piece.char_indices() {
                let at = (start + i) as u32;
                self.from.extend(std::iter::repeat_n((at, at + c.len_utf8() as u32), c.len_utf8()));
            }
        }
    }

    /// Returns the range of the source bytes of a match in this view. The match must not be empty.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        (self.from[start].0 as usize, self.from[end - 1].1 as usize)
    }

    /// Maps a view of the text of `outer` to the source of `outer`.
    pub(super) fn through(mut self, outer: &Self) -> Self {
        for (start, end) in &mut self.from {
            *start = outer.from[*start as usize].0;
            *end = outer.from[*end as usize - 1].1;
        }
        self
    }
}
