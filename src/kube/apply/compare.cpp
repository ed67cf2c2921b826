#include "kube/apply/compare.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "kube/apply/element_of.h"
#include "kube/apply/fields_v1.h"

namespace gatepost::kube::apply {
namespace {

using Nodes = boost::container::small_vector<FieldNode*, 16>;

enum class Verdict { same, removed, modified, added };

// What comparing a value found: of the value itself, and below it.
struct Found {
  Verdict self = Verdict::same;
  Comparison below;
};

// The children of one value, by what happened to them.
struct Level {
  explicit Level(FieldArena& memory) : arena(memory) {}

  void add(const PathElement& element, const Found& found) {
    add_to(removed, element, found.self == Verdict::removed, found.below.removed);
    add_to(modified, element, found.self == Verdict::modified, found.below.modified);
    add_to(added, element, found.self == Verdict::added, found.below.added);
  }
  Comparison finish() {
    return {sorted(arena, {removed.data(), removed.size()}), sorted(arena, {modified.data(), modified.size()}),
            sorted(arena, {added.data(), added.size()})};
  }

  FieldArena& arena;
  Nodes removed, modified, added;

 private:
  void add_to(Nodes& nodes, const PathElement& element, bool member, FieldSet below) {
    if (member || below) nodes.push_back(arena.node(element, member, below));
  }
};

bool has_no_items(const json::Value* value) {
  return !value || !value->is_array() || value->get_array().empty();
}
bool has_no_members(const json::Value* value) {
  return !value || !value->is_object() || value->get_object().empty();
}

Verdict leaf(const json::Value* left, const json::Value* right) {
  if (!left) return Verdict::added;
  if (!right) return Verdict::removed;
  return *left == *right ? Verdict::same : Verdict::modified;
}

struct Item {
  PathElement element;
  const json::Value* value;
};

class Walk {
 public:
  explicit Walk(FieldArena& arena) : arena_(arena) {}

  // At least one of the two is there.
  Found values(const Type& type, const json::Value* left, const json::Value* right, std::size_t depth) {
    if (depth > max_fields_depth) return {leaf(left, right), {}};
    Form right_form = right ? form_of(type, *right) : form_of(type, *left);
    Form left_form = left ? form_of(type, *left) : right_form;
    if (left_form == right_form) return of_form(right_form, type, left, right, depth);
    // What changed its form is gone below and new as a whole.
    Found gone = of_form(left_form, type, left, nullptr, depth);
    Found made = of_form(right_form, type, nullptr, right, depth);
    return {Verdict::modified, {gone.below.removed, nullptr, made.below.added}};
  }

 private:
  Found of_form(Form form, const Type& type, const json::Value* left, const json::Value* right, std::size_t depth) {
    bool empty =
        form == Form::list ? has_no_items(left) && has_no_items(right) : has_no_members(left) && has_no_members(right);
    if (form == Form::scalar || empty || is_atomic(type, form)) return {leaf(left, right), {}};
    Found found;
    if (!left) found.self = Verdict::added;
    if (!right) found.self = Verdict::removed;
    if (form == Form::map) {
      found.below = members(type, left, right, depth);
      return found;
    }
    auto old_items = indexed(type, left), new_items = indexed(type, right);
    if (!old_items || !new_items) return {leaf(left, right), {}};
    found.below = items(type, *old_items, *new_items, depth);
    return found;
  }

