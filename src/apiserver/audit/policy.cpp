#include "apiserver/audit/policy.h"

#include <algorithm>
#include <array>

#include "base/files.h"
#include "formats/names.h"
#include "yaml/convert.h"

namespace gatepost::apiserver::audit {
namespace {

constexpr std::array<std::string_view, 4> levels{"None", "Metadata", "Request", "RequestResponse"};
constexpr std::array<std::string_view, 4> stages{"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"};
constexpr std::size_t most_bytes = 1 << 20;

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Error at(const std::string& path, const std::string& complaint) {
  return Error{path + ": " + complaint};
}

Result<std::vector<std::string>> texts(const json::Value& holder, const char* field, const std::string& path) {
  std::vector<std::string> out;
  const json::Value* list = json::find(holder, field);
  if (!list || list->is_null()) return out;
  std::string place = path + field;
  if (!list->is_array()) return fail_with(at(place, "must be a list"));
  for (const json::Value& item : list->get_array()) {
    if (!item.is_string()) return fail_with(at(place, "must hold texts"));
    out.emplace_back(json::view(item.get_string()));
  }
  return out;
}

Result<unsigned> omitted_stages(const json::Value& holder, const std::string& path) {
  auto names = texts(holder, "omitStages", path);
  if (!names) return fail_with(std::move(names.error()));
  unsigned bits = 0;
  for (std::size_t i = 0; i < names->size(); ++i) {
    auto found = std::find(stages.begin(), stages.end(), (*names)[i]);
    if (found == stages.end())
      return fail_with(at(path + "omitStages[" + std::to_string(i) + "]",
                          "Invalid value: \"" + (*names)[i] +
                              "\": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic"));
    bits |= 1u << (found - stages.begin());
  }
  return bits;
}

Result<bool> flag(const json::Value& holder, const std::string& path, bool otherwise) {
  const json::Value* value = json::find(holder, "omitManagedFields");
  if (!value || value->is_null()) return otherwise;
  if (!value->is_bool()) return fail_with(at(path + "omitManagedFields", "must be true or false"));
  return value->get_bool();
}

Result<Level> level(const json::Value& rule, const std::string& path) {
  std::string_view name = json::string_at(rule, {"level"});
  if (name.empty()) return fail_with(at(path + "level", "Required value"));
  auto found = std::find(levels.begin(), levels.end(), name);
  if (found == levels.end())
    return fail_with(at(path + "level", "Unsupported value: \"" + std::string(name) +
                                            "\": supported values: \"Metadata\", \"None\", \"Request\", "
                                            "\"RequestResponse\""));
  return static_cast<Level>(found - levels.begin());
}

Result<void> check_urls(const std::vector<std::string>& urls, const std::string& path) {
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const std::string& url = urls[i];
    if (url == "*") continue;
    std::string place = path + "nonResourceURLs[" + std::to_string(i) + "]";
    std::string shown = "Invalid value: \"" + url + "\": ";
    if (!url.starts_with('/'))
      return fail_with(at(place, shown + "non-resource URL rules must begin with a '/' character"));
    if (url.find('*') < url.size() - 1)
      return fail_with(at(place, shown + "non-resource URL wildcards '*' must be the final character of the rule"));
  }
  return {};
}

Result<std::vector<GroupResources>> group_resources(const json::Value& rule, const std::string& path) {
  std::vector<GroupResources> out;
  const json::Array* list = json::array_at(rule, {"resources"});
  if (!list) return out;
  std::string place = path + "resources.";
  for (const json::Value& item : *list) {
    GroupResources one;
    one.group = json::string_at(item, {"group"});
    auto resources = texts(item, "resources", place), names = texts(item, "resourceNames", place);
    if (!resources) return fail_with(std::move(resources.error()));
    if (!names) return fail_with(std::move(names.error()));
    one.resources = std::move(*resources);
    one.names = std::move(*names);
    if (!one.group.empty() && one.group != "*")
      if (auto complaints = formats::dns1123_subdomain(one.group); !complaints.empty())
        return fail_with(
            at(place + "group", "Invalid value: \"" + one.group + "\": " + formats::joined(complaints, ",")));
    if (!one.names.empty() && one.resources.empty())
      return fail_with(at(place + "resourceNames", "using resourceNames requires at least one resource"));
    out.push_back(std::move(one));
  }
  return out;
}

Result<Rule> read_rule(const json::Value& value, const std::string& path, const Decision& common) {
  Rule rule;
  auto how_much = level(value, path);
  if (!how_much) return fail_with(std::move(how_much.error()));
  rule.decision.level = *how_much;
  struct Texts {
    const char* field;
    std::vector<std::string>& into;
  };
  for (const Texts& list :
       {Texts{"users", rule.users}, Texts{"userGroups", rule.user_groups}, Texts{"verbs", rule.verbs},
        Texts{"namespaces", rule.namespaces}, Texts{"nonResourceURLs", rule.non_resource_urls}}) {
    auto read = texts(value, list.field, path);
    if (!read) return fail_with(std::move(read.error()));
    list.into = std::move(*read);
  }
  if (auto checked = check_urls(rule.non_resource_urls, path); !checked) return fail_with(std::move(checked.error()));
  auto resources = group_resources(value, path);
  if (!resources) return fail_with(std::move(resources.error()));
  rule.resources = std::move(*resources);
  auto omitted = omitted_stages(value, path);
  if (!omitted) return fail_with(std::move(omitted.error()));
  rule.decision.omitted_stages = *omitted | common.omitted_stages;
  auto omit = flag(value, path, common.omit_managed_fields);
  if (!omit) return fail_with(std::move(omit.error()));
  rule.decision.omit_managed_fields = *omit;
  if (!rule.non_resource_urls.empty() && !(rule.resources.empty() && rule.namespaces.empty()))
    return fail_with(
        at(path + "nonResourceURLs", "rules cannot apply to both regular resources and non-resource URLs"));
  return rule;
}

bool path_matches(std::string_view path, std::string_view pattern) {
  if (pattern == "*" || pattern == path) return true;
  if (!pattern.ends_with('*')) return false;
  while (pattern.ends_with('*')) pattern.remove_suffix(1);
  return path.starts_with(pattern);
}

bool resource_matches(std::string_view pattern, const RequestInfo& info) {
  if (pattern == "*") return true;
  if (info.subresource.empty()) {
    if (pattern == info.resource) return true;
  } else {
    if (pattern == info.resource + "/" + info.subresource) return true;
    if (pattern.starts_with("*/") && pattern.substr(2) == info.subresource) return true;
  }
  return pattern.ends_with("/*") && pattern.substr(0, pattern.size() - 2) == info.resource;
}

bool matches_resources(const Rule& rule, const RequestInfo& info) {
  if (!info.is_resource) return false;
  if (!rule.namespaces.empty() && !contains(rule.namespaces, info.ns)) return false;
  if (rule.resources.empty()) return true;
  for (const GroupResources& one : rule.resources) {
    if (one.group != info.group && one.group != "*") continue;
    if (one.resources.empty()) return true;
    if (!one.names.empty() && !contains(one.names, info.name)) continue;
    for (const std::string& pattern : one.resources)
      if (resource_matches(pattern, info)) return true;
  }
  return false;
}

bool matches(const Rule& rule, const admission::UserInfo& user, const RequestInfo& info) {
  if (!rule.users.empty() && !contains(rule.users, user.name)) return false;
  auto in_rule = [&](const std::string& group) { return contains(rule.user_groups, group); };
  if (!rule.user_groups.empty() && std::none_of(user.groups.begin(), user.groups.end(), in_rule)) return false;
  if (!rule.verbs.empty() && !contains(rule.verbs, info.verb)) return false;
  if (!rule.namespaces.empty() || !rule.resources.empty()) return matches_resources(rule, info);
  if (rule.non_resource_urls.empty()) return true;
  if (info.is_resource) return false;
  return std::any_of(rule.non_resource_urls.begin(), rule.non_resource_urls.end(),
                     [&](const std::string& pattern) { return path_matches(info.path, pattern); });
}

}  // namespace

