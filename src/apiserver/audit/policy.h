// The audit policy (audit.k8s.io/v1 Policy): which requests are recorded, how much of each, and at which stages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission/attributes.h"
#include "apiserver/request_info.h"
#include "base/result.h"

namespace gatepost::apiserver::audit {

enum class Level { none, metadata, request, request_response };
enum class Stage { request_received, response_started, response_complete, panic };

std::string_view level_name(Level level);  // "RequestResponse"
std::string_view stage_name(Stage stage);  // "ResponseComplete"

// What is recorded of one request.
struct Decision {
  Level level = Level::none;
  unsigned omitted_stages = 0;  // bits by Stage
  bool omit_managed_fields = false;

  bool records(Stage stage) const {
    return level != Level::none && !(omitted_stages & 1u << static_cast<unsigned>(stage));
  }
};

struct GroupResources {
  std::string group;
  std::vector<std::string> resources, names;
};

struct Rule {
  Decision decision;
  std::vector<std::string> users, user_groups, verbs, namespaces, non_resource_urls;
  std::vector<GroupResources> resources;
};

class Policy {
 public:
  // From YAML or JSON. The error is one line: the field and what is wrong with it.
  static Result<Policy> parse(std::string_view text);
  // From a file; the error names it.
  static Result<Policy> load(const std::string& path);
  // Every request, without bodies: what is recorded where no policy is given.
  static Policy metadata_of_all();

  // The first rule that matches decides; without one nothing is recorded.
  Decision decide(const admission::UserInfo& user, const RequestInfo& info) const;

 private:
  std::vector<Rule> rules_;
  Decision otherwise_;
};

}  // namespace gatepost::apiserver::audit
