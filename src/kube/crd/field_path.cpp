#include "kube/crd/rules.h"

namespace gatepost::kube::crd {
namespace {

// Names and the delimiters '.', '[' and ']'; a quoted name is one token.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  bool next(std::string& token) {
    token.clear();
    if (at_ >= text_.size()) return false;
    std::size_t start = at_;
    if (text_[at_] == '\'') {
      for (++at_; at_ < text_.size(); ++at_)
        if (text_[at_] == '\'' && text_[at_ - 1] != '\\') {
          token = text_.substr(start, ++at_ - start);
          return true;
        }
      token = text_.substr(start);
      return true;
    }
    auto delimiter = [](char c) { return c == '.' || c == '[' || c == ']'; };
    if (delimiter(text_[at_])) {
      token = text_[at_++];
      return true;
    }
    while (at_ < text_.size() && !delimiter(text_[at_])) ++at_;
    token = text_.substr(start, at_ - start);
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

Result<std::string> unescaped(std::string_view text) {
  static constexpr std::string_view letters = "abfnrtv'\\", meanings = "\a\b\f\n\r\t\v'\\";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out.push_back(text[i]);
      continue;
    }
    std::size_t which = letters.find(text[++i]);
    if (which == std::string_view::npos)
      return fail("invalid string literal: invalid escape char \\" + std::string(1, text[i]));
    out.push_back(meanings[which]);
  }
  return out;
}

class Walker {
 public:
  explicit Walker(const Schema& schema) : schema_(&schema) {}

  Result<void> enter(const std::string& name) {
    if (!schema_->properties.empty()) {
      if (!out_.text.empty()) out_.text.push_back('.');
      out_.text += name;
      auto found = schema_->properties.find(name);
      if (found == schema_->properties.end()) return fail("does not refer to a valid field");
      schema_ = &found->second;
      return {};
    }
    if (!schema_->additional) return fail("does not refer to a valid field");
    out_.text += "[" + name + "]";
    schema_ = schema_->additional.get();
    return {};
  }

  FieldPath result() {
    out_.schema = schema_;
    return std::move(out_);
  }

 private:
  const Schema* schema_;
  FieldPath out_;
};

}  // namespace

Result<FieldPath> find_field_path(std::string_view path, const Schema& schema, Brackets brackets) {
  constexpr const char* unexpected_end = "unexpected end of JSON path";
  Tokens tokens(path);
  Walker walker(schema);
  std::string token;
  while (tokens.next(token)) {
    if (token == ".") {
      if (!tokens.next(token)) return fail(unexpected_end);
      if (auto entered = walker.enter(token); !entered) return fail_with(std::move(entered.error()));
    } else if (token == "[") {
      if (brackets == Brackets::forbidden) return fail("array notation is not allowed");
      if (!tokens.next(token)) return fail(unexpected_end);
      if (token.size() < 2 || token.front() != '\'' || token.back() != '\'')
        return fail("expected single quoted string but got " + token);
      auto name = unescaped(std::string_view(token).substr(1, token.size() - 2));
      if (!name) return fail_with(std::move(name.error()));
      if (auto entered = walker.enter(*name); !entered) return fail_with(std::move(entered.error()));
      if (!tokens.next(token)) return fail(unexpected_end);
      if (token != "]") return fail("expected ] but got " + token);
    } else {
      return fail("expected [ or . but got: " + token);
    }
  }
  return walker.result();
}

}  // namespace gatepost::kube::crd
