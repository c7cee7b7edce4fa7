/* natives.h: what scripts can use of their host, in natives.c and files.c, and the table of lines, in lines.c. */
#ifndef MPP_NATIVES_H
#define MPP_NATIVES_H

#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* The name of the script in stacks, before it is replaced by the names of the author's files. */
#define MPP_SCRIPT_NAME "<script>"

/* Defines the global object `__mpp_v1`. */
void mpp_add_natives(JSContext *ctx);

/* Adds the functions of the host to this object. Generated from the table of host functions. */
void mpp_add_host_functions(JSContext *ctx, JSValueConst object);

/* Adds the functions for files to this object, in files.c. */
void mpp_add_files(JSContext *ctx, JSValueConst object);

/* The bytes of an argument: a Uint8Array, a string, or neither, which is null. */
typedef struct {
    const uint8_t *at;
    size_t length;
    const char *text;
} mpp_bytes;

/* Numbers are read from numbers or, if they have 64 bits, from BigInts. */
static inline bool mpp_to_u32(JSContext *ctx, uint32_t *number, JSValueConst value) { return JS_ToUint32(ctx, number, value) == 0; }
static inline bool mpp_to_i64(JSContext *ctx, int64_t *number, JSValueConst value) { return JS_ToInt64Ext(ctx, number, value) == 0; }
static inline bool mpp_to_u64(JSContext *ctx, uint64_t *number, JSValueConst value) {
    return JS_ToInt64Ext(ctx, (int64_t *)number, value) == 0;
}

/* Reads an argument. Returns false, with an exception, if it is neither bytes nor a string nor null. */
bool mpp_to_bytes(JSContext *ctx, mpp_bytes *bytes, JSValueConst value);
void mpp_free_bytes(JSContext *ctx, mpp_bytes *bytes);

/* Returns the function that the script set as `__mpp_v1.handle`. */
JSValue mpp_handler(JSContext *ctx);

/* Calls `__mpp_v1.wait`, which waits for the next timer, runs it, and returns whether there was one. */
JSValue mpp_wait(JSContext *ctx);

/* Describes an exception in one line with the author's file and line. Its stack is written to the log if `with_log`. */
char *mpp_describe_exception(JSContext *ctx, JSValueConst exception, bool with_log);

/* Sets the table by which lines of the script become lines of the author's files. It is kept. */
void mpp_set_lines(char *table, size_t length);

/* Returns a copy of a stack in which the names of the script are replaced. The caller frees it. */
char *mpp_with_lines(const char *stack);

#endif
