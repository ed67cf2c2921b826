// From sources to findings: read, join, judge, take out what is accepted.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "lint/fix.h"
#include "lint/model.h"
#include "lint/rule.h"
#include "lint/source.h"
#include "report/finding.h"

namespace gatepost::lint {

struct LintInput {
  Sources sources;
  Manifests cluster;  // objects read from a cluster; empty otherwise
  Origin origin = Origin::files;
  std::string origin_name;  // of the cluster
  Observed observed;
  SourceFile audit_log;  // that `observed` points at; its text is shown
};

struct LintOptions {
  Settings settings;
  WallTime now;
  unsigned threads = 1;
  bool plan_fixes = false;
  bool advise = false;
  std::string baseline;  // the text of an earlier report (-o json); empty: none
};

// A finding with what only the text form needs: the bytes it is about.
struct LintFinding {
  report::Finding finding;
  const SourceFile* file = nullptr;
  Place place;
  std::string why;
};

struct LintResult {
  std::vector<LintFinding> findings;
  std::vector<InputProblem> problems;
  std::vector<std::string> notes;  // what was passed over: templates, acceptances that do not count
  std::size_t files = 0, documents = 0, webhooks = 0;
  std::vector<std::string> advice;  // where it was asked for
  std::vector<FileEdits> edits;     // where repairs were asked for
  std::size_t exempted = 0, in_baseline = 0;

  report::Report report() const;
};

// The input outlives the result. The error: a baseline that is no report.
Result<LintResult> lint(LintInput& input, const LintOptions& options);

}  // namespace gatepost::lint
