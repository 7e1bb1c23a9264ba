#include "fixture.h"

#include "conf/conf.h"
#include "script/template/html.h"
#include "script/template/letter.h"
#include "script/template/link.h"
#include "script/template/lua.h"
#include "script/template/sums.h"
#include "script/template/template.h"

/* Documents from templates written in the test. */

struct sheet {
    struct host host;
    struct od_script_file files[4][8]; /* of each plugin */
    struct od_invoice invoices[2];
    struct od_refund refunds[1];
    struct od_refund_item refund_items[1];
    struct od_conf_shop_keys shop;
    struct od_buf out;
    struct od_provider_choice choices[2];
};

/* The plugin added last gets a file more. */
static void add_file(struct sheet *s, const char *name, const char *text)
{
    uint32_t i = s->host.plugin_count - 1;
    struct od_plugin *p = &s->host.plugins[i];

    if (p->files != s->files[i])
        s->files[i][0] = p->files[0];
    p->files = s->files[i];
    assert_true(p->file_count < 8);
    s->files[i][p->file_count++] = (struct od_script_file){od_str_of(name), od_str_of(text)};
}

static void sheet_init(struct sheet *s)
{
    struct host *h = &s->host;
    struct od_order *o = &h->order;

    *s = (struct sheet){.shop = {.name = OD_STR("A & B"), .address = OD_STR("Road 1\nTown")}};
    host_init(h);
    od_buf_init(&s->out, 16 << 20);
    h->items[0] = (struct od_item){.order_item_id = 1,
                                   .sku = OD_STR("mug"),
                                   .name = OD_STR("Mug"),
                                   .qty = 3,
                                   .final_price = 1000,
                                   .tax_percent = 190000,
                                   .tax_amount = 570,
                                   .sub_total = 3000,
                                   .total = 3570};
    h->items[1] = (struct od_item){.order_item_id = 2,
                                   .sku = OD_STR("tea"),
                                   .name = OD_STR("Tea"),
                                   .qty = 1,
                                   .final_price = 1000,
                                   .tax_percent = 70000,
                                   .tax_amount = 70,
                                   .sub_total = 1000,
                                   .total = 1070};
    o->sub_total = 4000;
    o->tax_amount = 640;
    o->shipping_fee_excl_tax = 500;
    o->shipping_fee_incl_tax = 595;
    o->grand_total = 5235;
    o->version = 2;
    s->invoices[0] = (struct od_invoice){.invoice_id = 1,
                                         .invoice_number = OD_STR("INV-1"),
                                         .amount = 5235,
                                         .version = 2,
                                         .created_at = NOW};
    o->invoices = s->invoices;
    o->invoice_count = 1;
}

static void sheet_fini(struct sheet *s)
{
    od_buf_fini(&s->out);
    host_fini(&s->host);
}

static int load(struct sheet *s)
{
    od_bundle_unref(s->host.bundle);
    s->host.bundle = NULL;
    s->host.source.choices = s->choices;
    return host_load(&s->host);
}

static const char *print_kind(struct sheet *s, enum od_print kind, int32_t id)
{
    struct od_print_job job = {kind, &s->host.order, id, &s->shop, NULL};

    od_buf_reset(&s->out);
    od_err_clear(&s->host.err);
    if (od_bundle_print(s->host.bundle, &job, &s->out, &s->host.err) != 0)
        return NULL;
    od_buf_char(&s->out, '\0');
    return s->out.ptr;
}

/* What an invoice of that template looks like; NULL and host.err when it fails. */
static const char *invoice(struct sheet *s, const char *template)
{
    s->host.plugins[0].file_count = 1;
    s->host.plugin_count = 1;
    add_file(s, "templates/invoice.html", template);
    return load(s) == 0 ? print_kind(s, OD_PRINT_INVOICE, 1) : NULL;
}

#define assert_prints(s, template, expected)                                                       \
    do {                                                                                           \
        const char *printed_ = invoice((s), (template));                                           \
        if (!printed_)                                                                             \
            fail_msg("%s: %s", (s)->host.err.origin, (s)->host.err.message);                       \
        assert_string_equal(printed_, (expected));                                                 \
    } while (0)

#define assert_refused(s, template, where, part)                                                   \
    do {                                                                                           \
        if (invoice((s), (template)))                                                              \
            fail_msg("printed %s", (s)->out.ptr);                                                  \
        assert_string_equal((s)->host.err.origin, "default/templates/invoice.html:" where);        \
        assert_contains((s)->host.err.message, (part));                                            \
    } while (0)

