#ifndef OD_SCRIPT_TESTING_RUN_H
#define OD_SCRIPT_TESTING_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/machine/decide.h"
#include "script/bundle/bundle.h"
#include "script/coverage/coverage.h"

/*
 * Runs the plugins' own tests. They run in a bundle of their own, loaded from the same sources, so
 * that nothing they do reaches the bundle that serves. They have no database, and the clock is the
 * one they set.
 */

struct od_test_result {
    struct od_str plugin, name, origin; /* "net30/tests/rules.lua:4" */
    bool passed;
    struct od_str where, message, trace; /* tell of the failure */
    int64_t us;
};

struct od_test_run {
    struct od_test_result *results;
    uint32_t count, failed;
    struct od_coverage *coverage; /* for every script of the bundle; NULL unless asked for */
    uint32_t coverage_count;
    bool out_of_time; /* the results leave out tests that did not run */
};

struct od_test_options {
    struct od_str plugin; /* runs only its tests; absent: all */
    struct od_str name;   /* runs only tests whose name contains this; absent: all */
    bool coverage;
    bool defaults; /* settings are the declared defaults where there are any, so that the tests of a
                      plugin prove the same whatever a shop sets */
    int64_t cpu_us; /* processor time of all tests together; 0: no limit */
    enum od_stock_track track;
    struct od_str currency; /* default currency */
};

/*
 * Loads `source` with its tests and runs them. Returns 0 also when tests failed, which run->failed
 * counts, and -1 when the bundle or a test file does not load; err says where. Everything in *run
 * is in the arena.
 */
int od_bundle_test(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   const struct od_test_options *options, struct od_arena *a,
                   struct od_test_run *run, struct od_err *err) OD_MUST_CHECK;

#endif
