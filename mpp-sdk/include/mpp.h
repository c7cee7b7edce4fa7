/*
 * mpp.h: the host functions of MPP, version 1, for tools in C, C++, Go, Zig and whatever else compiles to WebAssembly.
 *
 * A tool is a WASI preview 1 command: it reads one JSON-RPC request from stdin and writes one response line to stdout.
 * What it may do beyond that, it asks its host for, by these functions. They are imported from the module "mpp_v1".
 *
 *     clang --target=wasm32-wasip1 --sysroot=WASI_SYSROOT -O2 -o tool.wasm tool.c
 *
 * Go (GOOS=wasip1 GOARCH=wasm) imports the same functions by  //go:wasmimport mpp_v1 kv_get  above a function without a
 * body, Zig by  extern "mpp_v1" fn kv_get(key: [*]const u8, key_len: usize) i32;  pointers and sizes have 32 bits.
 *
 * A package imports only what its manifest declares: http_send wants "network" under "capabilities", kv_* wants "kv".
 * A module that imports more is refused (MPP-G709). So call only what you need: what is not called is not imported.
 *
 * How an answer comes back. Each function returns a number: what was asked for (0 or more), or one of enum mpp_status,
 * which are all below 0. Whatever has a length (a value, a response, a list, and for every negative number a sentence in
 * UTF-8 that says what happened and what to do) waits at the host as the reply. mpp_reply_len says how long it is,
 * mpp_reply_take copies it, once, to a buffer of at least that length. The next function replaces it; so take it first.
 *
 *     int32_t status = mpp_kv_get(key, key_len);
 *     if (status == MPP_NOT_FOUND) { ... }
 *     size_t length = mpp_reply_len();
 *     uint8_t *value = malloc(length);
 *     mpp_reply_take(value);
 *
 * Pointers need no alignment, and text no final zero. A pointer outside of the tool's memory ends the call. Nothing here
 * waits longer than the call may take.
 */
#ifndef MPP_H
#define MPP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Elsewhere the functions are declared only, so that a tool's own tests can define them. */
#if defined(__wasm__)
#define MPP_IMPORT(name) __attribute__((import_module("mpp_v1"), import_name(name)))
#else
#define MPP_IMPORT(name)
#endif

/* What a function returns instead of what it was asked for. Later versions may add numbers: treat all below 0 alike. */
enum mpp_status {
    /* There is no such thing. */
    MPP_NOT_FOUND = -1,
    /* Not declared in the manifest, or not granted. */
    MPP_DENIED = -2,
    /* What was given makes no sense. */
    MPP_INVALID = -3,
    /* The quota is used up. */
    MPP_FULL = -4,
    /* What was given, or what came back, is larger than allowed. */
    MPP_TOO_LARGE = -5,
    /* Somebody else changed the same thing; the whole call may succeed when it is made again. */
    MPP_CONFLICT = -6,
    /* It did not answer in time. */
    MPP_TIMEOUT = -7,
    /* It could not be reached, or broke off. */
    MPP_CONNECTION = -8,
    /* It cannot be used at all. */
    MPP_UNAVAILABLE = -9
};

/* ---- The reply ---------------------------------------------------------------------------------------------------- */

/* Bytes of the reply that waits. */
MPP_IMPORT("reply_len") size_t mpp_reply_len(void);

/* Copies the reply to `at`, which has room for mpp_reply_len() bytes. It is gone then. */
MPP_IMPORT("reply_take") void mpp_reply_take(uint8_t *at);

/* ---- Network ------------------------------------------------------------------------------------------------------ */

/*
 * Sends an HTTP request and waits for the response. 0, and the reply is the response.
 *
 * Request and response have one form: the length of the head (32 bits, little endian), the head (JSON), the body (the
 * rest, any bytes).
 *
 *     request head:  {"method": "GET", "url": "https://api.example.com/v1", "headers": [["accept", "application/json"]],
 *                     "timeout_ms": 5000, "redirects": 10}            timeout_ms and redirects may be left out
 *     response head: {"status": 200, "url": "https://api.example.com/v1", "headers": [["content-type", "..."]]}
 *
 * `url` of the response is where redirects led. Any status is a response; MPP_DENIED is a host that the manifest does not
 * declare, or an address that was not granted; MPP_TIMEOUT, MPP_CONNECTION, MPP_TOO_LARGE and MPP_INVALID say it by name.
 */
MPP_IMPORT("http_send") int32_t mpp_http_send(const uint8_t *request, size_t request_len);

/* ---- State -------------------------------------------------------------------------------------------------------- */

/*
 * Keys and values that the host keeps for this package. A key has 1 to 1024 bytes, a value at most 16 MiB; all keys and
 * values together have at most the manifest's `kv.max_bytes`: MPP_TOO_LARGE and MPP_FULL, and nothing is written.
 *
 * One call of the tool is one transaction: it sees the state of one moment, and what it writes lasts when the call
 * succeeds, all of it, and is gone when it fails in any way. After MPP_CONFLICT or MPP_UNAVAILABLE nothing that the call
 * does can last: end it. Time stands still in it: nothing expires while it runs.
 *
 * `ttl_ms` is after how many milliseconds a value is gone; 0 for never.
 */

/* Reads a value. 0, and the reply is the value; MPP_NOT_FOUND. */
MPP_IMPORT("kv_get") int32_t mpp_kv_get(const uint8_t *key, size_t key_len);

/* Writes a value. 0. */
MPP_IMPORT("kv_set")
int32_t mpp_kv_set(const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len, uint64_t ttl_ms);

/* Removes a key. 1 where it was there, else 0. */
MPP_IMPORT("kv_delete") int32_t mpp_kv_delete(const uint8_t *key, size_t key_len);

/*
 * Lists the keys that start with `prefix` (length 0: all) and come after the key `after` (length 0: from the first), in
 * the order of their bytes, at most `limit` of them (1 to 1000). How many; the reply is each key after its length (32
 * bits, little endian). To turn the page, give the last key as `after`.
 */
MPP_IMPORT("kv_list")
int32_t mpp_kv_list(const uint8_t *prefix, size_t prefix_len, const uint8_t *after, size_t after_len, uint32_t limit);

/*
 * Writes `value` where the value is `expected`. 1 where it was, else 0. A null pointer as `expected` stands for no such
 * key, as `value` it removes the key.
 */
MPP_IMPORT("kv_compare_and_swap")
int32_t mpp_kv_compare_and_swap(const uint8_t *key, size_t key_len, const uint8_t *expected, size_t expected_len,
                                const uint8_t *value, size_t value_len, uint64_t ttl_ms);

/*
 * Adds `by` to a counter, which is 0 where there is no such key. 0, and the reply is its new value (64 bits, signed,
 * little endian). A counter is stored as decimal text. MPP_INVALID where the value is no number or the sum does not fit.
 */
MPP_IMPORT("kv_increment") int32_t mpp_kv_increment(const uint8_t *key, size_t key_len, int64_t by);

#ifdef __cplusplus
}
#endif

#endif /* MPP_H */
