#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "not_found", message = "nobody matches `{qurey}`")]
    NotFound { query: String },
    #[error(code = "crm_down", message = "the CRM answered {1}")]
    CrmDown(u16),
    #[error(code = "denied", message = "denied: {reason}")]
    Denied,
}

fn main() {}
