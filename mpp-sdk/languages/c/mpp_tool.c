/* mpp_tool.c: reads requests, checks arguments, calls tools, and writes responses. See mpp_tool.h. */
#include "mpp_tool.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__wasm__) || defined(__unix__)
#include <unistd.h>
#endif

#if defined(__EMSCRIPTEN__)
/* Stand-alone modules of Emscripten import these two from JavaScript, which does not exist in the sandbox. */
__attribute__((import_module("wasi_snapshot_preview1"), import_name("random_get"))) int mpp_random_get(void *at, size_t length);

__attribute__((weak)) int getentropy(void *at, size_t length) { return mpp_random_get(at, length) == 0 ? 0 : -1; }

__attribute__((weak)) void emscripten_notify_memory_growth(size_t memory) { (void)memory; }
#endif

struct mpp_call {
    const char *request;
    const cJSON *arguments;
    cJSON *result;
    cJSON *error;
};

/* ---- Memory and text ---------------------------------------------------------------------------------------------------------- */

static void *checked(void *memory) {
    if (memory == NULL) {
        fputs("mpp: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static char *vformat(const char *format, va_list values) {
    va_list again;
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        length = 0;
    }
    char *text = checked(malloc((size_t)length + 1));
    text[0] = '\0';
    vsnprintf(text, (size_t)length + 1, format, values);
    return text;
}

char *mpp_format(const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *text = vformat(format, values);
    va_end(values);
    return text;
}

/* ---- Errors ------------------------------------------------------------------------------------------------------------------- */

static cJSON *error_of(int code, const char *kind, const char *message) {
    cJSON *error = checked(cJSON_CreateObject());
    cJSON_AddNumberToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", message);
    cJSON_AddStringToObject(checked(cJSON_AddObjectToObject(error, "data")), "kind", kind);
    return error;
}

static void fail(mpp_call *call, cJSON *error) {
    /* The first failure is the cause of the others. */
    if (call->error == NULL) {
        call->error = error;
    }
}

static void tool_error(mpp_call *call, const char *code, const char *message, bool retryable) {
    cJSON *error = error_of(-31000, "tool_error", message);
    cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
    cJSON_AddStringToObject(data, "code", code);
    cJSON_AddBoolToObject(data, "retryable", retryable);
    fail(call, error);
}

void mpp_fail(mpp_call *call, const char *code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    tool_error(call, code, vformat(format, values), false);
    va_end(values);
}

void mpp_fail_retryable(mpp_call *call, const char *code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    tool_error(call, code, vformat(format, values), true);
    va_end(values);
}

void mpp_fail_status(mpp_call *call, int32_t status, const char *message) {
    switch (status) {
    case MPP_DENIED:
        fail(call, error_of(-31001, "capability_denied", message));
        break;
    case MPP_NOT_FOUND:
        tool_error(call, "not_found", message, false);
        break;
    case MPP_INVALID:
        tool_error(call, "invalid", message, false);
        break;
    case MPP_FULL:
        tool_error(call, "full", message, false);
        break;
    case MPP_TOO_LARGE:
        tool_error(call, "too_large", message, false);
        break;
    case MPP_CONFLICT:
        tool_error(call, "conflict", message, true);
        break;
    case MPP_TIMEOUT:
        tool_error(call, "timeout", message, true);
        break;
    case MPP_CONNECTION:
        tool_error(call, "connection", message, true);
        break;
    default:
        tool_error(call, "unavailable", message, false);
    }
}

const char *mpp_env(mpp_call *call, const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        cJSON *error = error_of(-31001, "capability_denied",
                                mpp_format("the environment variable `%s` is not set; declare it in `env_vars` of manifest.json, and "
                                           "set it when the tool runs",
                                           name));
        cJSON_AddStringToObject(cJSON_GetObjectItemCaseSensitive(error, "data"), "variable", name);
        fail(call, error);
    }
    return value;
}

/* ---- Results ------------------------------------------------------------------------------------------------------------------ */

