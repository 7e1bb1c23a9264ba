#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void od_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "orderd: %s:%d: it does not hold that %s\n", file, line, condition);
    abort();
}
