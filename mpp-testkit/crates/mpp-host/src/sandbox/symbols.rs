//! Function names and lines for backtraces, from the module itself or from the module before it was stripped and trimmed.

mod lines;

use std::collections::HashMap;
use std::sync::Arc;

use wasmparser::{KnownCustom, Name, Parser, Payload};
use wasmtime::WasmBacktrace;

use lines::{Frame, Lines};

/// Maximum number of frames that a message shows.
const MOST_FRAMES: usize = 24;
/// Maximum number of characters of one name.
const LONGEST_NAME: usize = 160;

/// Names by function index, and line numbers if debug information is available.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symbols {
    names: Option<Arc<HashMap<u32, String>>>,
    lines: Option<Arc<Lines>>,
}

impl Symbols {
    /// Reads the names in the name section of `module`. The result is empty if there is no such section or it is unreadable.
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
        Self { names: (!names.is_empty()).then(|| Arc::new(names)), lines: None }
    }

    /// Reads the names and lines of `linked` for backtraces of `module`, which was made from it by removing parts.
    pub(crate) fn of_linked(module: &[u8], linked: Vec<u8>) -> Self {
        let names = Self::read(&linked);
        Self { lines: Some(Arc::new(Lines::new(module.to_vec(), linked))), ..names }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_none()
    }

    /// Formats a backtrace with one line per frame, innermost first. An inlined function has its own frame.
    pub(crate) fn name(&self, trace: &WasmBacktrace) -> Vec<String> {
        let located = self.lines.as_ref().and_then(|lines| lines.open());
        let mut frames = Vec::new();
        for frame in trace.frames() {
            let index = frame.func_index();
            let known = self.names.as_ref().and_then(|names| names.get(&index)).map(String::as_str);
            let name = known.or_else(|| frame.func_name()).map(readable);
            let name = name.unwrap_or_else(|| format!("function {index}"));
            let offset = frame.module_offset();
            let places = located.as_ref().zip(offset).map(|(lines, offset)| lines.frames(index, offset));
            match (places.filter(|places| !places.is_empty()), offset) {
                (Some(places), _) => frames.extend(places.into_iter().map(|Frame { function, place }| {
                    format!("{} at {place}", function.as_deref().map_or_else(|| name.clone(), readable))
                })),
                (None, Some(offset)) => frames.push(format!("{name} @ {offset:#x}")),
                (None, None) => frames.push(name),
            }
        }
        leave_out_panicking(&mut frames);
        let more = frames.len().saturating_sub(MOST_FRAMES);
        frames.truncate(MOST_FRAMES);
        let mut lines: Vec<String> =
            frames.into_iter().enumerate().map(|(number, frame)| format!("#{number} {frame}")).collect();
        if more > 0 {
            lines.push(format!("… {more} more"));
        }
        lines
    }
}

/// Removes the frames of the panic machinery, so that the backtrace starts with the function that panicked.
fn leave_out_panicking(frames: &mut Vec<String>) {
    let ends = |frame: &String| frame.contains("rust_begin_unwind") || frame.starts_with("core::panicking::");
    match frames.iter().rposition(ends) {
        Some(last) if last + 1 < frames.len() => drop(frames.drain(..=last)),
        _ => {}
    }
}

/// Returns the demangled name without its hash, truncated to a length that fits a line.
fn readable(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    if name.chars().count() > LONGEST_NAME { name.chars().take(LONGEST_NAME).chain(['…']).collect() } else { name }
}
