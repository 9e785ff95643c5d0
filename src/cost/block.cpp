// A layer is attention, then a dense feed-forward or a mixture of experts. Everything is counted
// for one rank: products are split over tensor-parallel ranks (Shoeybi et al., arXiv 1909.08053),
// tokens over context-parallel ones, norms and residuals as well with sequence parallelism
// (Korthikanti et al., arXiv 2205.05198), routed experts over expert-parallel ones.
//
// Sizes: t tokens of a rank, h hidden, a the width of its queries, c of its keys, v of its values.
#include "cost/block.h"

#include <algorithm>
#include <cmath>

#include "cost/matmul.h"
#include "cost/network.h"

namespace heliu::cost {
namespace {

double square(double x) { return x * x; }

// The later of two that run side by side, with a soft knee: each delays the other where they are
// near.
double later(double a, double b) {
  auto [less, more] = std::minmax(a, b);
  double ratio = more > 0 ? less / more : 0;
  return more * std::sqrt(std::sqrt(1 + square(square(ratio))));
}

bool is_narrow(Precision p) {
  return p == Precision::fp8 || p == Precision::mxfp8 || p == Precision::nvfp4;
}

class Builder {
 public:
  Builder(const Model& model, bool trains_all, const Machine& machine, const Habits& habits,
          const Split& split)
      : m_(model),
        trains_all_(trains_all),
        machine_(machine),
        habits_(habits),
        s_(split),
        h_(double(model.hidden)),
        tokens_(double(split.micro_batch) * double(model.sequence) / split.cp),
        width_(bytes_of(split.precision)),
        residual_(split.sequence_parallel ? 1.0 / split.tp : 1.0) {}

  Block build() {
    Block out;
    LayerCost attention = attention_layer();
    LayerCost feed = feed_forward(double(feed_forward_of(m_)), tokens_, 1);
    out.dense = finish(attention, feed, 0);
    if (m_.experts.count) {
      LayerCost experts = mixture();
      out.mixture = finish(attention, experts, 1);
    }
    out.embedding = embedding();
    out.head = head();
    out.message = tokens_ * h_ * width_ * residual_;
    return out;
  }

 private:
  // Adds a linear layer of m rows: its product forward, and both of backward. Weights that do not
  // learn have no gradient of their own. Where all tensor-parallel ranks do the same, `copies` of
  // them, its operations are useful once.
  void linear(LayerCost& layer, double rows, double in, double out, double count = 1,
              double copies = 1) const {
    Product forward{rows, out, in, count}, input{rows, in, out, count},
        weight{in, out, rows, count};
    LayerCost one;
    add(one, forward, input, weight);
    layer.forward.matmul += one.forward.matmul;
    layer.backward.matmul += one.backward.matmul;
    layer.operations += one.operations / copies;
    double casts = is_narrow(s_.precision) ? cast_time(rows, in, out, count) : 0;
    layer.forward.elementwise += casts;
    layer.backward.elementwise += (trains_all_ ? 2 : 1) * casts;
  }

  void add(LayerCost& layer, const Product& forward, const Product& input,
           const Product& weight) const {
    layer.forward.matmul += matmul_time(machine_, forward, s_.precision);
    layer.backward.matmul += matmul_time(machine_, input, s_.precision);
    layer.operations += forward.operations() + input.operations();
    if (!trains_all_) return;
    layer.backward.matmul += matmul_time(machine_, weight, s_.precision);
    layer.operations += weight.operations();
  }

  // Making narrow operands: 2 bytes in, 1 out, in both layouts (row- and column-wise scales).
  double cast_time(double rows, double in, double out, double count) const {
    double elements = count * (rows * in + 0.1 * in * out);
    return habits_.rates.narrow_cast * 4 * elements / machine_.bandwidth;
  }

  double stream(double bytes) const { return habits_.rates.traffic * bytes / machine_.bandwidth; }

  // Tensor-parallel exchange of t x h activations: an all-reduce, or with sequence parallelism a
  // reduce-scatter and an all-gather of the same volume.
  double exchange() const {
    if (s_.tp <= 1) return 0;
    Team team{double(s_.tp), 1};
    double bytes = tokens_ * h_ * width_;
    double time = s_.sequence_parallel ? all_gather_time(machine_, team, bytes) +
                                             reduce_scatter_time(machine_, team, bytes)
                                       : all_reduce_time(machine_, team, bytes);
    return habits_.rates.tensor_exposed * time;
  }

