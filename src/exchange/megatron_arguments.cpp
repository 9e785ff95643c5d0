#include "exchange/megatron_arguments.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "exchange/argument_list.h"
#include "exchange/field.h"
#include "exchange/layer_pattern.h"
#include "spec/document.h"

namespace heliu::exchange {
namespace {

const FieldInfo& row(const std::string& path) { return field_of(table<Workload>(), path); }

void inexpressible(ArgumentList& a, const std::string& name, const std::string& what) {
  a.fault("HL-E0110", fmt::format("--{} cannot be said of a workload here: {}", name, what), name);
}

// Zeros, then ones: how many zeros. None where the pattern is another one.
std::optional<int64_t> leading_zeros(const std::vector<int>& pattern, int64_t layers) {
  auto first = std::find(pattern.begin(), pattern.end(), 1);
  bool rest = std::all_of(first, pattern.end(), [](int item) { return item == 1; });
  bool zeros = std::all_of(pattern.begin(), first, [](int item) { return item == 0; });
  if (!rest || !zeros || int64_t(pattern.size()) != layers) return {};
  return first - pattern.begin();
}

int64_t read_dense_layers(ArgumentList& a, int64_t layers) {
  std::optional<std::string> frequency = a.text("moe-layer-freq");
  if (!frequency || *frequency == "1") return 0;
  auto pattern = list_expression(*frequency);
  auto dense = pattern ? leading_zeros(*pattern, layers) : std::nullopt;
  if (!dense) inexpressible(a, "moe-layer-freq", *frequency);
  return dense.value_or(0);
}

void read_experts(ArgumentList& a, Model& m) {
  if (!a.has("num-experts")) return;
  Experts& e = m.experts;
  e.count = a.number("num-experts", row("model.experts.count"));
  e.active = a.number("moe-router-topk", row("model.experts.active"), 2);
  e.feed_forward =
      a.number("moe-ffn-hidden-size", row("model.experts.feed_forward"), m.feed_forward);
  e.dense_layers = read_dense_layers(a, m.layers);
  int64_t shared = a.number("moe-shared-expert-intermediate-size", row("model.feed_forward"), 0, 0);
  if (e.feed_forward && shared % e.feed_forward)
    inexpressible(a, "moe-shared-expert-intermediate-size",
                  fmt::format("{}, not a multiple of {}", shared, e.feed_forward));
  else if (e.feed_forward)
    e.shared = shared / e.feed_forward;
}

void read_latent(ArgumentList& a, Model& m) {
  if (!a.flag("multi-latent-attention")) return;
  LatentAttention& l = m.latent;
  l.query_rank = a.number("q-lora-rank", row("model.latent.query_rank"), 0, 0);
  l.kv_rank = a.number("kv-lora-rank", row("model.latent.kv_rank"), 32);
  l.nope_head = a.number("qk-head-dim", row("model.latent.nope_head"), 128);
  l.rope_head = a.number("qk-pos-emb-head-dim", row("model.latent.rope_head"), 64);
  l.value_head = a.number("v-head-dim", row("model.latent.value_head"), 128);
}

// "128,0" or "(128,0)": tokens to the left, tokens to the right.
void read_window(ArgumentList& a, Model& m) {
  std::optional<std::string> size = a.text("window-size");
  if (!size) return;
  std::string digits = size->substr(size->find_first_not_of("( ") == 1 ? 1 : 0);
  m.window = std::atoll(digits.substr(0, digits.find(',')).c_str());
  if (m.window < 1 || m.window > 1 << 24) inexpressible(a, "window-size", *size);
  std::optional<std::string> every = a.text("window-attn-skip-freq");
  if (!every) return;
  auto pattern = *every == "2" ? std::vector<int>{1, 0} : list_expression(*every);
  if (!pattern) return inexpressible(a, "window-attn-skip-freq", *every);
  std::vector<int64_t> sliding;
  for (size_t i = 0; i < pattern->size(); ++i)
    if ((*pattern)[i]) sliding.push_back(int64_t(i));
  m.window_every = sliding.size() > 1 ? sliding[1] - sliding[0] : int64_t(pattern->size());
  for (size_t i = 0; i < sliding.size(); ++i)
    if (sliding[i] != int64_t(i) * m.window_every)
      return inexpressible(a, "window-attn-skip-freq", *every);
}

ModelFamily read_family(ArgumentList& a, bool learned_positions, bool biases) {
  bool rms = a.choice("normalization", {"LayerNorm", "RMSNorm"}, "LayerNorm") == "RMSNorm";
  bool sinks =
      a.choice("softmax-type", {"vanilla", "off-by-one", "learnable"}, "vanilla") == "learnable";
  bool norms = a.flag("qk-layernorm"), qkv_bias = a.flag("add-qkv-bias");
  if (a.has("multi-latent-attention")) return ModelFamily::deepseek;
  if (learned_positions) return ModelFamily::gpt;
  if (!rms && biases) return ModelFamily::gpt_neox;
  if (sinks) return ModelFamily::gpt_oss;
  if (norms || qkv_bias) return ModelFamily::qwen;
  if (a.has("num-experts")) return ModelFamily::mixtral;
  return a.has("window-size") ? ModelFamily::mistral : ModelFamily::llama;
}

// Megatron-LM pads the vocabulary so that it divides over the tensor-parallel ranks.
int64_t read_vocabulary(ArgumentList& a, int64_t tp) {
  int64_t size = a.number("vocab-size", row("model.vocabulary"));
  int64_t unit = a.number("make-vocab-size-divisible-by", row("model.vocabulary"), 128) *
                 std::clamp<int64_t>(tp, 1, 1 << 20);
  return unit > 0 ? (size + unit - 1) / unit * unit : size;
}

void read_attention(ArgumentList& a, Model& m) {
  if (a.flag("group-query-attention"))
    m.kv_heads = a.number("num-query-groups", row("model.kv_heads"), 1);
  m.head_size = a.number("kv-channels", row("model.head_size"), 0, 1);
  read_latent(a, m);
  read_window(a, m);
}

void read_traits(ArgumentList& a, Model& m) {
  std::string positions =
      a.choice("position-embedding-type", {"learned_absolute", "rope", "yarn", "mrope", "none"},
               "learned_absolute");
  bool biases = !a.flag("disable-bias-linear");
  m.family = read_family(a, positions == "learned_absolute", biases);
  bool gated = a.flag("swiglu"), tied = !a.flag("untie-embeddings-and-output-weights");
  if (gated != is_gated(m)) m.gated = gated;
  if (tied != is_tied(m)) m.tied = tied;
  bool qkv_bias = (biases || a.has("add-qkv-bias")) && !a.has("multi-latent-attention");
  if (qkv_bias != has_qkv_biases(m)) m.qkv_bias = qkv_bias;
}

Model read_model(ArgumentList& a, int64_t tp) {
  Model m;
  m.layers = a.number("num-layers", row("model.layers"));
  m.hidden = a.number("hidden-size", row("model.hidden"));
  m.heads = a.number("num-attention-heads", row("model.heads"));
  m.sequence = a.number("seq-length", row("model.sequence"));
  a.number("max-position-embeddings", row("model.sequence"), m.sequence);
  // Four times hidden; two thirds of it, in multiples of 64, where there is a gate.
  int64_t four = 4 * m.hidden;
  int64_t standard = a.flag("swiglu") ? four * 2 / 3 / 64 * 64 : four;
  m.feed_forward = a.number("ffn-hidden-size", row("model.feed_forward"), standard);
  m.vocabulary = read_vocabulary(a, tp);
  m.prediction_layers = a.number("mtp-num-layers", row("model.prediction_layers"), 0, 0);
  read_traits(a, m);
  read_attention(a, m);
  read_experts(a, m);
  return m;
}

int degree(ArgumentList& a, const std::string& name, const std::string& field, int64_t standard) {
  return int(std::min<int64_t>(a.number(name, row("parallel." + field), standard), 1 << 20));
}

// The devices that torchrun starts, where the script says so with numbers.
std::optional<int> read_devices(ArgumentList& a) {
  auto one_of = [&](const char* name, const char* other) {
    return a.text(a.has(name) ? name : other).value_or("");
  };
  double per_node = std::atof(one_of("nproc-per-node", "nproc_per_node").c_str());
  double nodes = a.has("nnodes") ? std::atof(a.text("nnodes").value_or("").c_str()) : 1;
  double devices = per_node * nodes;
  return devices >= 1 && devices < 1e7 ? std::optional(int(devices)) : std::nullopt;
}

int read_chunks(ArgumentList& a, int64_t layers, int pp) {
  if (std::optional<std::string> layout = a.text("pipeline-model-parallel-layout")) {
    auto stages = pipeline_layout(*layout);
    int64_t count = stages ? 1 + std::count(stages->begin(), stages->end(), '|') : 0;
    if (count && count % pp == 0) return int(count / pp);
    inexpressible(a, "pipeline-model-parallel-layout", *layout);
    return 1;
  }
  int chunks = degree(a, "num-virtual-stages-per-pipeline-rank", "vpp", 1);
  if (!a.has("num-layers-per-virtual-pipeline-stage")) return chunks;
  int64_t each = a.number("num-layers-per-virtual-pipeline-stage", row("model.layers"));
  if (each && layers % (each * pp) == 0) return int(layers / (each * pp));
  inexpressible(a, "num-layers-per-virtual-pipeline-stage",
                fmt::format("{}, where {} layers are split over {} stages", each, layers, pp));
  return 1;
}

Sharding read_sharding(ArgumentList& a) {
  bool distributed = a.flag("use-distributed-optimizer");
  bool torch = a.flag("use-torch-fsdp2");
  bool own = a.flag("use-megatron-fsdp"), old = a.flag("use-custom-fsdp");
  std::string strategy =
      a.choice("data-parallel-sharding-strategy",
               {"no_shard", "optim", "optim_grads", "optim_grads_params"}, "no_shard");
  if (torch) return Sharding::zero3;
  if (!own && !old) return distributed ? Sharding::zero1 : Sharding::none;
  if (strategy == "optim_grads_params") return Sharding::zero3;
  if (strategy == "optim_grads") return Sharding::zero2;
  return strategy == "optim" ? Sharding::zero1 : Sharding::none;
}

// `layers`: of one chunk of a stage.
Recompute read_recompute(ArgumentList& a, int64_t layers) {
  bool some = a.flag("recompute-activations");
  std::string what = a.choice("recompute-granularity", {"full", "selective"}, "");
  std::string method = a.choice("recompute-method", {"uniform", "block"}, "uniform");
  int64_t some_layers = a.whole("recompute-num-layers").value_or(1);
  if (what == "full" && method == "block" && some_layers < layers) {
    if (some_layers == 0) return Recompute::none;
    inexpressible(a, "recompute-method", "block (some layers of a stage only)");
  }
  if (what == "full") return Recompute::full;
  return some || what == "selective" ? Recompute::selective : Recompute::none;
}

ParallelWish read_parallel(ArgumentList& a, int tp, const Model& m) {
  ParallelWish p;
  p.tp = tp;
  p.pp = degree(a, "pipeline-model-parallel-size", "pp", 1);
  p.cp = degree(a, "context-parallel-size", "cp", 1);
  p.ep = degree(a, "expert-model-parallel-size", "ep", 1);
  p.expert_tp = degree(a, "expert-tensor-parallel-size", "expert_tp", m.experts.count ? tp : 1);
  p.vpp = read_chunks(a, m.layers, std::max(1, *p.pp));
  p.micro_batch = a.number("micro-batch-size", row("parallel.micro_batch"));
  p.sharding = read_sharding(a);
  p.recompute = read_recompute(a, m.layers / std::max<int64_t>(1, int64_t(*p.pp) * *p.vpp));
  p.sequence_parallel = a.flag("sequence-parallel");
  p.zero_bubble = false;
  p.offload = a.flag("optimizer-cpu-offload");
  a.flag("use-flash-attn");
  std::string backend =
      a.choice("attention-backend", {"auto", "flash", "fused", "unfused", "local"}, "auto");
  p.flash_attention = backend != "unfused" && backend != "local";
  int64_t instances = a.number("num-distributed-optimizer-instances", row("parallel.dp"), 1);
  p.devices = read_devices(a);
  if (!p.devices) return p;
  int64_t replica = int64_t(*p.tp) * *p.pp * *p.cp;
  if (replica < 1 || *p.devices % replica) {
    a.fault("HL-E0110",
            fmt::format("{} devices are not a multiple of tensor x pipeline x context {}",
                        *p.devices, replica),
            "tensor-model-parallel-size");
    return p;
  }
  p.dp = int(*p.devices / replica);
  if (instances > 1) p.sharding_group = std::max<int>(1, int(*p.dp * *p.cp / instances));
  return p;
}

PrecisionWish read_precision(ArgumentList& a) {
  bool bf16 = a.flag("bf16"), fp16 = a.flag("fp16");
  std::string fp8 = a.choice("fp8-format", {"e4m3", "hybrid"}, "");
  std::string recipe =
      a.choice("fp8-recipe", {"delayed", "tensorwise", "mxfp8", "blockwise", "custom"}, "delayed");
  if (a.text("fp4-format")) return PrecisionWish::nvfp4;
  if (!fp8.empty()) return recipe == "mxfp8" ? PrecisionWish::mxfp8 : PrecisionWish::fp8;
  if (bf16) return PrecisionWish::bf16;
  return fp16 ? PrecisionWish::fp16 : PrecisionWish::fp32;
}

void read_batches(ArgumentList& a, Train& t, const ParallelWish& p) {
  std::optional<int64_t> standard;
  if (p.dp) standard = *p.dp * p.micro_batch.value_or(1);
  t.global_batch = a.number("global-batch-size", row("train.global_batch"), standard);
  std::optional<int64_t> samples = a.whole("train-samples");
  if (samples && !a.has("train-iters") && t.global_batch) {
    t.steps = *samples / t.global_batch;
    int64_t warmup = a.whole("lr-warmup-samples").value_or(0);
    t.warmup_steps = warmup / t.global_batch;
    return;
  }
  t.steps = a.number("train-iters", row("train.steps"));
  t.warmup_steps = a.number("lr-warmup-iters", row("train.warmup_steps"), 0, 0);
  if (std::optional<double> share = a.real("lr-warmup-fraction"))
    t.warmup_steps = int64_t(std::llround(std::clamp(*share, 0.0, 1.0) * double(t.steps)));
}

Train read_train(ArgumentList& a, const ParallelWish& p) {
  Train t;
  read_batches(a, t, p);
  t.learning_rate = a.real("lr").value_or(t.learning_rate);
  t.final_learning_rate = a.real("min-lr").value_or(0);
  t.weight_decay = a.real("weight-decay").value_or(0.01);
  t.beta1 = a.real("adam-beta1").value_or(0.9);
  t.beta2 = a.real("adam-beta2").value_or(0.999);
  t.clip_norm = a.real("clip-grad").value_or(1);
  t.seed = a.whole("seed").value_or(1234);
  t.checkpoint_every = a.number("save-interval", row("train.checkpoint_every"), t.checkpoint_every);
  t.precision = read_precision(a);
  return t;
}

}  // namespace

Result<MegatronArguments> read_megatron(const SourceText& script) {
  auto words = shell_words(script);
  if (!words) return tl::unexpected(std::move(words.error()));
  ArgumentList a(script, *words);
  MegatronArguments read;
  Workload& w = read.workload;
  w.name = "megatron";
  int tp = degree(a, "tensor-model-parallel-size", "tp", 1);
  w.model = read_model(a, tp);
  w.parallel = read_parallel(a, tp, w.model);
  w.train = read_train(a, w.parallel);
  if (!a.faults().empty()) return fail(gathered(std::move(a.faults())));
  // What the fields must fulfil together, as in a workload that a person writes.
  auto checked = read_json<Workload>({script.name, to_line(w)});
  if (!checked) return tl::unexpected(std::move(checked.error()).during("reading the arguments"));
  w = std::move(*checked);
  read.ignored = a.ignored();
  return read;
}

}  // namespace heliu::exchange
