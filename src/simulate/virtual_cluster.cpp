#include "simulate/virtual_cluster.h"

#include <algorithm>
#include <queue>
#include <random>
#include <unordered_map>

#include "admission/admission.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/object.h"
#include "net/loop.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"
#include "simulate/request.h"
#include "simulate/stand_in.h"
#include "storage/memory.h"

namespace gatepost::simulate {
namespace {

using std::chrono::milliseconds;

// How long a change takes to reach a controller that follows it.
constexpr milliseconds heard_after{10};
// client-go's workqueue.DefaultTypedControllerRateLimiter.
constexpr milliseconds first_retry{5}, longest_retry{1'000'000};
constexpr std::size_t kept_history = 16;
// kube-apiserver's limit of a request that changes something.
constexpr std::chrono::seconds request_limit{34};

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 1469598103934665603ull ^ (seed * 0x9e3779b97f4a7c15ull);
  for (char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ull;
  hash ^= hash >> 29;
  return hash * 0xbf58476d1ce4e5b9ull;
}

class Cluster final : public VirtualCluster {
 public:
  explicit Cluster(Options options)
      : options_(options),
        now_(options.start),
        store_(storage::open_memory(kept_history)),
        registry_(kube::Registry::builtin()),
        cache_(*store_),
        texts_(FaultTexts::make(options.start)),
        dice_(options.seed) {
    admission::Dependencies needs{*store_, registry_};
    needs.log = [this](klog::Severity, std::string_view, std::string_view message) { heard(message); };
    needs.dial = played_dialer();
    needs.make_client = stand_in_clients(
        texts_, [this](const std::string& backend, std::chrono::nanoseconds waits) { return play(backend, waits); });
    admission_ = admission::Admission::make(std::move(needs));
    for (const auto& resource : registry_->all())
      if (resource->group == resource->storage_group && resource->version == resource->storage_version)
        resources_.emplace(resource->collection, resource.get());
    controllers_ = make_controllers(*this);
    // The older Endpoints objects lead nowhere here.
    std::erase_if(controllers_, [](const auto& controller) { return controller->name() == "endpoint-controller"; });
    cache_.on_change([this](const Change& change) { route(change); });
    journal_ = store_->on_change("", [this](const storage::Event& event) { remember(event); });
  }

  // ---- Api
  const Cache& cache() const override { return cache_; }
  WallTime now() const override { return now_ + spent_; }
  milliseconds pause(std::string_view name, milliseconds least, milliseconds most) const override {
    if (most <= least) return least;
    // In steps, so that what follows from many pods is worked off together.
    constexpr milliseconds step{500};
    const auto steps = static_cast<std::uint64_t>((most - least) / step);
    return least + step * static_cast<std::int64_t>(hash_of(name, options_.seed) % (steps + 1));
  }
  net::Task<void> tell(Occurrence) override { co_return; }

  net::Task<kube::ApiResult<void>> write(Write write) override {
    ++writes_;
    const std::string about = refusal_key(write);
    // Where nothing that admission looks at has changed since, the answer to a pod made of the same template is the
    // same.
    if (auto known = refusals_.find(about); known != refusals_.end() && write.name.empty()) {
      Refusal& before = known->second;
      if (before.state == state_ && before.generation == owner_generation(write)) {
        spent_ += before.spent;
        before.time = now();
        co_return fail_with(before.answer);
      }
    }
    Refusal refusal;
    refusal.verb = write.verb;
    refusal.collection = write.collection;
    refusal.subresource = write.subresource;
    refusal.ns = write.ns;
    refusal.name = write.name;
    if (const json::Array* owners = json::array_at(write.object, {"metadata", "ownerReferences"});
        owners && !owners->empty()) {
      refusal.owner_kind = json::string_at(owners->front(), {"kind"});
      refusal.owner_name = json::string_at(owners->front(), {"name"});
    }
    refusal.generation = owner_generation(write);
    const auto spent_before = spent_;
    auto done = co_await perform(std::move(write));
    if (done || done.error().code == 404) {
      refusals_.erase(about);
    } else {
      refusal.time = now();
      refusal.text = done.error().message;
      refusal.answer = done.error();
      refusal.state = state_;
      refusal.spent = spent_ - spent_before;
      refusals_.insert_or_assign(about, std::move(refusal));
    }
    co_return done;
  }

