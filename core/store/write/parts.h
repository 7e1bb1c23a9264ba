#ifndef OD_STORE_WRITE_PARTS_H
#define OD_STORE_WRITE_PARTS_H

#include "store/write/write.h"

/* The parts of WRITE that have a file of their own. Internal to this folder. */

/* Sends the changes of the set's stock. False: nothing changed. */
bool od_write_send_stock(struct od_write *w, struct od_pg_conn *conn);

#endif
