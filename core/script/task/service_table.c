#include <string.h>

#include "script/task/service.h"

/* The services and their names. */

const struct od_service *od_service_at(uint32_t i)
{
    for (int t = 0; t < OD_COMMAND_TYPES; t++) {
        const struct od_service *s = od_command_kinds[t]->services;
        for (; s && s->name; s++) {
            if (i-- == 0)
                return s;
        }
    }
    return NULL;
}

const struct od_service *od_service_named(const char *name)
{
    const struct od_service *s;
    for (uint32_t i = 0; (s = od_service_at(i)); i++) {
        if (strcmp(s->name, name) == 0)
            return s;
    }
    return NULL;
}

const struct od_service *od_service_method(const char *method)
{
    const struct od_service *s;
    for (uint32_t i = 0; (s = od_service_at(i)); i++) {
        if (s->method && strcmp(s->method, method) == 0)
            return s;
    }
    return NULL;
}
