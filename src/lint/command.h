// `gatepost lint` behind its flags: from paths to the text on the output stream and the exit code.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/time.h"
#include "lint/model.h"
#include "lint/render_text.h"
#include "report/terminal.h"

namespace gatepost::lint {

enum class Output { text, json, sarif, junit, github, gitlab, markdown, html };
std::optional<Output> output_named(std::string_view name);

struct CommandOptions {
  std::vector<std::string> paths;  // "-": standard input
  std::vector<std::string> charts;
  std::string settings_file;  // empty: .gatepost.yaml of this folder, if it is there
  std::string profile;        // empty: the settings'
  std::vector<std::string> only, disable;
  std::vector<std::string> fail_on;  // severities, rules, any, none; empty: warning
  std::string baseline, write_baseline;
  std::string audit_log;  // a file; empty: none
  std::string explain;    // a rule's id
  bool list = false;
  bool advise = false;  // which policy fits each webhook, and which needs no backend
  bool fix = false;     // repairs files in place, then lints what is left
  bool diff = false;    // shows the repairs as a diff instead
  Output output = Output::text;
  Detail detail = Detail::full;
  report::Style style;
  WallTime now;
  unsigned threads = 1;
  // Objects that were read from a cluster; null: none were asked for.
  Manifests* cluster = nullptr;
  Observed observed;
  std::string cluster_name;
};

// 0 nothing found, 1 findings that --fail-on names, 2 an input or a setting that is wrong.
int run(const CommandOptions& options, int standard_input, std::ostream& out, std::ostream& complaints);

}  // namespace gatepost::lint
