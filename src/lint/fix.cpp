#include "lint/fix.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "lint/node_edit.h"
#include "lint/rules/common.h"
#include "yaml/convert.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view name_label = "kubernetes.io/metadata.name";

// What is to be done to one webhook.
struct Wish {
  const Webhook* webhook = nullptr;
  std::optional<std::int64_t> timeout;
  bool policy = false, match_policy = false;
  std::set<std::size_t> scopes;      // indices of rules
  std::set<std::string> namespaces;  // to be kept out
};

void wish(const Found& found, Wish& out) {
  const Webhook& webhook = *found.hit.webhook;
  const std::string_view id = found.rule->id;
  auto timeout = [&](std::int64_t seconds) { out.timeout = std::min(out.timeout.value_or(seconds), seconds); };
  if (id == "GP201") timeout(webhook.timeout);
  if (id == "GP202") timeout(10);
  if (id == "GP203") timeout(3);
  if (id == "GP210") out.policy = true;
  if (id == "GP603") out.match_policy = true;
  if (id == "GP120") out.scopes.insert(found.hit.path.steps().at(3).index);
  if (is_one_of(id, {"GP102", "GP105", "GP121", "GP703", "GP706"})) out.namespaces.emplace(system_namespace);
  if (id == "GP104") out.namespaces.emplace(lease_namespace);
  if (is_one_of(id, {"GP103", "GP121", "GP701"}) && webhook.service && !webhook.is_api_server() &&
      !webhook.service->ns.empty())
    out.namespaces.insert(webhook.service->ns);
}

// kubernetes.io/metadata.name NotIn [...]: a new requirement, in block or flow style.
std::string requirement_block(const std::set<std::string>& namespaces, std::size_t indent) {
  const std::string margin(indent, ' ');
  return fmt::format("{0}- key: {1}\n{0}  operator: NotIn\n{0}  values: [{2}]\n", margin, name_label,
                     joined({namespaces.begin(), namespaces.end()}));
}

std::string requirement_flow(const std::set<std::string>& namespaces) {
  std::string values;
  for (const std::string& ns : namespaces) values += fmt::format("{}\"{}\"", values.empty() ? "" : ", ", ns);
  return fmt::format(R"({{"key": "{}", "operator": "NotIn", "values": [{}]}})", name_label, values);
}

void keep_out(DocumentEditor& editor, const Path& webhook, const std::set<std::string>& namespaces) {
  const Path selector = webhook / "namespaceSelector", list = selector / "matchExpressions";
  const std::size_t count = editor.count(list);
  for (std::size_t i = 0; i < count; ++i) {
    if (editor.text(list / i / "key") != name_label || editor.text(list / i / "operator") != "NotIn") continue;
    const std::vector<std::string> values = editor.texts(list / i / "values");
    for (const std::string& ns : namespaces)
      if (!holds(values, ns)) editor.append_text(list / i / "values", ns);
    return;
  }
  if (count > 0) {
    editor.prepend_item(
        list, [&](std::size_t indent) { return requirement_block(namespaces, indent); }, requirement_flow(namespaces));
    return;
  }
  auto expressions = [&](std::size_t indent) {
    return fmt::format("{}matchExpressions:\n{}", std::string(indent, ' '), requirement_block(namespaces, indent));
  };
  const std::string flow = fmt::format(R"("matchExpressions": [{}])", requirement_flow(namespaces));
  if (editor.count(selector) > 0) {
    editor.insert_member(selector, expressions, flow);
    return;
  }
  editor.replace_or_insert_member(
      webhook, "namespaceSelector",
      [&](std::size_t indent) {
        return fmt::format("{}namespaceSelector:\n{}", std::string(indent, ' '), expressions(indent + 2));
      },
      fmt::format(R"("namespaceSelector": {{{}}})", flow));
}

void set_member(DocumentEditor& editor, const Path& mapping, const std::string& key, const std::string& value,
                const std::string& flow_value) {
  if (editor.replace_scalar(mapping / key, value)) return;
  editor.replace_or_insert_member(
      mapping, key, [&](std::size_t indent) { return fmt::format("{}{}: {}\n", std::string(indent, ' '), key, value); },
      fmt::format("\"{}\": {}", key, flow_value));
}

void grant(const Wish& wish, DocumentEditor& editor) {
  const Path webhook = wish.webhook->owner->base / wish.webhook->path;
  if (wish.timeout)
    set_member(editor, webhook, "timeoutSeconds", std::to_string(*wish.timeout), std::to_string(*wish.timeout));
  if (wish.policy) {
    const std::string policy = wish.webhook->fails_closed ? "Fail" : "Ignore";
    set_member(editor, webhook, "failurePolicy", policy, "\"" + policy + "\"");
  }
  if (wish.match_policy) set_member(editor, webhook, "matchPolicy", "Equivalent", "\"Equivalent\"");
  for (std::size_t rule : wish.scopes)
    set_member(editor, webhook / "rules" / rule, "scope", "Namespaced", "\"Namespaced\"");
  if (!wish.namespaces.empty()) keep_out(editor, webhook, wish.namespaces);
}

// Whether the documents of the text can still be read.
bool is_sound(std::string_view text) {
  for (const yaml::Part& part : yaml::split(text)) {
    auto tree = yaml::read(part.text, {.max_depth = 200, .origin = part.origin, .failed_at = nullptr});
    if (!tree) return false;
    auto converted = yaml::convert(*tree, json::make_arena());
    if (!converted || !converted->duplicates.empty()) return false;
  }
  return true;
}

}  // namespace

std::vector<FileEdits> plan_fixes(const std::vector<Found>& found) {
  std::map<const Webhook*, Wish> wishes;
  std::vector<const Webhook*> order;
  for (const Found& one : found) {
    const Webhook* webhook = one.hit.webhook;
    if (!webhook || !webhook->owner->file || one.hit.manifest != webhook->owner) continue;
    if (wishes.emplace(webhook, Wish{}).second) order.push_back(webhook);
    wishes[webhook].webhook = webhook;
    wish(one, wishes[webhook]);
  }
  std::vector<FileEdits> out;
  for (const Webhook* webhook : order) {
    DocumentEditor editor(*webhook->owner);
    grant(wishes[webhook], editor);
    std::vector<Edit> edits = editor.take();
    if (edits.empty()) continue;
    const SourceFile* file = webhook->owner->file;
    auto of_file = std::find_if(out.begin(), out.end(), [&](const FileEdits& one) { return one.file == file; });
    if (of_file == out.end()) of_file = out.insert(out.end(), FileEdits{file, {}});
    of_file->edits.insert(of_file->edits.end(), edits.begin(), edits.end());
  }
  for (FileEdits& one : out)
    std::stable_sort(one.edits.begin(), one.edits.end(),
                     [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::erase_if(out, [](const FileEdits& one) { return !is_sound(spliced(one.file->text, one.edits)); });
  return out;
}

std::string spliced(std::string_view text, const std::vector<Edit>& edits) {
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < at) continue;  // two edits of the same bytes: the first counts
    out += text.substr(at, edit.begin - at);
    out += edit.text;
    at = edit.end;
  }
  return out + std::string(text.substr(std::min(at, text.size())));
}

}  // namespace gatepost::lint