  // Widths of one rank's queries, keys and values.
  struct Heads {
    double count = 0, query = 0, value = 0;  // heads of a rank, sizes of one
    double keys = 0;                         // key heads of a rank
  };
  Heads heads() const {
    double count = double(m_.heads) / s_.tp;
    if (m_.latent.kv_rank)
      return {count, double(m_.latent.nope_head + m_.latent.rope_head),
              double(m_.latent.value_head), count};
    double size = double(head_size_of(m_));
    return {count, size, size, std::max(1.0, double(kv_heads_of(m_)) / s_.tp)};
  }

  void projections(LayerCost& layer, const Heads& heads) const {
    double a = heads.count * heads.query, v = heads.count * heads.value;
    if (!m_.latent.kv_rank) {
      linear(layer, tokens_, h_, a + 2 * heads.keys * heads.query);
    } else {
      const LatentAttention& l = m_.latent;
      double q = double(l.query_rank), kv = double(l.kv_rank), rope = double(l.rope_head);
      if (q > 0) {
        linear(layer, tokens_, h_, q, 1, s_.tp);
        linear(layer, tokens_, q, a);
      } else {
        linear(layer, tokens_, h_, a);
      }
      linear(layer, tokens_, h_, kv + rope, 1, s_.tp);
      linear(layer, tokens_, kv, heads.count * double(l.nope_head + l.value_head));
      double latent_traffic = tokens_ * (q + kv + rope + a + heads.count * heads.query) * width_;
      layer.forward.elementwise += stream(3 * latent_traffic);
      layer.backward.elementwise += stream(5 * latent_traffic);
    }
    linear(layer, tokens_, v, h_);
  }

  // Scores and context. Fused attention keeps scores on the chip and skips what causality hides
  // (Dao, arXiv 2307.08691: the backward does 2.5 times the forward's work); stored scores are
  // products and passes over a square of sequence x sequence.
  void scores(LayerCost& layer, const Heads& heads) const {
    double sequence = double(m_.sequence);
    double batch = double(s_.micro_batch);
    double window = m_.window > 0 ? std::min(sequence, double(m_.window)) : sequence;
    double windowed = m_.window > 0 ? 1.0 / double(m_.window_every) : 0;
    // Pairs of a query and a key that one sequence has.
    double all = sequence * sequence / 2, near = window * (sequence - window / 2);
    double pairs = (1 - windowed) * all + windowed * near;
    double useful = 2 * batch * pairs / s_.cp * heads.count * (heads.query + heads.value);
    layer.operations += 3 * useful;
    if (s_.flash_attention) {
      // Short sequences keep the matrix units waiting, and the backward is slower still: assumed.
      double rate = machine_.attention * habits_.rates.attention;
      rate *= sequence / (sequence + 512);
      layer.forward.attention += useful / rate;
      layer.backward.attention += 2.5 * useful / rate * 1.15;
      layer.selective += useful / rate;
      return;
    }
    stored_scores(layer, heads, batch * heads.count / s_.cp, sequence);
  }

  void stored_scores(LayerCost& layer, const Heads& heads, double count, double sequence) const {
    Product score{sequence, sequence, heads.query, count};
    Product context{sequence, heads.value, sequence, count};
    Precision precision = is_narrow(s_.precision) ? Precision::bf16 : s_.precision;
    double forward =
        matmul_time(machine_, score, precision) + matmul_time(machine_, context, precision);
    double element = count * sequence * sequence * width_;
    double passes = (habits_.dropout ? 5 : 3) + (softmax_is_fused() ? 0 : 4);
    layer.forward.attention += forward + stream(passes * element);
    layer.backward.attention += 2 * forward + stream(1.6 * passes * element);
    layer.selective += forward + stream(passes * element);
    layer.kept += (2 + (habits_.dropout ? 0.5 : 0)) * element;
  }

  // Megatron's fused softmax takes four rows of heads at a time; other counts run as single kernels
  // (megatron/fused_kernels: attention batches must be a multiple of 4).
  bool softmax_is_fused() const {
    return s_.flash_attention || std::fmod(double(s_.micro_batch) * heads().count, 4) == 0;
  }

