//! Codes of the configuration of an agent, and of MCP servers beside packages (`MPP-M1…`).

mpp_host::declare_codes! {
    pub table LEGACY;

    M101: Usage, "the configuration is not valid",
        "The configuration is TOML with tables `[[package]]` and `[[server]]`. The message names the line and column, and what was \
         expected there.";
    M102: Usage, "the configuration has an unknown key",
        "No key is ignored, because a misspelled `deny` would publish what it should hide. The message names the most similar key. A \
         package has `source`, `dirs`, `env` and `tools`; a server has `name`, `command` with `env` and `cwd`, or `url` with `headers` and \
         `allow_http`, and `timeout_ms`, `start_timeout_ms` and `tools`; `tools` has `allow`, `deny` and `rename`.";
    M103: Usage, "a value of the configuration cannot be used",
        "The name of a server is unique and has at most 64 letters, digits, `-` and `_`. It has either a `command`, a list that begins \
         with a program, or a `url`: `https://…`, or `http://…` to this machine; `allow_http = true` allows plain HTTP to other machines, \
         which everybody on the way can read and change. Values of `headers` name variables as `${NAME}`. Times are in milliseconds, \
         from 1 to one hour.";
    M104: Usage, "the configuration selects a tool that does not exist",
        "`allow`, `deny` and `rename` name tools as the package or the server names them. A name that does not exist may be a misspelled \
         one, so that a tool would be published that you meant to hide.";
    M105: Usage, "a variable for an MCP server is not set",
        "A server receives the variables that its `env` names, and a few that every program needs, such as `PATH` and `HOME`; the \
         `headers` of a server with a URL contain the variables that they name. Set the variable to text that fits on one line, or write \
         the value in the configuration if it is not a secret.";
    M106: Tool, "an MCP server cannot be used",
        "The server could not be started or reached, ended, did not answer in time, or does not speak the Model Context Protocol over \
         stdin and stdout or streamable HTTP. The message contains what it answered, or the end of what it wrote to stderr. Run its \
         command by itself to see more; of a URL, check the path and the headers.";
    M107: Denied, "a tool of an MCP server has changed since it was accepted",
        "The definitions of a server's tools are noted when it is first used. A server that changes a description or a schema afterwards \
         can mislead a model that was shown the first one, so a tool that has changed or is gone is not called, and a new one is not \
         published, until a person accepts the tools as they are now.";
    M108: Usage, "the configuration has no such server",
        "The name of a server is the `name` of a `[[server]]` table.";
}
