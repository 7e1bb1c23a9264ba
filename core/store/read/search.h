#ifndef OD_STORE_READ_SEARCH_H
#define OD_STORE_READ_SEARCH_H

/* The documents of the projection "search" (migration 018), which store/search/find.h looks in; for
 * struct od_projection. */
extern const char od_search_doc_fold[], od_search_doc_differ[];

#endif
