#include "base/money.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/*
 * ISO 4217: code and fraction digits, sorted by code. The active list, and the codes withdrawn
 * since 2022 (ANG BGN CUC HRK SLL ZWL), because orders outlive currencies. Codes without a minor
 * unit (metals, test codes) are left out: no order is in them.
 */
static const char currencies[][5] = {
    "AED2", "AFN2", "ALL2", "AMD2", "ANG2", "AOA2", "ARS2", "AUD2", "AWG2", "AZN2", "BAM2", "BBD2",
    "BDT2", "BGN2", "BHD3", "BIF0", "BMD2", "BND2", "BOB2", "BOV2", "BRL2", "BSD2", "BTN2", "BWP2",
    "BYN2", "BZD2", "CAD2", "CDF2", "CHE2", "CHF2", "CHW2", "CLF4", "CLP0", "CNY2", "COP2", "COU2",
    "CRC2", "CUC2", "CUP2", "CVE2", "CZK2", "DJF0", "DKK2", "DOP2", "DZD2", "EGP2", "ERN2", "ETB2",
    "EUR2", "FJD2", "FKP2", "GBP2", "GEL2", "GHS2", "GIP2", "GMD2", "GNF0", "GTQ2", "GYD2", "HKD2",
    "HNL2", "HRK2", "HTG2", "HUF2", "IDR2", "ILS2", "INR2", "IQD3", "IRR2", "ISK0", "JMD2", "JOD3",
    "JPY0", "KES2", "KGS2", "KHR2", "KMF0", "KPW2", "KRW0", "KWD3", "KYD2", "KZT2", "LAK2", "LBP2",
    "LKR2", "LRD2", "LSL2", "LYD3", "MAD2", "MDL2", "MGA2", "MKD2", "MMK2", "MNT2", "MOP2", "MRU2",
    "MUR2", "MVR2", "MWK2", "MXN2", "MXV2", "MYR2", "MZN2", "NAD2", "NGN2", "NIO2", "NOK2", "NPR2",
    "NZD2", "OMR3", "PAB2", "PEN2", "PGK2", "PHP2", "PKR2", "PLN2", "PYG0", "QAR2", "RON2", "RSD2",
    "RUB2", "RWF0", "SAR2", "SBD2", "SCR2", "SDG2", "SEK2", "SGD2", "SHP2", "SLE2", "SLL2", "SOS2",
    "SRD2", "SSP2", "STN2", "SVC2", "SYP2", "SZL2", "THB2", "TJS2", "TMT2", "TND3", "TOP2", "TRY2",
    "TTD2", "TWD2", "TZS2", "UAH2", "UGX0", "USD2", "USN2", "UYI0", "UYU2", "UYW4", "UZS2", "VED2",
    "VES2", "VND0", "VUV0", "WST2", "XAD2", "XAF0", "XCD2", "XCG2", "XOF0", "XPF0", "YER2", "ZAR2",
    "ZMW2", "ZWG2", "ZWL2",
};
#define CURRENCY_COUNT (sizeof currencies / sizeof currencies[0])

static int compare_code(const void *key, const void *entry)
{
    return memcmp(key, entry, 3);
}

int od_currency_digits(struct od_str code)
{
    const char *found;

    if (code.len != 3)
        return -1;
    found = bsearch(code.ptr, currencies, CURRENCY_COUNT, sizeof currencies[0], compare_code);
    return found ? found[3] - '0' : -1;
}

const char *od_currency_at(size_t i, int *digits)
{
    if (i >= CURRENCY_COUNT)
        return NULL;
    *digits = currencies[i][3] - '0';
    return currencies[i];
}

bool od_money_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t v;

    if (__builtin_add_overflow(a, b, &v))
        return false;
    *out = v;
    return true;
}

bool od_money_sub(int64_t a, int64_t b, int64_t *out)
{
    int64_t v;

    if (__builtin_sub_overflow(a, b, &v))
        return false;
    *out = v;
    return true;
}

