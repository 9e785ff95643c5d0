#include "exchange/refusals.h"

#include <fmt/core.h>

namespace heliu::exchange {

void Refusals::when(bool asked, const std::string& what, const std::string& hint) {
  if (!asked) return;
  faults_.push_back({.kind = Error::Kind::infeasible,
                     .message = fmt::format("{} cannot express {}", target_, what),
                     .hint = hint,
                     .code = "HL-E0110"});
}

void Refusals::contradiction(bool is, const std::string& what) {
  if (!is) return;
  faults_.push_back({.kind = Error::Kind::bad_input, .message = what, .code = "HL-E0110"});
}

tl::unexpected<Error> Refusals::error() && { return fail(gathered(std::move(faults_))); }

void refuse_common(Refusals& refusals, const Plan& plan) {
  const Workload& w = plan.workload;
  const Parallel& p = plan.parallel;
  refusals.when(w.kind != WorkloadKind::train, "work of this kind: only training is exported");
  refusals.when(plan.shares.size() > 1,
                fmt::format("one run over several islands: {}", plan.shares.size()));
  refusals.when(plan.outer_steps > 0,
                fmt::format("steps between averaging: outer_steps {}", plan.outer_steps));
  int64_t batch = plan.micro_batch * plan.accumulation * p.dp;
  refusals.contradiction(
      batch != w.train.global_batch,
      fmt::format("micro_batch x accumulation x dp is {}, not the global batch {}", batch,
                  w.train.global_batch));
  int64_t shards = int64_t(p.dp) * p.cp;
  refusals.contradiction(
      p.sharding_group > 0 && shards % p.sharding_group != 0,
      fmt::format("sharding_group {} does not divide dp x cp {}", p.sharding_group, shards));
  refusals.contradiction(w.model.vocabulary <= 0, "the plan's model has no vocabulary");
}

}  // namespace heliu::exchange
