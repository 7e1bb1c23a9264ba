#ifndef OD_BASE_MONEY_H
#define OD_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Amounts are int64 minor units of a currency: cents of EUR, yen of JPY, fils of KWD. Arithmetic is
 * checked and never uses floating point. Each currency has the fraction digits of ISO 4217. The
 * same parser reads the fixed-point numbers of an order that are not money: weights and tax
 * percents, with 4 digits.
 */

#define OD_DECIMAL_DIGITS 4

/* Returns the fraction digits of an ISO 4217 code: 2 for most, 0 for JPY, 3 for KWD, -1 for an
 * unknown code. */
int od_currency_digits(struct od_str code);
/* Returns the code of the i-th currency, i = 0, 1, 2 …, and its fraction digits; NULL behind the
 * last. */
const char *od_currency_at(size_t i, int *digits);

/* Each returns false on overflow and leaves *out alone. */
bool od_money_add(int64_t a, int64_t b, int64_t *out);
bool od_money_sub(int64_t a, int64_t b, int64_t *out);
bool od_money_mul(int64_t a, int64_t b, int64_t *out);

/*
 * Reads a decimal literal as JSON writes numbers ("59.98", "-3", "1e2") into units of 10^-digits.
 * OD_ERR_INVALID: it is no number, it has more than `digits` significant fraction digits (trailing
 * zeros do not count), or it does not fit int64.
 */
int od_decimal_parse(struct od_str text, int digits, int64_t *out,
                     struct od_err *err) OD_MUST_CHECK;

/* Writes units of 10^-digits as a decimal: 5998 with 2 digits as 59.98, 5900 as 59.00. */
void od_decimal_format(struct od_buf *b, int64_t units, int digits);

#endif
