/*
 * mpp_tool.h: tools of the Model Package Protocol in C and C++.
 *
 * Add mpp_tool.c and cJSON.c to the program. A tool is a function that reads its arguments from a call and returns a result or an
 * error through it. A table defines what an agent reads about the tools:
 *
 *     static void greet(mpp_call *call) {
 *         mpp_return_text(call, mpp_format("Hello, %s!", mpp_string(call, "name")));
 *     }
 *
 *     static const mpp_tool TOOLS[] = {
 *         MPP_TOOL("greet", "Greet somebody by name.", greet,
 *                  MPP_ARGUMENTS(MPP_STRING("name", "The name.", .min_length = 1)), .read_only = true),
 *     };
 *
 *     int main(void) { return MPP_SERVE(TOOLS); }
 *
 * The directory has a manifest.json with at least a name, a version, and the capabilities that the tool needs. "mpp build" compiles all
 * sources of the project, and "mpp run . --arg name=Ada" calls the tool.
 *
 * Each call runs in a fresh instance of the program, so nothing needs to be freed: memory is gone when the call ends. What a tool prints
 * goes to its log.
 *
 * Numbers in JSON are those of cJSON: doubles, which hold whole numbers up to 2^53 exactly.
 */
#ifndef MPP_TOOL_H
#define MPP_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cJSON.h"
#include "mpp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Definitions -------------------------------------------------------------------------------------------------------------- */

/* The type of an argument. */
enum mpp_type { MPP_TYPE_STRING, MPP_TYPE_INTEGER, MPP_TYPE_NUMBER, MPP_TYPE_BOOLEAN, MPP_TYPE_JSON };

/* An argument of a tool. It is required unless it is optional or has a default. */
typedef struct mpp_argument {
    const char *name;
    const char *description;
    enum mpp_type type;
    bool optional;
    /* The default as JSON, for example "10" or "\"name\"". */
    const char *default_json;
    /* The range of a number, for example "1" and "100". */
    const char *minimum;
    const char *maximum;
    /* The length of a string in characters; 0 stands for no limit. */
    size_t min_length;
    size_t max_length;
    /* The allowed strings, separated by a bar: "name|age". */
    const char *choices;
    /* The JSON Schema of an argument of the type MPP_TYPE_JSON. */
    const char *schema;
} mpp_argument;

typedef struct mpp_call mpp_call;

/* A tool. */
typedef struct mpp_tool {
    const char *name;
    const char *description;
    void (*run)(mpp_call *call);
    const mpp_argument *arguments;
    size_t argument_count;
    /* The JSON Schema of the result; a null pointer if it is text. */
    const char *returns;
    /* A name for people. */
    const char *title;
    /* "low" (the default), "medium", "high" or "critical". */
    const char *security_level;
    bool read_only;
    bool destructive;
    bool idempotent;
} mpp_tool;

#define MPP_TOOL(name_, description_, run_, ...) {.name = name_, .description = description_, .run = run_, __VA_ARGS__}
#define MPP_ARGUMENTS(...)                                                                                                             \
    .arguments = (const mpp_argument[]){__VA_ARGS__},                                                                                  \
    .argument_count = sizeof((const mpp_argument[]){__VA_ARGS__}) / sizeof(mpp_argument)
#define MPP_ARGUMENT(type_, name_, ...) {.name = name_, .type = type_, .description = __VA_ARGS__}
#define MPP_STRING(name_, ...) MPP_ARGUMENT(MPP_TYPE_STRING, name_, __VA_ARGS__)
#define MPP_INTEGER(name_, ...) MPP_ARGUMENT(MPP_TYPE_INTEGER, name_, __VA_ARGS__)
#define MPP_NUMBER(name_, ...) MPP_ARGUMENT(MPP_TYPE_NUMBER, name_, __VA_ARGS__)
#define MPP_BOOLEAN(name_, ...) MPP_ARGUMENT(MPP_TYPE_BOOLEAN, name_, __VA_ARGS__)
#define MPP_JSON(name_, schema_, ...) {.name = name_, .type = MPP_TYPE_JSON, .schema = schema_, .description = __VA_ARGS__}

