//! Renders the results of `mpp registry` for those who run one.

use super::Human;
use crate::reports::registry::{
    CheckedRegistry, CopiedRegistry, LogKeyReplaced, NewRegistry, RebuiltRegistry, Replacement, ServedRegistry,
};
use crate::ui::text::{BAD, BOLD, GOOD, Text};

impl Human for NewRegistry {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(GOOD, "made").line(format!(" the registry {} in {}", self.origin, self.path));
        text.field("root key", &self.root_key);
        text.field("keep offline", &self.root_key_path);
    }
}

impl Human for ServedRegistry {
    fn human(&self, text: &mut Text, _: bool) {
        if self.created {
            text.styled(GOOD, "made").line(format!(" the registry {}", self.origin));
        } else {
            text.styled(BOLD, &self.origin).line(format!(
                ": {}, {}, {}",
                count(self.packages, "package"),
                count(self.versions, "version"),
                count(self.leaves, "log entry")
            ));
        }
        text.field("root key", &self.root_key);
        text.field("log key", &self.log_key);
        if let Some(path) = &self.root_key_path {
            text.field("keep offline", path);
        }
        text.field("address", &self.url);
    }
}

impl Human for CheckedRegistry {
    fn human(&self, text: &mut Text, _: bool) {
        for fault in &self.faults {
            text.styled(BAD, &fault.path).line(format!(": {}", fault.problem));
        }
        let (style, verdict) = if self.faults.is_empty() { (GOOD, "intact") } else { (BAD, "not intact") };
        text.styled(style, verdict).line(format!(
            ": {}, {}, {}, {}, {}",
            count(self.leaves, "log entry"),
            count(self.commits, "commit"),
            count(self.tiles, "tile"),
            count(self.objects, "stored object"),
            count(self.derived, "derived file")
        ));
    }
}

impl Human for RebuiltRegistry {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(GOOD, "rebuilt").line(format!(
            " {} and {} from {}; deleted {}",
            count(self.tiles, "tile"),
            count(self.derived, "derived file"),
            count(self.leaves, "log entry"),
            count(self.deleted, "derived file")
        ));
    }
}

impl Human for CopiedRegistry {
    fn human(&self, text: &mut Text, _: bool) {
        text.styled(GOOD, "copied").line(format!(
            " {}: {} and {} written, {} in the log",
            self.origin,
            count(self.files, "file"),
            count(self.commits, "commit"),
            count(self.leaves, "entry")
        ));
        text.field("root key", &self.root_key);
    }
}

impl Human for LogKeyReplaced {
    fn human(&self, text: &mut Text, _: bool) {
        let (verb, rest) = match self.step {
            Replacement::Requested => ("requested", "a new log key of"),
            Replacement::Signed => ("signed", "the description of"),
            Replacement::Replaced => ("replaced", "the log key of"),
        };
        text.styled(GOOD, verb).line(format!(" {rest} {}, version {}", self.origin, self.version));
        text.field("log key", &self.log_key);
        text.field("counts from", format!("{} with the root {}", count(self.from_size, "log entry"), self.from_root));
        if let Some(path) = &self.path {
            text.field("file", path);
        }
    }
}

fn count(number: u64, what: &str) -> String {
    match (number, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {what}s"),
    }
}
