#include "base/text.h"

#include "fuzz/documents.h"

namespace heliu::fuzz {

// What was decoded encodes to the same bytes; what was refused has a place in the text.
void text(const std::string& bytes) {
  SourceText source{"fuzz.txt", bytes};
  HELIU_CHECK(display_width(bytes) >= 0);
  auto characters = decode_utf8(source);
  HELIU_CHECK(characters.has_value() || characters.error().where.starts_with("fuzz.txt:"));
  if (!characters) return;

  std::string encoded;
  for (char32_t character : *characters) encoded += encode_utf8(character);

  HELIU_CHECK(encoded == bytes);
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::text)
