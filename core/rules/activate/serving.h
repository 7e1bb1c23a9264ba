#ifndef OD_RULES_ACTIVATE_SERVING_H
#define OD_RULES_ACTIVATE_SERVING_H

/*
 * What rules serve with, shared by the parts that make them serve: the loop, the connection for
 * questions beside commands, the engine that decides by them, and the configuration they came from.
 * The server owns it and all of its members; a reload replaces `conf`, so nobody keeps that pointer
 * across a wait.
 */

struct od_conf;
struct od_engine;
struct od_loop;
struct od_pg_conn;

struct od_serving {
    struct od_loop *loop;
    struct od_pg_conn *query;
    struct od_engine *engine; /* NULL until the first rules are chosen */
    struct od_conf *conf;     /* counted */
};

#endif