/* Reads the request from stdin, calls the tool, and writes the response to stdout. Returns the exit code of the program. */
int mpp_serve(const mpp_tool *tools, size_t count);
#define MPP_SERVE(tools_) mpp_serve(tools_, sizeof(tools_) / sizeof((tools_)[0]))

/* Returns the response to a request, without a line break. Tests can use it; a program calls MPP_SERVE. */
char *mpp_handle(const char *request, const mpp_tool *tools, size_t count);

/* ---- Arguments ---------------------------------------------------------------------------------------------------------------- */

/* Returns a string; a null pointer if the argument was left out. */
const char *mpp_string(const mpp_call *call, const char *name);

/* Returns a number; 0 if the argument was left out. */
double mpp_number(const mpp_call *call, const char *name);
int64_t mpp_integer(const mpp_call *call, const char *name);

/* Returns a boolean; false if the argument was left out. */
bool mpp_boolean(const mpp_call *call, const char *name);

/* Returns any argument as JSON; a null pointer if it was left out. */
const cJSON *mpp_json(const mpp_call *call, const char *name);

/* ---- Results ------------------------------------------------------------------------------------------------------------------ */

/* Returns text. */
void mpp_return_text(mpp_call *call, const char *text);

/* Returns data, as `returns` of the tool describes it. The value belongs to the call afterwards. */
void mpp_return_json(mpp_call *call, cJSON *value);

/* Fails with an error that the agent receives: a code in snake case, and a message that says what happened and what to do next. */
void mpp_fail(mpp_call *call, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As mpp_fail, for a failure after which the same call may succeed later. */
void mpp_fail_retryable(mpp_call *call, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Fails with the status of a host function and its message. A denial is reported to the agent with what would allow it. */
void mpp_fail_status(mpp_call *call, int32_t status, const char *message);

/* ---- The surroundings --------------------------------------------------------------------------------------------------------- */

/*
 * Returns an environment variable that the manifest declares. If it is not declared or not set, the call fails, and the result is a
 * null pointer: return from the tool then.
 */
const char *mpp_env(mpp_call *call, const char *name);

/* Bytes from the host. A zero byte that is not counted follows them. */
typedef struct mpp_bytes {
    /* 0 or more, or one of enum mpp_status: then the bytes are a message. */
    int32_t status;
    char *data;
    size_t length;
} mpp_bytes;

/* An HTTP request. Only the URL is needed. */
typedef struct mpp_request {
    const char *url;
    /* "GET" if it is null. */
    const char *method;
    /* Names and values by turns, ending with a null pointer. */
    const char *const *headers;
    const void *body;
    size_t body_length;
    /* 0 stands for the rest of the call's time. */
    uint32_t timeout_ms;
} mpp_request;

/* An HTTP response. */
typedef struct mpp_response {
    /* 0, or one of enum mpp_status if there was no response: then `body` is a message. */
    int32_t error;
    /* The status code, for example 200. */
    int status;
    /* The body, followed by a zero byte. */
    char *body;
    size_t body_length;
    /* The head: status, url and headers. */
    cJSON *head;
} mpp_response;

/* Sends a request to a host that the manifest declares in capabilities.network, and waits for the response. */
mpp_response mpp_http(mpp_request request);

/* Returns the first header of a response with this name, in lower case; a null pointer if there is none. */
const char *mpp_header(const mpp_response *response, const char *name);

/* Returns a URL with a query: names and values by turns, ending with a null pointer. They are encoded. */
char *mpp_url(const char *base, const char *const *query);

/* Reads the value of a key from the state that the host keeps for the package. */
mpp_bytes mpp_get(const char *key);

/* Sets a key. `ttl_ms` is the time after which it expires; 0 stands for never. */
mpp_bytes mpp_set(const char *key, const void *value, size_t length, uint64_t ttl_ms);

/* Adds to a counter, which starts at 0, and stores its new value in `*total`. */
mpp_bytes mpp_increment(const char *key, int64_t by, int64_t *total);

/* ---- Text --------------------------------------------------------------------------------------------------------------------- */

/* Formats text as printf does, in memory that lasts until the call ends. */
char *mpp_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif

#endif /* MPP_TOOL_H */
