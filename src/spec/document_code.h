// The bodies of spec/document.h, for the .cpp file of each document.
#pragma once

#include <yaml-cpp/yaml.h>

#include "spec/document.h"
#include "spec/table.h"

namespace heliu {

template <class D>
Result<D> read_parsed(Result<Parsed> parsed, const SourceText& source) {
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  D document;
  Reader reader(source, std::move(parsed->faults));
  table_of(&document).read(parsed->node, document, reader);
  if (reader.fault_count()) return fail(std::move(reader).error());
  return document;
}

template <class D>
Result<D> read_yaml(const SourceText& source) {
  return read_parsed<D>(parse_yaml(source), source);
}

template <class D>
Result<D> read_json(const SourceText& source) {
  return read_parsed<D>(parse_json(source), source);
}

template <class D>
Json to_json(const D& document) {
  return table_of(&document).write(document);
}

// A text that is not UTF-8 (a file name may be anything) is written with replacement characters.
template <class D>
std::string to_line(const D& document) {
  return to_json(document).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string yaml_of(const Json& json);

template <class D>
std::string to_yaml(const D& document) {
  return yaml_of(to_json(document));
}

template <class D>
const TableInfo& table() {
  return table_of(static_cast<const D*>(nullptr));
}

}  // namespace heliu

#define HELIU_DOCUMENT(D)                             \
  template Result<D> read_yaml<D>(const SourceText&); \
  template Result<D> read_json<D>(const SourceText&); \
  template Json to_json<D>(const D&);                 \
  template std::string to_line<D>(const D&);          \
  template std::string to_yaml<D>(const D&);          \
  template const TableInfo& table<D>();
