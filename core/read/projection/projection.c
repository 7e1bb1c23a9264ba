#include "read/projection/projection.h"

#include <string.h>

size_t od_projection_count(void)
{
    size_t count = 0;
    while (od_projections[count])
        count++;
    return count;
}

int od_projection_find(const char *name)
{
    for (int i = 0; od_projections[i]; i++) {
        if (strcmp(od_projections[i]->name, name) == 0)
            return i;
    }
    return -1;
}
