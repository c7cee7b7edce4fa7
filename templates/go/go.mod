module my-tool

go 1.21

require mpp-protocol.io/go/mpp v0.1.0

// The SDK is not published yet: its sources are part of the project.
replace mpp-protocol.io/go/mpp => ./mpp-sdk
