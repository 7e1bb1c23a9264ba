/* Built with core/kafka/absent.c in place of librdkafka: what names Kafka is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "conf/conf.h"
#include "feed/targets/conf.h"
#include "tasks/consumers/conf.h"

static void refused(const char *text, int (*check)(const struct od_conf *c, struct od_err *err))
{
    struct od_conf *conf;
    struct od_err err;
    assert_int_equal(od_conf_parse("test.ini", od_str_of(text), NULL, 0, &conf, &err), 0);
    assert_int_equal(check(conf, &err), -1);
    assert_int_equal(err.code, OD_ERR_CONFIG);
    assert_non_null(strstr(err.message, "built without librdkafka"));
    assert_non_null(strstr(err.message, "install librdkafka-dev and build it again"));
    assert_non_null(strstr(err.origin, "test.ini:"));
    od_conf_unref(conf);
}

static void a_target_of_kafka_is_refused_with_a_sentence(void **state)
{
    (void)state;
    refused("[target.bus]\nkind = kafka\nbrokers = kafka:9092\ntopic = orders\n"
            "kafka.security.protocol = ssl\n",
            od_targets_check);
}

static void a_consumer_is_refused_with_a_sentence(void **state)
{
    (void)state;
    refused("[consumer.fraud]\nbrokers = kafka:9092\ntopics = fraud\nreceiver = fraud\n"
            "dead_letter = fraud.dead\n",
            od_consumers_check);
}

static void what_does_not_name_it_is_accepted(void **state)
{
    struct od_conf *conf;
    struct od_err err;
    (void)state;
    assert_int_equal(od_conf_parse("test.ini", OD_STR("[target.x]\nkind = log\nfile = x.log\n"),
                                   NULL, 0, &conf, &err),
                     0);
    assert_int_equal(od_targets_check(conf, &err), 0);
    assert_int_equal(od_consumers_check(conf, &err), 0);
    od_conf_unref(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_of_kafka_is_refused_with_a_sentence),
        cmocka_unit_test(a_consumer_is_refused_with_a_sentence),
        cmocka_unit_test(what_does_not_name_it_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
