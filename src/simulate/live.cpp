#include "simulate/live.h"

#include <algorithm>

#include "admission/resolve/url.h"
#include "apiserver/controllers/work_queue.h"
#include "net/event.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "simulate/controllers/controllers.h"
#include "simulate/errand.h"
#include "simulate/event_recorder.h"
#include "simulate/objects.h"
#include "simulate/stand_in.h"

namespace gatepost::simulate {
namespace {

using apiserver::WorkQueue;
using std::chrono::milliseconds;

constexpr std::string_view fault_annotation = "simulate.gatepost.dev/fault";  // on a Service

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 1469598103934665603ull ^ (seed * 0x9e3779b97f4a7c15ull);
  for (char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ull;
  return hash ^ (hash >> 31);
}

Fault fault_of(std::string_view text) {
  if (text == "slow") return Fault::slow;
  if (text == "refusing") return Fault::refusing;
  if (text == "expired-certificate") return Fault::expired_certificate;
  if (text == "rotated-ca") return Fault::rotated_ca;
  return Fault::none;
}

class Live;

// Who plays the backends is known only once the server is made.
struct Stage {
  Live* live = nullptr;
};

class Live final : public apiserver::Companion, public Api {
 public:
  Live(const apiserver::Deps& deps, LiveOptions options, std::shared_ptr<Stage> stage)
      : deps_(deps), options_(options), stage_(std::move(stage)), cache_(deps.store), events_(deps) {
    stage_->live = this;
    controllers_ = make_controllers(*this);
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      WorkQueue::Options queue_options;
      // What it counts must not change under its hands.
      if (controllers_[i]->name() == "scheduler") queue_options.at_once = 1;
      queues_.push_back(
          std::make_unique<WorkQueue>([this, i](std::string key) { return sync(i, std::move(key)); }, queue_options));
    }
    cache_.on_change([this](const Change& change) { route(change); });
  }

  ~Live() override { stage_->live = nullptr; }

  // ---- Companion
  net::Task<void> start() override {
    if (cache_.all(collection::nodes).empty())
      for (std::size_t i = 1; i <= options_.nodes; ++i) co_await make_node("node-" + std::to_string(i), i);
    for (std::string_view name :
         {collection::deployments, collection::replica_sets, collection::stateful_sets, collection::daemon_sets,
          collection::jobs, collection::nodes, collection::pods, collection::services, collection::budgets})
      for (const auto& [key, item] : cache_.all(name)) route({nullptr, item});
    for (auto& queue : queues_) {
      ++running_;
      co_await net::spawn(run(queue.get()));
    }
  }
  net::Task<void> stop() override {
    for (auto& queue : queues_) queue->stop();
    while (running_ > 0) co_await ended_.wait();
  }

  // ---- Api
  const Cache& cache() const override { return cache_; }
  WallTime now() const override { return deps_.now(); }
  net::Task<kube::ApiResult<void>> write(Write write) override { return send(&deps_, std::move(write)); }
  net::Task<void> tell(Occurrence occurrence) override { return events_.record(std::move(occurrence)); }
  milliseconds pause(std::string_view name, milliseconds least, milliseconds most) const override {
    const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>((most - least).count(), 0));
    return least + milliseconds(static_cast<std::int64_t>(hash_of(name, options_.seed) % (range + 1)));
  }

  // Whether the calls of a Service end at simulated pods: not where pods name an address of their own.
  bool plays(const std::string& ns, const std::string& service) const {
    for (const ItemPtr& slice : cache_.in(collection::slices, ns)) {
      if (json::string_at(slice->value, {"metadata", "labels", "kubernetes.io/service-name"}) != service) continue;
      const json::Array* endpoints = json::array_at(slice->value, {"endpoints"});
      if (!endpoints) continue;
      for (const json::Value& endpoint : *endpoints) {
        ItemPtr pod = cache_.find(collection::pods, ns, json::string_at(endpoint, {"targetRef", "name"}));
        if (!pod || !annotation(pod->value, behaviour::address).empty()) return false;
      }
    }
    return true;
  }

  Played play(const std::string& backend) const {
    auto [ns, name] = split_name(backend);
    Played played;
    played.now = now();
    played.real_time = true;
    if (ItemPtr service = cache_.find(collection::services, ns, name))
      played.fault = fault_of(annotation(service->value, fault_annotation));
    return played;
  }

 private:
  net::Task<void> run(WorkQueue* queue) {
    co_await queue->run();
    if (--running_ == 0) ended_.fire();
  }

