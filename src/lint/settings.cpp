#include "lint/settings.h"

#include <array>
#include <cstdio>
#include <fmt/format.h>

#include "json/value.h"
#include "lint/catalogue.h"
#include "yaml/convert.h"

namespace gatepost::lint {
namespace {

struct ProfileName {
  std::string_view name;
  Profile profile;
};
constexpr std::array<ProfileName, 7> profiles = {{{"none", Profile::none},
                                                  {"gke", Profile::gke},
                                                  {"aks", Profile::aks},
                                                  {"eks", Profile::eks},
                                                  {"openshift", Profile::openshift},
                                                  {"gardener", Profile::gardener},
                                                  {"k3s", Profile::k3s}}};

struct ThresholdName {
  std::string_view name;
  std::int64_t Thresholds::* field;
};
constexpr std::array<ThresholdName, 7> threshold_names = {{{"timeoutWarningSeconds", &Thresholds::timeout_warning},
                                                           {"timeoutErrorSeconds", &Thresholds::timeout_error},
                                                           {"leaseTimeoutSeconds", &Thresholds::lease_timeout},
                                                           {"expiryWarningDays", &Thresholds::expiry_warning},
                                                           {"expiryErrorDays", &Thresholds::expiry_error},
                                                           {"mutatingPerResource", &Thresholds::mutating_per_resource},
                                                           {"cpuLimitMillicores", &Thresholds::cpu_limit}}};

std::optional<report::Severity> severity_named(std::string_view text) {
  for (auto severity : {report::Severity::error, report::Severity::warning, report::Severity::info})
    if (to_string(severity) == text) return severity;
  return std::nullopt;
}

// 2026-12-31
std::optional<std::chrono::sys_days> day(std::string_view text) {
  int year = 0;
  unsigned month = 0, of_month = 0;
  const std::string copy(text);
  int used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2u%n", &year, &month, &of_month, &used) != 3 ||
      static_cast<std::size_t>(used) != copy.size())
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(of_month)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

class Reader {
 public:
  explicit Reader(const json::Value& root) : root_(root) {}

  Result<Settings> read() {
    if (root_.is_null()) return std::move(out_);
    if (!root_.is_object()) return fail("not a mapping");
    for (const auto& member : root_.get_object()) {
      const std::string_view key = member.key();
      const json::Value& value = member.value();
      if (key == "profile")
        profile(value);
      else if (key == "enable")
        ids(value, key, out_.enabled);
      else if (key == "disable")
        ids(value, key, out_.disabled);
      else if (key == "severity")
        severities(value);
      else if (key == "thresholds")
        thresholds(value);
      else if (key == "exemptions")
        exemptions(value);
      else if (key == "knownWebhooks")
        texts(value, key, [&](std::string_view text) { out_.known_webhooks.emplace(text); });
      else if (key == "exclude")
        texts(value, key, [&](std::string_view text) { out_.exclude.emplace_back(text); });
      else if (key != "apiVersion" && key != "kind")
        complain(key,
                 "is no setting (profile, enable, disable, severity, thresholds, exemptions, knownWebhooks, "
                 "exclude)");
    }
    if (!problem_.empty()) return fail(problem_);
    return std::move(out_);
  }

 private:
  void complain(std::string_view where, std::string_view what) {
    if (problem_.empty()) problem_ = fmt::format("{}: {}", where, what);
  }

  template <class Each>
  void texts(const json::Value& value, std::string_view where, Each each) {
    if (!value.is_array()) return complain(where, "is to be a list of texts");
    for (const json::Value& item : value.get_array()) {
      if (!item.is_string()) return complain(where, "is to be a list of texts");
      each(json::view(item.get_string()));
    }
  }

  void ids(const json::Value& value, std::string_view where, std::set<std::string, std::less<>>& into) {
    texts(value, where, [&](std::string_view id) {
      if (!find_rule(id)) complain(where, fmt::format("there is no rule {} (gatepost lint --list)", id));
      into.emplace(id);
    });
  }

  void profile(const json::Value& value) {
    auto found = value.is_string() ? profile_named(json::view(value.get_string())) : std::nullopt;
    if (!found) return complain("profile", "is to be none, gke, aks, eks, openshift, gardener or k3s");
    out_.profile = *found;
  }

  void severities(const json::Value& value) {
    if (!value.is_object()) return complain("severity", "is to be a mapping of rules to severities");
    for (const auto& member : value.get_object()) {
      auto severity =
          member.value().is_string() ? severity_named(json::view(member.value().get_string())) : std::nullopt;
      const std::string where = fmt::format("severity.{}", std::string_view(member.key()));
      if (!find_rule(member.key())) return complain(where, "there is no such rule (gatepost lint --list)");
      if (!severity) return complain(where, "is to be error, warning or info (or name the rule under disable)");
      out_.severities.emplace(member.key(), *severity);
    }
  }

  void thresholds(const json::Value& value) {
    if (!value.is_object()) return complain("thresholds", "is to be a mapping");
    for (const auto& member : value.get_object()) {
      bool known = false;
      for (const ThresholdName& one : threshold_names) {
        if (one.name != member.key()) continue;
        known = true;
        if (!member.value().is_int64() || member.value().get_int64() < 0)
          return complain(fmt::format("thresholds.{}", one.name), "is to be a whole number");
        out_.thresholds.*one.field = member.value().get_int64();
      }
      if (!known) return complain(fmt::format("thresholds.{}", std::string_view(member.key())), "is no threshold");
    }
  }

  void exemptions(const json::Value& value) {
    if (!value.is_array()) return complain("exemptions", "is to be a list");
    std::size_t index = 0;
    for (const json::Value& item : value.get_array()) {
      const std::string where = fmt::format("exemptions[{}]", index++);
      Exemption one;
      if (const json::Value* rules = json::find(item, "rules")) ids(*rules, where + ".rules", one.rules);
      if (std::string_view rule = json::string_at(item, {"rule"}); !rule.empty()) {
        if (!find_rule(rule)) return complain(where + ".rule", "there is no such rule (gatepost lint --list)");
        one.rules.emplace(rule);
      }
      one.configuration = json::string_at(item, {"configuration"});
      one.webhook = json::string_at(item, {"webhook"});
      one.reason = json::string_at(item, {"reason"});
      if (one.rules.empty()) return complain(where, "names no rules");
      if (one.reason.empty()) return complain(where + ".reason", "is required: say why this is accepted");
      std::string_view until = json::string_at(item, {"until"});
      if (until.empty()) until = json::string_at(item, {"expires"});
      one.until = day(until);
      if (!one.until) return complain(where + ".until", "is required: the last day of the exemption, as 2027-01-31");
      out_.exemptions.push_back(std::move(one));
    }
  }

  const json::Value& root_;
  Settings out_;
  std::string problem_;
};

}  // namespace

std::optional<Profile> profile_named(std::string_view name) {
  if (name == "default") return Profile::none;
  for (const ProfileName& one : profiles)
    if (one.name == name) return one.profile;
  return std::nullopt;
}

std::string_view to_string(Profile profile) {
  for (const ProfileName& one : profiles)
    if (one.profile == profile) return one.name;
  return "none";
}

Result<Settings> read_settings(std::string_view yaml) {
  auto value = yaml::parse(yaml, json::make_arena());
  if (!value) return fail_with(std::move(value.error()));
  return Reader(*value).read();
}

}  // namespace gatepost::lint
