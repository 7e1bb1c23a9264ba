#ifndef OD_CLI_BUNDLES_PRINT_H
#define OD_CLI_BUNDLES_PRINT_H

#include "base/json/json.h"

/* The tables of `orderd bundle list`, on standard output, from what od_bundle_overview answers. */
void od_bundles_print(const struct od_json *overview);

#endif
