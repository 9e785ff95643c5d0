#include "planner/splits.h"

#include <fmt/format.h>

#include <algorithm>

namespace heliu::planner {
namespace {

std::vector<int64_t> divisors(int64_t number) {
  std::vector<int64_t> all;
  for (int64_t d = 1; d * d <= number; ++d) {
    if (number % d) continue;
    all.push_back(d);
    if (d * d != number) all.push_back(number / d);
  }
  std::sort(all.begin(), all.end());
  return all;
}

// The choices for one degree, after those that can never be are rejected.
class Choices {
 public:
  Choices(const Island& island, const Workload& workload, const Abilities& abilities,
          Rejections& rejections)
      : model_(workload.model),
        wish_(workload.parallel),
        train_(workload.train),
        abilities_(abilities),
        rejections_(rejections),
        cores_(std::max(1, island.node.processor.cores)),
        nodes_(std::max(1, std::min(island.nodes, abilities.max_nodes))) {
    if (island.nodes > abilities.max_nodes)
      rejections.add("execution over several nodes is not in this version: nodes", island.nodes);
  }

  int cores() const { return cores_; }
  int nodes() const { return nodes_; }

  std::vector<int> threads() const {
    std::vector<int> all;
    for (int64_t t : wish_.threads ? std::vector<int64_t>{*wish_.threads} : divisors(cores_))
      if (t >= 1 && t <= cores_)
        all.push_back(int(t));
      else
        rejections_.add(fmt::format("a node has {} cores, too few for threads", cores_), t);
    return all;
  }

  std::vector<int> tp() const {
    std::string indivisible =
        fmt::format("heads {}, hidden {} and feed-forward {} are not divisible by tp", model_.heads,
                    model_.hidden, feed_forward_of(model_));
    auto divides = [&](int64_t tp) {
      return model_.heads % tp == 0 && model_.hidden % tp == 0 && feed_forward_of(model_) % tp == 0;
    };
    return degrees(wish_.tp, model_.heads, indivisible, divides, abilities_.max_tp,
                   "tensor-parallel execution is not in this version: tp");
  }

  std::vector<int> pp() const {
    std::string short_of = fmt::format("layers {} are fewer than pp", model_.layers);
    auto enough = [&](int64_t pp) { return pp <= model_.layers; };
    return degrees(wish_.pp, model_.layers, short_of, enough, abilities_.max_pp,
                   "pipeline execution is not in this version: pp");
  }

  std::vector<int> dp() const {
    std::string indivisible =
        fmt::format("global batch {} is not divisible by dp", train_.global_batch);
    auto divides = [&](int64_t dp) { return train_.global_batch % dp == 0; };
    return degrees(wish_.dp, train_.global_batch, indivisible, divides, INT32_MAX, "");
  }

  std::vector<Precision> precisions() const {
    std::vector<Precision> all;
    for (Precision p : {Precision::bf16, Precision::fp32}) {
      if (train_.precision == PrecisionWish::bf16 && p != Precision::bf16) continue;
      if (train_.precision == PrecisionWish::fp32 && p != Precision::fp32) continue;
      if (std::ranges::find(abilities_.precisions, p) != abilities_.precisions.end())
        all.push_back(p);
      else
        rejections_.add(fmt::format("precision {} is not possible here", name(p)));
    }
    return all;
  }

  std::vector<int64_t> micro_batches(int dp) const {
    int64_t share = train_.global_batch / dp;
    if (!wish_.micro_batch) return divisors(share);
    if (*wish_.micro_batch >= 1 && share % *wish_.micro_batch == 0) return {*wish_.micro_batch};
    rejections_.add(fmt::format("micro-batch {} does not divide the {} sequences of a rank at dp",
                                *wish_.micro_batch, share),
                    dp);
    return {};
  }

 private:
  // Values up to `most` and no more than there are cores, or the one that is wished for.
  template <class Fits>
  std::vector<int> degrees(std::optional<int> wish, int64_t most, const std::string& misfit,
                           Fits fits, int able, const std::string& unable) const {
    std::vector<int> all;
    int64_t last = std::min<int64_t>(most, int64_t(cores_) * nodes_);
    for (int64_t value = wish.value_or(1); value <= (wish ? *wish : last); ++value) {
      if (value < 1 || !fits(value))
        rejections_.add(misfit, value);
      else if (value > able)
        rejections_.add(unable, value);
      else
        all.push_back(int(value));
    }
    return all;
  }

  const Model& model_;
  const ParallelWish& wish_;
  const Train& train_;
  const Abilities& abilities_;
  Rejections& rejections_;
  int cores_, nodes_;
};

void each_micro_batch(const Choices& choices, Split split, const Train& train, const Visit& visit) {
  auto sizes = choices.micro_batches(split.parallel.dp);
  int64_t share = train.global_batch / split.parallel.dp;
  for (size_t i = 0; i < sizes.size(); ++i) {
    split.micro_batch = sizes[i];
    split.accumulation = share / sizes[i];
    if (!visit(split, int64_t(sizes.size() - i - 1))) return;
  }
}

}  // namespace

void each_split(const Island& island, const Workload& workload, const Abilities& abilities,
                Rejections& rejections, const Visit& visit) {
  Choices choices(island, workload, abilities, rejections);
  auto all_threads = choices.threads();
  auto all_tp = choices.tp(), all_pp = choices.pp(), all_dp = choices.dp();
  auto precisions = choices.precisions();

  std::string too_many = fmt::format("the island has {} cores, too few for ranks x threads",
                                     choices.cores() * choices.nodes());
  for (int threads : all_threads) {
    int per_node = choices.cores() / threads;
    int64_t most = int64_t(per_node) * choices.nodes();
    for (int tp : all_tp) {
      if (tp > per_node) {
        rejections.add(
            fmt::format("a node has {} cores, too few for one tensor-parallel group: tp x threads",
                        choices.cores()),
            int64_t(tp) * threads);
        continue;
      }
      for (int pp : all_pp)
        for (int dp : all_dp) {
          // Degrees come in rising order: what follows is too many as well.
          if (int64_t(tp) * pp * dp > most) {
            rejections.add(too_many, int64_t(tp) * pp * dp * threads);
            break;
          }
          for (Precision precision : precisions)
            each_micro_batch(choices, {{dp, tp, pp}, threads, precision, 1, 1}, workload.train,
                             visit);
        }
    }
  }
}

}  // namespace heliu::planner
