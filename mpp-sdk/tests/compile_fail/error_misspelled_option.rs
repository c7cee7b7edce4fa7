#[derive(Debug, mpp_sdk::ToolError)]
enum LookupError {
    #[error(code = "crm_down", retriable, message = "the CRM did not answer")]
    CrmDown,
}

fn main() {}
