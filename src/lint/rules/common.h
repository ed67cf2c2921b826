// What the rules of several groups say and ask alike.
#pragma once

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lint/rule.h"

namespace gatepost::lint {

// The resources field of the rule that brings the target to the webhook.
Path resources_path(const Model& model, const Webhook& webhook, const Target& target, Operations operations);

// The targets that the webhook is asked about, as text: "pods, nodes/status"; empty if there is none.
std::string asked_targets(const Model& model, const Webhook& webhook, std::span<const Target> targets,
                          Operations operations);
// The same in one namespace.
std::string asked_targets_in(const Model& model, const Webhook& webhook, std::span<const Target> targets,
                             Operations operations, std::string_view ns);

// A finding at the rule that names one of the targets; none if the webhook is asked about none of them.
// "{what} (pods, secrets)".
void add_targets(const Model& model, const Webhook& webhook, std::span<const Target> targets, Operations operations,
                 std::string_view what, Sink& sink);
void add_targets_in(const Model& model, const Webhook& webhook, std::span<const Target> targets, Operations operations,
                    std::string_view ns, std::string_view what, Sink& sink);

bool holds(const std::vector<std::string>& list, std::string_view item);
bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list);
std::string joined(const std::vector<std::string>& list, std::string_view separator = ", ");
std::string lowered(std::string_view text);

// Whether the built-in groups hold all that the webhook asks about: rules on custom resources alone reach nothing that
// a cluster lives on.
bool asks_for_builtin_namespaced(const Model& model, const Webhook& webhook);

// The name of what fails, for messages: "fails closed" or "fails open".
std::string_view how_it_fails(const Webhook& webhook);

// Namespaces that every cluster has and lives on.
inline constexpr std::string_view system_namespace = "kube-system", lease_namespace = "kube-node-lease";

}  // namespace gatepost::lint
