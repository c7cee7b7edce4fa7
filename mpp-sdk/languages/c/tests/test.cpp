/* Tests of mpp.hpp on any machine, with a host that answers every request and keeps one value. */
#include <cstdio>
#include <cstring>
#include <string>

#include "../mpp.hpp"

/* ---- A host ------------------------------------------------------------------------------------------------------------------- */

static std::string replied;
static std::string sent;
static std::int32_t next_status = 0;

static std::int32_t answer(std::int32_t status, std::string bytes) {
    replied = std::move(bytes);
    return status;
}

extern "C" {
std::size_t mpp_reply_len(void) { return replied.size(); }

void mpp_reply_take(std::uint8_t *at) {
    std::memcpy(at, replied.data(), replied.size());
    replied.clear();
}

std::int32_t mpp_http_send(const std::uint8_t *request, std::size_t length) {
    sent.assign(reinterpret_cast<const char *>(request) + 4, length - 4);
    if (next_status < 0) {
        return answer(next_status, "the host says no");
    }
    const std::string head = R"({"status":201,"url":"https://a.example","headers":[["x-a","b"]]})";
    return answer(0, std::string{static_cast<char>(head.size()), 0, 0, 0} + head + R"({"n":[1,2]})");
}

std::int32_t mpp_kv_get(const std::uint8_t *key, std::size_t length) {
    return length == 1 && key[0] == 'k' ? answer(0, std::string("a\0b", 3)) : answer(MPP_NOT_FOUND, "");
}

std::int32_t mpp_kv_set(const std::uint8_t *, std::size_t length, const std::uint8_t *, std::size_t, std::uint64_t) {
    return length == 0 ? answer(MPP_INVALID, "no key") : answer(0, "");
}

std::int32_t mpp_kv_increment(const std::uint8_t *, std::size_t, std::int64_t by) {
    return answer(0, std::string(reinterpret_cast<const char *>(&by), sizeof by));
}
}

/* ---- Tools -------------------------------------------------------------------------------------------------------------------- */

static mpp::Result greet(const mpp::Call &call) {
    return std::string(call.text("name")) + " " + std::to_string(call.integer("times")) + (call.boolean("loud") ? "!" : ".");
}

static mpp::Result various(const mpp::Call &call) {
    const std::string_view which = call.text("which");
    if (which == "data") {
        const mpp::Json inner = mpp::array({1, "two", nullptr, true, 0.1});
        return mpp::object({{"a", inner}, {"b", inner}, {"c", mpp::object()}});
    }
    if (which == "error") {
        return mpp::Error("not_found", "100% gone").retryable();
    }
    if (which == "env" && !call.env("MPP_NO_SUCH_VARIABLE")) {
        return {};
    }
    if (which == "http") {
        const mpp::Response response =
            mpp::Request("https://a.example").query("q", "a b").header("accept", "text/plain").body("xyz").method("POST").send();
        if (!response) {
            return response.error();
        }
        double sum = 0;
        for (const mpp::Json item : response.json()["n"]) {
            sum += item.number();
        }
        return std::to_string(response.status()) + " " + std::string(response.header("x-a")) + " " + std::to_string(int(sum));
    }
    if (which == "kv") {
        return std::to_string(mpp::kv::get("k")->size()) + (mpp::kv::get("x") ? "found" : "none") + (mpp::kv::set("", "v") ? "failed" : "set") +
               std::to_string(mpp::kv::increment("n", 3).value_or(0));
    }
    return {};
}

constexpr mpp::Argument GREET[] = {
    mpp::text("name", "Whom.").min_length(1).max_length(5),
    mpp::integer("times", "How often.").or_else("1").range("1", "3"),
    mpp::boolean("loud", "How.").is_optional(),
    mpp::text("mood", "Which.").is_optional().one_of("a|bc"),
};
constexpr mpp::Argument WHICH[] = {mpp::text("which", "Which.")};
constexpr mpp::Tool TOOLS[] = {
    mpp::tool<greet>("greet", "Greet.").arguments(GREET).security_level("medium").read_only(),
    mpp::tool<various>("various", "Do.").arguments(WHICH).title("Various").destructive().idempotent(),
};

/* ---- Tests -------------------------------------------------------------------------------------------------------------------- */

static int failures;

static void expect(const char *what, const std::string &found, const char *expected) {
    if (found.find(expected) == std::string::npos) {
        std::fprintf(stderr, "%s: expected\n  %s\nin\n  %s\n", what, expected, found.c_str());
        failures++;
    }
}

static std::string call(const std::string &tool, const std::string &arguments) {
    const std::string request =
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool + R"(","arguments":)" + arguments + "}}";
    return mpp_handle(request.c_str(), TOOLS, 2);
}

int main() {
    const std::string list = mpp_handle(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", TOOLS, 2);
    expect("text", list, R"("name":{"type":"string","description":"Whom.","minLength":1,"maxLength":5})");
    expect("integer", list, R"("times":{"type":"integer","description":"How often.","minimum":1,"maximum":3,"default":1})");
    expect("choices", list, R"("mood":{"type":"string","description":"Which.","enum":["a","bc"]})");
    expect("required", list, R"("required":["name"],"additionalProperties":false},"security_level":"medium","annotations":{"readOnlyHint":true})");
    expect("hints", list, R"("title":"Various")");
    expect("hints", list, R"({"destructiveHint":true,"idempotentHint":true})");

    expect("arguments", call("greet", R"({"name":"Ada","loud":true})"), R"("text":"Ada 1!")");
    expect("mistake", call("greet", R"({"name":"Ada","times":4})"), R"("pointer":"/times")");
    expect("data", call("various", R"({"which":"data"})"),
           R"("structuredContent":{"a":[1,"two",null,true,0.1],"b":[1,"two",null,true,0.1],"c":{}})");
    expect("error", call("various", R"({"which":"error"})"),
           R"("message":"100% gone","data":{"kind":"tool_error","code":"not_found","retryable":true})");
    expect("variable", call("various", R"({"which":"env"})"), R"("variable":"MPP_NO_SUCH_VARIABLE")");
    expect("response", call("various", R"({"which":"http"})"), R"("text":"201 b 3")");
    expect("request", sent, R"({"method":"POST","url":"https://a.example?q=a%20b","headers":[["accept","text/plain"]]}xyz)");
    next_status = MPP_TIMEOUT;
    expect("no response", call("various", R"({"which":"http"})"), R"("message":"the host says no","data":{"kind":"tool_error","code":"timeout")");
    expect("state", call("various", R"({"which":"kv"})"), R"("text":"3nonefailed3")");
    expect("nothing", call("various", R"({"which":"x"})"), "returned neither a result nor an error");
    return failures == 0 ? 0 : 1;
}