  // ---- contents
  net::Task<void> put(const kube::ResourceInfo& resource, json::Value object) override {
    storage::Key key{resource.collection, std::string(json::string_at(object, {"metadata", "namespace"})),
                     std::string(json::string_at(object, {"metadata", "name"}))};
    json::Object& metadata = child(object.get_object(), "metadata");
    if (json::string_at(object, {"metadata", "uid"}).empty()) metadata["uid"] = next_uid();
    if (json::string_at(object, {"metadata", "creationTimestamp"}).empty())
      metadata["creationTimestamp"] = rfc3339(now_);
    if (json::int_at(object, {"metadata", "generation"}) == 0) metadata["generation"] = 1;
    auto print = [&object](storage::Revision revision) { return printed(object, revision); };
    if (auto present = store_->get(key))
      (void)co_await store_->update(key, present->revision, print);
    else
      (void)co_await store_->create(key, print);
  }
  net::Task<void> drop(storage::Key key) override {
    if (auto present = store_->get(key)) co_await remove_stored(std::move(*present));
  }
  const kube::Registry& registry() const override { return *registry_; }
  const kube::ResourceInfo* resource(std::string_view collection) const override {
    auto found = resources_.find(collection);
    return found == resources_.end() ? nullptr : found->second;
  }
  storage::Storage& store() override { return *store_; }

  // ---- time
  net::Task<bool> run(WallTime until, std::function<bool()> stop) override {
    while (!queue_.empty()) {
      if (stop && stop()) co_return true;
      if (queue_.top().at > until) break;
      Job job = queue_.top();
      queue_.pop();
      const std::string id = job_id(job.controller, job.key);
      auto due = due_.find(id);
      // Another entry stands for the key.
      if (due == due_.end() || due->second != job.at) continue;
      due_.erase(due);
      Controller& controller = *controllers_[job.controller];
      now_ = std::max(now_, job.at);
      spent_ = std::chrono::nanoseconds(0);
      Outcome outcome = co_await controller.sync(job.key);
      if (outcome.kind == Outcome::Kind::retry) {
        int& failures = failures_[id];
        milliseconds wait = first_retry;
        for (int i = 0; i < failures && wait < longest_retry; ++i) wait *= 2;
        ++failures;
        add(job.controller, job.key, now() + std::min(wait, longest_retry));
        continue;
      }
      failures_.erase(id);
      if (outcome.kind == Outcome::Kind::again) add(job.controller, job.key, now() + outcome.after);
    }
    if (stop && stop()) co_return true;
    now_ = std::max(now_, until);
    spent_ = std::chrono::nanoseconds(0);
    co_return false;
  }

  void look_at_all() override {
    for (std::string_view name :
         {collection::deployments, collection::replica_sets, collection::stateful_sets, collection::daemon_sets,
          collection::jobs, collection::nodes, collection::pods, collection::services, collection::budgets})
      for (const auto& [key, item] : cache_.all(name)) route({nullptr, item});
  }

  bool at_rest() const override { return due_.empty(); }

  // ---- faults
  void set_fault(const std::string& backend, Fault fault) override {
    ++state_;
    if (fault == Fault::none)
      faults_.erase(backend);
    else
      faults_[backend] = fault;
  }

  const std::map<std::string, std::int64_t>& failed_open() const override { return failed_open_; }
  const std::map<std::string, std::int64_t>& failed_closed() const override { return failed_closed_; }
  const std::map<std::string, Refusal>& refusals() const override { return refusals_; }
  std::int64_t writes() const override { return writes_; }
  std::uint64_t slice_changes() const override { return slice_changes_; }

