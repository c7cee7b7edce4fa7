// A tool for AI agents. An agent reads the table of tools below; the arguments become the schema.
#include <string>
#include <string_view>

#include "mpp.hpp"

static mpp::Result greet(const mpp::Call &call) {
    const std::string_view name = call.text("name");
    const auto times = call.integer("times");
    if (name.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return mpp::Error("no_name", "the name is blank");
    }
    std::string text;
    for (auto i = times; i > 0; i--) {
        text.append("Hello, ").append(name).append(i > 1 ? "! " : "!");
    }
    return mpp::object({{"text", text}, {"times", times}});
}

// The JSON Schema of the result.
constexpr char GREETING[] = R"({
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "The text."},
        "times": {"type": "integer", "description": "The number of times that the name occurs in it."}
    },
    "required": ["text", "times"]
})";

constexpr mpp::Argument ARGUMENTS[] = {
    mpp::text("name", "The name.").min_length(1),
    mpp::integer("times", "The number of greetings.").or_else("1").range("1", "5"),
};

constexpr mpp::Tool TOOLS[] = {
    mpp::tool<greet>("greet", "Greet somebody by name.").arguments(ARGUMENTS).returns(GREETING).read_only(),
};

int main() { return mpp::serve(TOOLS); }
