//! Codes of captures and inventories: `MPP-M2xx`.

mpp_host::declare_codes! {
    pub table CAPTURE;

    M201: Usage, "the file is not a capture",
        "A capture is a file of JSON lines. The first line is a header with the version of the format: `{\"capture\":1,…}`. The message \
         says what was found instead. Name the file that the capture was written to.";
    M202: Usage, "the capture has a newer format",
        "The capture was written by a newer version of the program, and this version cannot read it. Update the program, or record the \
         capture again with this version.";
    M203: Usage, "a line of the capture is damaged",
        "A line in the middle of the file is not an entry of a capture: the file was edited or damaged after it was recorded. The message \
         names the line. A line that is cut off at the end of the file is not an error, because it is what an interrupted capture leaves. \
         Remove the line, or record the capture again.";
    M204: Usage, "the server cannot be started",
        "The command of the MCP server cannot be run. The message contains the operating system's error. Check that the command works by \
         itself in this directory and with this environment.";
    M205: Usage, "the file of calls is not valid",
        "Each line of the file is one call, a JSON object such as `{\"tool\":\"convert\",\"arguments\":{\"amount\":3}}`. Empty lines are \
         ignored. The message names the line at fault.";
    M206: Tool, "the server did not answer",
        "The MCP server was sent a request, and it ended, closed its output, answered with an error, or did not answer in time. The capture \
         contains everything up to this point, including what the server wrote to stderr.";
    M207: Usage, "the capture cannot be written",
        "The file of the capture could not be written to the end, for example because the disk is full. Messages were still passed on, but \
         the capture ends where writing failed. Free some space, or choose another place, and record again.";
    M208: Usage, "the server cannot be observed",
        "Files, hosts and programs are observed by `strace`, which exists on Linux only and has to be installed: `apt install strace`, `dnf \
         install strace` or `apk add strace`. In a container it also needs the right to trace processes (`SYS_PTRACE`). Without observation, \
         only messages are recorded.";
    M209: Usage, "an address cannot be listened on",
        "The proxy accepts connections from this machine only, because anyone who can connect to it can call the server behind it. Use \
         an address such as `127.0.0.1:4100` whose port is not in use; port 0 stands for any free port.";
    M210: Usage, "the URL of a server is not valid",
        "The URL of an MCP server begins with `https://` or `http://` and contains neither a user name nor a password: \
         `https://mcp.example.com/mcp`. Clients send credentials in a header, which is passed on and not recorded.";
}
