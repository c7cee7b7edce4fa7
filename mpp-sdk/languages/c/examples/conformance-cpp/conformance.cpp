// The tools by which the SDK is checked: "mpp conformance . --complete".
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

#include "mpp.hpp"

static mpp::Result echo(const mpp::Call &call) {
    const std::string_view text = call.text("text");
    const auto begins_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
    const auto characters = std::count_if(text.begin(), text.end(), begins_character);
    mpp::Json found = mpp::object({{"text", text}, {"characters", characters}});
    if (call.has("number")) {
        found.set("number", call.number("number"));
    }
    return found;
}

static mpp::Result fail(const mpp::Call &call) {
    const mpp::Error error(std::string(call.text("code")), std::string(call.text("message")));
    return call.boolean("retryable") ? mpp::Error(error).retryable() : error;
}

static mpp::Result crash(const mpp::Call &) {
    // Out of range: without exceptions, the library ends the program.
    const std::vector<int> nothing;
    return std::to_string(nothing.at(1));
}

static mpp::Result log_line(const mpp::Call &call) {
    std::cerr << call.text("line") << '\n';
    return "logged";
}

static mpp::Result print_line(const mpp::Call &call) {
    std::cout << call.text("line") << std::endl;
    return "printed";
}

static mpp::Result spin(const mpp::Call &) {
    for (volatile unsigned turns = 0;; turns = turns + 1) {
    }
}

static mpp::Result allocate(const mpp::Call &call) {
    std::vector<char> memory(static_cast<std::size_t>(call.integer("mebibytes")) * 1024 * 1024);
    for (std::size_t at = 0; at < memory.size(); at += 4096) {
        const_cast<volatile char &>(memory[at]) = 1;
    }
    return "allocated";
}

static mpp::Result now(const mpp::Call &) {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    return mpp::object({{"unix_ms", milliseconds}});
}

static mpp::Result random_bytes(const mpp::Call &) {
    std::array<unsigned char, 16> bytes;
    if (getentropy(bytes.data(), bytes.size()) != 0) {
        return mpp::Error("no_randomness", "there are no random bytes");
    }
    std::string hex;
    for (const unsigned char byte : bytes) {
        hex.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
    }
    return mpp::object({{"hex", hex}});
}

static mpp::Result count(const mpp::Call &) {
    static int calls = 0;
    return mpp::object({{"count", ++calls}});
}

constexpr char DATA[] = R"({"type": "object"})";

constexpr mpp::Argument ECHO_ARGUMENTS[] = {mpp::text("text", "A text."), mpp::number("number", "A number.").is_optional()};
constexpr mpp::Argument FAIL_ARGUMENTS[] = {
    mpp::text("code", "The code."),
    mpp::text("message", "The message."),
    mpp::boolean("retryable", "Whether the call may succeed later."),
};
constexpr mpp::Argument LINE[] = {mpp::text("line", "The line.")};
constexpr mpp::Argument SIZE[] = {mpp::integer("mebibytes", "How much.").range("0", "4096")};

constexpr mpp::Tool TOOLS[] = {
    mpp::tool<echo>("conformance_echo", "Returns the text, its length and the number.").arguments(ECHO_ARGUMENTS).returns(DATA),
    mpp::tool<fail>("conformance_fail", "Fails.").arguments(FAIL_ARGUMENTS),
    mpp::tool<crash>("conformance_crash", "Crashes."),
    mpp::tool<log_line>("conformance_log", "Writes to the log.").arguments(LINE),
    mpp::tool<print_line>("conformance_print", "Prints.").arguments(LINE),
    mpp::tool<spin>("conformance_spin", "Never ends."),
    mpp::tool<allocate>("conformance_allocate", "Allocates memory.").arguments(SIZE),
    mpp::tool<now>("conformance_clock", "Returns the time.").returns(DATA),
    mpp::tool<random_bytes>("conformance_random", "Returns random bytes.").returns(DATA),
    mpp::tool<count>("conformance_count", "Counts calls.").returns(DATA),
};

int main() { return mpp::serve(TOOLS); }
