#include "report/json.h"

#include <chrono>
#include <cmath>
#include <fmt/format.h>

#include "base/time.h"
#include "json/write.h"

namespace gatepost::report {
namespace {

// Writes one JSON value after the other; knows commas and indentation. indent 0 prints one line.
class Printer {
 public:
  explicit Printer(int indent) : indent_(indent) {}

  void open(char bracket) { out_ += bracket, ++depth_, first_ = true; }
  void close(char bracket) {
    --depth_;
    if (!first_) break_line();
    out_ += bracket;
    first_ = false;
  }
  void item() {
    if (!first_) out_ += ',';
    break_line();
    first_ = false;
  }
  void key(std::string_view name) {
    item();
    json::write_string(name, out_);
    out_ += indent_ > 0 ? ": " : ":";
  }
  void text(std::string_view value) { json::write_string(value, out_); }
  void raw(std::string_view value) { out_ += value; }

  void field(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    text(value);
  }
  template <class Number>
  void field(std::string_view name, const std::optional<Number>& value) {
    if (!value) return;
    key(name);
    out_ += fmt::format("{}", *value);
  }
  void field(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    key(name);
    list(values);
  }
  void list(const std::vector<std::string>& values) {
    open('[');
    for (const std::string& value : values) item(), text(value);
    close(']');
  }
  std::string take() { return std::move(out_); }

 private:
  void break_line() {
    if (indent_ > 0) out_ += '\n', out_.append(static_cast<std::size_t>(indent_ * depth_), ' ');
  }
  int indent_;
  int depth_ = 0;
  bool first_ = true;
  std::string out_;
};

struct FactPrinter {
  Printer& out;
  void operator()(std::int64_t value) const { out.raw(fmt::format("{}", value)); }
  void operator()(double value) const { out.raw(std::isfinite(value) ? fmt::format("{}", value) : "null"); }
  void operator()(bool value) const { out.raw(value ? "true" : "false"); }
  void operator()(const std::string& value) const { out.text(value); }
  void operator()(const std::vector<std::string>& value) const { out.list(value); }
};

void print(Printer& out, const Facts& facts) {
  out.open('{');
  for (const Fact& fact : facts) {
    out.key(fact.name);
    std::visit(FactPrinter{out}, fact.value);
  }
  out.close('}');
}

void print(Printer& out, const std::vector<Evidence>& evidence) {
  out.open('[');
  for (const Evidence& one : evidence) {
    out.item();
    out.open('{');
    out.field("check", one.check);
    out.field("ok", one.ok);
    out.field("detail", one.detail);
    out.field("command", one.command);
    out.close('}');
  }
  out.close(']');
}

std::string time_text(std::int64_t seconds) {
  return rfc3339(WallTime(std::chrono::seconds(seconds)));
}

void print(Printer& out, const std::vector<CertificateSeen>& certificates) {
  out.open('[');
  for (const CertificateSeen& one : certificates) {
    out.item();
    out.open('{');
    out.field("place", one.place);
    out.field("ok", one.ok);
    out.field("subject", one.subject);
    out.field("issuer", one.issuer);
    out.field("sha256", one.sha256);
    out.field("notBefore", time_text(one.not_before));
    out.field("notAfter", time_text(one.not_after));
    out.field("names", one.names);
    out.close('}');
  }
  out.close(']');
}

void print(Printer& out, const std::vector<Latency>& latencies) {
  out.open('[');
  for (const Latency& one : latencies) {
    out.item();
    out.open('{');
    out.field("step", one.step);
    out.key("milliseconds");
    out.raw(fmt::format("{:.3f}", one.milliseconds));
    out.field("ended", std::optional(one.ended));
    out.close('}');
  }
  out.close(']');
}

void print(Printer& out, const WebhookLine& line) {
  out.open('{');
  out.field("context", line.context);
  out.field("webhook", line.webhook);
  out.field("configuration", line.configuration);
  out.field("state", to_string(line.state));
  out.field("cause", line.cause);
  out.field("rootCause", line.root_cause);
  out.field("vantage", line.vantage);
  out.field("note", line.note);
  out.field("milliseconds", line.milliseconds);
  out.close('}');
}

void print(Printer& out, const Timeline& timeline) {
  out.open('{');
  out.field("from", std::optional(timeline.from));
  out.field("stepSeconds", std::optional(timeline.step_seconds));
  out.key("counts");
  out.open('[');
  for (std::int64_t count : timeline.counts) out.item(), out.raw(fmt::format("{}", count));
  out.close(']');
  out.close('}');
}

void print_fields(Printer& out, const Finding& f) {
  if (f.outcome) out.field("outcome", to_string(*f.outcome));
  out.field("cause", f.cause);
  out.field("severity", to_string(f.severity));
  out.field("webhook", f.webhook);
  out.field("configuration", f.configuration);
  out.field("target", f.target);
  out.field("service", f.service);
  out.field("port", f.port);
  out.field("timeoutSeconds", f.timeout_seconds);
  out.field("tail", f.tail);
  out.field("count", f.count);
  out.field("firstSeen", f.first_seen);
  out.field("lastSeen", f.last_seen);
  out.field("rootCause", f.root_cause);
  out.field("vantage", f.vantage);
  out.field("context", f.context);
  out.field("rule", f.rule);
  out.field("file", f.file);
  out.field("line", f.line);
  out.field("column", f.column);
  out.field("path", f.path);
  out.field("scenario", f.scenario);
  out.field("verdict", f.verdict);
  out.field("message", f.message);
  if (!f.evidence.empty()) out.key("evidence"), print(out, f.evidence);
  if (!f.impact.empty()) out.key("impact"), print(out, f.impact);
  if (f.timeline) out.key("timeline"), print(out, *f.timeline);
  if (!f.certificates.empty()) out.key("certificates"), print(out, f.certificates);
  if (!f.latencies.empty()) out.key("latency"), print(out, f.latencies);
  out.field("next", f.next);
  if (f.fix) {
    out.key("fix");
    out.open('{');
    out.field("id", f.fix->id);
    out.field("summary", f.fix->summary);
    out.field("command", f.fix->command);
    out.close('}');
  }
}

}  // namespace

std::string render_json(const Report& report) {
  Printer out(2);
  out.open('{');
  out.field("schema", schema);
  out.field("command", report.command);
  if (report.time != 0) out.field("time", time_text(report.time));
  out.key("summary");
  print(out, report.summary);
  if (!report.webhooks.empty()) {
    out.key("webhooks");
    out.open('[');
    for (const WebhookLine& line : report.webhooks) out.item(), print(out, line);
    out.close(']');
  }
  out.key("findings");
  out.open('[');
  for (const Finding& finding : report.findings) {
    out.item();
    out.open('{');
    print_fields(out, finding);
    out.close('}');
  }
  out.close(']');
  out.close('}');
  return out.take() + "\n";
}

std::string render_json_line(const Finding& finding, std::string_view command) {
  Printer out(0);
  out.open('{');
  out.field("schema", schema);
  out.field("command", command);
  print_fields(out, finding);
  out.close('}');
  return out.take();
}

}  // namespace gatepost::report
