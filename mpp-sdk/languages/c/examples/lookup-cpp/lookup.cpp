// Looks up customers in a CRM over HTTPS, with an API key.
#include <chrono>
#include <string>

#include "mpp.hpp"

using namespace std::chrono_literals;

static mpp::Result lookup(const mpp::Call &call) {
    const auto crm = call.env("CRM_URL");
    const auto key = call.env("CRM_API_KEY");
    if (!crm || !key) {
        return {};
    }
    const std::string query(call.text("query"));
    const mpp::Response response = mpp::Request(std::string(*crm) + "/v1/customers")
                                       .query("q", query)
                                       .query("limit", std::to_string(call.integer("limit")))
                                       .header("authorization", "Bearer " + std::string(*key))
                                       // Shorter than the time limit of the call, so that a CRM that hangs becomes the error crm_down.
                                       .timeout(5s)
                                       .send();
    if (response.is_denied()) {
        return response.error();
    }
    if (!response) {
        return mpp::Error("crm_down", "the CRM did not answer as expected: " + std::string(response.body())).retryable();
    }
    if (response.status() == 401 || response.status() == 403) {
        return mpp::Error("key_refused", "the CRM rejects the key in `CRM_API_KEY`; set a valid one");
    }
    const mpp::Json customers = response.json();
    if (response.status() != 200 || !customers.is_array()) {
        return mpp::Error("crm_down", "the CRM answered with status " + std::to_string(response.status())).retryable();
    }
    if (customers.size() == 0) {
        return mpp::Error("not_found", "no customer matches `" + query + "`; try the e-mail address, or a part of the name");
    }
    return customers;
}

constexpr char CUSTOMERS[] = R"({
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "The CRM's identifier for the customer."},
            "name": {"type": "string", "description": "Full name."},
            "company": {"type": "string", "description": "The company they work for."},
            "status": {"type": "string", "description": "The status: lead, active or former."},
            "email": {"type": "string", "description": "E-mail address."},
            "phone": {"type": "string", "description": "Telephone number."},
            "notes": {"type": "string", "description": "Notes by colleagues."}
        },
        "required": ["id", "name", "company", "status", "email", "phone", "notes"]
    }
})";

constexpr mpp::Argument ARGUMENTS[] = {
    mpp::text("query", "Customer ID, e-mail address, or part of the name.").min_length(1).max_length(200),
    mpp::integer("limit", "The maximum number of customers to return.").or_else("10").range("1", "100"),
};

constexpr mpp::Tool TOOLS[] = {
    mpp::tool<lookup>("lookup", "Look up customers by ID, e-mail or name.")
        .arguments(ARGUMENTS)
        .returns(CUSTOMERS)
        .security_level("medium")
        .read_only(),
};

int main() { return mpp::serve(TOOLS); }