#define SHEET_TEST(name)                                                                           \
    static void name##_with(struct sheet *s);                                                      \
    static void name(void **state)                                                                 \
    {                                                                                              \
        struct sheet *s = malloc(sizeof *s);                                                       \
        (void)state;                                                                               \
        sheet_init(s);                                                                             \
        name##_with(s);                                                                            \
        sheet_fini(s);                                                                             \
        free(s);                                                                                   \
    }                                                                                              \
    static void name##_with(struct sheet *s)

SHEET_TEST(values_are_escaped_in_text_and_attributes)
{
    s->host.items[0].name = OD_STR("<b onclick=\"x('y')\">&`");
    assert_prints(s, "<p title=\"<%= order.items[1].name %>\"><%= order.items[1].name %></p>",
                  "<p title=\"&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;&#96;\">"
                  "&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;&#96;</p>");
}

SHEET_TEST(code_writes_what_it_says)
{
    assert_prints(s,
                  "<ul>\n"
                  "  <% for i, item in ipairs(order.items) do -- each %>\n"
                  "  <li><%= i %> <%= item.sku -- its SKU %></li>\n"
                  "  <% end %>\n"
                  "</ul><%# a comment %>\n",
                  "<ul>\n  <li>1 mug</li>\n  <li>2 tea</li>\n</ul>\n");
    assert_prints(s, "<%= order.coupon %><%= nil %>|<%= 3 %>|<%= \"%\" .. 'a' %>", "|3|%a");
}

SHEET_TEST(a_value_that_is_no_text_is_an_error)
{
    assert_refused(s, "a\n<%= order.items %>", "2", "not a userdata");
    assert_refused(s, "<%= true %>", "1", "not a boolean");
    assert_refused(s, "<%= '\\xff' %>", "1", "not valid UTF-8");
}

SHEET_TEST(values_stand_only_where_escaping_is_safe)
{
    assert_refused(s, "<p>\n<a href=<%= shop.name %>>", "2", "in an attribute without quotes");
    assert_refused(s, "<<%= shop.name %>>", "1", "inside of a tag");
    assert_refused(s, "<p <%= shop.name %>>", "1", "inside of a tag");
    assert_refused(s, "<p onclick=\"<%= shop.name %>\">", "1", "onclick; documents run nothing");
    assert_refused(s, "<p style='<%= shop.name %>'>", "1", "attribute style; write class=");
    assert_refused(s, "<img srcset=\"<%= shop.name %>\">", "1", "srcset; write src=");
    assert_refused(s, "<script>\n\n<%= shop.name %></script>", "3", "<script> or <style>");
    assert_refused(s, "<style></sty<%= shop.name %></style>", "1", "<script> or <style>");
    assert_refused(s, "<!-- <%= shop.name %> -->", "1", "comment");
    assert_refused(s, "<a href=\"java<%= shop.name %>\">", "1", "at the begin");
    assert_refused(s, "<% include('x') %><p <% include('x') %>>", "1", "include");
    assert_refused(s, "<p title=\"", "1", "ends in an attribute");
    assert_prints(s, "<STYLE>a > b {}</Style ><p><%= 1 %></p><!-- - > --> <%= 2 %>",
                  "<STYLE>a > b {}</Style ><p>1</p><!-- - > --> 2");
    assert_prints(s, "<!DOCTYPE html><br/><p a = '<%= 1 %>' hidden b=c><%= 2 %></p>",
                  "<!DOCTYPE html><br/><p a = '1' hidden b=c>2</p>");
}

SHEET_TEST(a_url_is_one_that_runs_nothing)
{
    assert_prints(s, "<a href=\"<%= 'javascript:alert(1)' %>\">", "<a href=\"#\">");
    assert_prints(s, "<a href=\"<%= ' https://x' %>\">", "<a href=\"#\">");
    assert_prints(s, "<a href=\"<%= 'data:text/html,x' %>\">", "<a href=\"#\">");
    assert_prints(s, "<a href='<%= 'HTTPS://x/?a=1&b=\"' %>'>",
                  "<a href='HTTPS://x/?a=1&amp;b=&quot;'>");
    assert_prints(s, "<a href=\"mailto:<%= order.customer_email %>\">",
                  "<a href=\"mailto:ada@example.org\">");
    assert_prints(s, "<img src=\"<%= shop.logo %>\">", "<img src=\"\">");
    s->shop.logo = OD_STR("data:image/png;base64,AAAA");
    assert_prints(s, "<img src=\"<%= shop.logo %>\">", "<img src=\"data:image/png;base64,AAAA\">");
    assert_refused(s, "<%= shop.logo %>", "1", "not a userdata");
}

