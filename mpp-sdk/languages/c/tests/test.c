/* Tests of mpp_tool.c on any machine, with a host that keeps one value and answers every request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mpp_tool.h"

/* ---- A host ------------------------------------------------------------------------------------------------------------------- */

static char replied[4096];
static size_t reply_length;
static char sent[4096];
static int64_t counter;
static int32_t next_status;

static int32_t answer(int32_t status, const void *bytes, size_t length) {
    memcpy(replied, bytes, length);
    reply_length = length;
    return status;
}

size_t mpp_reply_len(void) { return reply_length; }

void mpp_reply_take(uint8_t *at) {
    memcpy(at, replied, reply_length);
    reply_length = 0;
}

int32_t mpp_http_send(const uint8_t *request, size_t request_len) {
    size_t head = request[0];
    memcpy(sent, request + 4, request_len - 4);
    sent[request_len - 4] = '\0';
    if (head == 0 || next_status < 0) {
        return answer(next_status, "the host says no", 16);
    }
    static const char HEAD[] = "{\"status\":201,\"url\":\"https://a.example\",\"headers\":[[\"x-a\",\"b\"]]}";
    char whole[256] = {(char)(sizeof HEAD - 1), 0, 0, 0};
    memcpy(whole + 4, HEAD, sizeof HEAD - 1);
    memcpy(whole + 4 + sizeof HEAD - 1, "body", 4);
    return answer(0, whole, 4 + sizeof HEAD - 1 + 4);
}

int32_t mpp_kv_get(const uint8_t *key, size_t key_len) {
    return key_len == 1 && key[0] == 'k' ? answer(0, "value", 5) : answer(MPP_NOT_FOUND, "", 0);
}

int32_t mpp_kv_set(const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len, uint64_t ttl_ms) {
    (void)key, (void)value, (void)value_len, (void)ttl_ms;
    return key_len == 0 ? answer(MPP_INVALID, "no key", 6) : answer(0, "", 0);
}

int32_t mpp_kv_increment(const uint8_t *key, size_t key_len, int64_t by) {
    (void)key, (void)key_len;
    counter += by;
    return answer(0, &counter, sizeof counter);
}

/* ---- Tools -------------------------------------------------------------------------------------------------------------------- */

static void greet(mpp_call *call) {
    mpp_return_text(call, mpp_format("%s %d %s", mpp_string(call, "name"), (int)mpp_integer(call, "times"),
                                     mpp_boolean(call, "loud") ? "!" : "."));
}

static void broken(mpp_call *call) {
    const char *which = mpp_string(call, "which");
    if (strcmp(which, "own") == 0) {
        mpp_fail(call, "not_found", "nobody is called %s", "x");
    } else if (strcmp(which, "env") == 0) {
        mpp_env(call, "MPP_NO_SUCH_VARIABLE");
    } else if (strcmp(which, "status") == 0) {
        mpp_fail_status(call, MPP_TIMEOUT, "late");
    } else if (strcmp(which, "digits") == 0) {
        const double numbers[] = {9007199254740991.0, -9007199254740991.0, 0.1, 1e300, 5e-324, 3.0};
        mpp_return_json(call, cJSON_CreateDoubleArray(numbers, 6));
    }
}

static const mpp_tool TOOLS[] = {
    MPP_TOOL("greet", "Greet.", greet,
             MPP_ARGUMENTS(MPP_STRING("name", "Whom.", .min_length = 1, .max_length = 5),
                           MPP_INTEGER("times", "How often.", .default_json = "1", .minimum = "1", .maximum = "3"),
                           MPP_BOOLEAN("loud", "How.", .optional = true), MPP_STRING("mood", "Which.", .optional = true, .choices = "a|bc")),
             .read_only = true, .security_level = "medium"),
    MPP_TOOL("broken", "Fail.", broken, MPP_ARGUMENTS(MPP_STRING("which", "How.")), .returns = "{\"type\":\"object\"}"),
};

/* ---- Tests -------------------------------------------------------------------------------------------------------------------- */

static int failures;

static void expect(const char *what, const char *found, const char *expected) {
    if (found == NULL || strstr(found, expected) == NULL) {
        fprintf(stderr, "%s: expected\n  %s\nin\n  %s\n", what, expected, found != NULL ? found : "nothing");
        failures++;
    }
}

static char *handle(const char *request) { return mpp_handle(request, TOOLS, 2); }

static char *call(const char *tool, const char *arguments) {
    return handle(mpp_format("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}", tool,
                             arguments));
}

