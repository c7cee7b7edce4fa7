//! The tool `Odd_Name_2`.

#[mpp::tool(
    name = "Odd_Name_2",
    description = "\
        Parameters that Rust cannot name.\n\
        \n\
        ```\n\
        let x = 1; /* */\n\
        ```\n\
        \n\
        \x20\x20\x20\x20indented();\n\
        \n\
        A \"quote\", \\ and \u{202e}bidi\u{202c}, \u{1b}[31mred\u{1b}[0m, é 名 */ <b>",
    security_level = "medium",
    read_only,
    parameters = "schemas/odd_name_2.json"
)]
#[allow(clippy::too_many_arguments, reason = "the original takes them")]
fn odd_name_2(
    /// About `$ref`.
    #[arg(name = "$ref")]
    ref_: Option<&str>,
    /// About `2nd`.
    #[arg(name = "2nd")]
    arg_2nd: Option<&str>,
    /// About `Self`.
    #[arg(name = "Self")]
    self_: Option<&str>,
    /// About `a/b~c`.
    #[arg(name = "a/b~c")]
    a_b_c: Option<&str>,
    /// About `crate`.
    #[arg(name = "crate")]
    crate_: Option<&str>,
    /// About `foo-bar`.
    #[arg(name = "foo-bar")]
    foo_bar_2: Option<&str>,
    /// About `fooBar`.
    #[arg(name = "fooBar")]
    foo_bar_3: Option<&str>,
    /// About `foo_bar`.
    foo_bar: Option<&str>,
    /// About `ref`.
    #[arg(name = "ref")]
    ref__2: Option<&str>,
    /// About `self`.
    #[arg(name = "self")]
    self__2: Option<&str>,
    /// About `static`.
    #[arg(name = "static")]
    static_: Option<&str>,
    /// About `tool\u{202e}`.
    #[arg(name = "tool\u{202e}")]
    tool: Option<&str>,
    /// About `type`.
    #[arg(name = "type")]
    type_: &str,
    /// About `名前`.
    #[arg(name = "名前")]
    arg: Option<&str>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("Odd_Name_2"))
}
