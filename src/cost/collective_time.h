// Time of collective operations: from measurements where there are some, else from the published
// formulas over what is known of the fabric.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "cost/kernel_time.h"
#include "spec/pool.h"
#include "spec/record.h"

namespace heliu::cost {

// A connection as one rank sees it: to send n bytes takes latency + n / bandwidth.
struct Link {
  Bandwidth bandwidth;
  Seconds latency;
};

// Bandwidth-optimal algorithms for p ranks, as Thakur, Rabenseifner and Gropp (Int. J. High
// Performance Computing Applications 19(1), 2005) give them, with the sums themselves left out.
// `payload`: of each rank; for all_gather and reduce_scatter the whole, gathered or scattered.
Seconds ring_all_reduce(Bytes payload, int ranks, const Link& link);
Seconds ring_all_gather(Bytes payload, int ranks, const Link& link);
Seconds ring_reduce_scatter(Bytes payload, int ranks, const Link& link);
// Pairwise exchange.
Seconds pairwise_all_to_all(Bytes payload, int ranks, const Link& link);
// A scatter along a binomial tree, then a ring all-gather.
Seconds broadcast(Bytes payload, int ranks, const Link& link);
Seconds send(Bytes payload, const Link& link);

class CollectiveTimes {
 public:
  explicit CollectiveTimes(const std::vector<CollectiveTime>& measured);

  // Within one host, by measurement: piecewise linear in the payload; below the smallest measured
  // payload its time, above the largest the last slope. Other thread counts and, through the ring's
  // formula, other numbers of ranks stand in, marked. Nothing where the operation was never
  // measured.
  std::optional<KernelEstimate> time(const std::string& operation, Bytes payload,
                                     KernelLayout layout) const;

 private:
  using Curve = std::map<double, double>;  // bytes to seconds
  static Seconds read(const Curve& curve, Bytes payload);
  std::map<std::tuple<std::string, KernelLayout>, Curve> curves_;
};

}  // namespace heliu::cost