  LayerCost attention_layer() const {
    LayerCost layer;
    Heads h = heads();
    projections(layer, h);
    scores(layer, h);
    double kv = tokens_ * 2 * h.keys * (h.query + h.value) / 2;
    ring(layer, kv * width_);
    layer.forward.tensor += exchange();
    layer.backward.tensor += exchange();
    double wide = tokens_ * (h.count * (h.query + h.value) + h.keys * (h.query + h.value));
    // Norm, residual, and for older models dropout and biases; then rotary positions or splitting.
    double narrow = tokens_ * h_ * residual_;
    double passes = 2 + 3 + (habits_.dropout ? 3 : 0);
    // Qwen normalises queries and keys as well (Qwen3, arXiv 2505.09388, section 2).
    double head_passes = m_.family == ModelFamily::qwen ? 4 : 2;
    double bytes = width_ * (passes * narrow + head_passes * wide);
    layer.forward.elementwise += stream(bytes);
    layer.backward.elementwise += stream(1.6 * bytes);
    keep(layer, narrow, tokens_ * h_ * gathered(), 0);
    layer.kept += width_ * wide + (habits_.dropout ? narrow : 0);
    layer.kept_selective = layer.kept - scores_kept(h);
    layer.working = width_ * (2 * wide + 2 * narrow);
    // The matrices down to latent ranks are whole on each tensor-parallel rank.
    const LatentAttention& l = m_.latent;
    double whole = l.kv_rank ? h_ * double(l.query_rank + l.kv_rank + l.rope_head) : 0;
    layer.shared_parameters = (double(attention_parameters(m_)) - whole) / s_.tp + whole;
    return layer;
  }

  double scores_kept(const Heads& heads) const {
    if (s_.flash_attention) return 0;
    double element =
        double(s_.micro_batch) * heads.count / s_.cp * square(double(m_.sequence)) * width_;
    return (2 + (habits_.dropout ? 0.5 : 0)) * element;
  }

  // With sequence parallelism the gathered input is gathered again, not kept.
  double gathered() const { return residual_; }

  void keep(LayerCost& layer, double norm_input, double product_input, double more) const {
    // Weights that do not learn need no input for a gradient of theirs.
    double operand = !trains_all_ ? 0 : is_narrow(s_.precision) ? 1 : width_;
    layer.kept += width_ * norm_input + operand * product_input + more;
  }

  // Keys and values go round among context-parallel ranks while attention computes (Liu et al.,
  // arXiv 2310.01889); gradients go round in the backward as well.
  void ring(LayerCost& layer, double bytes) const {
    if (s_.cp <= 1) return;
    Team team{double(s_.cp), double(s_.tp)};
    double turn = all_gather_time(machine_, team, bytes * s_.cp);
    auto exposed = [&](double talk, double work) {
      return std::max(0.0, talk - 0.7 * work) + 0.25 * habits_.rates.tensor_exposed * talk;
    };
    layer.forward.context += exposed(turn, layer.forward.attention);
    layer.backward.context += exposed(2 * turn, layer.backward.attention);
  }

  LayerCost feed_forward(double width, double rows, double norm) const {
    LayerCost layer;
    double f = width / s_.tp, gates = is_gated(m_) ? 2 : 1;
    linear(layer, rows, h_, gates * f);
    linear(layer, rows, f, h_);
    layer.forward.tensor += exchange();
    layer.backward.tensor += exchange();
    double narrow = rows * h_ * residual_ * norm;
    double passes = 2 + 3 + (habits_.dropout ? 3 : 0);
    double bytes = width_ * (passes * narrow + (gates + 1) * rows * f);
    layer.forward.elementwise += stream(bytes);
    layer.backward.elementwise += stream(1.6 * bytes);
    keep(layer, narrow, rows * h_ * residual_ + rows * f,
         (is_narrow(s_.precision) && habits_.narrow_gates ? 1 : width_) * gates * rows * f);
    layer.kept += habits_.dropout ? narrow : 0;
    layer.kept_selective = layer.kept;
    layer.working = width_ * (2 * gates + 1) * rows * f;
    layer.shared_parameters =
        double(dense_feed_forward_parameters(m_)) / s_.tp * (width / double(feed_forward_of(m_)));
    return layer;
  }

