/*
 * mpp.hpp: tools of the Model Package Protocol in C++17 and later. Add mpp_tool.c and cJSON.c to the program.
 *
 * A tool is a function that takes a call and returns text, data or an error. A table defines what an agent reads about the tools; it is
 * checked when it is compiled:
 *
 *     mpp::Result greet(const mpp::Call &call) { return "Hello, " + std::string(call.text("name")) + "!"; }
 *
 *     constexpr mpp::Argument GREET[] = {mpp::text("name", "The name.").min_length(1)};
 *     constexpr mpp::Tool TOOLS[] = {mpp::tool<greet>("greet", "Greet somebody by name.").arguments(GREET).read_only()};
 *
 *     int main() { return mpp::serve(TOOLS); }
 *
 * There are no exceptions: a failure is a value, `mpp::Error`. What would throw in the standard library, such as `at()` out of range,
 * ends the program instead, and the agent receives `tool_crashed`.
 *
 * Each call runs in a fresh instance of the program. JSON values are not freed before it ends.
 */
#ifndef MPP_HPP
#define MPP_HPP

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mpp_tool.h"

namespace mpp {

/* ---- Definitions -------------------------------------------------------------------------------------------------------------- */

namespace detail {

/* Not constexpr: a table that calls one of these does not compile, and the compiler's message contains its name. */
void the_name_of_a_tool_has_1_to_64_characters_A_Z_a_z_0_9_underscore_or_hyphen();
void the_name_of_an_argument_is_empty();
void the_description_is_empty();
void the_range_is_empty();

constexpr bool is_tool_name(const char *name) {
    std::size_t length = 0;
    for (; name[length] != '\0'; length++) {
        const char c = name[length];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-') {
            return false;
        }
    }
    return length >= 1 && length <= 64;
}

} // namespace detail

/* An argument of a tool: made by text(), integer(), number(), boolean() and json(). It is required unless it says otherwise. */
struct Argument : mpp_argument {
  private:
    /* Before its users, as older compilers need it. */
    template <typename Change> constexpr Argument with(Change change) const {
        Argument changed = *this;
        change(changed);
        return changed;
    }

  public:
    constexpr Argument(mpp_type type_, const char *name_, const char *description_) : mpp_argument{} {
        if (name_[0] == '\0') {
            detail::the_name_of_an_argument_is_empty();
        }
        if (description_[0] == '\0') {
            detail::the_description_is_empty();
        }
        type = type_;
        name = name_;
        description = description_;
    }

    /* The argument can be left out. */
    constexpr Argument is_optional() const { return with([](Argument &a) { a.optional = true; }); }

    /* The value if the argument is left out, as JSON: "10", "true", "\"name\"". */
    constexpr Argument or_else(const char *json) const {
        return with([json](Argument &a) { a.default_json = json; });
    }

    /* The range of a number, as JSON: "1", "100". */
    constexpr Argument range(const char *least, const char *most) const {
        return with([least, most](Argument &a) {
            a.minimum = least;
            a.maximum = most;
        });
    }

    /* The smallest length of a text in characters. */
    constexpr Argument min_length(std::size_t length) const {
        return with([length](Argument &a) { a.mpp_argument::min_length = length; });
    }

    /* The largest length of a text in characters. */
    constexpr Argument max_length(std::size_t length) const {
        if (length < mpp_argument::min_length) {
            detail::the_range_is_empty();
        }
        return with([length](Argument &a) { a.mpp_argument::max_length = length; });
    }

    /* The allowed texts, separated by a bar: "name|age". */
    constexpr Argument one_of(const char *choices_) const {
        return with([choices_](Argument &a) { a.choices = choices_; });
    }
};
static_assert(sizeof(Argument) == sizeof(mpp_argument), "an array of arguments is one of C");

constexpr Argument text(const char *name, const char *description) { return {MPP_TYPE_STRING, name, description}; }
constexpr Argument integer(const char *name, const char *description) { return {MPP_TYPE_INTEGER, name, description}; }
constexpr Argument number(const char *name, const char *description) { return {MPP_TYPE_NUMBER, name, description}; }
constexpr Argument boolean(const char *name, const char *description) { return {MPP_TYPE_BOOLEAN, name, description}; }

/* An argument with a JSON Schema. */
constexpr Argument json(const char *name, const char *schema, const char *description) {
    Argument argument{MPP_TYPE_JSON, name, description};
    argument.schema = schema;
    return argument;
}

