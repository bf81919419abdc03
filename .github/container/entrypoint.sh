#!/bin/sh
# As registry:2's: a configuration file is served, a subcommand is run, any other word is a program of its own.
set -e

default=/etc/docker/registry/config.yml

# Finds the volume of people who mount it where docker-registry (/tmp/registry) or registry 2.0 (/tmp/registry-dev) kept
# its images. It counts when neither a file, nor a variable, nor an option names a directory.
find_root() {
    root=''
    longshore config print "$@" 2>/dev/null | grep -q '^storage\.filesystem\.rootdirectory: .*  # default$' || return 0
    found=''
    for place in /tmp/registry /tmp/registry-dev; do
        if [ -n "$(ls -A "$place" 2>/dev/null)" ] || grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $place " /proc/self/mountinfo; then
            found="$found $place"
        fi
    done
    [ -n "$found" ] || return 0
    # The image has a volume here, which is empty unless somebody uses it.
    [ -z "$(ls -A /var/lib/registry 2>/dev/null)" ] || found="$found /var/lib/registry"
    for root in $found; do :; done
    [ "$found" != " $root" ] || return 0
    echo "longshore: several directories could be the registry's:$found." \
        "Name one with REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY, or mount one alone." >&2
    exit 1
}

case "$1" in
longshore | registry | docker-registry)
    shift
    [ $# -gt 0 ] || set -- "$default"
    ;;
esac
if [ "$1" = "$default" ] && [ -f "${DOCKER_REGISTRY_CONFIG-}" ]; then
    shift
    set -- "$DOCKER_REGISTRY_CONFIG" "$@"
fi
case "$1" in
*.yaml | *.yml) set -- serve "$@" ;;
esac
case "$1" in
serve)
    shift
    find_root "$@"
    [ -z "$root" ] || echo "longshore: serving $root, where a volume is mounted"
    exec longshore serve ${root:+--root "$root"} "$@"
    ;;
migrate | config | cert | htpasswd | garbage-collect | help | -*) exec longshore "$@" ;;
esac
exec "$@"