SHEET_TEST(errors_name_the_line_of_the_template)
{
    assert_refused(s, "<p>\n\n<% for i = 1, do %>", "3", "unexpected symbol");
    assert_refused(s, "<p>\n<% if order then %>\n<p>\n", "4", "'end' expected");
    assert_refused(s, "<p>\n<% order", "2", "without its %>");
    assert_refused(s, "<p>\n<%= %>", "2", "without a value");
    assert_refused(s, "<p>\n\n<%>", "3", "without its %>");
    assert_refused(s, "\n<%- order.status %>", "2", "without escaping");
    assert_refused(s, "<p>\n<%= order.statu %>", "2", "did you mean 'status'?");
    assert_refused(s, "<p>\n<%\n\nlocal x = nil\nx() %>", "5", "attempt to call");
    assert_refused(s, "\n<% error('no price') %>", "2", "no price");
    assert_refused(s, "\n\n<% oms.mial() %>", "3", "did you mean oms.mail?");
    assert_refused(s, "\n<% total = 1 %>", "2", "use a local");
}

SHEET_TEST(a_template_is_bounded)
{
    s->host.limits.policy_instructions = 100000;
    assert_refused(s, "<% while true do %>x<% end %>", "1", "budget");
    s->host.limits.policy_instructions = 1000000000;
    assert_refused(s, "<% local x = ('x'):rep(100000) for _ = 1, 1000 do %>\n<%= x %>\n<% end %>",
                   "2", "longer than");
    assert_int_equal(s->out.len, 0);
    assert_refused(s, "<% include('invoice') %>", "1", "one in another");
    assert_refused(s, "<% oms.default('order.status', order) %>", "1", "inside a template");
}

SHEET_TEST(an_include_that_fails_may_be_caught)
{
    assert_prints(s, "<% for _ = 1, 30 do pcall(include, 'none') end %><%= 1 %>", "1");
}

SHEET_TEST(what_a_template_assigns_is_gone_with_its_document)
{
    static const char *const text = "<% date = date(0) number = 7 %><%= date %> <%= number %>";

    assert_prints(s, text, "1970-01-01 7");
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "1970-01-01 7");
}

SHEET_TEST(code_does_not_choose_what_attribute_a_value_is)
{
    assert_refused(s, "<a <% if 1 then %>href<% else %>title<% end %>=\"<%= 'javascript:x' %>\">",
                   "1", "between this attribute's name and its value");
    assert_refused(s, "<a href=\"<% if nil then %>https:<% end %><%= 'javascript:x' %>\">", "1",
                   "no code stands in href");
    assert_prints(s, "<p<% if 1 then %> hidden<% end %> title=\"<% if 1 then %>a<% end %>\">",
                  "<p hidden title=\"a\">");
}

SHEET_TEST(numbers_have_the_digits_of_their_kind)
{
    assert_prints(
        s,
        "<%= money(123456789) %> <%= money(-5) %> <%= money(123456, ',', '.') %> "
        "<%= money(nil) %>|<%= number(15000) %> <%= number(0) %> <%= number(12345678) %> "
        "<%= percent(190000) %> <%= percent(76250, ',') %> <%= qty(1234567) %> "
        "<%= date(0) %> <%= date(document.date) %> <%= oms.now() == document.date and 1 %>",
        "1,234,567.89 -0.05 1.234,56 |1.5 0 1,234.5678 19% 7,625% 1,234,567 1970-01-01 "
        "2023-11-14 1");
    s->host.order.currency = OD_STR("JPY");
    assert_prints(s, "<%= money(1234) %>", "1,234");
    s->host.order.currency = OD_STR("KWD");
    assert_prints(s, "<%= money(1234) %>", "1.234");
}