  net::Task<kube::ApiResult<void>> ask(Write write) override {
    spent_ = std::chrono::nanoseconds(0);
    json::Value old_object;
    if (write.verb != Write::Verb::create) old_object = write.object;
    auto answer = co_await admit(write, old_object);
    spent_ = std::chrono::nanoseconds(0);
    co_return answer;
  }

  // ---- scenarios
  void begin() override {
    before_.clear();
    remembering_ = true;
    began_ = now_;
    dice_.seed(options_.seed + 1);
    failed_open_.clear();
    failed_closed_.clear();
    refusals_.clear();
    writes_ = 0;
  }

  net::Task<void> take_back() override {
    remembering_ = false;
    for (auto& [key_text, state] : before_) {
      auto present = store_->get(state.key);
      auto print = [&state](storage::Revision) { return *state.bytes; };
      if (!state.bytes) {
        if (present) co_await remove_stored(std::move(*present));
      } else if (!present) {
        (void)co_await store_->create(state.key, print);
      } else if (present->bytes != state.bytes) {
        (void)co_await store_->update(state.key, present->revision, print);
      }
    }
    before_.clear();
    queue_ = {};
    due_.clear();
    failures_.clear();
    faults_.clear();
    for (auto& controller : controllers_) controller->forget();
    now_ = began_;
    spent_ = std::chrono::nanoseconds(0);
    order_ = 0;
  }

 private:
  struct Job {
    WallTime at;
    std::uint64_t order = 0;
    std::size_t controller = 0;
    std::string key;
    bool operator<(const Job& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  struct Before {
    storage::Key key;
    storage::Bytes bytes;  // null: it was not there
  };

  static std::string job_id(std::size_t controller, std::string_view key) {
    std::string id(1, static_cast<char>('a' + controller));
    id += key;
    return id;
  }

  // A key waits at most once, for the earliest time that was asked for.
  void add(std::size_t controller, const std::string& key, WallTime at) {
    auto [due, fresh] = due_.try_emplace(job_id(controller, key), at);
    if (!fresh && due->second <= at) return;
    due->second = at;
    queue_.push({at, ++order_, controller, key});
  }

  void route(const Change& change) {
    if (change.item().key.collection == collection::slices) ++slice_changes_;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      keys.clear();
      controllers_[i]->concerns(change, keys);
      for (const std::string& key : keys) add(i, key, now() + heard_after);
    }
  }

  // Of the object that a creation is made for: its template may be another one by now.
  std::string owner_generation(const Write& write) const {
    const json::Array* owners = json::array_at(write.object, {"metadata", "ownerReferences"});
    if (!owners || owners->empty() || json::string_at(owners->front(), {"kind"}) != "ReplicaSet") return "";
    ItemPtr owner = cache_.find(collection::replica_sets, write.ns, json::string_at(owners->front(), {"name"}));
    return owner ? owner->uid + "/" + std::to_string(json::int_at(owner->value, {"metadata", "generation"})) : "";
  }

  // Whether what admission decides by may have changed: all but the workloads and their status.
  void notice(const storage::Key& key) {
    if (key.collection != collection::replica_sets && key.collection != collection::deployments &&
        key.collection != collection::budgets)
      ++state_;
  }

  void remember(const storage::Event& event) {
    notice(event.object.key);
    if (!remembering_) return;
    std::string key = event.object.key.collection + "|" + key_name(event.object.key.ns, event.object.key.name);
    before_.try_emplace(std::move(key), Before{event.object.key, event.previous});
  }

  // The dispatcher's log tells which webhook failed, and to which side.
  void heard(std::string_view message) {
    auto count = [message](std::string_view start, std::map<std::string, std::int64_t>& counts) {
      if (!message.starts_with(start)) return false;
      std::string_view name = message.substr(start.size());
      ++counts[std::string(name.substr(0, name.find(':')))];
      return true;
    };
    if (!count("Failed calling webhook, failing open ", failed_open_))
      count("Failed calling webhook, failing closed ", failed_closed_);
  }