static cJSON *result_of(cJSON *structured, const char *text) {
    cJSON *result = checked(cJSON_CreateObject());
    cJSON *content = checked(cJSON_AddArrayToObject(result, "content"));
    if (text != NULL) {
        cJSON *part = checked(cJSON_CreateObject());
        cJSON_AddStringToObject(part, "type", "text");
        cJSON_AddStringToObject(part, "text", text);
        cJSON_AddItemToArray(content, part);
    }
    if (structured != NULL) {
        cJSON_AddItemToObject(result, "structuredContent", structured);
    }
    cJSON_AddBoolToObject(result, "isError", false);
    return result;
}

void mpp_return_text(mpp_call *call, const char *text) { call->result = result_of(NULL, text); }

void mpp_return_json(mpp_call *call, cJSON *value) { call->result = result_of(checked(value), NULL); }

/* ---- Arguments ---------------------------------------------------------------------------------------------------------------- */

const cJSON *mpp_json(const mpp_call *call, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(call->arguments, name);
}

const char *mpp_string(const mpp_call *call, const char *name) { return cJSON_GetStringValue(mpp_json(call, name)); }

double mpp_number(const mpp_call *call, const char *name) {
    const cJSON *value = mpp_json(call, name);
    return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

int64_t mpp_integer(const mpp_call *call, const char *name) { return (int64_t)mpp_number(call, name); }

bool mpp_boolean(const mpp_call *call, const char *name) { return cJSON_IsTrue(mpp_json(call, name)); }

static size_t characters(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return count;
}

/* Returns what is wrong with an argument; a null pointer if nothing is. */
static const char *mistake(const mpp_argument *argument, const cJSON *value) {
    const char *expected = NULL;
    switch (argument->type) {
    case MPP_TYPE_STRING:
        expected = cJSON_IsString(value) ? NULL : "a string";
        break;
    case MPP_TYPE_INTEGER:
        expected = cJSON_IsNumber(value) && floor(value->valuedouble) == value->valuedouble ? NULL : "a whole number";
        break;
    case MPP_TYPE_NUMBER:
        expected = cJSON_IsNumber(value) ? NULL : "a number";
        break;
    case MPP_TYPE_BOOLEAN:
        expected = cJSON_IsBool(value) ? NULL : "true or false";
        break;
    case MPP_TYPE_JSON:
        break;
    }
    if (expected != NULL) {
        return mpp_format("expected %s", expected);
    }
    if (cJSON_IsNumber(value)) {
        if (argument->minimum != NULL && value->valuedouble < strtod(argument->minimum, NULL)) {
            return mpp_format("expected at least %s", argument->minimum);
        }
        if (argument->maximum != NULL && value->valuedouble > strtod(argument->maximum, NULL)) {
            return mpp_format("expected at most %s", argument->maximum);
        }
    }
    if (cJSON_IsString(value)) {
        size_t length = characters(value->valuestring);
        if (length < argument->min_length) {
            return mpp_format("expected at least %zu character%s", argument->min_length, argument->min_length == 1 ? "" : "s");
        }
        if (argument->max_length > 0 && length > argument->max_length) {
            return mpp_format("expected at most %zu character%s", argument->max_length, argument->max_length == 1 ? "" : "s");
        }
        if (argument->choices != NULL) {
            char *inside = mpp_format("|%s|", value->valuestring);
            if (strstr(mpp_format("|%s|", argument->choices), inside) == NULL) {
                return mpp_format("expected one of %s", argument->choices);
            }
        }
    }
    return NULL;
}

static const mpp_argument *argument_named(const mpp_tool *tool, const char *name) {
    for (size_t i = 0; i < tool->argument_count; i++) {
        if (strcmp(tool->arguments[i].name, name) == 0) {
            return &tool->arguments[i];
        }
    }
    return NULL;
}

static char folded(char c) {
    if (c == '-') {
        return '_';
    }
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smallest(size_t a, size_t b) { return a < b ? a : b; }

/* Returns by how many characters two words differ; neighbours that are swapped count once. */
static size_t distance(const char *a, const char *b) {
    size_t rows = strlen(a), columns = strlen(b);
    size_t *table = checked(calloc((rows + 1) * (columns + 1), sizeof *table));
#define AT(row, column) table[(row) * (columns + 1) + (column)]
    for (size_t i = 0; i <= rows; i++) {
        AT(i, 0) = i;
    }
    for (size_t j = 0; j <= columns; j++) {
        AT(0, j) = j;
    }
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            bool same = folded(a[i - 1]) == folded(b[j - 1]);
            AT(i, j) = smallest(smallest(AT(i - 1, j), AT(i, j - 1)) + 1, AT(i - 1, j - 1) + !same);
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1])) {
                AT(i, j) = smallest(AT(i, j), AT(i - 2, j - 2) + 1);
            }
        }
    }
    size_t result = AT(rows, columns);
