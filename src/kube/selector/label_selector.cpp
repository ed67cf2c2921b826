#include <algorithm>
#include <charconv>
#include <set>

#include "formats/names.h"
#include "kube/selector/selector.h"
#include "net/go_text.h"

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

std::string found(const Token& token) {
  return "found '" + std::string(token.text) + "'";
}

bool parse_integer(std::string_view text, std::int64_t& out) {
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

// What every requirement must hold, however it was written.
Result<LabelSelector::Requirement> checked(LabelSelector::Requirement requirement) {
  using Operator = LabelSelector::Operator;
  std::vector<std::string> complaints;
  auto complain = [&](std::string path, std::string_view value, std::string_view what) {
    complaints.push_back(std::move(path) + ": Invalid value: " + std::string(value) + ": " + std::string(what));
  };
  if (auto forms = formats::label_key(requirement.key); !forms.empty())
    complain("key", net::go_quote(requirement.key), formats::joined(forms, "; "));
  bool set = requirement.op == Operator::in || requirement.op == Operator::not_in;
  bool compares = requirement.op == Operator::greater || requirement.op == Operator::less;
  if (set && requirement.values.empty())
    complain("values", "[]", "for 'in', 'notin' operators, values set can't be empty");
  std::int64_t number = 0;
  for (std::size_t i = 0; i < requirement.values.size(); ++i)
    if (compares && !parse_integer(requirement.values[i], number))
      complain("values[" + std::to_string(i) + "]", net::go_quote(requirement.values[i]),
               "for 'Gt', 'Lt' operators, the value must be an integer");
  for (std::size_t i = 0; i < requirement.values.size(); ++i)
    if (auto forms = formats::label_value(requirement.values[i]); !forms.empty())
      complain("values[" + std::to_string(i) + "][" + requirement.key + "]", net::go_quote(requirement.values[i]),
               formats::joined(forms, "; "));
  if (complaints.empty()) return requirement;
  std::string text = formats::joined(complaints, ", ");
  return fail(complaints.size() > 1 ? "[" + text + "]" : text);
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
        return refuse(found(token) + ", expected: !, identifier, or 'end of string'");
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
    if (key.kind != Token::Kind::identifier) return refuse(found(key) + ", expected: identifier");
    if (auto complaints = formats::label_key(key.text); !complaints.empty())
      return refuse("<nil>: Invalid value: " + net::go_quote(key.text) + ": " + formats::joined(complaints, "; "));
    requirement.key = key.text;
    const Token& after = look();
    if (absent || after.kind == Token::Kind::end || is(after, ",")) {
      requirement.op = absent ? LabelSelector::Operator::does_not_exist : LabelSelector::Operator::exists;
      return requirement;
    }
    if (auto op = parse_operator(); !op)
      return fail_with(std::move(op.error()));
    else
      requirement.op = *op;
    bool set = wants_set_;
    auto values = set ? parse_values() : parse_exact_value();
    if (!values) return fail_with(std::move(values.error()));
    requirement.values = std::move(*values);
    return checked(std::move(requirement));
  }

  Result<LabelSelector::Operator> parse_operator() {
    Token op = take();
    wants_set_ = op.kind == Token::Kind::identifier && (op.text == "in" || op.text == "notin");
    if (wants_set_) return op.text == "in" ? LabelSelector::Operator::in : LabelSelector::Operator::not_in;
    if (is(op, "=") || is(op, "==")) return LabelSelector::Operator::in;
    if (is(op, "!=")) return LabelSelector::Operator::not_in;
    if (is(op, ">")) return LabelSelector::Operator::greater;
    if (is(op, "<")) return LabelSelector::Operator::less;
    return fail(found(op) + ", expected: in, notin, =, ==, !=, gt, lt");
  }

  // A value may be absent: "a=" means the empty text.
  Result<std::vector<std::string>> parse_exact_value() {
    const Token& next = look();
    if (next.kind == Token::Kind::end || is(next, ",")) return std::vector<std::string>{""};
    Token value = take();
    if (value.kind != Token::Kind::identifier) return fail(found(value) + ", expected: identifier");
    return std::vector<std::string>{std::string(value.text)};
  }

  Result<std::vector<std::string>> parse_values() {
    Token open = take();
    if (!is(open, "(")) return fail(found(open) + " expected: '('");
    const Token& first = look();
    if (is(first, ")")) {
      take();
      return std::vector<std::string>{""};
    }
    if (first.kind != Token::Kind::identifier && !is(first, ","))
      return fail(found(first) + ", expected: ',', ')' or identifier");
    std::set<std::string> values;
    for (;;) {
      Token token = take();
      if (token.kind == Token::Kind::identifier) {
        values.emplace(token.text);
        if (!is(look(), ",") && !is(look(), ")")) return fail(found(look()) + ", expected: ',' or ')'");
      } else if (is(token, ",")) {
        if (values.empty() || is(look(), ")") || is(look(), ",")) values.emplace("");
      } else {
        return fail(found(token) + ", expected: ',', or identifier");
      }
      if (is(look(), ")")) {
        take();
        return std::vector<std::string>(values.begin(), values.end());
      }
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool wants_set_ = false;  // the last operator was in or notin
};

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
      auto good = checked(std::move(requirement));
      if (!good) return fail_with(std::move(good.error()));
      out.requirements_.push_back(std::move(*good));
    }
  return out;
}

bool LabelSelector::matches(const json::Object* labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& requirement) { return meets(requirement, labels); });
}

}  // namespace gatepost::kube
