#include "base/clock.h"

#include <time.h>

#define SECOND_US 1000000
#define DAY_S     86400

static int64_t fixed_us;
static int64_t since_boot_us; /* the time when the machine was started, once a clock is followed */
static bool following;

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

int64_t od_clock_us(void)
{
    if (fixed_us)
        return fixed_us;
    return following ? read_clock(CLOCK_BOOTTIME) + since_boot_us : read_clock(CLOCK_REALTIME);
}

static bool agree(int64_t a_us, int64_t b_us, int64_t spread_us)
{
    int64_t apart = a_us > b_us ? a_us - b_us : b_us - a_us;
    return apart <= SECOND_US + spread_us;
}

int64_t od_clock_follow(int64_t us, int64_t spread_us)
{
    int64_t boot = read_clock(CLOCK_BOOTTIME), machine = read_clock(CLOCK_REALTIME);
    int64_t now = following ? boot + since_boot_us : machine;
    if (following && agree(now, us, spread_us))
        return 0;
    int64_t right = agree(machine, us, spread_us) ? machine : us;
    since_boot_us = right - boot;
    following = true;
    return right - now;
}

int64_t od_clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t od_clock_thread_us(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void od_clock_fix(int64_t now_us)
{
    fixed_us = now_us;
}

/*
 * Days since 1970-01-01 to and from the proleptic Gregorian calendar, by Howard Hinnant's
 * chrono-Compatible Low-Level Date Algorithms: years begin in March, so that the leap day is the
 * last of its year, and an era is the 400 years (146097 days) after which the calendar repeats.
 */
struct date {
    int64_t year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    return a % b + (a % b < 0 ? b : 0);
}

static struct date date_of_days(int64_t days)
{
    int64_t z = days + 719468; /* from 0000-03-01 */
    int64_t era = floor_div(z, 146097);
    int doe = (int)(z - era * 146097);                               /* day of era */
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365; /* year of era */
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);               /* day of year, from March */
    int mp = (5 * doy + 2) / 153;                                    /* month, March is 0 */
    int month = mp < 10 ? mp + 3 : mp - 9;

    return (struct date){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

static int64_t days_of_date(struct date d)
{
    int64_t year = d.year - (d.month <= 2);
    int64_t era = floor_div(year, 400);
    int yoe = (int)(year - era * 400);
    int doy = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

int od_time_year(int64_t us)
{
    return (int)date_of_days(floor_div(us, (int64_t)DAY_S * SECOND_US)).year;
}

/* Writes v as n digits at p and returns the place behind them. */
static char *put(char *p, int64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + n;
}

void od_time_format(struct od_buf *b, int64_t us)
{
    int64_t seconds = floor_div(us, SECOND_US);
    int fraction = (int)floor_mod(us, SECOND_US);
    int64_t days = floor_div(seconds, DAY_S);
    int in_day = (int)floor_mod(seconds, DAY_S);
    struct date d = date_of_days(days);
    char text[sizeof "-2017-07-09T21:57:05.123456Z" + 2]; /* int64 reaches six-digit years */
    char *p = text;

    if (d.year < 0)
        *p++ = '-';
    p = put(p, d.year < 0 ? -d.year : d.year, d.year > 9999 || d.year < -9999 ? 6 : 4);
    *p++ = '-';
    p = put(p, d.month, 2);
    *p++ = '-';
    p = put(p, d.day, 2);
    *p++ = 'T';
    p = put(p, in_day / 3600, 2);
    *p++ = ':';
    p = put(p, in_day / 60 % 60, 2);
    *p++ = ':';
    p = put(p, in_day % 60, 2);
    if (fraction > 0) {
        *p++ = '.';
        p = fraction % 1000 ? put(p, fraction, 6) : put(p, fraction / 1000, 3);
    }
    *p++ = 'Z';
    od_buf_append(b, text, (size_t)(p - text));
}

/* Takes exactly n digits off *s. */
static bool take_digits(struct od_str *s, int n, int *out)
{
    int v = 0;

    if (s->len < (size_t)n)
        return false;
    for (int i = 0; i < n; i++) {
        int digit = s->ptr[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        v = v * 10 + digit;
    }
    *s = od_str_n(s->ptr + n, s->len - (size_t)n);
    *out = v;
    return true;
}

/* Takes one byte off *s when it is among `set`; '\0' otherwise. */
static char take_one_of(struct od_str *s, const char *set)
{
    char c = s->len > 0 ? s->ptr[0] : '\0';

    if (c == '\0' || !strchr(set, c))
        return '\0';
    *s = od_str_n(s->ptr + 1, s->len - 1);
    return c;
}

static bool take_date(struct od_str *s, int64_t *days)
{
    int year, month, day;

    if (!take_digits(s, 4, &year) || !take_one_of(s, "-") || !take_digits(s, 2, &month) ||
        !take_one_of(s, "-") || !take_digits(s, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_of_date((struct date){year, month, day});
    return true;
}

/* Digits past the microsecond are dropped. */
static bool take_fraction(struct od_str *s, int *us)
{
    int scale = SECOND_US / 10, digit, n = 0;

    *us = 0;
    if (!take_one_of(s, "."))
        return true;
    while (take_digits(s, 1, &digit)) {
        *us += digit * scale;
        scale /= 10;
        n++;
    }
    return n > 0;
}

static bool take_time(struct od_str *s, int64_t *us)
{
    int hour, minute, second, fraction;

    if (!take_digits(s, 2, &hour) || !take_one_of(s, ":") || !take_digits(s, 2, &minute) ||
        !take_one_of(s, ":") || !take_digits(s, 2, &second) || !take_fraction(s, &fraction))
        return false;
    /* A leap second (RFC 3339, appendix D) reads as the first of the next minute. */
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *us = (int64_t)(hour * 3600 + minute * 60 + second) * SECOND_US + fraction;
    return true;
}

static bool take_offset(struct od_str *s, int64_t *us)
{
    char sign = take_one_of(s, "Zz+-");
    int hour, minute;

    *us = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!sign || !take_digits(s, 2, &hour) || !take_one_of(s, ":") || !take_digits(s, 2, &minute))
        return false;
    if (hour > 23 || minute > 59)
        return false;
    *us = (int64_t)(hour * 60 + minute) * 60 * SECOND_US * (sign == '-' ? -1 : 1);
    return true;
}

bool od_time_parse(struct od_str s, int64_t *us)
{
    static const int64_t end_us = 253402300800 * SECOND_US; /* 10000-01-01 */
    int64_t days, time_us, offset_us = 0, at;
    char separator;

    if (!take_date(&s, &days))
        return false;
    separator = take_one_of(&s, "Tt ");
    if (!separator || !take_time(&s, &time_us))
        return false;
    if (!(separator == ' ' && s.len == 0) && !take_offset(&s, &offset_us))
        return false;
    at = days * DAY_S * SECOND_US + time_us - offset_us;
    if (s.len > 0 || at < 0 || at >= end_us)
        return false;
    *us = at;
    return true;
}
