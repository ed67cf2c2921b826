#include "kube/apply/merge.h"

#include <algorithm>
#include <optional>

#include "kube/apply/element_of.h"
#include "kube/apply/fields_v1.h"

namespace gatepost::kube::apply {
namespace {

bool is_empty(const json::Value* value, Form form) {
  if (!value) return true;
  if (form == Form::list) return !value->is_array() || value->get_array().empty();
  return !value->is_object() || value->get_object().empty();
}

// An item of a list, under its element. `doubled`: the live list has it more than once, so that it has no value to
// merge with.
struct Item {
  PathElement element;
  const json::Value* value = nullptr;
  bool doubled = false;
};

// The items of a keyed list or set in their order, and by their elements.
class Index {
 public:
  Index(FieldArena& arena, const Type& type, const json::Value* list) {
    if (!list || !list->is_array()) return;
    for (const json::Value& item : list->get_array())
      if (auto element = element_of(arena, type, item)) items_.push_back({*element, &item});
    for (std::size_t i = 0; i < items_.size(); ++i) by_element_.push_back(i);
    std::stable_sort(by_element_.begin(), by_element_.end(),
                     [&](std::size_t a, std::size_t b) { return compare(items_[a].element, items_[b].element) < 0; });
    for (std::size_t i = 1; i < by_element_.size(); ++i)
      if (compare(items_[by_element_[i - 1]].element, items_[by_element_[i]].element) == 0)
        items_[by_element_[i - 1]].doubled = items_[by_element_[i]].doubled = true;
  }

  const std::vector<Item>& items() const { return items_; }

  const Item* find(const PathElement& element) const {
    auto at = std::lower_bound(by_element_.begin(), by_element_.end(), element,
                               [&](std::size_t i, const PathElement& e) { return compare(items_[i].element, e) < 0; });
    if (at == by_element_.end() || compare(items_[*at].element, element) != 0) return nullptr;
    return &items_[*at];
  }

 private:
  std::vector<Item> items_;
  std::vector<std::size_t> by_element_;
};

class Merger {
 public:
  Merger(FieldArena& arena, json::Storage storage) : arena_(arena), storage_(std::move(storage)) {}

  // At least one is there. Nothing when the merged list or map is empty.
  std::optional<json::Value> values(const Type& type, const json::Value* live, const json::Value* applied,
                                    std::size_t depth) {
    const json::Value& wins = applied ? *applied : *live;
    Form form = form_of(type, wins);
    bool same_form = !live || form_of(type, *live) == form;
    const json::Value* under = same_form ? live : nullptr;
    bool leaf = form == Form::scalar || is_atomic(type, form) || (is_empty(under, form) && is_empty(applied, form)) ||
                depth > max_fields_depth;
    if (leaf) return json::Value(wins, storage_);
    return form == Form::map ? maps(type, under, applied, depth) : lists(type, under, applied, depth);
  }

 private:
  std::optional<json::Value> maps(const Type& type, const json::Value* live, const json::Value* applied,
                                  std::size_t depth) {
    const json::Object* below = live ? live->if_object() : nullptr;
    const json::Object* above = applied ? applied->if_object() : nullptr;
    json::Object out(storage_);
    auto add = [&](std::string_view name, const json::Value* left, const json::Value* right) {
      auto merged = values(member_type(type, field_of(type, name)), left, right, depth + 1);
      if (merged) out.emplace(name, std::move(*merged));
    };
    if (below)
      for (const auto& member : *below)
        add(member.key(), &member.value(), above ? above->if_contains(member.key()) : nullptr);
    if (above)
      for (const auto& member : *above)
        if (!below || !below->contains(member.key())) add(member.key(), nullptr, &member.value());
    if (out.empty()) return std::nullopt;
    return json::Value(std::move(out));
  }

  // The order of structured-merge-diff: the applied items in their order; the items that only the live list has stay
  // where they were among the shared ones.
  std::optional<json::Value> lists(const Type& type, const json::Value* live, const json::Value* applied,
                                   std::size_t depth) {
    Index left(arena_, type, live), right(arena_, type, applied);
    Type below = item_type(type);
    json::Array out(storage_);
    auto add = [&](const json::Value* old_value, const json::Value* new_value) {
      if (auto merged = values(below, old_value, new_value, depth + 1)) out.push_back(std::move(*merged));
    };
    auto add_applied = [&](const Item& item) {
      const Item* old_item = left.find(item.element);
      add(old_item && !old_item->doubled ? old_item->value : nullptr, item.value);
    };

    std::vector<PathElement> shared;
    for (const Item& item : right.items())
      if (left.find(item.element)) shared.push_back(item.element);
    std::size_t next_shared = 0;
    std::vector<char> merged(right.items().size());

    std::size_t l = 0, r = 0;
    while (l < left.items().size() || r < right.items().size()) {
      bool has_left = l < left.items().size(), has_right = r < right.items().size();
      if (has_left && has_right) {
        const Item& item = left.items()[l];
        if (compare(item.element, right.items()[r].element) == 0) {
          merged[r] = 1;
          add_applied(right.items()[r]);
          ++l, ++r, ++next_shared;
          continue;
        }
        if (right.find(item.element) && next_shared < shared.size() &&
            compare(shared[next_shared], item.element) != 0) {
          ++l;  // shared, but its turn comes later
          continue;
        }
      }
      if (has_left) {
        const Item& item = left.items()[l];
        const Item* above = right.find(item.element);
        if (!above) {
          add(item.value, nullptr);
          ++l;
          continue;
        }
        if (merged[static_cast<std::size_t>(above - right.items().data())]) ++l;
      }
      if (has_right) {
        const Item& item = right.items()[r];
        merged[r++] = 1;
        add_applied(item);
        if (next_shared < shared.size() && compare(shared[next_shared], item.element) == 0) ++next_shared;
      }
    }
    if (out.empty()) return std::nullopt;
    return json::Value(std::move(out));
  }

  FieldArena& arena_;
  json::Storage storage_;
};

}  // namespace

json::Value merge(FieldArena& arena, const Type& type, const json::Value& live, const json::Value& applied) {
  auto merged = Merger(arena, live.storage()).values(type, &live, &applied, 0);
  return merged ? std::move(*merged) : json::Value(live.storage());
}

}  // namespace gatepost::kube::apply
