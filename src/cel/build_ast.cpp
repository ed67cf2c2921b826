#include "cel/build_ast.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "cel/literal_text.h"
#include "cel/parser.h"

namespace gatepost::cel {

namespace {

constexpr std::array<std::string_view, 21> kReserved{
    "as",  "break", "const",   "continue",  "else", "false",  "for",  "function", "if",   "import", "in",
    "let", "loop",  "package", "namespace", "null", "return", "true", "var",      "void", "while"};
constexpr int kMostDepth = 250;

std::string_view operator_function(Token type) {
  switch (type) {
    case Token::Equals:
      return "_==_";
    case Token::NotEquals:
      return "_!=_";
    case Token::In:
      return "@in";
    case Token::Less:
      return "_<_";
    case Token::LessEquals:
      return "_<=_";
    case Token::GreaterEquals:
      return "_>=_";
    case Token::Greater:
      return "_>_";
    case Token::Star:
      return "_*_";
    case Token::Slash:
      return "_/_";
    case Token::Percent:
      return "_%_";
    case Token::Plus:
      return "_+_";
    default:
      return "_-_";
  }
}

class Builder {
 public:
  Builder(Ast& ast, const ParseOptions& options, Issues& issues) : ast_(ast), options_(options), issues_(issues) {}

  Expr* build(const SyntaxNode* node) {
    if (node == nullptr) return ast_.make(ExprKind::Unspecified, -1);
    if (too_deep_) return ast_.make(ExprKind::Unspecified, node->start.begin);
    if (++depth_ > 4 * kMostDepth) {
      too_deep_ = true;
      issues_.report({}, "max recursion depth exceeded");
    }
    Expr* out = build_kind(*node);
    --depth_;
    return out;
  }

 private:
  Expr* build_kind(const SyntaxNode& node) {
    switch (node.kind) {
      case SyntaxKind::Conditional:
        return call(node.op->begin, "_?_:_", {child(node, 0), child(node, 1), child(node, 2)});
      case SyntaxKind::Or:
        return chain(node, "_||_");
      case SyntaxKind::And:
        return chain(node, "_&&_");
      case SyntaxKind::Relation:
      case SyntaxKind::Calculation: {
        Expr* left = child(node, 0);
        Expr* right = child(node, 1);
        return call(node.op->begin, std::string(operator_function(node.op->type)), {left, right});
      }
      case SyntaxKind::Not:
        return sign(node, "!_");
      case SyntaxKind::Negate:
        return sign(node, "-_");
      case SyntaxKind::Select:
        return select(node);
      case SyntaxKind::MemberCall:
        return member_call(node);
      case SyntaxKind::Index:
        return index(node);
      case SyntaxKind::Identifier:
      case SyntaxKind::GlobalCall:
        return named(node);
      case SyntaxKind::List:
        return list(node);
      case SyntaxKind::Map:
        return map(node);
      case SyntaxKind::Message:
        return message(node);
      case SyntaxKind::Literal:
        return literal(node);
      case SyntaxKind::Broken:
        return ast_.text_literal("<<error>>", node.start.begin);
    }
    return nullptr;
  }

  std::string text(const TokenText& token) const { return ast_.source.slice(token.begin, token.end); }

  // What has no place, for it is missing, is reported before the first column.
  Expr* report(std::int32_t offset, std::string message) {
    issues_.report(offset < 0 ? Location{1, -1} : ast_.source.location(offset), std::move(message));
    return ast_.make(ExprKind::Unspecified, offset);
  }

  Expr* child(const SyntaxNode& node, std::size_t index) {
    return build(index < node.children.size() ? node.children[index] : nullptr);
  }

  // Long chains of && and || become balanced trees, so that their depth stays small.
  Expr* chain(const SyntaxNode& node, const char* function) {
    std::vector<Expr*> terms;
    for (const SyntaxNode* part : node.children) terms.push_back(build(part));
    if (terms.size() != node.operators.size() + 1)
      return report(node.start.begin,
                    std::string("unexpected character, wanted '") + (function[1] == '|' ? "||" : "&&") + "'");
    return balanced(function, terms, node.operators, 0, node.operators.size() - 1);
  }

  Expr* balanced(const char* function, const std::vector<Expr*>& terms, const std::vector<TokenText>& operators,
                 std::size_t low, std::size_t high) {
    const std::size_t middle = (low + high + 1) / 2;
    Expr* left = middle == low ? terms[middle] : balanced(function, terms, operators, low, middle - 1);
    Expr* right = middle == high ? terms[middle + 1] : balanced(function, terms, operators, middle + 1, high);
    return call(operators[middle].begin, function, {left, right});
  }