SHEET_TEST(a_document_knows_its_figures)
{
    static const char figures[] =
        "<%= document.kind %> <%= document.number %> <%= #document.lines %>:"
        "<% for _, t in ipairs(document.taxes) do %> <%= percent(t.percent) %> <%= t.net %> "
        "<%= t.tax %> <%= t.gross %>,<% end %> "
        "ship <%= document.shipping.net %> <%= document.shipping.tax %> "
        "less <%= document.discount %> adj <%= document.adjustment %> = <%= document.total %>; "
        "<%= document.invoiced_before %> + <%= document.due %>";

    assert_prints(s, figures,
                  "invoice INV-1 2: 7% 1000 70 1070, 19% 3000 570 3570, ship 500 95 less 0 adj 0 = "
                  "5235; 0 + 5235");
    /* One mug of three cancelled. */
    s->host.items[0].qty_canceled = 1;
    s->host.order.amount_canceled = 1190;
    s->invoices[0].amount = 4045;
    assert_prints(s, figures,
                  "invoice INV-1 2: 7% 1000 70 1070, 19% 2000 380 2380, ship 500 95 less 0 adj 0 = "
                  "4045; 0 + 4045");
    /* A discount of the order, which no line carries. */
    s->host.items[0].qty_canceled = 0;
    s->host.order.amount_canceled = 0;
    s->host.order.discount_amount = 235;
    s->host.order.grand_total = 5000;
    assert_prints(s, figures,
                  "invoice INV-1 2: 7% 1000 70 1070, 19% 3000 570 3570, ship 500 95 less 235 adj 0 "
                  "= 5000; 0 + 4045");
}

SHEET_TEST(a_percent_of_which_nothing_was_charged_is_none)
{
    s->host.items[0].tax_amount = 0;
    s->host.items[0].total = 3000;
    assert_prints(s,
                  "<% for _, t in ipairs(document.taxes) do %><%= percent(t.percent) %> <%= t.net "
                  "%>;<% end %>",
                  "0% 3000;7% 1000;");
}

SHEET_TEST(an_invoice_knows_what_was_paid_and_what_went_back)
{
    struct od_order *o = &s->host.order;

    o->amount_captured = 5235;
    o->amount_refunded = 1000;
    o->amount_charged_back = 235;
    assert_prints(s,
                  "<%= document.paid %> <%= document.refunded %> <%= document.charged_back %> "
                  "<%= document.outstanding %>",
                  "5235 1000 235 235");
}

SHEET_TEST(a_credit_memo_explains_what_goes_back)
{
    struct od_order *o = &s->host.order;

    s->refund_items[0] =
        (struct od_refund_item){.refund_id = 1, .order_item_id = 1, .qty = 2, .amount = 2380};
    s->refunds[0] = (struct od_refund){.refund_id = 1,
                                       .credit_memo_number = OD_STR("CM-1"),
                                       .amount = 3500,
                                       .shipping_amount = 595,
                                       .created_at = NOW,
                                       .items = s->refund_items,
                                       .item_count = 1};
    o->refunds = s->refunds;
    o->refund_count = 1;
    add_file(s, "templates/credit_memo.html",
             "<%= document.number %>: <% for _, l in ipairs(document.lines) do %><%= l.qty %> "
             "<%= l.item.sku %> <%= l.net %> <%= l.tax %><% end %>, <%= document.shipping.net %> "
             "<%= document.shipping.tax %>, <%= document.adjustment %> = <%= document.total %>");
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_CREDIT_MEMO, 1),
                        "CM-1: 2 mug 2000 380, 500 95, 525 = 3500");
}

SHEET_TEST(a_packing_slip_lists_what_lies_in_the_parcel)
{
    struct host *h = &s->host;

    h->items[0].weight = 5000;
    h->parcel_items[0] = (struct od_shipment_item){1, 1, 2};
    h->shipments[0] = (struct od_shipment){.shipment_id = 1,
                                           .shipment_number = OD_STR("O-1"),
                                           .shipped_at = NOW,
                                           .items = h->parcel_items,
                                           .item_count = 1};
    h->order.shipments = h->shipments;
    h->order.shipment_count = 1;
    add_file(s, "templates/packing_slip.html",
             "<%= document.number %> <%= document.shipment.shipment_id %>:<% for _, l in "
             "ipairs(document.lines) do %> <%= l.qty %> <%= l.item.sku %><% end %> "
             "<%= number(document.weight) %>");
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_PACKING_SLIP, 1), "O-1 1: 2 mug 1");
}

