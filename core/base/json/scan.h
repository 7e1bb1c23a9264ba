#ifndef OD_BASE_JSON_SCAN_H
#define OD_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Finds the end of a run of plain characters in a string, eight bytes at a time. Only the JSON
 * reader and writer use this.
 */

#define OD_ONES 0x0101010101010101u
#define OD_TOPS 0x8080808080808080u

/* Whether one of the eight bytes is a quote, a backslash or a control character (< 0x20). The zero
 * and less-than tests are those of Anderson's Bit Twiddling Hacks. */
static inline bool od_json_special8(uint64_t word)
{
    uint64_t quote = word ^ (OD_ONES * '"');
    uint64_t slash = word ^ (OD_ONES * '\\');

    return (((word - OD_ONES * 0x20) & ~word) | ((quote - OD_ONES) & ~quote) |
            ((slash - OD_ONES) & ~slash)) &
           OD_TOPS;
}

static inline bool od_json_special(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* Returns the first special byte in [p, end), or end. Each plain byte before it is ORed into *seen,
 * whose top bits then tell whether any was outside ASCII. */
static inline const char *od_json_plain_run(const char *p, const char *end, uint64_t *seen)
{
    uint64_t word;

    while (end - p >= (ptrdiff_t)sizeof word) {
        memcpy(&word, p, sizeof word);
        if (od_json_special8(word))
            break;
        *seen |= word;
        p += sizeof word;
    }
    for (; p < end && !od_json_special(*p); p++)
        *seen |= (unsigned char)*p;
    return p;
}

#endif
