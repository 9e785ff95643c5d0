#!/usr/bin/env bash
# Runs a transcript: every line "$ command" below, and compares what it prints with what stands there.
#
#   tests/transcripts/run.sh PROGRAM FILE.txt           compare; exit code 1 where they differ
#   tests/transcripts/run.sh --write PROGRAM FILE.txt   put down what is printed now
#
# `heliu` in a command is PROGRAM; standard output and error are both shown, then a line "[code]" where
# the exit code is not 0. Commands run in the transcript's folder, with a state folder of their own.
set -uo pipefail
write=0
[[ ${1:-} == --write ]] && write=1 && shift
program=$(readlink -f "$1")
transcript=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELIU_HOME=$work/state LANG=C.UTF-8
unset HELIU_LANG LC_ALL LC_MESSAGES
mkdir "$work/bin" && ln -s "$program" "$work/bin/heliu"
export PATH=$work/bin:$PATH
cd "$(dirname "$transcript")" || exit 2

while IFS= read -r line; do
  case $line in
    '$ '*)
      printf '%s\n' "$line"
      bash -c "${line#\$ }" </dev/null >"$work/out" 2>&1
      code=$?
      sed "s|$PWD/||g" "$work/out"
      ((code)) && printf '[%d]\n' "$code"
      ;;
    '#'*) printf '%s\n' "$line" ;;
  esac
done <"$transcript" >"$work/now"

if ((write)); then cp "$work/now" "$transcript"; else diff -u "$transcript" "$work/now"; fi
