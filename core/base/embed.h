#ifndef OD_BASE_EMBED_H
#define OD_BASE_EMBED_H

#include "base/str.h"

/*
 * A file below core/ that is part of the program: `static` data named NAME, from NAME to NAME_end.
 * The assembler takes the file in as it is. CMakeLists.txt lets a source depend on the JSON of the
 * same name beside it; the name must be unique in the program.
 */
#define OD_EMBED(NAME, PATH)                                                                       \
    __asm__(".pushsection .rodata, \"a\", @progbits\n"                                             \
            ".globl " #NAME ", " #NAME "_end\n"                                                    \
            ".hidden " #NAME ", " #NAME "_end\n" #NAME ":\n"                                       \
            ".incbin \"" OD_SOURCE_DIR "/core/" PATH "\"\n" #NAME "_end:\n"                        \
            ".popsection\n");                                                                      \
    extern const char NAME[], NAME##_end[]

#define OD_EMBEDDED(NAME) od_str_n(NAME, (size_t)(NAME##_end - NAME))

#endif
