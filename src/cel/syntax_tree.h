// The tree of one expression as the grammar reads it, before macros: what the parser hands to the AST builder. After a
// syntax error parts are missing (null children, tokens without text), so that later faults are still found.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "cel/lexer.h"

namespace gatepost::cel {

enum class SyntaxKind : std::uint8_t {
  Conditional,  // children: condition, if true, if false
  Or,           // children joined by operators
  And,
  Relation,  // two children, one operator
  Calculation,
  Not,  // one child; operators counts the signs
  Negate,
  Select,
  MemberCall,  // children: target, arguments...
  Index,       // children: target, index
  Identifier,
  GlobalCall,  // children: arguments...
  List,
  Map,
  Message,
  Literal,
  Broken  // nothing could be read here
};

struct SyntaxEntry {
  std::optional<TokenText> colon;
  std::optional<TokenText> field;  // of a message
  struct SyntaxNode* key = nullptr;
  struct SyntaxNode* value = nullptr;
  std::optional<TokenText> optional;  // the question mark
};

struct SyntaxNode {
  SyntaxKind kind = SyntaxKind::Literal;
  TokenText start;                      // the first token of the text
  std::optional<TokenText> op;          // operator, '(' of a call, '[' or '{'
  std::optional<TokenText> name;        // identifier, field, function or the literal itself
  std::optional<TokenText> name_start;  // of a selection: where its field should be
  std::optional<TokenText> optional;    // the question mark of `.?` and `[?`
  bool leading_dot = false;
  bool negative = false;  // a literal with a sign
  std::vector<SyntaxNode*> children;
  std::vector<TokenText> operators;
  std::optional<TokenText> fields_start;  // of a message: its first field
  std::vector<TokenText> names;           // of a message type
  std::vector<SyntaxEntry> entries;       // of a list, map or message
};

// Owns the nodes.
struct SyntaxTree {
  std::deque<SyntaxNode> nodes;
  SyntaxNode* root = nullptr;
  bool aborted = false;  // a limit was hit: the tree is not to be looked at
};

}  // namespace gatepost::cel