SHEET_TEST(parts_are_included_with_what_they_are_given)
{
    add_file(s, "templates/invoice.html",
             "<% for _, i in ipairs(order.items) do include('row', i) end include 'end' %>");
    add_file(s, "templates/row.html", "<li><%= part.sku %>, <%= order.currency %></li>");
    add_file(s, "templates/end.html",
             "<%= shop.name %><% for _, l in ipairs(shop.address) do %>/<%= l %><% end %>"
             "<% if part == nil then %>.<% end %>");
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1),
                        "<li>mug, EUR</li><li>tea, EUR</li>A &amp; B/Road 1/Town.");
}

SHEET_TEST(a_part_that_no_file_is_does_not_load)
{
    invoice(s, "");
    add_file(s, "templates/foot.html", "foot");
    add_file(s, "templates/credit_memo.html", "<p>\n\n<% if order then\n include(\"fot\") end %>");
    assert_int_equal(load(s), -1);
    assert_string_equal(s->host.err.origin, "default/templates/credit_memo.html:4");
    assert_string_equal(s->host.err.message, "there is no template 'fot'; did you mean 'foot'?");

    assert_refused(s, "\n<% include 'rwo' %>", "2", "there is no template 'rwo'");
    invoice(s, "<% -- include('a')\n local x, y = {}, \"include('b')\" %>"
               "<% if nil then x.include('c') include('d' .. y) include(y) end %>");
    assert_int_equal(load(s), 0);
    assert_refused(s, "<% include('d' .. 'e') %>", "1", "there is no template 'de'");
}

SHEET_TEST(an_incomplete_tag_is_told_in_the_words_of_templates)
{
    static const struct {
        const char *template, *where, *message;
    } cases[] = {
        {"<p>\n<% for _, x in ipairs(order.items) %>\n<p>", "2",
         "'do' expected: a <% %> tag is incomplete or misplaced"},
        {"<p>\n\n<% order %> x", "3", "syntax error: a <% %> tag is incomplete or misplaced"},
        {"<p>\n<% if order then %>\n<p>\n", "4",
         "'end' expected (to close 'if' at line 2): a <% %> tag is incomplete or misplaced"},
        {"<% end %> <p>", "1", "an 'end' is too many: a <% %> tag is misplaced"},
        {"<% local x = \"a %> <p>", "1",
         "unfinished string: a <% %> tag is incomplete or misplaced"},
        {"\n<%= shop.name( %>", "2", "')' expected: a <% %> tag is incomplete or misplaced"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char where[64];

        assert_null(invoice(s, cases[i].template));
        snprintf(where, sizeof where, "default/templates/invoice.html:%s", cases[i].where);
        assert_string_equal(s->host.err.message, cases[i].message);
        assert_string_equal(s->host.err.origin, where);
    }
}

SHEET_TEST(a_plugin_replaces_a_template)
{
    add_file(s, "templates/invoice.html", "default <% include('foot') %>");
    add_file(s, "templates/foot.html", "foot");
    add_plugin(&s->host, "german", "rechnung = 'Rechnung'");
    add_file(s, "templates/invoice.html", "<%= rechnung %> <% include('foot') %>");
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "Rechnung foot");

    /* Its part alone: the default document takes it. */
    add_plugin(&s->host, "green", "");
    add_file(s, "templates/foot.html", "green");
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "Rechnung green");
    s->choices[0] = (struct od_provider_choice){OD_STR("template.invoice"), OD_STR("default"),
                                                OD_STR("o.ini:3")};
    s->host.source.choice_count = 1;
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "default green");
}

SHEET_TEST(of_two_that_replace_one_the_configuration_says_which)
{
    add_file(s, "templates/invoice.html", "default");
    add_plugin(&s->host, "red", "");
    add_file(s, "templates/invoice.html", "red");
    add_plugin(&s->host, "blue", "");
    add_file(s, "templates/invoice.html", "blue");
    assert_int_equal(load(s), -1);
    assert_string_equal(s->host.err.origin, "blue/templates/invoice.html:1");
    assert_contains(s->host.err.message, "red/templates/invoice.html:1");
    assert_contains(s->host.err.message, "[policy] template.invoice = blue");

    s->choices[0] =
        (struct od_provider_choice){OD_STR("template.invoice"), OD_STR("red"), OD_STR("o.ini:3")};
    s->host.source.choice_count = 1;
    assert_int_equal(load(s), 0);
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "red");

    s->choices[0].plugin = OD_STR("green");
    assert_int_equal(load(s), -1);
    assert_string_equal(s->host.err.origin, "o.ini:3");
    assert_contains(s->host.err.message, "has no templates/invoice.html");
}

