#ifndef OD_SCRIPT_BUNDLE_PLUGIN_H
#define OD_SCRIPT_BUNDLE_PLUGIN_H

#include "base/arena.h"
#include "base/err.h"
#include "script/bundle/bundle.h"

/*
 * A plugin on disk is a folder with *.lua files, which run in the order of their names, an optional
 * plugin.ini (manifest.h), templates/ *.html (template/template.h), templates/mail/ *.html and
 * *.txt (template/letter.h) and tests/ *.lua. Other files and subfolders are left alone
 * (annotations, readme). Whoever writes plugins need not be whoever runs orderd, so nothing outside
 * the folder is read (base/files.h).
 */

/*
 * Reads the folder at `path`, which the operator chose, as the plugin `name` (plugin.ini's name,
 * when given, must be the same). plugin.ini is the first of its files, so that it is hashed and
 * archived with them. Everything is in the arena. Errors are OD_ERR_NOT_FOUND, OD_ERR_IO and
 * OD_ERR_LIMIT (a file over 256 KiB, more than 200 files) at the file, OD_ERR_CONFIG at
 * plugin.ini:line, OD_ERR_SCRIPT (no *.lua file and no template).
 */
int od_plugin_read(const char *path, struct od_str name, struct od_arena *a, struct od_plugin *out,
                   struct od_err *err) OD_MUST_CHECK;

/* Does the same for the folder of that name in `dir`, which the operator chose. A link to a folder
 * is an error. */
int od_plugin_read_in(const char *dir, struct od_str name, struct od_arena *a,
                      struct od_plugin *out, struct od_err *err) OD_MUST_CHECK;

/* Compares two od_script_file structs for qsort. od_plugin_read lists them in this order:
 * plugin.ini, then by the bytes of their names. */
int od_script_file_cmp(const void *a, const void *b);

#endif
