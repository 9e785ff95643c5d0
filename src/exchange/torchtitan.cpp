#include <fmt/core.h>

#include <algorithm>

#include "exchange/export.h"
#include "exchange/refusals.h"
#include "exchange/spelled_out.h"

namespace heliu::exchange {
namespace {

// torchtitan's own models (torchtitan/models/*/__init__.py).
struct Flavor {
  const char *name, *flavor;
  Model model;
};

Model llama(int64_t layers, int64_t hidden, int64_t heads, int64_t feed_forward) {
  return {.family = ModelFamily::llama,
          .layers = layers,
          .hidden = hidden,
          .heads = heads,
          .kv_heads = 8,
          .feed_forward = feed_forward,
          .vocabulary = 128256};
}

Model qwen(int64_t layers, int64_t hidden, int64_t heads, int64_t feed_forward, bool tied) {
  return {.family = ModelFamily::qwen,
          .layers = layers,
          .hidden = hidden,
          .heads = heads,
          .kv_heads = 8,
          .head_size = 128,
          .feed_forward = feed_forward,
          .vocabulary = 151936,
          .tied = tied};
}

Model qwen_mixture(int64_t layers, int64_t hidden, int64_t heads, int64_t width) {
  Model model = qwen(layers, hidden, heads, width, false);
  model.kv_heads = 4;
  model.experts = {128, 8, 0, width, 0};
  return model;
}

Model deepseek(int64_t layers, int64_t hidden, int64_t heads, int64_t feed_forward,
               int64_t vocabulary, int64_t query_rank, Experts experts) {
  return {.family = ModelFamily::deepseek,
          .layers = layers,
          .hidden = hidden,
          .heads = heads,
          .feed_forward = feed_forward,
          .vocabulary = vocabulary,
          .experts = experts,
          .latent = {query_rank, 512, 128, 64, 128}};
}

Model gpt_oss(int64_t layers, int64_t experts) {
  return {.family = ModelFamily::gpt_oss,
          .layers = layers,
          .hidden = 2880,
          .heads = 64,
          .kv_heads = 8,
          .head_size = 64,
          .feed_forward = 2880,
          .vocabulary = 201088,
          .qkv_bias = true,
          .window = 128,
          .window_every = 2,
          .experts = {experts, 4, 0, 2880, 0}};
}

std::vector<Flavor> flavors() {
  return {
      {"llama3", "8B", llama(32, 4096, 32, 14336)},
      {"llama3", "70B", llama(80, 8192, 64, 28672)},
      {"llama3", "405B", llama(126, 16384, 128, 53248)},
      {"qwen3", "0.6B", qwen(28, 1024, 16, 3072, true)},
      {"qwen3", "1.7B", qwen(28, 2048, 16, 6144, true)},
      {"qwen3", "4B", qwen(36, 2560, 32, 9728, true)},
      {"qwen3", "8B", qwen(36, 4096, 32, 12288, false)},
      {"qwen3", "14B", qwen(40, 5120, 40, 17408, false)},
      {"qwen3", "32B", qwen(64, 5120, 64, 25600, false)},
      {"qwen3", "30B-A3B", qwen_mixture(48, 2048, 32, 768)},
      {"qwen3", "235B-A22B", qwen_mixture(94, 4096, 64, 1536)},
      {"deepseek_v3", "16B", deepseek(27, 2048, 16, 10944, 102400, 0, {64, 6, 2, 1408, 1})},
      {"deepseek_v3", "236B", deepseek(60, 5120, 128, 12288, 102400, 1536, {160, 6, 2, 1536, 1})},
      {"deepseek_v3", "671B", deepseek(61, 7168, 128, 18432, 129280, 1536, {256, 8, 1, 2048, 3})},
      {"gpt_oss", "20b", gpt_oss(24, 32)},
      {"gpt_oss", "120b", gpt_oss(36, 128)},
  };
}

// The same but for the length of a sequence, which torchtitan takes apart from the model.
std::optional<Flavor> flavor_of(const Model& model) {
  Model wanted = spelled_out(model);
  for (Flavor& flavor : flavors()) {
    flavor.model.sequence = model.sequence;
    if (spelled_out(flavor.model) == wanted) return flavor;
  }
  return {};
}

std::string known_flavors() {
  std::string all;
  for (const Flavor& flavor : flavors())
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", flavor.name, flavor.flavor);
  return all;
}

void refuse(Refusals& refusals, const Plan& plan) {
  refuse_common(refusals, plan);
  const Parallel& p = plan.parallel;
  Precision precision = plan.precision;
  refusals.when(
      precision == Precision::fp16 || precision == Precision::tf32 || precision == Precision::nvfp4,
      fmt::format("training in {}", name(precision)), "bf16, fp32, fp8 or mxfp8");
  refusals.when(p.tp > 1 && !p.sequence_parallel,
                fmt::format("tensor parallelism without sequence parallelism: tp {}", p.tp));
  refusals.when(p.sharding == Sharding::zero1, "sharding of the optimizer's state alone: zero1",
                "parallel.sharding: zero2 or zero3");
  refusals.when(p.sharding == Sharding::none && p.cp > 1, "context parallelism without sharding",
                "parallel.sharding: zero3");
  refusals.when(p.offload, "an offloaded optimizer whose weights are not",
                "training.enable_cpu_offload moves parameters too");
  refusals.when(!p.flash_attention, "stored scores of attention");
  refusals.when(p.ep > 1 && p.expert_tp != 1 && p.expert_tp != p.tp,
                fmt::format("expert_tp {} that is neither 1 nor tp", p.expert_tp));
  refusals.when(p.zero_bubble && p.vpp != 1, "zero bubbles with interleaving of its own");
  refusals.when(p.vpp > 1 && p.pp == 1, "chunks of a single pipeline stage");
  // Its experts are split over ranks that share the weights (dp x cp), not over tensor ranks.
  refusals.when(int64_t(p.ep) > int64_t(p.dp) * p.cp * (p.expert_tp == 1 ? p.tp : 1),
                fmt::format("ep {} beyond the data-parallel ranks", p.ep));
}

// Stages of the pipeline, those of one rank counted apart. ZBV gives each rank two.
int64_t chunks_of(const Parallel& p) { return int64_t(p.pp) * p.vpp * (p.zero_bubble ? 2 : 1); }

// torchtitan is told how many layers a stage has, and works out from it how many stages there are.
int64_t layers_per_stage(const Plan& plan) {
  int64_t chunks = chunks_of(plan.parallel);
  return (plan.workload.model.layers + chunks - 1) / chunks;
}

void refuse_stages(Refusals& refusals, const Plan& plan) {
  int64_t layers = plan.workload.model.layers, each = std::max<int64_t>(1, layers_per_stage(plan));
  int64_t chunks = chunks_of(plan.parallel);
  refusals.when(chunks > 1 && (layers + each - 1) / each != chunks,
                fmt::format("{} layers in {} stages", layers, chunks));
}

const char* schedule_of(const Parallel& p) {
  if (p.zero_bubble) return "ZBVZeroBubble";
  return p.vpp > 1 ? "Interleaved1F1B" : "1F1B";
}

std::string parallelism(const Plan& plan) {
  const Parallel& p = plan.parallel;
  // A sharding group counts ranks of dp x cp; torchtitan folds cp into the group by itself.
  int group = p.sharding_group ? std::max(1, p.sharding_group / p.cp) : p.dp;
  int shard = p.sharding == Sharding::none ? 1 : group;
  std::string text = "\n[parallelism]\n";
  text += fmt::format("data_parallel_replicate_degree = {}\n", p.dp / shard);
  text += fmt::format("data_parallel_shard_degree = {}\n", shard);
  text += fmt::format("fsdp_reshard_after_forward = \"{}\"\n",
                      p.sharding == Sharding::zero2 ? "never" : "always");
  text += fmt::format("tensor_parallel_degree = {}\ncontext_parallel_degree = {}\n", p.tp, p.cp);
  text += fmt::format("pipeline_parallel_degree = {}\n", p.pp);
  if (p.pp > 1) {
    text += fmt::format("pipeline_parallel_schedule = \"{}\"\n", schedule_of(p));
    text += fmt::format("pipeline_parallel_microbatch_size = {}\n", plan.micro_batch);
    text += fmt::format("pipeline_parallel_layers_per_stage = {}\n", layers_per_stage(plan));
    text +=
        "pipeline_parallel_first_stage_less_layers = 0\n"
        "pipeline_parallel_last_stage_less_layers = 0\n";
  }
  text += fmt::format("expert_parallel_degree = {}\n", p.ep);
  if (p.ep > 1) text += fmt::format("expert_tensor_parallel_degree = {}\n", p.expert_tp);
  return text;
}

// The schedule of a pipeline runs all micro-batches of a rank as one local batch.
std::string training(const Plan& plan) {
  const Train& t = plan.workload.train;
  bool pipelined = plan.parallel.pp > 1;
  std::string text = "\n[training]\n";
  text += fmt::format("local_batch_size = {}\n",
                      plan.micro_batch * (pipelined ? plan.accumulation : 1));
  text += fmt::format("global_batch_size = {}\nseq_len = {}\n", t.global_batch,
                      plan.workload.model.sequence);
  text += fmt::format("max_norm = {}\nsteps = {}\n", t.clip_norm, steps_of(plan.workload));
  text += fmt::format("mixed_precision_param = \"{}\"\nmixed_precision_reduce = \"float32\"\n",
                      plan.precision == Precision::fp32 ? "float32" : "bfloat16");
  return text +
         fmt::format("# the seed is {}: --training.seed, or --debug.seed in later versions\n",
                     t.seed);
}

std::string optimizer(const Train& t) {
  double least = t.learning_rate > 0 ? t.final_learning_rate / t.learning_rate : 0;
  return fmt::format(
      "\n[optimizer]\nname = \"AdamW\"\nlr = {}\nbeta1 = {}\nbeta2 = {}\nweight_decay = {}\n"
      "\n[lr_scheduler]\nwarmup_steps = {}\ndecay_type = \"cosine\"\nmin_lr_factor = {}\n",
      t.learning_rate, t.beta1, t.beta2, t.weight_decay, t.warmup_steps, least);
}

std::string converters(Precision precision) {
  if (precision == Precision::fp8) return "converters = [\"quantize.linear.float8\"]\n";
  return precision == Precision::mxfp8 ? "converters = [\"quantize.linear.mx\"]\n" : "";
}

// torchtitan's selective mode keeps the results of matrix products and attention and computes the
// rest again.
std::string checkpointing(Recompute recompute) {
  switch (recompute) {
    case Recompute::none:
      return "\n[activation_checkpoint]\nmode = \"none\"\n";
    case Recompute::selective:
      return "\n[activation_checkpoint]\nmode = \"selective\"\nselective_ac_option = \"op\"\n";
    case Recompute::full:
      return "\n[activation_checkpoint]\nmode = \"full\"\n";
  }
  return "";
}

std::string quantization(Precision precision) {
  if (precision == Precision::fp8)
    return "\n[quantize.linear.float8]\nrecipe_name = \"tensorwise\"\nfilter_fqns = [\"output\"]\n"
           "\n[compile]\nenable = true\n";
  if (precision == Precision::mxfp8)
    return "\n[quantize.linear.mx]\nrecipe_name = \"mxfp8_cublas\"\nfilter_fqns = [\"output\"]\n"
           "\n[compile]\nenable = true\n";
  return "";
}

}  // namespace

Result<std::string> write_torchtitan(const Plan& plan) {
  Refusals refusals("torchtitan");
  refuse(refusals, plan);
  refuse_stages(refusals, plan);
  Model model = plan.workload.model;
  refusals.when(model.prediction_layers > 0, "multi-token prediction: prediction_layers",
                "model.prediction_layers: 0");
  model.prediction_layers = 0;
  std::optional<Flavor> flavor = flavor_of(model);
  refusals.when(!flavor, "a model of this shape: it knows models by name", known_flavors());
  if (!refusals.empty()) return std::move(refusals).error();
  std::string text = fmt::format("# {} ranks: {}\n", ranks_of(plan.parallel), summary(plan));
  text += fmt::format("[model]\nname = \"{}\"\nflavor = \"{}\"\n", flavor->name, flavor->flavor);
  text += converters(plan.precision) + training(plan) + parallelism(plan) +
          optimizer(plan.workload.train) + checkpointing(plan.parallel.recompute);
  text += fmt::format("\n[checkpoint]\nenable = true\ninterval = {}\n", checkpoint_steps(plan));
  return text + quantization(plan.precision);
}

}  // namespace heliu::exchange
