// A rule is a text (catalogue.h) and one function, which looks at the model and tells what it finds.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lint/catalogue.h"
#include "lint/model.h"

namespace gatepost::lint {

// What a rule found. Where `webhook` is given, its policy and type decide the severity that the catalogue leaves open.
struct Hit {
  const Manifest* manifest = nullptr;
  Path path;
  std::string message;  // one sentence without a period
  const Webhook* webhook = nullptr;
  std::optional<report::Severity> severity = std::nullopt;  // by the rule itself
  // Place in a text that is no manifest (a chart's template).
  const SourceFile* file = nullptr;
  std::uint32_t line = 0, column = 0;
};

struct Found {
  const RuleText* rule;
  Hit hit;
  report::Severity severity;
};

class Sink {
 public:
  void begin(const RuleText& rule) { rule_ = &rule; }
  void add(Hit hit);
  // About a field of the webhook, such as "timeoutSeconds".
  void add(const Webhook& webhook, std::string_view field, std::string message);
  void add(const Webhook& webhook, const Path& field, std::string message);
  // About an object that the webhook needs.
  void add(const Manifest& manifest, Path path, std::string message, const Webhook* webhook = nullptr);

  std::vector<Found> take() { return std::move(found_); }

 private:
  const RuleText* rule_ = nullptr;
  std::vector<Found> found_;
};

using Check = void (*)(const Model& model, Sink& sink);

struct Rule {
  std::string_view id;
  Check check;
};

// One a file of rules/.
std::span<const Rule> scope_rules();         // GP101-GP118
std::span<const Rule> selector_rules();      // GP119-GP130
std::span<const Rule> policy_rules();        // GP2
std::span<const Rule> availability_rules();  // GP3
std::span<const Rule> ca_bundle_rules();     // GP401-GP404, GP410, GP417, GP418
std::span<const Rule> certificate_rules();   // the rest of GP4
std::span<const Rule> reference_rules();     // GP501-GP509, GP515-GP518
std::span<const Rule> network_rules();       // the rest of GP5
std::span<const Rule> semantics_rules();     // GP6
std::span<const Rule> loop_rules();          // GP7
std::span<const Rule> security_rules();      // GP8
std::span<const Rule> recorded_rules();      // GP907, GP908
std::span<const Rule> operations_rules();    // GP9

// All of them, in the order of ids.
std::vector<Rule> all_rules();

// Runs the rules that the settings leave on. Findings come in the order of the files and of the places in them.
std::vector<Found> run_rules(const Model& model);

}  // namespace gatepost::lint