#undef AT
    free(table);
    return result;
}

/* Returns whether a known name is near enough to a word to be what was meant, and nearer than `*best`, which it then becomes. */
static bool is_nearer(const char *word, const char *known, size_t *best) {
    size_t longest = strlen(word) > strlen(known) ? strlen(word) : strlen(known);
    if (longest > 128) {
        return false;
    }
    size_t found = distance(word, known);
    if (found > (longest + 2) / 3 || found >= strlen(known) || found >= *best) {
        return false;
    }
    *best = found;
    return true;
}

/* Returns the pointer (RFC 6901) to an argument. */
static char *pointer_to(const char *name) {
    char *pointer = checked(malloc(2 * strlen(name) + 2));
    char *at = pointer;
    *at++ = '/';
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            *at++ = '~';
            *at++ = *name == '~' ? '0' : '1';
        } else {
            *at++ = *name;
        }
    }
    *at = '\0';
    return pointer;
}

static void add_mistake(cJSON *mistakes, const char *pointer, const char *message, const char *nearest) {
    cJSON *one = checked(cJSON_CreateObject());
    cJSON_AddStringToObject(one, "pointer", pointer);
    cJSON_AddStringToObject(one, "message", message);
    if (nearest != NULL) {
        cJSON_AddStringToObject(one, "nearest", nearest);
    }
    cJSON_AddItemToArray(mistakes, one);
}

/* Refuses arguments, unless there are no mistakes. */
static void refuse(mpp_call *call, const char *tool, cJSON *mistakes) {
    if (cJSON_GetArraySize(mistakes) == 0) {
        return;
    }
    char *message = mpp_format("the arguments do not fit `%s`:", tool);
    const char *separator = "";
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, mistakes) {
        const char *nearest = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "nearest"));
        message = mpp_format("%s%s `%s`: %s%s", message, separator, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "pointer")),
                             cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "message")),
                             nearest != NULL ? mpp_format("; did you mean `%s`?", nearest) : "");
        separator = ";";
    }
    cJSON *error = error_of(-32602, "invalid_arguments", message);
    cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
    cJSON_AddStringToObject(data, "tool", tool);
    cJSON_AddItemToObject(data, "pointer", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(mistakes->child, "pointer"), true));
    cJSON_AddItemToObject(data, "mistakes", mistakes);
    fail(call, error);
}

/*
 * Checks the arguments and fills in defaults. The host has already checked them against the published schema; this is what a test or
 * another host gets.
 */
