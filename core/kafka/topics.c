#include "kafka/kafka.h"

enum { NAME_MAX_LEN = 249 };

bool od_kafka_topic_valid(struct od_str topic)
{
    if (topic.len == 0 || topic.len > NAME_MAX_LEN || od_str_is(topic, ".") ||
        od_str_is(topic, ".."))
        return false;
    for (size_t i = 0; i < topic.len; i++) {
        char c = topic.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static bool between(char c)
{
    return c == ' ' || c == ',';
}

bool od_kafka_next_topic(struct od_str *list, struct od_str *topic)
{
    size_t from = 0, to;
    while (from < list->len && between(list->ptr[from]))
        from++;
    for (to = from; to < list->len && !between(list->ptr[to]);)
        to++;
    *topic = od_str_slice(*list, from, to);
    *list = od_str_slice(*list, to, list->len);
    return topic->len > 0;
}
