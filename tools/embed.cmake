# Writes a C file with a function that returns the bytes of a text file.
# cmake -DINPUT=… -DOUTPUT=… -DFUNCTION=… -DHEADER=… -P embed.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"

static const unsigned char text[] = {
    ${bytes}0};

struct od_str ${FUNCTION}(void)
{
    return od_str_n((const char *)text, sizeof text - 1);
}
")
