#include "lint/condition_risk.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "cel/parser.h"

namespace gatepost::lint {
namespace {

using cel::SyntaxKind;
using cel::SyntaxNode;

// Fields that every object has by the time webhooks see it: by the API's rules or its defaults.
constexpr std::array<std::string_view, 24> always_there = {"object.kind",
                                                           "object.apiVersion",
                                                           "object.metadata",
                                                           "object.metadata.name",
                                                           "object.metadata.namespace",
                                                           "object.metadata.uid",
                                                           "object.metadata.creationTimestamp",
                                                           "object.spec",
                                                           "object.spec.containers",
                                                           "object.spec.template",
                                                           "object.spec.template.metadata",
                                                           "object.spec.template.spec",
                                                           "object.spec.template.spec.containers",
                                                           "object.spec.selector",
                                                           "object.spec.replicas",
                                                           "object.spec.type",
                                                           "object.spec.ports",
                                                           "object.spec.restartPolicy",
                                                           "object.spec.dnsPolicy",
                                                           "object.spec.schedulerName",
                                                           "object.spec.terminationGracePeriodSeconds",
                                                           "object.rules",
                                                           "object.roleRef",
                                                           "object.type"};

struct Chain {
  std::vector<std::string> parts;  // object, metadata, labels, app
  bool optional = false;           // .? or [?: it cannot fail
};

class Reader {
 public:
  explicit Reader(const std::string& text) : source_(text) {
    cel::Issues issues;
    tree_ = cel::parse_syntax(source_, issues);
    if (!tree_.aborted && issues.empty() && tree_.root) walk(*tree_.root);
  }

  std::vector<Chain> accesses;
  std::set<std::string> guards;  // "object.metadata.labels", "object.metadata.labels.app"
  bool asks_operation = false, asks_old_object = false, asks_object = false;

 private:
  std::string text_of(const std::optional<cel::TokenText>& token) const {
    return token ? source_.slice(token->begin, token->end) : std::string();
  }

  static std::string unquoted(std::string text) {
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"')) return text.substr(1, text.size() - 2);
    return text;
  }

  // The chain that ends in this node; no parts if it does not start with a name.
  Chain chain_of(const SyntaxNode& node) const {
    if (node.kind == SyntaxKind::Identifier) return {{text_of(node.name)}, false};
    if ((node.kind == SyntaxKind::Select || node.kind == SyntaxKind::Index) && !node.children.empty() &&
        node.children[0]) {
      Chain chain = chain_of(*node.children[0]);
      if (chain.parts.empty()) return chain;
      chain.optional = chain.optional || node.optional.has_value();
      if (node.kind == SyntaxKind::Select) {
        chain.parts.push_back(text_of(node.name));
      } else {
        const SyntaxNode* index = node.children.size() > 1 ? node.children[1] : nullptr;
        chain.parts.push_back(index && index->kind == SyntaxKind::Literal ? unquoted(text_of(index->name)) : "*");
      }
      return chain;
    }
    return {};
  }

  static std::string joined(const std::vector<std::string>& parts, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i ? "." : "") + parts[i];
    return out;
  }

  void guard(const Chain& chain) {
    for (std::size_t count = 2; count <= chain.parts.size(); ++count) guards.insert(joined(chain.parts, count));
  }

  void walk(const SyntaxNode& node) {
    if (node.kind == SyntaxKind::GlobalCall && text_of(node.name) == "has") {
      if (!node.children.empty() && node.children[0]) {
        const Chain chain = chain_of(*node.children[0]);
        guards.insert(joined(chain.parts, chain.parts.size()));
        // has(a.b.c) itself fails where a.b is not there.
        if (chain.parts.size() > 1) {
          Chain before = chain;
          before.parts.pop_back();
          accesses.push_back(std::move(before));
        }
      }
      return;
    }
    if (node.kind == SyntaxKind::Relation && node.children.size() == 2 && node.children[0] && node.children[1]) {
      const std::string left = source_.slice(node.children[0]->start.begin, node.children[0]->start.end);
      const Chain right = chain_of(*node.children[1]), first = chain_of(*node.children[0]);
      const std::string op = text_of(node.op) + (node.operators.empty() ? "" : text_of(node.operators[0]));
      if (op == "in" && !right.parts.empty())
        guards.insert(joined(right.parts, right.parts.size()) + "." + unquoted(left));
      if (first.parts.size() == 1 && (op == "==" || op == "!=")) {
        asks_old_object = asks_old_object || first.parts[0] == "oldObject";
        asks_object = asks_object || first.parts[0] == "object";
      }
    }
    if (node.kind == SyntaxKind::Select || node.kind == SyntaxKind::Index) {
      const Chain chain = chain_of(node);
      if (!chain.parts.empty()) {
        if (chain.parts.size() > 1 && chain.parts[0] == "request" && chain.parts[1] == "operation")
          asks_operation = true;
        accesses.push_back(chain);
        // What stands in brackets is an expression of its own.
        for (const SyntaxNode* at = &node; at; at = at->children.empty() ? nullptr : at->children[0])
          if (at->kind == SyntaxKind::Index && at->children.size() > 1 && at->children[1]) walk(*at->children[1]);
        return;
      }
    }
    for (const SyntaxNode* child : node.children)
      if (child) walk(*child);
    for (const cel::SyntaxEntry& entry : node.entries) {
      if (entry.key) walk(*entry.key);
      if (entry.value) walk(*entry.value);
    }
  }

  cel::Source source_;
  cel::SyntaxTree tree_;
};

}  // namespace

std::vector<std::string> risky_accesses(const std::vector<std::string>& expressions, const RequestKinds& kinds) {
  std::vector<Reader> readers;
  readers.reserve(expressions.size());
  std::set<std::string> guards;
  bool asks_operation = false, asks_old_object = false, asks_object = false;
  for (const std::string& expression : expressions) {
    const Reader& reader = readers.emplace_back(expression);
    guards.insert(reader.guards.begin(), reader.guards.end());
    asks_operation = asks_operation || reader.asks_operation;
    asks_old_object = asks_old_object || reader.asks_old_object;
    asks_object = asks_object || reader.asks_object;
  }
  auto risky = [&](const Chain& chain) -> std::string {
    const std::string& root = chain.parts[0];
    if (root != "object" && root != "oldObject") return "";
    std::string path = root, plain = "object", whole = root;
    for (std::size_t i = 1; i < chain.parts.size(); ++i) whole += "." + chain.parts[i];
    if (chain.parts.size() > 1 && !asks_operation) {
      if (root == "oldObject" && kinds.may_lack_old_object && !asks_old_object)
        return whole + " (there is no oldObject on CREATE)";
      if (root == "object" && kinds.may_lack_object && !asks_object) return whole + " (there is no object on DELETE)";
    }
    if (chain.optional) return "";
    for (std::size_t i = 1; i < chain.parts.size(); ++i) {
      path += "." + chain.parts[i];
      plain += "." + chain.parts[i];
      if (chain.parts[i] == "*" || guards.contains(path)) continue;
      if (std::find(always_there.begin(), always_there.end(), plain) != always_there.end()) continue;
      return path;
    }
    return "";
  };
  std::vector<std::string> out;
  for (const Reader& reader : readers) {
    std::string& first = out.emplace_back();
    for (const Chain& chain : reader.accesses)
      if (first.empty() && !chain.parts.empty()) first = risky(chain);
  }
  return out;
}

}  // namespace gatepost::lint
