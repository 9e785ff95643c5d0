// One layer is attention's products, attention over the cache, the feed-forward's products (dense,
// or a router and the experts that the tokens visit), passes over activations, and exchanges.
// Prefill and decode differ in how a product is timed: many rows by its shape (matmul.h), few rows
// by the roofline, since kernels for few rows split the sum and fill the chip that way.
#include "cost/inference.h"

#include <algorithm>
#include <cmath>

#include "cost/matmul.h"
#include "cost/network.h"

namespace heliu::cost {
namespace {

class Replica {
 public:
  Replica(const Model& model, const Machine& machine, const ServingHabits& habits,
          const ServingLayout& layout)
      : m_(model),
        machine_(machine),
        habits_(habits),
        l_(layout),
        h_(double(model.hidden)),
        precision_(machine.knows(layout.weights) ? layout.weights : Precision::bf16),
        weight_(stored_bytes(layout.weights)) {
    machine_.link_latency = std::min(machine_.link_latency, habits.exchange_latency_s);
  }

  // One step of `batch` requests that have `context` tokens each. With several stages, as many
  // groups of requests follow each other as keep all stages busy.
  ServingPass decode(double batch, double context) const {
    double groups = std::min(double(l_.pp), batch);
    double team = std::max(1.0, batch / groups / teams_of(l_));
    Work w{team, 0, context, false};
    ServingPass p = layers(w, double(layers_of_stage(m_, l_)) * l_.pp / double(m_.layers));
    p.products += roofline(team, h_ * double(m_.vocabulary) / l_.tp, 2, Precision::bf16);
    p.elementwise += stream(3 * 4 * team * double(m_.vocabulary) / l_.tp);
    p.pipeline = l_.pp > 1 ? l_.pp * send_time(machine_, stage_devices(l_), team * h_ * 2) : 0;
    p.host += habits_.host_step_s;
    return p;
  }

  // `prompts` of `length` tokens in one pass over all stages.
  ServingPass prefill(double prompts, double length) const {
    double tokens = std::max(1.0, prompts / teams_of(l_)) * length;
    Work w{tokens, length, 0, true};
    ServingPass p = layers(w, 1);
    double rows = std::max(1.0, prompts / teams_of(l_));  // logits of last tokens only
    p.products += roofline(rows, h_ * double(m_.vocabulary) / l_.tp, 2, Precision::bf16);
    p.pipeline = (l_.pp - 1) * send_time(machine_, stage_devices(l_), tokens * h_ * 2);
    p.host += habits_.host_step_s;
    return p;
  }

 private:
  // What one team of a stage computes with.
  struct Work {
    double tokens = 0;   // rows of its products
    double length = 0;   // of a prompt (prefill)
    double context = 0;  // tokens in a request's cache (decode)
    bool prompts = false;
  };

  double stream(double bytes) const { return bytes / machine_.bandwidth; }

  double roofline(double rows, double numbers, double bytes, Precision precision) const {
    double compute = 2 * rows * numbers / machine_.matmul[size_t(precision)];
    return std::max(compute, stream(numbers * bytes));
  }

  // A matrix of in x out, `count` of them with their own rows.
  double product(const Work& w, double rows, double in, double out, double count = 1) const {
    if (!w.prompts) return roofline(rows, in * out * count, weight_, precision_);
    return matmul_time(machine_, {rows, out, in, count}, precision_);
  }

  ServingPass layers(const Work& w, double scale) const {
    double mixtures = m_.experts.count ? double(m_.layers - m_.experts.dense_layers) : 0;
    double dense = double(m_.layers) - mixtures;
    ServingPass p;
    double all = double(m_.layers);
    p.products = all * projections(w) + dense * dense_products(w) + mixtures * mixture_products(w);
    p.attention = w.prompts ? prompt_attention(w) : cache_attention(w);
    p.elementwise = dense * passes(w, double(feed_forward_of(m_)), 1) +
                    mixtures * passes(w, double(expert_feed_forward_of(m_)), experts_of_token());
    p.tensor = (2 * all - (l_.ep > l_.tp ? mixtures : 0)) * all_reduce(w);
    p.expert = mixtures * expert_exchange(w);
    p.host = all * habits_.layer_s;
    for (double ServingPass::*part :
         {&ServingPass::products, &ServingPass::attention, &ServingPass::elementwise,
          &ServingPass::tensor, &ServingPass::expert, &ServingPass::host})
      p.*part *= scale;
    return p;
  }

