//! One invocation: read a request, dispatch it, write one response line.

mod envelope;
mod io;
mod panics;

use crate::{
    output::Output,
    registry::{self, Done, Job, Tool, ToolSet},
    request::{ToolRequest, ToolResponse},
    wire::{ErrorKind, RpcError},
};
pub(crate) use envelope::{Answer, Asked, respond};
pub(crate) use io::log;

/// Answers one request with the tools that [`#[tool]`](crate::tool) marks in this program.
///
/// It reads one request from stdin, runs the tool it names and writes one line to stdout. The process ends with exit code 0
/// whenever a line was written, also where that line reports an error.
///
/// ```no_run
/// /// Say hello.
/// #[mpp_sdk::tool]
/// fn hello(
///     /// Whom to greet.
///     name: &str,
/// ) -> String {
///     format!("Hello, {name}")
/// }
///
/// fn main() {
///     mpp_sdk::serve()
/// }
/// ```
pub fn serve() {
    io::once(&mut |input| answer(&registry::annotated(), input));
}

/// Answers one request with exactly these tools, for builds in which the linker would lose some (a library crate, linked
/// without LTO).
///
/// ```no_run
/// /// Add two numbers.
/// #[mpp_sdk::tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// fn main() {
///     mpp_sdk::serve_tools(mpp_sdk::tools![add])
/// }
/// ```
pub fn serve_tools(tools: ToolSet) {
    io::once(&mut |input| answer(&tools, input));
}

/// Answers one request by calling `handle`, for programs that dispatch by themselves.
///
/// The definitions then come from the package's manifest: `tools/list` is answered with `method_not_found`. Arguments
/// have been checked against those definitions by the host; [`ToolRequest::parse`] reads them into a type.
///
/// ```no_run
/// use mpp_sdk::{Error, ToolRequest, ToolResponse, tool_handler};
///
/// fn main() {
///     tool_handler(|req: ToolRequest| -> ToolResponse {
///         match req.tool.as_str() {
///             "double" => match req.arguments["n"].as_i64() {
///                 Some(n) => ToolResponse::success(n * 2),
///                 None => ToolResponse::error(Error::invalid_argument("/n", "expected an integer")),
///             },
///             _ => req.unknown_tool(&["double"]),
///         }
///     })
/// }
/// ```
pub fn tool_handler<F>(mut handle: F)
where
    F: FnMut(ToolRequest) -> ToolResponse,
{
    io::once(&mut |input| answer_by_hand(&mut handle, input));
}

/// Bytes in, one response line out, from a set of tools.
pub(crate) fn answer(tools: &ToolSet, input: &[u8]) -> Vec<u8> {
    respond(input, &mut |asked| match asked {
        Asked::List => tools.definitions().map(Answer::Tools),
        Asked::Call { name, arguments } => {
            let tool = tools.find(&name)?;
            guarded(tool.name, || call(tool, arguments)).map(Answer::Result)
        }
    })
}

/// Bytes in, one response line out, from a closure.
pub(crate) fn answer_by_hand(handle: &mut dyn FnMut(ToolRequest) -> ToolResponse, input: &[u8]) -> Vec<u8> {
    respond(input, &mut |asked| match asked {
        Asked::List => Err(RpcError::new(
            ErrorKind::MethodNotFound,
            "this tool does not describe itself: its definitions are `tool_definitions` in the package's manifest.json",
        )),
        Asked::Call { name, arguments } => {
            let request = ToolRequest::from_wire(name, arguments)?;
            let tool = request.tool.clone();
            guarded(&tool, || handle(request).into_outcome(&tool)).map(Answer::Result)
        }
    })
}

fn call(tool: &'static Tool, arguments: Option<&str>) -> Result<Output, RpcError> {
    let mut arguments = crate::arguments::Arguments::read(tool, arguments)?;
    match (tool.run)(Job::Call(&mut arguments)) {
        Done::Called(returned) => returned.map_err(|error| error.into_rpc(tool.name)),
        Done::Refused | Done::Described(_) => Err(arguments.refusal()),
    }
}

fn guarded(tool: &str, run: impl FnOnce() -> Result<Output, RpcError>) -> Result<Output, RpcError> {
    panics::catch(run).unwrap_or_else(|message| {
        Err(RpcError::new(ErrorKind::ToolCrashed, format!("the tool panicked: {message}")).with("tool", tool))
    })
}

#[cfg(test)]
mod tests;
