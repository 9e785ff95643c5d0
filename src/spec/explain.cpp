#include "spec/explain.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "spec/tables.h"

namespace heliu {
namespace {

struct Code {
  std::string_view name;
  Words meaning;
};

constexpr Code codes[] = {
    {"HL-E0101", {"the text is not well-formed YAML or JSON", "文本不是合法的 YAML 或 JSON"}},
    {"HL-E0102", {"the same key is written twice in one map", "同一映射中键重复"}},
    {"HL-E0103", {"a field that this document does not have", "未知字段"}},
    {"HL-E0104", {"a value of the wrong type", "值的类型不对"}},
    {"HL-E0105", {"a value outside the allowed range", "值超出范围"}},
    {"HL-E0106", {"a required field is missing", "缺少必填字段"}},
    {"HL-E0107",
     {"a number without its unit, or with one of another dimension", "缺少单位或单位不符"}},
    {"HL-E0108", {"a word that is not one of the choices", "不在可选值之内"}},
    {"HL-E0109",
     {"nesting too deep, an anchor that contains itself, or growth by aliases",
      "嵌套过深、锚点自引用或别名膨胀"}},
    {"HL-E0110", {"values that contradict each other", "取值互相矛盾"}},
    {"HL-E0111", {"a name that the catalog does not have", "目录中没有的名称"}},
    {"HL-E0120", {"not a resource name", "资源名不合法"}},
};

struct TypeWords {
  Words text{"text", "文本"}, integer{"whole number", "整数"}, number{"number", "数"},
      flag{"true or false", "true 或 false"};
};

std::string type_of(const FieldInfo& field, Language language) {
  const TypeWords words;
  bool zh = language == Language::zh;
  std::string type;
  switch (field.shape) {
    case FieldInfo::Shape::text:
      type = words.text.in(language);
      break;
    case FieldInfo::Shape::integer:
      type = words.integer.in(language);
      break;
    case FieldInfo::Shape::number:
      type = words.number.in(language);
      break;
    case FieldInfo::Shape::flag:
      type = words.flag.in(language);
      break;
    case FieldInfo::Shape::table:
      type = zh ? "字段表" : "map of fields";
      if (field.nested()->named) type = (zh ? "目录名称，或" : "name in the catalog, or ") + type;
      break;
    case FieldInfo::Shape::quantity:
      type = field.bare_number ? (zh ? "数，单位 " : "number in ") + field.unit
                               : (zh ? "带单位的数：" : "number with unit: ") + field.unit;
      break;
    case FieldInfo::Shape::choice:
      for (const std::string& choice : field.choices) type += (type.empty() ? "" : " | ") + choice;
      break;
  }
  if (field.list) type = (zh ? "列表：" : "list of ") + type;
  return type;
}

std::string range_of(const FieldInfo& field) {
  if (field.minimum && field.maximum)
    return fmt::format("{} .. {}", *field.minimum, *field.maximum);
  if (field.minimum) return fmt::format(">= {}", *field.minimum);
  return field.maximum ? fmt::format("<= {}", *field.maximum) : "";
}

std::string explain_field(const std::string& path, const FieldInfo& field, Language language) {
  bool zh = language == Language::zh;
  std::string text = fmt::format("{}\n  {}\n", path, field.meaning.in(language));
  auto line = [&](std::string_view en, std::string_view chinese, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {}: {}\n", zh ? chinese : en, value);
  };
  line("type", "类型", type_of(field, language));
  line("range", "范围", range_of(field));
  line("default", "默认", field.standard);
  if (field.required) line("required", "必填", zh ? "是" : "yes");
  return text;
}

std::string explain_table(const std::string& path, const TableInfo& table, Language language) {
  std::string text = fmt::format("{}\n  {}\n\n", path, table.meaning.in(language));
  size_t width = 0;
  for (const FieldInfo& field : table.fields) width = std::max(width, field.name.size());
  for (const FieldInfo& field : table.fields)
    text += fmt::format("  {:<{}}  {}{}\n", field.name, width, field.meaning.in(language),
                        field.required ? " *" : "");
  bool zh = language == Language::zh;
  text += zh ? "\n  * 必填\n" : "\n  * required\n";
  if (table.named)
    text += zh ? "  可只写目录中的名称，见 heliu catalog\n"
               : "  a name of the catalog may stand for all of it: heliu catalog\n";
  return text;
}

tl::unexpected<Error> unknown(const std::string& path, const std::string& word,
                              const std::vector<std::string>& known) {
  auto meant = did_you_mean(word, known);
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return fail({.kind = Error::Kind::not_found,
               .message = fmt::format("nothing is called {}", path),
               .hint = meant ? fmt::format("did you mean {}?", *meant)
                             : fmt::format("known here: {}", all)});
}

// Depth-first rows of the reference page.
void reference_rows(const std::string& path, const TableInfo& table, std::string& page) {
  for (const FieldInfo& field : table.fields) {
    std::string name = path + "." + field.name;
    std::string standard = field.required           ? "required"
                           : field.standard.empty() ? ""
                                                    : "`" + field.standard + "`";
    std::string type = type_of(field, Language::en);
    for (size_t bar; (bar = type.find(" | ")) != std::string::npos;) type.replace(bar, 3, ", ");
    page += fmt::format("| `{}` | {} | {} | {} | {} / {} |\n", name, type, range_of(field),
                        standard, field.meaning.en, field.meaning.zh);
    if (field.nested) reference_rows(name, *field.nested(), page);
  }
}

}  // namespace

std::vector<const TableInfo*> documents() {
  return {&table<Pool>(),        &table<Workload>(),     &table<Plan>(),
          &table<Record>(),      &table<Coefficients>(), &table<Chip>(),
          &table<CatalogNode>(), &table<CatalogFabric>()};
}

std::string meaning_of_code(const std::string& code, Language language) {
  for (const Code& known : codes)
    if (known.name == code) return std::string(known.meaning.in(language));
  return {};
}

Result<std::string> explain(const std::string& path, Language language) {
  if (std::string meaning = meaning_of_code(path, language); !meaning.empty())
    return fmt::format("{}\n  {}\n", path, meaning);
  std::vector<std::string> words = split(path, '.');
  std::vector<std::string> known;
  const TableInfo* here = nullptr;
  for (const TableInfo* document : documents()) {
    known.push_back(document->name);
    if (document->name == words[0]) here = document;
  }
  if (!here) return unknown(path, words[0], known);
  for (size_t i = 1; i < words.size(); ++i) {
    auto field = std::find_if(here->fields.begin(), here->fields.end(),
                              [&](const FieldInfo& f) { return f.name == words[i]; });
    known.clear();
    for (const FieldInfo& f : here->fields) known.push_back(f.name);
    if (field == here->fields.end()) return unknown(path, words[i], known);
    if (!field->nested)
      return i + 1 == words.size() ? Result<std::string>(explain_field(path, *field, language))
                                   : unknown(path, words[i + 1], {});
    here = field->nested();
  }
  return explain_table(path, *here, language);
}

std::string reference_page() {
  std::string page =
      "# The documents\n\nMade by `heliu explain --reference`; the field tables in "
      "`src/spec/` are the source.\n";
  for (const TableInfo* document : documents()) {
    page += fmt::format(
        "\n## {}\n\n{} / {}. {}\n\n| field | type | range | default | meaning "
        "|\n|---|---|---|---|---|\n",
        document->name, document->meaning.en, document->meaning.zh,
        document->machine ? "Written by programs, in JSON; unknown fields are kept."
                          : "Written by people, in YAML; unknown fields are refused.");
    reference_rows(document->name, *document, page);
  }
  page += "\n## Error codes\n\n| code | meaning |\n|---|---|\n";
  for (const Code& code : codes)
    page += fmt::format("| {} | {} / {} |\n", code.name, code.meaning.en, code.meaning.zh);
  return page;
}

}  // namespace heliu