  Comparison members(const Type& type, const json::Value* left, const json::Value* right, std::size_t depth) {
    Level level(arena_);
    const json::Object* old_map = left ? left->if_object() : nullptr;
    const json::Object* new_map = right ? right->if_object() : nullptr;
    bool is_metadata = depth == 1 && in_metadata_;
    auto visit = [&](std::string_view name, const json::Value* old_value, const json::Value* new_value) {
      if (depth == 0 ? is_stripped_at_top(name) : is_metadata && is_stripped_in_metadata(name)) return;
      if (depth == 0) in_metadata_ = name == "metadata";
      const Field* field = field_of(type, name);
      if (field && !old_value && old_map) old_value = implied(*field);
      if (field && !new_value && new_map) new_value = implied(*field);
      if (old_value && new_value && *old_value == *new_value) return;
      // A key that the schema does not have is owned as such.
      Type below = member_type(type, field);
      if (below.kind == Type::Kind::none) below.kind = Type::Kind::deduced;
      level.add({ElementKind::name, name}, values(below, old_value, new_value, depth + 1));
    };
    if (new_map)
      for (const auto& member : *new_map)
        visit(member.key(), old_map ? old_map->if_contains(member.key()) : nullptr, &member.value());
    if (old_map)
      for (const auto& member : *old_map)
        if (!new_map || !new_map->contains(member.key())) visit(member.key(), &member.value(), nullptr);
    return level.finish();
  }

  // The items in the order of their elements; nothing if one of them has none.
  Result<std::vector<Item>> indexed(const Type& type, const json::Value* list) {
    std::vector<Item> items;
    if (!list || !list->is_array()) return items;
    items.reserve(list->get_array().size());
    for (const json::Value& item : list->get_array()) {
      auto element = element_of(arena_, type, item);
      if (!element) return fail_with(std::move(element.error()));
      items.push_back({*element, &item});
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return compare(a.element, b.element) < 0; });
    return items;
  }

  static std::size_t run_at(const std::vector<Item>& items, std::size_t from, const PathElement& element) {
    std::size_t end = from;
    while (end < items.size() && compare(items[end].element, element) == 0) ++end;
    return end - from;
  }

  Comparison items(const Type& type, const std::vector<Item>& left, const std::vector<Item>& right, std::size_t depth) {
    Level level(arena_);
    Type below = item_type(type);
    for (std::size_t l = 0, r = 0; l < left.size() || r < right.size();) {
      bool from_left = r == right.size() || (l < left.size() && compare(left[l].element, right[r].element) <= 0);
      const PathElement element = from_left ? left[l].element : right[r].element;
      std::size_t old_count = run_at(left, l, element), new_count = run_at(right, r, element);
      const json::Value* old_value = old_count ? left[l].value : nullptr;
      const json::Value* new_value = new_count ? right[r].value : nullptr;
      if (old_count <= 1 && new_count <= 1) {
        level.add(element, values(below, old_value, new_value, depth + 1));
      } else if (old_count >= 2 && new_count >= 2) {
        bool same = old_count == new_count;
        for (std::size_t i = 0; same && i < old_count; ++i) same = *left[l + i].value == *right[r + i].value;
        if (!same) level.add(element, {Verdict::modified, {}});
      } else {
        // Items that are doubled on one side are one mark there; the single one is new, or gone.
        Found found;
        if (old_count == 1) found = values(below, old_value, nullptr, depth + 1);
        if (new_count == 1) found = values(below, nullptr, new_value, depth + 1);
        level.add(element, found);
        level.add(element, {old_count >= 2 ? Verdict::removed : Verdict::added, {}});
      }
      l += old_count;
      r += new_count;
    }
    return level.finish();
  }

  FieldArena& arena_;
  bool in_metadata_ = false;
};

}  // namespace

bool is_stripped_at_top(std::string_view name) {
  return name == "apiVersion" || name == "kind";
}

bool is_stripped_in_metadata(std::string_view name) {
  constexpr std::string_view names[] = {"name",        "namespace",  "creationTimestamp", "selfLink",       "uid",
                                        "clusterName", "generation", "managedFields",     "resourceVersion"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

Comparison compare(FieldArena& arena, const Type& type, const json::Value& old_object, const json::Value& new_object) {
  return Walk(arena).values(type, &old_object, &new_object, 0).below;
}

}  // namespace gatepost::kube::apply