static void check_arguments(mpp_call *call, const mpp_tool *tool, cJSON *arguments) {
    cJSON *mistakes = checked(cJSON_CreateArray());
    if (!cJSON_IsObject(arguments)) {
        add_mistake(mistakes, "", "expected an object", NULL);
        refuse(call, tool->name, mistakes);
        return;
    }
    const cJSON *given = NULL;
    cJSON_ArrayForEach(given, arguments) {
        if (argument_named(tool, given->string) == NULL) {
            const char *nearest = NULL;
            size_t best = SIZE_MAX;
            for (size_t i = 0; i < tool->argument_count; i++) {
                if (is_nearer(given->string, tool->arguments[i].name, &best)) {
                    nearest = tool->arguments[i].name;
                }
            }
            add_mistake(mistakes, pointer_to(given->string), "there is no such argument", nearest);
        }
    }
    for (size_t i = 0; i < tool->argument_count; i++) {
        const mpp_argument *argument = &tool->arguments[i];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(arguments, argument->name);
        const char *wrong = NULL;
        if (value != NULL) {
            wrong = mistake(argument, value);
        } else if (argument->default_json != NULL) {
            cJSON_AddItemToObject(arguments, argument->name, checked(cJSON_Parse(argument->default_json)));
        } else if (!argument->optional) {
            wrong = "is missing";
        }
        if (wrong != NULL) {
            add_mistake(mistakes, pointer_to(argument->name), wrong, NULL);
        }
    }
    refuse(call, tool->name, mistakes);
}

/* ---- Definitions -------------------------------------------------------------------------------------------------------------- */

static void add_raw(cJSON *object, const char *name, const char *json) {
    if (json != NULL) {
        cJSON_AddItemToObject(object, name, checked(cJSON_Parse(json)));
    }
}

static cJSON *schema_of(const mpp_argument *argument) {
    static const char *const TYPES[] = {"string", "integer", "number", "boolean"};
    cJSON *schema;
    if (argument->type == MPP_TYPE_JSON) {
        schema = checked(cJSON_Parse(argument->schema));
    } else {
        schema = checked(cJSON_CreateObject());
        cJSON_AddStringToObject(schema, "type", TYPES[argument->type]);
    }
    if (argument->description != NULL) {
        cJSON_AddStringToObject(schema, "description", argument->description);
    }
    if (argument->min_length > 0) {
        cJSON_AddNumberToObject(schema, "minLength", (double)argument->min_length);
    }
    if (argument->max_length > 0) {
        cJSON_AddNumberToObject(schema, "maxLength", (double)argument->max_length);
    }
    add_raw(schema, "minimum", argument->minimum);
    add_raw(schema, "maximum", argument->maximum);
    if (argument->choices != NULL) {
        cJSON *list = checked(cJSON_AddArrayToObject(schema, "enum"));
        const char *rest = argument->choices;
        for (;;) {
            size_t length = strcspn(rest, "|");
            cJSON_AddItemToArray(list, checked(cJSON_CreateString(mpp_format("%.*s", (int)length, rest))));
            if (rest[length] == '\0') {
                break;
            }
            rest += length + 1;
        }
    }
    add_raw(schema, "default", argument->default_json);
    return schema;
}

static cJSON *definition_of(const mpp_tool *tool) {
    cJSON *definition = checked(cJSON_CreateObject());
    cJSON_AddStringToObject(definition, "name", tool->name);
    if (tool->title != NULL) {
        cJSON_AddStringToObject(definition, "title", tool->title);
    }
    cJSON_AddStringToObject(definition, "description", tool->description);
    cJSON *parameters = checked(cJSON_AddObjectToObject(definition, "parameters"));
    cJSON_AddStringToObject(parameters, "type", "object");
    cJSON *properties = checked(cJSON_AddObjectToObject(parameters, "properties"));
    cJSON *required = checked(cJSON_CreateArray());
    for (size_t i = 0; i < tool->argument_count; i++) {
        const mpp_argument *argument = &tool->arguments[i];
        cJSON_AddItemToObject(properties, argument->name, schema_of(argument));
        if (!argument->optional && argument->default_json == NULL) {
            cJSON_AddItemToArray(required, checked(cJSON_CreateString(argument->name)));
        }
    }
    cJSON_AddItemToObject(parameters, "required", required);
    cJSON_AddBoolToObject(parameters, "additionalProperties", false);
    add_raw(definition, "returns", tool->returns);
    cJSON_AddStringToObject(definition, "security_level", tool->security_level != NULL ? tool->security_level : "low");
    if (tool->read_only || tool->destructive || tool->idempotent) {
        cJSON *hints = checked(cJSON_AddObjectToObject(definition, "annotations"));
        if (tool->read_only) {
            cJSON_AddBoolToObject(hints, "readOnlyHint", true);
        }
        if (tool->destructive) {
            cJSON_AddBoolToObject(hints, "destructiveHint", true);
        }
        if (tool->idempotent) {
            cJSON_AddBoolToObject(hints, "idempotentHint", true);
        }
    }
    return definition;
}

