#include "script/bundle/config_value.h"

#include "base/money.h"
#include "conf/ini.h"
#include "conf/value.h"
#include "script/bundle/manifest.h"

/* The types of a plugin's settings: what a text means, and what it may be. */

#define FALLBACK_CURRENCY "EUR" /* as in conf/keys.def */
#define MOST_DIGITS       3     /* of any currency's minor unit */

struct currency {
    struct od_str code;
    struct od_arena *arena;
};

static int on_key(void *ctx, struct od_str section, struct od_str key, struct od_str value,
                  int line, struct od_err *err)
{
    struct currency *c = ctx;

    (void)line;
    (void)err;
    if (od_str_is(section, "order") && od_str_is(key, "default_currency") &&
        od_currency_digits(value) >= 0)
        c->code = od_arena_str(c->arena, value);
    return 0;
}

struct od_str od_rules_currency(struct od_str rules_ini, struct od_arena *a)
{
    struct currency c = {OD_STR(FALLBACK_CURRENCY), a};
    struct od_ini_handler handler = {&c, on_key};
    struct od_err err;

    if (rules_ini.ptr && od_ini_read("rules.ini", rules_ini, &handler, &err) != 0)
        return OD_STR(FALLBACK_CURRENCY);
    return c.code;
}

static bool is_choice(struct od_str choices, struct od_str text)
{
    struct od_str word;

    while (od_str_cut(&choices, ',', &word))
        if (od_str_eq(od_str_trim(word), text))
            return true;
    return false;
}

int od_config_value_read(const struct od_config_key *key, struct od_str text, int digits,
                         int64_t *out, struct od_err *err)
{
    bool flag = false;

    switch (key->type) {
    case OD_CONFIG_TEXT:
    case OD_CONFIG_LIST:
    case OD_CONFIG_SECRET:
        return 0;
    case OD_CONFIG_INTEGER:
        if (od_str_to_i64(text, key->min, key->max, out))
            return 0;
        if (key->min == INT64_MIN && key->max == INT64_MAX)
            return od_err_set(err, OD_ERR_CONFIG, "must be an integer, not '%.*s'",
                              OD_STR_ARG(text));
        return od_err_set(err, OD_ERR_CONFIG, "must be an integer from %lld to %lld, not '%.*s'",
                          (long long)key->min, (long long)key->max, OD_STR_ARG(text));
    case OD_CONFIG_BOOL:
        if (!od_conf_bool(text, &flag))
            return od_err_set(err, OD_ERR_CONFIG, "must be yes or no, not '%.*s'",
                              OD_STR_ARG(text));
        *out = flag;
        return 0;
    case OD_CONFIG_DURATION:
        if (od_conf_duration(text, out))
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "must be a duration (30s, 5m, 48h, 7d), not '%.*s'",
                          OD_STR_ARG(text));
    case OD_CONFIG_AMOUNT:
        if (od_decimal_parse(text, digits, out, NULL) == 0)
            return 0;
        return od_err_set(err, OD_ERR_CONFIG,
                          "must be an amount with at most %d fraction digits, not '%.*s'", digits,
                          OD_STR_ARG(text));
    case OD_CONFIG_CHOICE:
        if (is_choice(key->choices, text))
            return 0;
        return od_err_set(err, OD_ERR_CONFIG, "must be one of %.*s, not '%.*s'",
                          OD_STR_ARG(key->choices), OD_STR_ARG(text));
    }
    return 0;
}

int od_config_key_check(const struct od_config_key *key, struct od_err *err)
{
    int64_t value;

    if (key->type == OD_CONFIG_CHOICE && !key->choices.ptr)
        return od_err_set(err, OD_ERR_CONFIG, "a choice needs `choices = one, two`");
    if (key->type != OD_CONFIG_CHOICE && key->choices.ptr)
        return od_err_set(err, OD_ERR_CONFIG, "only a choice has choices");
    if (key->type != OD_CONFIG_INTEGER && (key->min != INT64_MIN || key->max != INT64_MAX))
        return od_err_set(err, OD_ERR_CONFIG, "only an integer has min and max");
    if (key->min > key->max)
        return od_err_set(err, OD_ERR_CONFIG, "min is greater than max");
    if (key->type == OD_CONFIG_SECRET && key->default_value.ptr)
        return od_err_set(err, OD_ERR_CONFIG,
                          "a secret has no default: plugin.ini is stored with the bundle");
    if (key->default_value.ptr && key->required)
        return od_err_set(err, OD_ERR_CONFIG, "a required key has no use for a default");
    if (key->default_value.ptr && key->keys.ptr)
        return od_err_set(err, OD_ERR_CONFIG, "a pattern of keys cannot have a default");
    if (key->default_value.ptr &&
        od_config_value_read(key, key->default_value, MOST_DIGITS, &value, err) != 0)
        return od_err_wrap(err, "the default");
    return 0;
}
