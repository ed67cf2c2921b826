#include "cel/parser.h"

#include "cel/token_reader.h"

namespace gatepost::cel {

namespace {

using namespace token_sets;

enum Rule : std::size_t {
  kExpr,
  kOr,
  kAnd,
  kRelationRule,
  kCalc,
  kUnary,
  kMemberRule,
  kPrimary,
  kExprList,
  kListInit,
  kFieldInit,
  kOptField,
  kMapInit,
  kEscapeIdent,
  kOptExpr,
  kLiteralRule
};

// Places in the grammar at which errors arise; recovery never stops twice at the same one without progress.
enum State : int {
  kAtEnd,
  kAtConditionalColon,
  kAtUnary,
  kAtNot,
  kAtMinus,
  kAtMinusLoop,
  kAtSelect,
  kAtCallArguments,
  kAtCallEnd,
  kAtIndexStart,
  kAtIndexEnd,
  kAtMemberAlternative,
  kAtPrimary,
  kAtPrimaryAlternative,
  kAtGlobalArguments,
  kAtGlobalEnd,
  kAtNestedEnd,
  kAtListElements,
  kAtListComma,
  kAtListEnd,
  kAtMapEntries,
  kAtMapComma,
  kAtMapEnd,
  kAtFields,
  kAtFieldsComma,
  kAtFieldsEnd,
  kAtOptionalExpression,
  kAtOptionalField,
  kAtFieldName,
  kAtFieldNameAlternative,
  kAtEntryColon,
  kAtFieldColon
};

class Parser {
 public:
  Parser(const Source& source, Issues& issues, SyntaxTree& tree) : in_(source, issues), tree_(tree) {}

 private:
  // One rule of the grammar on the stack, with the number of its levels.
  struct Level {
    Level(TokenReader& reader, std::size_t number) : in(reader), rule(number) { in.enter(rule); }
    ~Level() { in.leave(rule, levels); }
    void again() {
      in.enter(rule);
      ++levels;
    }
    TokenReader& in;
    std::size_t rule;
    int levels = 1;
  };

  template <class Call>
  auto called(TokenSet follow, Call&& call) {
    in_.push_follow(follow);
    auto out = call();
    in_.pop_follow();
    return out;
  }

 public:
  void start() {
    tree_.root = called(TokenSet{Token::End}, [&] { return expression(); });
    in_.match(Token::End, kRuleEnd, kAtEnd);
    tree_.aborted = in_.aborted();
  }

 private:
  SyntaxNode* make(SyntaxKind kind, const TokenText& start) {
    SyntaxNode& node = tree_.nodes.emplace_back();
    node.kind = kind;
    node.start = start;
    return &node;
  }

  SyntaxNode* expression() {
    const Level level(in_, kExpr);
    if (in_.aborted()) return nullptr;
    const TokenText start = in_.look();
    SyntaxNode* condition = called(kRuleEnd | TokenSet{Token::QuestionMark}, [&] { return disjunction(); });
    if (in_.type() != Token::QuestionMark) return condition;
    SyntaxNode* node = make(SyntaxKind::Conditional, start);
    node->op = in_.match(Token::QuestionMark, kExpression, kAtConditionalColon);
    node->children = {condition, nullptr, nullptr};
    node->children[1] = called(TokenSet{Token::Colon}, [&] { return disjunction(); });
    if (!in_.match(Token::Colon, kExpression, kAtConditionalColon)) return node;
    node->children[2] = called(kRuleEnd, [&] { return expression(); });
    return node;
  }

  SyntaxNode* disjunction() {
    const Level level(in_, kOr);
    return chain(SyntaxKind::Or, Token::LogicalOr, [&] { return conjunction(); });
  }

  SyntaxNode* conjunction() {
    const Level level(in_, kAnd);
    return chain(SyntaxKind::And, Token::LogicalAnd, [&] { return relation(0); });
  }

