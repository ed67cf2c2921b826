#include "remedy/instructions.h"

#include <algorithm>
#include <fmt/format.h>

#include "embedded/instructions.h"
#include "explain/page.h"

namespace gatepost::remedy {
namespace {

struct Section {
  std::vector<std::string_view> roots, platforms;
  std::vector<std::string_view> lines;
};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = text.find_first_not_of(' '); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(' ', end);
  }
  return out;
}

struct Sections {
  std::vector<Section> all;
  std::vector<std::string> errors;

  Sections() {
    std::string_view text = embedded::instructions()[0].bytes;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      add(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (const Section& section : all)
      for (const std::string_view root : section.roots)
        if (!explain::find_page(root)) errors.emplace_back(root);
  }

 private:
  void add(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    const std::size_t bar = line.find('|');
    if (line.starts_with('[') && line.ends_with(']') && bar != std::string_view::npos) {
      all.push_back({words(line.substr(1, bar - 1)), words(line.substr(bar + 1, line.size() - bar - 2)), {}});
    } else if (all.empty()) {
      errors.emplace_back(line);
    } else {
      all.back().lines.push_back(line);
    }
  }
};

const Sections& sections() {
  static const Sections read;
  return read;
}

bool has(const std::vector<std::string_view>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

const Section* section_for(std::string_view id, std::string_view platform) {
  for (const Section& section : sections().all)
    if (has(section.roots, id) && (has(section.platforms, platform) || has(section.platforms, "*"))) return &section;
  return nullptr;
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string target_port(const Ill& ill) {
  for (const diagnose::Endpoint& endpoint : ill.backend.endpoints)
    if (endpoint.port > 0) return std::to_string(endpoint.port);
  const json::Value* target = ill.backend.service_port ? json::find(*ill.backend.service_port, "targetPort") : nullptr;
  if (target && target->is_int64()) return std::to_string(target->get_int64());
  return "9443";  // what most webhooks listen on
}

}  // namespace

Instruction instruct(const Scene& scene, const Ill& ill, std::string why) {
  Instruction out;
  out.webhook = ill.finding.webhook;
  out.cause = ill.finding.cause;
  out.root_cause = ill.finding.root_cause;
  out.platform = to_string(scene.platform);
  out.why = std::move(why);
  const Section* section = section_for(ill.finding.root_cause, out.platform);
  if (!section) section = section_for(ill.finding.cause, out.platform);
  if (!section) {
    if (const explain::Page* page = explain::find_page(ill.why())) out.lines.emplace_back(page->fix);
    return out;
  }
  std::string workload = "WORKLOAD";
  if (!ill.backend.workloads.empty())
    workload = json::string_at(*ill.backend.workloads.front().object, {"metadata", "name"});
  for (const std::string_view line : section->lines) {
    std::string filled(line);
    replace_all(filled, "{namespace}", ill.subject->by_service() ? ill.subject->service_namespace : "NAMESPACE");
    replace_all(filled, "{name}", ill.subject->by_service() ? ill.subject->service_name : "SERVICE");
    replace_all(filled, "{port}", std::to_string(ill.subject->port));
    replace_all(filled, "{webhook}", ill.finding.webhook);
    replace_all(filled, "{workload}", workload);
    replace_all(filled, "{target}", target_port(ill));
    out.lines.push_back(std::move(filled));
  }
  return out;
}

std::vector<std::string> instruction_errors() {
  return sections().errors;
}

}  // namespace gatepost::remedy
