#include "rehearse/play.h"

#include <algorithm>
#include <functional>

#include "rehearse/canaries.h"
#include "rehearse/happen.h"
#include "rehearse/waits.h"
#include "simulate/objects.h"

namespace gatepost::rehearse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes returns_after{10};  // whoever looks after a backend that needs help
constexpr minutes watched_for{60};    // after the beginning: longer than any back-off of a controller
constexpr minutes least{2};           // an event takes its time to show
constexpr seconds step_length{5};

// What is seen of one backend.
struct Sight {
  bool up = true;
  bool asked = false;  // its webhooks' canaries were sent
  WallTime down_since;
  milliseconds down{0};
  bool was_down = false;
};

class Stage {
 public:
  Stage(World& world, const Scenario& scenario) : world_(world), cluster_(*world.cluster), scenario_(scenario) {
    sights_.resize(scenario.backends.size());
  }

  net::Task<Played> run() {
    auto happening = Happening::make(world_, scenario_);
    const WallTime start = cluster_.now();
    faulty_ = scenario_.fault != simulate::Fault::none;
    co_await happening->start();
    look(true);
    const WallTime end = start + watched_for;
    bool returned = false;
    bool helped = happening->needs_help();
    for (WallTime next = start + step_length; cluster_.now() < end; next = cluster_.now() + step_length) {
      // The canaries go when a backend is first seen down.
      while (co_await cluster_.run(next, [this] { return look(false); })) co_await ask();
      co_await ask();
      co_await happening->step();
      helped = helped || happening->needs_help();
      look(true);
      if (helped && !returned && cluster_.now() - start >= returns_after) {
        returned = true;
        faulty_ = false;
        co_await happening->bring_back();
        look(true);
      }
      const bool due = !helped || returned;
      if (due && happening->done() && cluster_.now() - start >= least && all_back()) break;
    }
    co_return judge(helped, happening->remarks(), std::chrono::duration_cast<milliseconds>(cluster_.now() - start));
  }

 private:
  const Backend& backend(std::size_t i) const { return world_.backends[scenario_.backends[i]]; }

  bool is_up(std::size_t i) const {
    if (faulty_) return false;
    return backend(i).external || ready_endpoints(world_, backend(i)) > 0;
  }

  // Brings the sights up to date; true when canaries are due.
  bool look(bool whole) {
    if (!whole && cluster_.slice_changes() == seen_changes_) return false;
    seen_changes_ = cluster_.slice_changes();
    bool due = false;
    for (std::size_t i = 0; i < sights_.size(); ++i) {
      Sight& sight = sights_[i];
      const bool up = is_up(i);
      if (up != sight.up) {
        if (up) {
          sight.down += std::chrono::duration_cast<milliseconds>(cluster_.now() - sight.down_since);
        } else {
          sight.down_since = cluster_.now();
          sight.was_down = true;
        }
        sight.up = up;
      }
      due = due || (!up && !sight.asked);
    }
    return due;
  }

  // All endpoints that there were, or as many as there will be: nothing moves any more.
  bool all_back() const {
    for (std::size_t i = 0; i < sights_.size(); ++i) {
      if (!sights_[i].up) return false;
      if (!backend(i).external && ready_endpoints(world_, backend(i)) < backend(i).replicas && !cluster_.at_rest())
        return false;
    }
    return true;
  }

  net::Task<void> ask() {
    for (std::size_t i = 0; i < sights_.size(); ++i) {
      Sight& sight = sights_[i];
      if (sight.asked || sight.up) continue;
      sight.asked = true;
      for (std::size_t w : backend(i).webhooks) {
        const Webhook& webhook = world_.webhooks[w];
        Heard& heard = heard_[w];
        if (webhook.canaries.empty()) continue;
        // One is sent, for the real answer; the others that the webhook meets fare alike.
        const std::int64_t open_before = open_count(webhook.name);
        auto answer = co_await cluster_.ask(write_of(world_.canaries[webhook.canaries.front()]));
        const bool blocked = !answer && answer.error().message.find('"' + webhook.name + '"') != std::string::npos;
        if (blocked) heard.error = answer.error().message;
        if (!blocked && open_count(webhook.name) == open_before) continue;
        for (std::size_t c : webhook.canaries)
          (blocked ? heard.blocked : heard.passed).push_back(world_.canaries[c].what);
      }
    }
  }

