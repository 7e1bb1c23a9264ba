#include "mail/message.h"

#include <stdio.h>
#include <time.h>

#include "base/digest.h"
#include "mail/header.h"

enum { LINE = 76, MARK = 32 };

static void line(struct od_buf *out, struct od_str s)
{
    od_buf_str(out, s);
    od_buf_str(out, OD_STR("\r\n"));
}

/* strftime would write the days of the process's locale. */
static void write_date(struct od_buf *out, int64_t us)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(us / 1000000);
    struct tm t;
    gmtime_r(&seconds, &t);
    od_buf_printf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * t.tm_wday,
                  t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min,
                  t.tm_sec);
}

/* ---- quoted-printable (RFC 2045, 6.7) */

/* A dot that begins a line means something to SMTP, "From " something to mailboxes. */
static bool is_special(struct od_str s, size_t i, bool begins)
{
    unsigned char c = (unsigned char)s.ptr[i];
    bool ends = i + 1 == s.len;
    if (c == '=' || c >= 0x7f || (c < ' ' && c != '\t'))
        return true;
    if (ends && (c == ' ' || c == '\t'))
        return true;
    return begins && (c == '.' || od_str_starts_with(od_str_slice(s, i, s.len), OD_STR("From ")));
}

static void quote_line(struct od_buf *out, struct od_str s)
{
    size_t column = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool special = is_special(s, i, column == 0);
        size_t width = special ? 3 : 1;
        if (column + width > LINE - 1) {
            od_buf_str(out, OD_STR("=\r\n"));
            column = 0;
            width = (special = is_special(s, i, true)) ? 3 : 1;
        }
        if (special)
            od_buf_printf(out, "=%02X", (unsigned char)s.ptr[i]);
        else
            od_buf_char(out, s.ptr[i]);
        column += width;
    }
    od_buf_str(out, OD_STR("\r\n"));
}

static void quote(struct od_buf *out, struct od_str text)
{
    struct od_str piece;
    while (text.len && od_str_cut(&text, '\n', &piece)) {
        if (piece.len && piece.ptr[piece.len - 1] == '\r')
            piece.len--;
        quote_line(out, piece);
    }
}

/* ---- parts */

struct marks {
    char mixed[MARK + 8], alternative[MARK + 8];
};

/* "=_" stands in no line of quoted-printable or of base64. */
static void make_marks(const struct od_mail *m, struct marks *out)
{
    uint8_t digest[OD_SHA256];
    char hex[OD_SHA256_HEX + 1];
    od_sha256_of(m->id, digest);
    od_hex(digest, sizeof digest, hex);
    snprintf(out->mixed, sizeof out->mixed, "=_m_%.*s", MARK, hex);
    snprintf(out->alternative, sizeof out->alternative, "=_a_%.*s", MARK, hex);
}

static void multipart(struct od_buf *out, const char *kind, const char *mark)
{
    od_buf_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", kind, mark);
}

static void write_text(struct od_buf *out, const char *type, struct od_str text)
{
    od_buf_printf(out,
                  "Content-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  type);
    quote(out, text);
}

static void write_content(struct od_buf *out, const struct od_mail *m, const struct marks *marks)
{
    if (!m->html.ptr) {
        write_text(out, "text/plain", m->text);
        return;
    }
    multipart(out, "alternative", marks->alternative);
    od_buf_printf(out, "--%s\r\n", marks->alternative);
    write_text(out, "text/plain", m->text);
    od_buf_printf(out, "--%s\r\n", marks->alternative);
    write_text(out, "text/html", m->html);
    od_buf_printf(out, "--%s--\r\n", marks->alternative);
}

/* In lines of 76 characters, 57 bytes. */
static void write_file(struct od_buf *out, const struct od_mail_file *f)
{
    const size_t bytes = LINE / 4 * 3;
    od_header_plain(out, "Content-Type", f->type);
    od_header_attachment(out, f->name);
    line(out, OD_STR("Content-Transfer-Encoding: base64\r\n"));
    for (size_t i = 0; i < f->content.len; i += bytes) {
        size_t to = i + bytes < f->content.len ? i + bytes : f->content.len;
        od_base64(out, od_str_slice(f->content, i, to));
        od_buf_str(out, OD_STR("\r\n"));
    }
}

static void write_headers(struct od_buf *out, const struct od_mail *m)
{
    write_date(out, m->date_us);
    od_header_mailbox(out, "From", &m->from);
    if (m->reply_to.address.len)
        od_header_mailbox(out, "Reply-To", &m->reply_to);
    od_header_mailbox(out, "To", &m->to);
    od_header_text(out, "Subject", m->subject);
    od_buf_printf(out, "Message-ID: <%.*s>\r\n", OD_STR_ARG(m->id));
    if (m->language.len)
        od_header_plain(out, "Content-Language", m->language);
    /* RFC 3834; Exchange looks at the other one before it tells everybody who is on holiday. */
    line(out, OD_STR("Auto-Submitted: auto-generated"));
    line(out, OD_STR("X-Auto-Response-Suppress: All"));
    line(out, OD_STR("MIME-Version: 1.0"));
}

void od_mail_write(const struct od_mail *m, struct od_buf *out)
{
    struct marks marks;
    make_marks(m, &marks);
    write_headers(out, m);
    if (m->file_count == 0) {
        write_content(out, m, &marks);
        return;
    }
    multipart(out, "mixed", marks.mixed);
    od_buf_printf(out, "--%s\r\n", marks.mixed);
    write_content(out, m, &marks);
    for (size_t i = 0; i < m->file_count; i++) {
        od_buf_printf(out, "--%s\r\n", marks.mixed);
        write_file(out, &m->files[i]);
    }
    od_buf_printf(out, "--%s--\r\n", marks.mixed);
}
