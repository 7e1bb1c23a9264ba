#ifndef OD_SCRIPT_TESTING_RUN_H
#define OD_SCRIPT_TESTING_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/decide.h"
#include "script/bundle/bundle.h"
#include "script/coverage/coverage.h"

/*
 * The plugins' own tests. They run in a bundle of their own, loaded from the same sources, so that
 * nothing they do reaches the one that serves; without a database, with the clock they set.
 */

struct od_test_result {
    struct od_str plugin, name, origin; /* "net30/tests/rules.lua:4" */
    bool passed;
    struct od_str where, message, trace; /* of the failure */
    int64_t us;
};

struct od_test_run {
    struct od_test_result *results;
    uint32_t count, failed;
    struct od_coverage *coverage; /* of every script of the bundle; NULL unless asked for */
    uint32_t coverage_count;
    bool out_of_time; /* those that did not run are not among the results */
};

struct od_test_options {
    struct od_str plugin; /* only its tests; absent: all */
    struct od_str name;   /* only tests whose name contains this; absent: all */
    bool coverage;
    bool defaults;  /* settings are the declared defaults where there are any: whatever a shop sets,
                       the tests of its plugins prove the same */
    int64_t cpu_us; /* processor time of all together; 0: no limit */
    enum od_stock_track track;
    struct od_str currency; /* default currency */
};

/*
 * Loads `source` with its tests and runs them. 0 also when tests failed: see run->failed. -1: the
 * bundle or a test file does not load; err says where. Everything in *run is in the arena.
 */
int od_bundle_test(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   const struct od_test_options *options, struct od_arena *a,
                   struct od_test_run *run, struct od_err *err) OD_MUST_CHECK;

#endif
