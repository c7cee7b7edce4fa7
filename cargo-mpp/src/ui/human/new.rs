//! Renders the results of `mpp new`.

use super::Human;
use crate::reports::project::NewResult;
use crate::ui::text::{BOLD, GOOD, Text};

impl Human for NewResult {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "created").add(" ").styled(BOLD, &self.path).end();
        self.files.iter().for_each(|file| {
            text.add("  ").line(file);
        });
        self.kept.iter().for_each(|file| {
            text.add("  ").add(file).line(" (yours, left as it is)");
        });
    }
}
