/* Looks up customers in a CRM over HTTPS, with an API key. */
#include <stdlib.h>

#include "mpp_tool.h"

static void lookup(mpp_call *call) {
    const char *crm = mpp_env(call, "CRM_URL");
    const char *key = mpp_env(call, "CRM_API_KEY");
    if (crm == NULL || key == NULL) {
        return;
    }
    const char *query[] = {"q", mpp_string(call, "query"), "limit", mpp_format("%d", (int)mpp_integer(call, "limit")), NULL};
    const char *headers[] = {"authorization", mpp_format("Bearer %s", key), NULL};
    mpp_response response = mpp_http((mpp_request){
        .url = mpp_url(mpp_format("%s/v1/customers", crm), query),
        .headers = headers,
        /* Shorter than the time limit of the call, so that a CRM that hangs becomes the error crm_down. */
        .timeout_ms = 5000,
    });
    if (response.error == MPP_DENIED) {
        mpp_fail_status(call, response.error, response.body);
    } else if (response.error != 0) {
        mpp_fail_retryable(call, "crm_down", "the CRM did not answer as expected: %s", response.body);
    } else if (response.status == 401 || response.status == 403) {
        mpp_fail(call, "key_refused", "the CRM rejects the key in `CRM_API_KEY`; set a valid one");
    } else if (response.status != 200) {
        mpp_fail_retryable(call, "crm_down", "the CRM answered with status %d", response.status);
    } else {
        cJSON *customers = cJSON_ParseWithLength(response.body, response.body_length);
        if (customers == NULL) {
            mpp_fail_retryable(call, "crm_down", "the CRM's answer is not JSON");
        } else if (cJSON_GetArraySize(customers) == 0) {
            mpp_fail(call, "not_found", "no customer matches `%s`; try the e-mail address, or a part of the name", query[1]);
        } else {
            mpp_return_json(call, customers);
        }
    }
}

#define TEXT(name, description) "\"" name "\":{\"type\":\"string\",\"description\":\"" description "\"}"

static const char CUSTOMERS[] =
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    TEXT("id", "The CRM's identifier for the customer.") ","
    TEXT("name", "Full name.") ","
    TEXT("company", "The company they work for.") ","
    TEXT("status", "The status: lead, active or former.") ","
    TEXT("email", "E-mail address.") ","
    TEXT("phone", "Telephone number.") ","
    TEXT("notes", "Notes by colleagues.")
    "},\"required\":[\"id\",\"name\",\"company\",\"status\",\"email\",\"phone\",\"notes\"]}}";

static const mpp_tool TOOLS[] = {
    MPP_TOOL("lookup", "Look up customers by ID, e-mail or name.", lookup,
             MPP_ARGUMENTS(MPP_STRING("query", "Customer ID, e-mail address, or part of the name.", .min_length = 1, .max_length = 200),
                           MPP_INTEGER("limit", "The maximum number of customers to return.", .default_json = "10", .minimum = "1",
                                       .maximum = "100")),
             .returns = CUSTOMERS, .security_level = "medium", .read_only = true),
};

int main(void) { return MPP_SERVE(TOOLS); }