  // Tokens go to the ranks of their experts and come back (Lepikhin et al., arXiv 2006.16668);
  // loads are taken as balanced. Experts are whole on each rank, or split over expert_tp.
  LayerCost mixture() const {
    const Experts& e = m_.experts;
    LayerCost layer;
    double width = double(expert_feed_forward_of(m_));
    if (e.shared) {
      layer = feed_forward(width * double(e.shared), tokens_, 1);
      layer.shared_parameters = double(e.shared * one_expert_parameters(m_)) / s_.tp;
    } else {
      double narrow = tokens_ * h_ * residual_;
      layer.forward.elementwise += stream(5 * width_ * narrow);
      layer.backward.elementwise += stream(8 * width_ * narrow);
      keep(layer, narrow, narrow, 0);
    }
    double held = double(e.count) * s_.expert_tp / (double(s_.ep) * s_.expert_tp);
    double routed = tokens_ / s_.tp * double(e.active) * s_.expert_tp;
    double gates = is_gated(m_) ? 2 : 1, f = width / s_.expert_tp;
    linear(layer, tokens_ * residual_, h_, double(e.count), 1, residual_ * s_.tp);
    // With biases, grouped products and what follows are not fused: measured, half the rate.
    double bias = m_.family == ModelFamily::gpt_oss ? 2 : 1;
    LayerCost products;
    linear(products, routed / held, h_, gates * f, held);
    linear(products, routed / held, f, h_, held);
    layer.forward.matmul += bias * products.forward.matmul;
    layer.backward.matmul += bias * products.backward.matmul;
    layer.forward.elementwise += products.forward.elementwise;
    layer.backward.elementwise += products.backward.elementwise;
    layer.operations += products.operations;

    double moved = routed * h_ * width_;
    double talk = habits_.rates.expert_exposed * 2 * dispatch();
    layer.forward.expert += talk;
    layer.backward.expert += talk;
    double passes = gates + 1;
    // Biases of experts and a clamped gate are kernels of their own (GPT-OSS's model card, arXiv
    // 2508.10925, section 2).
    if (m_.family == ModelFamily::gpt_oss) passes += 3 * gates;
    double bytes = 6 * moved + width_ * passes * routed * f;
    layer.forward.elementwise += stream(bytes);
    layer.backward.elementwise += stream(1.6 * bytes);
    double operand = is_narrow(s_.precision) ? 1 : width_;
    layer.kept += operand * (routed * h_ + routed * f) + width_ * (gates * routed * f);
    // Selective recompute runs the experts' gates once more.
    layer.kept_selective = layer.kept - width_ * gates * routed * f;
    layer.selective += stream(width_ * passes * routed * f);
    layer.working += 2 * moved + width_ * 2 * gates * routed * f;
    layer.shared_parameters += h_ * double(e.count);
    layer.expert_parameters = held * double(one_expert_parameters(m_)) / s_.expert_tp;
    return layer;
  }

  // A token goes once to each rank, and over the network once to each domain, that has one of its
  // experts (as in DeepEP; DeepSeek-V3, arXiv 2412.19437, section 3.2.2).
  double dispatch() const {
    Team team{double(s_.ep), double(s_.expert_tp)};
    if (team.size <= 1) return 0;
    double active = double(m_.experts.active);
    double in = inside(machine_, team), out = team.size / in;
    auto reached = [&](double places) { return places * (1 - std::pow(1 - 1 / places, active)); };
    double bytes = tokens_ / s_.tp * s_.expert_tp * h_ * width_;
    double within = bytes * reached(team.size) * (in - 1) / team.size / machine_.link;
    double across = out > 1 ? bytes * reached(out) * (out - 1) / out / machine_.network : 0;
    return std::max(within, across) + machine_.link_latency +
           machine_.network_latency * std::log2(out);
  }

