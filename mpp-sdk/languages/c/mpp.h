/*
 * mpp.h: the MPP host functions, version 1, for tools in C, C++, Go, Zig and other languages that compile to
 * WebAssembly. This file is generated from the table of host functions by `cargo xtask gen`.
 *
 * A tool is a WASI preview 1 command: it reads one JSON-RPC request from stdin and writes one response line to stdout.
 * For everything else it calls its host through these functions, which are imported from the module "mpp_v1". Pointers
 * and sizes have 32 bits.
 *
 * A module may only import functions whose capability its manifest declares: "network" for mpp_http_send, "kv" for
 * kv_*. Any other module is refused (MPP-G709). A function that the program never calls is not imported.
 *
 * Results. Each function returns a number: a result (0 or more) or a status (below 0). Data of variable length (a
 * value, a response, a list or, after an error, a message in UTF-8) is kept by the host as the reply. mpp_reply_len
 * returns its length, and mpp_reply_take copies it, once, to a buffer of at least that length. The next call of a host
 * function replaces the reply, so take it before.
 *
 * Pointers need no alignment, and text no terminating zero. A pointer outside the tool's memory ends the call. No
 * function blocks for longer than the remaining time of the call.
 *
 *     int32_t status = mpp_kv_get(key, key_len);
 *     if (status == MPP_NOT_FOUND) { ... }
 *     size_t length = mpp_reply_len();
 *     uint8_t *value = malloc(length);
 *     mpp_reply_take(value);
 */
#ifndef MPP_H
#define MPP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* On other targets the functions are plain declarations, so that the tests of a tool can define them. */
#if defined(__wasm__)
#define MPP_IMPORT(name) __attribute__((import_module("mpp_v1"), import_name(name)))
#else
#define MPP_IMPORT(name)
#endif

/* Errors. Later versions may add values: treat every unknown value below 0 as an error. */
enum mpp_status {
    /* The key does not exist. */
    MPP_NOT_FOUND = -1,
    /* The manifest does not declare the capability, or the caller did not grant it. */
    MPP_DENIED = -2,
    /* An argument is invalid. */
    MPP_INVALID = -3,
    /* The quota is exhausted. */
    MPP_FULL = -4,
    /* A key, a value, a request or a response is larger than allowed. */
    MPP_TOO_LARGE = -5,
    /* A concurrent call changed the same state. Repeating the whole call may succeed. */
    MPP_CONFLICT = -6,
    /* The server did not respond in time. */
    MPP_TIMEOUT = -7,
    /* The server could not be reached, or the connection broke. */
    MPP_CONNECTION = -8,
    /* The state cannot be used, for example because its disk is full. */
    MPP_UNAVAILABLE = -9
};

/* ---- The reply -------------------------------------------------------------------------------------------------- */

/* Returns the length of the reply in bytes. */
MPP_IMPORT("reply_len") size_t mpp_reply_len(void);

/* Copies the reply to `at`, which must have room for as many bytes as mpp_reply_len returns, and discards it. */
MPP_IMPORT("reply_take") void mpp_reply_take(uint8_t *at);

/* ---- Network ---------------------------------------------------------------------------------------------------- */

/*
 * Sends an HTTP request and waits for the response. Returns 0; the reply is the response.
 *
 * A request and a response have the same form: the length of the head (32 bits, little-endian), the head (JSON), and
 * the body (all remaining bytes). In a request, timeout_ms and redirects are optional.
 *
 *     request head:  {"method": "GET", "url": "https://api.example.com/v1", "headers": [["accept", "application/json"]],
 *                     "timeout_ms": 5000, "redirects": 10}
 *     response head: {"status": 200, "url": "https://api.example.com/v1", "headers": [["content-type", "..."]]}
 *
 * The url of a response is the URL after redirects. A response with any HTTP status is a success. Errors: MPP_DENIED if
 * the manifest does not declare the host or its address was not granted; MPP_TIMEOUT, MPP_CONNECTION, MPP_TOO_LARGE and
 * MPP_INVALID.
 */
MPP_IMPORT("http_send") int32_t mpp_http_send(const uint8_t *request, size_t request_len);

/* ---- State ------------------------------------------------------------------------------------------------------ */

/*
 * Keys and values that the host stores for this package. A key has 1 to 1024 bytes, a value at most 16 MiB; larger ones
 * fail with MPP_TOO_LARGE. If all keys and values together would exceed the manifest's kv.max_bytes, a write fails with
 * MPP_FULL. A write that fails changes nothing.
 *
 * One call of the tool is one transaction: it reads a consistent snapshot, and its writes are committed together when
 * the call succeeds and discarded when it fails. After MPP_CONFLICT or MPP_UNAVAILABLE nothing that the call writes can
 * be committed, so end the call. No value expires during a call.
 *
 * The parameter ttl_ms is the time in milliseconds after which a value expires; 0 means that it does not expire.
 */

/* Reads a value. Returns 0, and the reply is the value; MPP_NOT_FOUND if the key does not exist. */
MPP_IMPORT("kv_get") int32_t mpp_kv_get(const uint8_t *key, size_t key_len);

/* Sets a value. Returns 0. */
MPP_IMPORT("kv_set")
int32_t mpp_kv_set(const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len, uint64_t ttl_ms);

/* Removes a key. Returns 1 if it existed, else 0. */
MPP_IMPORT("kv_delete") int32_t mpp_kv_delete(const uint8_t *key, size_t key_len);

/*
 * Lists at most `limit` keys (1 to 1000) that start with `prefix` (length 0: all keys) and follow the key `after`
 * (length 0: from the first key), in byte order. Returns the number of keys; the reply contains each key, preceded by
 * its length (32 bits, little-endian). To read the next page, pass the last key as `after`.
 */
MPP_IMPORT("kv_list")
int32_t mpp_kv_list(const uint8_t *prefix, size_t prefix_len, const uint8_t *after, size_t after_len, uint32_t limit);

/*
 * Sets `value` if the current value equals `expected`. Returns 1 if it did, else 0. A null `expected` means that the
 * key must not exist; a null `value` removes the key.
 */
MPP_IMPORT("kv_compare_and_swap")
int32_t mpp_kv_compare_and_swap(const uint8_t *key, size_t key_len, const uint8_t *expected, size_t expected_len,
                                const uint8_t *value, size_t value_len, uint64_t ttl_ms);

/*
 * Adds `by` to a counter; a missing key counts as 0. Returns 0, and the reply is the new value (64 bits, signed,
 * little-endian). A counter is stored as decimal text. MPP_INVALID if the value is not a number or the sum overflows.
 */
MPP_IMPORT("kv_increment") int32_t mpp_kv_increment(const uint8_t *key, size_t key_len, int64_t by);

#ifdef __cplusplus
}
#endif

#endif /* MPP_H */
