package mpp

import "unsafe"

func pointer(bytes []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(bytes)), uint32(len(bytes))
}

// optional represents nil by a null pointer, and an empty value by another one.
func optional(bytes []byte) (unsafe.Pointer, uint32) {
	if bytes != nil && len(bytes) == 0 {
		return unsafe.Pointer(&empty), 0
	}
	return pointer(bytes)
}

var empty byte

// taken returns a status with the reply.
func taken(status int32) (int32, []byte) {
	length := hostReplyLen()
	if length == 0 {
		return status, nil
	}
	reply := make([]byte, length)
	hostReplyTake(unsafe.Pointer(&reply[0]))
	return status, reply
}

func send(r Request) (*Response, error) {
	whole, err := message(r)
	if err != nil {
		return nil, err
	}
	status, reply := taken(hostHttpSend(pointer(whole)))
	if status < 0 {
		return nil, failure(status, reply)
	}
	return answered(reply)
}

func kvGet(key []byte) (int32, []byte) { return taken(hostKvGet(pointer(key))) }

func kvSet(key, value []byte, ttl uint64) (int32, []byte) {
	k, kl := pointer(key)
	v, vl := pointer(value)
	return taken(hostKvSet(k, kl, v, vl, ttl))
}

func kvDelete(key []byte) (int32, []byte) { return taken(hostKvDelete(pointer(key))) }

func kvIncrement(key []byte, by int64) (int32, []byte) {
	k, kl := pointer(key)
	return taken(hostKvIncrement(k, kl, by))
}

func kvCompareAndSwap(key, expected, value []byte, ttl uint64) (int32, []byte) {
	k, kl := pointer(key)
	e, el := optional(expected)
	v, vl := optional(value)
	return taken(hostKvCompareAndSwap(k, kl, e, el, v, vl, ttl))
}

func kvList(prefix, after []byte, limit uint32) (int32, []byte) {
	p, pl := pointer(prefix)
	a, al := pointer(after)
	return taken(hostKvList(p, pl, a, al, limit))
}
