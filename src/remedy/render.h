// Plans and what became of them, for a terminal and as JSON. No secret is ever printed: exact objects are only in
// private files.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "remedy/apply.h"
#include "remedy/backup.h"
#include "remedy/plan.h"
#include "remedy/restore.h"
#include "report/finding.h"
#include "report/terminal.h"

namespace gatepost::remedy {

std::string plan_text(const Plan& plan, const report::Style& style);
// One line a repair: "planned resync-ca-bundle w.test.io", "verified resync-ca-bundle w.test.io".
std::string plan_lines(const Plan& plan);
std::string result_lines(const ApplyResult& result);
std::string result_text(const ApplyResult& result, const report::Style& style);
std::string restore_text(const RestoreResult& result, const std::string& path);
// A line a backup.
std::string backup_line(const Backup& backup);

// {"schema", "command": "fix", "summary", "findings", "plan", "result"}; `result` may be null.
std::string fix_json(const report::Report& report, const Plan& plan, const ApplyResult* result);
std::string restore_json(const RestoreResult& result, const std::string& path);
std::string backups_json(const std::vector<Backup>& backups);

}  // namespace gatepost::remedy
