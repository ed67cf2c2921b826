// After kubernetes pkg/controller/deployment: one ReplicaSet a template, the new one grows and the old ones shrink
// within maxSurge and maxUnavailable.
#include <algorithm>
#include <charconv>

#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr const char* api_version = "apps/v1";
constexpr const char* kind = "Deployment";
constexpr const char* revision_annotation = "deployment.kubernetes.io/revision";

std::int64_t replicas_of(const Item& item) {
  return json::int_at(item.value, {"spec", "replicas"}, 1);
}
std::int64_t status_count(const Item& item, std::string_view field) {
  return json::int_at(item.value, {"status", field}, 0);
}

std::int64_t revision_of(const Item& item) {
  const std::string text = annotation(item.value, revision_annotation);
  std::int64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

// Whether two templates are the same but for the hash that the controller adds.
bool same_template(const json::Value* a, const json::Value* b) {
  if (!a || !b || !a->is_object() || !b->is_object()) return false;
  auto without_hash = [](const json::Value& value) {
    json::Value copy(value, json::make_arena());
    if (json::Value* metadata = copy.get_object().if_contains("metadata"); metadata && metadata->is_object()) {
      if (json::Value* labels = metadata->get_object().if_contains("labels"); labels && labels->is_object())
        labels->get_object().erase("pod-template-hash");
      metadata->get_object().erase("creationTimestamp");
    }
    return copy;
  };
  return without_hash(*a) == without_hash(*b);
}

struct Rollout {
  ItemPtr fresh;  // of the present template; null: not made yet
  std::vector<ItemPtr> old;
};

class DeploymentController final : public Controller {
 public:
  explicit DeploymentController(Api& api) : api_(api), account_(controller_account("deployment-controller")) {}
  std::string_view name() const override { return "deployment-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (item.key.collection == collection::deployments)
      keys.push_back(key_name(item.key.ns, item.key.name));
    else if (item.key.collection == collection::replica_sets && item.controller_kind == kind)
      keys.push_back(key_name(item.key.ns, item.controller_name));
    else if (item.key.collection == collection::pods && !change.after && item.controller_kind == "ReplicaSet")
      pod_gone(item, keys);  // Recreate waits for it
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr deployment = api_.cache().find(collection::deployments, ns, name);
    if (!deployment || deployment->deleting) co_return Outcome{};
    auto rolled = co_await roll(deployment);
    auto told = co_await update_status(ns, name);
    co_return rolled&& told ? Outcome{} : retry();
  }

 private:
  void pod_gone(const Item& pod, std::vector<std::string>& keys) const {
    ItemPtr set = api_.cache().find(collection::replica_sets, pod.key.ns, pod.controller_name);
    if (set && set->controller_kind == kind) keys.push_back(key_name(set->key.ns, set->controller_name));
  }

  Rollout rollout_of(const Item& deployment) const {
    Rollout out;
    const json::Value* wanted = json::find_path(deployment.value, {"spec", "template"});
    // Where the present generation has been seen, its set is the latest one.
    const bool seen = json::int_at(deployment.value, {"status", "observedGeneration"}) ==
                      json::int_at(deployment.value, {"metadata", "generation"}, 1);
    for (const auto& [set_name, set] : api_.cache().controlled_by(deployment.uid)) {
      if (set->key.collection != collection::replica_sets || set->deleting) continue;
      const bool fits = (seen && revision_of(*set) != 0 && revision_of(*set) == revision_of(deployment)) ||
                        same_template(wanted, json::find_path(set->value, {"spec", "template"}));
      if (fits && (!out.fresh || revision_of(*set) > revision_of(*out.fresh))) {
        if (out.fresh) out.old.push_back(out.fresh);
        out.fresh = set;
      } else {
        out.old.push_back(set);
      }
    }
    return out;
  }

  net::Task<kube::ApiResult<void>> roll(ItemPtr deployment) {
    Rollout rollout = rollout_of(*deployment);
    if (json::bool_at(deployment->value, {"spec", "paused"})) co_return kube::ApiResult<void>{};
    const bool recreate = json::string_at(deployment->value, {"spec", "strategy", "type"}) == "Recreate";
    if (recreate && !rollout.old.empty()) {
      bool waits = false;
      for (const ItemPtr& set : rollout.old) {
        if (replicas_of(*set) > 0)
          if (auto done = co_await scale(deployment, set, 0); !done) co_return done;
        for (const auto& [pod_name, pod] : api_.cache().controlled_by(set->uid)) waits = waits || !is_finished(*pod);
      }
      if (waits) co_return kube::ApiResult<void>{};
    }
    const std::int64_t wanted = replicas_of(*deployment);
    if (!rollout.fresh) {
      const std::int64_t first = recreate ? wanted : allowed_now(*deployment, rollout, 0);
      co_return co_await create_set(deployment, rollout, first);
    }
    if (auto marked = co_await mark_revision(deployment, rollout.fresh); !marked) co_return marked;
    if (recreate || rollout.old.empty()) {
      if (replicas_of(*rollout.fresh) != wanted) co_return co_await scale(deployment, rollout.fresh, wanted);
      co_return kube::ApiResult<void>{};
    }
    if (replicas_of(*rollout.fresh) > wanted) co_return co_await scale(deployment, rollout.fresh, wanted);
    if (replicas_of(*rollout.fresh) < wanted) {
      const std::int64_t next = allowed_now(*deployment, rollout, replicas_of(*rollout.fresh));
      if (next > replicas_of(*rollout.fresh)) co_return co_await scale(deployment, rollout.fresh, next);
    }
    co_return co_await shrink_old(deployment, rollout);
  }

  static std::int64_t surge(const Item& deployment) {
    return scaled(json::find_path(deployment.value, {"spec", "strategy", "rollingUpdate", "maxSurge"}),
                  replicas_of(deployment), Rounding::up, 1);
  }
  static std::int64_t unavailable(const Item& deployment) {
    const std::int64_t most =
        scaled(json::find_path(deployment.value, {"spec", "strategy", "rollingUpdate", "maxUnavailable"}),
               replicas_of(deployment), Rounding::down, 0);
    // Both zero would never move.
    return most == 0 && surge(deployment) == 0 ? 1 : most;
  }

  // How many the new set may have, when it has `present`.
  static std::int64_t allowed_now(const Item& deployment, const Rollout& rollout, std::int64_t present) {
    std::int64_t total = present;
    for (const ItemPtr& set : rollout.old) total += replicas_of(*set);
    const std::int64_t wanted = replicas_of(deployment);
    const std::int64_t room = wanted + surge(deployment) - total;
    if (room <= 0) return present;
    return present + std::min(room, wanted - present);
  }

  net::Task<kube::ApiResult<void>> shrink_old(ItemPtr deployment, Rollout rollout) {
    std::int64_t total = replicas_of(*rollout.fresh), available = status_count(*rollout.fresh, "availableReplicas");
    std::int64_t old_total = 0;
    for (const ItemPtr& set : rollout.old) {
      total += replicas_of(*set);
      old_total += replicas_of(*set);
      available += status_count(*set, "availableReplicas");
    }
    if (old_total == 0) co_return kube::ApiResult<void>{};
    const std::int64_t least = replicas_of(*deployment) - unavailable(*deployment);
    const std::int64_t fresh_missing = replicas_of(*rollout.fresh) - status_count(*rollout.fresh, "availableReplicas");
    std::int64_t may_go = total - least - fresh_missing;
    if (may_go <= 0) co_return kube::ApiResult<void>{};
    std::sort(rollout.old.begin(), rollout.old.end(),
              [](const ItemPtr& a, const ItemPtr& b) { return revision_of(*a) < revision_of(*b); });
    // Replicas that are not available go first: they cost nothing.
    for (const ItemPtr& set : rollout.old) {
      const std::int64_t broken = replicas_of(*set) - status_count(*set, "availableReplicas");
      const std::int64_t less = std::min(broken, may_go);
      if (less <= 0) continue;
      may_go -= less;
      if (auto done = co_await scale(deployment, set, replicas_of(*set) - less); !done) co_return done;
    }
    std::int64_t spare = std::min(may_go, available - least);
    for (const ItemPtr& known : rollout.old) {
      if (spare <= 0) break;
      ItemPtr set = api_.cache().find(collection::replica_sets, known->key.ns, known->key.name);
      if (!set) continue;
      const std::int64_t less = std::min(replicas_of(*set), spare);
      if (less <= 0) continue;
      spare -= less;
      if (auto done = co_await scale(deployment, set, replicas_of(*set) - less); !done) co_return done;
    }
    co_return kube::ApiResult<void>{};
  }

  net::Task<kube::ApiResult<void>> create_set(ItemPtr deployment, Rollout rollout, std::int64_t replicas) {
    const json::Value* pod = json::find_path(deployment->value, {"spec", "template"});
    if (!pod) co_return kube::ApiResult<void>{};
    const std::string hash = template_hash(*pod);
    std::int64_t revision = 0;
    for (const ItemPtr& set : rollout.old) revision = std::max(revision, revision_of(*set));
    json::Storage arena = json::make_arena(8 * 1024);
    json::Value made(json::Object(arena), arena);
    json::Object& set = made.get_object();
    set["kind"] = "ReplicaSet";
    set["apiVersion"] = api_version;
    json::Object& metadata = child(set, "metadata");
    metadata["name"] = deployment->key.name + "-" + hash;
    metadata["namespace"] = deployment->key.ns;
    if (const json::Object* labels = json::object_at(*pod, {"metadata", "labels"})) metadata["labels"] = *labels;
    child(metadata, "labels")["pod-template-hash"] = hash;
    json::Object& annotations = child(metadata, "annotations");
    annotations["deployment.kubernetes.io/desired-replicas"] = std::to_string(replicas_of(*deployment));
    annotations["deployment.kubernetes.io/max-replicas"] =
        std::to_string(replicas_of(*deployment) + surge(*deployment));
    annotations[revision_annotation] = std::to_string(revision + 1);
    json::Object reference{{"apiVersion", api_version}, {"kind", kind},       {"name", deployment->key.name},
                           {"uid", deployment->uid},    {"controller", true}, {"blockOwnerDeletion", true}};
    metadata["ownerReferences"] = json::Array{std::move(reference)};
    json::Object& spec = child(set, "spec");
    spec["replicas"] = replicas;
    if (const json::Value* selector = json::find_path(deployment->value, {"spec", "selector"}))
      spec["selector"] = *selector;
    child(child(spec, "selector"), "matchLabels")["pod-template-hash"] = hash;
    spec["template"] = *pod;
    child(child(child(spec, "template"), "metadata"), "labels")["pod-template-hash"] = hash;
    Write write;
    write.collection = collection::replica_sets;
    write.ns = deployment->key.ns;
    write.name = deployment->key.name + "-" + hash;
    write.object = std::move(made);
    write.user = account_;
    auto done = co_await api_.write(std::move(write));
    if (!done && done.error().reason == "AlreadyExists") co_return kube::ApiResult<void>{};
    if (!done) {
      co_await api_.tell(
          {deployment, kind, api_version, true, "ReplicaSetCreateError",
           "Failed to create new replica set \"" + deployment->key.name + "-" + hash + "\": " + done.error().message,
           "deployment-controller"});
      co_return done;
    }
    if (replicas > 0) co_await told_scaling(deployment, deployment->key.name + "-" + hash, 0, replicas);
    co_return co_await mark_deployment(deployment, revision + 1);
  }

  net::Task<void> told_scaling(ItemPtr deployment, std::string set, std::int64_t from, std::int64_t to) {
    co_await api_.tell({deployment, kind, api_version, false, "ScalingReplicaSet",
                        std::string(to > from ? "Scaled up" : "Scaled down") + " replica set " + set + " from " +
                            std::to_string(from) + " to " + std::to_string(to),
                        "deployment-controller"});
  }

  net::Task<kube::ApiResult<void>> scale(ItemPtr deployment, ItemPtr set, std::int64_t to) {
    const std::int64_t from = replicas_of(*set);
    if (from == to) co_return kube::ApiResult<void>{};
    json::Value next = copy_of(*set);
    child(next.get_object(), "spec")["replicas"] = to;
    json::Object& annotations = child(child(next.get_object(), "metadata"), "annotations");
    annotations["deployment.kubernetes.io/desired-replicas"] = std::to_string(replicas_of(*deployment));
    auto done = co_await api_.write(update_write(*set, std::move(next), "", account_));
    if (done) co_await told_scaling(deployment, set->key.name, from, to);
    co_return done;
  }

  // A set that is taken up again gets the next revision.
  net::Task<kube::ApiResult<void>> mark_revision(ItemPtr deployment, ItemPtr set) {
    std::int64_t highest = 0;
    for (const ItemPtr& old : rollout_of(*deployment).old) highest = std::max(highest, revision_of(*old));
    std::int64_t revision = revision_of(*set);
    if (revision <= highest) {
      revision = highest + 1;
      json::Value next = copy_of(*set);
      child(child(next.get_object(), "metadata"), "annotations")[revision_annotation] = std::to_string(revision);
      if (auto done = co_await api_.write(update_write(*set, std::move(next), "", account_)); !done) co_return done;
    }
    co_return co_await mark_deployment(deployment, revision);
  }

  net::Task<kube::ApiResult<void>> mark_deployment(ItemPtr deployment, std::int64_t revision) {
    if (revision_of(*deployment) == revision) co_return kube::ApiResult<void>{};
    json::Value next = copy_of(*deployment);
    child(child(next.get_object(), "metadata"), "annotations")[revision_annotation] = std::to_string(revision);
    co_return co_await api_.write(update_write(*deployment, std::move(next), "", account_));
  }

  net::Task<kube::ApiResult<void>> update_status(std::string ns, std::string name) {
    ItemPtr deployment = api_.cache().find(collection::deployments, ns, name);
    if (!deployment) co_return kube::ApiResult<void>{};
    const Rollout rollout = rollout_of(*deployment);
    std::int64_t total = 0, ready = 0, available = 0;
    std::string failure;
    auto add = [&](const Item& set) {
      total += status_count(set, "replicas");
      ready += status_count(set, "readyReplicas");
      available += status_count(set, "availableReplicas");
    };
    for (const ItemPtr& set : rollout.old) add(*set);
    if (rollout.fresh) add(*rollout.fresh);
    const std::int64_t updated = rollout.fresh ? status_count(*rollout.fresh, "replicas") : 0;
    const std::int64_t wanted = replicas_of(*deployment);
    json::Value next = copy_of(*deployment);
    json::Object& status = status_of(next);
    auto put = [&status](std::string_view field, std::int64_t count) {
      if (count > 0)
        status[field] = count;
      else
        status.erase(field);
    };
    status["observedGeneration"] = json::int_at(deployment->value, {"metadata", "generation"}, 1);
    put("replicas", total);
    put("updatedReplicas", updated);
    put("readyReplicas", ready);
    put("availableReplicas", available);
    put("unavailableReplicas", std::max<std::int64_t>(total - available, wanted - available));
    const WallTime now = api_.now();
    const bool enough = available >= wanted - unavailable(*deployment);
    if (enough)
      set_condition(next, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now);
    else
      set_condition(next, "Available", "False", "MinimumReplicasUnavailable",
                    "Deployment does not have minimum availability.", now);
    if (rollout.fresh) {
      const bool complete = updated == wanted && total == wanted && available == wanted;
      const std::string quoted = "ReplicaSet \"" + rollout.fresh->key.name + "\" ";
      if (complete)
        set_condition(next, "Progressing", "True", "NewReplicaSetAvailable", quoted + "has successfully progressed.",
                      now);
      else if (condition_status(next, "Progressing") != "True" || !enough || updated < wanted)
        set_condition(next, "Progressing", "True", "ReplicaSetUpdated", quoted + "is progressing.", now);
      std::string why = failure_of(*rollout.fresh);
      if (!why.empty())
        set_condition(next, "ReplicaFailure", "True", "FailedCreate", why, now);
      else
        drop_condition(next, "ReplicaFailure");
    }
    co_return co_await write_status(api_, deployment, std::move(next), account_);
  }

  static std::string failure_of(const Item& set) {
    if (const json::Array* conditions = json::array_at(set.value, {"status", "conditions"}))
      for (const json::Value& condition : *conditions)
        if (json::string_at(condition, {"type"}) == "ReplicaFailure" &&
            json::string_at(condition, {"status"}) == "True")
          return std::string(json::string_at(condition, {"message"}));
    return "";
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_deployment_controller(Api& api) {
  return std::make_unique<DeploymentController>(api);
}

}  // namespace gatepost::simulate
