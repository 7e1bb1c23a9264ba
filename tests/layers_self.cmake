# tests/layers.cmake finds what it is there to find: small trees that break a rule each, and one that
# breaks none. cmake -DTREE=FOLDER -P tests/layers_self.cmake; the folder is made anew.
cmake_minimum_required(VERSION 3.22)

set(errors "")

# Makes a tree of the files named, "FILE: HEADER HEADER …" each, with a statement behind SQL, and checks
# it. `expected` is a regular expression for the output; empty: nothing is wrong.
function(check name expected)
    file(REMOVE_RECURSE ${TREE})
    foreach(line ${ARGN})
        string(REGEX MATCH "^[^:]+" file ${line})
        string(REGEX MATCHALL "[^ ]+[.]h" headers "${line}")
        set(text "")
        foreach(header ${headers})
            if(NOT header MATCHES ":")
                string(APPEND text "#include \"${header}\"\n")
            endif()
        endforeach()
        if(line MATCHES "SQL$")
            string(APPEND text "const struct od_pg_stmt s = {\n    .sql = 0};\n")
        endif()
        file(WRITE ${TREE}/${file} "${text}")
    endforeach()
    execute_process(COMMAND ${CMAKE_COMMAND} -DCORE=${TREE}
        -P ${CMAKE_CURRENT_LIST_DIR}/layers.cmake
        RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
    string(REGEX REPLACE "[ \n]+" " " out "${out}")
    if(expected STREQUAL "")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "${name}: nothing is wrong, but it says: ${out}")
        endif()
    elseif(status EQUAL 0 OR NOT out MATCHES "${expected}")
        message(SEND_ERROR "${name}: expected \"${expected}\", got ${status}: ${out}")
    endif()
endfunction()

check("a tree in order" ""
    "order/a/x.c: order/b/y.h base/str.h" "order/b/y.h: order/model.h" "order/model.h: base/str.h"
    "base/str.h:")
check("a circle of two subfolders"
    "core/order/a and core/order/b: core/order/a/x.c includes order/b/y.h.*core/order/b/y.c includes order/a/x.h"
    "order/a/x.c: order/b/y.h" "order/b/y.h:" "order/b/y.c: order/a/x.h" "order/a/x.h:")
check("a circle of three"
    "order/c/z.c includes order/a/x.h"
    "order/a/x.h: order/b/y.h" "order/b/y.h: order/c/z.h" "order/c/z.h:" "order/c/z.c: order/a/x.h")
check("a folder and its own subfolder"
    "core/order and core/order/a"
    "order/x.h: order/a/y.h" "order/a/y.h:" "order/a/y.c: order/x.h")
check("a folder that knows one above it" "core/base/a.c must not include order/model.h"
    "base/a.c: order/model.h" "order/model.h:")
foreach(i RANGE 1 26)
    list(APPEND many "order/a/f${i}.h:")
endforeach()
check("a folder of 26 files" "core/order/a has 26 files, more than 25" ${many})
list(POP_BACK many)
check("a folder of 25 files" "" ${many})
check("a statement outside store and pg" "core/feed/a.c has a statement of SQL" "feed/a.c: SQL")
check("statements in store and pg" "" "store/feed/a.c: SQL" "pg/b.c: SQL")