  template <class Operand>
  SyntaxNode* chain(SyntaxKind kind, Token op, Operand&& operand) {
    const TokenSet follow = kRuleEnd | TokenSet{op};
    const TokenText start = in_.look();
    SyntaxNode* first = called(follow, operand);
    if (in_.type() != op) return first;
    SyntaxNode* node = make(kind, start);
    node->children = {first};
    while (in_.type() == op) {
      node->operators.push_back(*in_.match(op, kExpression, kAtConditionalColon));
      node->children.push_back(called(follow, operand));
    }
    return node;
  }

  SyntaxNode* relation(int precedence) {
    Level level(in_, kRelationRule);
    if (in_.aborted()) return nullptr;
    const TokenSet follow = kRelation | kRuleEnd;
    const TokenText start = in_.look();
    SyntaxNode* left = called(follow, [&] { return calculation(0); });
    while (precedence <= 1 && kRelation.contains(in_.type()) && !in_.aborted()) {
      level.again();
      left = binary(SyntaxKind::Relation, start, left, follow, [&] { return relation(2); });
    }
    return left;
  }

  SyntaxNode* calculation(int precedence) {
    Level level(in_, kCalc);
    if (in_.aborted()) return nullptr;
    const TokenSet follow = kProduct | kSum | kRuleEnd;
    const TokenText start = in_.look();
    SyntaxNode* left = called(follow, [&] { return unary(); });
    while (!in_.aborted()) {
      if (kProduct.contains(in_.type()) && precedence <= 2) {
        level.again();
        left = binary(SyntaxKind::Calculation, start, left, follow, [&] { return calculation(3); });
      } else if (kSum.contains(in_.type()) && precedence <= 1) {
        level.again();
        left = binary(SyntaxKind::Calculation, start, left, follow, [&] { return calculation(2); });
      } else {
        break;
      }
    }
    return left;
  }

  template <class Operand>
  SyntaxNode* binary(SyntaxKind kind, const TokenText& start, SyntaxNode* left, TokenSet follow, Operand&& operand) {
    SyntaxNode* node = make(kind, start);
    node->op = in_.match(in_.type(), kExpression, kAtConditionalColon);
    node->children = {left, called(follow, operand)};
    return node;
  }

  // A minus before a number may be a sign of the literal or an operator: the first alternative, the literal, wins.
  bool is_signed_number(std::size_t ahead) const {
    return in_.type(ahead) == Token::Minus &&
           (in_.type(ahead + 1) == Token::Int || in_.type(ahead + 1) == Token::Float);
  }

  SyntaxNode* unary() {
    const Level level(in_, kUnary);
    if (in_.aborted()) return nullptr;
    const TokenText start = in_.look();
    if (!in_.synchronise(kExpression, kAtUnary)) return make(SyntaxKind::Broken, start);
    if (!kExpression.contains(in_.type())) {
      in_.no_viable_alternative(1, kAtUnary);
      return make(SyntaxKind::Broken, start);
    }
    if (in_.type() == Token::Exclamation) {
      SyntaxNode* node = make(SyntaxKind::Not, start);
      do {
        node->operators.push_back(*in_.match(Token::Exclamation, kExpression, kAtNot));
        in_.synchronise_loop(kExpression);
      } while (in_.type() == Token::Exclamation);
      node->children = {called(kRuleEnd, [&] { return member(); })};
      return node;
    }
    if (in_.type() != Token::Minus) return called(kRuleEnd, [&] { return member(); });
    if (is_signed_number(1)) return called(kRuleEnd, [&] { return member(); });
    if (!kMember.contains(in_.type(2))) {
      in_.no_viable_alternative(2, kAtUnary);
      return make(SyntaxKind::Broken, start);
    }
    SyntaxNode* node = make(SyntaxKind::Negate, start);
    for (bool more = true; more;) {
      node->operators.push_back(*in_.match(Token::Minus, kMember, kAtMinus));
      more = in_.type() == Token::Minus;
      if (!more) break;
      if (!kMember.contains(in_.type(2))) {
        in_.no_viable_alternative(2, kAtMinusLoop);
        return node;
      }
    }
    node->children = {called(kRuleEnd, [&] { return member(); })};
    return node;
  }

