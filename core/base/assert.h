#ifndef OD_BASE_ASSERT_H
#define OD_BASE_ASSERT_H

/*
 * States what the program itself guarantees at this point. A condition that does not hold is a
 * programmer's error: it is told on standard error with its place, and the process aborts. Unlike
 * assert() of C, it stays in every kind of build: a server that goes on with a broken invariant
 * would write it into the books. Input from outside gets an error, never this.
 */
#define OD_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : od_assert_failed(#condition, __FILE__, __LINE__))

_Noreturn void od_assert_failed(const char *condition, const char *file, int line);

#endif
