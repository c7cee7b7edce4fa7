/* natives.c: the object `__mpp_v1`, through which scripts use their host. The SDK is the only script that should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mpp.h"
#include "natives.h"

static const char OBJECT[] = "__mpp_v1";

/* ---- Text ------------------------------------------------------------------------------------------------------------------------ */

/* Replaces halves of surrogate pairs in place: as bytes, they are no UTF-8. */
static void replace_surrogates(uint8_t *text, size_t length) {
    for (size_t i = 0; i + 2 < length; i++) {
        if (text[i] == 0xed && text[i + 1] >= 0xa0) {
            memcpy(text + i, "\xef\xbf\xbd", 3);
        }
    }
}

/* Returns the length of the character at `at`, or 0 if it is not UTF-8; `bad` is then the number of bytes to replace. The number is that of
   the Encoding Standard. */
static size_t character(const uint8_t *at, size_t left, size_t *bad) {
    uint8_t first = at[0];
    size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    *bad = 1;
    if (length == 0) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        uint8_t low = 0x80, high = 0xbf;
        if (i == 1) {
            low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        }
        if (i >= left || at[i] < low || at[i] > high) {
            *bad = i;
            return 0;
        }
    }
    return length;
}

bool mpp_to_bytes(JSContext *ctx, mpp_bytes *bytes, JSValueConst value) {
    memset(bytes, 0, sizeof *bytes);
    if (JS_IsNull(value) || JS_IsUndefined(value)) {
        return true;
    }
    if (JS_IsString(value)) {
        bytes->text = JS_ToCStringLen(ctx, &bytes->length, value);
        if (bytes->text == NULL) {
            return false;
        }
        replace_surrogates((uint8_t *)bytes->text, bytes->length);
        bytes->at = (const uint8_t *)bytes->text;
        return true;
    }
    bytes->at = JS_GetUint8Array(ctx, &bytes->length, value);
    if (bytes->at == NULL && bytes->length == 0 && JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        bytes->at = (const uint8_t *)"";
    }
    return bytes->at != NULL;
}

void mpp_free_bytes(JSContext *ctx, mpp_bytes *bytes) { JS_FreeCString(ctx, bytes->text); }

static JSValue native_encode(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes bytes;
    JSValue text = JS_ToString(ctx, arguments[0]);
    if (JS_IsException(text) || !mpp_to_bytes(ctx, &bytes, text)) {
        JS_FreeValue(ctx, text);
        return JS_EXCEPTION;
    }
    JSValue encoded = JS_NewUint8ArrayCopy(ctx, bytes.at, bytes.length);
    mpp_free_bytes(ctx, &bytes);
    JS_FreeValue(ctx, text);
    return encoded;
}

/* decode(bytes, fatal): the text; null if it is fatal that the bytes are not UTF-8. */
static JSValue native_decode(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes bytes;
    if (!mpp_to_bytes(ctx, &bytes, arguments[0])) {
        return JS_EXCEPTION;
    }
    size_t i = 0, bad;
    while (i < bytes.length) {
        size_t length = character(bytes.at + i, bytes.length - i, &bad);
        if (length == 0) {
            break;
        }
        i += length;
    }
    JSValue text = JS_NULL;
    if (i == bytes.length) {
        text = JS_NewStringLen(ctx, (const char *)bytes.at, bytes.length);
    } else if (JS_ToBool(ctx, arguments[1]) == 0) {
        uint8_t *good = js_malloc(ctx, 3 * bytes.length);
        size_t used = 0;
        for (i = 0; i < bytes.length;) {
            size_t length = character(bytes.at + i, bytes.length - i, &bad);
            memcpy(good + used, length > 0 ? bytes.at + i : (const uint8_t *)"\xef\xbf\xbd", length > 0 ? length : 3);
            used += length > 0 ? length : 3;
            i += length > 0 ? length : bad;
        }
        text = JS_NewStringLen(ctx, (const char *)good, used);
        js_free(ctx, good);
    }
    mpp_free_bytes(ctx, &bytes);
    return text;
}