  SyntaxNode* member() {
    Level level(in_, kMemberRule);
    if (in_.aborted()) return nullptr;
    const TokenText start = in_.look();
    const TokenSet follow = kSuffix | kRuleEnd;
    SyntaxNode* target = called(follow, [&] { return primary(); });
    while (kSuffix.contains(in_.type()) && !in_.aborted()) {
      level.again();
      bool gave_up = false;
      if (in_.type() == Token::LeftBracket) {
        target = index(start, target, follow, gave_up);
      } else if (in_.type(2) == Token::Identifier && in_.type(3) == Token::LeftParen) {
        target = member_call(start, target, follow, gave_up);
      } else if (kOptionalField.contains(in_.type(2))) {
        target = select(start, target, follow);
      } else {
        in_.no_viable_alternative(2, kAtMemberAlternative);
        gave_up = true;
      }
      if (gave_up) break;
    }
    return target;
  }

  SyntaxNode* select(const TokenText& start, SyntaxNode* target, TokenSet follow) {
    SyntaxNode* node = make(SyntaxKind::Select, start);
    node->children = {target};
    node->op = in_.match(Token::Dot, kOptionalField, kAtSelect);
    if (in_.type() == Token::QuestionMark) node->optional = in_.match(Token::QuestionMark, kFieldName, kAtSelect);
    node->name_start = in_.look();
    node->name = called(follow, [&] { return field_name(); });
    return node;
  }

  SyntaxNode* member_call(const TokenText& start, SyntaxNode* target, TokenSet follow, bool& gave_up) {
    SyntaxNode* node = make(SyntaxKind::MemberCall, start);
    node->children = {target};
    in_.match(Token::Dot, kFieldName, kAtSelect);
    node->name = in_.match(Token::Identifier, TokenSet{Token::LeftParen}, kAtSelect);
    node->op = in_.match(Token::LeftParen, kExpression, kAtSelect);
    gave_up = !arguments(*node, follow, kAtCallArguments, kAtCallEnd);
    return node;
  }

  bool arguments(SyntaxNode& node, TokenSet behind, int start_state, int end_state) {
    if (!in_.synchronise(kExpression | TokenSet{Token::RightParen}, start_state)) return false;
    if (kExpression.contains(in_.type())) called(TokenSet{Token::RightParen}, [&] { return expression_list(node); });
    return in_.match(Token::RightParen, behind, end_state).has_value();
  }

  SyntaxNode* index(const TokenText& start, SyntaxNode* target, TokenSet follow, bool& gave_up) {
    SyntaxNode* node = make(SyntaxKind::Index, start);
    node->children = {target, nullptr};
    node->op = in_.match(Token::LeftBracket, kOptionalExpression, kAtIndexStart);
    if (!in_.synchronise(kOptionalExpression, kAtIndexStart)) {
      gave_up = true;
      return node;
    }
    if (in_.type() == Token::QuestionMark) node->optional = in_.match(Token::QuestionMark, kExpression, kAtIndexStart);
    node->children[1] = called(TokenSet{Token::RightBracket}, [&] { return expression(); });
    gave_up = !in_.match(Token::RightBracket, follow, kAtIndexEnd);
    return node;
  }

  SyntaxNode* primary() {
    const Level level(in_, kPrimary);
    if (in_.aborted()) return nullptr;
    const TokenText start = in_.look();
    if (!in_.synchronise(kMember, kAtPrimary)) return nullptr;
    switch (in_.type()) {
      case Token::LeftParen:
        return nested();
      case Token::LeftBracket:
        return list(start);
      case Token::LeftBrace:
        return map(start);
      case Token::Dot:
      case Token::Identifier:
        return named(start);
      case Token::Minus:
        if (is_signed_number(1)) return literal(start);
        in_.no_viable_alternative(2, kAtPrimaryAlternative);
        return nullptr;
      default:
        break;
    }
    if (kLiteral.contains(in_.type())) return literal(start);
    in_.no_viable_alternative(1, kAtPrimaryAlternative);
    return nullptr;
  }

