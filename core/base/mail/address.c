#include "base/mail/address.h"

#include <ctype.h>
#include <string.h>

static bool is_atext(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || isalnum(u) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Words of `is_part` with single dots between them. */
static bool is_dotted(struct od_str s, bool (*is_part)(char c))
{
    bool dot = true; /* one may not come here */
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' ? dot : !is_part(s.ptr[i]))
            return false;
        dot = s.ptr[i] == '.';
    }
    return s.len > 0 && !dot;
}

static bool is_domain_part(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || isalnum(u) || c == '-';
}

/* [127.0.0.1], [IPv6:::1] */
static bool is_literal(struct od_str s)
{
    if (s.len < 4 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++) {
        char c = s.ptr[i];
        if (!isalnum((unsigned char)c) && c != '.' && c != ':')
            return false;
    }
    return true;
}

bool od_mail_address_valid(struct od_str address)
{
    const char *at = address.len ? memchr(address.ptr, '@', address.len) : NULL;
    if (!at || address.len > OD_MAIL_ADDRESS_MAX || !od_utf8_valid(address))
        return false;
    size_t local = (size_t)(at - address.ptr);
    struct od_str domain = od_str_slice(address, local + 1, address.len);
    return local <= 64 && is_dotted(od_str_slice(address, 0, local), is_atext) &&
           (is_dotted(domain, is_domain_part) || is_literal(domain));
}

static bool is_plain(struct od_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
            return false;
    }
    return od_utf8_valid(name);
}

int od_mailbox_read(struct od_str text, struct od_mailbox *out, struct od_err *err)
{
    text = od_str_trim(text);
    *out = (struct od_mailbox){.name = OD_STR(""), .address = text};
    const char *open = text.len ? memchr(text.ptr, '<', text.len) : NULL;
    if (open && text.ptr[text.len - 1] == '>') {
        size_t at = (size_t)(open - text.ptr);
        struct od_str name = od_str_trim(od_str_slice(text, 0, at));
        if (name.len >= 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"')
            name = od_str_slice(name, 1, name.len - 1);
        *out = (struct od_mailbox){name, od_str_slice(text, at + 1, text.len - 1)};
    }
    if (od_mail_address_valid(out->address) && is_plain(out->name))
        return 0;
    return od_err_set(err, OD_ERR_INVALID,
                      "is no address: write shop@example.com, or Shop <shop@example.com>");
}
