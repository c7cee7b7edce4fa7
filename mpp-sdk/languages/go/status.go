// Code generated from the table of host functions by `cargo xtask gen`; DO NOT EDIT.

package mpp

// What a host function returns instead of a result.
const (
	// The key does not exist.
	statusNotFound int32 = -1
	// The manifest does not declare the capability, or the caller did not grant it.
	statusDenied int32 = -2
	// An argument is invalid.
	statusInvalid int32 = -3
	// The quota is exhausted.
	statusFull int32 = -4
	// A key, a value, a request or a response is larger than allowed.
	statusTooLarge int32 = -5
	// A concurrent call changed the same state. Repeating the whole call may succeed.
	statusConflict int32 = -6
	// The server did not respond in time.
	statusTimeout int32 = -7
	// The server could not be reached, or the connection broke.
	statusConnection int32 = -8
	// The state cannot be used, for example because its disk is full.
	statusUnavailable int32 = -9
)
