//! The tool `many`.

/// Many arguments.
#[mpp::tool(security_level = "medium", parameters = "schemas/many.json")]
#[allow(clippy::too_many_arguments, reason = "the original takes them")]
fn many(
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_0: &str,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_1: &str,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_10: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_11: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_2: &str,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_3: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_4: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_5: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_6: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_7: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_8: Option<&str>,
    /// Line one.
    ///
    /// - item
    ///
    ///    code
    argument_9: Option<&str>,
) -> Result<String, mpp::Error> {
    Err(super::not_implemented("many"))
}
