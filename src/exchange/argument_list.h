// Arguments as argparse takes them: "--key value...", "--key=value", "--flag". Each is read by its
// name; those that nobody read are known in the end. Faults are kept, each with its place.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exchange/shell_words.h"
#include "spec/table_info.h"

namespace heliu::exchange {

class ArgumentList {
 public:
  ArgumentList(const SourceText& script, const std::vector<Word>& words);

  // The first value; of an argument given twice, the later one counts. None where it is not given.
  std::optional<std::string> text(const std::string& name);
  std::optional<int64_t> whole(const std::string& name);
  std::optional<double> real(const std::string& name);
  bool flag(const std::string& name);

  // A number within the range of a field of Heliu's own tables, and at least `least`. Without a
  // standard value, it must be given.
  int64_t number(const std::string& name, const FieldInfo& field,
                 std::optional<int64_t> standard = {}, int64_t least = 1);

  // One of the words; where the argument is not given, the standard one.
  std::string choice(const std::string& name, const std::vector<std::string>& words,
                     const std::string& standard);

  // A fault at the argument, or at the text as a whole where it is not given.
  void fault(const char* code, std::string message, const std::string& name, std::string hint = {});

  bool has(const std::string& name) const { return find(name) != nullptr; }
  std::vector<std::string> ignored() const;
  std::vector<Error>& faults() { return faults_; }

 private:
  struct Argument {
    std::string name;
    std::vector<std::string> values;
    Mark mark;
  };
  const Argument* find(const std::string& name) const;

  const SourceText& script_;
  std::vector<Argument> arguments_;
  std::set<std::string> read_;
  std::vector<Error> faults_;
};

}  // namespace heliu::exchange
