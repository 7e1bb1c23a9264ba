/*
 * A Kafka cluster for tests, in memory: librdkafka's mock cluster. It prints "brokers HOST:PORT,…"
 * and then obeys lines on standard input, each answered by "ok" or "error …", until they end.
 *
 *   broker [COUNT]
 *
 *   topic NAME PARTITIONS    makes a topic
 *   down | up                all brokers; connections break, nobody listens
 *   rtt MS                   each answer takes so long
 *   fail API CODE COUNT      the next COUNT requests of this kind are answered with the error
 *   heal API                 ends that
 *   refuse TOPIC CODE        every request about the topic is; 0 ends that
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 512, ERRORS = 1000 };

static rd_kafka_mock_cluster_t *cluster;
static int brokers = 1;

static rd_kafka_resp_err_t each(rd_kafka_resp_err_t (*what)(rd_kafka_mock_cluster_t *, int32_t))
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int32_t id = 1; !code && id <= brokers; id++)
        code = what(cluster, id);
    return code;
}

static rd_kafka_resp_err_t slow(int ms)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int32_t id = 1; !code && id <= brokers; id++)
        code = rd_kafka_mock_broker_set_rtt(cluster, id, ms);
    return code;
}

static rd_kafka_resp_err_t fail(int16_t api, int code, size_t count)
{
    rd_kafka_resp_err_t errors[ERRORS];
    for (size_t i = 0; i < ERRORS; i++)
        errors[i] = (rd_kafka_resp_err_t)code;
    rd_kafka_mock_push_request_errors_array(cluster, api, count < ERRORS ? count : ERRORS, errors);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t obey(const char *line)
{
    char topic[LINE];
    int a, b, c;
    if (sscanf(line, "topic %511s %d", topic, &a) == 2)
        return rd_kafka_mock_topic_create(cluster, topic, a, 1);
    if (strcmp(line, "down") == 0)
        return each(rd_kafka_mock_broker_set_down);
    if (strcmp(line, "up") == 0)
        return each(rd_kafka_mock_broker_set_up);
    if (sscanf(line, "rtt %d", &a) == 1)
        return slow(a);
    if (sscanf(line, "fail %d %d %d", &a, &b, &c) == 3)
        return fail((int16_t)a, b, (size_t)c);
    if (sscanf(line, "heal %d", &a) == 1) {
        rd_kafka_mock_clear_request_errors(cluster, (int16_t)a);
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    if (sscanf(line, "refuse %511s %d", topic, &a) == 2) {
        rd_kafka_mock_topic_set_error(cluster, topic, (rd_kafka_resp_err_t)a);
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
}

int main(int argc, char **argv)
{
    char why[256], line[LINE];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
    if (!rk) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    if (argc > 1)
        brokers = (int)strtol(argv[1], NULL, 10);
    cluster = rd_kafka_mock_cluster_new(rk, brokers);
    printf("brokers %s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        rd_kafka_resp_err_t code = obey(line);
        if (code)
            printf("error %s\n", rd_kafka_err2str(code));
        else
            printf("ok\n");
        fflush(stdout);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(rk);
    return 0;
}
