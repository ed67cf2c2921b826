#include "rehearse/junit.h"

#include <fstream>

#include "report/html.h"

namespace gatepost::rehearse {
namespace {

// XML has no form for most control characters.
std::string escaped(std::string_view text) {
  std::string clean;
  for (char byte : text) clean += static_cast<unsigned char>(byte) < 0x20 && byte != '\n' && byte != '\t' ? ' ' : byte;
  return report::escape_html(clean);
}

}  // namespace

std::string render_junit(const Rehearsal& rehearsal) {
  const report::Report report = report_of(rehearsal);
  std::string suites;
  std::size_t tests = 0, failures = 0;
  for (const Act& act : rehearsal.acts) {
    std::string cases;
    std::size_t wedged = 0, count = 0;
    for (const report::Finding& finding : report.findings) {
      if (finding.scenario != act.scenario.name) continue;
      bool concerned = false;
      for (const WebhookResult& result : act.played.results) {
        const Webhook& webhook = rehearsal.world.webhooks[result.webhook];
        concerned = concerned || (webhook.name == finding.webhook && webhook.configuration == finding.configuration);
      }
      if (!concerned) continue;
      ++count;
      cases += "    <testcase classname=\"" + escaped(finding.configuration) + "\" name=\"" + escaped(finding.webhook) +
               "\"";
      if (finding.verdict != "wedged") {
        cases += "><system-out>" + escaped(finding.verdict + ": " + finding.message) + "</system-out></testcase>\n";
        continue;
      }
      ++wedged;
      std::string detail;
      for (const report::Evidence& evidence : finding.evidence) detail += evidence.detail + "\n";
      cases += ">\n      <failure type=\"wedged\" message=\"" + escaped(finding.message) + "\">" + escaped(detail) +
               "</failure>\n    </testcase>\n";
    }
    std::string name = act.scenario.name;
    if (act.scenario.backends.size() == 1) name += " of " + rehearsal.world.backends[act.scenario.backends.front()].id;
    suites += "  <testsuite name=\"" + escaped(name) + "\" tests=\"" + std::to_string(count) + "\" failures=\"" +
              std::to_string(wedged) + "\">\n" + cases + "  </testsuite>\n";
    tests += count;
    failures += wedged;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gatepost rehearse\" tests=\"" +
         std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\">\n" + suites + "</testsuites>\n";
}

Result<void> write_junit(const Rehearsal& rehearsal, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << render_junit(rehearsal);
  file.close();
  if (!file) return fail(path + " cannot be written");
  return {};
}

}  // namespace gatepost::rehearse
