#include "api/openapi/openapi.h"

/* The assembler takes the file in as it is, so there is no second copy of it to keep in step; that
 * the object depends on the file is said in CMakeLists.txt. */
__asm__(".pushsection .rodata, \"a\", @progbits\n"
        ".globl od_openapi_text, od_openapi_text_end\n"
        ".hidden od_openapi_text, od_openapi_text_end\n"
        "od_openapi_text:\n"
        ".incbin \"" OD_SOURCE_DIR "/core/api/openapi/openapi.json\"\n"
        "od_openapi_text_end:\n"
        ".popsection\n");

extern const char od_openapi_text[], od_openapi_text_end[];

struct od_str od_openapi_json(void)
{
    return od_str_n(od_openapi_text, (size_t)(od_openapi_text_end - od_openapi_text));
}
