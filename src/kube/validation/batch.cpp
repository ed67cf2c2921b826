#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/workload.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t most_parallel_indexed = 100000;

void validate_failure_policy_rule(Errors& errors, const Field& rule, const Field& spec) {
  Field action = rule["action"], codes = rule["onExitCodes"], conditions = rule["onPodConditions"];
  if (action.text().empty())
    errors.required(action, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
  else if (action.is("FailIndex")) {
    if (!spec["backoffLimitPerIndex"].present()) errors.invalid(action, "requires the backoffLimitPerIndex to be set");
  } else if (!action.is_one_of({"Count", "FailJob", "Ignore"})) {
    errors.not_supported(action, {"Count", "FailIndex", "FailJob", "Ignore"});
  }
  if (codes.present()) {
    Field op = codes["operator"];
    if (op.text().empty())
      errors.required(op, "valid values: [\"In\" \"NotIn\"]");
    else if (!op.is_one_of({"In", "NotIn"}))
      errors.not_supported(op, {"In", "NotIn"});
  }
  for_each(conditions, [&](const Field& condition) {
    Field type = condition["type"], status = condition["status"];
    errors.invalid_each(type, type.text(), formats::label_key(type.text()));
    if (status.text().empty())
      errors.required(status, "valid values: [\"False\" \"True\" \"Unknown\"]");
    else if (!status.is_one_of({"False", "True", "Unknown"}))
      errors.not_supported(status, {"False", "True", "Unknown"});
  });
  if (codes.present() == !conditions.empty())
    errors.invalid_omitted(rule, codes.present() ? "specifying both OnExitCodes and OnPodConditions is not supported"
                                                 : "specifying one of OnExitCodes and OnPodConditions is required");
}

void validate_completion_mode(Errors& errors, const Field& spec) {
  Field mode = spec["completionMode"], completions = spec["completions"], parallelism = spec["parallelism"],
        failed = spec["maxFailedIndexes"], backoff = spec["backoffLimitPerIndex"];
  if (mode.present() && !mode.is_one_of({"NonIndexed", "Indexed"}))
    errors.not_supported(mode, {"NonIndexed", "Indexed"});
  if (mode.is("Indexed")) {
    if (!completions.present()) errors.required(completions, "when completion mode is Indexed");
    if (parallelism.integer() > most_parallel_indexed)
      errors.invalid(parallelism, "must be less than or equal to 100000 when completion mode is Indexed");
    if (completions.present() && failed.integer() > completions.integer())
      errors.invalid(failed, "must be less than or equal to completions");
    if (failed.integer() > most_parallel_indexed) errors.invalid(failed, "must be less than or equal to 100000");
  }
  if (mode.present() && !mode.is("NonIndexed")) return;
  if (backoff.present()) errors.invalid(backoff, "requires indexed completion mode");
  if (failed.present()) errors.invalid(failed, "requires indexed completion mode");
}

void validate_job_restart(Errors& errors, const Field& spec) {
  Field pod_template = spec["template"];
  Field pod_spec = pod_template["spec"];
  Field restart = pod_spec["restartPolicy"];
  if (restart.text().empty() || restart.is("Always"))
    errors.required(restart, "valid values: \"OnFailure\", \"Never\"");
  else if (!restart.is_one_of({"OnFailure", "Never"}))
    errors.not_supported(restart, {"OnFailure", "Never"});
  else if (spec["podFailurePolicy"].present() && !restart.is("Never"))
    errors.invalid(restart, "only \"Never\" is supported when podFailurePolicy is specified");
}

void create_job(Errors& errors, const Field& job) {
  Field spec = job["spec"], metadata = job["metadata"];
  validate_job_spec(errors, spec);
  Field selector = spec["selector"];
  if (selector.present()) {
    validate_label_selector(errors, selector);
    Field pod_template = spec["template"];
    Field template_metadata = pod_template["metadata"];
    if (!selects(selector, template_metadata["labels"]))
      errors.invalid(template_metadata["labels"], "`selector` does not match template `labels`");
  }
  std::int64_t completions = spec["completions"].integer();
  if (!spec["completionMode"].is("Indexed") || completions <= 0) return;
  std::string host = std::string(metadata["name"].text()) + "-" + std::to_string(completions - 1);
  if (!formats::dns1123_label(host).empty())
    errors.invalid(metadata["name"], "will not able to create pod with invalid DNS label: " + host);
}

void update_job(Errors& errors, const Field& job, const Field& old_job) {
  create_job(errors, job);
  Field spec = job["spec"], old_spec = old_job["spec"];
  if (!spec["completionMode"].is("Indexed"))
    immutable_unless_equal(errors, spec["completions"], old_spec["completions"]);
  else if (!equal(spec["completions"], old_spec["completions"]) && spec["completions"].present() &&
           spec["completions"].integer() != spec["parallelism"].integer())
    errors.invalid(spec["completions"], "can only be modified in tandem with spec.parallelism");
  immutable_unless_equal(errors, spec["selector"], old_spec["selector"]);
  if (!old_spec["suspend"].truth()) immutable_unless_equal(errors, spec["template"], old_spec["template"]);
  for (std::string_view name :
       {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"})
    immutable_unless_equal(errors, spec[name], old_spec[name]);
}

bool is_known_time_zone(std::string_view name) {
  if (name == "UTC") return true;
  std::error_code error;
  return std::filesystem::is_regular_file("/usr/share/zoneinfo/" + std::string(name), error);
}

void validate_time_zone(Errors& errors, const Field& zone) {
  if (!zone.present()) return;
  std::string_view text = zone.text();
  if (text.empty()) {
    errors.invalid(zone, "timeZone must be nil or non-empty string");
    return;
  }
  auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+").find(c) != std::string_view::npos;
  };
  for (std::string_view rest = text;;) {
    std::string_view part = rest.substr(0, rest.find('/'));
    if (part.empty() || part == "." || part == ".." || part.starts_with('-') ||
        !std::all_of(part.begin(), part.end(), allowed)) {
      errors.invalid(zone, "unknown time zone " + std::string(text));
      return;
    }
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (lower == "local")
    errors.invalid(zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  if (text != "Local" && !is_known_time_zone(text)) errors.invalid(zone, "unknown time zone " + std::string(text));
}

void validate_cron_job(Errors& errors, const Field& object, const Field* old_object) {
  Field spec = object["spec"];
  Field schedule = spec["schedule"], zone = spec["timeZone"];
  bool old_zone_in_schedule = false, zone_kept = false;
  if (old_object) {
    Field old_spec = (*old_object)["spec"];
    old_zone_in_schedule = old_spec["schedule"].text().find("TZ") != std::string_view::npos;
    zone_kept = equal(zone, old_spec["timeZone"]);
  }
  if (schedule.text().empty()) {
    errors.required(schedule);
  } else {
    if (std::string complaint = cron_schedule_complaint(schedule.text()); !complaint.empty())
      errors.invalid(schedule, complaint);
    if (schedule.text().find("TZ") != std::string_view::npos) {
      if (!old_zone_in_schedule)
        errors.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
      else if (zone.present())
        errors.invalid(schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
    }
  }
  errors.non_negative(spec["startingDeadlineSeconds"]);
  if (!zone_kept) validate_time_zone(errors, zone);
  errors.choice(spec["concurrencyPolicy"], {"Allow", "Forbid", "Replace"});
  Field job_template = spec["jobTemplate"];
  Field job_spec = job_template["spec"];
  validate_job_spec(errors, job_spec);
  if (job_spec["selector"].present()) errors.invalid(job_spec["selector"], "`selector` will be auto-generated");
  if (job_spec["manualSelector"].truth()) errors.not_supported(job_spec["manualSelector"], {"nil", "false"});
  errors.non_negative(spec["successfulJobsHistoryLimit"]);
  errors.non_negative(spec["failedJobsHistoryLimit"]);
}

void create_cron_job(Errors& errors, const Field& object) {
  validate_cron_job(errors, object, nullptr);
  Field metadata = object["metadata"];
  if (metadata["name"].text().size() > 52) errors.invalid(metadata["name"], "must be no more than 52 characters");
}

void update_cron_job(Errors& errors, const Field& object, const Field& old_object) {
  validate_cron_job(errors, object, &old_object);
}

}  // namespace

void validate_job_spec(Errors& errors, const Field& spec) {
  for (std::string_view name : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                                "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"})
    errors.non_negative(spec[name]);
  if (spec["maxFailedIndexes"].present() && !spec["backoffLimitPerIndex"].present())
    errors.required(spec["backoffLimitPerIndex"], "when maxFailedIndexes is specified");
  validate_completion_mode(errors, spec);
  Field failure = spec["podFailurePolicy"], success = spec["successPolicy"], replacement = spec["podReplacementPolicy"];
  Field rules = failure["rules"];
  if (rules.size() > 20) errors.too_many(rules, rules.size(), 20);
  for_each(rules, [&](const Field& rule) { validate_failure_policy_rule(errors, rule, spec); });
  if (success.present()) {
    if (!spec["completionMode"].is("Indexed")) {
      errors.invalid(success, "requires indexed completion mode");
    } else if (success["rules"].empty()) {
      errors.required(success["rules"], "at least one rules must be specified when the successPolicy is specified");
    }
  }
  if (replacement.present()) {
    if (failure.present()) {
      if (!replacement.is("Failed")) errors.not_supported(replacement, {"Failed"});
    } else if (!replacement.is_one_of({"Failed", "TerminatingOrFailed"})) {
      errors.not_supported(replacement, {"Failed", "TerminatingOrFailed"});
    }
  }
  validate_pod_template(errors, spec["template"]);
  validate_job_restart(errors, spec);
}

std::span<const KindRules> batch_rules() {
  static constexpr std::array rows = {
      KindRules{"batch", "Job", create_job, update_job},
      KindRules{"batch", "CronJob", create_cron_job, update_cron_job},
  };
  return rows;
}

}  // namespace gatepost::kube
