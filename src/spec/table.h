// The field table of one document type: the single source of its reader, writer, explanation,
// schema and reference page. Included only by the .cpp files that hold tables.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "spec/extra.h"
#include "spec/field_codec.h"
#include "spec/table_info.h"

namespace heliu {

template <class T>
class Table : public TableInfo {
 public:
  using Check = std::function<void(const T&, const Node&, Reader&)>;

  Table(std::string title, Words what) {
    name = std::move(title);
    meaning = what;
  }

  // A row. What it returns narrows the row further.
  class Row {
   public:
    Row(Table& table, size_t index) : table_(table), index_(index) {}
    Row& required() {
      info().required = true;
      info().standard.clear();
      return *this;
    }
    Row& range(double minimum, double maximum) {
      info().minimum = minimum;
      info().maximum = maximum;
      return *this;
    }
    // Where this field is given, the required ones need not be.
    Row& instead() {
      table_.instead = index_;
      return *this;
    }
    Row& at_least(double minimum) {
      info().minimum = minimum;
      return *this;
    }

   private:
    FieldInfo& info() { return table_.fields[index_]; }
    Table& table_;
    size_t index_;
  };

  template <class V>
  Row field(std::string key, V T::*member, Words what) {
    FieldInfo info;
    info.name = std::move(key);
    info.meaning = what;
    describe_value<V>(info);
    Json standard = write_value(T{}.*member, info);
    if (!is_nothing(standard)) info.standard = standard.dump();
    fields.push_back(std::move(info));
    read_.push_back([member](const Node& node, T& out, const FieldInfo& field, Reader& reader) {
      read_value(node, out.*member, field, reader);
    });
    write_.push_back(
        [member](const T& in, const FieldInfo& field) { return write_value(in.*member, field); });
    return Row(*this, fields.size() - 1);
  }

  // A condition over several fields, looked at when all could be read.
  void check(Check condition) { checks_.push_back(std::move(condition)); }

  // A name alone, in place of the fields, is read as `name` and sets `alone`; what has it set is
  // written as that name again.
  void by_name(std::string T::*name_field, bool T::*alone) {
    named = true;
    name_ = name_field;
    alone_ = alone;
  }

  // Makes this a machine's table: unknown fields go to `extra` and back.
  void keep_unknown(Extra T::*extra) {
    machine = true;
    extra_ = extra;
  }
  void written_by_machine() { machine = true; }

  void read(const Node& node, T& out, Reader& reader) const {
    if (named && node.kind == Node::Kind::scalar) {
      out.*name_ = node.text;
      out.*alone_ = true;
      return;
    }
    if (node.kind != Node::Kind::map) {
      reader.fault("HL-E0104",
                   fmt::format("{} must be {}a map of fields", name,
                               named ? "a name of the catalog or " : ""),
                   node, "heliu explain " + name);
      return;
    }
    size_t faults_before = reader.fault_count();
    std::vector<bool> seen(fields.size(), false);
    for (const NodeEntry& entry : node.entries) read_entry(entry, out, seen, reader);
    bool waived = instead && seen[*instead];
    for (size_t i = 0; i < fields.size(); ++i)
      if (fields[i].required && !seen[i] && !waived)
        reader.fault("HL-E0106", fmt::format("{} needs the field {}", name, fields[i].name), node,
                     std::string(fields[i].meaning.en));
    if (reader.fault_count() == faults_before)
      for (const Check& condition : checks_) condition(out, node, reader);
  }

  Json write(const T& in) const {
    if (named && in.*alone_) return in.*name_;
    Json object = Json::object();
    bool waived = instead && !is_nothing(write_[*instead](in, fields[*instead]));
    for (size_t i = 0; i < fields.size(); ++i) {
      Json value = write_[i](in, fields[i]);
      bool needed = fields[i].required && !(waived && value == 0);
      bool standard = !machine && !fields[i].required && value.dump() == fields[i].standard;
      if (fields[i].required && !needed) continue;
      if (needed || (!is_nothing(value) && !standard)) object[fields[i].name] = std::move(value);
    }
    if (extra_)
      for (const auto& [key, json] : in.*extra_) object[key] = Json::parse(json, nullptr, false);
    return object;
  }

 private:
  static bool is_nothing(const Json& value) {
    return value.is_null() || (value.is_structured() && value.empty()) || value == "";
  }

  void read_entry(const NodeEntry& entry, T& out, std::vector<bool>& seen, Reader& reader) const {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != entry.key) continue;
      seen[i] = true;
      reader.enter(entry.key);
      read_[i](entry.value, out, fields[i], reader);
      reader.leave();
      return;
    }
    if (extra_)
      (out.*extra_).emplace_back(entry.key, to_json(entry.value).dump());
    else if (!machine)
      reader.unknown_field(entry, *this);
  }

  std::vector<std::function<void(const Node&, T&, const FieldInfo&, Reader&)>> read_;
  std::vector<std::function<Json(const T&, const FieldInfo&)>> write_;
  std::vector<Check> checks_;
  Extra T::*extra_ = nullptr;
  std::string T::*name_ = nullptr;
  bool T::*alone_ = nullptr;
};

}  // namespace heliu