std::string_view level_name(Level of) {
  return levels[static_cast<std::size_t>(of)];
}

std::string_view stage_name(Stage of) {
  return stages[static_cast<std::size_t>(of)];
}

Result<Policy> Policy::parse(std::string_view text) {
  auto document = yaml::parse(text, json::make_arena());
  if (!document) return fail_with(std::move(document.error()));
  if (!document->is_object()) return fail("not an audit policy: kind Policy of audit.k8s.io/v1 is expected");
  std::string_view kind = json::string_at(*document, {"kind"}), version = json::string_at(*document, {"apiVersion"});
  if (kind != "Policy" || version != "audit.k8s.io/v1")
    return fail("not an audit policy: kind Policy of audit.k8s.io/v1 is expected, this is kind \"" + std::string(kind) +
                "\" of \"" + std::string(version) + "\"");
  Policy policy;
  auto omitted = omitted_stages(*document, "");
  if (!omitted) return fail_with(std::move(omitted.error()));
  policy.otherwise_.omitted_stages = *omitted;
  auto omit = flag(*document, "", false);
  if (!omit) return fail_with(std::move(omit.error()));
  policy.otherwise_.omit_managed_fields = *omit;
  const json::Array* rules = json::array_at(*document, {"rules"});
  if (!rules || rules->empty()) return fail("rules: Required value: a policy without rules records nothing");
  for (std::size_t i = 0; i < rules->size(); ++i) {
    auto rule = read_rule((*rules)[i], "rules[" + std::to_string(i) + "].", policy.otherwise_);
    if (!rule) return fail_with(std::move(rule.error()));
    policy.rules_.push_back(std::move(*rule));
  }
  return policy;
}

Result<Policy> Policy::load(const std::string& path) {
  auto text = files::read(path, most_bytes);
  if (!text) return fail("audit policy: " + text.error().text);
  auto policy = parse(*text);
  if (!policy) return fail("audit policy " + path + ": " + policy.error().text);
  return policy;
}

Policy Policy::metadata_of_all() {
  Policy policy;
  Rule rule;
  rule.decision.level = Level::metadata;
  rule.decision.omitted_stages = 1u << static_cast<unsigned>(Stage::request_received);
  policy.rules_.push_back(std::move(rule));
  return policy;
}

Decision Policy::decide(const admission::UserInfo& user, const RequestInfo& info) const {
  for (const Rule& rule : rules_)
    if (matches(rule, user, info)) return rule.decision;
  return otherwise_;
}

}  // namespace gatepost::apiserver::audit
