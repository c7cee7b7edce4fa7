//! Codes of the configurations of MCP clients: `MPP-M5xx`.

mpp_host::declare_codes! {
    pub table CLIENTS;

    M501: Usage, "the configuration of an MCP client cannot be changed",
        "The file is not the JSON that the client documents, so a change could damage it. Nothing was written. Correct the file, or \
         enter the server by hand.";
    M502: Usage, "the configuration of an MCP client is read-only",
        "The file is read-only, perhaps because another program (such as a dotfile manager) writes it, so it was left as it is. \
         Make the file writable, or enter the server where that program reads it.";
}
