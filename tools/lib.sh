# Sourced by tools/run, tools/test and tools/lint (bash): where the project is, the Debian packages
# it needs and how they are installed, and how it is built.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# a|b: either will do, the first that the system offers is installed. command:package: the command
# may come from anywhere.
packages_run=(
    cmake ninja-build gcc libc6-dev pkg-config
    libuv1-dev liblua5.4-dev libpq-dev libjansson-dev libinih-dev libssl-dev
    libcurl4-openssl-dev librdkafka-dev libargon2-dev libcjose-dev
    'libllhttp-dev|node-llhttp' postgresql curl:curl node:nodejs npm:npm
)
packages_bench=("${packages_run[@]}" postgresql-contrib wrk)
packages_test=(
    "${packages_run[@]}" ccache libcmocka-dev clang libclang-rt-dev clang-format clang-tidy lua-check
    postgresql-contrib faketime wrk chromium:chromium fonts-dejavu-core pdftotext:poppler-utils
    openssl:openssl
)

say()
{
    printf '\n== %s\n' "$*" >&2
}

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_installed()
{
    local choice choices
    IFS='|' read -ra choices <<<"$1"
    for choice in "${choices[@]}"; do
        case $choice in
        *:*) command -v "${choice%:*}" >/dev/null && return ;;
        *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$choice" 2>/dev/null)" = installed ] && return ;;
        esac
    done
    return 1
}

# The package to install for a wish as above.
offered()
{
    local choice choices
    IFS='|' read -ra choices <<<"$1"
    for choice in "${choices[@]#*:}"; do
        [ -n "$(apt-cache show "$choice" 2>/dev/null)" ] && break
    done
    printf '%s\n' "$choice"
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root (or sudo) for: $*"
    fi
}

# Installs those of the packages that are missing; a machine that has them all needs no network.
need_packages()
{
    local wish missing=() packages
    command -v dpkg-query >/dev/null ||
        die "installs Debian packages. Elsewhere install the like of: $*;
then: cmake --preset release && cmake --build --preset release"
    for wish in "$@"; do
        is_installed "$wish" || missing+=("$wish")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]#*:}"
    as_root apt-get update -qq
    mapfile -t packages < <(for wish in "${missing[@]}"; do offered "$wish"; done)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${packages[@]}" >/dev/null </dev/null
}

# build_preset PRESET [TARGET]: configures, which also finds new sources, and builds on all cores.
build_preset()
{
    say "building $1"
    (
        cd "$root"
        cmake --preset "$1"
        cmake --build --preset "$1" ${2:+--target "$2"}
    ) >&2
}
