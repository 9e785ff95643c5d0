// Causal attention as its formula reads: for each query, the softmax over the keys before it. The
// backward computes each softmax anew, from the scores alone; it does not trust log_sum_exp.
#include <algorithm>
#include <cmath>

#include "device/reference/element.h"
#include "device/reference/reference.h"

namespace heliu::device::reference {
namespace {

// One head's q, k, v (or their gradients): each rows x d.
struct Head {
  Matrix q, k, v;
};

Head head_of(const Matrix& qkv, int64_t heads, int64_t head) {
  int64_t d = qkv.columns / heads / 3;
  return {columns(qkv, head * d, d), columns(qkv, (heads + head) * d, d),
          columns(qkv, (2 * heads + head) * d, d)};
}

double dot(const Matrix& a, int64_t row_a, const Matrix& b, int64_t row_b) {
  double sum = 0;
  for (int64_t j = 0; j < a.columns; ++j) sum += double(get(a, row_a, j)) * get(b, row_b, j);
  return sum;
}

// The weights of keys first..query, in place of their scores; returns log(sum(exp(scores))).
double softmax(std::vector<double>& scores) {
  double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double score : scores) sum += std::exp(score - top);
  for (double& score : scores) score = std::exp(score - top) / sum;
  return top + std::log(sum);
}

std::vector<double> scores_of(const Head& head, int64_t query, int64_t first) {
  std::vector<double> scores;
  for (int64_t key = first; key <= query; ++key) {
    scores.push_back(dot(head.q, query, head.k, key) / std::sqrt(double(head.q.columns)));
  }
  return scores;
}

void accumulate(const Matrix& to, int64_t to_row, double factor, const Matrix& from, int64_t row) {
  for (int64_t j = 0; j < to.columns; ++j) {
    put(to, to_row, j, get(to, to_row, j) + factor * get(from, row, j));
  }
}

// For one query: with weights p and their gradients dp = dy v^T, the scores' gradients are
// p (dp - sum(p dp)), and through scores = q k^T / sqrt(d) they reach q and k.
void query_backward(const Head& head, const Matrix& dy, const Head& gradient, int64_t query,
                    int64_t first) {
  std::vector<double> p = scores_of(head, query, first);
  softmax(p);
  double mean = 0;
  for (int64_t key = first; key <= query; ++key) {
    mean += p[size_t(key - first)] * dot(dy, query, head.v, key);
  }
  for (int64_t key = first; key <= query; ++key) {
    double weight = p[size_t(key - first)];
    double ds = weight * (dot(dy, query, head.v, key) - mean) / std::sqrt(double(head.q.columns));
    accumulate(gradient.q, query, ds, head.k, key);
    accumulate(gradient.k, key, ds, head.q, query);
    accumulate(gradient.v, key, weight, dy, query);
  }
}

}  // namespace

void attention(const Attention& op) {
  for (int64_t h = 0; h < op.heads; ++h) {
    Head head = head_of(op.qkv, op.heads, h);
    int64_t d = head.q.columns;
    for (int64_t query = 0; query < op.y.rows; ++query) {
      int64_t first = query / op.sequence * op.sequence;
      std::vector<double> p = scores_of(head, query, first);
      op.log_sum_exp[h * op.y.rows + query] = float(softmax(p));
      for (int64_t j = 0; j < d; ++j) {
        double sum = 0;
        for (int64_t key = first; key <= query; ++key) {
          sum += p[size_t(key - first)] * get(head.v, key, j);
        }
        put(op.y, query, h * d + j, sum);
      }
    }
  }
}

void attention_backward(const AttentionBackward& op) {
  // Sums are formed in f32 and rounded to the compute type once, at the end.
  int64_t wide = op.qkv.columns;
  std::vector<float> sums(size_t(op.qkv.rows * wide));
  Matrix gradient = matrix(sums.data(), Type::f32, op.qkv.rows, wide);
  for (int64_t h = 0; h < op.heads; ++h) {
    Head head = head_of(op.qkv, op.heads, h);
    Matrix dy = columns(op.y_gradient, h * head.q.columns, head.q.columns);
    for (int64_t query = 0; query < op.y.rows; ++query) {
      int64_t first = query / op.sequence * op.sequence;
      query_backward(head, dy, head_of(gradient, op.heads, h), query, first);
    }
  }
  convert(gradient, op.qkv_gradient);
}

}  // namespace heliu::device::reference
