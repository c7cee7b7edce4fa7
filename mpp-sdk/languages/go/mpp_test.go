package mpp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type place struct {
	City string `json:"city" doc:"The city."`
}

type query struct {
	Query string   `json:"query" doc:"Whom to find." minLength:"1" maxLength:"200"`
	Limit uint8    `json:"limit" default:"10" min:"1" max:"100"`
	Sort  string   `json:"sort" default:"name" enum:"name|age"`
	Tags  []string `json:"tags,omitempty" maxLength:"3"`
	Near  *place   `json:"near"`
}

type found struct {
	Name  string    `json:"name"`
	Limit uint8     `json:"limit"`
	Born  time.Time `json:"born"`
	Tree  *tree     `json:"tree,omitempty"`
}

type tree struct {
	Value    int     `json:"value"`
	Children []*tree `json:"children"`
}

// with replaces the tools for one test.
func with(t *testing.T) {
	before := tools
	tools = map[string]*tool{}
	t.Cleanup(func() { tools = before })
}

func answer(t *testing.T, request string) map[string]any {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(Handle(context.Background(), []byte(request)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func call(t *testing.T, name, arguments string) map[string]any {
	t.Helper()
	return answer(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, name, arguments))
}

func problem(t *testing.T, answer map[string]any) (code float64, message string, data map[string]any) {
	t.Helper()
	e, ok := answer["error"].(map[string]any)
	if !ok {
		t.Fatalf("not an error: %v", answer)
	}
	return e["code"].(float64), e["message"].(string), e["data"].(map[string]any)
}

func TestDefinitionsComeFromTypesAndTags(t *testing.T) {
	with(t)
	Tool("find", "Find people.", func(_ context.Context, in query) ([]found, error) { return nil, nil }, ReadOnly(), Security(Medium))
	got := string(Handle(context.Background(), []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	want := `{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"find","description":"Find people.","parameters":` +
		`{"type":"object","properties":{` +
		`"query":{"type":"string","description":"Whom to find.","minLength":1,"maxLength":200},` +
		`"limit":{"type":"integer","minimum":1,"maximum":100,"default":10},` +
		`"sort":{"type":"string","enum":["name","age"],"default":"name"},` +
		`"tags":{"type":"array","items":{"type":"string"},"maxItems":3},` +
		`"near":{"type":"object","properties":{"city":{"type":"string","description":"The city."}},"required":["city"],"additionalProperties":false}},` +
		`"required":["query"],"additionalProperties":false},` +
		`"returns":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},` +
		`"limit":{"type":"integer","minimum":0,"maximum":255},"born":{"type":"string","format":"date-time"},` +
		`"tree":{"$ref":"#/$defs/tree"}},"required":["name","limit","born"]},` +
		`"$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},` +
		`"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["value","children"]}}},` +
		`"security_level":"medium","annotations":{"readOnlyHint":true}}]}}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestArgumentsAreStrictAndHaveDefaults(t *testing.T) {
	with(t)
	Tool("find", "Find people.", func(_ context.Context, in query) (found, error) {
		return found{Name: in.Query + " by " + in.Sort, Limit: in.Limit}, nil
	})
	result := call(t, "find", `{"query":"ada"}`)["result"].(map[string]any)["structuredContent"].(map[string]any)
	if result["name"] != "ada by name" || result["limit"] != float64(10) {
		t.Errorf("defaults: %v", result)
	}
	for arguments, want := range map[string]string{
		`{}`:                        "`/query`: is missing",
		`{"query":1}`:               "the arguments do not fit `find`: `/query`: expected a string, found a number",
		`{"query":null}`:            "`/query`: expected a string, found null",
		`{"query":"a","limit":300}`: "`/limit`: expected an integer from 0 to 255, found 300",
		`{"query":1,"limit":"x"}`:   "`/query`: expected a string, found a number; `/limit`: expected an integer from 0 to 255, found a string",
		`{"query":"a","x/~":1}`:     "`/x~1~0`: there is no such argument",
		`{"qurey":"a"}`:             "`/qurey`: there is no such argument; did you mean `query`?",
		`[]`:                        "the arguments do not fit `find`: expected an object, found an array",
	} {
		code, message, data := problem(t, call(t, "find", arguments))
		if code != -32602 || data["kind"] != "invalid_arguments" || !strings.Contains(message, want) {
			t.Errorf("%s: %v %q %v", arguments, code, message, data)
		}
		first := data["mistakes"].([]any)[0].(map[string]any)
		if first["pointer"] != data["pointer"] || data["tool"] != "find" {
			t.Errorf("%s: %v", arguments, data)
		}
	}
}

func TestTimesAreRoundedUp(t *testing.T) {
	for given, want := range map[time.Duration]int64{
		0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, 5 * time.Second: 5000, -time.Second: 0,
	} {
		if got := milliseconds(given); got != want {
			t.Errorf("%s: %d", given, got)
		}
	}
	var failed *HostError
	if err := KV.SetFor("a", nil, -time.Second); !errors.As(err, &failed) || failed.Code != "invalid" {
		t.Errorf("a negative time: %v", err)
	}
}

func TestHeadersAreFoundWithoutCase(t *testing.T) {
	response := Response{Headers: [][2]string{{"content-type", "a"}, {"content-type", "b"}}}
	if got := response.Header("Content-Type"); got != "a" {
		t.Errorf("found %q", got)
	}
	if got := response.Header("etag"); got != "" {
		t.Errorf("found %q", got)
	}
}

func TestTheListOfMistakesIsBounded(t *testing.T) {
	with(t)
	Tool("none", "No arguments.", func(context.Context, struct{}) (string, error) { return "", nil })
	members := []string{}
	for i := 0; i < 100; i++ {
		members = append(members, fmt.Sprintf(`"a%d":1`, i))
	}
	_, _, data := problem(t, call(t, "none", "{"+strings.Join(members, ",")+"}"))
	if listed := len(data["mistakes"].([]any)); listed != 20 {
		t.Errorf("%d mistakes", listed)
	}
}

func TestMistakesInInnerValuesHaveTheirPlace(t *testing.T) {
	with(t)
	type inner struct {
		Count int `json:"count"`
	}
	type embedded struct {
		Depth int `json:"depth"`
	}
	type in struct {
		embedded
		A inner    `json:"a"`
		B []string `json:"b"`
		C int      `json:"c,string"`
		D any      `json:"d"`
	}
	Tool("inner", "Inner values.", func(context.Context, in) (string, error) { return "done", nil })
	if result := call(t, "inner", `{"depth":1,"a":{"count":1},"b":[],"c":"1","d":null}`)["result"]; result == nil {
		t.Error("valid arguments are refused")
	}
	_, _, data := problem(t, call(t, "inner", `{"depth":"x","a":{"count":1.5},"b":[1],"c":"1","d":null}`))
	pointers := []string{}
	for _, m := range data["mistakes"].([]any) {
		pointers = append(pointers, m.(map[string]any)["pointer"].(string))
	}
	// Older versions of Go do not tell which item it is.
	if got := strings.TrimSuffix(strings.Join(pointers, " "), "/0"); got != "/depth /a/count /b" {
		t.Errorf("the mistakes are at %s", got)
	}
}

func TestResultsAreTextContentOrData(t *testing.T) {
	with(t)
	type none struct{}
	Tool("text", "Text.", func(context.Context, none) (string, error) { return "a <b>", nil })
	Tool("image", "An image.", func(context.Context, none) ([]Content, error) { return []Content{Image([]byte{1}, "image/png")}, nil })
	Tool("nothing", "An empty list.", func(context.Context, none) ([]string, error) { return nil, nil })
	Tool("number", "A number.", func(context.Context, none) (int, error) { return 0, nil })
	for name, want := range map[string]string{
		"text":    `{"content":[{"type":"text","text":"a <b>"}],"isError":false}`,
		"image":   `{"content":[{"type":"image","data":"AQ==","mimeType":"image/png"}],"isError":false}`,
		"nothing": `{"content":[],"structuredContent":[],"isError":false}`,
		"number":  `{"content":[],"structuredContent":0,"isError":false}`,
	} {
		request := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + name + `"}}`
		if got := string(Handle(context.Background(), []byte(request))); got != `{"jsonrpc":"2.0","id":1,"result":`+want+`}` {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	with(t)
	type which struct {
		Which string `json:"which"`
	}
	cause := errors.New("the cause")
	Tool("fail", "Fail.", func(_ context.Context, in which) (string, error) {
		switch in.Which {
		case "own":
			return "", Errorf("not_found", "nobody is called %s: %w", "x", cause)
		case "denied":
			_, err := Env("MPP_NO_SUCH_VARIABLE")
			return "", fmt.Errorf("the key: %w", err)
		case "timeout":
			return "", fmt.Errorf("the CRM: %w", &HostError{Code: "timeout", Message: "late"})
		}
		return "", errors.New("plain")
	})
	for which, want := range map[string]struct {
		code      float64
		kind, own string
		retryable any
	}{
		"own":     {-31000, "tool_error", "not_found", false},
		"denied":  {-31001, "capability_denied", "", nil},
		"timeout": {-31000, "tool_error", "timeout", true},
		"plain":   {-31000, "tool_error", "failed", false},
	} {
		code, message, data := problem(t, call(t, "fail", `{"which":"`+which+`"}`))
		own, _ := data["code"].(string)
		if code != want.code || data["kind"] != want.kind || own != want.own || data["retryable"] != want.retryable {
			t.Errorf("%s: %v %q %v", which, code, message, data)
		}
		if which == "denied" && data["variable"] != "MPP_NO_SUCH_VARIABLE" {
			t.Errorf("%v", data)
		}
	}
}

func TestRequestsThatAreNoCalls(t *testing.T) {
	with(t)
	Tool("only", "The only one.", func(context.Context, struct{}) (string, error) { return "", nil })
	for request, want := range map[string]string{
		`{`: "parse_error",
		`{"jsonrpc":"2.0","method":"tools/list"}`:                                    "invalid_request",
		`{"jsonrpc":"2.0","id":1,"method":"resources/list"}`:                         "method_not_found",
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"another"}}`: "unknown_tool",
	} {
		if _, message, data := problem(t, answer(t, request)); data["kind"] != want {
			t.Errorf("%s: %q %v", request, message, data)
		}
	}
}

func TestMistakesOfAuthorsPanic(t *testing.T) {
	with(t)
	panics := func(what string, register func()) {
		t.Helper()
		defer func() {
			if said := fmt.Sprint(recover()); !strings.Contains(said, what) {
				t.Errorf("expected a panic about %q, got %q", what, said)
			}
		}()
		register()
	}
	type none struct{}
	run := func(context.Context, none) (string, error) { return "", nil }
	panics("not a tool name", func() { Tool("a.b", "", run) })
	Tool("twice", "", run)
	panics("two tools", func() { Tool("twice", "", run) })
	panics("expected a struct", func() { Tool("x", "", func(context.Context, string) (string, error) { return "", nil }) })
	type broken struct {
		Limit uint8 `json:"limit" default:"many"`
	}
	panics("default", func() { Tool("x", "", func(context.Context, broken) (string, error) { return "", nil }) })
	type channel struct {
		C chan int `json:"c"`
	}
	panics("has no JSON Schema", func() { Tool("x", "", func(context.Context, channel) (string, error) { return "", nil }) })
}

func TestSendUsesTheNetworkOfTheMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		w.Header().Set("X-Seen", r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"method":%q}`, r.Method)
	}))
	defer server.Close()
	response, err := Send(Request{URL: server.URL + "/moved", Headers: [][2]string{{"authorization", "Bearer k"}}})
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Method string }
	if err := response.JSON(&body); err != nil || body.Method != "GET" || response.Status != 418 || response.Header("x-seen") != "Bearer k" {
		t.Errorf("%+v %v %v", response, body, err)
	}
	if response, err = Send(Request{URL: server.URL + "/moved", Redirects: -1}); err != nil || response.Status != 302 {
		t.Errorf("%+v %v", response, err)
	}
	server.Close()
	var failure *HostError
	if _, err = Send(Request{URL: server.URL}); !errors.As(err, &failure) || failure.Code != "connection" {
		t.Errorf("%v", err)
	}
}

