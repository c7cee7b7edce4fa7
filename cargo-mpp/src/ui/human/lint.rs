//! Renders the results of `mpp lint`.

use super::Human;
use crate::reports::lint::Lints;
use crate::ui::text::{BOLD, DIM, GOOD, Text, WARN};

impl Human for Lints {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(BOLD, format!("{} {}", self.package_id, self.version));
        if self.findings.is_empty() {
            text.add("  ").styled(GOOD, "no findings").end();
            return;
        }
        text.end();
        for finding in &self.findings {
            text.wrap(4).add("  ").styled(WARN, finding.rule.name()).line(format!("  {}", finding.message));
            text.wrap(4).styled(DIM, format!("    {}", finding.help)).end();
        }
    }
}
