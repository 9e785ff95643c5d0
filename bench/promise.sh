#!/usr/bin/env bash
# How good is the promise? Runs the demo's workload again and again and lays each promise beside what
# was measured: first on a machine that was only just measured, then as the runs correct it.
#
#   bench/promise.sh [RUNS]     3 by default; run it on an idle machine
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-3}
export HELIU_HOME
HELIU_HOME=$(mktemp -d)
trap 'rm -rf "$HELIU_HOME"' EXIT
printf 'load before: %s\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
for ((run = 1; run <= runs; ++run)); do
  ./heliu demo --fresh --json 2>/dev/null | tail -n 1 | sed -E \
    's/.*"summary":"([^"]*)".*"forecast":\{"step_time_s":([0-9.e-]+).*"measured":\{"step_time_s":([0-9.e-]+).*"error":\{"step_time":([-0-9.e]+).*"memory":([-0-9.e]+).*/run '"$run"': \1: promised \2 s, measured \3 s, error \4; memory error \5/'
done
