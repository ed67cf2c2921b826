#include "lint/manifest.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <thread>

#include "yaml/convert.h"

namespace gatepost::lint {
namespace {

constexpr std::size_t deepest = 200;            // levels of nesting
constexpr std::size_t first_arena = 1u << 20u;  // bytes

// Kinds that no rule looks at and that a configuration repository holds many of, mostly large. All others are kept.
constexpr std::array<std::string_view, 3> unread_kinds = {"Event", "ControllerRevision", "Dashboard"};

bool is_read(std::string_view kind) {
  return std::find(unread_kinds.begin(), unread_kinds.end(), kind) == unread_kinds.end();
}

const yaml::Node* member(const yaml::Tree& tree, const yaml::Node& mapping, std::string_view key) {
  if (mapping.kind != yaml::Kind::mapping) return nullptr;
  auto children = tree.children(mapping);
  for (std::size_t i = 0; i + 1 < children.size(); i += 2)
    if (tree[children[i]].kind == yaml::Kind::scalar && tree[children[i]].text == key) return &tree[children[i + 1]];
  return nullptr;
}

std::string_view text_of(const yaml::Node* node) {
  return node && node->kind == yaml::Kind::scalar ? node->text : std::string_view{};
}

// Rules of Prometheus in a file of its own: {groups: [{rules: ...}]}.
bool is_rule_file(const yaml::Tree& tree) {
  const yaml::Node* groups = member(tree, tree.root(), "groups");
  return groups && groups->kind == yaml::Kind::sequence && !member(tree, tree.root(), "kind");
}

struct Work {
  const SourceFile* file;
  yaml::Part part;
};

// What one document held.
struct Outcome {
  std::vector<Manifest> manifests;
  std::optional<InputProblem> problem;
  bool is_template = false;
};

void describe(Manifest& manifest) {
  manifest.api_version = manifest.text({"apiVersion"});
  const std::size_t slash = manifest.api_version.find('/');
  manifest.group = slash == std::string::npos ? "" : manifest.api_version.substr(0, slash);
  manifest.kind = manifest.text({"kind"});
  manifest.ns = manifest.text({"metadata", "namespace"});
  manifest.name = manifest.text({"metadata", "name"});
}

// The object itself, or the items of a list.
void take(const SourceFile* file, const yaml::Part& part, json::Value value, const Path& base,
          std::vector<Manifest>& out) {
  if (!value.is_object()) return;
  json::Value* items = value.get_object().if_contains("items");
  if (items && items->is_array() && json::string_at(value, {"kind"}).ends_with("List")) {
    std::size_t index = 0;
    for (json::Value& item : items->get_array()) take(file, part, std::move(item), base / "items" / index++, out);
    return;
  }
  Manifest manifest{file, part, base, std::move(value), {}, {}, {}, {}, {}};
  describe(manifest);
  if (!manifest.kind.empty() || json::find(manifest.value, "groups")) out.push_back(std::move(manifest));
}

// "yaml: line 3: why" without what the place says already.
std::string plain_reason(std::string text) {
  if (text.starts_with("yaml: ")) text.erase(0, 6);
  if (text.starts_with("line ")) {
    const std::size_t colon = text.find(": ");
    if (colon != std::string::npos) text.erase(0, colon + 2);
  }
  return text;
}

// {{ .Values.name }}: an action of a template.
bool has_actions(std::string_view text) {
  const std::size_t open = text.find("{{");
  return open != std::string_view::npos && text.find("}}", open) != std::string_view::npos;
}

Outcome read(const Work& work, const json::Storage& arena) {
  Outcome out;
  yaml::Mark failed_at = work.part.origin;
  auto problem = [&](const std::string& text) {
    out.is_template = has_actions(work.part.text);
    out.problem = InputProblem{work.file->name, failed_at.line, failed_at.column, plain_reason(text)};
  };
  auto tree = yaml::read(work.part.text, {.max_depth = deepest, .origin = work.part.origin, .failed_at = &failed_at});
  if (!tree) return problem(tree.error().text), std::move(out);
  if (tree->empty() || tree->root().kind != yaml::Kind::mapping) return out;
  const std::string_view kind = text_of(member(*tree, tree->root(), "kind"));
  if ((kind.empty() && !is_rule_file(*tree)) || !is_read(kind)) return out;
  failed_at = tree->root().start;
  auto converted = yaml::convert(*tree, arena);
  if (!converted) return problem(converted.error().text), std::move(out);
  take(work.file, work.part, std::move(converted->value), {}, out.manifests);
  return out;
}

}  // namespace

Manifests read_manifests(const std::deque<SourceFile>& files, unsigned threads) {
  Manifests out;
  std::vector<Work> work;
  for (const SourceFile& file : files) {
    if (file.is_template) continue;
    for (const yaml::Part& part : yaml::split(file.text)) work.push_back({&file, part});
  }
  out.documents = work.size();
  std::vector<Outcome> outcomes(work.size());
  std::atomic<std::size_t> next = 0;
  const std::size_t count = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, work.size() / 16));
  for (std::size_t i = 0; i < count; ++i) out.arenas.push_back(json::make_arena(first_arena));
  auto run = [&](const json::Storage& arena) {
    for (std::size_t i = next++; i < work.size(); i = next++) outcomes[i] = read(work[i], arena);
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < count; ++i) helpers.emplace_back([&run, &out, i] { run(out.arenas[i]); });
    run(out.arenas[0]);
  }
  for (Outcome& outcome : outcomes) {
    for (Manifest& manifest : outcome.manifests) out.list.push_back(std::move(manifest));
    if (!outcome.problem) continue;
    if (!outcome.is_template)
      out.problems.push_back(std::move(*outcome.problem));
    else if (out.templates.empty() || out.templates.back() != outcome.problem->file)
      out.templates.push_back(outcome.problem->file);
  }
  return out;
}

