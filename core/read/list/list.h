#ifndef OD_READ_LIST_LIST_H
#define OD_READ_LIST_LIST_H

#include "read/projection/projection.h"

/* The projection that lists of orders are answered from. store/search/search.h asks it. */
extern const struct od_projection od_list_projection;

#endif
