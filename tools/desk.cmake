# Makes the dashboard's files into files.c and pack, which core/desk/files.h describes. npm brings the modules
# of the lock file, and web/build.mjs does the rest. When something of that is not there, files.c says so.
# cmake -DWEB=core/desk/web -DOUT=FOLDER -DNODE=… -DNPM=… -P desk.cmake
cmake_minimum_required(VERSION 3.22)

function(without why)
    message(WARNING "orderd is built without its dashboard: ${why}")
    file(WRITE ${OUT}/missing "${why}\n")
    string(REGEX REPLACE "[^][A-Za-z0-9 _.,:;/@()-]" " " told "${why}")
    string(REPLACE "]" ")" told "${told}")
    file(WRITE ${OUT}/pack "")
    file(WRITE ${OUT}/files.c "#include \"desk/files.h\"

const struct od_desk_files od_desk_files = {
    .missing = \"The dashboard is missing, because this orderd was built without it: ${told}.\\n\\n\"
               \"Install Node.js (18 or newer) and npm, and build again where npm can reach its registry:\\n\"
               \"    cmake --preset release && cmake --build --preset release\\n\\n\"
               \"Everything else of orderd works.\\n\",
};
")
endfunction()

file(MAKE_DIRECTORY ${OUT})
file(REMOVE ${OUT}/missing)
if(NOT NODE OR NOT NPM)
    without("npm was not found")
    return()
endif()

# What the lock file names is there already when it is the one that was installed.
file(SHA256 ${WEB}/package-lock.json lock)
set(installed "")
if(EXISTS ${OUT}/installed)
    file(READ ${OUT}/installed installed)
endif()
if(NOT installed STREQUAL lock)
    file(REMOVE ${OUT}/installed)
    file(COPY ${WEB}/package.json ${WEB}/package-lock.json DESTINATION ${OUT})
    execute_process(
        COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1
            --fetch-timeout=20000
        WORKING_DIRECTORY ${OUT} TIMEOUT 180 RESULT_VARIABLE status
        OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT status EQUAL 0)
        string(REGEX MATCH "npm (error|ERR!) code [A-Z0-9_]+" code "${said}")
        without("npm ci failed (${status}) ${code}")
        return()
    endif()
    file(WRITE ${OUT}/installed ${lock})
endif()

execute_process(COMMAND ${NODE} ${WEB}/build.mjs ${WEB} ${OUT} RESULT_VARIABLE status ERROR_VARIABLE said)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "core/desk/web/build.mjs: ${said}")
endif()