SHEET_TEST(without_a_template_nothing_is_printed)
{
    assert_int_equal(load(s), 0);
    assert_null(print_kind(s, OD_PRINT_INVOICE, 1));
    assert_int_equal(s->host.err.code, OD_ERR_NOT_FOUND);
}

SHEET_TEST(templates_are_in_the_hash)
{
    char before[OD_SHA256_HEX + 1];

    assert_non_null(invoice(s, "a"));
    memcpy(before, od_bundle_hash(s->host.bundle), sizeof before);
    assert_non_null(invoice(s, "b"));
    assert_string_not_equal(od_bundle_hash(s->host.bundle), before);
}

SHEET_TEST(the_same_job_prints_the_same_bytes)
{
    static const char template[] = "<% for k, v in pairs({b = 1, a = 2, c = 3}) do %><%= k %>"
                                   "<% end %><%= oms.now() %>";
    assert_prints(s, template, "abc1700000000000");
    assert_string_equal(print_kind(s, OD_PRINT_INVOICE, 1), "abc1700000000000");
}

/* ---- mails */

/* Prints the mail `told`; false: host.err says why. */
static bool mail(struct sheet *s, const char *language, const char *data,
                 struct od_letter_texts *out)
{
    struct od_letter letter = {.template = OD_STR("told"),
                               .language = od_str_of(language),
                               .fallback = OD_STR("fr"),
                               .data = od_str_of(data),
                               .at_us = NOW};

    od_err_clear(&s->host.err);
    od_arena_reset(&s->host.arena);
    return od_bundle_letter(s->host.bundle, &letter, &s->host.order, &s->shop, &s->host.arena, out,
                            &s->host.err) == 0;
}

SHEET_TEST(a_mail_is_a_subject_a_text_and_html)
{
    struct od_letter_texts m;

    add_file(
        s, "templates/mail/told.txt",
        "Subject: Order <%= order.currency %> of <%= part.who %>\n\nHi <%= part.who %> & you\n");
    add_file(s, "templates/mail/told.html", "<p>Hi <%= part.who %></p>");
    assert_int_equal(load(s), 0);
    assert_true(mail(s, "", "{\"who\":\"<b>\"}", &m));
    assert_string_equal(m.subject.ptr, "Order EUR of <b>");
    assert_string_equal(m.text.ptr, "Hi <b> & you\n");
    assert_string_equal(m.html.ptr, "<p>Hi &lt;b&gt;</p>");
    assert_int_equal(m.language.len, 0);
}

SHEET_TEST(a_value_ends_no_subject)
{
    struct od_letter_texts m;

    add_file(s, "templates/mail/told.txt", "Subject: <%= part.who %>\n\n<%= part.who %>\n");
    assert_int_equal(load(s), 0);
    assert_true(mail(s, "", "{\"who\":\"A\\r\\n\\nBcc: b@c\\u0001\\n\\nx\"}", &m));
    assert_string_equal(m.subject.ptr, "A   Bcc: b@c   x");
    assert_string_equal(m.text.ptr, "A \n\nBcc: b@c \n\nx\n");
    assert_null(m.html.ptr);
}

SHEET_TEST(a_mail_is_in_the_language_that_there_is)
{
    static const struct {
        const char *wanted, *language, *text;
    } cases[] = {
        {"de-AT", "de-at", "Servus"}, {"de_AT", "de-at", "Servus"}, {"de-CH", "de", "Hallo"},
        {"DE", "de", "Hallo"},        {"pt-BR", "fr", "Salut"},     {"", "fr", "Salut"},
        {"../x", "fr", "Salut"},
    };
    struct od_letter_texts m;

    add_file(s, "templates/mail/told.txt", "Subject: S\n\nHello");
    add_file(s, "templates/mail/told.html", "Hello");
    add_file(s, "templates/mail/told.de.txt", "Subject: S\n\nHallo");
    add_file(s, "templates/mail/told.de-at.txt", "Subject: S\n\nServus");
    add_plugin(&s->host, "french", "");
    add_file(s, "templates/mail/told.fr.txt", "Subject: S\n\nSalut");
    assert_int_equal(load(s), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(mail(s, cases[i].wanted, "{}", &m));
        assert_string_equal(m.text.ptr, cases[i].text);
        assert_string_equal(m.language.ptr, cases[i].language);
        assert_null(m.html.ptr); /* not in another language */
    }
}

