#!/bin/sh
# As registry:2's: a configuration file is served, a subcommand is run, anything else is a program of its own.
set -e
case "$1" in
*.yaml | *.yml) set -- longshore serve "$@" ;;
serve | migrate | config | cert | htpasswd | garbage-collect | help | -*) set -- longshore "$@" ;;
esac
exec "$@"
