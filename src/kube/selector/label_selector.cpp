#include <algorithm>
#include <charconv>
#include <set>

#include "kube/selector/selector.h"

namespace gatepost::kube {
namespace {

// The token texts of apimachinery's selector lexer.
struct Token {
  enum class Kind { end, identifier, symbol, error } kind = Kind::end;
  std::string_view text;
};

constexpr std::string_view special = "=!(),<>";

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    if (at_ == text_.size()) return {};
    std::size_t start = at_;
    if (special.find(text_[at_]) != std::string_view::npos) {
      for (std::string_view two : {"==", "!="})
        if (text_.substr(at_, 2) == two) {
          at_ += 2;
          return {Token::Kind::symbol, two};
        }
      ++at_;
      std::string_view one = text_.substr(start, 1);
      return {Token::Kind::symbol, one};
    }
    while (at_ < text_.size() && !is_space(text_[at_]) && special.find(text_[at_]) == std::string_view::npos) ++at_;
    return {Token::Kind::identifier, text_.substr(start, at_ - start)};
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  std::string_view text_;
  std::size_t at_ = 0;
};

bool is(const Token& token, std::string_view text) {
  return token.kind == Token::Kind::symbol && token.text == text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) {
    Lexer lexer(text);
    for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) tokens_.push_back(token);
  }

  Result<std::vector<LabelSelector::Requirement>> parse() {
    std::vector<LabelSelector::Requirement> out;
    while (true) {
      const Token& token = look();
      if (token.kind == Token::Kind::end) return out;
      if (token.kind != Token::Kind::identifier && !is(token, "!"))
        return refuse("found '" + std::string(token.text) + "', expected: !, identifier, or 'end of string'");
      auto requirement = parse_requirement();
      if (!requirement) return fail("unable to parse requirement: " + requirement.error().text);
      out.push_back(std::move(*requirement));
      Token after = take();
      if (after.kind == Token::Kind::end) return out;
      if (!is(after, ",")) return refuse("found '" + std::string(after.text) + "', expected: ',' or 'end of string'");
      const Token& next = look();
      if (next.kind != Token::Kind::identifier && !is(next, "!"))
        return refuse("found '" + std::string(next.text) + "', expected: identifier after ','");
    }
  }

 private:
  static Failure<Error> refuse(std::string text) { return fail(std::move(text)); }

  const Token& look() const {
    static const Token end;
    return at_ < tokens_.size() ? tokens_[at_] : end;
  }
  Token take() {
    Token token = look();
    if (at_ < tokens_.size()) ++at_;
    return token;
  }

  Result<LabelSelector::Requirement> parse_requirement() {
    LabelSelector::Requirement requirement;
    bool absent = is(look(), "!");
    if (absent) take();
    Token key = take();
    if (key.kind != Token::Kind::identifier)
      return refuse("found '" + std::string(key.text) + "', expected: identifier");
    requirement.key = key.text;
    const Token& after = look();
    if (absent || after.kind == Token::Kind::end || is(after, ",")) {
      requirement.op = absent ? LabelSelector::Operator::does_not_exist : LabelSelector::Operator::exists;
      return requirement;
    }
    Token op = take();
    bool word = op.kind == Token::Kind::identifier;
    if (word && (op.text == "in" || op.text == "notin")) {
      requirement.op = op.text == "in" ? LabelSelector::Operator::in : LabelSelector::Operator::not_in;
      return parse_values(std::move(requirement));
    }
    if (is(op, "=") || is(op, "=="))
      requirement.op = LabelSelector::Operator::in;
    else if (is(op, "!="))
      requirement.op = LabelSelector::Operator::not_in;
    else if (is(op, ">") || (word && op.text == "gt"))
      requirement.op = LabelSelector::Operator::greater;
    else if (is(op, "<") || (word && op.text == "lt"))
      requirement.op = LabelSelector::Operator::less;
    else
      return refuse("found '" + std::string(op.text) + "', expected: in, notin, =, ==, !=, gt, lt");
    // An exact value may be absent: "a=" means the empty string.
    const Token& value = look();
    if (value.kind == Token::Kind::end || is(value, ",")) {
      requirement.values.emplace_back();
      return requirement;
    }
    Token taken = take();
    if (taken.kind != Token::Kind::identifier)
      return refuse("found '" + std::string(taken.text) + "', expected: identifier");
    requirement.values.emplace_back(taken.text);
    return requirement;
  }

  Result<LabelSelector::Requirement> parse_values(LabelSelector::Requirement requirement) {
    Token open = take();
    if (!is(open, "(")) return refuse("found '" + std::string(open.text) + "' expected: '('");
    std::set<std::string> values;
    bool expect_value = true;
    for (;;) {
      Token token = take();
      if (token.kind == Token::Kind::identifier && expect_value) {
        values.emplace(token.text);
        expect_value = false;
      } else if (is(token, ",")) {
        if (expect_value) values.emplace("");
        expect_value = true;
        if (is(look(), ")")) values.emplace("");
      } else if (is(token, ")")) {
        if (expect_value && values.empty()) values.emplace("");
        requirement.values.assign(values.begin(), values.end());
        return requirement;
      } else {
        return refuse("found '" + std::string(token.text) + "', expected: ',' or ')'");
      }
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

bool parse_integer(std::string_view text, std::int64_t& out) {
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

bool meets(const LabelSelector::Requirement& requirement, const json::Object* labels) {
  const json::Value* found = labels ? labels->if_contains(requirement.key) : nullptr;
  std::string_view value = found && found->is_string() ? json::view(found->get_string()) : std::string_view{};
  auto listed = [&] {
    return std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
  };
  switch (requirement.op) {
    case LabelSelector::Operator::in:
      return found && listed();
    case LabelSelector::Operator::not_in:
      return !found || !listed();
    case LabelSelector::Operator::exists:
      return found;
    case LabelSelector::Operator::does_not_exist:
      return !found;
    case LabelSelector::Operator::greater:
    case LabelSelector::Operator::less: {
      std::int64_t have = 0, want = 0;
      if (!found || !parse_integer(value, have) || !parse_integer(requirement.values[0], want)) return false;
      return requirement.op == LabelSelector::Operator::greater ? have > want : have < want;
    }
  }
  return false;
}

}  // namespace

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  auto requirements = Parser(text).parse();
  if (!requirements) return fail_with(std::move(requirements.error()));
  LabelSelector selector;
  selector.requirements_ = std::move(*requirements);
  return selector;
}

Result<LabelSelector> LabelSelector::from_object(const json::Value& selector) {
  LabelSelector out;
  if (const json::Object* labels = json::object_at(selector, {"matchLabels"}))
    for (const auto& label : *labels)
      out.requirements_.push_back(
          {label.key(),
           Operator::in,
           {std::string(label.value().is_string() ? json::view(label.value().get_string()) : "")}});
  if (const json::Array* expressions = json::array_at(selector, {"matchExpressions"}))
    for (const json::Value& expression : *expressions) {
      Requirement requirement;
      requirement.key = json::string_at(expression, {"key"});
      std::string_view op = json::string_at(expression, {"operator"});
      if (op == "In")
        requirement.op = Operator::in;
      else if (op == "NotIn")
        requirement.op = Operator::not_in;
      else if (op == "Exists")
        requirement.op = Operator::exists;
      else if (op == "DoesNotExist")
        requirement.op = Operator::does_not_exist;
      else
        return fail("\"" + std::string(op) + "\" is not a valid label selector operator");
      if (const json::Array* values = json::array_at(expression, {"values"}))
        for (const json::Value& value : *values)
          if (value.is_string()) requirement.values.emplace_back(json::view(value.get_string()));
      out.requirements_.push_back(std::move(requirement));
    }
  return out;
}

bool LabelSelector::matches(const json::Object* labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& requirement) { return meets(requirement, labels); });
}

}  // namespace gatepost::kube