SHEET_TEST(a_text_is_never_a_part_of_html)
{
    struct od_letter_texts m;

    add_file(s, "templates/mail/told.txt", "Subject: S\n\n<% include(part.name) %>");
    add_file(s, "templates/mail/told.html", "<% include(part.name) %>");
    add_file(s, "templates/mail/end.txt", "<%= part %>");
    assert_int_equal(load(s), 0);
    assert_false(mail(s, "", "{\"name\":\"mail/end.txt\"}", &m));
    assert_string_equal(s->host.err.origin, "default/templates/mail/told.html:1");
    assert_contains(s->host.err.message, ".html files none of them");
    assert_false(mail(s, "", "{\"name\":\"mail/told\"}", &m));
    assert_string_equal(s->host.err.origin, "default/templates/mail/told.txt:3");

    s->host.plugins[0].file_count = 1;
    add_file(s, "templates/mail/told.html", "\n<% include('mail/end.txt') %>");
    add_file(s, "templates/mail/end.txt", "<%= part %>");
    assert_int_equal(load(s), -1);
    assert_string_equal(s->host.err.origin, "default/templates/mail/told.html:2");
}

SHEET_TEST(a_mail_without_a_subject_is_told)
{
    struct od_letter_texts m;
    uint32_t count;

    add_file(s, "templates/mail/told.txt", "Hello\n");
    add_file(s, "templates/mail/other.txt", "Subject: S\n\n");
    add_file(s, "templates/mail/other.de.txt", "Subject: S\n\n");
    assert_int_equal(load(s), 0);
    assert_false(mail(s, "", "{}", &m));
    assert_string_equal(s->host.err.origin, "default/templates/mail/told.txt:1");
    assert_contains(s->host.err.message, "Subject: ");
    assert_false(od_bundle_has_letter(s->host.bundle, OD_STR("told")));
    assert_true(od_bundle_has_letter(s->host.bundle, OD_STR("other")));
    struct od_str *names = od_bundle_letters(s->host.bundle, &s->host.arena, &count);
    assert_int_equal(count, 1);
    assert_true(od_str_is(names[0], "other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped_in_text_and_attributes),
        cmocka_unit_test(code_writes_what_it_says),
        cmocka_unit_test(a_value_that_is_no_text_is_an_error),
        cmocka_unit_test(values_stand_only_where_escaping_is_safe),
        cmocka_unit_test(a_url_is_one_that_runs_nothing),
        cmocka_unit_test(errors_name_the_line_of_the_template),
        cmocka_unit_test(a_template_is_bounded),
        cmocka_unit_test(an_include_that_fails_may_be_caught),
        cmocka_unit_test(what_a_template_assigns_is_gone_with_its_document),
        cmocka_unit_test(code_does_not_choose_what_attribute_a_value_is),
        cmocka_unit_test(numbers_have_the_digits_of_their_kind),
        cmocka_unit_test(a_document_knows_its_figures),
        cmocka_unit_test(a_percent_of_which_nothing_was_charged_is_none),
        cmocka_unit_test(an_invoice_knows_what_was_paid_and_what_went_back),
        cmocka_unit_test(a_credit_memo_explains_what_goes_back),
        cmocka_unit_test(a_packing_slip_lists_what_lies_in_the_parcel),
        cmocka_unit_test(parts_are_included_with_what_they_are_given),
        cmocka_unit_test(a_part_that_no_file_is_does_not_load),
        cmocka_unit_test(an_incomplete_tag_is_told_in_the_words_of_templates),
        cmocka_unit_test(a_plugin_replaces_a_template),
        cmocka_unit_test(of_two_that_replace_one_the_configuration_says_which),
        cmocka_unit_test(without_a_template_nothing_is_printed),
        cmocka_unit_test(templates_are_in_the_hash),
        cmocka_unit_test(the_same_job_prints_the_same_bytes),
        cmocka_unit_test(a_mail_is_a_subject_a_text_and_html),
        cmocka_unit_test(a_value_ends_no_subject),
        cmocka_unit_test(a_mail_is_in_the_language_that_there_is),
        cmocka_unit_test(a_text_is_never_a_part_of_html),
        cmocka_unit_test(a_mail_without_a_subject_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
