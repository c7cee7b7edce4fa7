/* A tool for AI agents. An agent reads the table of tools below; the arguments become the schema. */
#include <ctype.h>

#include "mpp_tool.h"

static bool is_blank(const char *text) {
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return *text == '\0';
}

static void greet(mpp_call *call) {
    const char *name = mpp_string(call, "name");
    int times = (int)mpp_integer(call, "times");
    if (is_blank(name)) {
        mpp_fail(call, "no_name", "the name is blank");
        return;
    }
    char *text = mpp_format("Hello, %s!", name);
    for (int i = 1; i < times; i++) {
        text = mpp_format("%s Hello, %s!", text, name);
    }
    cJSON *greeting = cJSON_CreateObject();
    cJSON_AddStringToObject(greeting, "text", text);
    cJSON_AddNumberToObject(greeting, "times", times);
    mpp_return_json(call, greeting);
}

/* The JSON Schema of the result. */
static const char GREETING[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"text\": {\"type\": \"string\", \"description\": \"The text.\"},"
    "\"times\": {\"type\": \"integer\", \"description\": \"The number of times that the name occurs in it.\"}},"
    "\"required\": [\"text\", \"times\"]}";

static const mpp_tool TOOLS[] = {
    MPP_TOOL("greet", "Greet somebody by name.", greet,
             MPP_ARGUMENTS(MPP_STRING("name", "The name.", .min_length = 1),
                           MPP_INTEGER("times", "The number of greetings.", .default_json = "1", .minimum = "1", .maximum = "5")),
             .returns = GREETING, .read_only = true),
};

int main(void) { return MPP_SERVE(TOOLS); }