  void route(const Change& change) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      keys.clear();
      controllers_[i]->concerns(change, keys);
      for (std::string& key : keys) queues_[i]->add(std::move(key));
    }
  }

  net::Task<WorkQueue::Outcome> sync(std::size_t index, std::string key) {
    const Outcome outcome = co_await controllers_[index]->sync(key);
    if (outcome.kind == Outcome::Kind::retry) co_return WorkQueue::Outcome::retry;
    if (outcome.kind == Outcome::Kind::again) queues_[index]->add_after(key, outcome.after);
    co_return WorkQueue::Outcome::done;
  }

  net::Task<void> make_node(std::string name, std::size_t index) {
    json::Object labels{
        {"kubernetes.io/hostname", name}, {"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"}};
    Write write;
    write.collection = collection::nodes;
    write.name = name;
    write.object = json::Object{{"kind", "Node"},
                                {"apiVersion", "v1"},
                                {"metadata", json::Object{{"name", name}, {"labels", std::move(labels)}}},
                                {"spec", json::Object{}}};
    write.user = "system:node:" + name;
    (void)co_await send(&deps_, std::move(write));
    ItemPtr node = cache_.find(collection::nodes, "", name);
    if (!node) co_return;
    json::Value next = copy_of(*node);
    json::Object status = node_status();
    json::Array addresses{json::Object{{"type", "InternalIP"}, {"address", "192.168.0." + std::to_string(10 + index)}},
                          json::Object{{"type", "Hostname"}, {"address", name}}};
    status["addresses"] = std::move(addresses);
    status["nodeInfo"] = json::Object{{"machineID", ""},
                                      {"systemUUID", ""},
                                      {"bootID", ""},
                                      {"kernelVersion", "simulated"},
                                      {"osImage", "simulated"},
                                      {"containerRuntimeVersion", "simulated://1"},
                                      {"kubeletVersion", "v1.36.0"},
                                      {"kubeProxyVersion", ""},
                                      {"operatingSystem", "linux"},
                                      {"architecture", "amd64"}};
    status["conditions"].get_array()[0].get_object()["lastTransitionTime"] = rfc3339(now());
    status["conditions"].get_array()[0].get_object()["lastHeartbeatTime"] = rfc3339(now());
    next.get_object()["status"] = std::move(status);
    (void)co_await send(&deps_, update_write(*node, std::move(next), "status", "system:node:" + name));
  }

  const apiserver::Deps& deps_;
  const LiveOptions options_;
  const std::shared_ptr<Stage> stage_;
  Cache cache_;
  EventRecorder events_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::vector<std::unique_ptr<WorkQueue>> queues_;
  std::size_t running_ = 0;
  net::Event ended_;
};

// Calls the stand-in where the Service leads to simulated pods, else the real client.
class ChoosingClient final : public net::http::Client {
 public:
  ChoosingClient(std::shared_ptr<Stage> stage, std::string ns, std::string service,
                 std::shared_ptr<net::http::Client> played, std::shared_ptr<net::http::Client> real)
      : stage_(std::move(stage)),
        ns_(std::move(ns)),
        service_(std::move(service)),
        played_(std::move(played)),
        real_(std::move(real)) {}

  net::Task<net::NetResult<net::http::Response>> call(std::string url, net::http::Request request,
                                                      net::SteadyTime deadline, net::http::CallTrace* trace,
                                                      std::string* failed_url) override {
    net::http::Client& client = stage_->live && stage_->live->plays(ns_, service_) ? *played_ : *real_;
    return client.call(std::move(url), std::move(request), deadline, trace, failed_url);
  }
  net::Task<net::NetResult<Streaming>> open(std::string url, net::http::Request request, net::SteadyTime deadline,
                                            net::http::CallTrace* trace) override {
    return real_->open(std::move(url), std::move(request), deadline, trace);
  }
  void close_idle() override { real_->close_idle(); }

 private:
  std::shared_ptr<Stage> stage_;
  const std::string ns_, service_;
  std::shared_ptr<net::http::Client> played_, real_;
};

// Simulated pods are dialled in name only.
net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> dial(std::string host, std::string port,
                                                                 net::SteadyTime deadline) {
  if (host.starts_with("10.244.")) co_return co_await played_dialer()(std::move(host), std::move(port), deadline);
  co_return co_await net::tcp::dial(std::move(host), std::move(port), deadline);
}

}  // namespace

void simulate_cluster(apiserver::ServerOptions& server, LiveOptions options) {
  auto stage = std::make_shared<Stage>();
  auto played = stand_in_clients(FaultTexts::make(std::chrono::system_clock::now()),
                                 [stage](const std::string& backend, std::chrono::nanoseconds) {
                                   return stage->live ? stage->live->play(backend) : Played{};
                                 });
  server.dial = dial;
  server.make_client = [stage, played](const admission::ClientConfig& config,
                                       net::http::ClientOptions client) -> std::shared_ptr<net::http::Client> {
    if (!config.service) return net::http::Client::make(std::move(client));
    return std::make_shared<ChoosingClient>(stage, config.service->ns, config.service->name, played(config, client),
                                            net::http::Client::make(client));
  };
  server.companion = [stage, options](const apiserver::Deps& deps) -> std::unique_ptr<apiserver::Companion> {
    return std::make_unique<Live>(deps, options, stage);
  };
}

}  // namespace gatepost::simulate