  Played play(const std::string& backend, std::chrono::nanoseconds waits) {
    Played played;
    played.now = now();
    if (auto found = faults_.find(backend); found != faults_.end()) played.fault = found->second;
    const Reached reached = pick(backend);
    played.address = reached.address;
    if (played.fault == Fault::none) played.fault = reached.fault;
    if (played.fault == Fault::slow) {
      // The request as a whole has its own limit.
      const auto left = std::chrono::nanoseconds(request_limit) - spent_;
      spent_ += std::clamp(std::chrono::round<milliseconds>(waits), milliseconds(0),
                           std::chrono::duration_cast<milliseconds>(left));
    }
    return played;
  }

  // Where a call goes, and what is there: slices may name pods that are gone. Picked by our own dice, so that a run can
  // be repeated.
  struct Reached {
    std::string address;
    Fault fault = Fault::none;
  };
  Reached pick(const std::string& backend) {
    if (picks_of_ != slice_changes_) {
      picks_.clear();
      picks_of_ = slice_changes_;
    }
    auto [known, fresh] = picks_.try_emplace(backend);
    if (fresh) known->second = ready_addresses(backend);
    if (known->second.empty()) return {};
    const auto& [address, pod_name] = known->second[dice_() % known->second.size()];
    if (pod_name.empty()) return {address, Fault::none};
    ItemPtr pod = cache_.find(collection::pods, split_name(backend).first, pod_name);
    if (!pod || phase_of(*pod) != "Running") return {address, Fault::refusing};
    ItemPtr node = cache_.find(collection::nodes, "", pod->node);
    const bool lost = !node || annotation(node->value, behaviour::lost) == "true";
    return {address, lost ? Fault::slow : Fault::none};
  }

  std::vector<std::pair<std::string, std::string>> ready_addresses(const std::string& backend) const {
    auto [ns, name] = split_name(backend);
    std::vector<std::pair<std::string, std::string>> ready;  // address, pod
    for (const ItemPtr& slice : cache_.in(collection::slices, ns)) {
      if (json::string_at(slice->value, {"metadata", "labels", "kubernetes.io/service-name"}) != name) continue;
      const json::Array *endpoints = json::array_at(slice->value, {"endpoints"}),
                        *ports = json::array_at(slice->value, {"ports"});
      if (!endpoints || !ports || ports->empty()) continue;
      const std::string port = ":" + std::to_string(json::int_at(ports->front(), {"port"}));
      for (const json::Value& endpoint : *endpoints) {
        const json::Array* addresses = json::array_at(endpoint, {"addresses"});
        if (!json::bool_at(endpoint, {"conditions", "ready"}, true) || !addresses || addresses->empty()) continue;
        if (!addresses->front().is_string()) continue;
        const bool pod = json::string_at(endpoint, {"targetRef", "kind"}) == "Pod";
        ready.emplace_back(std::string(json::view(addresses->front().get_string())) + port,
                           pod ? json::string_at(endpoint, {"targetRef", "name"}) : std::string_view());
      }
    }
    return ready;
  }

  static std::string printed(json::Value& object, storage::Revision revision) {
    child(object.get_object(), "metadata")["resourceVersion"] = std::to_string(revision);
    return json::write(object);
  }

  std::string next_uid() {
    char text[37];
    const std::uint64_t high = dice_(), low = dice_();
    std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(high >> 32),
                  static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xfff),
                  static_cast<unsigned>(low >> 48 & 0xfff), static_cast<unsigned long long>(low & 0xffffffffffffull));
    return text;
  }
  std::string next_suffix() {
    constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
    std::string text;
    constexpr int length = 5;
    for (int i = 0; i < length; ++i) text += letters[dice_() % letters.size()];
    return text;
  }

  static std::string refusal_key(const Write& write) {
    std::string owner;
    if (write.name.empty()) owner = json::string_at(write.object, {"metadata", "generateName"});
    return write.collection + "/" + write.subresource + "|" + write.ns + "/" + write.name + owner;
  }