int main(void) {
    char *list = handle("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    expect("definition", list,
           "{\"tools\":[{\"name\":\"greet\",\"description\":\"Greet.\",\"parameters\":{\"type\":\"object\",\"properties\":{"
           "\"name\":{\"type\":\"string\",\"description\":\"Whom.\",\"minLength\":1,\"maxLength\":5},"
           "\"times\":{\"type\":\"integer\",\"description\":\"How often.\",\"minimum\":1,\"maximum\":3,\"default\":1},"
           "\"loud\":{\"type\":\"boolean\",\"description\":\"How.\"},"
           "\"mood\":{\"type\":\"string\",\"description\":\"Which.\",\"enum\":[\"a\",\"bc\"]}},"
           "\"required\":[\"name\"],\"additionalProperties\":false},\"security_level\":\"medium\","
           "\"annotations\":{\"readOnlyHint\":true}}");
    expect("result schema", list, "\"returns\":{\"type\":\"object\"}");

    expect("defaults", call("greet", "{\"name\":\"Ada\"}"),
           "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"Ada 1 .\"}],\"isError\":false}}");
    expect("arguments", call("greet", "{\"name\":\"Ada\",\"times\":3,\"loud\":true,\"mood\":\"bc\"}"), "\"Ada 3 !\"");
    expect("missing", call("greet", "{}"), "the arguments do not fit `greet`: `/name`: is missing\",\"data\":{\"kind\":\"invalid_arguments\",\"tool\":\"greet\",\"pointer\":\"/name\",\"mistakes\":[{\"pointer\":\"/name\",\"message\":\"is missing\"}]}");
    expect("unknown", call("greet", "{\"name\":\"a\",\"x/~\":1}"), "{\"pointer\":\"/x~1~0\",\"message\":\"there is no such argument\"}");
    expect("nearest", call("greet", "{\"name\":\"a\",\"Tmies\":1}"),
           "{\"pointer\":\"/Tmies\",\"message\":\"there is no such argument\",\"nearest\":\"times\"}");
    expect("several mistakes", call("greet", "{\"times\":9}"), "`/name`: is missing; `/times`: expected at most 3");
    expect("null character", call("greet", "{\"name\":\"a\\u0000b\"}"), "a text contains U+0000");
    expect("no null character", call("greet", "{\"name\":\"\\\\u00\"}"), "\\\\u00 1 .");
    expect("type", call("greet", "{\"name\":1}"), "`/name`: expected a string");
    expect("whole", call("greet", "{\"name\":\"a\",\"times\":1.5}"), "expected a whole number");
    expect("range", call("greet", "{\"name\":\"a\",\"times\":4}"), "expected at most 3");
    expect("length", call("greet", "{\"name\":\"\"}"), "`/name`: expected at least 1 character");
    expect("characters", call("greet", "{\"name\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}"), "result");
    expect("choice", call("greet", "{\"name\":\"a\",\"mood\":\"b\"}"), "expected one of a|bc");
    expect("kind", call("greet", "[]"), "\"code\":-32602,\"message\":\"the arguments do not fit `greet`: ``: expected an object\"");

    expect("own error", call("broken", "{\"which\":\"own\"}"),
           "{\"code\":-31000,\"message\":\"nobody is called x\",\"data\":{\"kind\":\"tool_error\",\"code\":\"not_found\",\"retryable\":false}}");
    expect("denial", call("broken", "{\"which\":\"env\"}"), "\"data\":{\"kind\":\"capability_denied\",\"variable\":\"MPP_NO_SUCH_VARIABLE\"}");
    expect("status", call("broken", "{\"which\":\"status\"}"), "\"code\":\"timeout\",\"retryable\":true");
    expect("digits", call("broken", "{\"which\":\"digits\"}"),
           "[9007199254740991,-9007199254740991,0.1,1e+300,4.94065645841247e-324,3]");
    expect("nothing", call("broken", "{\"which\":\"\"}"), "returned neither a result nor an error");

    expect("unknown tool", call("gret", "{}"), "there is no tool `gret`; the tools are `greet`, `broken`\",\"data\":{\"kind\":\"unknown_tool\",\"nearest\":\"greet\"}");
    expect("method", handle("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}"), "method_not_found");
    expect("no id", handle("{\"jsonrpc\":\"2.0\",\"method\":\"tools/list\"}"), "\"id\":null,\"error\":{\"code\":-32600");
    expect("no JSON", handle("{"), "parse_error");

    const char *query[] = {"q", "a b&\xc3\xa4", "n", "1", NULL};
    expect("query", mpp_url("https://a.example/?x", query), "https://a.example/?x&q=a%20b%26%C3%A4&n=1");
    const char *headers[] = {"accept", "text/plain", NULL};
    mpp_response response = mpp_http((mpp_request){.url = "https://a.example", .headers = headers, .body = "xyz", .body_length = 3, .timeout_ms = 9});
    expect("request", sent, "{\"method\":\"GET\",\"url\":\"https://a.example\",\"headers\":[[\"accept\",\"text/plain\"]],\"timeout_ms\":9}xyz");
    expect("response", mpp_format("%d %d %s %zu %s", response.error, response.status, response.body, response.body_length, mpp_header(&response, "x-a")), "0 201 body 4 b");
    next_status = MPP_DENIED;
    response = mpp_http((mpp_request){.url = "https://b.example"});
    expect("refusal", mpp_format("%d %s", response.error, response.body), "-2 the host says no");

    mpp_bytes value = mpp_get("k");
    expect("value", mpp_format("%d %s %zu", value.status, value.data, value.length), "0 value 5");
    expect("no value", mpp_format("%d", mpp_get("other").status), "-1");
    expect("invalid key", mpp_set("", "x", 1, 0).data, "no key");
    int64_t total = 0;
    mpp_increment("n", 2, &total);
    mpp_increment("n", 3, &total);
    expect("counter", mpp_format("%d", (int)total), "5");
    return failures == 0 ? 0 : 1;
}
