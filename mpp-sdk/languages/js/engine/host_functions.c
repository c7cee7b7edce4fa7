/* host_functions.c: the functions of the host as functions of the object `__mpp_v1`. This file is
   generated from the table of host functions by `cargo xtask gen`. */
#include "mpp.h"
#include "natives.h"

static JSValue host_http_send(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes request = {0};
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &request, arguments[0])) {
        result = JS_NewInt32(ctx, mpp_http_send(request.at, request.length));
    }
    mpp_free_bytes(ctx, &request);
    return result;
}

static JSValue host_kv_get(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes key = {0};
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &key, arguments[0])) {
        result = JS_NewInt32(ctx, mpp_kv_get(key.at, key.length));
    }
    mpp_free_bytes(ctx, &key);
    return result;
}

static JSValue host_kv_set(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes key = {0};
    mpp_bytes value = {0};
    uint64_t ttl_ms;
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &key, arguments[0]) &&
        mpp_to_bytes(ctx, &value, arguments[1]) &&
        mpp_to_u64(ctx, &ttl_ms, arguments[2])) {
        result = JS_NewInt32(ctx, mpp_kv_set(key.at, key.length, value.at, value.length, ttl_ms));
    }
    mpp_free_bytes(ctx, &key);
    mpp_free_bytes(ctx, &value);
    return result;
}

static JSValue host_kv_delete(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes key = {0};
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &key, arguments[0])) {
        result = JS_NewInt32(ctx, mpp_kv_delete(key.at, key.length));
    }
    mpp_free_bytes(ctx, &key);
    return result;
}

static JSValue host_kv_list(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes prefix = {0};
    mpp_bytes after = {0};
    uint32_t limit;
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &prefix, arguments[0]) &&
        mpp_to_bytes(ctx, &after, arguments[1]) &&
        mpp_to_u32(ctx, &limit, arguments[2])) {
        result = JS_NewInt32(ctx, mpp_kv_list(prefix.at, prefix.length, after.at, after.length, limit));
    }
    mpp_free_bytes(ctx, &prefix);
    mpp_free_bytes(ctx, &after);
    return result;
}

static JSValue host_kv_compare_and_swap(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes key = {0};
    mpp_bytes expected = {0};
    mpp_bytes value = {0};
    uint64_t ttl_ms;
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &key, arguments[0]) &&
        mpp_to_bytes(ctx, &expected, arguments[1]) &&
        mpp_to_bytes(ctx, &value, arguments[2]) &&
        mpp_to_u64(ctx, &ttl_ms, arguments[3])) {
        result = JS_NewInt32(ctx, mpp_kv_compare_and_swap(key.at, key.length, expected.at, expected.length, value.at, value.length, ttl_ms));
    }
    mpp_free_bytes(ctx, &key);
    mpp_free_bytes(ctx, &expected);
    mpp_free_bytes(ctx, &value);
    return result;
}

static JSValue host_kv_increment(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    mpp_bytes key = {0};
    int64_t by;
    JSValue result = JS_EXCEPTION;
    if (mpp_to_bytes(ctx, &key, arguments[0]) &&
        mpp_to_i64(ctx, &by, arguments[1])) {
        result = JS_NewInt32(ctx, mpp_kv_increment(key.at, key.length, by));
    }
    mpp_free_bytes(ctx, &key);
    return result;
}

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("http_send", 1, host_http_send),
    JS_CFUNC_DEF("kv_get", 1, host_kv_get),
    JS_CFUNC_DEF("kv_set", 3, host_kv_set),
    JS_CFUNC_DEF("kv_delete", 1, host_kv_delete),
    JS_CFUNC_DEF("kv_list", 3, host_kv_list),
    JS_CFUNC_DEF("kv_compare_and_swap", 4, host_kv_compare_and_swap),
    JS_CFUNC_DEF("kv_increment", 2, host_kv_increment),
};

void mpp_add_host_functions(JSContext *ctx, JSValueConst object) {
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}
