#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"

/* Folders that somebody else wrote: nothing outside them is read, and nothing waits. */

struct place {
    char dir[64]; /* …/inside, …/outside */
    struct od_arena arena;
    struct od_dir inside;
    struct od_err err;
};

static const char *at(const struct place *p, const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", p->dir, name);
    return path;
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int make_place(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    strcpy(p->dir, "/tmp/od_files_XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    assert_int_equal(mkdir(at(p, "inside"), 0755), 0);
    assert_int_equal(mkdir(at(p, "outside"), 0755), 0);
    write_text(at(p, "outside/secret"), "SECRET");
    write_text(at(p, "inside/b.txt"), "bee");
    write_text(at(p, "inside/a.txt"), "");
    od_arena_init(&p->arena);
    assert_int_equal(od_dir_open(at(p, "inside"), &p->arena, &p->inside, &p->err), 0);
    *state = p;
    return 0;
}

static int remove_place(void **state)
{
    struct place *p = *state;
    char command[128];
    od_dir_close(&p->inside);
    od_arena_fini(&p->arena);
    snprintf(command, sizeof command, "rm -rf %s", p->dir);
    int failed = system(command);
    free(p);
    return failed;
}

static void refuse(struct place *p, const char *name, enum od_err_code code, const char *what)
{
    struct od_str text = OD_STR("before");
    memset(&p->err, 0, sizeof p->err);
    assert_int_equal(od_file_read_in(&p->inside, name, 100, &p->arena, &text, &p->err), -1);
    assert_null(text.ptr);
    assert_int_equal(p->err.code, code);
    if (!strstr(p->err.message, what))
        fail_msg("%s: \"%s\" does not say \"%s\"", name, p->err.message, what);
    const char *end = p->err.origin + strlen(p->err.origin) - strlen(name);
    assert_true(end > p->err.origin);
    assert_string_equal(end, name);
}

static void regular_files_are_read_whole(void **state)
{
    struct place *p = *state;
    struct od_str text;
    assert_int_equal(od_file_read_in(&p->inside, "b.txt", 3, &p->arena, &text, &p->err), 0);
    assert_string_equal(text.ptr, "bee");
    assert_int_equal(od_file_read_in(&p->inside, "a.txt", 0, &p->arena, &text, &p->err), 0);
    assert_string_equal(text.ptr, "");
    assert_int_equal(od_file_read(at(p, "inside/b.txt"), 3, &p->arena, &text, &p->err), 0);
    assert_string_equal(text.ptr, "bee");
}

static void links_out_of_and_within_a_folder_are_not_followed(void **state)
{
    struct place *p = *state;
    assert_int_equal(symlink("../outside/secret", at(p, "inside/relative")), 0);
    assert_int_equal(symlink(at(p, "outside/secret"), at(p, "inside/absolute")), 0);
    assert_int_equal(symlink("b.txt", at(p, "inside/within")), 0);
    assert_int_equal(symlink("nothing", at(p, "inside/dangling")), 0);
    assert_int_equal(symlink("/proc/self/environ", at(p, "inside/magic")), 0);
    refuse(p, "relative", OD_ERR_IO, "is a symbolic link");
    refuse(p, "absolute", OD_ERR_IO, "is a symbolic link");
    refuse(p, "within", OD_ERR_IO, "is a symbolic link");
    refuse(p, "dangling", OD_ERR_IO, "is a symbolic link");
    refuse(p, "magic", OD_ERR_IO, "is a symbolic link");
}

static void linked_folders_are_not_entered(void **state)
{
    struct place *p = *state;
    struct od_dir d;
    assert_int_equal(symlink("../outside", at(p, "inside/templates")), 0);
    assert_int_equal(od_dir_open_in(&p->inside, "templates", &p->arena, &d, &p->err), -1);
    assert_non_null(strstr(p->err.message, "is a symbolic link"));
    assert_int_equal(od_dir_open_in(&p->inside, "b.txt", &p->arena, &d, &p->err), -1);
    assert_non_null(strstr(p->err.message, "Not a directory"));
    assert_int_equal(od_dir_open_in(&p->inside, "nothing", &p->arena, &d, &p->err), -1);
    assert_int_equal(p->err.code, OD_ERR_NOT_FOUND);
}

static void names_that_lead_elsewhere_are_no_names(void **state)
{
    struct place *p = *state;
    static const char *const names[] = {"../outside/secret", "..", ".", "", "x/y", "/etc/passwd"};
    struct od_str text;
    struct od_dir d;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(od_file_read_in(&p->inside, names[i], 100, &p->arena, &text, &p->err), -1);
        assert_string_equal(p->err.message, "is not a name in this folder");
        assert_int_equal(od_dir_open_in(&p->inside, names[i], &p->arena, &d, &p->err), -1);
        assert_string_equal(p->err.message, "is not a name in this folder");
    }
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    struct place *p = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct od_str text;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(mkfifo(at(p, "inside/fifo"), 0644), 0);
    assert_int_equal(mkdir(at(p, "inside/folder"), 0755), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", at(p, "inside/socket"));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    refuse(p, "fifo", OD_ERR_IO, "is a FIFO");
    refuse(p, "socket", OD_ERR_IO, "is a socket");
    refuse(p, "folder", OD_ERR_IO, "is a folder");
    refuse(p, "nothing", OD_ERR_NOT_FOUND, "No such file");
    /* Only root makes devices. */
    if (mknod(at(p, "inside/device"), S_IFCHR | 0644, makedev(1, 5)) == 0)
        refuse(p, "device", OD_ERR_IO, "is a device");
    assert_int_equal(od_file_read("/dev/zero", 100, &p->arena, &text, &p->err), -1);
    assert_non_null(strstr(p->err.message, "is a device"));
    assert_int_equal(od_file_read(at(p, "inside/fifo"), 100, &p->arena, &text, &p->err), -1);
    assert_non_null(strstr(p->err.message, "is a FIFO"));
    close(fd);
}

static void sizes_have_a_limit(void **state)
{
    struct place *p = *state;
    write_text(at(p, "inside/huge"), "");
    assert_int_equal(truncate(at(p, "inside/huge"), 1LL << 40), 0);
    refuse(p, "huge", OD_ERR_LIMIT, "is larger than 100 bytes");
}

static void a_path_of_the_operators_may_be_a_link(void **state)
{
    struct place *p = *state;
    struct od_str text;
    struct od_dir d;
    assert_int_equal(symlink("inside", at(p, "current")), 0);
    assert_int_equal(symlink("inside/b.txt", at(p, "conf")), 0);
    assert_int_equal(od_file_read(at(p, "conf"), 100, &p->arena, &text, &p->err), 0);
    assert_string_equal(text.ptr, "bee");
    assert_int_equal(od_dir_open(at(p, "current"), &p->arena, &d, &p->err), 0);
    assert_int_equal(od_file_read_in(&d, "b.txt", 100, &p->arena, &text, &p->err), 0);
    od_dir_close(&d);
    assert_int_equal(mkfifo(at(p, "fifo"), 0644), 0);
    assert_int_equal(od_dir_open(at(p, "fifo"), &p->arena, &d, &p->err), -1);
    assert_int_equal(od_dir_open(at(p, "nothing"), &p->arena, &d, &p->err), -1);
    assert_int_equal(p->err.code, OD_ERR_NOT_FOUND);
}

static bool is_text(const char *name)
{
    return strstr(name, ".txt") != NULL;
}

static bool is_any(const char *name)
{
    (void)name;
    return true;
}

static void folders_are_listed_in_order_and_up_to_a_limit(void **state)
{
    struct place *p = *state;
    const char **names;
    uint32_t count;
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(od_dir_list(&p->inside, is_text, 2, &p->arena, &names, &count, &p->err),
                         0);
        assert_int_equal(count, 2);
        assert_string_equal(names[0], "a.txt");
        assert_string_equal(names[1], "b.txt");
    }
    assert_int_equal(od_dir_list(&p->inside, is_any, 1, &p->arena, &names, &count, &p->err), -1);
    assert_int_equal(p->err.code, OD_ERR_LIMIT);
    assert_string_equal(p->err.message, "has more than 1 files");
}

static void a_long_path_keeps_its_end_in_errors(void **state)
{
    struct place *p = *state;
    char name[200];
    memset(name, 'x', sizeof name);
    strcpy(name + 190, ".html");
    struct od_str text;
    assert_int_equal(od_file_read_in(&p->inside, name, 1, &p->arena, &text, &p->err), -1);
    assert_true(strncmp(p->err.origin, "…x", 4) == 0);
    assert_string_equal(p->err.origin + strlen(p->err.origin) - 6, "x.html");
}

/* On another thread no assertion may fail: it would go on in the test's frame. */
static void must(bool done)
{
    if (!done)
        abort();
}

/* A file that is swapped all the time, for a link to a secret, a FIFO, a folder, or another text.
 */
struct swapper {
    struct place *p;
    atomic_bool over;
};

static void *swap(void *ctx)
{
    struct swapper *s = ctx;
    char kinds[4][256], target[256];
    for (int i = 0; i < 4; i++)
        snprintf(kinds[i], sizeof kinds[i], "%s/kind%d", s->p->dir, i);
    snprintf(target, sizeof target, "%s/inside/swapped", s->p->dir);
    for (unsigned i = 0; !atomic_load(&s->over); i++) {
        const char *kind = kinds[i % 4];
        FILE *f = i % 4 == 3 ? fopen(kind, "we") : NULL;
        if (i % 4 == 0)
            must(symlink("../outside/secret", kind) == 0);
        else if (i % 4 == 1)
            must(mkfifo(kind, 0644) == 0);
        else if (i % 4 == 2)
            must(symlink("../outside", kind) == 0);
        else
            must(f && fputs("public", f) >= 0 && fclose(f) == 0);
        must(rename(kind, target) == 0);
    }
    return NULL;
}

static void a_file_swapped_meanwhile_gives_itself_or_an_error(void **state)
{
    struct place *p = *state;
    struct swapper s = {.p = p};
    pthread_t thread;
    unsigned read = 0, refused = 0;
    assert_int_equal(pthread_create(&thread, NULL, swap, &s), 0);
    /* By the clock, not by tries: on one core the swapper may sleep through any number of these. */
    for (time_t end = time(NULL) + 60; time(NULL) < end && (read < 200 || refused < 200);) {
        sched_yield();
        struct od_arena arena;
        struct od_str text;
        od_arena_init(&arena);
        if (od_file_read_in(&p->inside, "swapped", 100, &arena, &text, &p->err) == 0) {
            assert_string_equal(text.ptr, "public");
            read++;
        } else {
            refused++;
        }
        od_arena_fini(&arena);
    }
    atomic_store(&s.over, true);
    pthread_join(thread, NULL);
    assert_true(read > 0 && refused > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        TEST(regular_files_are_read_whole),
        TEST(links_out_of_and_within_a_folder_are_not_followed),
        TEST(linked_folders_are_not_entered),
        TEST(names_that_lead_elsewhere_are_no_names),
        TEST(what_is_no_regular_file_is_refused_without_waiting),
        TEST(sizes_have_a_limit),
        TEST(a_path_of_the_operators_may_be_a_link),
        TEST(folders_are_listed_in_order_and_up_to_a_limit),
        TEST(a_long_path_keeps_its_end_in_errors),
        TEST(a_file_swapped_meanwhile_gives_itself_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