  SyntaxNode* literal(const TokenText& start) {
    SyntaxNode* node = make(SyntaxKind::Literal, start);
    if (in_.type() == Token::Minus) {
      node->negative = true;
      in_.match(Token::Minus, kLiteral, kAtPrimaryAlternative);
    }
    node->name = in_.match(in_.type(), kRuleEnd, kAtPrimaryAlternative);
    return node;
  }

  SyntaxNode* nested() {
    in_.match(Token::LeftParen, kExpression, kAtNestedEnd);
    SyntaxNode* node = called(TokenSet{Token::RightParen}, [&] { return expression(); });
    in_.match(Token::RightParen, kRuleEnd, kAtNestedEnd);
    return node;
  }

  // identifier, call or message type: the last is known by the brace behind the dotted names.
  SyntaxNode* named(const TokenText& start) {
    std::size_t ahead = in_.type() == Token::Dot ? 2 : 1;
    if (in_.type(ahead) != Token::Identifier) {
      in_.no_viable_alternative(ahead, kAtPrimaryAlternative);
      return nullptr;
    }
    const Token second = in_.type(ahead + 1);
    while (in_.type(ahead + 1) == Token::Dot && in_.type(ahead + 2) == Token::Identifier) ahead += 2;
    if (in_.type(ahead + 1) == Token::LeftBrace) return message(start);
    SyntaxNode* node = make(second == Token::LeftParen ? SyntaxKind::GlobalCall : SyntaxKind::Identifier, start);
    if (in_.type() == Token::Dot) {
      node->leading_dot = true;
      in_.match(Token::Dot, kFieldName, kAtPrimaryAlternative);
    }
    node->name = in_.match(Token::Identifier, kRuleEnd, kAtPrimaryAlternative);
    if (second != Token::LeftParen) return node;
    node->op = in_.match(Token::LeftParen, kExpression, kAtGlobalArguments);
    arguments(*node, kRuleEnd, kAtGlobalArguments, kAtGlobalEnd);
    return node;
  }

  SyntaxNode* list(const TokenText& start) {
    SyntaxNode* node = make(SyntaxKind::List, start);
    node->op = in_.match(Token::LeftBracket, kOptionalExpression, kAtListElements);
    const TokenSet end{Token::Comma, Token::RightBracket};
    if (!in_.synchronise(kOptionalExpression | end, kAtListElements)) return node;
    if (kOptionalExpression.contains(in_.type())) called(end, [&] { return list_elements(*node); });
    close(end, Token::RightBracket, kAtListComma, kAtListEnd);
    return node;
  }

  SyntaxNode* map(const TokenText& start) {
    SyntaxNode* node = make(SyntaxKind::Map, start);
    node->op = in_.match(Token::LeftBrace, kOptionalExpression, kAtMapEntries);
    const TokenSet end{Token::Comma, Token::RightBrace};
    if (!in_.synchronise(kOptionalExpression | end, kAtMapEntries)) return node;
    if (kOptionalExpression.contains(in_.type())) called(end, [&] { return map_entries(*node); });
    close(end, Token::RightBrace, kAtMapComma, kAtMapEnd);
    return node;
  }

  SyntaxNode* message(const TokenText& start) {
    SyntaxNode* node = make(SyntaxKind::Message, start);
    if (in_.type() == Token::Dot) {
      node->leading_dot = true;
      in_.consume();
    }
    node->names.push_back(in_.consume());
    while (in_.type() == Token::Dot) {
      in_.consume();
      node->names.push_back(in_.consume());
    }
    node->op = in_.match(Token::LeftBrace, kOptionalField, kAtFields);
    const TokenSet end{Token::Comma, Token::RightBrace};
    if (!in_.synchronise(kOptionalField | end, kAtFields)) return node;
    node->fields_start = in_.look();
    if (kOptionalField.contains(in_.type())) called(end, [&] { return fields(*node); });
    close(end, Token::RightBrace, kAtFieldsComma, kAtFieldsEnd);
    return node;
  }

