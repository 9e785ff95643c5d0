// The two languages that people read Heliu in. Keys, codes and logs stay English.
#pragma once

#include <string>
#include <string_view>

namespace heliu {

enum class Language { en, zh };

// One text in both languages.
struct Words {
  std::string_view en, zh;

  std::string_view in(Language language) const { return language == Language::zh ? zh : en; }
};

}  // namespace heliu
