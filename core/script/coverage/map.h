#ifndef OD_SCRIPT_COVERAGE_MAP_H
#define OD_SCRIPT_COVERAGE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "script/coverage/coverage.h"

/* What coverage.c (what ran), dump.c (the form of Lua's functions) and code.c
 * (their instructions) share. */

/* An instruction; its number, counted from 1 over all files, is its place in the map plus one. */
struct od_instruction {
    uint32_t function;   /* counted over all files */
    uint32_t line;       /* of the source */
    uint32_t skip, jump; /* a conditional: numbers of the two that may follow it; else 0 */
    bool counted;        /* a hook event tells when it runs, and it stands for code of the source */
    bool hit, skipped, jumped;
};

/* The instructions [first, end) of a file, by number. */
struct od_covered_file {
    struct od_str name;
    uint32_t first, end;
    bool measured; /* is reported */
};

struct od_coverage_map {
    struct od_arena arena;
    struct od_str plugin;
    struct od_instruction *all;
    uint32_t count;
    size_t cap;
    uint32_t *pending; /* of each function: the conditional that ran last in it; 0: none */
    uint32_t function_count;
    size_t function_cap;
    struct od_covered_file *files;
    uint32_t file_count;
    size_t file_cap;
    struct od_buf dump, result; /* live here because loading may raise */
};

/* Adds the function's `count` instructions, all zero but for their function; returns the number of
 * the first. */
uint32_t od_coverage_add_function(struct od_coverage_map *m, uint32_t count);

/* Rewrites m->dump, a function as lua_dump writes it, into m->result, and adds its instructions. */
int od_coverage_rewrite(struct od_coverage_map *m, struct od_err *err) OD_MUST_CHECK;

/* Fills what may follow what, and which count, for a function's `count` instructions, four bytes
 * each; first: the number of the first. */
void od_coverage_describe(const unsigned char *bytes, uint32_t count, uint32_t first,
                          struct od_instruction *all);

#endif