/* A tool: made by tool<function>(). */
struct Tool : mpp_tool {
  private:
    /* Before its users, as older compilers need it. */
    template <typename Change> constexpr Tool with(Change change) const {
        Tool changed = *this;
        change(changed);
        return changed;
    }

  public:
    constexpr Tool() : mpp_tool{} {}

    template <std::size_t N> constexpr Tool arguments(const Argument (&list)[N]) const {
        return with([&list](Tool &tool) {
            tool.mpp_tool::arguments = list;
            tool.argument_count = N;
        });
    }

    /* The JSON Schema of the result, if it is data. */
    constexpr Tool returns(const char *schema) const {
        return with([schema](Tool &tool) { tool.mpp_tool::returns = schema; });
    }

    /* A name for people. */
    constexpr Tool title(const char *name) const {
        return with([name](Tool &tool) { tool.mpp_tool::title = name; });
    }

    /* "low" (the default), "medium", "high" or "critical". */
    constexpr Tool security_level(const char *level) const {
        return with([level](Tool &tool) { tool.mpp_tool::security_level = level; });
    }

    constexpr Tool read_only() const {
        return with([](Tool &tool) { tool.mpp_tool::read_only = true; });
    }
    constexpr Tool destructive() const {
        return with([](Tool &tool) { tool.mpp_tool::destructive = true; });
    }
    constexpr Tool idempotent() const {
        return with([](Tool &tool) { tool.mpp_tool::idempotent = true; });
    }
};
static_assert(sizeof(Tool) == sizeof(mpp_tool), "an array of tools is one of C");

/* ---- JSON --------------------------------------------------------------------------------------------------------------------- */

/* A JSON value. Copies are the same value; putting it into an object or an array copies it. */
class Json {
  public:
    /* A member of an object. */
    using Member = std::pair<std::string_view, Json>;

    Json() : value_(cJSON_CreateNull()) {}
    Json(std::nullptr_t) : Json() {}
    Json(bool value) : value_(cJSON_CreateBool(value)) {}
    template <typename T, std::enable_if_t<std::is_arithmetic_v<T> && !std::is_same_v<T, bool>, int> = 0>
    Json(T value) : value_(cJSON_CreateNumber(static_cast<double>(value))) {}
    Json(std::string_view text) : value_(cJSON_CreateString(std::string(text).c_str())) {}
    Json(const std::string &text) : Json(std::string_view(text)) {}
    Json(const char *text) : value_(cJSON_CreateString(text)) {}
    Json(const std::vector<Json> &items) : value_(cJSON_CreateArray()) {
        for (const Json &item : items) {
            add(item);
        }
    }

    /* Wraps a value of cJSON; a null pointer stands for a value that is not there. */
    static Json of(const cJSON *value) { return Json(const_cast<cJSON *>(value), 0); }

    /* Reads JSON; the result is not there if the text is something else. */
    static Json parse(std::string_view text) { return of(cJSON_ParseWithLength(text.data(), text.size())); }

    /* Whether the value is there. */
    explicit operator bool() const { return value_ != nullptr; }

    bool is_object() const { return cJSON_IsObject(value_); }
    bool is_array() const { return cJSON_IsArray(value_); }
    bool is_text() const { return cJSON_IsString(value_); }
    bool is_number() const { return cJSON_IsNumber(value_); }

    /* The text; empty if it is none. */
    std::string_view text() const {
        const char *text = cJSON_GetStringValue(value_);
        return text == nullptr ? std::string_view() : text;
    }
    /* The number; 0 if it is none. */
    double number() const { return cJSON_IsNumber(value_) ? value_->valuedouble : 0; }
    /* The boolean; false if it is none. */
    bool boolean() const { return cJSON_IsTrue(value_); }

    /* Number of items or members. */
    std::size_t size() const { return static_cast<std::size_t>(cJSON_GetArraySize(value_)); }
    /* A member; not there if there is none. */
    Json operator[](const char *name) const { return of(cJSON_GetObjectItemCaseSensitive(value_, name)); }
    /* An item; not there if there is none. */
    Json operator[](int index) const { return of(cJSON_GetArrayItem(value_, index)); }

    /* Sets a member of an object. */
    Json &set(std::string_view name, const Json &value) {
        const std::string key(name);
        cJSON_DeleteItemFromObjectCaseSensitive(value_, key.c_str());
        cJSON_AddItemToObject(value_, key.c_str(), cJSON_Duplicate(value.value_, true));
        return *this;
    }
    /* Adds an item to an array. */
    Json &add(const Json &item) {
        cJSON_AddItemToArray(value_, cJSON_Duplicate(item.value_, true));
        return *this;
    }

