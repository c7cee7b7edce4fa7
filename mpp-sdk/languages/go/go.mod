module mpp-protocol.io/go/mpp

go 1.21
