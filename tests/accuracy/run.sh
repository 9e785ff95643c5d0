#!/usr/bin/env bash
# Holds catalog/calibration.json and docs/models/accuracy.md to what `heliu calibrate` writes now.
#
#   tests/accuracy/run.sh PROGRAM
#
# Numbers may differ by one in a thousand, or by one in their last printed place: a mathematical library
# of another machine rounds otherwise.
set -uo pipefail
program=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELIU_HOME=$work LANG=C.UTF-8
unset HELIU_LANG HELIU_EVIDENCE LC_ALL LC_MESSAGES

"$program" calibrate --output "$work/calibration.json" --report "$work/accuracy.md" >/dev/null || exit

# same FILE FILE: word by word.
same() {
  awk '
    function is_number(word) { return word ~ /^[-+]?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$/ }
    function near(a, b, gap, size) {
      gap = a > b ? a - b : b - a
      size = a < 0 ? -a : +a
      return gap <= 0.001 * size || (a ~ /\.[0-9]?[0-9]?[0-9]$/ && gap <= (a ~ /\.[0-9]$/ ? 0.1001 : 0.001001))
    }
    { gsub(/,/, "") }
    NR == FNR { wanted[FNR] = $0; lines = FNR; next }
    {
      n = split(wanted[FNR], a); m = NF
      if (n != m) { bad++; if (bad <= 10) printf "line %d:\n- %s\n+ %s\n", FNR, wanted[FNR], $0; next }
      for (i = 1; i <= n; i++)
        if (a[i] != $i && !(is_number(a[i]) && is_number($i) && near(a[i], $i))) {
          bad++
          if (bad <= 10) printf "line %d:\n- %s\n+ %s\n", FNR, wanted[FNR], $0
          break
        }
      seen = FNR
    }
    END { if (seen != lines && !bad) { print "another number of lines: " lines ", now " seen; bad = 1 }; exit bad > 0 }' "$1" "$2" && return
  printf '%s is not what heliu calibrate writes now; write it again with\n' "$1"
  printf '  heliu calibrate --output catalog/calibration.json --report docs/models/accuracy.md\n'
  return 1
}

status=0
same catalog/calibration.json "$work/calibration.json" || status=1
same docs/models/accuracy.md "$work/accuracy.md" || status=1
exit "$status"
