#include "tasks/consumers/conf.h"

#include <stdlib.h>

#include "base/buf.h"
#include "conf/section.h"

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)

enum { NAME_MAX_LEN = 40, GROUP_MAX = 249, ATTEMPTS_MAX = 1000, TEXT_MAX = 1 << 20 };

#define AT(member) offsetof(struct od_consumer_conf, member)
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"consumer", "brokers", OD_CONF_STR, AT(brokers), "", 0, 0, NULL, true, "Where to begin: host:port, commas between them."},
    {"consumer", "topics", OD_CONF_STR, AT(topics), "", 0, 0, NULL, true, "The topics that are read; blanks or commas between them."},
    {"consumer", "group", OD_CONF_STR, AT(group), "orderd", 0, 0, NULL, true, "The consumer group. All processes of a shop are members and share the partitions."},
    {"consumer", "receiver", OD_CONF_STR, AT(receiver), "", 0, 0, NULL, true, "The receiver of a plugin that is given the messages."},
    {"consumer", "dead_letter", OD_CONF_STR, AT(dead_letter), "", 0, 0, NULL, true, "The topic for messages that the receiver rejects, or that it fails of too often."},
    {"consumer", "max_attempts", OD_CONF_INT, AT(max_attempts), "10", 1, ATTEMPTS_MAX, NULL, true, "How often a receiver may fail of a message."},
    {"consumer", "retry_min", OD_CONF_DURATION, AT(retry_min_ms), "1s", 1, HOUR, NULL, true, "Wait after the first attempt that failed; doubles from there."},
    {"consumer", "retry_max", OD_CONF_DURATION, AT(retry_max_ms), "1m", 1, HOUR, NULL, true, "The longest wait between attempts."},
};
/* clang-format on */

struct od_kafka_conf od_consumer_client(const struct od_consumer_conf *c)
{
    return (struct od_kafka_conf){c->section, c->brokers, &c->properties};
}

void od_consumer_conf_free(struct od_consumer_conf *c)
{
    if (!c)
        return;
    od_arena_fini(&c->arena);
    free(c);
}

static bool valid_name(struct od_str name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static bool valid_topics(struct od_str topics)
{
    struct od_str topic;
    bool any = false;
    while (od_kafka_next_topic(&topics, &topic)) {
        if (!od_kafka_topic_valid(topic))
            return false;
        any = true;
    }
    return any;
}

/* A dead letter must not come back as a message. */
static bool lists(struct od_str topics, struct od_str wanted)
{
    struct od_str topic;
    while (od_kafka_next_topic(&topics, &topic)) {
        if (od_str_eq(topic, wanted))
            return true;
    }
    return false;
}

static int check(const struct od_conf *c, const struct od_consumer_conf *k, struct od_err *err)
{
    const struct od_kafka_conf client = od_consumer_client(k);
    const char *key, *wrong = NULL;
    struct od_err why;
    if (!valid_name(k->name))
        return od_conf_section_refuse(c, k->section, "topics",
                                      "a consumer's name is 1 to 40 of a-z, 0-9, _ and -", err);
    if (od_kafka_check(OD_KAFKA_CONSUMER, &client, &key, &why))
        return od_conf_section_refuse(c, k->section, key ? key : "brokers", why.message, err);
    if (!k->brokers.len)
        return od_conf_section_refuse(c, k->section, "brokers", "is needed, like kafka-1:9092",
                                      err);
    if (!valid_topics(k->topics))
        key = "topics", wrong = "are needed: each 1 to 249 of a-z, A-Z, 0-9, ., _ and -";
    else if (!od_kafka_topic_valid(k->dead_letter) || lists(k->topics, k->dead_letter))
        key = "dead_letter",
        wrong = "is needed: a topic that is not read, for messages that cannot be carried out";
    else if (!k->group.len || k->group.len > GROUP_MAX)
        key = "group", wrong = "is needed, at most 249 bytes";
    else if (!k->receiver.len)
        key = "receiver", wrong = "is needed: the name of a plugin's oms.receiver";
    else if (k->retry_max_ms < k->retry_min_ms)
        key = "retry_max", wrong = "is at least retry_min";
    return wrong ? od_conf_section_refuse(c, k->section, key, wrong, err) : 0;
}

static struct od_str text_of(const struct od_conf *c, struct od_str section, struct od_arena *a)
{
    struct od_buf b;
    od_buf_init(&b, TEXT_MAX);
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        if (od_str_eq(e->section, section))
            od_buf_printf(&b, "%.*s=%.*s\n", OD_STR_ARG(e->key), OD_STR_ARG(e->value));
    }
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

struct reading {
    const struct od_conf *conf;
    void (*next)(void *ctx, struct od_consumer_conf *conf); /* NULL: they are only looked at */
    void *ctx;
    bool try;
    struct od_err *err;
};

static int read_into(const struct reading *r, struct od_consumer_conf *k, struct od_str section,
                     struct od_str name)
{
    const struct od_conf_table table = {keys, sizeof keys / sizeof *keys, k, "kafka.",
                                        &k->properties};
    struct od_err why;
    od_arena_init(&k->arena);
    k->name = od_arena_str(&k->arena, name);
    k->section = od_arena_str(&k->arena, section);
    k->text = text_of(r->conf, section, &k->arena);
    if (od_conf_section_read(r->conf, section, &table, 1, &k->arena, r->err) ||
        check(r->conf, k, r->err))
        return -1;
    const struct od_kafka_conf client = od_consumer_client(k);
    if (r->try && od_kafka_try(OD_KAFKA_CONSUMER, &client, &why))
        return od_conf_section_refuse(r->conf, section, "brokers", why.message, r->err);
    return 0;
}

static int read_consumer(void *ctx, struct od_str section, struct od_str name)
{
    const struct reading *r = ctx;
    struct od_consumer_conf *k = calloc(1, sizeof *k);
    if (!k)
        abort();
    int failed = read_into(r, k, section, name);
    if (failed || !r->next)
        od_consumer_conf_free(k);
    else
        r->next(r->ctx, k);
    return failed;
}

int od_consumers_read(const struct od_conf *c,
                      void (*next)(void *ctx, struct od_consumer_conf *conf), void *ctx,
                      struct od_err *err)
{
    struct reading look = {c, NULL, NULL, false, err}, take = {c, next, ctx, false, err};
    if (od_conf_sections(c, "consumer", read_consumer, &look))
        return -1;
    return od_conf_sections(c, "consumer", read_consumer, &take);
}

int od_consumers_check(const struct od_conf *c, struct od_err *err)
{
    struct reading look = {c, NULL, NULL, true, err};
    return od_conf_sections(c, "consumer", read_consumer, &look);
}
