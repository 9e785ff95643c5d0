#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "exchange/export.h"
#include "exchange/refusals.h"

namespace heliu::exchange {
namespace {

using Json = nlohmann::ordered_json;

void refuse_degrees(Refusals& refusals, const Parallel& p) {
  refusals.when(p.cp > 1, fmt::format("context parallelism: cp {}", p.cp));
  refusals.when(p.ep > 1 || p.expert_tp > 1,
                fmt::format("expert parallelism in its configuration: ep {}", p.ep),
                "DeepSpeed-MoE sets it in the model's own code");
  refusals.when(p.vpp > 1, fmt::format("interleaved stages: vpp {}", p.vpp));
  refusals.when(p.zero_bubble, "a zero-bubble schedule");
  refusals.when(p.sequence_parallel && p.tp > 1, "sequence parallelism over tensor ranks");
  refusals.when(p.tp > 1 && p.pp > 1,
                fmt::format("tensor ranks within pipeline stages: tp {}, pp {}", p.tp, p.pp),
                "Megatron-DeepSpeed sets both in its own code");
  bool high = p.sharding == Sharding::zero2 || p.sharding == Sharding::zero3;
  refusals.when(p.pp > 1 && high, fmt::format("pipeline stages with ZeRO-2 or ZeRO-3: pp {}", p.pp),
                "parallel.sharding: zero1");
}

void refuse_memory(Refusals& refusals, const Parallel& p) {
  refusals.when(p.recompute == Recompute::selective, "selective recomputation");
  refusals.when(p.recompute == Recompute::full && p.pp == 1,
                "full recomputation without a pipeline",
                "the model's own code switches it on; plan with parallel.recompute: none");
  refusals.when(p.offload && p.sharding == Sharding::none, "an offloaded optimizer without ZeRO",
                "parallel.sharding: zero1 or more");
  refusals.when(p.sharding_group > 0 && p.sharding_group < p.dp && p.sharding != Sharding::zero3,
                fmt::format("sharding over part of the ranks but with ZeRO-3: sharding_group {}",
                            p.sharding_group));
  refusals.when(!p.flash_attention, "stored scores of attention",
                "the model's own code chooses its attention");
}

void refuse(Refusals& refusals, const Plan& plan) {
  refuse_common(refusals, plan);
  refuse_degrees(refusals, plan.parallel);
  refuse_memory(refusals, plan.parallel);
  bool known = plan.precision == Precision::bf16 || plan.precision == Precision::fp16 ||
               plan.precision == Precision::fp32;
  refusals.when(!known, fmt::format("training in {}", name(plan.precision)), "bf16, fp16 or fp32");
}

Json zero(const Parallel& p) {
  Json section{{"stage", int(p.sharding)}};  // none, zero1, zero2, zero3
  if (p.sharding != Sharding::none) section["overlap_comm"] = true;
  if (p.offload) section["offload_optimizer"] = {{"device", "cpu"}, {"pin_memory", true}};
  if (p.sharding_group > 0 && p.sharding_group < p.dp)
    section["mics_shard_size"] = p.sharding_group;
  return section;
}

Json optimizer(const Train& t) {
  return {
      {"type", "AdamW"},
      {"params",
       {{"lr", t.learning_rate}, {"betas", {t.beta1, t.beta2}}, {"weight_decay", t.weight_decay}}}};
}

Json scheduler(const Workload& w) {
  const Train& t = w.train;
  double least = t.learning_rate > 0 ? t.final_learning_rate / t.learning_rate : 0;
  return {{"type", "WarmupCosineLR"},
          {"params",
           {{"total_num_steps", steps_of(w)},
            {"warmup_num_steps", t.warmup_steps},
            {"cos_min_ratio", least}}}};
}

}  // namespace

Result<std::string> write_deepspeed(const Plan& plan) {
  Refusals refusals("DeepSpeed");
  refuse(refusals, plan);
  if (!refusals.empty()) return std::move(refusals).error();
  const Parallel& p = plan.parallel;
  Json config{{"train_batch_size", plan.workload.train.global_batch},
              {"train_micro_batch_size_per_gpu", plan.micro_batch},
              {"gradient_accumulation_steps", plan.accumulation},
              {"gradient_clipping", plan.workload.train.clip_norm},
              {"zero_optimization", zero(p)}};
  if (plan.precision != Precision::fp32)
    config[std::string(name(plan.precision))] = {{"enabled", true}};
  config["optimizer"] = optimizer(plan.workload.train);
  config["scheduler"] = scheduler(plan.workload);
  if (p.tp > 1) config["tensor_parallel"] = {{"autotp_size", p.tp}};
  if (p.pp > 1)
    config["pipeline"] = {{"stages", p.pp},
                          {"partition", "uniform"},
                          {"activation_checkpoint_interval", int(p.recompute == Recompute::full)}};
  return config.dump(2) + "\n";
}

}  // namespace heliu::exchange
