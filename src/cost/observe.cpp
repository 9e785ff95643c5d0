#include "cost/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cost/interconnect.h"
#include "cost/phrase.h"

namespace heliu::cost {
namespace {

ModelFamily family_of(const std::string& name) {
  if (mentions(name, {"deepseek", "kimi"})) return ModelFamily::deepseek;
  if (mentions(name, {"qwen"})) return ModelFamily::qwen;
  if (mentions(name, {"mixtral"})) return ModelFamily::mixtral;
  if (mentions(name, {"mistral"})) return ModelFamily::mistral;
  if (mentions(name, {"gpt oss", "gpt-oss", "gpt_oss"})) return ModelFamily::gpt_oss;
  if (mentions(name, {"neox"})) return ModelFamily::gpt_neox;
  if (mentions(name, {"gpt", "mpt", "bloom", "opt"})) return ModelFamily::gpt;
  return ModelFamily::llama;
}

void experts(Model& model, const Measurement& row, const std::string& note) {
  if (!row.experts) return;
  Experts& e = model.experts;
  e.count = row.experts;
  e.active = row.active_experts;
  e.feed_forward = number_after(note, "expert ffn ", 0);
  e.shared = number_before(note, " shared expert", 0);
  e.dense_layers = number_before(note, " layers dense", mentions(note, {"first layer dense"}));
  if (model.family != ModelFamily::deepseek) return;
  // The expert's width and the others where the note is silent: DeepSeek-V2 and V3, arXiv
  // 2405.04434 and 2412.19437.
  if (!e.feed_forward) e.feed_forward = row.experts >= 256 ? 2048 : 1536;
  if (!e.shared) e.shared = row.experts >= 256 ? 1 : 2;
  if (!e.dense_layers) e.dense_layers = row.experts == 256 ? 3 : 1;
}

void attention(Model& model, const Measurement& row, const std::string& name,
               const std::string& note) {
  if (mentions(note, {"mla"}) || model.family == ModelFamily::deepseek) {
    model.latent.kv_rank = 512;
    model.latent.query_rank = mentions(name, {"lite"}) ? 0 : 1536;
  }
  // Heads whose size is not hidden / heads, by their public configurations.
  if (model.family == ModelFamily::gpt_oss) model.head_size = 64;
  if (mentions(name, {"qwen3"})) model.head_size = 128;
  if (mentions(note, {"sliding-window", "sliding window"}) ||
      model.family == ModelFamily::gpt_oss) {
    model.window = number_after(note, "window ", 128);
    model.window_every =
        mentions(note, {"alternating"}) || model.family == ModelFamily::gpt_oss ? 2 : 1;
  }
  if (!model.latent.kv_rank && !model.head_size && row.hidden % row.heads)
    model.head_size = (row.hidden + row.heads - 1) / row.heads;
}

// With a gate or without: whichever comes nearer to the published number of parameters.
void gates(Model& model, double published) {
  if (published <= 0 || model.experts.count) return;
  auto distance = [&](bool gated) {
    Model other = model;
    other.gated = gated;
    return std::abs(double(parameter_count(other)) - published);
  };
  bool standard = is_gated(model);
  if (distance(!standard) < 0.5 * distance(standard)) model.gated = !standard;
}

// At least as many as the model has, counted in floating point, which cannot overflow.
double parameters_at_most(const Model& m) {
  auto h = double(m.hidden), head = double(std::max<int64_t>(head_size_of(m), 512));
  double attention = head * (2 * double(m.heads) + 2 * double(kv_heads_of(m))) + 4096;
  auto dense = double(std::max(m.feed_forward, 4 * m.hidden));
  double routed = (double(m.experts.count) + double(m.experts.shared)) *
                  std::max(dense, double(m.experts.feed_forward));
  return double(m.layers + 2) * (h + 2048) * 4 * (attention + dense + routed + h + 4) +
         2 * (h + 1) * (double(m.vocabulary) + double(m.sequence));
}

Model model_of(const Measurement& row) {
  std::string name = lower(row.model_name), note = lower(row.expert_note);
  Model model;
  model.family = family_of(name);
  model.layers = row.layers;
  model.hidden = row.hidden;
  model.heads = row.heads;
  model.kv_heads = row.kv_heads;
  model.sequence = row.sequence;
  model.feed_forward = row.feed_forward;
  model.vocabulary = row.vocabulary ? row.vocabulary : 51200;
  if (mentions(name, {"w/ mtp", "with mtp"})) model.prediction_layers = 1;
  attention(model, row, name, note);
  experts(model, row, note);
  if (model.latent.kv_rank) model.kv_heads = 0;
  return model;
}

// What a node of its time carries, where the row does not say.
double usual_network(const std::string& chip) {
  if (mentions(chip, {"b300", "rubin", "355"})) return 100e9;
  if (mentions(chip, {"a100", "a800", "v100"})) return 25e9;
  return 50e9;
}

std::string framework_of(const Measurement& row) {
  std::string text = lower(row.group);
  if (mentions(text, {"vtrain", "bigscience", "deepspeed"})) return "megatron-deepspeed";
  if (mentions(text, {"seqsel", "megatron-lm"})) return "megatron";
  if (mentions(text, {"llmfoundry", "llm-foundry", "mosaic"})) return "fsdp";
  if (mentions(text, {"torchtitan", "titan"})) return "torchtitan";
  if (mentions(text, {"intern"})) return "internevo";
  if (mentions(text, {"mlperf"})) return "mlperf";
  if (mentions(text, {"mbridge", "bridge"})) return "mbridge";
  if (mentions(text, {"nemo"})) return "nemo";
  return row.parallel.sharding == Sharding::zero3 ? "torchtitan" : "nemo";
}

int precision_of(const std::string& text) {
  std::string name = lower(text);
  if (name.empty()) return int(Precision::bf16);
  for (size_t i = 0; i < precision_names.size(); ++i)
    if (precision_names[i] == name) return int(i);
  if (mentions(name, {"int8", "aqt"})) return int(Precision::fp8);
  if (mentions(name, {"mxfp8"})) return int(Precision::mxfp8);
  if (mentions(name, {"fp8"})) return int(Precision::fp8);
  if (mentions(name, {"fp4"})) return int(Precision::nvfp4);
  return -1;
}

}  // namespace

Observation observe(const Measurement& row, const Catalog& catalog) {
  Observation o;
  o.chip = find_chip(catalog, row.chip);
  if (!o.chip) o.chip = find_chip(catalog, row.published_chip);
  int precision = precision_of(row.precision);
  o.in_int8 = o.chip && mentions(lower(row.precision), {"int8", "aqt"}) &&
              o.chip->peak.fp8.base() <= 0 && o.chip->peak.int8.base() > 0;
  if (!o.chip)
    o.reason = "chip is not in the catalog: " + row.chip;
  else if (precision < 0)
    o.reason = "precision is not known: " + row.precision;
  else if (peak_of(*o.chip, Precision(precision)).base() <= 0 && !o.in_int8)
    o.reason = fmt::format("{} has no {}", o.chip->name, row.precision);
  else if (peak_of(*o.chip, Precision::bf16).base() <= 0 || o.chip->memory.bandwidth.base() <= 0)
    o.reason = fmt::format("the catalog knows too little of {}", o.chip->name);
  if (!o.reason.empty()) return o;

  o.task.model = model_of(row);
  if (parameters_at_most(o.task.model) > 1e17) {
    o.reason = "the model has more parameters than can be counted";
    return o;
  }
  gates(o.task.model, row.parameters);
  o.task.global_batch = double(row.global_batch);
  std::string task = lower(row.task);
  o.task.trains_all = task != "lora";
  o.task.lora_rank = o.task.trains_all ? 0 : number_after(lower(row.model_name), " r", 16);
  o.framework = framework_of(row);
  o.hides_tensor = mentions(lower(row.overlap_note), {"async tp"});
  o.runs_eagerly = o.framework == "torchtitan" && !mentions(lower(row.overlap_note), {"compile"});
  o.drops_tokens = mentions(lower(row.model_name), {"tokendrop", "token drop"});

  Habits custom = habits(o.framework, {});
  o.layout.parallel = row.parallel;
  Parallel& p = o.layout.parallel;
  if (!row.says_sequence_parallel) p.sequence_parallel = p.tp > 1;
  p.flash_attention = custom.fused_attention;
  o.layout.precision = Precision(precision);
  o.layout.micro_batch = row.micro_batch;
  int64_t one = row.micro_batch * p.dp;
  o.layout.micro_batches = std::max<int64_t>(1, (row.global_batch + one - 1) / one);
  o.recompute_is_open = !row.says_recompute;

  const std::string& text = row.interconnect;
  o.cluster.devices_per_node = std::max(1, row.devices_per_node ? row.devices_per_node : 8);
  o.cluster.nodes = (row.devices + o.cluster.devices_per_node - 1) / o.cluster.devices_per_node;
  o.cluster.network = network_bandwidth(text, o.cluster.devices_per_node);
  if (o.cluster.network <= 0) o.cluster.network = usual_network(lower(o.chip->name));
  o.cluster.network_name = network_name(text);
  o.cluster.domain = o.cluster.devices_per_node;
  if (mentions(lower(text), {"nvl72"}) || o.chip->scale_up.domain > o.cluster.devices_per_node)
    o.cluster.domain = std::max(o.chip->scale_up.domain, o.cluster.devices_per_node);
  // Measured plans did run, whatever our rules for new ones say; only degrees that cannot be are
  // mended.
  p.ep = int(std::gcd(int64_t(p.ep), int64_t(p.dp) * p.cp * p.tp));
  if (p.sharding_group) p.sharding_group = int(std::gcd(p.sharding_group, p.dp * p.cp));
  if (p.pp > o.task.model.layers) o.reason = "more stages than layers";
  return o;
}

// Where a row does not say what is recomputed: nothing where that fits, else as many layers as it
// takes.
Observed forecast(const Observation& o, const Calibration& calibration) {
  Machine place = machine(*o.chip, o.cluster, calibration);
  if (o.in_int8)
    place.matmul[size_t(Precision::fp8)] = place.matmul[size_t(Precision::bf16)] *
                                           (o.chip->peak.int8.base() / o.chip->peak.bf16.base());
  Habits custom = habits(o.framework, calibration);
  if (o.drops_tokens) custom.rates.expert_layer_s = 0;
  if (o.hides_tensor) custom.rates.tensor_exposed *= 0.5;
  if (o.runs_eagerly) custom.rates.traffic *= 2.5;
  Estimator estimator(o.task, place, custom);
  Block block = estimator.block(split_of(o.layout));
  Observed out{estimator.estimate(o.layout, block), o.layout};
  if (!o.recompute_is_open || out.estimate.fits) return out;
  out.layout.parallel.recompute = Recompute::full;
  Estimate full = estimator.estimate(out.layout, block);
  double most = out.estimate.footprint.total(), least = full.footprint.total();
  double share = most > least ? std::clamp((most - place.memory) / (most - least), 0.0, 1.0) : 1;
  auto mix = [&](double Footprint::*part) {
    full.footprint.*part =
        share * full.footprint.*part + (1 - share) * out.estimate.footprint.*part;
  };
  for (auto part : {&Footprint::weights, &Footprint::gradients, &Footprint::optimizer,
                    &Footprint::activations, &Footprint::buffers, &Footprint::runtime})
    mix(part);
  full.fits = full.footprint.total() <= 1.0001 * place.memory;
  for (size_t i = 0; i < full.seconds.size(); ++i)
    full.seconds[i] = share * full.seconds[i] + (1 - share) * out.estimate.seconds[i];
  full.step = share * full.step + (1 - share) * out.estimate.step;
  out.estimate = full;
  return out;
}

}  // namespace heliu::cost