  // On success the object as admission left it is in write.object.
  net::Task<kube::ApiResult<void>> admit(Write& write, json::Value& old_object) {
    const kube::ResourceInfo* info = resource(write.collection);
    if (!info) co_return fail_with(kube::not_found("", write.collection, write.name));
    admission::Attributes attributes = attributes_of(write, *info, old_object);
    // What the calls of earlier requests left behind in the loop is done with first.
    co_await net::yield();
    // What a request may take passes on virtual time.
    const net::SteadyTime deadline = std::chrono::steady_clock::now() + request_limit;
    admission::Trail trail;
    if (auto answer = co_await admission_->mutate(attributes, deadline, trail); !answer) co_return answer;
    if (auto answer = co_await admission_->validate(attributes, deadline, trail); !answer) co_return answer;
    write.object = std::move(attributes.object);
    co_return kube::ApiResult<void>{};
  }

  net::Task<kube::ApiResult<void>> perform(Write write) {
    const kube::ResourceInfo* info = resource(write.collection);
    if (!info) co_return fail_with(kube::not_found("", write.collection, write.name));
    json::Value old_object;
    std::optional<storage::Object> present;
    const bool on_existing = write.verb != Write::Verb::create || !write.subresource.empty();
    if (on_existing) {
      present = store_->get({write.collection, write.ns, write.name});
      if (!present) co_return fail_with(kube::not_found(info->group, info->resource, write.name));
      auto parsed = json::parse(*present->bytes, json::make_arena(present->bytes->size() * 3));
      if (!parsed) co_return fail_with(kube::internal_error(parsed.error().text));
      old_object = std::move(*parsed);
    } else if (info->namespaced) {
      ItemPtr ns = cache_.find(collection::namespaces, "", write.ns);
      if (!ns) co_return fail_with(kube::not_found("", "namespaces", write.ns));
      if (ns->deleting)
        co_return fail_with(kube::forbidden(
            info->group, info->resource, write.name,
            "unable to create new content in namespace " + write.ns + " because it is being terminated"));
    }
    if (write.verb == Write::Verb::create && write.subresource.empty()) {
      kube::GroupVersionKind kind{info->group, info->version, info->kind};
      kube::set_defaults(write.object, kind);
      kube::set_admission_defaults(write.object, kind);
    }
    if (write.subresource == "eviction" && !may_evict(write))
      co_return fail_with(
          kube::Status{429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."});
    if (auto admitted = co_await admit(write, old_object); !admitted) co_return admitted;
    if (write.subresource == "eviction" || write.verb == Write::Verb::remove)
      co_return co_await remove(std::move(write), std::move(*present), std::move(old_object));
    if (write.subresource == "binding") {
      child(old_object.get_object(), "spec")["nodeName"] = json::string_at(write.object, {"target", "name"});
      co_return co_await replace(std::move(*present), std::move(old_object));
    }
    if (write.verb == Write::Verb::create) co_return co_await create(*info, std::move(write));
    co_return co_await update(std::move(write), std::move(*present), std::move(old_object));
  }

  bool may_evict(const Write& write) const {
    ItemPtr pod = cache_.find(collection::pods, write.ns, write.name);
    if (!pod || is_finished(*pod) || phase_of(*pod) == "Pending") return true;
    return budgets_allow(*pod, cache_);
  }

  net::Task<kube::ApiResult<void>> create(const kube::ResourceInfo& info, Write write) {
    json::Object& metadata = child(write.object.get_object(), "metadata");
    if (!write.ns.empty()) metadata["namespace"] = write.ns;
    metadata["uid"] = next_uid();
    metadata["creationTimestamp"] = rfc3339(now());
    metadata["generation"] = 1;
    if (write.collection == collection::pods) status_of(write.object)["phase"] = "Pending";
    const std::string prefix(json::string_at(write.object, {"metadata", "generateName"}));
    constexpr int tries = 8;
    for (int attempt = 0; attempt < tries; ++attempt) {
      std::string name = write.name.empty() ? prefix + next_suffix() : write.name;
      child(write.object.get_object(), "metadata")["name"] = name;
      auto print = [&write](storage::Revision revision) { return printed(write.object, revision); };
      auto made = co_await store_->create({write.collection, write.ns, name}, print);
      if (made) co_return kube::ApiResult<void>{};
      if (!write.name.empty()) break;
    }
    co_return fail_with(kube::already_exists(info.group, info.resource, write.name));
  }

  net::Task<kube::ApiResult<void>> update(Write write, storage::Object present, json::Value old_object) {
    json::Object& next = write.object.get_object();
    if (write.subresource == "status") {
      // Metadata and spec stay as they are.
      if (json::Value* status = next.if_contains("status")) old_object.get_object()["status"] = *status;
      co_return co_await replace(std::move(present), std::move(old_object));
    }
    if (const json::Value* status = json::find(old_object, "status")) next["status"] = *status;
    const json::Value *old_spec = json::find(old_object, "spec"), *new_spec = json::find(write.object, "spec");
    if (old_spec && new_spec && !(*old_spec == *new_spec))
      child(next, "metadata")["generation"] = json::int_at(old_object, {"metadata", "generation"}, 1) + 1;
    co_return co_await replace(std::move(present), std::move(write.object));
  }

  net::Task<kube::ApiResult<void>> replace(storage::Object present, json::Value next) {
    auto print = [&next](storage::Revision revision) { return printed(next, revision); };
    auto put = co_await store_->update(present.key, present.revision, print);
    if (!put) co_return fail_with(kube::internal_error(put.error().text));
    co_return kube::ApiResult<void>{};
  }

  // Pods that run get their grace, and the kubelet ends them; all else goes at once.
  net::Task<kube::ApiResult<void>> remove(Write write, storage::Object present, json::Value old_object) {
    ItemPtr item = cache_.find(write.collection, write.ns, write.name);
    const bool graceful = write.collection == collection::pods && write.grace_seconds.value_or(1) != 0 && item &&
                          !item->node.empty() && !is_finished(*item);
    if (!graceful) {
      co_await remove_stored(std::move(present));
      co_return kube::ApiResult<void>{};
    }
    if (item->deleting) co_return kube::ApiResult<void>{};
    constexpr std::int64_t usual_grace = 30;
    const std::int64_t grace =
        write.grace_seconds.value_or(json::int_at(old_object, {"spec", "terminationGracePeriodSeconds"}, usual_grace));
    json::Object& metadata = child(old_object.get_object(), "metadata");
    metadata["deletionTimestamp"] = rfc3339(now() + std::chrono::seconds(grace));
    metadata["deletionGracePeriodSeconds"] = grace;
    co_return co_await replace(std::move(present), std::move(old_object));
  }

  net::Task<void> remove_stored(storage::Object present) {
    storage::Bytes last = present.bytes;
    (void)co_await store_->remove(present.key, present.revision, [last](storage::Revision) { return *last; });
  }

  const Options options_;
  WallTime now_, began_;
  std::chrono::nanoseconds spent_{0};  // by the present step, waiting for slow backends
  std::unique_ptr<storage::Storage> store_;
  std::shared_ptr<const kube::Registry> registry_;
  Cache cache_;
  std::shared_ptr<const FaultTexts> texts_;
  std::map<std::string, Fault> faults_;
  std::unique_ptr<admission::Admission> admission_;
  std::map<std::string, const kube::ResourceInfo*, std::less<>> resources_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::priority_queue<Job> queue_;
  std::unordered_map<std::string, WallTime> due_;
  std::unordered_map<std::string, int> failures_;
  std::uint64_t order_ = 0;
  std::mt19937_64 dice_;
  bool remembering_ = false;
  std::map<std::string, Before> before_;
  std::map<std::string, std::int64_t> failed_open_, failed_closed_;
  std::map<std::string, Refusal> refusals_;
  std::int64_t writes_ = 0;
  std::uint64_t slice_changes_ = 0, picks_of_ = 0, state_ = 0;
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> picks_;  // by backend
  storage::Subscription journal_;
};

}  // namespace

std::unique_ptr<VirtualCluster> VirtualCluster::make(Options options) {
  return std::make_unique<Cluster>(options);
}

}  // namespace gatepost::simulate
