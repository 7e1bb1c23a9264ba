#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "http/client/client.h"
#include "loop/timer.h"

/* The client and a server of names that does not answer. */

enum { TIMEOUT_MS = 200, GIVE_UP_S = 20 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned asking; /* threads that wait for the name */
    bool released;
    bool nobody_released; /* somebody waited for GIVE_UP_S */
} names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* Stands before the system's, also for libcurl: this name's server is silent until the test lets it
 * answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    int (*system)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct timespec until;
    if (!node || strcmp(node, "silent.example") != 0) {
        *(void **)&system = dlsym(RTLD_NEXT, "getaddrinfo");
        return system(node, service, hints, result);
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GIVE_UP_S;
    pthread_mutex_lock(&names.lock);
    names.asking++;
    while (!names.released && !names.nobody_released)
        names.nobody_released = pthread_cond_timedwait(&names.changed, &names.lock, &until) != 0;
    names.asking--;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.lock);
    return EAI_AGAIN;
}

static void release_names(void)
{
    pthread_mutex_lock(&names.lock);
    names.released = true;
    pthread_cond_broadcast(&names.changed);
    while (names.asking > 0)
        pthread_cond_wait(&names.changed, &names.lock);
    pthread_mutex_unlock(&names.lock);
}

static int set_up(void **state)
{
    (void)state;
    names.released = names.nobody_released = false;
    return 0;
}

struct asked {
    struct od_loop loop;
    struct od_http_client *client;
    bool done, dropped, closed;
    char error[200];
};

static void on_closed(void *ctx)
{
    struct asked *a = ctx;
    a->closed = true;
}

static void on_done(void *ctx, const struct od_http_answer *answer)
{
    struct asked *a = ctx;
    a->done = true;
    a->dropped = answer->closed;
    assert_int_equal(answer->status, 0);
    snprintf(a->error, sizeof a->error, "%s", answer->error);
}

static void ask(struct asked *a)
{
    static const struct od_http_client_conf conf = {.timeout_ms = TIMEOUT_MS, .answer_max = 1000};
    *a = (struct asked){0};
    od_loop_init(&a->loop);
    a->client = od_http_client_new(&a->loop, &conf);
    od_http_client_send(a->client, &(struct od_http_call){
                                       .url = OD_STR("http://silent.example/"),
                                       .body = OD_STR("{}"),
                                       .ctx = a,
                                       .done = on_done,
                                   });
}

static void end(struct asked *a)
{
    while (!a->closed)
        (void)od_loop_run_once(&a->loop);
    assert_false(names.nobody_released); /* the loop went on while the name was looked up */
    release_names();
    od_loop_fini(&a->loop);
}

static void a_name_that_is_not_answered_does_not_hold_up_the_loop(void **state)
{
    struct asked a;
    (void)state;
    ask(&a);
    while (!a.done)
        assert_true(od_loop_run_once(&a.loop));
    assert_non_null(strstr(a.error, "timed out"));
    od_http_client_free(a.client, on_closed, &a);
    end(&a);
}

static void on_time_to_close(void *ctx)
{
    struct asked *a = ctx;
    od_http_client_free(a->client, on_closed, a);
}

static void closing_does_not_wait_for_a_name(void **state)
{
    struct asked a;
    (void)state;
    ask(&a);
    struct od_timer *timer = od_timer_new(&a.loop, on_time_to_close, &a);
    od_timer_start(timer, TIMEOUT_MS / 8, 0);
    while (!a.done)
        assert_true(od_loop_run_once(&a.loop));
    assert_true(a.dropped);
    od_timer_free(timer);
    end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_name_that_is_not_answered_does_not_hold_up_the_loop, set_up),
        cmocka_unit_test_setup(closing_does_not_wait_for_a_name, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