  Expr* sign(const SyntaxNode& node, const char* function) {
    Expr* operand = child(node, 0);
    if (node.operators.size() % 2 == 0) return operand;
    return call(node.operators[0].begin, function, {operand});
  }

  std::optional<std::string> field_name(const TokenText& token) {
    std::string name = text(token);
    if (token.type != Token::EscapedIdentifier) return name;
    if (!options_.escaped_identifiers) {
      report(token.begin, "unsupported syntax: '`'");
      return std::nullopt;
    }
    return name.substr(1, name.size() - 2);
  }

  Expr* select(const SyntaxNode& node) {
    Expr* operand = child(node, 0);
    if (!node.op) return ast_.make(ExprKind::Unspecified, node.start.begin);
    if (!node.name) return report(node.name_start->begin, "unsupported ident kind");
    const std::string field = field_name(*node.name).value_or("");
    if (node.optional) {
      if (!options_.optional_syntax) return report(node.op->begin, "unsupported syntax '.?'");
      return ast_.call("_?._", {operand, ast_.text_literal(field, node.name->begin)}, node.op->begin);
    }
    Expr* out = ast_.make(ExprKind::Select, node.op->begin);
    out->target = operand;
    out->name = field;
    return out;
  }

  Expr* member_call(const SyntaxNode& node) {
    Expr* target = child(node, 0);
    if (!node.name || !node.op) return ast_.make(ExprKind::Unspecified, node.start.begin);
    std::vector<Expr*> args;
    for (std::size_t i = 1; i < node.children.size(); ++i) args.push_back(build(node.children[i]));
    return call(node.op->begin, text(*node.name), std::move(args), target);
  }

  Expr* index(const SyntaxNode& node) {
    Expr* target = child(node, 0);
    if (!node.op) return ast_.make(ExprKind::Unspecified, node.start.begin);
    Expr* key = child(node, 1);
    if (node.optional && !options_.optional_syntax) return report(node.op->begin, "unsupported syntax '[?'");
    return call(node.op->begin, node.optional ? "_[?_]" : "_[_]", {target, key});
  }

  Expr* named(const SyntaxNode& node) {
    if (!node.name) return ast_.make(ExprKind::Unspecified, node.start.begin);
    const std::string name = text(*node.name);
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
      return report(node.start.begin, "reserved identifier: " + name);
    const std::string full = node.leading_dot ? "." + name : name;
    if (node.kind == SyntaxKind::Identifier) return ast_.ident(full, node.name->begin);
    std::vector<Expr*> args;
    for (const SyntaxNode* part : node.children) args.push_back(build(part));
    return call(node.op ? node.op->begin : node.start.begin, full, std::move(args));
  }

  bool optional_allowed(const SyntaxEntry& entry) {
    if (!entry.optional || options_.optional_syntax) return true;
    report(entry.optional->begin, "unsupported syntax '?'");
    return false;
  }

  Expr* list(const SyntaxNode& node) {
    Expr* out = ast_.make(ExprKind::List, node.start.begin);
    for (const SyntaxEntry& entry : node.entries) {
      Expr* value = build(entry.value);
      if (optional_allowed(entry)) out->entries.push_back({.value = value, .optional = entry.optional.has_value()});
    }
    return out;
  }

  Expr* map(const SyntaxNode& node) {
    Expr* out = ast_.make(ExprKind::Map, node.start.begin);
    for (const SyntaxEntry& entry : node.entries) {
      if (!optional_allowed(entry)) continue;
      EntryExpr made{.key = build(entry.key), .optional = entry.optional.has_value(), .offset = entry.colon->begin};
      made.value = build(entry.value);
      out->entries.push_back(std::move(made));
    }
    return out;
  }

  Expr* message(const SyntaxNode& node) {
    Expr* out = ast_.make(ExprKind::Struct, node.op ? node.op->begin : node.start.begin);
    for (const TokenText& name : node.names) {
      if (!out->name.empty() || node.leading_dot) out->name += '.';
      out->name += text(name);
    }
    for (const SyntaxEntry& entry : node.entries) {
      if (!optional_allowed(entry)) continue;
      if (!entry.field) {
        report(node.fields_start->begin, "unsupported ident kind");
        continue;
      }
      EntryExpr made{.optional = entry.optional.has_value(), .offset = entry.colon->begin};
      made.field = field_name(*entry.field).value_or("");
      made.value = build(entry.value);
      out->entries.push_back(std::move(made));
    }
    return out;
  }