/* ---- The host -------------------------------------------------------------------------------------------------------------------- */

/* reply(): what the last function of the host left, as a Uint8Array. */
static JSValue native_reply(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    size_t length = mpp_reply_len();
    uint8_t *bytes = js_malloc(ctx, length + 1);
    mpp_reply_take(bytes);
    JSValue reply = JS_NewUint8ArrayCopy(ctx, bytes, length);
    js_free(ctx, bytes);
    return reply;
}

static JSValue native_env(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *name = JS_ToCString(ctx, arguments[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }
    const char *value = getenv(name);
    JS_FreeCString(ctx, name);
    return value == NULL ? JS_UNDEFINED : JS_NewString(ctx, value);
}

/* log(text): a line for the log. */
static JSValue native_log(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes bytes;
    if (!mpp_to_bytes(ctx, &bytes, arguments[0])) {
        return JS_EXCEPTION;
    }
    fwrite(bytes.at, 1, bytes.length, stderr);
    fputc('\n', stderr);
    mpp_free_bytes(ctx, &bytes);
    return JS_UNDEFINED;
}

/* crash(text): writes to the log, and ends the program without a response. */
static JSValue native_crash(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    native_log(ctx, self, count, arguments);
    exit(1);
}

/* How many bytes `getentropy` gives at once. */
#define MOST_RANDOM 256

/* random(bytes): fills a Uint8Array. */
static JSValue native_random(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    size_t length;
    uint8_t *bytes = JS_GetUint8Array(ctx, &length, arguments[0]);
    if (bytes == NULL && length > 0) {
        return JS_EXCEPTION;
    }
    for (size_t done = 0; done < length; done += MOST_RANDOM) {
        size_t count = length - done < MOST_RANDOM ? length - done : MOST_RANDOM;
        if (getentropy(bytes + done, count) != 0) {
            return JS_ThrowInternalError(ctx, "the host gives no random numbers");
        }
    }
    return JS_DupValue(ctx, arguments[0]);
}

static JSValue native_sleep(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    double milliseconds;
    if (JS_ToFloat64(ctx, &milliseconds, arguments[0]) < 0) {
        return JS_EXCEPTION;
    }
    if (milliseconds > 0) {
        struct timespec time = {(time_t)(milliseconds / 1000), 0};
        time.tv_nsec = (long)((milliseconds - (double)time.tv_sec * 1000) * 1e6);
        nanosleep(&time, NULL);
    }
    return JS_UNDEFINED;
}

/* where(stack): a stack with the names and lines of the author's files. */
static JSValue native_where(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *stack = JS_ToCString(ctx, arguments[0]);
    if (stack == NULL) {
        return JS_EXCEPTION;
    }
    char *said = mpp_with_lines(stack);
    JS_FreeCString(ctx, stack);
    JSValue text = JS_NewString(ctx, said);
    free(said);
    return text;
}

static const JSCFunctionListEntry NATIVES[] = {
    JS_CFUNC_DEF("crash", 1, native_crash),   JS_CFUNC_DEF("decode", 2, native_decode), JS_CFUNC_DEF("encode", 1, native_encode),
    JS_CFUNC_DEF("env", 1, native_env),       JS_CFUNC_DEF("log", 1, native_log),       JS_CFUNC_DEF("random", 1, native_random),
    JS_CFUNC_DEF("reply", 0, native_reply),   JS_CFUNC_DEF("sleep", 1, native_sleep),   JS_CFUNC_DEF("where", 1, native_where),
};

/* Returns a member of `__mpp_v1`, and the object itself. */
static JSValue member(JSContext *ctx, const char *name, JSValue *object) {
    JSValue global = JS_GetGlobalObject(ctx);
    *object = JS_GetPropertyStr(ctx, global, OBJECT);
    JS_FreeValue(ctx, global);
    return JS_GetPropertyStr(ctx, *object, name);
}

/* A promise that is rejected and that nobody waits for is an error that would otherwise be lost. */
static void on_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque) {
    JSValue object;
    JSValue report = member(ctx, "rejected", &object);
    if (JS_IsFunction(ctx, report)) {
        JSValueConst arguments[] = {promise, reason, JS_NewBool(ctx, is_handled)};
        JS_FreeValue(ctx, JS_Call(ctx, report, object, 3, arguments));
    }
    JS_FreeValue(ctx, report);
    JS_FreeValue(ctx, object);
}

