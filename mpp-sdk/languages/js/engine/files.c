/* files.c: files and directories, as functions of the object `__mpp_v1`. Each returns what it is asked for, or the negative number of an error
   of WASI. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "natives.h"

/* How much is read at once if it is not known how much there is. */
#define PIECE (64 * 1024)

/* How writing begins. */
enum { REPLACE = 0, APPEND = 1, CREATE_NEW = 2 };

/* What is at a path. */
enum { OTHER = 0, FILE_ = 1, DIRECTORY = 2, LINK = 3 };

static JSValue failed(JSContext *ctx) { return JS_NewInt32(ctx, -errno); }
static JSValue outcome(JSContext *ctx, int result) { return result == 0 ? JS_NewInt32(ctx, 0) : failed(ctx); }

/* Returns a path, which the caller frees; NULL, with an exception, if the value is none. */
static const char *to_path(JSContext *ctx, JSValueConst value) {
    size_t length;
    const char *path = JS_ToCStringLen(ctx, &length, value);
    if (path != NULL && strlen(path) != length) {
        JS_FreeCString(ctx, path);
        JS_ThrowTypeError(ctx, "a path has no null characters");
        return NULL;
    }
    return path;
}

/* ---- Reading and writing --------------------------------------------------------------------------------------------------------- */

/* What a script gets is not copied: this gives its memory back. */
static void *resize(JSRuntime *rt, void *opaque, void *bytes, size_t size) { return js_realloc_rt(rt, bytes, size); }

/* Reads up to `most` bytes of an open file, or everything if it is negative. Returns their number, or -1. */
static ssize_t read_file(JSContext *ctx, int file, double most, uint8_t **bytes) {
    struct stat found;
    if (fstat(file, &found) != 0) {
        return -1;
    }
    if (S_ISDIR(found.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    /* One byte more than there is, so that the end is seen without more room. */
    size_t room = (size_t)found.st_size + 1, used = 0;
    off_t at = lseek(file, 0, SEEK_CUR);
    if (at > 0) {
        room = found.st_size > at ? (size_t)(found.st_size - at) + 1 : 1;
    }
    if (most >= 0 && most < (double)room) {
        room = (size_t)most;
    }
    *bytes = js_malloc(ctx, room + 1);
    while (most < 0 || (double)used < most) {
        if (used == room) {
            room += PIECE;
            room = most >= 0 && most < (double)room ? (size_t)most : room;
            *bytes = js_realloc(ctx, *bytes, room + 1);
        }
        ssize_t count = read(file, *bytes + used, room - used);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            js_free(ctx, *bytes);
            return -1;
        }
        if (count == 0) {
            break;
        }
        used += (size_t)count;
    }
    return (ssize_t)used;
}

/* fs_read(path, position, length): the bytes of a file from `position` on; all of them if `length` is negative. */
static JSValue fs_read(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    double position, length;
    const char *path = to_path(ctx, arguments[0]);
    if (path == NULL || JS_ToFloat64(ctx, &position, arguments[1]) < 0 || JS_ToFloat64(ctx, &length, arguments[2]) < 0) {
        JS_FreeCString(ctx, path);
        return JS_EXCEPTION;
    }
    int file = open(path, O_RDONLY);
    JS_FreeCString(ctx, path);
    if (file < 0) {
        return failed(ctx);
    }
    uint8_t *bytes = NULL;
    ssize_t size = position > 0 && lseek(file, (off_t)position, SEEK_SET) < 0 ? -1 : read_file(ctx, file, length, &bytes);
    if (size < 0) {
        JSValue error = failed(ctx);
        close(file);
        return error;
    }
    close(file);
    return JS_NewUint8Array(ctx, bytes, (size_t)size, resize, NULL, false);
}

/* fs_write(path, bytes, begin): writes bytes or text; `begin` is one of the numbers above. */
static JSValue fs_write(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    static const int BEGIN[] = {[REPLACE] = O_TRUNC, [APPEND] = O_APPEND, [CREATE_NEW] = O_EXCL};
    mpp_bytes bytes = {0};
    uint32_t begin;
    const char *path = to_path(ctx, arguments[0]);
    if (path == NULL || !mpp_to_bytes(ctx, &bytes, arguments[1]) || !mpp_to_u32(ctx, &begin, arguments[2])) {
        JS_FreeCString(ctx, path);
        mpp_free_bytes(ctx, &bytes);
        return JS_EXCEPTION;
    }
    int file = open(path, O_WRONLY | O_CREAT | BEGIN[begin % 3], 0666);
    JS_FreeCString(ctx, path);
    JSValue result = file < 0 ? failed(ctx) : JS_NewInt32(ctx, 0);
    for (size_t done = 0; file >= 0 && done < bytes.length;) {
        ssize_t written = write(file, bytes.at + done, bytes.length - done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            result = JS_NewInt32(ctx, written < 0 ? -errno : -EIO);
            break;
        }
        done += (size_t)written;
    }
    mpp_free_bytes(ctx, &bytes);
    if (file >= 0 && close(file) != 0 && JS_VALUE_GET_INT(result) == 0) {
        result = failed(ctx);
    }
    return result;
}

/* ---- Directories ----------------------------------------------------------------------------------------------------------------- */

static int kind_of(mode_t mode) { return S_ISREG(mode) ? FILE_ : S_ISDIR(mode) ? DIRECTORY : S_ISLNK(mode) ? LINK : OTHER; }

/* fs_list(path): the names in a directory, each followed by what it is. */
static JSValue fs_list(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *path = to_path(ctx, arguments[0]);
    if (path == NULL) {
        return JS_EXCEPTION;
    }
    DIR *directory = opendir(path);
    JS_FreeCString(ctx, path);
    if (directory == NULL) {
        return failed(ctx);
    }
    JSValue names = JS_NewArray(ctx);
    uint32_t used = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        unsigned char type = entry->d_type;
        int kind = type == DT_REG ? FILE_ : type == DT_DIR ? DIRECTORY : type == DT_LNK ? LINK : OTHER;
        JS_SetPropertyUint32(ctx, names, used++, JS_NewString(ctx, entry->d_name));
        JS_SetPropertyUint32(ctx, names, used++, JS_NewInt32(ctx, kind));
    }
    if (errno != 0) {
        JS_FreeValue(ctx, names);
        names = failed(ctx);
    }
    closedir(directory);
    return names;
}