  std::int64_t open_count(const std::string& webhook) const {
    auto found = cluster_.failed_open().find(webhook);
    return found == cluster_.failed_open().end() ? 0 : found->second;
  }

  Played judge(bool helped, const std::vector<std::string>& remarks, milliseconds length) {
    Played out;
    out.remarks = remarks;
    out.length = length;
    std::vector<std::size_t> down;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sights_.size(); ++i) {
      if (sights_[i].up) continue;
      down.push_back(scenario_.backends[i]);
      names.push_back(backend(i).id);
    }
    out.waits = waits_of(world_, down);
    out.wedged = wedged_of(out.waits, names);
    for (std::size_t i = 0; i < sights_.size(); ++i) {
      const Sight& sight = sights_[i];
      const bool wedged = std::find(out.wedged.begin(), out.wedged.end(), backend(i).id) != out.wedged.end();
      if (!sight.up && !wedged) out.remarks.push_back(why_down(backend(i), out.waits));
      for (std::size_t w : backend(i).webhooks) {
        WebhookResult result;
        result.webhook = w;
        Heard& heard = heard_[w];
        result.error = std::move(heard.error);
        result.blocked = std::move(heard.blocked);
        result.passed = std::move(heard.passed);
        if (sight.was_down) {
          result.down = sight.down;
          if (!sight.up) *result.down += std::chrono::duration_cast<milliseconds>(cluster_.now() - sight.down_since);
        }
        if (world_.webhooks[w].ignores)
          result.verdict = sight.was_down ? Verdict::degraded : Verdict::recovers;
        else if (wedged)
          result.verdict = Verdict::wedged;
        else if (!sight.up || (helped && sight.was_down))
          result.verdict = Verdict::recovers_after;
        out.results.push_back(std::move(result));
      }
    }
    return out;
  }

  // A backend that is not back although nothing keeps it in a circle.
  std::string why_down(const Backend& down, const std::vector<Wait>& waits) const {
    for (const Wait& wait : waits)
      if (wait.backend == down.id && !wait.on.empty())
        return "backend " + down.id + " waits for " + wait.on + " (webhook " + wait.webhook + ")";
    for (const auto& pod : pods_of(world_, down))
      if (const json::Array* conditions = json::array_at(pod->value, {"status", "conditions"}))
        for (const json::Value& condition : *conditions)
          if (json::string_at(condition, {"reason"}) == "Unschedulable")
            return "a pod of backend " + down.id +
                   " finds no node: " + std::string(json::string_at(condition, {"message"}));
    return "backend " + down.id + " is not back after " + std::to_string(watched_for.count()) + " minutes";
  }

  struct Heard {
    std::vector<std::string> blocked, passed;
    std::string error;
  };

  World& world_;
  simulate::VirtualCluster& cluster_;
  const Scenario& scenario_;
  std::vector<Sight> sights_;
  std::map<std::size_t, Heard> heard_;  // by webhook
  std::uint64_t seen_changes_ = 0;
  bool faulty_ = false;
};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::recovers:
      return "recovers";
    case Verdict::recovers_after:
      return "recovers-after";
    case Verdict::degraded:
      return "degraded";
    case Verdict::wedged:
      return "wedged";
  }
  return "";
}

net::Task<Played> play(World* world, Scenario scenario) {
  world->cluster->begin();
  Stage stage(*world, scenario);
  Played played = co_await stage.run();
  co_await world->cluster->take_back();
  co_return played;
}

}  // namespace gatepost::rehearse
