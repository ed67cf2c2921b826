#include "kube/internal_types/unified_diff.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatepost::kube {
namespace {

using Lines = std::span<const std::string>;

constexpr std::size_t context = 3;
constexpr std::size_t long_text = 200;  // from this many lines on, frequent ones are not searched for

struct Range {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

struct Block {
  std::size_t before, now, size;
};

struct Step {
  bool same;
  Range before, now;
};

class Matcher {
 public:
  Matcher(Lines before, Lines now) : before_(before), now_(now) {
    for (std::size_t i = 0; i < now.size(); ++i) places_[now[i]].push_back(i);
    if (now.size() < long_text) return;
    std::size_t most = now.size() / 100 + 1;
    std::erase_if(places_, [most](const auto& entry) { return entry.second.size() > most; });
  }

  std::vector<Block> blocks() {
    find({0, before_.size()}, {0, now_.size()});
    std::vector<Block> joined;
    for (const Block& block : found_) {
      if (!joined.empty() && joined.back().before + joined.back().size == block.before &&
          joined.back().now + joined.back().size == block.now)
        joined.back().size += block.size;
      else
        joined.push_back(block);
    }
    return joined;
  }

 private:
  // Depth: each level leaves at least one line of both texts behind.
  void find(Range a, Range b) {
    Block best = longest(a, b);
    if (best.size == 0) return;
    if (a.begin < best.before && b.begin < best.now) find({a.begin, best.before}, {b.begin, best.now});
    found_.push_back(best);
    Range right_a{best.before + best.size, a.end}, right_b{best.now + best.size, b.end};
    if (right_a.size() > 0 && right_b.size() > 0) find(right_a, right_b);
  }

  // The longest block, of those the first in `a`, of those the first in `b`.
  Block longest(Range a, Range b) {
    Block best{a.begin, b.begin, 0};
    // length[j]: of the common block that ends with the line before this one and now_[j].
    std::unordered_map<std::size_t, std::size_t> length, next;
    for (std::size_t i = a.begin; i < a.end; ++i, std::swap(length, next)) {
      next.clear();
      auto places = places_.find(before_[i]);
      if (places == places_.end()) continue;
      for (std::size_t j : places->second) {
        if (j < b.begin) continue;
        if (j >= b.end) break;
        auto shorter = j == 0 ? length.end() : length.find(j - 1);
        std::size_t size = (shorter == length.end() ? 0 : shorter->second) + 1;
        next[j] = size;
        if (size > best.size) best = {i + 1 - size, j + 1 - size, size};
      }
    }
    // Frequent lines were left out of the search; they join what they stand beside.
    for (; best.before > a.begin && best.now > b.begin && before_[best.before - 1] == now_[best.now - 1]; ++best.size) {
      --best.before;
      --best.now;
    }
    while (best.before + best.size < a.end && best.now + best.size < b.end &&
           before_[best.before + best.size] == now_[best.now + best.size])
      ++best.size;
    return best;
  }

  Lines before_, now_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> places_;
  std::vector<Block> found_;
};

std::vector<Step> steps_of(Lines before, Lines now) {
  std::vector<Step> steps;
  std::vector<Block> blocks = Matcher(before, now).blocks();
  blocks.push_back({before.size(), now.size(), 0});
  std::size_t i = 0, j = 0;
  for (const Block& block : blocks) {
    if (i < block.before || j < block.now) steps.push_back({false, {i, block.before}, {j, block.now}});
    i = block.before + block.size;
    j = block.now + block.size;
    if (block.size > 0) steps.push_back({true, {block.before, i}, {block.now, j}});
  }
  return steps;
}

void keep_last(Range& range, std::size_t count) {
  if (range.size() > count) range.begin = range.end - count;
}

void keep_first(Range& range, std::size_t count) {
  if (range.size() > count) range.end = range.begin + count;
}

// Changes with their context; those further apart than two contexts are groups of their own.
std::vector<std::vector<Step>> groups_of(std::vector<Step> steps) {
  std::vector<std::vector<Step>> groups;
  std::vector<Step> group;
  if (!steps.empty() && steps.front().same) {
    keep_last(steps.front().before, context);
    keep_last(steps.front().now, context);
  }
  if (!steps.empty() && steps.back().same) {
    keep_first(steps.back().before, context);
    keep_first(steps.back().now, context);
  }
  for (Step step : steps) {
    if (step.same && step.before.size() > 2 * context) {
      Step tail = step;
      keep_first(tail.before, context);
      keep_first(tail.now, context);
      group.push_back(tail);
      groups.push_back(std::move(group));
      group.clear();
      keep_last(step.before, context);
      keep_last(step.now, context);
    }
    group.push_back(step);
  }
  if (!group.empty() && !(group.size() == 1 && group.front().same)) groups.push_back(std::move(group));
  return groups;
}

std::string shown_range(std::size_t begin, std::size_t end) {
  std::size_t size = end - begin;
  if (size == 1) return std::to_string(begin + 1);
  return std::to_string(size == 0 ? begin : begin + 1) + "," + std::to_string(size);
}

void put(std::string& out, char mark, Lines lines, Range range) {
  for (const std::string& line : lines.subspan(range.begin, range.size())) (out += mark) += line;
}

}  // namespace

std::string unified_diff(Lines before, Lines now) {
  std::string out;
  for (const std::vector<Step>& group : groups_of(steps_of(before, now))) {
    const Step &first = group.front(), &last = group.back();
    out += "@@ -" + shown_range(first.before.begin, last.before.end) + " +" +
           shown_range(first.now.begin, last.now.end) + " @@\n";
    for (const Step& step : group) {
      if (step.same) {
        put(out, ' ', before, step.before);
        continue;
      }
      put(out, '-', before, step.before);
      put(out, '+', now, step.now);
    }
  }
  return out;
}

}  // namespace gatepost::kube
