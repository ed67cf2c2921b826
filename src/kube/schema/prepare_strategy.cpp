#include "kube/schema/prepare_strategy.h"

#include <algorithm>
#include <cstdlib>

#include "embedded/strategies.h"
#include "json/parse.h"

namespace gatepost::kube {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& rest, char separator) {
  std::string_view head = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(head.size() + 1, rest.size()));
  return trimmed(head);
}

std::vector<std::string> words(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty())
    if (std::string_view word = cut(text, separator); !word.empty()) out.emplace_back(word);
  return out;
}

}  // namespace

Result<std::unordered_multimap<std::string, Strategy>> parse_strategies(std::string_view text) {
  std::unordered_multimap<std::string, Strategy> strategies;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.empty() || line.front() == '#') continue;
    std::string_view rest = line;
    std::string_view kind = cut(rest, '|'), generation = cut(rest, '|'), status = cut(rest, '|'), kept = cut(rest, '|');
    std::size_t slash = kind.find('/');
    if (slash == std::string_view::npos || kept.empty()) return fail("not a strategy: " + std::string(line));
    Strategy strategy;
    strategy.group = kind.substr(0, slash);
    for (const std::string& word : words(generation, ' ')) {
      if (word == "first")
        strategy.first_generation = true;
      else if (word != "-")
        strategy.watched.push_back(words(word, '.'));
    }
    if (status == "keep") {
      strategy.status = Strategy::Status::kept;
    } else if (status != "-") {
      auto value = json::parse(status, json::Storage());
      if (!value) return fail("not a status: " + std::string(line));
      strategy.status = Strategy::Status::made;
      strategy.first_status = std::move(*value);
    }
    if (kept == "all")
      strategy.keeps_all_metadata = true;
    else if (kept == "reset")
      strategy.kept_metadata = {"deletionTimestamp", "labels", "annotations", "finalizers", "ownerReferences"};
    else if (kept != "-")
      strategy.kept_metadata = words(kept, ' ');
    for (const std::string& word : words(rest, ' ')) {
      if (word == "creates")
        strategy.creates_on_update = true;
      else if (word == "conditional")
        strategy.conditional_update = true;
      else
        return fail("not a strategy: " + std::string(line));
    }
    strategies.emplace(std::string(kind.substr(slash + 1)), std::move(strategy));
  }
  return strategies;
}

const Strategy* strategy_of(std::string_view group, const std::string& kind) {
  static const std::unordered_multimap<std::string, Strategy> table = [] {
    auto parsed = parse_strategies(embedded::strategies().front().bytes);
    if (!parsed) std::abort();  // the program's own data
    return std::move(*parsed);
  }();
  auto [begin, end] = table.equal_range(kind);
  for (auto at = begin; at != end; ++at)
    if (at->second.group == group) return &at->second;
  return nullptr;
}

}  // namespace gatepost::kube
