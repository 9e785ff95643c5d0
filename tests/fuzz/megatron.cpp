#include "exchange/megatron_arguments.h"

#include "fuzz/documents.h"

namespace heliu::fuzz {

// Refused with words, or a workload that a person could have written.
void megatron(const std::string& bytes) {
  auto read = exchange::read_megatron({"args.sh", bytes});
  if (!read) return expect_words(read.error());
  auto again = read_yaml<Workload>({"again", to_yaml(read->workload)});
  HELIU_CHECK(again.has_value());
  HELIU_CHECK(same(to_json(*again), to_json(read->workload)));
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::megatron)
