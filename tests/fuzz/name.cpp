#include "spec/name.h"

#include "base/check.h"
#include "fuzz/documents.h"

namespace heliu::fuzz {

// Every single name that a name covers is a name, and is covered.
void expect_covered(const ResourceName& name) {
  auto all = expand(name, 1000);
  HELIU_CHECK(all.has_value() == (count(name) <= 1000));
  if (!all) return;
  HELIU_CHECK(int64_t(all->size()) == count(name));
  for (const std::string& one : *all) HELIU_CHECK(covers(name, parse_name(one).value()));
}

void name(const std::string& text) {
  auto parsed = parse_name(text);
  if (!parsed) return expect_words(parsed.error());

  auto again = parse_name(print(*parsed));

  HELIU_CHECK(again.has_value() && *again == *parsed);
  expect_covered(*parsed);
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::name)