  Expr* literal(const SyntaxNode& node) {
    const std::int32_t offset = node.start.begin;
    if (!node.name) return ast_.make(ExprKind::Unspecified, offset);
    std::string written = text(*node.name);
    switch (node.name->type) {
      case Token::True:
        return ast_.literal(Value::of_bool(true), offset);
      case Token::False:
        return ast_.literal(Value::of_bool(false), offset);
      case Token::Null:
        return ast_.literal(Value::null(), offset);
      case Token::Int:
        return integer(written, node.negative, offset);
      case Token::Uint:
        return unsigned_integer(written, offset);
      case Token::Float:
        return real(written, node.negative, offset);
      case Token::String:
        return quoted(written, LiteralKind::String, offset);
      default:
        return quoted(written.substr(1), LiteralKind::Bytes, offset);
    }
  }

  template <class T>
  static bool read(std::string_view digits, T& out) {
    int base = 10;
    std::string plain;
    if (digits.starts_with("0x") || digits.starts_with("-0x")) {
      plain = digits[0] == '-' ? "-" + std::string(digits.substr(3)) : std::string(digits.substr(2));
      digits = plain;
      base = 16;
    }
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
    return error == std::errc{} && end == digits.data() + digits.size();
  }

  Expr* integer(const std::string& written, bool negative, std::int32_t offset) {
    std::int64_t value = 0;
    if (!read(negative ? "-" + written : written, value)) return report(offset, "invalid int literal");
    return ast_.literal(Value::of_int(value), offset);
  }

  Expr* unsigned_integer(std::string written, std::int32_t offset) {
    written.pop_back();
    std::uint64_t value = 0;
    if (!read(written, value)) return report(offset, "invalid uint literal");
    return ast_.literal(Value::of_uint(value), offset);
  }

  Expr* real(const std::string& written, bool negative, std::int32_t offset) {
    const std::string full = negative ? "-" + written : written;
    double value = 0;
    const auto [end, error] = std::from_chars(full.data(), full.data() + full.size(), value);
    // Too large is an error, too small is zero, as Go reads numbers.
    if (error == std::errc::result_out_of_range) {
      value = std::strtod(full.c_str(), nullptr);
      if (value > 1 || value < -1) return report(offset, "invalid double literal");
    }
    return ast_.literal(Value::of_double(value), offset);
  }

  Expr* quoted(const std::string& written, LiteralKind kind, std::int32_t offset) {
    auto value = unescape_literal(written, kind);
    if (!value) {
      issues_.report(ast_.source.location(offset), value.error().text);
      value = written;
    }
    const std::string_view kept = ast_.constants.copy(*value);
    return ast_.literal(kind == LiteralKind::String ? Value::of_string(kept) : Value::of_bytes(kept), offset);
  }

  // A call, or what the macro of that name makes of it.
  Expr* call(std::int32_t offset, std::string function, std::vector<Expr*> args, Expr* target = nullptr) {
    for (const Macro& macro : options_.macros) {
      if (macro.name != function || macro.receiver != (target != nullptr)) continue;
      if (macro.arguments >= 0 && macro.arguments != static_cast<int>(args.size())) continue;
      MacroCall expansion{ast_, offset, target, args};
      Expr* out = macro.expand(expansion);
      if (!expansion.error.empty()) return report(expansion.error_offset, expansion.error);
      if (out != nullptr) return out;
    }
    return ast_.call(std::move(function), std::move(args), offset, target);
  }

  Ast& ast_;
  const ParseOptions& options_;
  Issues& issues_;
  int depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

std::unique_ptr<Ast> parse_expression(std::string text, const ParseOptions& options, Issues& issues) {
  auto ast = std::make_unique<Ast>(std::move(text));
  if (ast->source.size() > options.most_code_points) {
    issues.report({}, "expression code point size exceeds limit: size: " + std::to_string(ast->source.size()) +
                          ", limit " + std::to_string(options.most_code_points));
    return ast;
  }
  const SyntaxTree tree = parse_syntax(ast->source, issues);
  if (!tree.aborted) ast->root = Builder(*ast, options, issues).build(tree.root);
  return ast;
}

}  // namespace gatepost::cel
