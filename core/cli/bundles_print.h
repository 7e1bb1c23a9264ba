#ifndef OD_CLI_BUNDLES_PRINT_H
#define OD_CLI_BUNDLES_PRINT_H

#include "base/json/json.h"

/* Prints the tables of `orderd bundle list` on standard output. overview: the answer of
 * od_bundle_overview. */
void od_bundles_print(const struct od_json *overview);

#endif