/* ---- Requests ----------------------------------------------------------------------------------------------------------------- */

static const mpp_tool *tool_named(const char *name, const mpp_tool *tools, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (name != NULL && strcmp(tools[i].name, name) == 0) {
            return &tools[i];
        }
    }
    return NULL;
}

/* Returns whether a text in the request contains the escape of U+0000. It would end a string in C too early. */
static bool has_null_character(const char *request) {
    for (const char *at = request; *at != '\0'; at++) {
        if (*at == '\\') {
            at++;
            if (strncmp(at, "u0000", 5) == 0) {
                return true;
            }
            if (*at == '\0') {
                break;
            }
        }
    }
    return false;
}

static void call_tool(mpp_call *call, const cJSON *params, const mpp_tool *tools, size_t count) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, "name"));
    const mpp_tool *tool = tool_named(name, tools, count);
    if (tool == NULL) {
        char *known = mpp_format("there is no tool `%s`; the tools are", name != NULL ? name : "");
        const char *nearest = NULL;
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < count; i++) {
            known = mpp_format("%s%s `%s`", known, i > 0 ? "," : "", tools[i].name);
            if (name != NULL && is_nearer(name, tools[i].name, &best)) {
                nearest = tools[i].name;
            }
        }
        cJSON *error = error_of(-32602, "unknown_tool", known);
        if (nearest != NULL) {
            cJSON_AddStringToObject(cJSON_GetObjectItemCaseSensitive(error, "data"), "nearest", nearest);
        }
        fail(call, error);
        return;
    }
    cJSON *arguments = cJSON_GetObjectItemCaseSensitive(params, "arguments");
    if (arguments == NULL) {
        arguments = checked(cJSON_CreateObject());
    }
    if (has_null_character(call->request)) {
        cJSON *mistakes = checked(cJSON_CreateArray());
        add_mistake(mistakes, "", "a text contains U+0000, which texts in C cannot hold", NULL);
        refuse(call, tool->name, mistakes);
        return;
    }
    check_arguments(call, tool, arguments);
    if (call->error != NULL) {
        return;
    }
    call->arguments = arguments;
    tool->run(call);
    if (call->result == NULL && call->error == NULL) {
        tool_error(call, "failed", mpp_format("the tool `%s` returned neither a result nor an error", tool->name), false);
    }
}

/*
 * Writes numbers that 15 digits do not hold with all of their digits. cJSON would round them: it takes two numbers for equal that differ
 * in the last bit.
 */
static void keep_digits(cJSON *value) {
    cJSON *part = NULL;
    cJSON_ArrayForEach(part, value) {
        keep_digits(part);
    }
    if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble)) {
        return;
    }
    double number = value->valuedouble;
    char *text = mpp_format("%.15g", number);
    if (strtod(text, NULL) != number) {
        value->type = cJSON_Raw | (value->type & cJSON_StringIsConst);
        value->valuestring = mpp_format(floor(number) == number && fabs(number) < 1e18 ? "%.0f" : "%.17g", number);
    }
}

