// GP4, the caBundle: whether it is there, whom it trusts, and who keeps it up to date.
#include <map>

#include "lint/rules/common.h"
#include "lint/rules/validity.h"
#include "lint/trust.h"

namespace gatepost::lint {
namespace {

using State = Bundle::State;

template <class Each>
void for_each_bundle(const Model& model, Each each) {
  for (const Webhook& webhook : model.webhooks()) each(webhook, bundle_of(webhook));
}

void ca_bundle_missing(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    if (!webhook.service || webhook.is_api_server() || bundle.state != State::absent || is_kept_up(model, webhook))
      return;
    sink.add(webhook, "clientConfig.caBundle",
             fmt::format("no caBundle, and nothing that would put one in: the API server trusts nobody for {}",
                         webhook.service->host()));
  });
}

void ca_bundle_unparsable(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    if (bundle.state == State::unparsable)
      sink.add(webhook, "clientConfig.caBundle", fmt::format("the caBundle cannot be read: {}", bundle.reason));
  });
}

void ca_bundle_placeholder(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    if (bundle.state != State::placeholder) return;
    // The injector replaces what stands there.
    if (!injections(webhook).empty()) return;
    sink.add(webhook, "clientConfig.caBundle", "the caBundle is a placeholder that nobody has filled in");
  });
}

void ca_expiring(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    const x509::Certificate* longest = nullptr;
    for (const auto& one : bundle.certificates)
      if (!longest || one->not_after > longest->not_after) longest = one.get();
    if (!longest) return;
    const Remaining left = remaining(*longest, model);
    if (left.severity)
      sink.add(Hit{.manifest = webhook.owner,
                   .path = bundle_path(webhook),
                   .message = fmt::format("the CA {} {}", described(*longest), left.text),
                   .webhook = &webhook,
                   .severity = left.severity});
  });
}

void no_ca_automation(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    if (bundle.state == State::certificates && !model.from_cluster() && !is_kept_up(model, webhook))
      sink.add(webhook, "clientConfig.caBundle", "a caBundle written by hand, and nothing that would renew it");
    if (bundle.state == State::certificates && model.from_cluster() && !is_kept_up(model, webhook) &&
        webhook.owner->label("app.kubernetes.io/managed-by").empty())
      sink.add(webhook, "clientConfig.caBundle", "nothing is known to renew this caBundle");
  });
}

void bundle_hygiene(const Model& model, Sink& sink) {
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    auto add = [&](std::string message, std::optional<report::Severity> severity = std::nullopt) {
      sink.add(Hit{.manifest = webhook.owner,
                   .path = bundle_path(webhook),
                   .message = std::move(message),
                   .webhook = &webhook,
                   .severity = severity});
    };
    if (bundle.holds_private_key)
      add("a private key stands in the caBundle, which everybody may read", report::Severity::error);
    std::map<std::string, int> seen;
    for (const auto& one : bundle.certificates) {
      if (WallTime(one->not_after) < model.now()) add(fmt::format("{} in the bundle has expired", described(*one)));
      if (!one->is_ca) add(fmt::format("{} in the bundle is no CA", described(*one)));
      if (++seen[one->der] == 2) add(fmt::format("{} stands in the bundle twice", described(*one)));
    }
  });
}

void git_owns_injected_field(const Model& model, Sink& sink) {
  if (model.from_cluster()) return;
  for_each_bundle(model, [&](const Webhook& webhook, const Bundle& bundle) {
    // Objects that were exported from a cluster hold what was injected.
    const bool exported = webhook.owner->at({"metadata", "resourceVersion"}) || webhook.owner->at({"metadata", "uid"});
    if (exported || injections(webhook).empty()) return;
    if (bundle.state == State::certificates || bundle.state == State::unparsable)
      sink.add(webhook, "clientConfig.caBundle",
               fmt::format("{} fills in what is written here, too: two writers", injections(webhook)[0].key));
  });
}

constexpr Rule rules[] = {{"GP401", ca_bundle_missing},      {"GP402", ca_bundle_unparsable},
                          {"GP403", ca_bundle_placeholder},  {"GP404", ca_expiring},
                          {"GP410", no_ca_automation},       {"GP417", bundle_hygiene},
                          {"GP418", git_owns_injected_field}};

}  // namespace

std::span<const Rule> ca_bundle_rules() {
  return rules;
}

}  // namespace gatepost::lint
