package mpp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

type request struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"params"`
}

type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

// Serve reads the request from stdin, calls the tool that it names, and writes the response to stdout. Call it at the end of main.
//
// What the tool itself prints to stdout goes to its log.
func Serve() {
	out := os.Stdout
	os.Stdout = os.Stderr
	line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
	if err != nil && err != io.EOF {
		fmt.Fprintln(os.Stderr, "mpp: the request cannot be read:", err)
		os.Exit(1)
	}
	if _, err := out.Write(append(Handle(context.Background(), line), '\n')); err != nil {
		fmt.Fprintln(os.Stderr, "mpp: the response cannot be written:", err)
		os.Exit(1)
	}
}

// Handle returns the response to a request, without a line break. Tests can use it; a program calls [Serve].
func Handle(ctx context.Context, line []byte) []byte {
	var req request
	answer := response{Version: "2.0", ID: json.RawMessage("null")}
	if err := json.Unmarshal(line, &req); err != nil {
		answer.Error = rpc(-32700, "parse_error", "the request is not JSON: "+err.Error())
		return written(answer)
	}
	if req.Version != "2.0" || len(req.ID) == 0 || req.Method == "" {
		answer.Error = rpc(-32600, "invalid_request", "expected a JSON-RPC 2.0 request with an id")
		return written(answer)
	}
	answer.ID = req.ID
	switch req.Method {
	case "tools/list":
		definitions := []definition{}
		for _, t := range sorted() {
			definitions = append(definitions, t.definition)
		}
		answer.Result = map[string]any{"tools": definitions}
	case "tools/call":
		answer.Result, answer.Error = called(ctx, req.Params.Name, req.Params.Arguments)
	default:
		answer.Error = rpc(-32601, "method_not_found", fmt.Sprintf("there is no method `%s`", req.Method))
	}
	return written(answer)
}

func called(ctx context.Context, name string, arguments json.RawMessage) (any, *rpcError) {
	t := tools[name]
	if t == nil {
		names := []string{}
		for _, other := range sorted() {
			names = append(names, other.definition.Name)
		}
		return nil, unknownTool(name, names)
	}
	value, err := t.call(ctx, arguments)
	if err != nil {
		return nil, wire(err)
	}
	return resultOf(value), nil
}

func unknownTool(name string, names []string) *rpcError {
	meant, hint := nearest(name, names), ""
	if meant != "" {
		hint = fmt.Sprintf("; did you mean `%s`?", meant)
	} else if len(names) > 0 {
		hint = fmt.Sprintf("; the tools are `%s`", strings.Join(names, "`, `"))
	}
	err := rpc(-32602, "unknown_tool", fmt.Sprintf("there is no tool `%s`%s", name, hint))
	err.Data["tool"] = name
	if meant != "" {
		err.Data["nearest"] = meant
	}
	return err
}

func written(answer response) []byte {
	text, err := encode(answer)
	if err == nil {
		return text
	}
	answer.Result, answer.Error = nil, rpc(-31000, "tool_error", "the result cannot be written as JSON: "+err.Error())
	answer.Error.Data["code"] = "failed"
	text, _ = encode(answer)
	return text
}