void mpp_add_natives(JSContext *ctx) {
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyFunctionList(ctx, object, NATIVES, sizeof NATIVES / sizeof *NATIVES);
    mpp_add_host_functions(ctx, object);
    mpp_add_files(ctx, object);
    JSValue global = JS_GetGlobalObject(ctx);
    JS_DefinePropertyValueStr(ctx, global, OBJECT, object, 0);
    JS_FreeValue(ctx, global);
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(ctx), on_rejection, NULL);
}

JSValue mpp_handler(JSContext *ctx) {
    JSValue object;
    JSValue handle = member(ctx, "handle", &object);
    JS_FreeValue(ctx, object);
    return handle;
}

JSValue mpp_wait(JSContext *ctx) {
    JSValue object;
    JSValue wait = member(ctx, "wait", &object);
    JSValue waited = JS_IsFunction(ctx, wait) ? JS_Call(ctx, wait, object, 0, NULL) : JS_FALSE;
    JS_FreeValue(ctx, wait);
    JS_FreeValue(ctx, object);
    return waited;
}

/* ---- Exceptions ------------------------------------------------------------------------------------------------------------------ */

static char *copy(const char *text) {
    char *copied = strdup(text);
    if (copied == NULL) {
        __builtin_trap();
    }
    return copied;
}

/* Returns the first place in a stack that is in one of the author's files, such as `src/tool.ts:12`, or else the first place. */
static char *first_place(const char *stack) {
    char *found = NULL;
    for (const char *line = stack; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        const char *open = memchr(line, '(', length);
        const char *start = open != NULL ? open + 1 : strncmp(line, "    at ", 7) == 0 ? line + 7 : line;
        size_t size = open != NULL ? strcspn(start, ")\n") : (size_t)(line + length - start);
        if (memchr(start, ':', size) != NULL) {
            char place[512];
            snprintf(place, sizeof place, "%.*s", (int)size, start);
            bool is_own = strstr(place, "node_modules/") == NULL && strstr(place, "mpp-sdk/src/") == NULL && place[0] != '<';
            if (found == NULL || is_own) {
                free(found);
                found = copy(place);
            }
            if (is_own) {
                return found;
            }
        }
        line += length + (line[length] == '\n');
    }
    return found;
}

char *mpp_describe_exception(JSContext *ctx, JSValueConst exception, bool with_log) {
    const char *message = JS_ToCString(ctx, exception);
    char *said = copy(message != NULL ? message : "an exception that cannot be described");
    JS_FreeCString(ctx, message);
    if (!JS_IsObject(exception)) {
        return said;
    }
    JSValue property = JS_GetPropertyStr(ctx, exception, "stack");
    const char *text = JS_IsString(property) ? JS_ToCString(ctx, property) : NULL;
    if (text != NULL) {
        char *stack = mpp_with_lines(text);
        if (with_log) {
            fprintf(stderr, "%s\n%s", said, stack);
        }
        char *place = first_place(stack);
        if (place != NULL) {
            size_t size = strlen(said) + strlen(place) + 4;
            char *longer = malloc(size);
            if (longer == NULL) {
                __builtin_trap();
            }
            snprintf(longer, size, "%s (%s)", said, place);
            free(said);
            said = longer;
        }
        free(place);
        free(stack);
        JS_FreeCString(ctx, text);
    }
    JS_FreeValue(ctx, property);
    return said;
}
