// What a plan asks for and a target cannot say: gathered, and told by name. Nothing is dropped.
#pragma once

#include <string>
#include <vector>

#include "spec/plan.h"

namespace heliu::exchange {

class Refusals {
 public:
  explicit Refusals(std::string target) : target_(std::move(target)) {}

  // The target cannot express `what` ("context parallelism: cp 4").
  void when(bool asked, const std::string& what, const std::string& hint = {});
  // The plan's numbers contradict each other.
  void contradiction(bool is, const std::string& what);

  bool empty() const { return faults_.empty(); }
  // The first with the others; call only when there is one.
  tl::unexpected<Error> error() &&;

 private:
  std::string target_;
  std::vector<Error> faults_;
};

// What no target here can: work that is not training from nothing, several islands, sums that do
// not come out.
void refuse_common(Refusals& refusals, const Plan& plan);

}  // namespace heliu::exchange
