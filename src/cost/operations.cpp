#include "cost/operations.h"

namespace heliu::cost {
namespace {

using enum OperationClass;

// The sizes every call below is made of.
struct Sizes {
  int64_t rows;          // tokens of a micro-batch
  int64_t hidden;        // of the residual stream
  int64_t width;         // of this rank's heads
  int64_t feed_forward;  // of this rank's columns
  int64_t sequence;
  int64_t vocabulary;
};

// y = x W + b and its backward, x [rows, in] and W [in, out], `count` times.
void linear(std::vector<Call>& calls, int64_t rows, int64_t in, int64_t out, int64_t count) {
  calls.push_back({"gemm", gemm, rows, out, in, count});
  calls.push_back({"gemm_nt", gemm, rows, in, out, count});
  calls.push_back({"gemm_tn", gemm, in, out, rows, count});
  calls.push_back({"bias_gradient", elementwise, rows, out, 1, count});
}

void blocks(std::vector<Call>& calls, const Sizes& s, int64_t layers) {
  linear(calls, s.rows, s.hidden, 3 * s.width, layers);     // qkv
  linear(calls, s.rows, s.width, s.hidden, layers);         // projection
  linear(calls, s.rows, s.hidden, s.feed_forward, layers);  // fc1
  linear(calls, s.rows, s.feed_forward, s.hidden, layers);  // fc2
  calls.push_back({"attention", attention, s.rows, s.width, s.sequence, layers});
  calls.push_back({"attention_backward", attention, s.rows, s.width, s.sequence, layers});
  calls.push_back({"gelu", elementwise, s.rows, s.feed_forward, 1, layers});
  calls.push_back({"gelu_backward", elementwise, s.rows, s.feed_forward, 1, layers});
  calls.push_back({"layer_norm", elementwise, s.rows, s.hidden, 1, 2 * layers});
  calls.push_back({"layer_norm_backward", elementwise, s.rows, s.hidden, 1, 2 * layers});
}

void embed(std::vector<Call>& calls, const Sizes& s) {
  calls.push_back({"embedding", embedding, s.rows, s.hidden, 1, 1});
  calls.push_back({"embedding_backward", embedding, s.rows, s.hidden, 1, 1});
}

// Logits, loss and their gradients of `rows` rows, `count` times.
void loss_of_rows(std::vector<Call>& calls, const Sizes& s, int64_t rows, int64_t count) {
  if (rows == 0 || count == 0) return;
  calls.push_back({"gemm_nt", gemm, rows, s.vocabulary, s.hidden, count});
  calls.push_back({"gemm", gemm, rows, s.hidden, s.vocabulary, count});
  calls.push_back({"gemm_tn", gemm, s.vocabulary, s.hidden, rows, count});
  calls.push_back({"cross_entropy", loss, rows, s.vocabulary, 1, count});
}

void head(std::vector<Call>& calls, const Sizes& s) {
  calls.push_back({"layer_norm", elementwise, s.rows, s.hidden, 1, 1});
  calls.push_back({"layer_norm_backward", elementwise, s.rows, s.hidden, 1, 1});
  loss_of_rows(calls, s, logits_rows, s.rows / logits_rows);
  loss_of_rows(calls, s, s.rows % logits_rows, 1);
}

// Where the residual stream (f32) and the products (bf16) meet: its gradient is rounded before the
// backward of fc2 and of the projection; with tensor parallelism the f32 sums over the ranks are
// rounded behind projection and fc2, and behind the backward of qkv and fc1.
void conversions(std::vector<Call>& calls, const Sizes& s, int64_t layers, int tp) {
  int64_t per_layer = tp > 1 ? 6 : 2;
  calls.push_back({"convert", elementwise, s.rows, s.hidden, 1, per_layer * layers});
}

}  // namespace

std::vector<Call> micro_batch_calls(const Model& model, const Stage& stage, int tp,
                                    int64_t sequences, Precision precision) {
  Sizes s{sequences * model.sequence,  model.hidden,   model.hidden / tp,
          feed_forward_of(model) / tp, model.sequence, model.vocabulary};
  std::vector<Call> calls;
  if (stage.first) embed(calls, s);
  blocks(calls, s, stage.layers);
  if (stage.last) head(calls, s);
  if (precision == Precision::bf16) conversions(calls, s, stage.layers, tp);
  return calls;
}

std::vector<Call> optimizer_calls(int64_t parameters) {
  return {{"sum_of_squares", optimizer, parameters, 1, 1, 1},
          {"adamw", optimizer, parameters, 1, 1, 1}};
}

std::vector<Call> step_calls(const Model& model, const Plan& plan) {
  Stage stage = slowest_stage(model, plan.parallel.pp);
  auto calls = micro_batch_calls(model, stage, plan.parallel.tp, plan.micro_batch, plan.precision);
  for (Call& call : calls) call.count *= plan.accumulation;
  for (const Call& call : optimizer_calls(parameters(model, stage, plan.parallel.tp)))
    calls.push_back(call);
  return calls;
}

double work(std::string_view kernel, int64_t m, int64_t n, int64_t k) {
  bool product = kernel.starts_with("gemm") || kernel.starts_with("attention");
  return double(m) * double(n) * (product ? double(k) : 1.0);
}

}  // namespace heliu::cost
