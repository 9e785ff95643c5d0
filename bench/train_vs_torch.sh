#!/bin/sh
# Our training step and PyTorch's, in turns (A B A B ...), so that both meet the same machine.
#
#   bench/train_vs_torch.sh build/release/bench/heliu_bench_train_step [--precision fp32 --hidden 384 ...]
#
# ROUNDS (3) runs of each; the medians of their medians and the ratio go to stdout. torch's kernels are
# chosen by ATEN_CPU_CAPABILITY and OPENBLAS_CORETYPE, which are passed on. Needs python3.
set -eu
program=$1
shift
here=$(dirname "$0")
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

threads=2 previous=
for word; do
  [ "$previous" = --threads ] && threads=$word
  previous=$word
done
export OMP_NUM_THREADS="$threads"

for _ in $(seq "${ROUNDS:-3}"); do
  "$program" "$@" >>"$results/heliu"
  /usr/bin/python3 "$here/peers/train_torch.py" "$@" >>"$results/torch"
  if grep -q ^skipped "$results/torch"; then cat "$results/torch"; exit 0; fi
done

/usr/bin/python3 - "$results" <<'END'
import json, statistics, sys
def runs(name):
    return [json.loads(line) for line in open(f"{sys.argv[1]}/{name}")]
heliu, torch = runs("heliu"), runs("torch")
step = lambda rs: statistics.median(r["median_step_s"] for r in rs)
for rs in heliu, torch:
    each = ", ".join(f"{r['median_step_s'] * 1e3:.1f}" for r in rs)
    print(f"{rs[0]['program']:20} {rs[0]['precision']} {step(rs) * 1e3:8.1f} ms/step  "
          f"{statistics.median(r['tokens_per_s'] for r in rs):8.0f} tokens/s   runs: {each}")
print(f"torch's kernels: {torch[0]['capability']}, OPENBLAS_CORETYPE={torch[0]['openblas_coretype'] or '(its choice)'}")
print(f"torch / heliu: {step(torch) / step(heliu):.2f}")
END
