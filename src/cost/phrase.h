// Words and numbers in the notes of a table that people wrote. Any text is allowed, of any length.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace heliu::cost {

// Latin letters in lower case.
std::string lower(std::string text);

bool mentions(std::string_view text, std::initializer_list<std::string_view> words);

// The whole number right after `words` ("expert ffn " in "expert ffn 2048"), the first time that
// one follows them; `standard` where none does. At most 1e9.
int64_t number_after(std::string_view text, std::string_view words, int64_t standard);

// The whole number right before `words` ("1 shared expert").
int64_t number_before(std::string_view text, std::string_view words, int64_t standard);

}  // namespace heliu::cost
