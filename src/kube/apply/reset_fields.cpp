#include "kube/apply/reset_fields.h"

#include <algorithm>
#include <cstdlib>

#include "embedded/reset_fields.h"
#include "kube/crd/definition.h"

namespace gatepost::kube::apply {
namespace {

std::string_view cut(std::string_view& rest, char separator) {
  std::string_view head = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(head.size() + 1, rest.size()));
  while (head.starts_with(' ')) head.remove_prefix(1);
  while (head.ends_with(' ') || head.ends_with('\r')) head.remove_suffix(1);
  return head;
}

std::vector<std::string> words(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty())
    if (std::string_view word = cut(text, separator); !word.empty()) out.emplace_back(word);
  return out;
}

using PathRefs = std::vector<const std::vector<std::string>*>;

// The paths that go on below `element`, and whether one of them ends there.
struct Below {
  PathRefs paths;
  bool ends = false;
};

Below below(const PathRefs& paths, std::size_t depth, const PathElement& element) {
  Below out;
  for (const auto* path : paths) {
    const std::string& step = (*path)[depth];
    bool matches = step == "*" || (element.kind == ElementKind::name && element.text == step);
    if (!matches) continue;
    if (path->size() == depth + 1) out.ends = true;
    out.paths.push_back(path);
  }
  return out;
}

FieldSet filtered(FieldArena& arena, ResetFields::Paths meaning, const PathRefs& paths, std::size_t depth,
                  FieldSet set) {
  bool drops = meaning == ResetFields::Paths::reset;
  Siblings out;
  for (FieldSet at = set; at; at = at->next) {
    Below matched = below(paths, depth, at->element);
    if (matched.ends) {
      if (!drops) out.append(arena.node(at->element, at->member, at->children));
      continue;
    }
    if (matched.paths.empty()) {
      if (drops) out.append(arena.node(at->element, at->member, at->children));
      continue;
    }
    FieldSet children = filtered(arena, meaning, matched.paths, depth + 1, at->children);
    if (at->member || children) out.append(arena.node(at->element, at->member, children));
  }
  return out.finish();
}

}  // namespace

Result<std::unordered_map<std::string, ResetFields>> parse_reset_fields(std::string_view text) {
  std::unordered_map<std::string, ResetFields> table;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.empty() || line.front() == '#') continue;
    std::string_view rest = line;
    std::string_view endpoint = cut(rest, '|'), meaning = cut(rest, '|'), paths = cut(rest, '|');
    if (paths.empty() || (meaning != "not" && meaning != "only")) return fail("not a row: " + std::string(line));
    ResetFields row;
    row.meaning = meaning == "not" ? ResetFields::Paths::reset : ResetFields::Paths::kept;
    for (const std::string& path : words(paths, ' ')) row.paths.push_back(words(path, '.'));
    table.emplace(endpoint, std::move(row));
  }
  return table;
}

namespace {

// apiextensions-apiserver's strategies of custom resources.
const ResetFields* of_custom_resource(const TypedKind& kind, std::string_view subresource) {
  static const ResetFields by_main{ResetFields::Paths::reset, {{"status"}}};
  static const ResetFields by_status{ResetFields::Paths::reset, {{"metadata"}, {"spec"}}};
  if (subresource == "status") return &by_status;
  const crd::Version* version = kind.definition->version(kind.version);
  return version && version->has_status ? &by_main : nullptr;
}

}  // namespace

const ResetFields* reset_fields_of(const TypedKind& kind, std::string_view subresource) {
  if (kind.definition) return of_custom_resource(kind, subresource);
  static const std::unordered_map<std::string, ResetFields> table = [] {
    auto parsed = parse_reset_fields(embedded::reset_fields().front().bytes);
    if (!parsed) std::abort();  // the program's own data
    return std::move(*parsed);
  }();
  std::string endpoint = kind.group + "/" + kind.kind;
  if (!subresource.empty()) endpoint.append("/").append(subresource);
  auto found = table.find(endpoint);
  return found == table.end() ? nullptr : &found->second;
}

FieldSet without_reset(FieldArena& arena, const ResetFields* resets, FieldSet set) {
  if (!resets || !set) return set;
  PathRefs paths;
  for (const auto& path : resets->paths) paths.push_back(&path);
  return filtered(arena, resets->meaning, paths, 0, set);
}

}  // namespace gatepost::kube::apply
