/* A tool in C that counts its calls and returns the number. Its manifest declares "kv" and defines the tool. */
#include <stdio.h>
#include <string.h>

#include "mpp.h"

static const uint8_t KEY[] = "calls";

int main(void) {
    uint8_t reply[8];
    int64_t calls = 0;
    int32_t status = mpp_kv_increment(KEY, sizeof KEY - 1, 1);
    if (status < 0 || mpp_reply_len() != sizeof reply) {
        /* After an error, end the call: everything it wrote is discarded. */
        printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-31000,\"message\":\"the call cannot be counted\"}}\n");
        return 0;
    }
    mpp_reply_take(reply);
    memcpy(&calls, reply, sizeof calls); /* WebAssembly is little-endian */
    printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"structuredContent\":%lld}}\n", (long long)calls);
    return 0;
}
