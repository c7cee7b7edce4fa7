// Code generated from the table of host functions by `cargo xtask gen`; DO NOT EDIT.

package mpp

import "unsafe"

// hostReplyLen returns the length of the reply in bytes.
//
//go:wasmimport mpp_v1 reply_len
//go:noescape
func hostReplyLen() uint32

// hostReplyTake copies the reply to at, which must have room for as many bytes as hostReplyLen returns, and discards
// it.
//
//go:wasmimport mpp_v1 reply_take
//go:noescape
func hostReplyTake(at unsafe.Pointer)

// hostHttpSend sends an HTTP request and waits for the response. Returns 0; the reply is the response.
//
// A request and a response have the same form: the length of the head (32 bits, little-endian), the head (JSON), and
// the body (all remaining bytes). In a request, timeout_ms and redirects are optional.
//
//	request head:  {"method": "GET", "url": "https://api.example.com/v1", "headers": [["accept", "application/json"]],
//	                "timeout_ms": 5000, "redirects": 10}
//	response head: {"status": 200, "url": "https://api.example.com/v1", "headers": [["content-type", "..."]]}
//
// The url of a response is the URL after redirects. A response with any HTTP status is a success. Errors: statusDenied
// if the manifest does not declare the host or its address was not granted; statusTimeout, statusConnection,
// statusTooLarge and statusInvalid.
//
//go:wasmimport mpp_v1 http_send
//go:noescape
func hostHttpSend(request unsafe.Pointer, requestLen uint32) int32

// hostKvGet reads a value. Returns 0, and the reply is the value; statusNotFound if the key does not exist.
//
//go:wasmimport mpp_v1 kv_get
//go:noescape
func hostKvGet(key unsafe.Pointer, keyLen uint32) int32

// hostKvSet sets a value. Returns 0.
//
//go:wasmimport mpp_v1 kv_set
//go:noescape
func hostKvSet(key unsafe.Pointer, keyLen uint32, value unsafe.Pointer, valueLen uint32, ttlMs uint64) int32

// hostKvDelete removes a key. Returns 1 if it existed, else 0.
//
//go:wasmimport mpp_v1 kv_delete
//go:noescape
func hostKvDelete(key unsafe.Pointer, keyLen uint32) int32

// hostKvList lists at most limit keys (1 to 1000) that start with prefix (length 0: all keys) and follow the key after
// (length 0: from the first key), in byte order. Returns the number of keys; the reply contains each key, preceded by
// its length (32 bits, little-endian). To read the next page, pass the last key as after.
//
//go:wasmimport mpp_v1 kv_list
//go:noescape
func hostKvList(prefix unsafe.Pointer, prefixLen uint32, after unsafe.Pointer, afterLen uint32, limit uint32) int32

// hostKvCompareAndSwap sets value if the current value equals expected. Returns 1 if it did, else 0. A null expected
// means that the key must not exist; a null value removes the key.
//
//go:wasmimport mpp_v1 kv_compare_and_swap
//go:noescape
func hostKvCompareAndSwap(key unsafe.Pointer, keyLen uint32, expected unsafe.Pointer, expectedLen uint32, value unsafe.Pointer, valueLen uint32, ttlMs uint64) int32

// hostKvIncrement adds by to a counter; a missing key counts as 0. Returns 0, and the reply is the new value (64 bits,
// signed, little-endian). A counter is stored as decimal text. statusInvalid if the value is not a number or the sum
// overflows.
//
//go:wasmimport mpp_v1 kv_increment
//go:noescape
func hostKvIncrement(key unsafe.Pointer, keyLen uint32, by int64) int32
