//! Results of `mpp serve` for people.

use mpp_host::policy::size;
use mpp_recording::line_diff;

use super::{Human, Text};
use crate::reports::serve::{ConfigurationChange, Exported, InstalledServer};

/// Lines that are shown around each changed line.
const CONTEXT: usize = 3;

impl Human for InstalledServer {
    fn human(&self, text: &mut Text, _verbose: bool) {
        let file = self.file.display();
        if !self.changed {
            text.line(format!("{} already starts the server `{}`: {file}", self.title, self.server));
            return;
        }
        text.line(format!("added the server `{}` to {}: {file}", self.server, self.title));
        if let Some(backup) = &self.backup {
            text.field("backup", backup.display().to_string());
        }
        text.field("next", format!("restart {}, which then lists the tools", self.title));
    }
}

impl Human for Exported {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.line(format!("wrote {}", self.path.display()));
        text.field("size", size(self.bytes));
        text.field("package", format!("{} {}", self.package_id, self.version));
        text.field("accepts", format!("{}, and no other package", self.content_hash));
        text.field("for", format!("clients on {}", self.platform));
    }
}

impl Human for ConfigurationChange<'_> {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.line(format!("{}:", self.file));
        // A line break at the end makes both texts several lines.
        let diff = line_diff::diff(&format!("{}\n\n", self.before), &format!("{}\n\n", self.after));
        let mut lines: Vec<&str> = diff.lines().skip(1).collect();
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        let is_changed = |line: &&str| !line.starts_with("  ");
        let near = |index: usize| {
            let (from, to) = (index.saturating_sub(CONTEXT), (index + CONTEXT + 1).min(lines.len()));
            lines[from..to].iter().any(|line| is_changed(line) && !line.trim().is_empty())
        };
        let mut hidden = false;
        for (index, line) in lines.iter().enumerate() {
            if near(index) {
                text.line(line);
            } else if !hidden {
                text.line("  …");
            }
            hidden = !near(index);
        }
    }
}
