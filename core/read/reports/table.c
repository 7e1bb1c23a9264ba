#include "read/reports/report.h"

#define KIND(NAME) (1u << OD_FACT_##NAME)
#define TEXT(NAME)                                                                                 \
    {                                                                                              \
        NAME, OD_REPORT_TEXT                                                                       \
    }
#define COUNT(NAME)                                                                                \
    {                                                                                              \
        NAME, OD_REPORT_COUNT                                                                      \
    }
#define MONEY(NAME)                                                                                \
    {                                                                                              \
        NAME, OD_REPORT_AMOUNT                                                                     \
    }

static const struct od_report reports[] = {
    {
        .name = "sales",
        .rows = &od_report_sales,
        .columns = {COUNT("orders"), COUNT("units"), MONEY("gross"), MONEY("discounts"),
                    MONEY("refunds"), MONEY("net"), MONEY("tax"), MONEY("shipping"),
                    MONEY("average")},
        .links = {{"orders", OD_REPORT_FINDS_FACTS, KIND(SALE), -1, NULL},
                  {"refunds", OD_REPORT_FINDS_FACTS, KIND(REFUND), -1, NULL},
                  {"net", OD_REPORT_FINDS_FACTS, KIND(SALE) | KIND(REFUND), -1, NULL}},
        .is_cut = true,
        .every = "day",
    },
    {
        .name = "top-products",
        .rows = &od_report_top_products,
        .columns = {TEXT("sku"), TEXT("name"), COUNT("units"), MONEY("gross"), MONEY("discounts"),
                    COUNT("refundedUnits"), MONEY("refunds"), MONEY("net")},
        .keys = 1,
        .links = {{"orders", OD_REPORT_FINDS_FACTS, KIND(PRODUCT), 0, NULL},
                  {"refunds", OD_REPORT_FINDS_FACTS, KIND(PRODUCT_REFUND), 0, NULL},
                  {"net", OD_REPORT_FINDS_FACTS, KIND(PRODUCT) | KIND(PRODUCT_REFUND), 0, NULL}},
        .is_limited = true,
    },
    {
        .name = "revenue-by-payment-method",
        .rows = &od_report_payment_methods,
        .columns = {TEXT("method"), COUNT("captures"), MONEY("captured"), COUNT("refunds"),
                    MONEY("refunded"), MONEY("net")},
        .keys = 1,
        .links = {{"captured", OD_REPORT_FINDS_FACTS, KIND(CAPTURE), 0, NULL},
                  {"refunded", OD_REPORT_FINDS_FACTS, KIND(REPAYMENT), 0, NULL},
                  {"net", OD_REPORT_FINDS_FACTS, KIND(CAPTURE) | KIND(REPAYMENT), 0, NULL}},
        .is_cut = true,
    },
    {
        .name = "status-breakdown",
        .rows = &od_report_statuses,
        .columns = {TEXT("of"), TEXT("code"), COUNT("orders"), MONEY("amount")},
        .keys = 2,
        .links = {{"orders", OD_REPORT_FINDS_STATUS, 0, -1, NULL}},
    },
    {
        .name = "customer-history",
        .rows = &od_report_customers,
        .of_one = &od_report_customer,
        .columns = {TEXT("customer"),
                    TEXT("customerId"),
                    TEXT("customerEmail"),
                    TEXT("customerFullName"),
                    COUNT("orders"),
                    MONEY("gross"),
                    MONEY("discounts"),
                    MONEY("refunds"),
                    MONEY("net"),
                    MONEY("average"),
                    {"first", OD_REPORT_TIME},
                    {"last", OD_REPORT_TIME}},
        .keys = 1,
        .links = {{"orders", OD_REPORT_FINDS_CUSTOMER, KIND(SALE), -1, NULL},
                  {"refunds", OD_REPORT_FINDS_CUSTOMER, KIND(REFUND), -1, NULL},
                  {"net", OD_REPORT_FINDS_CUSTOMER, KIND(SALE) | KIND(REFUND), -1, NULL}},
        .is_limited = true,
    },
    {
        .name = "refunds",
        .rows = &od_report_refunds,
        .columns = {TEXT("reason"), TEXT("method"), COUNT("refunds"), MONEY("amount"),
                    COUNT("units"), MONEY("shipping"), MONEY("tax")},
        .keys = 2,
        .links = {{"refunds", OD_REPORT_FINDS_FACTS, KIND(REFUND), 0, "reason"},
                  {"refunds", OD_REPORT_FINDS_FACTS, KIND(REPAYMENT), 1, "method"}},
        .is_cut = true,
        .by = {"reason", "method"},
    },
    {
        .name = "tax",
        .rows = &od_report_tax,
        .columns = {TEXT("on"),
                    {"rate", OD_REPORT_RATE},
                    MONEY("base"),
                    MONEY("tax"),
                    MONEY("refundedBase"),
                    MONEY("refundedTax"),
                    MONEY("netBase"),
                    MONEY("netTax")},
        .keys = 2,
        .links = {{"orders", OD_REPORT_FINDS_FACTS, KIND(TAX), 1, NULL},
                  {"refunds", OD_REPORT_FINDS_FACTS, KIND(TAX_REFUND), 1, NULL},
                  {"net", OD_REPORT_FINDS_FACTS, KIND(TAX) | KIND(TAX_REFUND), 1, NULL}},
        .is_cut = true,
    },
    {
        .name = "fulfilment-time",
        .rows = &od_report_fulfilment,
        .columns = {COUNT("orders"),
                    {"median", OD_REPORT_SECONDS},
                    {"p90", OD_REPORT_SECONDS},
                    {"average", OD_REPORT_SECONDS}},
        .links = {{"orders", OD_REPORT_FINDS_FACTS, KIND(FULFILMENT), -1, NULL}},
        .is_cut = true,
        .every = "day",
        .has_no_currency = true,
    },
};

const struct od_report *od_report_at(size_t i)
{
    return i < sizeof reports / sizeof *reports ? &reports[i] : NULL;
}

const struct od_report *od_report_find(struct od_str name)
{
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (od_str_is(name, reports[i].name))
            return &reports[i];
    }
    return NULL;
}
