#!/bin/sh
# Chromium, PostgreSQL and MariaDB for the tests that drive the real ones. As root on Debian they are
# installed when missing; otherwise this says which tests are left out. Continuous integration leaves out none.
set -eu

missing=""
command -v chromium >/dev/null || missing="chromium"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v mariadb-install-db >/dev/null && command -v my_print_defaults >/dev/null \
    || missing="$missing mariadb-server-core mariadb-client-core"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:" $missing
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    if { apt-get -qq update && apt-get -qq install -y --no-install-recommends $missing; } >/dev/null; then
        exit 0
    fi
    echo "They could not be installed; apt-get says why above." >&2
fi

[ -z "${CI:-}" ] || { echo "CI leaves out no test, but this is missing:" $missing >&2; exit 1; }
case "$missing" in *chromium*) echo "Left out: the web chat and the pages in a browser." ;; esac
case "$missing" in *postgresql*) echo "Left out: everything on PostgreSQL; SQLite is tested." ;; esac
case "$missing" in *mariadb*) echo "Left out: looking into a MariaDB." ;; esac
echo "To run them too (Debian, as root): apt-get install" $missing