void add_object(json::Value object, Manifests& into) {
  std::vector<Manifest> found;
  take(nullptr, {}, std::move(object), {}, found);
  for (Manifest& manifest : found) into.list.push_back(std::move(manifest));
  ++into.documents;
}

struct Places::Document {
  const char* text;
  Result<yaml::Tree> tree;
};

Place Places::find(const Manifest& manifest, const Path& path) {
  if (!manifest.file) return {};
  if (!last_ || last_->text != manifest.part.text.data())
    last_ = std::make_shared<Document>(Document{
        manifest.part.text.data(),
        yaml::read(manifest.part.text, {.max_depth = deepest, .origin = manifest.part.origin, .failed_at = nullptr})});
  if (!last_->tree || last_->tree->empty()) return {};
  const yaml::Tree& tree = *last_->tree;
  auto behind_alias = [&](const yaml::Node* node) {
    return node->kind == yaml::Kind::alias ? &tree[node->target] : node;
  };
  const yaml::Node* node = &tree.root();
  const yaml::Node* key = nullptr;
  bool whole = true;
  const std::vector<Step> steps = (manifest.base / path).steps();
  for (const Step& step : steps) {
    const yaml::Node* inside = behind_alias(node);
    auto children = tree.children(*inside);
    const yaml::Node* found = nullptr;
    const yaml::Node* found_key = nullptr;
    if (step.is_index && inside->kind == yaml::Kind::sequence && step.index < children.size()) {
      found = &tree[children[step.index]];
    } else if (!step.is_index && inside->kind == yaml::Kind::mapping) {
      for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
        const yaml::Node& candidate = tree[children[i]];
        if (candidate.text == step.key) found_key = &candidate, found = &tree[children[i + 1]];
        if (found || candidate.text != "<<") continue;
        const yaml::Node* merged = behind_alias(&tree[children[i + 1]]);
        if (member(tree, *merged, step.key)) found_key = &candidate, found = member(tree, *merged, step.key);
      }
    }
    if (!found) {
      whole = false;
      break;
    }
    node = found, key = found_key;
  }
  const yaml::Node& start = key ? *key : *node;
  Place out{start.start.line, start.start.column, start.start.offset, start.end.offset};
  if (whole && node->kind == yaml::Kind::scalar && node->start.line == start.start.line &&
      node->end.line == start.start.line)
    out.end = node->end.offset;
  return out;
}

}  // namespace gatepost::lint
