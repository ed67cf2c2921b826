// The whole input, joined: every webhook with its Service, the workloads behind it, the Namespaces, policies and
// certificates around it. Immutable once made; rules ask it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "kube/registry/registry.h"
#include "lint/recordings.h"
#include "lint/settings.h"
#include "lint/webhook.h"

namespace gatepost::lint {

// The operations that a question is about.
struct Operations {
  bool create = false, update = false, remove = false, connect = false;
};
inline constexpr Operations any_write{true, true, true, false};
inline constexpr Operations create_or_update{true, true, false, false};
inline constexpr Operations create_only{true, false, false, false};
inline constexpr Operations any_operation{true, true, true, true};

enum class Origin { files, cluster };

// What a running cluster tells beside its objects.
struct Observed {
  // The 99th percentile of the calls of a webhook in seconds, by its name.
  std::map<std::string, double, std::less<>> p99_seconds;
  // What webhooks did, from an audit log.
  std::vector<RecordedPatch> patches;
  const SourceFile* patches_file = nullptr;
};

class Model {
 public:
  Model(Manifests manifests, const std::deque<SourceFile>& files, Origin origin, Settings settings, WallTime now,
        Observed observed = {});
  Model(const Model&) = delete;

  const Settings& settings() const { return settings_; }
  WallTime now() const { return now_; }
  const Observed& observed() const { return observed_; }
  const std::vector<RecordedPatch>& recorded() const { return observed_.patches; }
  const SourceFile* recorded_file() const { return observed_.patches_file; }
  bool from_cluster() const { return origin_ == Origin::cluster; }
  const kube::Registry& registry() const { return *registry_; }
  const std::deque<SourceFile>& files() const { return files_; }

  const std::deque<Manifest>& manifests() const { return manifests_.list; }
  // All of a kind, whatever their group.
  const std::vector<const Manifest*>& of_kind(std::string_view kind) const;
  // An object that is written without a namespace is in whatever namespace is asked for.
  const Manifest* find(std::string_view kind, std::string_view ns, std::string_view name) const;
  std::vector<const Manifest*> of_kind_in(std::string_view kind, std::string_view ns) const;

  const std::deque<Webhook>& webhooks() const { return webhooks_; }
  const std::deque<Workload>& workloads() const { return workloads_; }
  // Those that the workload serves.
  const std::vector<const Webhook*>& webhooks_of(const Workload& workload) const;
  std::vector<const Workload*> workloads_in(std::string_view ns) const;

  // The labels of a namespace: as written, and the name that every namespace carries. Kept for the next question.
  const json::Object& namespace_labels(std::string_view ns) const;
  bool declares_namespace(std::string_view ns) const { return find("Namespace", "", ns) != nullptr; }
  // Whether anything in the input lives there.
  bool is_inhabited(std::string_view ns) const { return inhabited_.contains(ns); }
  // Whether the input holds anything but webhook configurations.
  bool has_company() const;

  // Whether rules and matchPolicy bring such a request to the webhook, whatever the namespace and the object.
  bool asks_for(const Webhook& webhook, const Target& target, Operations operations) const;
  // The first of the webhook's rules that does.
  std::optional<std::size_t> rule_for(const Webhook& webhook, const Target& target, Operations operations) const;
  // The same of a request in that namespace: the namespaceSelector has its say. `ns` of a Namespace is its own name.
  bool asks_for_in(const Webhook& webhook, const Target& target, Operations operations, std::string_view ns) const;
  bool selects_namespace(const Webhook& webhook, std::string_view ns) const;
  // Whether objects with these labels pass the objectSelector; null: labels unknown, so anything that may pass does.
  static bool selects_object(const Webhook& webhook, const json::Object* labels);
  // Whether the creation of one of the workload's pods calls the webhook: rules, selectors and conditions.
  bool meets_pod_of(const Webhook& webhook, const Workload& workload) const;
  // Whether the conditions let a creation through that nothing but its namespace and labels is known of.
  bool conditions_may_hold(const Webhook& webhook, const Target& target, std::string_view ns,
                           const json::Value& object) const;

  // Custom resources that the input defines; null if unknown.
  const Manifest* definition(std::string_view group, std::string_view resource) const;
  // Empty: nobody knows.
  std::optional<bool> is_namespaced(std::string_view group, std::string_view resource) const;

 private:
  void index();
  void join();

  Manifests manifests_;
  const std::deque<SourceFile>& files_;
  Origin origin_;
  Settings settings_;
  WallTime now_;
  Observed observed_;
  std::shared_ptr<const kube::Registry> registry_;
  std::map<std::string, std::vector<const Manifest*>, std::less<>> by_kind_;
  std::map<std::string, std::vector<const Manifest*>, std::less<>> by_name_;  // kind/name
  std::set<std::string, std::less<>> inhabited_;
  std::deque<Webhook> webhooks_;
  std::deque<Workload> workloads_;
  std::map<const Workload*, std::vector<const Webhook*>> webhooks_of_;
  mutable std::map<std::string, json::Object, std::less<>> labels_;
};

}  // namespace gatepost::lint
