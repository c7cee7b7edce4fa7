#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "CRM-Down", message = "the CRM did not answer")]
    CrmDown,
}

fn main() {}
