#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/structure.h"
#include "kube/validation/workload.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t most_parallel_indexed = 100000;

void validate_many_completions(Errors& errors, const Field& spec) {
  constexpr std::int64_t most = 10000;
  static constexpr const char* why =
      "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
  Field parallelism = spec["parallelism"], failed = spec["maxFailedIndexes"];
  if (!failed.present()) errors.required(failed, "must be specified when completions is above 100000");
  if (parallelism.integer() > most) errors.invalid(parallelism, why);
  if (failed.integer() > most) errors.invalid(failed, why);
}

// The name of the controller that manages the job: "acme.io/foo".
void validate_manager(Errors& errors, const Field& manager) {
  constexpr std::size_t longest = 63;
  if (!manager.present()) return;
  std::string_view text = manager.text(), host = text.substr(0, text.find('/'));
  std::string_view path = host.size() == text.size() ? std::string_view{} : text.substr(host.size() + 1);
  static constexpr std::string_view path_form = R"([A-Za-z0-9/\-._~%!$&'()*+,;=:]+)";
  auto in_path = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~%!$&'()*+,;=:").find(c) != std::string_view::npos;
  };
  if (text.empty()) {
    errors.required(manager);
  } else if (host.empty() || path.empty()) {
    errors.invalid(manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else {
    errors.invalid_each(manager, host, formats::dns1123_subdomain(host));
    if (!std::all_of(path.begin(), path.end(), in_path))
      errors.invalid_text(manager, path, formats::regex_complaint("Invalid path", path_form, {}));
  }
  if (text.size() > longest) errors.too_long(manager, longest);
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
    if (completions.integer() > most_parallel_indexed && backoff.present()) validate_many_completions(errors, spec);
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

// The labels and the selector that a job gets from its own name and uid.
void validate_generated_selector(Errors& errors, const Field& job) {
  Field spec = job["spec"], metadata = job["metadata"];
  Field selector = spec["selector"], pod_template = spec["template"];
  if (spec["manualSelector"].truth() || !selector.present()) return;
  Field template_metadata = pod_template["metadata"];
  Field labels = template_metadata["labels"];
  std::string_view uid = metadata["uid"].text(), name = metadata["name"].text();
  if (uid.empty()) errors.required(metadata["uid"]);
  const std::array<std::pair<std::string_view, std::string_view>, 4> expected = {
      {{"controller-uid", uid},
       {"job-name", name},
       {"batch.kubernetes.io/controller-uid", uid},
       {"batch.kubernetes.io/job-name", name}}};
  json::Value all = json::Value(json::Object{});
  for (const auto& [key, value] : expected) {
    all.get_object()[key] = value;
    Field label = labels.key(key);
    if (!label.value())
      errors.required(label, "must be '" + std::string(value) + "'");
    else if (label.text() != value)
      errors.invalid_shown(labels.key(key), shown_map(labels), "must be '" + std::string(value) + "'");
  }
  if (select(selector, labels.with(&all)) == Selection::passes_by)
    errors.invalid(selector, "`selector` not auto-generated");
}

void create_job(Errors& errors, const Field& job) {
  Field spec = job["spec"], metadata = job["metadata"];
  validate_generated_selector(errors, job);
  validate_job_spec(errors, spec);
  Field selector = spec["selector"];
  if (selector.present())
    validate_label_selector(errors, selector);
  else
    errors.required(selector);
  Field pod_template = spec["template"];
  Field template_metadata = pod_template["metadata"];
  if (select(selector, template_metadata["labels"]) == Selection::passes_by)
    errors.invalid_shown(template_metadata["labels"], shown_map(template_metadata["labels"]),
                         "`selector` does not match template `labels`");
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
  validate_manager(errors, spec["managedBy"]);
  validate_completion_mode(errors, spec);
  Field failure = spec["podFailurePolicy"], success = spec["successPolicy"], replacement = spec["podReplacementPolicy"];
  validate_failure_policy(errors, failure, spec);
  validate_success_policy(errors, success, spec);
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
