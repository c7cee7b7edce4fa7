//! Function names for backtraces: the module's own, or those of the module before it was stripped.

use std::collections::HashMap;
use std::sync::Arc;

use wasmparser::{KnownCustom, Name, Parser, Payload};
use wasmtime::WasmBacktrace;

/// Frames that a message shows.
const MOST_FRAMES: usize = 24;
/// Characters of one name.
const LONGEST_NAME: usize = 160;

/// Names by function index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symbols(Option<Arc<HashMap<u32, String>>>);

impl Symbols {
    /// The names in `module`'s name section; none where there is no such section or it cannot be read.
    pub(crate) fn read(module: &[u8]) -> Self {
        let mut names = HashMap::new();
        for payload in Parser::new(0).parse_all(module) {
            let Ok(payload) = payload else { break };
            let Payload::CustomSection(section) = payload else { continue };
            let KnownCustom::Name(subsections) = section.as_known() else { continue };
            for subsection in subsections {
                let Ok(Name::Function(functions)) = subsection else { continue };
                names.extend(functions.into_iter().flatten().map(|naming| (naming.index, naming.name.to_owned())));
            }
        }
        Self((!names.is_empty()).then(|| Arc::new(names)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// One line a frame, innermost first.
    pub(crate) fn name(&self, trace: &WasmBacktrace) -> Vec<String> {
        let frames = trace.frames();
        let mut lines: Vec<String> = frames
            .iter()
            .take(MOST_FRAMES)
            .enumerate()
            .map(|(number, frame)| {
                let index = frame.func_index();
                let known = self.0.as_ref().and_then(|names| names.get(&index)).map(String::as_str);
                let name = known.or_else(|| frame.func_name()).map(readable);
                let name = name.unwrap_or_else(|| format!("function {index}"));
                match frame.module_offset() {
                    Some(offset) => format!("#{number} {name} @ {offset:#x}"),
                    None => format!("#{number} {name}"),
                }
            })
            .collect();
        if frames.len() > MOST_FRAMES {
            lines.push(format!("… {} more", frames.len() - MOST_FRAMES));
        }
        lines
    }
}

/// The name without mangling and without its hash, cut to a length that fits a line.
fn readable(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    if name.chars().count() > LONGEST_NAME { name.chars().take(LONGEST_NAME).chain(['…']).collect() } else { name }
}
