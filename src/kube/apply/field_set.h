// Sets of paths into an object: what one manager owns, or what a change touched. A set is a sorted tree of path
// elements that never changes once made; operations build new nodes and share what they can. Nodes live in a
// FieldArena, texts there, in the JSON tree they were read from, or in the schema: a set is good for one request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::kube::apply {

// Ordered as structured-merge-diff orders them.
enum class ElementKind : std::uint8_t { name, key, value, index };

// One step of a path. `text` is the name of a field, the key of an item of a keyed list as a JSON object with sorted
// members ({"containerPort":80,"protocol":"TCP"}), the value of an item of a set as JSON, or an index in decimal.
struct PathElement {
  ElementKind kind = ElementKind::name;
  std::string_view text;

  bool operator==(const PathElement&) const = default;
};

using Path = std::span<const PathElement>;

// Negative, 0 or positive. Names compare as bytes, keys and values as the JSON values that they are.
int compare(const PathElement& left, const PathElement& right);

// ".spec", `[name="web"]`, `[="a"]`, "[0]"; of a path, all in a row.
std::string printed(const PathElement& element);
std::string printed(Path path);

// A path into the set: a member itself, or a step on the way to members, or both.
struct FieldNode {
  PathElement element;
  bool member = false;
  const FieldNode* children = nullptr;
  const FieldNode* next = nullptr;  // the next sibling, greater than this one
};

// Null is the empty set. There are no nodes that are neither members nor lead to one.
using FieldSet = const FieldNode*;

class FieldArena {
 public:
  FieldArena() : memory_(buffer_, sizeof buffer_) {}
  FieldNode* node(const PathElement& element, bool member, FieldSet children);
  std::string_view keep(std::string_view text);

 private:
  alignas(std::max_align_t) std::byte buffer_[4096];
  std::pmr::monotonic_buffer_resource memory_;
};

// Makes a list of siblings, in order.
class Siblings {
 public:
  // Takes over `node`, whose `next` is overwritten by the next call.
  void append(FieldNode* node) {
    *end_ = node;
    end_ = &node->next;
  }
  // The rest of the list is shared.
  FieldSet finish(FieldSet rest = nullptr) {
    *end_ = rest;
    return first_;
  }

 private:
  const FieldNode* first_ = nullptr;
  const FieldNode** end_ = &first_;
};

// Sorts nodes that were made in any order; of equal elements one node is made.
FieldSet sorted(FieldArena& arena, std::span<FieldNode*> nodes);

FieldSet unite(FieldArena& arena, FieldSet left, FieldSet right);
FieldSet intersect(FieldArena& arena, FieldSet left, FieldSet right);
// Of `left` what is not in `right`. The children of a member of `right` stay, unless they are in `right` too.
FieldSet subtract(FieldArena& arena, FieldSet left, FieldSet right);
// The same, and all below a member of `right` goes with it.
FieldSet subtract_deep(FieldArena& arena, FieldSet left, FieldSet right);

// Null when there is no such node.
const FieldNode* find(FieldSet set, const PathElement& element);
bool contains(FieldSet set, Path path);
bool equal(FieldSet left, FieldSet right);

// A set of one path.
FieldSet one_path(FieldArena& arena, Path path);

// Every member once: those of a level before those below it.
void for_each(FieldSet set, const std::function<void(Path)>& visit);

}  // namespace gatepost::kube::apply
