// Rules that the workload kinds share.
#pragma once

#include "kube/validation/field.h"

namespace gatepost::kube {

// "25%" or 3, not negative.
void validate_int_or_percent(Errors& errors, const Field& field);
void not_over_100_percent(Errors& errors, const Field& field);
std::int64_t int_or_percent(const Field& field);

// The spec of a Job, in a Job or a CronJob's template.
void validate_job_spec(Errors& errors, const Field& spec);

// What makes a job fail or succeed early; `spec` is the job's.
void validate_failure_policy(Errors& errors, const Field& policy, const Field& spec);
void validate_success_policy(Errors& errors, const Field& policy, const Field& spec);

// What is wrong with a CronJob's schedule, in the words of its reader; empty: nothing.
std::string cron_schedule_complaint(std::string_view schedule);

}  // namespace gatepost::kube
