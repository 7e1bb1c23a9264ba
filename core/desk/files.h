#ifndef OD_DESK_FILES_H
#define OD_DESK_FILES_H

#include <stddef.h>

#include "base/str.h"

/*
 * The files of the dashboard as the build made them (web/build.mjs): each as it is and compressed.
 * A build without npm has none of them, and says why.
 */

struct od_desk_file {
    const char *path; /* below /desk/assets/, with a hash of the content: "pages/orders.1f6c….js" */
    const char *type;                                /* media type */
    size_t offset, length, gzip_offset, gzip_length; /* in the pack */
};

struct od_desk_files {
    const struct od_desk_file *page; /* the one that every address of the desk shows */
    const struct od_desk_file *files;
    size_t count;
    const char *etag;   /* of the page, with quotation marks */
    const char *policy; /* the page's Content-Security-Policy */
    const char *pack;   /* the bytes of all files */
    const char
        *missing; /* NULL; else why there is no dashboard, for people, and all else is empty */
};

extern const struct od_desk_files od_desk_files;

#endif
