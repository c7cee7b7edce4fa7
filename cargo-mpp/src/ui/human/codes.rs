//! Renders the results of `mpp explain`.

use super::Human;
use crate::reports::codes::{CodeTable, Explanation};
use crate::ui::text::{BOLD, Text};

const WIDTH: usize = 96;

impl Human for Explanation {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(BOLD, self.code).add(": ").line(self.title).end();
        text.paragraph("  ", WIDTH, &self.help).end();
        text.line(format!("  exit code {}", self.exit_code));
    }
}

impl Human for CodeTable {
    fn human(&self, text: &mut Text, _verbose: bool) {
        for code in &self.codes {
            text.styled(BOLD, format!("{:<10}", code.code)).add(" ").line(code.title);
        }
    }
}
