// One object of a foreign JSON document, read key by key. Every fault is kept with its place, so
// that all are told at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/node.h"
#include "spec/table_info.h"

namespace heliu::exchange {

class JsonObject {
 public:
  // `path`: the keys that lead to `object` in the document.
  JsonObject(const SourceText& source, const Node& object, std::vector<std::string> path = {});

  // The value, where the key is there and not null.
  const Node* find(const std::string& key) const;
  bool has(const std::string& key) const { return find(key) != nullptr; }
  bool stands(const std::string& key) const;  // be it null

  // Their value, or none where the key is absent or null. A value of another type is a fault.
  std::optional<int64_t> whole(const std::string& key);
  std::optional<bool> flag(const std::string& key);
  std::optional<std::string> text(const std::string& key);
  std::vector<int64_t> whole_list(const std::string& key);
  std::vector<std::string> text_list(const std::string& key);

  // A number of at least `least`, within the range that a field of Heliu's own tables has. Without
  // a standard value, it must be there.
  int64_t number(const std::string& key, const FieldInfo& field,
                 std::optional<int64_t> standard = {}, int64_t least = 1);

  // A fault at the key, or at the object where the key is not there.
  void fault(const char* code, std::string message, const std::string& key, std::string hint = {});

  const SourceText& source() const { return source_; }
  std::vector<Error>& faults() { return faults_; }

 private:
  const SourceText& source_;
  const Node& object_;
  std::vector<std::string> path_;
  std::vector<Error> faults_;
};

}  // namespace heliu::exchange
