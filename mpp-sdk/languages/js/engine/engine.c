/*
 * engine.c: runs a tool that is written in JavaScript.
 *
 * The module that is compiled from this file is the same for every tool. `mpp build` adds the tool's script to a copy of it: it replaces
 * the bodies of script_length and script_read, so that they give the script.
 *
 * Without a script the module is a compiler: it reads a script from stdin, and writes its bytecode to stdout.
 *
 * A run reads the request from stdin, evaluates the script, which registers a function that answers requests, calls it, and
 * writes what it returns to stdout. Everything else that a script does with its host goes through the object `__mpp_v1`, which
 * natives.c defines.
 */

/* The engine itself. Its sources are included, and not only linked, because the limit of the stack is a private member: without one,
   recursion without end would be a crash instead of an error that names the author's line. */
#include "quickjs.c"

#include <errno.h>
#include <unistd.h>

#include "natives.h"

/* How much of the stack scripts may use, of the 1 MiB that the linker reserves. Frames of WebAssembly itself are elsewhere, and use more
   than the host allows before this is reached if it is larger. */
#define SCRIPT_STACK (256 * 1024)

/* What is in the first four bytes of a script. */
enum { SOURCE = 0, BYTECODE = 1 };

/* These two are replaced. The assembly keeps the compiler from using what they return here. */
__attribute__((noinline, export_name("script_length"))) size_t script_length(void) {
    size_t length = 0;
    __asm__ volatile("" : "+r"(length));
    return length;
}

__attribute__((noinline, export_name("script_read"))) void script_read(uint8_t *at) {
    __asm__ volatile("" : : "r"(at) : "memory");
}

/* ---- Memory: a script cannot catch that it ran out of it. The host knows that it did not give more, and says so. ---------------- */

static void *or_end(void *memory) {
    if (memory == NULL) {
        __builtin_trap();
    }
    return memory;
}

static void *engine_calloc(void *opaque, size_t count, size_t size) { return or_end(calloc(count, size)); }
static void *engine_malloc(void *opaque, size_t size) { return or_end(malloc(size)); }
static void engine_free(void *opaque, void *memory) { free(memory); }

static void *engine_realloc(void *opaque, void *memory, size_t size) {
    if (size == 0) {
        free(memory);
        return NULL;
    }
    return or_end(realloc(memory, size));
}

static const JSMallocFunctions MEMORY = {
    engine_calloc, engine_malloc, engine_free, engine_realloc, (size_t(*)(const void *))malloc_usable_size,
};

/* ---- Streams ----------------------------------------------------------------------------------------------------------------- */

static void write_all(int stream, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(stream, text, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            exit(1);
        }
        text += written;
        length -= (size_t)written;
    }
}

/* Reads stdin to its end. */
static char *read_input(size_t *length) {
    size_t room = 64 * 1024, used = 0;
    char *text = or_end(malloc(room));
    for (;;) {
        ssize_t count = read(STDIN_FILENO, text + used, room - used);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            exit(1);
        }
        if (count == 0) {
            break;
        }
        used += (size_t)count;
        if (used == room) {
            room *= 2;
            text = or_end(realloc(text, room));
        }
    }
    /* The parser wants a zero after the text. What is not needed is given back, for large requests. */
    text = or_end(realloc(text, used + 1));
    text[used] = '\0';
    *length = used;
    return text;
}

/* ---- Responses that no script gives ---------------------------------------------------------------------------------------------- */

/* Answers the request with an error of the tool. */
static void answer_error(JSContext *ctx, const char *code, const char *message) {
    JSValue text = JS_NewString(ctx, message);
    JSValue quoted = JS_JSONStringify(ctx, text, JS_UNDEFINED, JS_UNDEFINED);
    size_t length = 0;
    const char *json = JS_ToCStringLen(ctx, &length, quoted);
    if (json == NULL) {
        exit(1);
    }
    printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-31000,\"message\":%s,"
           "\"data\":{\"kind\":\"tool_error\",\"code\":\"%s\",\"retryable\":false}}}\n",
           json, code);
    fflush(stdout);
    exit(0);
}

/* Answers the request with an exception, and writes its stack to the log. */
static void answer_exception(JSContext *ctx, JSValueConst exception) {
    char *described = mpp_describe_exception(ctx, exception, true);
    answer_error(ctx, "script_failed", described);
}

/* ---- Promises -------------------------------------------------------------------------------------------------------------------- */