  double experts_of_token() const { return double(m_.experts.active + m_.experts.shared); }

  double projections(const Work& w) const {
    double numbers = double(attention_parameters(m_)) / l_.tp;
    // By its two sides: what comes from the hidden state (low ranks and biases included, rounded to
    // whole tiles), and what goes back to it.
    double value = m_.latent.kv_rank ? double(m_.latent.value_head) : double(head_size_of(m_));
    double back = double(m_.heads) * value / l_.tp;
    double in = 64 * std::max(1.0, std::round((numbers / h_ - back) / 64));
    return product(w, w.tokens, h_, in) + product(w, w.tokens, back, h_);
  }

  double feed(const Work& w, double rows, double width, double count) const {
    double in = is_gated(m_) ? 2 * width : width;
    return product(w, rows, h_, in, count) + product(w, rows, width, h_, count);
  }

  double dense_products(const Work& w) const {
    return feed(w, w.tokens, double(feed_forward_of(m_)) / l_.tp, 1);
  }

  // All teams' tokens meet in the experts: those of one device are a share of those touched.
  double mixture_products(const Work& w) const {
    if (!m_.experts.count) return 0;
    double width = double(expert_feed_forward_of(m_));
    double router = roofline(w.tokens, h_ * double(m_.experts.count), 2, Precision::bf16);
    double shared =
        m_.experts.shared ? feed(w, w.tokens, width * double(m_.experts.shared) / l_.tp, 1) : 0;
    double tokens = w.tokens * teams_of(l_);
    double visits = tokens * double(m_.experts.active);
    double touched = touched_experts(double(m_.experts.count), double(m_.experts.active), tokens);
    // How many ways an expert is cut, and how many devices hold different ones.
    double cut = l_.ep > l_.tp ? 1 : double(l_.tp) / l_.ep;
    return router + shared + feed(w, visits / touched, width / cut, touched / l_.ep);
  }

  // Of one token: two norms with their residuals (4 hidden each), the casts of both inputs, queries
  // and context in and out, the gate's inputs and its output, in 16 bits.
  double passes(const Work& w, double width, double experts) const {
    double attention = double(m_.heads) * double(head_size_of(m_));
    return stream(2 * w.tokens * (10 * h_ + 4 * (attention + experts * width) / l_.tp));
  }

  // Every query over half of its prompt (fused, causal), in all layers.
  double prompt_attention(const Work& w) const {
    double windowed = m_.window > 0 ? 1.0 / double(m_.window_every) : 0;
    double window = std::min(w.length, double(m_.window));
    double mean = (1 - windowed) * w.length / 2 +
                  windowed * window * (1 - window / 2 / std::max(1.0, w.length));
    bool latent = m_.latent.kv_rank > 0;
    double head = double(head_size_of(m_));
    double sizes = latent ? double(m_.latent.nope_head + m_.latent.rope_head + m_.latent.value_head)
                          : 2 * head;
    double operations = 2 * w.tokens * mean * double(m_.heads) / l_.tp * sizes;
    // Short prompts keep the units waiting for the softmax, as in training (block.cpp).
    double rate = machine_.attention * w.length / (w.length + 512);
    return double(m_.layers) * operations / rate;
  }