bool od_money_mul(int64_t a, int64_t b, int64_t *out)
{
    int64_t v;

    if (__builtin_mul_overflow(a, b, &v))
        return false;
    *out = v;
    return true;
}

/* A decimal literal taken apart: ± significant * 10^exponent. */
struct literal {
    bool negative;
    struct od_str significant; /* from the first to the last digit other than 0, maybe with a '.' */
    int64_t exponent;          /* of the last of them */
    int64_t digits;            /* how many, without the '.' */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent part at p ("", "e5", "E-12"); false when it is neither. Saturates far beyond any
 * literal that could make up for it with its own length. */
static bool read_exponent(const char *p, const char *end, int64_t *out)
{
    static const int64_t limit = 1000000000000000;
    bool negative;
    int64_t v = 0;

    *out = 0;
    if (p == end)
        return true;
    if (*p != 'e' && *p != 'E')
        return false;
    p++;
    negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        if (v < limit)
            v = v * 10 + (*p - '0');
    }
    *out = negative ? -v : v;
    return true;
}

/* RFC 8259, section 6. */
static bool read_literal(struct od_str text, struct literal *l)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    const char *first = NULL, *last = NULL, *whole, *point = NULL;
    int64_t exponent;

    if (text.len == 0)
        return false;
    *l = (struct literal){.negative = *p == '-'};
    p += l->negative;
    whole = p;
    for (; p < end && (is_digit(*p) || (*p == '.' && !point)); p++) {
        if (*p == '.') {
            point = p;
        } else if (*p != '0') {
            first = first ? first : p;
            last = p;
        }
    }
    if (p == whole || point == whole || p[-1] == '.' || !read_exponent(p, end, &exponent))
        return false;
    if (*whole == '0' && p - whole > 1 && whole + 1 != point)
        return false; /* a leading zero */
    if (!first)
        return true;
    point = point ? point : p;
    l->significant = od_str_n(first, (size_t)(last - first) + 1);
    l->digits = last - first + 1 - (first < point && point < last);
    l->exponent = exponent + (last < point ? point - last - 1 : point - last);
    return true;
}

/* ± significant * 10^shift, shift >= 0. Works below zero, where int64 reaches one further. */
static bool scale(const struct literal *l, int64_t shift, int64_t *out)
{
    int64_t v = 0;

    if (l->digits + shift > 19)
        return false;
    for (size_t i = 0; i < l->significant.len; i++) {
        char c = l->significant.ptr[i];
        if (c != '.' &&
            (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, c - '0', &v)))
            return false;
    }
    for (; shift > 0; shift--)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    if (!l->negative && __builtin_sub_overflow(0, v, &v))
        return false;
    *out = v;
    return true;
}

int od_decimal_parse(struct od_str text, int digits, int64_t *out, struct od_err *err)
{
    struct literal l;

    OD_ASSERT(digits >= 0 && digits <= 18);
    if (!read_literal(text, &l))
        return od_err_set(err, OD_ERR_INVALID, "is not a decimal number");
    if (l.digits == 0) {
        *out = 0;
        return 0;
    }
    if (l.exponent < -digits)
        return od_err_set(err, OD_ERR_INVALID, "has more than %d fraction digits", digits);
    if (!scale(&l, l.exponent + digits, out))
        return od_err_set(err, OD_ERR_INVALID, "is out of range");
    return 0;
}

void od_decimal_format(struct od_buf *b, int64_t units, int digits)
{
    char text[24];
    char *p = text + sizeof text;
    uint64_t rest = units < 0 ? -(uint64_t)units : (uint64_t)units;
    int n = 0;

    OD_ASSERT(digits >= 0 && digits <= 18);
    do {
        if (n == digits && n > 0)
            *--p = '.';
        *--p = (char)('0' + rest % 10);
        rest /= 10;
        n++;
    } while (rest > 0 || n <= digits);
    if (units < 0)
        *--p = '-';
    od_buf_append(b, p, (size_t)(text + sizeof text - p));
}
