//! Codes of the scaffold: `MPP-M4xx`.

mpp_host::declare_codes! {
    pub table SCAFFOLD;

    M401: Usage, "the file contains no tool definitions",
        "Tool definitions are the result of an MCP server's `tools/list` as JSON: an object with a list `tools`, the whole JSON-RPC \
         response around it, or the bare list. A capture of a session contains such a result if the client asked for it. The message \
         says what was found instead.";
    M402: Usage, "the server has no tools",
        "The list of tools is empty. Some servers list their tools only after they are configured, for example with an access token in \
         an environment variable: start the server as your client does.";
    M403: Usage, "two tools have the same name",
        "Names of tools are unique within a package. The server lists two tools with one name, which clients cannot tell apart either. \
         Save the list to a file, and remove or rename one of them there.";
    M404: Usage, "a tool definition is not valid",
        "A tool needs a `name`, and its `inputSchema` is a JSON Schema of an object. The message names the tool and what is wrong. Save \
         the list to a file and correct it there.";
    M405: Usage, "the tool definitions are too large",
        "The manifest of a package contains the definitions of its tools and has at most 1 MiB. Save the list to a file, and divide the \
         tools among several packages.";
    M406: Usage, "the MCP server cannot be started",
        "The program does not exist, or is not executable. The message contains the operating system's error. Give the command as you \
         would in a terminal.";
    M407: Usage, "the MCP server ended before it listed its tools",
        "The message contains the exit status and the last lines that the server wrote to stderr, which usually say what it misses: an \
         argument, an environment variable, a file.";
    M408: Limit, "the MCP server did not answer in time",
        "The server was started and did not answer. A server that downloads something when it is first started may need more time: start \
         it once by hand. A program that is no MCP server waits for other input.";
    M409: Usage, "the MCP server's answer is not valid",
        "An MCP server writes one JSON-RPC message a line to stdout, and nothing else. The message shows the line at fault, or says \
         which limit the output exceeded. Servers that write log messages to stdout need an option or a variable that turns them off.";
    M410: Usage, "the MCP server answered with an error",
        "The message contains the server's own error. It was asked for its tools as the protocol describes it.";
    M411: Registry, "the MCP server cannot be reached",
        "The program could not connect to the server at the URL. The message contains the reason: the name of the host is not known, \
         no server listens on the port, or this program does not trust the certificate.";
    M412: Usage, "the URL does not lead to an MCP server",
        "The server answered with an HTTP status that refuses the request, or with something that is not the Model Context Protocol over \
         streamable HTTP; the older transport with two addresses is not supported. The path of the URL is often `/mcp`. With `401` or \
         `403`, the server wants credentials in a header. A redirect to another host is not followed: give the URL that is meant.";
}
