#ifndef OD_READ_GRAPHQL_FAULT_H
#define OD_READ_GRAPHQL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * What is wrong with a document or with a request that runs it. A fault becomes one element of
 * `errors` in the answer (specification of October 2021, section 7.1.2). Places are byte offsets
 * into the document until an answer is written, because most documents have no fault.
 */

/* The rule that is broken: one for each rule of chapter 5, under the name that graphql-js gives it,
 * and those outside of that chapter. */
#define OD_GQL_RULES(X)                                                                            \
    X(SYNTAX, "SyntaxError")                                                                       \
    X(LIMIT, "Limit")                                                                              \
    X(REQUEST, "Request")     /* the operation's name, the values of its variables */              \
    X(EXECUTION, "Execution") /* a field that could not be resolved */                             \
    X(EXECUTABLE_DEFINITIONS, "ExecutableDefinitionsRule")                                         \
    X(UNIQUE_OPERATION_NAMES, "UniqueOperationNamesRule")                                          \
    X(LONE_ANONYMOUS_OPERATION, "LoneAnonymousOperationRule")                                      \
    X(SINGLE_FIELD_SUBSCRIPTIONS, "SingleFieldSubscriptionsRule")                                  \
    X(KNOWN_TYPE_NAMES, "KnownTypeNamesRule")                                                      \
    X(FRAGMENTS_ON_COMPOSITE_TYPES, "FragmentsOnCompositeTypesRule")                               \
    X(VARIABLES_ARE_INPUT_TYPES, "VariablesAreInputTypesRule")                                     \
    X(SCALAR_LEAFS, "ScalarLeafsRule")                                                             \
    X(FIELDS_ON_CORRECT_TYPE, "FieldsOnCorrectTypeRule")                                           \
    X(UNIQUE_FRAGMENT_NAMES, "UniqueFragmentNamesRule")                                            \
    X(KNOWN_FRAGMENT_NAMES, "KnownFragmentNamesRule")                                              \
    X(NO_UNUSED_FRAGMENTS, "NoUnusedFragmentsRule")                                                \
    X(POSSIBLE_FRAGMENT_SPREADS, "PossibleFragmentSpreadsRule")                                    \
    X(NO_FRAGMENT_CYCLES, "NoFragmentCyclesRule")                                                  \
    X(UNIQUE_VARIABLE_NAMES, "UniqueVariableNamesRule")                                            \
    X(NO_UNDEFINED_VARIABLES, "NoUndefinedVariablesRule")                                          \
    X(NO_UNUSED_VARIABLES, "NoUnusedVariablesRule")                                                \
    X(KNOWN_DIRECTIVES, "KnownDirectivesRule")                                                     \
    X(UNIQUE_DIRECTIVES_PER_LOCATION, "UniqueDirectivesPerLocationRule")                           \
    X(KNOWN_ARGUMENT_NAMES, "KnownArgumentNamesRule")                                              \
    X(UNIQUE_ARGUMENT_NAMES, "UniqueArgumentNamesRule")                                            \
    X(VALUES_OF_CORRECT_TYPE, "ValuesOfCorrectTypeRule")                                           \
    X(PROVIDED_REQUIRED_ARGUMENTS, "ProvidedRequiredArgumentsRule")                                \
    X(VARIABLES_IN_ALLOWED_POSITION, "VariablesInAllowedPositionRule")                             \
    X(OVERLAPPING_FIELDS_CAN_BE_MERGED, "OverlappingFieldsCanBeMergedRule")                        \
    X(UNIQUE_INPUT_FIELD_NAMES, "UniqueInputFieldNamesRule")

enum od_gql_rule {
#define OD_GQL_RULE(NAME, text) OD_GQL_##NAME,
    OD_GQL_RULES(OD_GQL_RULE)
#undef OD_GQL_RULE
        OD_GQL_RULE_COUNT
};

/* An element of the path to a field of the answer: the key of a member, or an index. */
struct od_gql_path {
    const struct od_gql_path *above; /* NULL: at the root */
    struct od_str key;               /* absent: it is an index */
    uint32_t index;
};

enum { OD_GQL_PLACES = 2 };

struct od_gql_fault {
    struct od_gql_fault *next;
    enum od_gql_rule rule;
    struct od_str message;
    uint32_t places[OD_GQL_PLACES], place_count; /* byte offsets in the document */
    const struct od_gql_path *path;              /* NULL: it is about no field */
    struct od_str code;                          /* extensions.code; absent: the rule says enough */
};

/* The faults of one document or request, in the order in which they were found. Beyond `most` they
 * are only counted, so that a hostile document cannot make an answer larger than itself. */
struct od_gql_faults {
    struct od_arena *arena;
    struct od_gql_fault *first, **last;
    uint32_t count, most;
};

void od_gql_faults_init(struct od_gql_faults *f, struct od_arena *arena, uint32_t most);
/* Both add a fault at one place, or at two. The result is never NULL, so that a caller can add a
 * path or a code; beyond `most` it is in no list. */
struct od_gql_fault *od_gql_fault(struct od_gql_faults *f, enum od_gql_rule rule, uint32_t place,
                                  const char *fmt, ...) OD_PRINTF(4, 5);
struct od_gql_fault *od_gql_fault_at_two(struct od_gql_faults *f, enum od_gql_rule rule,
                                         uint32_t place, uint32_t other, const char *fmt, ...)
    OD_PRINTF(5, 6);
const char *od_gql_rule_name(enum od_gql_rule rule);

/* The line and the column of a byte offset, both from 1. A column counts UTF-16 units, as editors
 * that are written in JavaScript do. */
struct od_gql_place {
    uint32_t line, column;
};
struct od_gql_place od_gql_place_of(struct od_str source, uint32_t offset);

/* Writes the array of faults in the form of the specification's section 7.1.2. */
struct od_json_writer;
void od_gql_faults_write(struct od_json_writer *w, const struct od_gql_faults *f,
                         struct od_str source);

#endif