/* Runs everything that is waiting until a promise is settled, and returns its value. */
static JSValue settled(JSContext *ctx, JSValueConst promise) {
    JSRuntime *rt = JS_GetRuntime(ctx);
    for (;;) {
        JSContext *of = NULL;
        int ran = 1;
        while (ran > 0) {
            ran = JS_ExecutePendingJob(rt, &of);
        }
        if (ran < 0) {
            answer_exception(ctx, JS_GetException(of));
        }
        switch (JS_PromiseState(ctx, promise)) {
        case JS_PROMISE_FULFILLED:
            return JS_PromiseResult(ctx, promise);
        case JS_PROMISE_REJECTED:
            answer_exception(ctx, JS_PromiseResult(ctx, promise));
            break;
        case JS_PROMISE_PENDING:
            break;
        default:
            return JS_DupValue(ctx, promise);
        }
        /* Nothing is left to do but to wait for a timer. */
        JSValue waited = mpp_wait(ctx);
        if (JS_IsException(waited)) {
            answer_exception(ctx, JS_GetException(ctx));
        }
        if (JS_ToBool(ctx, waited) <= 0) {
            answer_error(ctx, "never_settled",
                         "the tool returned a promise that never settles: nothing is left that could resolve it");
        }
    }
}

/* ---- The script ------------------------------------------------------------------------------------------------------------------ */

/* Compiles what is on stdin, and writes the bytecode to stdout. */
static void compile(JSContext *ctx, const char *source, size_t length) {
    JSValue module = JS_Eval(ctx, source, length, MPP_SCRIPT_NAME, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module)) {
        fprintf(stderr, "%s\n", mpp_describe_exception(ctx, JS_GetException(ctx), false));
        exit(1);
    }
    size_t size;
    uint8_t *bytecode = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    if (bytecode == NULL) {
        exit(1);
    }
    write_all(STDOUT_FILENO, (const char *)bytecode, size);
    exit(0);
}

/* Evaluates the script: four bytes that tell its form, the length of the table of lines, this table, and the script. */
static void evaluate(JSContext *ctx) {
    size_t length = script_length();
    uint8_t *script = or_end(malloc(length + 1));
    script_read(script);
    script[length] = '\0';
    uint32_t form, lines;
    memcpy(&form, script, 4);
    memcpy(&lines, script + 4, 4);
    mpp_set_lines((char *)script + 8, lines);
    uint8_t *body = script + 8 + lines;
    size_t body_length = length - 8 - lines;
    JSValue result;
    if (form == BYTECODE) {
        result = JS_ReadObject(ctx, body, body_length, JS_READ_OBJ_BYTECODE);
        if (!JS_IsException(result)) {
            result = JS_EvalFunction(ctx, result);
        }
    } else {
        result = JS_Eval(ctx, (char *)body, body_length, MPP_SCRIPT_NAME, JS_EVAL_TYPE_MODULE);
    }
    if (JS_IsException(result)) {
        answer_exception(ctx, JS_GetException(ctx));
    }
    settled(ctx, result);
}

int main(void) {
    size_t length;
    char *request = read_input(&length);
    JSRuntime *rt = JS_NewRuntime2(&MEMORY, NULL);
    rt->stack_size = SCRIPT_STACK;
    rt->stack_limit = rt->stack_top - SCRIPT_STACK;
    JSContext *ctx = JS_NewContext(rt);
    if (script_length() == 0) {
        compile(ctx, request, length);
    }
    mpp_add_natives(ctx);
    evaluate(ctx);
    JSValue handle = mpp_handler(ctx);
    if (!JS_IsFunction(ctx, handle)) {
        answer_error(ctx, "no_tools",
                     "the script registers no tools: call `tool` of the package `@mpp-protocol/sdk` in the file that is built");
    }
    /* The request is parsed here, because its text in the script's memory would make it twice as large. */
    JSValue line = JS_ParseJSON(ctx, request, length, "request");
    if (JS_IsException(line)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        line = JS_NewStringLen(ctx, request, length);
    }
    free(request);
    JSValue promise = JS_Call(ctx, handle, JS_UNDEFINED, 1, (JSValueConst *)&line);
    JS_FreeValue(ctx, line);
    if (JS_IsException(promise)) {
        answer_exception(ctx, JS_GetException(ctx));
    }
    JSValue answer = settled(ctx, promise);
    const char *text = JS_ToCStringLen(ctx, &length, answer);
    if (text == NULL) {
        answer_exception(ctx, JS_GetException(ctx));
    }
    write_all(STDOUT_FILENO, text, length);
    write_all(STDOUT_FILENO, "\n", 1);
    /* What the script holds need not be freed: the instance ends with the run. */
    return 0;
}