char *mpp_handle(const char *request, const mpp_tool *tools, size_t count) {
    mpp_call call = {request, NULL, NULL, NULL};
    cJSON *id = NULL;
    cJSON *whole = cJSON_Parse(request);
    if (whole == NULL) {
        fail(&call, error_of(-32700, "parse_error", "the request is not JSON"));
    } else {
        const char *version = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(whole, "jsonrpc"));
        const char *method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(whole, "method"));
        id = cJSON_DetachItemFromObjectCaseSensitive(whole, "id");
        if (version == NULL || strcmp(version, "2.0") != 0 || method == NULL || id == NULL) {
            fail(&call, error_of(-32600, "invalid_request", "expected a JSON-RPC 2.0 request with an id"));
        } else if (strcmp(method, "tools/list") == 0) {
            call.result = checked(cJSON_CreateObject());
            cJSON *list = checked(cJSON_AddArrayToObject(call.result, "tools"));
            for (size_t i = 0; i < count; i++) {
                cJSON_AddItemToArray(list, definition_of(&tools[i]));
            }
        } else if (strcmp(method, "tools/call") == 0) {
            call_tool(&call, cJSON_GetObjectItemCaseSensitive(whole, "params"), tools, count);
        } else {
            fail(&call, error_of(-32601, "method_not_found", mpp_format("there is no method `%s`", method)));
        }
    }
    cJSON *response = checked(cJSON_CreateObject());
    cJSON_AddStringToObject(response, "jsonrpc", "2.0");
    cJSON_AddItemToObject(response, "id", id != NULL ? id : checked(cJSON_CreateNull()));
    if (call.error != NULL) {
        cJSON_AddItemToObject(response, "error", call.error);
    } else {
        cJSON_AddItemToObject(response, "result", call.result);
    }
    keep_digits(response);
    return checked(cJSON_PrintUnformatted(response));
}

static char *read_all(FILE *file) {
    size_t capacity = 4096, length = 0;
    char *text = checked(malloc(capacity));
    for (;;) {
        length += fread(text + length, 1, capacity - length - 1, file);
        if (length + 1 < capacity) {
            break;
        }
        capacity *= 2;
        text = checked(realloc(text, capacity));
    }
    text[length] = '\0';
    return text;
}

/* ---- What tools print, which goes to the log and not into the response --------------------------------------------------------- */

#if defined(__wasm__)

/*
 * WASI has no `dup2`, so the stream itself is made to write elsewhere: its file descriptor is replaced. Where a FILE has it depends on the
 * C library. It is where stdin has 0, stdout 1 and stderr 2.
 */