  // The cache is read once; latents are met by every head, in the form that never expands them
  // (DeepSeek-V2, arXiv 2405.04434, section 2.1.2).
  double cache_attention(const Work& w) const {
    double bytes = w.tokens * cache_bytes(m_, l_.cache, w.context) * cache_share(m_, l_);
    double tokens = cache_bytes(m_, l_.cache, w.context) / cache_bytes_per_token(m_, l_.cache);
    double sizes = m_.latent.kv_rank ? 2 * double(m_.latent.kv_rank) + double(m_.latent.rope_head)
                                     : 2 * double(head_size_of(m_));
    double operations =
        2 * w.tokens * tokens * double(m_.layers) * double(m_.heads) / l_.tp * sizes;
    return std::max(stream(bytes), operations / machine_.attention);
  }

  double all_reduce(const Work& w) const {
    return all_reduce_time(machine_, {double(l_.tp), 1}, w.tokens * h_ * 2);
  }

  // Tokens go to their experts' devices and come back, each rank of a team sending its part of
  // them; no exchange of its own where the ranks of one team hold all experts.
  double expert_exchange(const Work& w) const {
    if (l_.ep <= l_.tp) return 0;
    double numbers = w.tokens / l_.tp * double(m_.experts.active) * h_;
    Team team{double(l_.ep), 1};
    double there = std::min(2.0, weight_ < 1 ? 1 : weight_);
    return all_to_all_time(machine_, team, there * numbers) +
           all_to_all_time(machine_, team, 2 * numbers);
  }

  const Model& m_;
  Machine machine_;
  const ServingHabits& habits_;
  const ServingLayout& l_;
  double h_;
  Precision precision_;
  double weight_;
};

void set_memory(ServingForecast& f, const Model& m, const Machine& machine,
                const ServingHabits& habits, const ServingLayout& l, const Serve& serve) {
  double request = cache_bytes(m, l.cache, double(serve.prompt + serve.output)) *
                   cache_share(m, l) * double(layers_of_stage(m, l)) / double(m.layers);
  f.usable = habits.usable_memory * machine.memory;
  f.weights = weight_bytes(m, l);
  double each = std::floor(std::max(0.0, f.usable - f.weights) / request);
  f.largest_batch = each * teams_of(l);
  f.cache = std::ceil(double(serve.concurrency) / teams_of(l)) * request;
  f.fits = f.weights + f.cache <= f.usable;
}

}  // namespace

double touched_experts(double experts, double active, double tokens) {
  return experts * (1 - std::pow(1 - active / experts, tokens));
}

ServingForecast forecast_serving(const Model& m, const Machine& machine,
                                 const ServingHabits& habits, const ServingLayout& layout,
                                 const Serve& serve, double pue) {
  Replica replica(m, machine, habits, layout);
  double prompt = double(serve.prompt), output = double(serve.output);
  double batch = double(serve.concurrency);
  ServingForecast f;
  set_memory(f, m, machine, habits, layout, serve);
  f.prefill = replica.prefill(1, prompt);
  f.decode = replica.decode(batch, prompt + output / 2);
  f.first_token_s = f.prefill.total();
  f.token_time_s = f.decode.total();

  // Prompts that come together are read together, by every team of its own; stages read different
  // ones at the same time.
  double of_team = std::max(1.0, std::floor(habits.prefill_tokens / prompt));
  double together = std::min(batch, of_team * teams_of(layout));
  double reading = replica.prefill(together, prompt).total() * batch / together;
  reading /= std::min(double(layout.pp), std::max(1.0, batch / together));
  double making = (output - 1) * f.token_time_s;
  f.batch_s = reading + making;
  f.tokens_per_s = batch * output / f.batch_s;
  f.tokens_per_s_per_device = f.tokens_per_s / devices_of(layout);

  // A chip that waits for its memory draws about what one draws in a collective: assumed.
  Power power = power_of(machine, pue);
  if (power.is_known()) {
    Joules all = devices_of(layout) * (power.computing * Seconds::of(reading) +
                                       power.communicating * Seconds::of(making));
    f.joules_per_token = all.base() / (batch * output);
  }
  return f;
}

}  // namespace heliu::cost