    /* The items of an array, or the values of an object. */
    class Iterator {
      public:
        explicit Iterator(const cJSON *at) : at_(at) {}
        Json operator*() const { return of(at_); }
        Iterator &operator++() {
            at_ = at_->next;
            return *this;
        }
        bool operator!=(const Iterator &other) const { return at_ != other.at_; }

      private:
        const cJSON *at_;
    };
    Iterator begin() const { return Iterator(value_ == nullptr ? nullptr : value_->child); }
    Iterator end() const { return Iterator(nullptr); }

    cJSON *value() const { return value_; }

  private:
    Json(cJSON *value, int) : value_(value) {}
    cJSON *value_;
};

inline Json object(std::initializer_list<Json::Member> members = {}) {
    Json object = Json::of(cJSON_CreateObject());
    for (const Json::Member &member : members) {
        object.set(member.first, member.second);
    }
    return object;
}

inline Json array(std::initializer_list<Json> items = {}) { return Json(std::vector<Json>(items)); }

/* ---- Results ------------------------------------------------------------------------------------------------------------------ */

/* An error that the agent receives: a code in snake case, and a message that says what happened and what to do next. */
class Error {
  public:
    Error(std::string code, std::string message) : code_(std::move(code)), message_(std::move(message)) {}

    /* The failure of a host function. A denial is reported to the agent with what would allow it. */
    static Error of_status(std::int32_t status, std::string message) {
        Error error("", std::move(message));
        error.status_ = status;
        return error;
    }

    /* The same call may succeed later. */
    Error retryable() && {
        is_retryable_ = true;
        return std::move(*this);
    }

    void report(mpp_call *call) const {
        if (code_.empty()) {
            mpp_fail_status(call, status_, message_.c_str());
        } else if (is_retryable_) {
            mpp_fail_retryable(call, code_.c_str(), "%s", message_.c_str());
        } else {
            mpp_fail(call, code_.c_str(), "%s", message_.c_str());
        }
    }

  private:
    std::string code_;
    std::string message_;
    std::int32_t status_ = 0;
    bool is_retryable_ = false;
};

/* What a tool returns: text, data or an error. An empty one says that the call has failed already, as Call::env does. */
class Result {
  public:
    Result() = default;
    Result(std::string text) : text_(std::move(text)) {}
    Result(const char *text) : text_(text) {}
    Result(std::string_view text) : text_(text) {}
    Result(Json data) : data_(data) {}
    Result(Error error) : error_(std::move(error)) {}

    void report(mpp_call *call) const {
        if (error_) {
            error_->report(call);
        } else if (text_) {
            mpp_return_text(call, mpp_format("%s", text_->c_str()));
        } else if (data_) {
            mpp_return_json(call, data_->value());
        }
    }

  private:
    std::optional<std::string> text_;
    std::optional<Json> data_;
    std::optional<Error> error_;
};

/* ---- Calls -------------------------------------------------------------------------------------------------------------------- */

/* A call of a tool, with its arguments. */
class Call {
  public:
    explicit Call(mpp_call *call) : call_(call) {}

    /* Whether an argument was given, or has a default. */
    bool has(const char *name) const { return mpp_json(call_, name) != nullptr; }
    /* A text; empty if the argument was left out. */
    std::string_view text(const char *name) const { return json(name).text(); }
    /* A number; 0 if the argument was left out. */
    double number(const char *name) const { return mpp_number(call_, name); }
    std::int64_t integer(const char *name) const { return mpp_integer(call_, name); }
    /* A boolean; false if the argument was left out. */
    bool boolean(const char *name) const { return mpp_boolean(call_, name); }
    /* Any argument; not there if it was left out. */
    Json json(const char *name) const { return Json::of(mpp_json(call_, name)); }

    /* A variable that the manifest declares. Without it the call fails: return an empty result then. */
    std::optional<std::string_view> env(const char *name) const {
        const char *value = mpp_env(call_, name);
        return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
    }

  private:
    mpp_call *call_;
};

namespace detail {
template <auto Function> void run(mpp_call *call) { Function(Call(call)).report(call); }
} // namespace detail