static void redirect_stdout(int fd) {
    static size_t place = 0;
    const int expected[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    const char *streams[] = {(char *)stdin, (char *)stdout, (char *)stderr};
    fflush(stdout);
    for (size_t at = 0; place == 0 && at < 96; at += sizeof fd) {
        size_t same = 0;
        while (same < 3 && memcmp(streams[same] + at, &expected[same], sizeof fd) == 0) {
            same++;
        }
        place = same == 3 ? at : 0;
    }
    if (place > 0) {
        memcpy((char *)stdout + place, &fd, sizeof fd);
    }
    if (fileno(stdout) != fd) {
        fputs("mpp: this C library keeps its streams otherwise than expected, so that stdout cannot be kept apart\n", stderr);
        exit(1);
    }
}

static void begin_to_catch(void) { redirect_stdout(STDERR_FILENO); }
static void end_to_catch(void) { redirect_stdout(STDOUT_FILENO); }

#elif defined(__unix__)

static int response_stream = -1;

static void begin_to_catch(void) {
    response_stream = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void end_to_catch(void) {
    fflush(stdout);
    dup2(response_stream, STDOUT_FILENO);
    close(response_stream);
}

#else

static void begin_to_catch(void) {}
static void end_to_catch(void) {}

#endif

int mpp_serve(const mpp_tool *tools, size_t count) {
    begin_to_catch();
    char *response = mpp_handle(read_all(stdin), tools, count);
    end_to_catch();
    if (fputs(response, stdout) < 0 || fputc('\n', stdout) < 0 || fflush(stdout) != 0) {
        fputs("mpp: the response cannot be written\n", stderr);
        return 1;
    }
    return 0;
}

/* ---- Host functions ----------------------------------------------------------------------------------------------------------- */

static mpp_bytes reply(int32_t status) {
    mpp_bytes bytes = {status, NULL, mpp_reply_len()};
    bytes.data = checked(malloc(bytes.length + 1));
    if (bytes.length > 0) {
        mpp_reply_take((uint8_t *)bytes.data);
    }
    bytes.data[bytes.length] = '\0';
    return bytes;
}

mpp_response mpp_http(mpp_request request) {
    cJSON *head = checked(cJSON_CreateObject());
    cJSON_AddStringToObject(head, "method", request.method != NULL ? request.method : "GET");
    cJSON_AddStringToObject(head, "url", request.url);
    cJSON *headers = checked(cJSON_AddArrayToObject(head, "headers"));
    for (const char *const *at = request.headers; at != NULL && at[0] != NULL && at[1] != NULL; at += 2) {
        cJSON_AddItemToArray(headers, checked(cJSON_CreateStringArray(at, 2)));
    }
    if (request.timeout_ms > 0) {
        cJSON_AddNumberToObject(head, "timeout_ms", request.timeout_ms);
    }
    char *text = checked(cJSON_PrintUnformatted(head));
    size_t length = strlen(text);
    uint8_t *whole = checked(malloc(4 + length + request.body_length));
    for (int i = 0; i < 4; i++) {
        whole[i] = (uint8_t)(length >> (8 * i));
    }
    memcpy(whole + 4, text, length);
    if (request.body_length > 0) {
        memcpy(whole + 4 + length, request.body, request.body_length);
    }
    mpp_bytes answer = reply(mpp_http_send(whole, 4 + length + request.body_length));
    mpp_response response = {answer.status < 0 ? answer.status : 0, 0, answer.data, answer.length, NULL};
    if (answer.status < 0) {
        return response;
    }
    size_t head_length = 0;
    for (int i = 0; i < 4 && answer.length >= 4; i++) {
        head_length |= (size_t)(uint8_t)answer.data[i] << (8 * i);
    }
    if (answer.length < 4 || head_length > answer.length - 4) {
        response.error = MPP_INVALID;
        response.body = "the host's reply is not a response";
        response.body_length = strlen(response.body);
        return response;
    }
    response.head = checked(cJSON_ParseWithLength(answer.data + 4, head_length));
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(response.head, "status");
    response.status = cJSON_IsNumber(status) ? status->valueint : 0;
    response.body = answer.data + 4 + head_length;
    response.body_length = answer.length - 4 - head_length;
    return response;
}

const char *mpp_header(const mpp_response *response, const char *name) {
    const cJSON *pair = NULL;
    cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(response->head, "headers")) {
        const char *found = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0));
        if (found != NULL && strcmp(found, name) == 0) {
            return cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1));
        }
    }
    return NULL;
}

static char *encoded(const char *text) {
    static const char HEX[] = "0123456789ABCDEF";
    char *out = checked(malloc(3 * strlen(text) + 1));
    char *at = out;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
            *at++ = (char)c;
        } else {
            *at++ = '%';
            *at++ = HEX[c >> 4];
            *at++ = HEX[c & 15];
        }
    }
    *at = '\0';
    return out;
}

char *mpp_url(const char *base, const char *const *query) {
    char *url = mpp_format("%s", base);
    const char *separator = strchr(base, '?') != NULL ? "&" : "?";
    for (const char *const *at = query; at != NULL && at[0] != NULL && at[1] != NULL; at += 2) {
        url = mpp_format("%s%s%s=%s", url, separator, encoded(at[0]), encoded(at[1]));
        separator = "&";
    }
    return url;
}

mpp_bytes mpp_get(const char *key) { return reply(mpp_kv_get((const uint8_t *)key, strlen(key))); }

mpp_bytes mpp_set(const char *key, const void *value, size_t length, uint64_t ttl_ms) {
    return reply(mpp_kv_set((const uint8_t *)key, strlen(key), value, length, ttl_ms));
}

mpp_bytes mpp_increment(const char *key, int64_t by, int64_t *total) {
    mpp_bytes bytes = reply(mpp_kv_increment((const uint8_t *)key, strlen(key), by));
    if (bytes.status >= 0 && bytes.length == sizeof *total && total != NULL) {
        memcpy(total, bytes.data, sizeof *total); /* WebAssembly is little-endian */
    }
    return bytes;
}
