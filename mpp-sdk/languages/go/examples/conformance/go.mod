module conformance

go 1.21

require mpp-protocol.io/go/mpp v0.1.0

replace mpp-protocol.io/go/mpp => ../..
