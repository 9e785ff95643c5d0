#include "train/text.h"

#include "base/text.h"
#include "fuzz/documents.h"

namespace heliu::fuzz {

std::string encoded(std::span<const char32_t> characters) {
  std::string bytes;
  for (char32_t character : characters) bytes += encode_utf8(character);
  return bytes;
}

// A model's numbers for a text stand for that text.
void as_training_data(const std::vector<char32_t>& characters) {
  std::vector<char32_t> clean = train::cleaned(characters);
  HELIU_CHECK(clean.size() <= characters.size() + 1);  // the end of a file may become a new line
  train::Vocabulary vocabulary = train::vocabulary_of(clean);

  auto ids = train::encode(vocabulary, encoded(clean));

  HELIU_CHECK(ids.has_value() && ids->size() == clean.size());
  HELIU_CHECK(train::decode(vocabulary, *ids) == encoded(clean));
}

// What was decoded encodes to the same bytes; what was refused has a place in the text.
void text(const std::string& bytes) {
  SourceText source{"fuzz.txt", bytes};
  HELIU_CHECK(display_width(bytes) >= 0);
  auto characters = decode_utf8(source);
  HELIU_CHECK(characters.has_value() || characters.error().where.starts_with("fuzz.txt:"));
  if (!characters) return;
  HELIU_CHECK(encoded(*characters) == bytes);
  as_training_data(*characters);
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::text)
