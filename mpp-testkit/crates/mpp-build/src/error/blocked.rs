//! The reasons why a crate cannot be part of a tool, in words.

use super::list;

/// The reason why a crate cannot be part of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockReason {
    /// The crate opens sockets, which the sandbox does not have.
    Sockets,
    /// The crate compiles C code, and there is no C compiler for the target.
    NativeCode,
    /// These features of the crate need threads, sockets, processes or signals.
    Features(Vec<String>),
}

/// Says why a crate cannot work in a tool.
pub(super) fn because(reason: &BlockReason) -> String {
    match reason {
        BlockReason::Sockets => "which opens sockets, but the sandbox has no sockets".to_owned(),
        BlockReason::NativeCode => {
            "which compiles C code, and no C compiler for `wasm32-wasip1` was found on this machine".to_owned()
        }
        BlockReason::Features(features) => {
            format!("whose features {} need what the sandbox does not have", list(features))
        }
    }
}

/// Says what to use instead of a crate, and how to leave it out.
pub(super) fn instead(found: &str, via: &[String], instead: &str) -> String {
    let own = via.get(1).map_or(found, String::as_str);
    let optional = "make it optional and leave its feature out of `features` in `[package.metadata.mpp]`";
    if own == found {
        return format!("{instead}; remove `{found}` from the tool, or {optional}");
    }
    format!(
        "{instead}; `{own}` brings `{found}`: turn off the feature of `{own}` that needs it, remove `{own}` from the tool, or {optional}"
    )
}
