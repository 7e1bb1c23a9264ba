#include "script/template/template.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "order/show/render.h"
#include "script/bundle/bundle.h"
#include "script/bundle/failures.h"
#include "script/bundle/loaded.h"
#include "script/template/letter.h"
#include "script/template/link.h"
#include "script/template/printing.h"
#include "script/template/sums.h"
#include "script/value/json.h"
#include "script/view/view.h"
#include "script/vm/vm.h"

/* Printing: a call of the template's function in its plugin's state. */

#define INCLUDES_MAX 10 /* one in another */

static const char values_key; /* registry: {order, document, shop} of the document that runs */

const char *od_print_name(enum od_print kind)
{
    static const char *const names[] = {
        [OD_PRINT_INVOICE] = "invoice",
        [OD_PRINT_PACKING_SLIP] = "packing_slip",
        [OD_PRINT_CREDIT_MEMO] = "credit_memo",
        [OD_PRINT_MAIL] = "mail",
    };

    return names[kind];
}

int32_t od_print_last(const struct od_order *o, enum od_print kind)
{
    if (kind == OD_PRINT_INVOICE)
        return o->invoice_count ? o->invoices[o->invoice_count - 1].invoice_id : 0;
    if (kind == OD_PRINT_CREDIT_MEMO)
        return o->refund_count ? o->refunds[o->refund_count - 1].refund_id : 0;
    for (uint32_t i = o->shipment_count; i > 0; i--) {
        if (!o->shipments[i - 1].canceled_at)
            return o->shipments[i - 1].shipment_id;
    }
    return o->shipment_count ? o->shipments[o->shipment_count - 1].shipment_id : 0;
}

bool od_print_finds(const struct od_order *o, enum od_print kind, int32_t id, int32_t *version)
{
    const struct od_invoice *invoice = NULL;
    const struct od_refund *refund = NULL;

    *version = 0;
    switch (kind) {
    case OD_PRINT_INVOICE:
        invoice = od_order_invoice(o, id);
        *version = invoice ? invoice->version : 0;
        return invoice;
    case OD_PRINT_CREDIT_MEMO:
        refund = od_order_refund(o, id);
        *version = refund ? refund->version : 0;
        return refund;
    case OD_PRINT_PACKING_SLIP:
        return od_order_shipment(o, id);
    case OD_PRINT_MAIL:
        break;
    }
    return false;
}

/* Runs the template with the part at the top. [-1, +0, v] */
static void l_run_template(lua_State *L, struct od_str name)
{
    int part = lua_gettop(L), values = part + 1;

    luaL_checkstack(L, 10, "templates");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
    l_push_template(L, name);
    for (int i = 1; i <= 3; i++)
        lua_rawgeti(L, values, i);
    lua_pushvalue(L, part);
    lua_call(L, 4, 0);
    lua_settop(L, part - 1);
}

int l_template_include(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);
    struct od_str name;

    name.ptr = luaL_checklstring(L, 1, &name.len);
    if (od_template_is_plain(name) != l_printing(L)->plain)
        return luaL_error(L, "include: " OD_TEMPLATE_MIXED);
    if (vm->includes >= INCLUDES_MAX)
        return luaL_error(L, "include: more than %d templates one in another", INCLUDES_MAX);
    lua_settop(L, 2);
    vm->includes++;
    l_run_template(L, name);
    vm->includes--; /* after an error pcall has it as it was */
    return 0;
}

static int l_print(lua_State *L)
{
    struct od_printing *p = lua_touserdata(L, 1);

    od_vm_of(L)->includes = 0;
    lua_createtable(L, 3, 0);
    l_push_order(L, p->job->order);
    lua_rawseti(L, -2, 1);
    l_push_document(L, p);
    lua_rawseti(L, -2, 2);
    l_push_shop(L, p->job->shop);
    lua_rawseti(L, -2, 3);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
    if (p->job->letter) /* part: of includes; of a mail its data */
        l_push_json(L, p->job->letter->data.ptr ? p->job->letter->data : OD_STR("{}"));
    else
        lua_pushnil(L);
    l_run_template(L, p->template->offer.name);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
    return 0;
}

/* The figures, and the date of what is printed. */
static void read_job(struct od_printing *p, struct od_arena *a)
{
    const struct od_print_job *job = p->job;
    const struct od_order *o = job->order;

    switch (job->kind) {
    case OD_PRINT_INVOICE:
        p->date = od_order_invoice(o, job->id)->created_at;
        od_sums_of_invoice(o, a, &p->sums);
        break;
    case OD_PRINT_PACKING_SLIP:
        p->date = od_order_shipment(o, job->id)->shipped_at;
        od_sums_of_shipment(o, od_order_shipment(o, job->id), a, &p->sums);
        break;
    case OD_PRINT_CREDIT_MEMO:
        p->date = od_order_refund(o, job->id)->created_at;
        od_sums_of_refund(o, od_order_refund(o, job->id), a, &p->sums);
        break;
    case OD_PRINT_MAIL:
        p->date = job->letter->at_us;
        od_sums_of_invoice(o, a, &p->sums);
        break;
    }
}

const struct od_registration *od_template_chosen(const struct od_bundle *b, struct od_str name)
{
    const struct od_registrations *templates = &b->offers[OD_OFFER_TEMPLATE];

    for (uint32_t i = 0; i < templates->count; i++)
        if (templates->all[i]->offer.chosen && od_str_eq(templates->all[i]->offer.name, name))
            return templates->all[i];
    return NULL;
}

static int print(struct od_printing *p, struct od_arena *a, struct od_err *err)
{
    struct od_script_plugin *plugin = p->template->plugin;
    struct od_vm_call call = {OD_VM_TEMPLATE, plugin->policy_instructions, 0, a};
    int rc;

    p->begin = p->out->len;
    p->digits = od_order_digits(p->job->order);
    read_job(p, a);
    call.now_us = p->date;
    plugin->printing = p;
    rc = od_vm_run(&plugin->vm, &call, l_print, p, err);
    plugin->printing = NULL;
    if (rc == 0)
        return 0;
    p->out->len = p->begin;
    od_error_origin(err, p->template);
    od_script_failed(p->template, p->job->order->order_number, err);
    return -1;
}

int od_bundle_print(struct od_bundle *b, const struct od_print_job *job, struct od_buf *out,
                    struct od_err *err)
{
    const struct od_registration *template =
        od_template_chosen(b, od_str_of(od_print_name(job->kind)));

    if (!template)
        return od_err_set(err, OD_ERR_NOT_FOUND, "no plugin of these rules has templates/%s.html",
                          od_print_name(job->kind));
    return od_print_template(template, job, out, err);
}

int od_print_template(const struct od_registration *template, const struct od_print_job *job,
                      struct od_buf *out, struct od_err *err)
{
    struct od_printing p = {
        .template = template,
        .job = job,
        .out = out,
        .plain = od_template_is_plain(template->offer.name),
    };
    struct od_script_stats *stats = &template->plugin->bundle->stats.templates;
    int64_t started = od_clock_monotonic_us();
    struct od_arena arena;
    int rc;

    od_arena_init(&arena);
    rc = print(&p, &arena, err);
    od_arena_fini(&arena);
    stats->calls++;
    stats->errors += rc != 0;
    stats->us += (uint64_t)(od_clock_monotonic_us() - started);
    return rc;
}
