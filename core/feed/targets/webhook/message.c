#include "feed/targets/webhook/message.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json/json.h"
#include "base/crypto/sign.h"
#include "feed/targets/cloudevent.h"
#include "feed/targets/conf.h"

enum { BODY_MAX = 64 << 20, HMAC_MIN = 24 };

static int read_secret(struct od_str word, struct od_secret *out, struct od_err *err)
{
    const struct od_str symmetric = OD_STR("whsec_"), private = OD_STR("whsk_");
    struct od_str until = word;
    bool fits;
    int64_t until_us = 0;
    (void)od_str_cut(&until, '@', &word);
    if (until.ptr && !od_time_parse(until, &until_us))
        return od_err_set(err, OD_ERR_CONFIG, "behind @ stands a time like 2026-12-31T00:00:00Z");
    out->until_s = until_us / 1000000;
    out->ed25519 = od_str_starts_with(word, private);
    if (!out->ed25519 && !od_str_starts_with(word, symmetric))
        return od_err_set(err, OD_ERR_CONFIG, "a secret begins with whsec_ or whsk_");
    word = od_str_slice(word, out->ed25519 ? private.len : symmetric.len, word.len);
    if (!od_base64_decode(word, out->key, sizeof out->key, &out->len))
        return od_err_set(err, OD_ERR_CONFIG, "a secret is base64 of at most %d bytes",
                          OD_SECRET_MAX);
    fits = out->ed25519 ? out->len == OD_ED25519_SEED || out->len == OD_SECRET_MAX
                        : out->len >= HMAC_MIN;
    if (fits)
        return 0;
    return od_err_set(err, OD_ERR_CONFIG,
                      out->ed25519 ? "a key of ed25519 has 32 bytes, or 64 with its public half"
                                   : "a secret for HMAC has 24 to 64 bytes");
}

int od_secrets_read(struct od_str text, struct od_secrets *out, struct od_err *err)
{
    struct od_str word;
    *out = (struct od_secrets){0};
    while (od_target_next_word(&text, &word)) {
        if (out->count == OD_SECRETS_MAX)
            return od_err_set(err, OD_ERR_CONFIG, "at most %d secrets", OD_SECRETS_MAX);
        if (read_secret(word, &out->items[out->count++], err))
            return -1;
    }
    return 0;
}

struct od_str od_message_body(const struct od_delivery *d, struct od_str source, struct od_arena *a)
{
    struct od_buf out;
    struct od_json_writer w;
    struct od_cloudevent e;
    od_cloudevent_make(d, source, &e, a);
    od_buf_init(&out, BODY_MAX);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    od_jw_key(&w, "specversion");
    od_jw_cstr(&w, OD_CLOUDEVENT_VERSION);
    od_jw_key(&w, "id");
    od_jw_str(&w, e.id);
    od_jw_key(&w, "source");
    od_jw_str(&w, e.source);
    od_jw_key(&w, "type");
    od_jw_str(&w, e.type);
    if (e.subject.ptr) {
        od_jw_key(&w, "subject");
        od_jw_str(&w, e.subject);
    }
    od_jw_key(&w, "time");
    od_jw_str(&w, e.time);
    od_jw_key(&w, "datacontenttype");
    od_jw_cstr(&w, "application/json");
    od_jw_key(&w, "data");
    od_jw_raw(&w, e.data);
    od_jw_object_end(&w);
    struct od_str body = od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return body;
}

struct od_str od_message_signature(const struct od_secrets *secrets, struct od_str id,
                                   int64_t timestamp_s, struct od_str body, struct od_arena *a)
{
    struct od_buf out;
    struct od_str text = od_arena_printf(a, "%.*s.%lld.%.*s", OD_STR_ARG(id),
                                         (long long)timestamp_s, OD_STR_ARG(body));
    od_buf_init(&out, 4096);
    for (size_t i = 0; i < secrets->count; i++) {
        const struct od_secret *s = &secrets->items[i];
        if (s->until_s && s->until_s <= timestamp_s)
            continue;
        uint8_t signature[OD_ED25519_SIGNATURE];
        if (s->ed25519)
            od_ed25519_sign(s->key, text, signature);
        else
            od_hmac_sha256(od_str_n((const char *)s->key, s->len), text, signature);
        od_buf_printf(&out, "%s%s,", out.len ? " " : "", s->ed25519 ? "v1a" : "v1");
        od_base64(&out,
                  od_str_n((const char *)signature, s->ed25519 ? OD_ED25519_SIGNATURE : OD_SHA256));
    }
    struct od_str value = od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return value;
}

struct od_str od_secret_make(struct od_arena *a)
{
    struct od_buf out;
    uint8_t key[32];
    od_random(key, sizeof key);
    od_buf_init(&out, 128);
    od_buf_printf(&out, "whsec_");
    od_base64(&out, od_str_n((const char *)key, sizeof key));
    struct od_str made = od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return made;
}

struct od_str od_secrets_rotate(struct od_str secrets, struct od_str next, int64_t now_s,
                                int64_t until_s, struct od_arena *a)
{
    struct od_str word, end, all = next;
    struct od_buf time;
    int64_t until_us;
    size_t count = 1;
    od_buf_init(&time, 64);
    od_time_format(&time, until_s * 1000000);
    while (count < OD_SECRETS_MAX && od_target_next_word(&secrets, &word)) {
        end = word;
        (void)od_str_cut(&end, '@', &word);
        if (end.ptr && od_time_parse(end, &until_us) && until_us / 1000000 <= now_s)
            continue;
        all = od_arena_printf(a, "%.*s %.*s@%.*s", OD_STR_ARG(all), OD_STR_ARG(word),
                              OD_STR_ARG(end.ptr ? end : od_buf_view(&time)));
        count++;
    }
    od_buf_fini(&time);
    return all;
}
