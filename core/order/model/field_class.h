#ifndef OD_ORDER_MODEL_FIELD_CLASS_H
#define OD_ORDER_MODEL_FIELD_CLASS_H

/* What kind of thing a field tells, which decides who sees it. A set has a bit for each. */
enum od_field_class {
    OD_CLASS_PUBLIC = 0, /* numbers, statuses, goods: whoever sees the order at all */
    OD_CLASS_PERSONAL,   /* who somebody is, and where he lives */
    OD_CLASS_MONEY,      /* prices, totals, what was paid and how */
    OD_CLASS_INTERNAL,   /* notes, tags and metadata of the shop */
    OD_CLASSES
};
#define OD_CLASS_BIT(c) (1u << (c))
#define OD_CLASSES_ALL  (OD_CLASS_BIT(OD_CLASSES) - 1)

#endif
