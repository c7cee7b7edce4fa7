//! Renders the results of `mpp caps`.

use super::Human;
use crate::reports::caps::Caps;
use crate::ui::text::{BAD, BOLD, DIM, GOOD, Text, WARN};
use crate::usage::{Verdict, recorded_runs};

impl Human for Caps {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.wrap(2)
            .styled(BOLD, format!("{} {}", self.package_id, self.version))
            .line(format!("  {} of all versions signed by this key", recorded_runs(self.recorded.runs)));
        if self.rows.is_empty() {
            text.line("declares no capabilities, and no recorded run needed any");
            return;
        }
        let width = |cell: fn(&crate::usage::Row) -> usize| self.rows.iter().map(cell).max().unwrap_or_default();
        let (kinds, whats) = (width(|row| row.kind.len()), width(|row| row.what.chars().count()).max(8));
        text.styled(DIM, format!("  {:<kinds$}  {:<whats$}  {:<10}  recorded runs", "", "declared", "importable"))
            .end();
        for row in &self.rows {
            let declared = if row.declared { row.what.as_str() } else { "-" };
            let importable = if row.importable { "yes" } else { "no" };
            text.add(format!("  {:<kinds$}  {declared:<whats$}  {importable:<10}  {}", row.kind, row.used));
            match row.verdict {
                Verdict::Used => text.add("  ").styled(GOOD, "used"),
                Verdict::CannotBeUsed => text.add("  ").styled(BAD, "cannot be used"),
                Verdict::NotUsed => text.add("  ").styled(WARN, "not used"),
                Verdict::NotDeclared => text.add("  ").styled(BAD, "not declared"),
                Verdict::Unknown => text,
            };
            text.end();
        }
    }
}
