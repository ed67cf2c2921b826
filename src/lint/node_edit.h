// Edits of one YAML or JSON document by paths, written in the style of what stands there.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/fix.h"
#include "lint/manifest.h"
#include "yaml/tree.h"

namespace gatepost::lint {

class DocumentEditor {
 public:
  // Paths count from the root of the document that the manifest stands in.
  explicit DocumentEditor(const Manifest& manifest);

  // Members of a mapping or items of a sequence; 0 for what is neither.
  std::size_t count(const Path& path) const;
  std::string text(const Path& path) const;  // of a scalar
  std::vector<std::string> texts(const Path& path) const;

  // False where there is no scalar that is not null.
  bool replace_scalar(const Path& path, const std::string& value);

  // Whole lines for block style, told the column of the members (or of the dashes); `flow` without a comma for flow
  // style.
  using Lines = std::function<std::string(std::size_t indent)>;
  void insert_member(const Path& mapping, const Lines& lines, const std::string& flow);
  // The same, in place of a member that holds nothing (null, {}).
  void replace_or_insert_member(const Path& mapping, const std::string& key, const Lines& lines,
                                const std::string& flow);
  void prepend_item(const Path& sequence, const Lines& lines, const std::string& flow);
  void append_text(const Path& sequence, const std::string& value);

  std::vector<Edit> take() { return std::move(edits_); }

 private:
  struct Spot {
    const yaml::Node* key = nullptr;
    const yaml::Node* value = nullptr;
  };
  Spot find(const Path& path) const;
  std::uint32_t line_start(std::uint32_t offset) const;
  std::uint32_t line_end(std::uint32_t offset) const;  // behind the line break
  std::uint32_t last_byte(const yaml::Node& node) const;

  std::string_view file_;
  Result<yaml::Tree> tree_;
  std::vector<Edit> edits_;
};

}  // namespace gatepost::lint
