#include "base/json/value.h"

void od_jw_value(struct od_json_writer *w, const struct od_json *v)
{
    switch (v->type) {
    case OD_JSON_NULL:
        od_jw_null(w);
        return;
    case OD_JSON_BOOL:
        od_jw_bool(w, v->boolean);
        return;
    case OD_JSON_NUMBER:
        od_jw_raw(w, v->text);
        return;
    case OD_JSON_STRING:
        od_jw_str(w, v->text);
        return;
    case OD_JSON_ARRAY:
        od_jw_array(w);
        for (const struct od_json *e = v->child; e; e = e->next)
            od_jw_value(w, e);
        od_jw_array_end(w);
        return;
    case OD_JSON_OBJECT:
        od_jw_object(w);
        for (const struct od_json *m = v->child; m; m = m->next) {
            od_jw_key_str(w, m->key);
            od_jw_value(w, m);
        }
        od_jw_object_end(w);
        return;
    }
}
