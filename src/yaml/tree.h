// A YAML document as it was written: nodes with their places, styles, tags and anchors, aliases not expanded. What
// needs to point at a line or to change bytes in place works on this; what only needs the data takes convert.h.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::yaml {

struct Mark {
  std::uint32_t offset = 0;            // in bytes, from the start of the text
  std::uint32_t line = 1, column = 1;  // columns in characters
};

enum class Kind : std::uint8_t { scalar, sequence, mapping, alias };
enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded, block, flow };

using NodeId = std::uint32_t;

struct Node {
  Kind kind = Kind::scalar;
  Style style = Style::plain;
  Mark start, end;
  std::string_view text;    // a scalar's value, an alias' anchor
  std::string_view tag;     // as written, long form ("tag:yaml.org,2002:str"); empty: none
  std::string_view anchor;  // its own
  std::uint32_t first_child = 0, children = 0;
  NodeId target = 0;  // of an alias
};

// Nodes live as long as the tree; texts are its own copies.
class Tree {
 public:
  const Node& root() const { return nodes_[root_]; }
  const Node& operator[](NodeId id) const { return nodes_[id]; }
  // Items of a sequence; keys and values of a mapping in turn.
  std::span<const NodeId> children(const Node& node) const {
    return std::span(children_).subspan(node.first_child, node.children);
  }
  std::size_t size() const { return nodes_.size(); }
  bool empty() const { return nodes_.empty(); }  // no document, or one without a node

 private:
  friend class TreeBuilder;
  std::vector<Node> nodes_;
  std::vector<NodeId> children_;
  std::deque<std::string> texts_;
  NodeId root_ = 0;
};

struct ReadOptions {
  std::size_t max_depth = 1000;
  // Where the text stands in a larger one: added to all places.
  Mark origin;
  // Where to put the place of an error; null: nobody asks.
  Mark* failed_at = nullptr;
};

// The first document of the text. The error's text is go-yaml's: "yaml: line 3: did not find expected key".
Result<Tree> read(std::string_view text, ReadOptions options = {});

}  // namespace gatepost::yaml
