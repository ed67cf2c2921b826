#include <gtest/gtest.h>

#include "json/parse.h"
#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/terminal.h"

namespace gatepost::report {
namespace {

Finding full() {
  Finding f;
  f.outcome = Outcome::failing_open;
  f.cause = "eof";
  f.severity = Severity::warning;
  f.webhook = "a.b.io";
  f.configuration = "ValidatingWebhookConfiguration/conf";
  f.target = "https://a.b.svc:443/v?timeout=10s";
  f.service = "b/a";
  f.port = 443;
  f.timeout_seconds = 10;
  f.tail = "EOF";
  f.count = 3;
  f.first_seen = "2026-11-25T03:57:34Z";
  f.last_seen = "2026-11-25T03:58:34Z";
  f.root_cause = "backend-crashloop";
  f.evidence = {{"pods", false, "0 of 2 ready"}, {"tls", std::nullopt, "not tried"}};
  f.impact = {{"resources", std::vector<std::string>{"pods"}},
              {"blocked", true},
              {"share", 0.5},
              {"count", std::int64_t{7}},
              {"who", std::string("all")}};
  f.next = {"kubectl get pods"};
  f.fix = Fix{"restart-backend", "Restart it.", "kubectl rollout restart"};
  f.rule = "GP101";
  f.file = "a.yaml";
  f.line = 3;
  f.column = 5;
  f.path = "webhooks[0]";
  f.scenario = "outage";
  f.verdict = "wedged";
  return f;
}

TEST(Json, HasTheContractsKeysInOrder) {
  const std::string line = render_json_line(full(), "diagnose");
  std::size_t at = 0;
  for (const char* key : {"schema",   "command",   "outcome",  "cause",          "severity", "webhook", "configuration",
                          "target",   "service",   "port",     "timeoutSeconds", "tail",     "count",   "firstSeen",
                          "lastSeen", "rootCause", "rule",     "file",           "line",     "column",  "path",
                          "scenario", "verdict",   "evidence", "check",          "ok",       "detail",  "impact",
                          "next",     "fix",       "id",       "summary",        "command"}) {
    at = line.find("\"" + std::string(key) + "\":", at);
    ASSERT_NE(at, std::string::npos) << key << "\n" << line;
    ++at;
  }
  EXPECT_TRUE(json::parse(line, json::make_arena()));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(Json, LeavesOutWhatDoesNotApply) {
  Finding f;
  f.cause = "x";
  EXPECT_EQ(render_json_line(f, "lint"),
            R"({"schema":"gatepost.dev/v1","command":"lint","cause":"x","severity":"error"})");
  EXPECT_EQ(render_json({"explain", {}, {}}),
            "{\n  \"schema\": \"gatepost.dev/v1\",\n  \"command\": \"explain\",\n  \"summary\": {},\n  \"findings\": "
            "[]\n}\n");
}

TEST(Json, TheDocumentParses) {
  const auto value =
      json::parse(render_json({"explain", {{"errors", std::int64_t{2}}}, {full(), full()}}), json::make_arena());
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(json::array_at(*value, {"findings"})->size(), 2u);
  EXPECT_EQ(json::int_at(*value, {"summary", "errors"}), 2);
}

TEST(Terminal, Wraps) {
  EXPECT_EQ(wrap("one two three four", 2, 11), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrap("", 2, 10), "");
  EXPECT_EQ(wrap("unbreakablylongword x", 0, 5), "unbreakablylongword\nx\n");
}

TEST(Terminal, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("ü✓"), 2);
  EXPECT_EQ(display_width("日本"), 4);
  EXPECT_EQ(display_width("\xff\xfe"), 2);
}

TEST(Terminal, DrawsSparklines) {
  EXPECT_EQ(sparkline({0, 1, 8}, 10), " ▁█");
  EXPECT_EQ(sparkline({1, 1, 1, 1}, 2), "██");
  EXPECT_EQ(sparkline({}, 5), "");
}

TEST(Terminal, ColoursOnlyWhenAsked) {
  EXPECT_EQ(paint("x", Ink::red, {Color::never, 80}), "x");
  EXPECT_EQ(paint("x", Ink::red, {Color::always, 80}), "\x1b[31;1mx\x1b[0m");
}

TEST(Terminal, ListsFindings) {
  const std::string text = render_terminal({"lint", {}, {full()}}, {});
  for (const char* part :
       {"a.yaml:3:5: warning GP101", "- pods: 0 of 2 ready", "? tls", "$ kubectl get pods", "Restart it."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(Markdown, EscapesAndLists) {
  Finding f = full();
  f.tail = "<b>*x*\n# y";
  const std::string text = render_markdown({"diagnose", {}, {f}}, "T");
  for (const char* part :
       {"# T\n", "## warning: a.b.io\n", "- **root cause** backend-crashloop\n", "- **not ok** pods: 0 of 2 ready\n",
        "    kubectl get pods\n", "**Fix** Restart it.\n", "\\<b\\>\\*x\\* \\# y"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(Html, EscapesAndDraws) {
  EXPECT_EQ(escape_html("<a href=\"x\">&'\x01"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  Finding f = full();
  f.tail = "<b>";
  f.timeline = Timeline{1795579054, 60, {1, 0, 5}};
  const std::string page = render_html({"explain", {}, {f}}, "T<");
  EXPECT_EQ(page.find("<b>EOF"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("2026-11-25T03:57:34Z"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::report
