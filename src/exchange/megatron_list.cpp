#include "exchange/megatron_list.h"

#include <fmt/core.h>

#include <algorithm>

#include "exchange/spelled_out.h"

namespace heliu::exchange {
namespace {

// In quotes where the shell would see more than a word.
std::string quoted(const std::string& value) {
  bool plain = value.find_first_not_of(
                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789_-+./,:") == std::string::npos;
  return plain ? value : "'" + value + "'";
}

class Lines {
 public:
  explicit Lines(std::string name) : group_{std::move(name), {}} {}
  void flag(const std::string& name, bool is = true) {
    if (is) group_.lines.push_back("--" + name);
  }
  template <class V>
  void value(const std::string& name, const V& value, bool is = true) {
    if (is) group_.lines.push_back(fmt::format("--{} {}", name, quoted(fmt::format("{}", value))));
  }
  ArgumentGroup group() && { return std::move(group_); }

 private:
  ArgumentGroup group_;
};

// One sliding layer in so many, layer by layer: "([1]+[0]*3)*8".
std::string window_pattern(const Model& m) {
  int64_t every = m.window_every, whole = m.layers / every, rest = m.layers % every;
  std::string period = fmt::format("([1]+[0]*{})", every - 1);
  std::string pattern = whole ? fmt::format("{}*{}", period, whole) : "";
  if (!rest) return pattern;
  return fmt::format("{}{}[1]+[0]*{}", pattern, whole ? "+" : "", rest - 1);
}

void add_attention(Lines& lines, const Model& m) {
  lines.value("num-attention-heads", m.heads);
  lines.flag("multi-latent-attention", m.latent.kv_rank > 0);
  if (m.latent.kv_rank) {
    lines.value("q-lora-rank", m.latent.query_rank, m.latent.query_rank > 0);
    lines.value("kv-lora-rank", m.latent.kv_rank);
    lines.value("qk-head-dim", m.latent.nope_head);
    lines.value("qk-pos-emb-head-dim", m.latent.rope_head);
    lines.value("v-head-dim", m.latent.value_head);
  } else {
    lines.flag("group-query-attention", m.kv_heads != m.heads);
    lines.value("num-query-groups", m.kv_heads, m.kv_heads != m.heads);
    lines.value("kv-channels", m.head_size);
  }
  lines.value("window-size", fmt::format("{},0", m.window), m.window > 0);
  lines.value("window-attn-skip-freq", window_pattern(m), m.window > 0 && m.window_every > 1);
}

void add_traits(Lines& lines, const Model& m) {
  bool every_bias = has_biases(m) || (m.family == ModelFamily::gpt_oss && *m.qkv_bias);
  bool latent = m.latent.kv_rank > 0;
  lines.value("position-embedding-type", has_learned_positions(m) ? "learned_absolute" : "rope");
  lines.value("normalization", has_biases(m) ? "LayerNorm" : "RMSNorm");
  lines.flag("swiglu", *m.gated);
  lines.flag("disable-bias-linear", !every_bias);
  lines.flag("add-qkv-bias", !every_bias && *m.qkv_bias);
  // Qwen3 and DeepSeek norm queries and keys, or the ranks they come from.
  lines.flag("qk-layernorm", latent || (m.family == ModelFamily::qwen && !*m.qkv_bias));
  lines.value("softmax-type", "learnable", m.family == ModelFamily::gpt_oss);
  lines.flag("untie-embeddings-and-output-weights", !*m.tied);
}

void add_experts(Lines& lines, const Model& m) {
  const Experts& e = m.experts;
  if (!e.count) return;
  lines.value("num-experts", e.count);
  lines.value("moe-router-topk", e.active);
  lines.value("moe-ffn-hidden-size", e.feed_forward);
  lines.value("moe-shared-expert-intermediate-size", e.shared * e.feed_forward, e.shared > 0);
  lines.value("moe-layer-freq",
              fmt::format("([0]*{}+[1]*{})", e.dense_layers, m.layers - e.dense_layers),
              e.dense_layers > 0 && e.dense_layers < m.layers);
  lines.value("moe-token-dispatcher-type", "alltoall");
  lines.flag("moe-grouped-gemm");
}

ArgumentGroup model_group(const Plan& plan, Refusals& refusals) {
  Model m = spelled_out(plan.workload.model);
  refusals.when(has_biases(m) && !*m.qkv_bias, "biases everywhere but in queries, keys and values");
  refusals.when(m.experts.count && m.experts.dense_layers >= m.layers, "experts that no layer has");
  Lines lines("MODEL");
  lines.value("num-layers", m.layers);
  lines.value("hidden-size", m.hidden);
  lines.value("ffn-hidden-size", m.feed_forward);
  add_attention(lines, m);
  add_traits(lines, m);
  add_experts(lines, m);
  lines.value("mtp-num-layers", m.prediction_layers, m.prediction_layers > 0);
  lines.value("attention-dropout", 0);
  lines.value("hidden-dropout", 0);
  lines.value("seq-length", m.sequence);
  lines.value("max-position-embeddings", m.sequence);
  lines.value("vocab-size", m.vocabulary);
  lines.value("make-vocab-size-divisible-by", 1);
  return std::move(lines).group();
}

// Layers of each chunk, in order of the model: as the forecast has them, else as even as can be.
std::vector<int64_t> layers_of_chunks(const Plan& plan) {
  int64_t layers = plan.workload.model.layers, chunks = plan.parallel.pp * plan.parallel.vpp;
  int64_t known = 0;
  std::vector<int64_t> split;
  for (const StageForecast& stage : plan.forecast.stages) known += stage.layers;
  if (known == layers && int64_t(plan.forecast.stages.size()) == chunks) {
    for (const StageForecast& stage : plan.forecast.stages) split.push_back(stage.layers);
    return split;
  }
  for (int64_t i = 0; i < chunks; ++i) split.push_back(layers / chunks + (i < layers % chunks));
  return split;
}

// "Et*4|t*4|...|t*3mL": embedding, layers, prediction, loss.
std::string layout(const Plan& plan, const std::vector<int64_t>& split) {
  std::string text;
  for (size_t i = 0; i < split.size(); ++i) {
    text += i ? "|" : "E";
    if (split[i]) text += fmt::format("t*{}", split[i]);
  }
  for (int64_t i = 0; i < plan.workload.model.prediction_layers; ++i) text += "m";
  return text + "L";
}

void add_stages(Lines& lines, const Plan& plan, Refusals& refusals) {
  const Parallel& p = plan.parallel;
  refusals.when(p.vpp > 1 && p.pp == 1,
                fmt::format("chunks of a single pipeline stage: vpp {}", p.vpp));
  lines.value("pipeline-model-parallel-size", p.pp);
  if (p.pp == 1) return;
  std::vector<int64_t> split = layers_of_chunks(plan);
  bool even = std::all_of(split.begin(), split.end(), [&](int64_t n) { return n == split[0]; });
  if (!even)
    lines.value("pipeline-model-parallel-layout", layout(plan, split));
  else
    lines.value("num-virtual-stages-per-pipeline-rank", p.vpp, p.vpp > 1);
}

void add_sharding(Lines& lines, const Parallel& p) {
  if (p.sharding == Sharding::none) return;
  bool full = p.sharding != Sharding::zero1;
  lines.flag("use-distributed-optimizer");
  lines.flag("overlap-grad-reduce");
  lines.flag("overlap-param-gather");
  lines.flag("use-megatron-fsdp", full);
  lines.value("data-parallel-sharding-strategy",
              p.sharding == Sharding::zero2 ? "optim_grads" : "optim_grads_params", full);
  lines.flag("no-gradient-accumulation-fusion", full);
  lines.value("ckpt-format", "fsdp_dtensor", full);
  int shards = p.dp * p.cp;
  bool parts = p.sharding_group > 0 && p.sharding_group < shards;
  lines.value("num-distributed-optimizer-instances", parts ? shards / p.sharding_group : 1, parts);
}

void add_memory(Lines& lines, const Parallel& p, Refusals& refusals) {
  if (p.recompute != Recompute::none)
    lines.value("recompute-granularity", p.recompute == Recompute::full ? "full" : "selective");
  lines.value("recompute-method", "uniform", p.recompute == Recompute::full);
  lines.value("recompute-num-layers", 1, p.recompute == Recompute::full);
  refusals.when(p.offload && p.sharding == Sharding::none,
                "an offloaded optimizer that is not sharded",
                "its offload needs the distributed optimizer: sharding zero1 or more");
  lines.flag("optimizer-cpu-offload", p.offload);
  lines.flag("use-precision-aware-optimizer", p.offload);
  lines.value("attention-backend", p.flash_attention ? "auto" : "unfused");
}

ArgumentGroup parallel_group(const Plan& plan, Refusals& refusals) {
  const Parallel& p = plan.parallel;
  refusals.when(p.zero_bubble, "a zero-bubble schedule");
  Lines lines("PARALLEL");
  lines.value("tensor-model-parallel-size", p.tp);
  lines.flag("sequence-parallel", p.sequence_parallel);
  add_stages(lines, plan, refusals);
  lines.value("context-parallel-size", p.cp);
  bool mixture = plan.workload.model.experts.count > 0;
  refusals.when(!mixture && (p.ep > 1 || p.expert_tp > 1),
                "expert parallelism of a model without experts");
  lines.value("expert-model-parallel-size", p.ep, mixture);
  lines.value("expert-tensor-parallel-size", p.expert_tp, mixture);
  add_sharding(lines, p);
  add_memory(lines, p, refusals);
  return std::move(lines).group();
}

void add_precision(Lines& lines, Precision precision, Refusals& refusals) {
  refusals.when(precision == Precision::tf32, "tf32 by an argument",
                "train.precision: bf16 or fp32");
  bool small =
      precision == Precision::fp8 || precision == Precision::mxfp8 || precision == Precision::nvfp4;
  lines.flag("bf16", small || precision == Precision::bf16);
  lines.flag("fp16", precision == Precision::fp16);
  lines.value("fp8-format", "hybrid", precision == Precision::fp8);
  lines.value("fp8-recipe", "tensorwise", precision == Precision::fp8);
  lines.value("fp8-format", "e4m3", precision == Precision::mxfp8);
  lines.value("fp8-recipe", "mxfp8", precision == Precision::mxfp8);
  lines.value("fp4-format", "e2m1", precision == Precision::nvfp4);
}

ArgumentGroup training_group(const Plan& plan, Refusals& refusals) {
  const Train& t = plan.workload.train;
  Lines lines("TRAINING");
  lines.value("micro-batch-size", plan.micro_batch);
  lines.value("global-batch-size", t.global_batch);
  lines.value("train-iters", steps_of(plan.workload));
  add_precision(lines, plan.precision, refusals);
  lines.value("optimizer", "adam");
  lines.value("lr", t.learning_rate);
  lines.value("min-lr", t.final_learning_rate);
  lines.value("lr-decay-style", "cosine");
  lines.value("lr-warmup-iters", t.warmup_steps);
  lines.value("weight-decay", t.weight_decay);
  lines.value("adam-beta1", t.beta1);
  lines.value("adam-beta2", t.beta2);
  lines.value("clip-grad", t.clip_norm);
  lines.value("seed", t.seed);
  return std::move(lines).group();
}

}  // namespace

std::vector<ArgumentGroup> megatron_list(const Plan& plan, Refusals& refusals) {
  refuse_common(refusals, plan);
  return {model_group(plan, refusals), parallel_group(plan, refusals),
          training_group(plan, refusals)};
}

std::string print_arrays(const std::vector<ArgumentGroup>& groups) {
  std::string text;
  for (const ArgumentGroup& group : groups) {
    text += group.name + "=(\n";
    for (const std::string& line : group.lines) text += "  " + line + "\n";
    text += ")\n";
  }
  return text;
}

Nodes nodes_of(const Plan& plan, const Launch& launch, Refusals& refusals) {
  int ranks = ranks_of(plan.parallel), devices = std::min(ranks, launch.devices_per_node);
  refusals.contradiction(devices < 1 || ranks % devices != 0,
                         fmt::format("{} ranks do not fill nodes of {} devices", ranks, devices));
  return devices < 1 ? Nodes{} : Nodes{ranks / devices, devices};
}

}  // namespace heliu::exchange
