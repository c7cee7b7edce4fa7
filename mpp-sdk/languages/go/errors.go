package mpp

import (
	"errors"
	"fmt"
	"os"
)

// Error is an error that the agent receives, with a code by which it can be told apart.
type Error struct {
	// Code is a word in snake case, for example "not_found".
	Code string
	// Message says what happened and what to do next. An agent reads it.
	Message string
	// Retryable says that the same call may succeed later.
	Retryable bool
	// Err is the cause. It is written to the log and not sent to the agent.
	Err error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error with a code. As in [fmt.Errorf], %w names a cause.
func Errorf(code, format string, values ...any) error {
	err := fmt.Errorf(format, values...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// DeniedError says that the manifest does not declare what the tool asked for, or that the host did not grant it. The agent receives
// it as capability_denied, with what would allow it, whatever wraps it.
type DeniedError struct {
	// Message describes what was denied.
	Message string
	// Variable is the name of an environment variable, if it is about one.
	Variable string
}

// Error returns the message.
func (e *DeniedError) Error() string { return e.Message }

// HostError is a failure of a host function.
type HostError struct {
	// Code is "not_found", "invalid", "full", "too_large", "conflict", "timeout", "connection" or "unavailable".
	Code string
	// Message is the host's description.
	Message string
}

// Error returns the message.
func (e *HostError) Error() string { return e.Message }

// Timeout reports whether a server did not respond in time, as net.Error does.
func (e *HostError) Timeout() bool { return e.Code == "timeout" }

// Env returns an environment variable that the manifest declares. If it is not declared or not set, the error is a [DeniedError].
func Env(name string) (string, error) {
	value, ok := os.LookupEnv(name)
	if !ok {
		message := fmt.Sprintf("the environment variable `%s` is not set; declare it in `env_vars` of manifest.json, and set it when the tool runs", name)
		return "", &DeniedError{Message: message, Variable: name}
	}
	return value, nil
}

// failure converts the status of a host function and its reply.
func failure(status int32, reply []byte) error {
	message := string(reply)
	code := "unavailable"
	switch status {
	case statusDenied:
		return &DeniedError{Message: message}
	case statusNotFound:
		code = "not_found"
	case statusInvalid:
		code = "invalid"
	case statusFull:
		code = "full"
	case statusTooLarge:
		code = "too_large"
	case statusConflict:
		code = "conflict"
	case statusTimeout:
		code = "timeout"
	case statusConnection:
		code = "connection"
	}
	return &HostError{Code: code, Message: message}
}

// rpcError is the error of a response.
type rpcError struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
}

func (e *rpcError) Error() string { return e.Message }

func rpc(code int, kind, message string) *rpcError {
	return &rpcError{code, message, map[string]any{"kind": kind}}
}

// wire converts what a tool returned.
func wire(err error) *rpcError {
	var own *rpcError
	if errors.As(err, &own) {
		return own
	}
	var denied *DeniedError
	if errors.As(err, &denied) {
		e := rpc(-31001, "capability_denied", denied.Message)
		if denied.Variable != "" {
			e.Data["variable"] = denied.Variable
		}
		return e
	}
	code, retryable := "failed", false
	var tool *Error
	var host *HostError
	switch {
	case errors.As(err, &tool):
		code, retryable = tool.Code, tool.Retryable
		if tool.Err != nil {
			fmt.Fprintln(os.Stderr, "caused by:", tool.Err)
		}
	case errors.As(err, &host):
		code = host.Code
		retryable = code == "timeout" || code == "connection" || code == "conflict"
	}
	e := rpc(-31000, "tool_error", err.Error())
	e.Data["code"] = code
	e.Data["retryable"] = retryable
	return e
}
