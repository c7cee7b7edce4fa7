//! One invocation: reads a request, dispatches it, and writes one response line.

mod envelope;
mod io;
mod panics;

use crate::{
    arguments::Arguments,
    definition,
    failure::Failure,
    output::Output,
    registry::{self, Done, Job, Tool, ToolSet},
    request::{ToolRequest, ToolResponse},
    wire::ErrorKind,
};
pub(crate) use envelope::{Answer, Asked, respond};
pub(crate) use io::log;

/// Answers one request with the tools that [`#[tool]`](crate::tool) marks in this program.
///
/// Reads one request from stdin, runs the tool that it names, and writes one response line to stdout. The process exits
/// with code 0 if the line was written, even if it reports an error.
///
/// ```no_run
/// /// Greet somebody by name.
/// #[mpp_sdk::tool]
/// fn hello(
///     /// The name.
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
    once(&mut |input| answer(&registry::annotated(), input));
}

/// Answers one request with exactly these tools.
///
/// [`serve`] misses tools of a library crate that nothing refers to if the program is linked without LTO. List the tools
/// explicitly in such a build.
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
    once(&mut |input| answer(&tools, input));
}

/// Answers one request by calling `handle`, for programs that dispatch calls themselves.
///
/// The tool definitions come from the package's manifest, so `tools/list` is answered with `method_not_found`. The host
/// has validated the arguments against those definitions; [`ToolRequest::parse`] deserializes them into a type.
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
    once(&mut |input| answer_by_hand(&mut handle, input));
}

fn once(answer: &mut dyn FnMut(&[u8]) -> Vec<u8>) {
    panics::report_on_stderr();
    io::once(answer);
}

/// Answers the request in `input` with a set of tools, and returns the response line.
pub(crate) fn answer(tools: &ToolSet, input: &[u8]) -> Vec<u8> {
    respond(input, &mut |asked| match asked {
        Asked::List => definition::definitions(tools.as_slice()).map(Answer::Tools),
        Asked::Call { name, arguments } => {
            let tool = tools.find(&name)?;
            guarded(tool.name, || call(tool, arguments)).map(Answer::Result)
        }
    })
}

/// Answers the request in `input` by calling a closure, and returns the response line.
pub(crate) fn answer_by_hand(handle: &mut dyn FnMut(ToolRequest) -> ToolResponse, input: &[u8]) -> Vec<u8> {
    respond(input, &mut |asked| match asked {
        Asked::List => Err(Failure::new(
            ErrorKind::MethodNotFound,
            "this tool does not list its definitions: they are `tool_definitions` in the package's manifest.json"
                .to_owned(),
        )),
        Asked::Call { name, arguments } => {
            let request = ToolRequest::from_wire(name, arguments)?;
            let tool = request.tool.clone();
            guarded(&tool, || handle(request).into_outcome(&tool)).map(Answer::Result)
        }
    })
}

fn call(tool: &'static Tool, arguments: Option<&str>) -> Result<Output, Failure> {
    let mut arguments = Arguments::read(tool.name, tool.parameters, arguments)?;
    match (tool.run)(Job::Call(&mut arguments)) {
        Done::Called(returned) => returned.map_err(|error| error.into_failure(tool.name)),
        Done::Refused | Done::Described(_) => Err(arguments.refusal()),
    }
}

fn guarded(tool: &str, run: impl FnOnce() -> Result<Output, Failure>) -> Result<Output, Failure> {
    panics::catch(run).unwrap_or_else(|message| {
        Err(Failure::new(ErrorKind::ToolCrashed, format!("the tool panicked: {message}")).with("tool", tool))
    })
}

#[cfg(test)]
mod tests;
