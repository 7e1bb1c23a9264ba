#ifndef OD_RULES_ACTIVATE_SERVING_H
#define OD_RULES_ACTIVATE_SERVING_H

/*
 * The parts that make rules serve share this: the loop, a connection for queries beside commands,
 * the engine that decides by the rules, and the configuration that they came from. The server owns
 * it and all of its members. A reload replaces `conf`, so nobody may keep that pointer across a
 * wait.
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