/* fs_stat(path, follow): what is at a path, its size, and when it was changed, in milliseconds since 1970. */
static JSValue fs_stat(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *path = to_path(ctx, arguments[0]);
    if (path == NULL) {
        return JS_EXCEPTION;
    }
    struct stat found;
    int result = JS_ToBool(ctx, arguments[1]) ? stat(path, &found) : lstat(path, &found);
    JS_FreeCString(ctx, path);
    if (result != 0) {
        return failed(ctx);
    }
    double changed = (double)found.st_mtim.tv_sec * 1000 + (double)found.st_mtim.tv_nsec / 1e6;
    JSValue described = JS_NewArray(ctx);
    JS_SetPropertyUint32(ctx, described, 0, JS_NewInt32(ctx, kind_of(found.st_mode)));
    JS_SetPropertyUint32(ctx, described, 1, JS_NewFloat64(ctx, (double)found.st_size));
    JS_SetPropertyUint32(ctx, described, 2, JS_NewFloat64(ctx, changed));
    return described;
}

static int make_directory(const char *path) { return mkdir(path, 0777); }

/* Calls a function with one path. */
static JSValue with_path(JSContext *ctx, JSValueConst value, int (*function)(const char *)) {
    const char *path = to_path(ctx, value);
    if (path == NULL) {
        return JS_EXCEPTION;
    }
    JSValue result = outcome(ctx, function(path));
    JS_FreeCString(ctx, path);
    return result;
}

static JSValue fs_mkdir(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    return with_path(ctx, arguments[0], make_directory);
}

static JSValue fs_rmdir(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) { return with_path(ctx, arguments[0], rmdir); }
static JSValue fs_unlink(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) { return with_path(ctx, arguments[0], unlink); }

static JSValue fs_rename(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *from = to_path(ctx, arguments[0]);
    const char *to = from == NULL ? NULL : to_path(ctx, arguments[1]);
    JSValue result = to == NULL ? JS_EXCEPTION : outcome(ctx, rename(from, to));
    JS_FreeCString(ctx, from);
    JS_FreeCString(ctx, to);
    return result;
}

static const JSCFunctionListEntry FILES[] = {
    JS_CFUNC_DEF("fs_list", 1, fs_list),     JS_CFUNC_DEF("fs_mkdir", 1, fs_mkdir), JS_CFUNC_DEF("fs_read", 3, fs_read),
    JS_CFUNC_DEF("fs_rename", 2, fs_rename), JS_CFUNC_DEF("fs_rmdir", 1, fs_rmdir), JS_CFUNC_DEF("fs_stat", 2, fs_stat),
    JS_CFUNC_DEF("fs_unlink", 1, fs_unlink), JS_CFUNC_DEF("fs_write", 3, fs_write),
};

void mpp_add_files(JSContext *ctx, JSValueConst object) {
    JS_SetPropertyFunctionList(ctx, object, FILES, sizeof FILES / sizeof *FILES);
}
