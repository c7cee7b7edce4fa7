/* Uses the state and the files that the manifest declares. */
#include <stdio.h>

#include "mpp_tool.h"

static void count(mpp_call *call) {
    int64_t calls = 0;
    mpp_bytes done = mpp_increment("calls", 1, &calls);
    if (done.status < 0) {
        mpp_fail_status(call, done.status, done.data);
        return;
    }
    mpp_return_text(call, mpp_format("count %lld", (long long)calls));
}

static void copy(mpp_call *call) {
    char text[256];
    FILE *in = fopen("/in/text.txt", "r");
    FILE *out = in == NULL ? NULL : fopen("/out/text.txt", "w");
    if (out == NULL) {
        mpp_fail(call, "copy_failed", "a file cannot be opened");
        return;
    }
    size_t length = fread(text, 1, sizeof text, in);
    if (fwrite(text, 1, length, out) != length || fclose(out) != 0) {
        mpp_fail(call, "copy_failed", "the copy cannot be written");
        return;
    }
    mpp_return_text(call, mpp_format("copied %zu", length));
}

static const mpp_tool TOOLS[] = {
    MPP_TOOL("count", "Count the calls.", count),
    MPP_TOOL("copy", "Copy a file.", copy),
};

int main(void) { return MPP_SERVE(TOOLS); }
