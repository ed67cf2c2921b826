#include "remedy/lease.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "base/time.h"

namespace gatepost::remedy {
namespace {

constexpr std::int64_t lease_seconds = 60;

ObjectRef lease_ref() {
  return {"coordination.k8s.io/v1", "Lease", "kube-system", "gatepost-repair"};
}

// A lease's times have fractions, which do not matter here.
std::optional<WallTime> parse_micro_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  return parse_rfc3339(dot == std::string_view::npos ? std::string(text) : std::string(text.substr(0, dot)) + "Z");
}

std::string host() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string identity(std::string_view id) {
  return fmt::format("{} {} {}", id, host(), ::getpid());
}

}  // namespace

bool may_take_over(std::string_view holder, std::string_view id) {
  if (holder.empty() || holder == id || holder.starts_with(std::string(id) + " ")) return true;
  const std::size_t last = holder.rfind(' ');
  if (last == std::string_view::npos || !holder.substr(0, last).ends_with(" " + host())) return false;
  pid_t process = 0;
  const auto [end, error] = std::from_chars(holder.data() + last + 1, holder.data() + holder.size(), process);
  return error == std::errc() && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

json::Value Lease::wanted(const json::Value* present) const {
  const std::string now = rfc3339_micro(std::chrono::system_clock::now());
  json::Value out = present ? json::Value(*present, json::Storage()) : json::Value(json::Object{});
  if (!present) {
    out.get_object()["apiVersion"] = lease_ref().api_version;
    out.get_object()["kind"] = lease_ref().kind;
    json::Object& metadata = child(out, "metadata");
    metadata["name"] = lease_ref().name;
    metadata["namespace"] = lease_ref().ns;
  }
  json::Object& spec = child(out, "spec");
  spec["holderIdentity"] = identity(id_);
  spec["leaseDurationSeconds"] = lease_seconds;
  spec["renewTime"] = now;
  if (!held_) spec["acquireTime"] = now;
  return out;
}

net::Task<LeaseAnswer> Lease::take() {
  auto present = co_await api_->get(lease_ref());
  if (!present) co_return LeaseAnswer{Held::no, present.error().text};
  if (*present) {
    const std::string holder(json::string_at(**present, {"spec", "holderIdentity"}));
    const auto renewed = parse_micro_time(json::string_at(**present, {"spec", "renewTime"}));
    const auto until = std::chrono::seconds(json::int_at(**present, {"spec", "leaseDurationSeconds"}, lease_seconds));
    if (!may_take_over(holder, id_) && renewed && *renewed + until > std::chrono::system_clock::now())
      co_return LeaseAnswer{Held::by_other, fmt::format("another repair is under way ({}); its lease ends at {}",
                                                        holder, rfc3339(*renewed + until))};
  }
  const json::Value lease = wanted(*present ? &**present : nullptr);
  auto made = *present ? co_await api_->update(lease_ref(), "", lease, DryRun::no)
                       : co_await api_->create(lease_ref(), lease, DryRun::no);
  if (!made) {
    if (made.error().kind == ApiError::Kind::conflict)
      co_return LeaseAnswer{Held::by_other, "another repair has begun at the same moment"};
    co_return LeaseAnswer{Held::no, made.error().text};
  }
  held_ = true;
  co_return LeaseAnswer{Held::yes, ""};
}

net::Task<void> Lease::renew() {
  if (!held_) co_return;
  auto present = co_await api_->get(lease_ref());
  if (!present || !*present) co_return;
  const json::Value lease = wanted(&**present);
  (void)co_await api_->update(lease_ref(), "", lease, DryRun::no);
}

net::Task<void> Lease::release() {
  if (!held_) co_return;
  auto present = co_await api_->get(lease_ref());
  if (!present || !*present || json::string_at(**present, {"spec", "holderIdentity"}) != identity(id_)) co_return;
  json::Value lease(**present, json::Storage());
  child(lease, "spec")["holderIdentity"] = "";
  (void)co_await api_->update(lease_ref(), "", lease, DryRun::no);
  held_ = false;
}

}  // namespace gatepost::remedy
