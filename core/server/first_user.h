#ifndef OD_SERVER_FIRST_USER_H
#define OD_SERVER_FIRST_USER_H

struct od_app;

/* Where a server asks for keys and nobody has one, and there is no user either, prints a one-time
 * link by which the first user is made. It is printed on standard output alone: whoever starts the
 * server may administer it. */
void od_first_user_print(struct od_app *app);

#endif
