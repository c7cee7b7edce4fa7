package mpp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"mpp-protocol.io/go/mpp"
)

// Each field of the struct is an argument. The tags describe it further.
func ExampleTool() {
	type sum struct {
		Numbers []float64 `json:"numbers" doc:"The numbers to add." minLength:"1"`
		Digits  int       `json:"digits" doc:"The number of decimal places." default:"2" min:"0" max:"10"`
	}
	mpp.Tool("add", "Add numbers.", func(_ context.Context, in sum) (string, error) {
		total := 0.0
		for _, number := range in.Numbers {
			total += number
		}
		return fmt.Sprintf("%.*f", in.Digits, total), nil
	}, mpp.ReadOnly())

	// In the sandbox, [mpp.Serve] reads the request and writes the response.
	request := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"numbers":[1,2.5]}}}`
	fmt.Println(string(mpp.Handle(context.Background(), []byte(request))))
	// Output: {"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"3.50"}],"isError":false}}
}

func ExampleSend() {
	// In a test, requests use the network of the machine.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"city":%q}`, r.URL.Query().Get("q"))
	}))
	defer server.Close()

	response, err := mpp.Send(mpp.Request{URL: server.URL, Query: [][2]string{{"q", "Zürich"}}, Timeout: 5 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	var found struct{ City string }
	if err := response.JSON(&found); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Status, found.City)
	// Output: 200 Zürich
}

func ExampleStore() {
	mpp.ResetKV()
	visits, err := mpp.KV.Increment("visits", 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(visits)
	// Output: 1
}

func ExampleErrorf() {
	err := mpp.Errorf("not_found", "no customer has the number %d; search by name instead", 7)
	fmt.Println(err)
	// Output: no customer has the number 7; search by name instead
}