  // Host code runs ahead of the device where it can; where kernels are short it cannot.
  LayerCost finish(const LayerCost& a, const LayerCost& b, double experts) const {
    LayerCost out = b;
    out.forward.add(a.forward);
    out.backward.add(a.backward);
    double host = (habits_.rates.layer_s + experts * habits_.rates.expert_layer_s) *
                  (softmax_is_fused() ? 1 : 1.3);
    double device = out.forward.total();
    out.forward.host = later(device, host) - device;
    device = out.backward.total();
    out.backward.host = later(device, 1.5 * host) - device;
    out.selective += a.selective;
    out.operations += a.operations;
    out.kept += a.kept;
    out.kept_selective += a.kept_selective;
    out.kept_full = width_ * tokens_ * h_ * residual_;
    out.working = std::max(a.working, b.working);
    out.shared_parameters += a.shared_parameters + 2 * h_;
    return out;
  }

  EndCost embedding() const {
    EndCost end;
    double bytes = tokens_ * h_ * width_ * (habits_.dropout ? 4 : 2);
    end.forward.elementwise = stream(bytes);
    end.backward.elementwise = stream(2 * bytes);
    end.forward.tensor = exchange();
    end.kept = habits_.dropout ? tokens_ * h_ * residual_ : 0;
    end.parameters = h_ * (double(m_.vocabulary) / s_.tp +
                           (has_learned_positions(m_) ? double(m_.sequence) : 0));
    return end;
  }

  // The head's product stays in 16 bits; logits and their softmax are in fp32. Each layer that
  // predicts a further token has logits of its own, by the same weights, and a matrix of 2 h x h
  // that joins its input with the next token's embedding (DeepSeek-V3, arXiv 2412.19437, section
  // 2.2).
  EndCost head() const {
    EndCost end = one_head();
    auto further = double(m_.prediction_layers);
    if (further == 0) return end;
    LayerCost join;
    linear(join, tokens_, 2 * h_, h_ / s_.tp);
    auto grow = [&](Pass& pass, const Pass& of_join) {
      pass.matmul += further * (pass.matmul + of_join.matmul);
      pass.elementwise += further * of_join.elementwise;
      pass.tensor *= 1 + further;
    };
    grow(end.forward, join.forward);
    grow(end.backward, join.backward);
    end.operations += further * (end.operations + join.operations);
    end.loss *= 1 + further;
    end.kept *= 1 + further;
    end.parameters += further * double(prediction_join_parameters(m_)) / s_.tp;
    return end;
  }

  EndCost one_head() const {
    EndCost end;
    double vocabulary = double(m_.vocabulary) / s_.tp;
    Precision wide = is_narrow(s_.precision) ? Precision::bf16 : s_.precision;
    Product forward{tokens_, vocabulary, h_, 1}, input{tokens_, h_, vocabulary, 1},
        weight{h_, vocabulary, tokens_, 1};
    end.forward.matmul = matmul_time(machine_, forward, wide);
    end.backward.matmul = matmul_time(machine_, input, wide);
    end.operations = forward.operations() + input.operations();
    if (trains_all_) {
      end.backward.matmul += matmul_time(machine_, weight, wide);
      end.operations += weight.operations();
    }
    end.loss = stream(tokens_ * vocabulary * 4 * 5);
    end.forward.tensor = end.backward.tensor = exchange();
    end.kept =
        tokens_ * vocabulary * habits_.logit_bytes / 2 + width_ * 2 * tokens_ * h_ * residual_;
    end.working = tokens_ * vocabulary * habits_.logit_bytes / 2;
    end.parameters = h_ * vocabulary;
    return end;
  }

  const Model& m_;
  bool trains_all_;
  const Machine& machine_;
  const Habits& habits_;
  const Split& s_;
  double h_, tokens_, width_;
  double residual_;  // share of a norm's or residual's elements that one rank has
};

}  // namespace

double recompute_time(const LayerCost& layer, const Habits& habits, Recompute recompute) {
  if (recompute == Recompute::none) return 0;
  if (recompute == Recompute::full) return layer.forward.total();
  return habits.selects_products ? layer.forward.elementwise + layer.forward.matmul / 2
                                 : layer.selective;
}

double kept_bytes(const LayerCost& layer, const Habits& habits, Recompute recompute) {
  if (recompute == Recompute::none) return layer.kept;
  if (recompute == Recompute::full) return layer.kept_full;
  return habits.selects_products ? habits.selected_share * layer.kept : layer.kept_selective;
}

Block block(const Model& model, bool trains_all, const Machine& machine, const Habits& habits,
            const Split& split) {
  return Builder(model, trains_all, machine, habits, split).build();
}

}  // namespace heliu::cost
