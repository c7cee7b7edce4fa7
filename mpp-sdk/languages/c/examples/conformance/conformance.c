/* The tools by which the SDK is checked: "mpp conformance . --complete". */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mpp_tool.h"

static void echo(mpp_call *call) {
    const char *text = mpp_string(call, "text");
    size_t characters = 0;
    for (const char *at = text; *at != '\0'; at++) {
        characters += ((unsigned char)*at & 0xC0) != 0x80;
    }
    cJSON *result = cJSON_CreateObject();
    cJSON_AddStringToObject(result, "text", text);
    cJSON_AddNumberToObject(result, "characters", (double)characters);
    if (mpp_json(call, "number") != NULL) {
        cJSON_AddNumberToObject(result, "number", mpp_number(call, "number"));
    }
    mpp_return_json(call, result);
}

static void fail(mpp_call *call) {
    const char *code = mpp_string(call, "code");
    const char *message = mpp_string(call, "message");
    if (mpp_boolean(call, "retryable")) {
        mpp_fail_retryable(call, code, "%s", message);
    } else {
        mpp_fail(call, code, "%s", message);
    }
}

static void crash(mpp_call *call) {
    (void)call;
    abort();
}

static void log_line(mpp_call *call) {
    fprintf(stderr, "%s\n", mpp_string(call, "line"));
    mpp_return_text(call, "logged");
}

static void print_line(mpp_call *call) {
    printf("%s\n", mpp_string(call, "line"));
    fflush(stdout);
    mpp_return_text(call, "printed");
}

static void spin(mpp_call *call) {
    (void)call;
    for (volatile unsigned turns = 0;; turns++) {
    }
}

static void allocate(mpp_call *call) {
    size_t size = (size_t)mpp_integer(call, "mebibytes") * 1024 * 1024;
    volatile char *memory = malloc(size);
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    for (size_t at = 0; at < size; at += 4096) {
        memory[at] = 1;
    }
    mpp_return_text(call, "allocated");
}

static void now(mpp_call *call) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    cJSON *result = cJSON_CreateObject();
    cJSON_AddNumberToObject(result, "unix_ms", (double)time.tv_sec * 1000 + (double)(time.tv_nsec / 1000000));
    mpp_return_json(call, result);
}

static void random_bytes(mpp_call *call) {
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0) {
        mpp_fail(call, "no_randomness", "there are no random bytes");
        return;
    }
    char hex[2 * sizeof bytes + 1];
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    cJSON *result = cJSON_CreateObject();
    cJSON_AddStringToObject(result, "hex", hex);
    mpp_return_json(call, result);
}

static void count(mpp_call *call) {
    static int calls = 0;
    cJSON *result = cJSON_CreateObject();
    cJSON_AddNumberToObject(result, "count", ++calls);
    mpp_return_json(call, result);
}

#define DATA "{\"type\": \"object\"}"

static const mpp_tool TOOLS[] = {
    MPP_TOOL("conformance_echo", "Returns the text, its length and the number.", echo,
             MPP_ARGUMENTS(MPP_STRING("text", "A text."), MPP_NUMBER("number", "A number.", .optional = true)), .returns = DATA),
    MPP_TOOL("conformance_fail", "Fails.", fail,
             MPP_ARGUMENTS(MPP_STRING("code", "The code."), MPP_STRING("message", "The message."),
                           MPP_BOOLEAN("retryable", "Whether the call may succeed later."))),
    MPP_TOOL("conformance_crash", "Crashes.", crash, .returns = NULL),
    MPP_TOOL("conformance_log", "Writes to the log.", log_line, MPP_ARGUMENTS(MPP_STRING("line", "The line."))),
    MPP_TOOL("conformance_print", "Prints.", print_line, MPP_ARGUMENTS(MPP_STRING("line", "The line."))),
    MPP_TOOL("conformance_spin", "Never ends.", spin, .returns = NULL),
    MPP_TOOL("conformance_allocate", "Allocates memory.", allocate, MPP_ARGUMENTS(MPP_INTEGER("mebibytes", "How much.", .minimum = "0"))),
    MPP_TOOL("conformance_clock", "Returns the time.", now, .returns = DATA),
    MPP_TOOL("conformance_random", "Returns random bytes.", random_bytes, .returns = DATA),
    MPP_TOOL("conformance_count", "Counts calls.", count, .returns = DATA),
};

int main(void) { return MPP_SERVE(TOOLS); }