func TestQueriesAreEncoded(t *testing.T) {
	pairs := [][2]string{{"q", "a b&c=ä"}, {"limit", "10"}}
	for url, want := range map[string]string{
		"https://a.example":        "https://a.example?q=a%20b%26c%3D%C3%A4&limit=10",
		"https://a.example/?x=1#f": "https://a.example/?x=1&q=a%20b%26c%3D%C3%A4&limit=10#f",
	} {
		if got := withQuery(url, pairs); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
	if got := withQuery("https://a.example", nil); got != "https://a.example" {
		t.Error(got)
	}
}

func TestMessagesHaveAHeadAndABody(t *testing.T) {
	whole, err := message(Request{Method: "POST", URL: "https://a.example/?q=<b>", Body: []byte("xyz"), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	head := `{"method":"POST","url":"https://a.example/?q=<b>","headers":[],"timeout_ms":1000}`
	if string(whole) != string([]byte{byte(len(head)), 0, 0, 0})+head+"xyz" {
		t.Errorf("%q", whole)
	}
	reply := `{"status":200,"url":"https://a.example","headers":[["content-type","text/plain"]]}`
	response, err := answered(append([]byte{byte(len(reply)), 0, 0, 0}, reply+"body"...))
	if err != nil || response.Status != 200 || response.URL != "https://a.example" || response.Header("content-type") != "text/plain" || string(response.Body) != "body" {
		t.Errorf("%+v %v", response, err)
	}
	for _, broken := range []string{"", "\x09\x00\x00\x00{}"} {
		if _, err := answered([]byte(broken)); err == nil {
			t.Errorf("%q is accepted", broken)
		}
	}
}

func TestStateBehavesLikeTheHosts(t *testing.T) {
	ResetKV()
	if _, found, err := KV.Get("a"); found || err != nil {
		t.Error("the state starts empty")
	}
	if err := KV.SetJSON("a", 1); err != nil {
		t.Error(err)
	}
	for want := int64(2); want < 4; want++ {
		if n, err := KV.Increment("a", 1); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if swapped, err := KV.CompareAndSwap("b", nil, []byte("x")); !swapped || err != nil {
		t.Error("a key that does not exist is created")
	}
	if swapped, _ := KV.CompareAndSwap("b", nil, []byte("y")); swapped {
		t.Error("it exists by now")
	}
	if err := KV.SetFor("c", []byte("short"), time.Nanosecond*1); err != nil {
		t.Error(err)
	}
	if keys, err := KV.List("", "a", 10); fmt.Sprint(keys) != "[b c]" || err != nil {
		t.Error(keys, err)
	}
	if existed, err := KV.Delete("b"); !existed || err != nil {
		t.Error(existed, err)
	}
	var failure *HostError
	if err := KV.Set("", nil); !errors.As(err, &failure) || failure.Code != "invalid" {
		t.Error(err)
	}
	if err := KV.Set("word", []byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := KV.Increment("word", 1); !errors.As(err, &failure) || failure.Code != "invalid" {
		t.Error(err)
	}
}
