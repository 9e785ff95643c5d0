#include "exchange/huggingface.h"

#include "fuzz/documents.h"

namespace heliu::fuzz {

// Refused with words, or a model that a workload could have.
void huggingface(const std::string& bytes) {
  for (int64_t sequence : {0, 4096}) {
    auto model = exchange::read_huggingface({"config.json", bytes}, sequence);
    if (!model) {
      expect_words(model.error());
      continue;
    }
    HELIU_CHECK(model->layers > 0 && model->hidden > 0 && model->heads > 0 && model->sequence > 0);
    auto again = read_json<Model>({"again", to_line(*model)});
    HELIU_CHECK(again.has_value() && *again == *model);
  }
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::huggingface)