/* Defines a tool whose function is `Result (*)(const Call &)`. */
template <auto Function> constexpr Tool tool(const char *name, const char *description) {
    if (!detail::is_tool_name(name)) {
        detail::the_name_of_a_tool_has_1_to_64_characters_A_Z_a_z_0_9_underscore_or_hyphen();
    }
    if (description[0] == '\0') {
        detail::the_description_is_empty();
    }
    Tool tool;
    tool.name = name;
    tool.description = description;
    tool.run = detail::run<Function>;
    return tool;
}

/* Answers the request on stdin. Returns the exit code of the program. */
template <std::size_t N> int serve(const Tool (&tools)[N]) { return mpp_serve(tools, N); }

/* ---- HTTP and state ----------------------------------------------------------------------------------------------------------- */

/* An HTTP response, or why there is none. */
class Response {
  public:
    explicit Response(const mpp_response &response) : response_(response) {}

    /* Whether there is a response, whatever its status. */
    explicit operator bool() const { return response_.error == 0; }
    /* Whether the manifest does not declare the host. */
    bool is_denied() const { return response_.error == MPP_DENIED; }
    /* The status code, for example 200. */
    int status() const { return response_.status; }
    /* The body, or a message if there is no response. */
    std::string_view body() const { return {response_.body, response_.body_length}; }
    /* The body as JSON; not there if it is something else. */
    Json json() const { return response_.error == 0 ? Json::parse(body()) : Json::of(nullptr); }
    /* The first header with this name, in lower case; empty if there is none. */
    std::string_view header(const char *name) const {
        const char *value = response_.error == 0 ? mpp_header(&response_, name) : nullptr;
        return value == nullptr ? std::string_view() : value;
    }
    /* The failure of the request itself. */
    Error error() const { return Error::of_status(response_.error, std::string(body())); }

  private:
    mpp_response response_;
};

/* A request to a host that the manifest declares in capabilities.network. */
class Request {
  public:
    explicit Request(std::string url) : url_(std::move(url)) {}

    Request &method(std::string name) {
        method_ = std::move(name);
        return *this;
    }
    /* Adds to the query; both are encoded. */
    Request &query(const char *name, std::string_view value) {
        const std::string text(value);
        const char *pair[] = {name, text.c_str(), nullptr};
        url_ = mpp_url(url_.c_str(), pair);
        return *this;
    }
    Request &header(std::string name, std::string value) {
        headers_.push_back(std::move(name));
        headers_.push_back(std::move(value));
        return *this;
    }
    Request &body(std::string bytes) {
        body_ = std::move(bytes);
        return *this;
    }
    /* The longest time to wait; the rest of the call's time otherwise. */
    Request &timeout(std::chrono::milliseconds time) {
        timeout_ = time;
        return *this;
    }

    Response send() const {
        std::vector<const char *> headers;
        for (const std::string &part : headers_) {
            headers.push_back(part.c_str());
        }
        headers.push_back(nullptr);
        mpp_request request{};
        request.url = url_.c_str();
        request.method = method_.c_str();
        request.headers = headers.data();
        request.body = body_.data();
        request.body_length = body_.size();
        request.timeout_ms = static_cast<std::uint32_t>(timeout_.count());
        return Response(mpp_http(request));
    }

  private:
    std::string url_;
    std::string method_ = "GET";
    std::vector<std::string> headers_;
    std::string body_;
    std::chrono::milliseconds timeout_{0};
};

/* The state that the host keeps for the package. */
namespace kv {

/* The value of a key; nothing if there is none, or if the state cannot be read. */
inline std::optional<std::string> get(const std::string &key) {
    const mpp_bytes bytes = mpp_get(key.c_str());
    return bytes.status < 0 ? std::nullopt : std::optional<std::string>(std::string(bytes.data, bytes.length));
}

/* Sets a key, which expires after a time if one is given. Returns the failure, if it fails. */
inline std::optional<Error> set(const std::string &key, std::string_view value, std::chrono::milliseconds expires_after = {}) {
    const mpp_bytes bytes = mpp_set(key.c_str(), value.data(), value.size(), static_cast<std::uint64_t>(expires_after.count()));
    return bytes.status < 0 ? std::optional<Error>(Error::of_status(bytes.status, bytes.data)) : std::nullopt;
}

/* Adds to a counter, which starts at 0, and returns its new value; nothing if that fails. */
inline std::optional<std::int64_t> increment(const std::string &key, std::int64_t by = 1) {
    std::int64_t total = 0;
    return mpp_increment(key.c_str(), by, &total).status < 0 ? std::nullopt : std::optional<std::int64_t>(total);
}

} // namespace kv
} // namespace mpp

#endif /* MPP_HPP */
