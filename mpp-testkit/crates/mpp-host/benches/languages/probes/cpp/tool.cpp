// Uses the state and the files that the manifest declares.
#include <fstream>
#include <sstream>
#include <string>

#include "mpp.hpp"

static mpp::Result count(const mpp::Call &) {
    const auto calls = mpp::kv::increment("calls");
    if (!calls) {
        return mpp::Error("no_state", "the state cannot be used");
    }
    return "count " + std::to_string(*calls);
}

static mpp::Result copy(const mpp::Call &) {
    std::ifstream in("/in/text.txt");
    std::ostringstream text;
    text << in.rdbuf();
    std::ofstream out("/out/text.txt");
    out << text.str() << std::flush;
    if (!in || !out) {
        return mpp::Error("copy_failed", "the file cannot be copied");
    }
    return "copied " + std::to_string(text.str().size());
}

constexpr mpp::Tool TOOLS[] = {
    mpp::tool<count>("count", "Count the calls."),
    mpp::tool<copy>("copy", "Copy a file."),
};

int main() { return mpp::serve(TOOLS); }
