#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(message = "the CRM did not answer")]
    CrmDown,
    #[error(code = "not_found")]
    NotFound,
}

fn main() {}
