// Looks up customers in a CRM over HTTPS, with an API key.
package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"mpp-protocol.io/go/mpp"
)

// customer is a customer in the CRM.
type customer struct {
	ID      string `json:"id" doc:"The CRM's identifier for the customer."`
	Name    string `json:"name" doc:"Full name."`
	Company string `json:"company" doc:"The company they work for."`
	Status  string `json:"status" doc:"The status: lead, active or former."`
	Email   string `json:"email" doc:"E-mail address."`
	Phone   string `json:"phone" doc:"Telephone number."`
	Notes   string `json:"notes" doc:"Notes by colleagues."`
}

type lookupInput struct {
	Query string `json:"query" doc:"Customer ID, e-mail address, or part of the name." minLength:"1" maxLength:"200"`
	Limit uint8  `json:"limit" doc:"The maximum number of customers to return." default:"10" min:"1" max:"100"`
}

func lookup(_ context.Context, in lookupInput) ([]customer, error) {
	crm, err := mpp.Env("CRM_URL")
	if err != nil {
		return nil, err
	}
	key, err := mpp.Env("CRM_API_KEY")
	if err != nil {
		return nil, err
	}
	response, err := mpp.Send(mpp.Request{
		URL:     strings.TrimRight(crm, "/") + "/v1/customers",
		Query:   [][2]string{{"q", in.Query}, {"limit", strconv.Itoa(int(in.Limit))}},
		Headers: [][2]string{{"authorization", "Bearer " + key}},
		// Shorter than the time limit of the call, so that a CRM that hangs becomes the error crm_down.
		Timeout: 5 * time.Second,
	})
	if err != nil {
		return nil, &mpp.Error{Code: "crm_down", Message: "the CRM did not answer as expected: " + err.Error(), Retryable: true, Err: err}
	}
	switch {
	case response.Status == 401 || response.Status == 403:
		return nil, mpp.Errorf("key_refused", "the CRM rejects the key in `CRM_API_KEY`; set a valid one")
	case response.Status != 200:
		return nil, &mpp.Error{Code: "crm_down", Message: "the CRM answered with status " + strconv.Itoa(response.Status), Retryable: true}
	}
	var customers []customer
	if err := response.JSON(&customers); err != nil {
		return nil, err
	}
	if len(customers) == 0 {
		return nil, mpp.Errorf("not_found", "no customer matches `%s`; try the e-mail address, or a part of the name", in.Query)
	}
	return customers, nil
}

func main() {
	mpp.Tool("lookup", "Look up customers by ID, e-mail or name.", lookup, mpp.ReadOnly(), mpp.Security(mpp.Medium))
	mpp.Serve()
}