  // An optional trailing comma and the closing token.
  void close(TokenSet end, Token closing, int comma_state, int end_state) {
    if (!in_.synchronise(end, comma_state)) return;
    if (in_.type() == Token::Comma) in_.match(Token::Comma, TokenSet{closing}, comma_state);
    in_.match(closing, kRuleEnd, end_state);
  }

  bool expression_list(SyntaxNode& node) {
    const Level level(in_, kExprList);
    const TokenSet follow = kRuleEnd | TokenSet{Token::Comma};
    node.children.push_back(called(follow, [&] { return expression(); }));
    while (in_.type() == Token::Comma) {
      in_.match(Token::Comma, kExpression, kAtCallArguments);
      node.children.push_back(called(follow, [&] { return expression(); }));
    }
    return true;
  }

  bool list_elements(SyntaxNode& node) {
    const Level level(in_, kListInit);
    const TokenSet follow = kRuleEnd | TokenSet{Token::Comma};
    for (;;) {
      SyntaxEntry entry;
      entry.value = called(follow, [&] { return optional_expression(entry.optional); });
      node.entries.push_back(entry);
      if (in_.type() != Token::Comma || !kOptionalExpression.contains(in_.type(2))) return true;
      in_.match(Token::Comma, kOptionalExpression, kAtListElements);
    }
  }

  bool map_entries(SyntaxNode& node) {
    const Level level(in_, kMapInit);
    for (;;) {
      SyntaxEntry entry;
      entry.key = called(TokenSet{Token::Colon}, [&] { return optional_expression(entry.optional); });
      entry.colon = in_.match(Token::Colon, kExpression, kAtEntryColon);
      if (!entry.colon) return false;
      entry.value = called(kRuleEnd | TokenSet{Token::Comma}, [&] { return expression(); });
      node.entries.push_back(entry);
      if (in_.type() != Token::Comma || !kOptionalExpression.contains(in_.type(2))) return true;
      in_.match(Token::Comma, kOptionalExpression, kAtMapEntries);
    }
  }

  bool fields(SyntaxNode& node) {
    const Level level(in_, kFieldInit);
    for (;;) {
      SyntaxEntry entry;
      entry.field = called(TokenSet{Token::Colon}, [&] { return optional_field(entry.optional); });
      entry.colon = in_.match(Token::Colon, kExpression, kAtFieldColon);
      if (!entry.colon) return false;
      entry.value = called(kRuleEnd | TokenSet{Token::Comma}, [&] { return expression(); });
      node.entries.push_back(entry);
      if (in_.type() != Token::Comma || !kOptionalField.contains(in_.type(2))) return true;
      in_.match(Token::Comma, kOptionalField, kAtFields);
    }
  }

  SyntaxNode* optional_expression(std::optional<TokenText>& mark) {
    const Level level(in_, kOptExpr);
    if (!in_.synchronise(kOptionalExpression, kAtOptionalExpression)) return nullptr;
    if (in_.type() == Token::QuestionMark) mark = in_.match(Token::QuestionMark, kExpression, kAtOptionalExpression);
    return called(kRuleEnd, [&] { return expression(); });
  }

  std::optional<TokenText> optional_field(std::optional<TokenText>& mark) {
    const Level level(in_, kOptField);
    if (!in_.synchronise(kOptionalField, kAtOptionalField)) return std::nullopt;
    if (in_.type() == Token::QuestionMark) mark = in_.match(Token::QuestionMark, kFieldName, kAtOptionalField);
    return called(kRuleEnd, [&] { return field_name(); });
  }

  std::optional<TokenText> field_name() {
    const Level level(in_, kEscapeIdent);
    if (!in_.synchronise(kFieldName, kAtFieldName)) return std::nullopt;
    if (kFieldName.contains(in_.type())) return in_.match(in_.type(), kRuleEnd, kAtFieldName);
    in_.no_viable_alternative(1, kAtFieldNameAlternative);
    return std::nullopt;
  }

  TokenReader in_;
  SyntaxTree& tree_;
};

}  // namespace

SyntaxTree parse_syntax(const Source& source, Issues& issues) {
  SyntaxTree tree;
  Parser(source, issues, tree).start();
  return tree;
}

}  // namespace gatepost::cel
