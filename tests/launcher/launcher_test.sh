#!/usr/bin/env bash
# The launcher ./heliu, tried on a tree whose "program" is a script that CMake copies: what it
# builds, when, what it installs and how it fails. apt-get, dpkg-query and sudo are fakes that write
# down what they were asked.
#
#   launcher_test.sh REPOSITORY CASE
set -euo pipefail

repository=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
export HELIU_LANG=en
unset CMAKE_BUILD_PARALLEL_LEVEL CTEST_PARALLEL_LEVEL NINJA_STATUS

write_tree() {
  mkdir -p "$tree"/{src,cmake,tests,fakes}
  cp "$repository/heliu" "$tree/heliu"
  printf '#!/bin/sh\necho "program: $*"\nexit 5\n' >"$tree/src/program"
  cat >"$tree/CMakePresets.json" <<'PRESETS'
{"version": 6,
 "configurePresets": [{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/${presetName}"},
                      {"name": "test", "inherits": "release"}],
 "buildPresets": [{"name": "release", "configurePreset": "release"}, {"name": "test", "configurePreset": "test"}]}
PRESETS
  cat >"$tree/CMakeLists.txt" <<'PROJECT'
cmake_minimum_required(VERSION 3.25)
project(tiny NONE)
enable_testing()
add_test(NAME holds COMMAND true)
add_test(NAME fails COMMAND false)
add_custom_command(OUTPUT heliu DEPENDS src/program
                   COMMAND cat ${CMAKE_SOURCE_DIR}/src/program > heliu && chmod +x heliu && echo built >> ${CMAKE_SOURCE_DIR}/times)
add_custom_target(all_of_it ALL DEPENDS heliu)
PROJECT
}

# fake NAME LINES: a program of that name, found before the real one.
fake() {
  printf '#!/bin/bash\n%s\n' "$2" >"$tree/fakes/$1"
  chmod 755 "$tree/fakes/$1"
}

# Every package installed but those that a file `absent` names.
fake_packages() {
  fake dpkg-query "shift 3; for p; do grep -qxF \"\$p\" '$tree/absent' || printf '%s=installed ' \"\$p\"; done"
  fake apt-get "echo \"apt-get \$*\" >>'$tree/asked'; [ \"\$1\" = update ] || : >'$tree/absent'"
  printf '%s\n' "$@" >"$tree/absent"
  : >"$tree/asked"
  chmod 666 "$tree/absent" "$tree/asked"
}

# Runs the launcher; its output, both streams, is in $said and its exit code in $code.
start() {
  code=0
  said=$(PATH="$tree/fakes:$PATH" "$tree/heliu" "$@" 2>&1) || code=$?
}

# The same as a user without rights.
start_as_nobody() {
  ((EUID == 0)) || exit 77
  chown -R 65534 "$tree"
  code=0
  said=$(PATH="$tree/fakes:$PATH" setpriv --reuid=65534 --regid=65534 --clear-groups \
    "$tree/heliu" "$@" 2>&1 </dev/null) || code=$?
}

expect() {
  [[ $1 == "$2" ]] || { printf 'expected: %s\nfound:    %s\nsaid: %s\n' "$2" "$1" "$said"; exit 1; }
}
expect_said() {
  [[ $said == *"$1"* ]] || { printf 'expected to be told: %s\nsaid: %s\n' "$1" "$said"; exit 1; }
}
times_built() { wc -l <"$tree/times" | tr -d ' '; }

builds_then_runs_with_the_given_words() {
  start plan 'two words'
  expect_said 'program: plan two words'
  expect "$code" 5
}

starts_again_without_building() {
  start
  start version
  expect "$said" 'program: version'
  expect "$(times_built)" 1
}

builds_again_after_a_change_or_a_removal() {
  start
  printf '#!/bin/sh\necho changed\n' >"$tree/src/program"
  start
  expect_said changed
  rm "$tree/build/release/heliu"
  start
  expect_said changed
  expect "$(times_built)" 3
}

tells_the_compilers_fault_and_exits_1() {
  sed -i 's/cat .*heliu &&/echo "program.cpp:1: error: no such word" \&\& false \&\&/' "$tree/CMakeLists.txt"
  start
  expect "$code" 1
  expect_said 'program.cpp:1: error: no such word'
  expect_said "$tree/build/release/build.log"
}

installs_only_what_is_missing_in_one_line() {
  ((EUID == 0)) || exit 77
  fake_packages libhwloc-dev mold
  start version
  expect_said 'installing: '
  expect_said 'program: version'
  expect "$(tail -n 1 "$tree/asked")" 'apt-get install -y --no-install-recommends mold libhwloc-dev'
}

asks_sudo_where_the_user_is_not_root() {
  fake_packages ccache
  fake sudo "[ \"\$1\" = -n ] && exit 0; echo \"sudo \$*\" >>'$tree/asked'; exec \"\$@\""
  start_as_nobody version
  expect_said 'program: version'
  expect "$(grep -c '^sudo apt-get install -y --no-install-recommends ccache$' "$tree/asked")" 1
}

prints_the_line_and_exits_69_without_rights() {
  fake_packages ccache
  fake sudo 'exit 1'
  start_as_nobody version
  expect "$code" 69
  expect_said 'apt-get update && apt-get install -y --no-install-recommends ccache'
  expect "$(cat "$tree/asked")" ''
}

exits_69_where_there_is_no_apt() {
  rm "$tree"/fakes/*
  for word in bash readlink dirname mkdir rm find flock; do
    ln -s "$(command -v $word)" "$tree/fakes/$word"
  done
  code=0
  said=$(PATH="$tree/fakes" "$tree/heliu" 2>&1) || code=$?
  expect "$code" 69
  expect_said 'this is not Debian'
}

two_starts_build_once() {
  sed -i 's/COMMAND cat/COMMAND sleep 1 \&\& cat/' "$tree/CMakeLists.txt"
  start first &
  start second
  wait
  expect "$(times_built)" 1
}

counts_the_tests() {
  start test
  expect "$(tail -n 1 <<<"$said")" '1 passed, 1 failed'
  expect "$((code != 0))" 1
  start test -R holds
  expect "$(tail -n 1 <<<"$said")" '1 passed, 0 failed'
  expect "$code" 0
  start test -R nothing_is_called_so
  expect "$(tail -n 1 <<<"$said")" '0 passed, 1 failed'
}

write_tree
fake_packages ''
: >"$tree/times"
"$2"
