/* lines.c: turns lines of the bundled script into lines of the author's files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "natives.h"

/*
 * The table is text. A line `F NAME` adds a file. A line `R LINE FILE FIRST` says that the script's lines from LINE on are those of the
 * FILE-th file from FIRST on; a FIRST of 0 says that nobody wrote them. Ranges are in the order of their lines.
 */
static char *table;
static size_t table_length;

typedef struct {
    const char *name;
    size_t name_length;
    long line;
} place;

static const char *after_line(const char *at, const char *end) {
    const char *found = memchr(at, '\n', (size_t)(end - at));
    return found == NULL ? end : found + 1;
}

static void find_file(long wanted, place *found) {
    const char *end = table + table_length;
    for (const char *at = table; at < end; at = after_line(at, end)) {
        if (*at == 'F' && wanted-- == 0) {
            found->name = at + 2;
            found->name_length = (size_t)(after_line(at, end) - at) - 3;
            return;
        }
    }
}

/* Finds the author's place of a line. */
static place find(long line) {
    place found = {NULL, 0, 0};
    long file = 0, first = 0, start = 0;
    const char *end = table + table_length;
    for (const char *at = table; at < end; at = after_line(at, end)) {
        if (*at != 'R') {
            continue;
        }
        char *rest;
        long from = strtol(at + 2, &rest, 10);
        if (from > line) {
            break;
        }
        start = from;
        file = strtol(rest, &rest, 10);
        first = strtol(rest, &rest, 10);
    }
    if (first > 0) {
        find_file(file, &found);
        found.line = first + (line - start);
    }
    return found;
}

void mpp_set_lines(char *text, size_t length) {
    table = text;
    table_length = length;
}

char *mpp_with_lines(const char *stack) {
    static const char MARK[] = MPP_SCRIPT_NAME ":";
    size_t marks = 0;
    for (const char *at = strstr(stack, MARK); at != NULL; at = strstr(at + 1, MARK)) {
        marks++;
    }
    size_t longest = 0;
    for (const char *at = table, *end = table + table_length; at < end; at = after_line(at, end)) {
        size_t length = (size_t)(after_line(at, end) - at);
        longest = length > longest ? length : longest;
    }
    char *said = malloc(strlen(stack) + marks * (longest + 24) + 1);
    if (said == NULL) {
        __builtin_trap();
    }
    char *to = said;
    for (;;) {
        const char *at = strstr(stack, MARK);
        if (at == NULL) {
            strcpy(to, stack);
            return said;
        }
        memcpy(to, stack, (size_t)(at - stack));
        to += at - stack;
        char *rest;
        long line = strtol(at + sizeof MARK - 1, &rest, 10);
        place found = find(line);
        if (found.name != NULL) {
            to += sprintf(to, "%.*s:%ld", (int)found.name_length, found.name, found.line);
            /* Columns are those of the script, which the author never sees. */
            if (*rest == ':') {
                strtol(rest + 1, &rest, 10);
            }
        } else {
            memcpy(to, at, (size_t)(rest - at));
            to += rest - at;
        }
        stack = rest;
    }
}
