#include "explain/command.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <sys/stat.h>
#include <thread>

#include "explain/clean.h"
#include "explain/grammar.h"
#include "explain/log_reader.h"
#include "explain/log_time.h"
#include "explain/page.h"
#include "explain/screen.h"
#include "explain/summary.h"
#include "report/html.h"
#include "report/json.h"

namespace gatepost::explain {
namespace {

constexpr std::size_t largest_paste = 256 * 1024;  // above it, input is read as a log
constexpr std::size_t largest_screen = 4;          // kinds of failure that one screen may hold
constexpr std::size_t read_at_once = 256 * 1024;
constexpr std::size_t most_repeats = 4;  // of one error in one Status
constexpr int idle_after_ms = 300;
constexpr int follow_every_ms = 200;

std::string_view value_behind(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return "";
  const std::size_t begin = at + key.size();
  const std::size_t end = line.find('"', begin);
  return end == std::string_view::npos || end - begin > 253 ? "" : line.substr(begin, end - begin);
}

Result<std::optional<std::int64_t>> parse_since(std::string_view text, std::int64_t now) {
  if (text.empty()) return std::optional<std::int64_t>();
  if (auto time = parse_time(text)) return std::optional(*time);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  if (error != std::errc() || seconds == 0 || count < 0 || count > 100000000) {
    return fail(fmt::format("--since {}: write a time such as 90s, 15m, 2h, 3d or 2026-11-25T10:00:00Z", text));
  }
  return std::optional(now - count * seconds);
}

// A Status holds its message twice (message, details.causes): on one line the same error is one error.
bool repeats_in_line(const std::vector<Occurrence>& errors, std::size_t index, std::string_view text) {
  const Occurrence& error = errors[index];
  for (std::size_t i = index; i-- > 0 && index - i <= most_repeats;) {
    const Occurrence& earlier = errors[i];
    if (earlier.webhook != error.webhook || earlier.tail != error.tail || earlier.target != error.target) continue;
    return text.substr(earlier.begin, error.begin - earlier.begin).find('\n') == std::string_view::npos;
  }
  return false;
}

// Takes errors in, keeps those that the filters let through, and prints.
class Session {
 public:
  Session(const Options& options, std::ostream& out, std::optional<std::int64_t> since)
      : options_(options), out_(out), since_(since) {}

  void paste(std::string_view raw) {
    const std::string text = clean(raw);
    std::vector<Occurrence> errors = read_errors(text, 0, text.size());
    const bool audited = audit_lines(text);
    if (errors.empty() && !audited) errors = read_fragments(text);
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const Occurrence& error = errors[i];
      if (repeats_in_line(errors, i, text)) continue;
      const std::size_t newline = error.begin == 0 ? std::string::npos : text.rfind('\n', error.begin - 1);
      const std::size_t line = newline == std::string::npos ? 0 : newline + 1;
      const std::size_t end = std::min(text.find('\n', std::max(error.begin, line)), text.size());
      add(error, std::string_view(text).substr(line, end - line), error.begin - line, text);
    }
  }

  void log_line(const LogLine& line) {
    for (std::size_t i = 0; i < line.errors.size(); ++i) {
      const std::size_t begin = std::min(line.errors[i].begin, line.text.size());
      if (!repeats_in_line(line.errors, i, line.text)) add(line.errors[i], line.text, begin, line.text);
    }
    if (line.errors.empty() && !line.failed_open.empty()) add_audit(line.text, line.failed_open);
    as_log_ = true;
  }

  void live(bool on) { live_ = on; }

  int finish() {
    const auto order = as_log_ ? Summary::Order::most_frequent : Summary::Order::most_specific;
    const report::Report report = summary_.report(order);
    if (options_.output == Output::json)
      out_ << report::render_json(report);
    else if (options_.output == Output::html)
      out_ << report::render_html(report, "Webhook errors explained");
    else if (options_.output == Output::jsonl) {
      if (!live_) {
        for (const report::Finding& finding : report.findings)
          out_ << report::render_json_line(finding, "explain") << "\n";
      }
    } else if (options_.detail == Detail::lines) {
      for (const report::Finding& finding : report.findings) out_ << finding_line(finding) << "\n";
    } else if (report.findings.empty()) {
      out_ << "No error of a webhook call found.\n";
    } else if (as_log_ || report.findings.size() > largest_screen ||
               (summary_.total() > 12 && report.findings.size() > 1)) {
      out_ << log_screen(report, summary_.ticks(), options_.style);
    } else {
      out_ << error_screen(report, options_.style);
    }
    out_.flush();
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const report::Finding& f) { return fails(f); })
               ? 1
               : 0;
  }

 private:
  bool fails(const report::Finding& f) const {
    if (options_.fail_on.empty()) return f.severity != report::Severity::info;
    return std::any_of(options_.fail_on.begin(), options_.fail_on.end(), [&](const std::string& word) {
      return word == "any" || word == f.cause || word == to_string(f.severity) ||
             (f.outcome && word == to_string(*f.outcome));
    });
  }

  // Events of an audit log that tell of webhooks that failed open; those with an error of their own are found by it.
  bool audit_lines(std::string_view text) {
    bool any = false;
    for (std::size_t at = text.find("\"failed-open."); at != std::string_view::npos;
         at = text.find("\"failed-open.", at)) {
      const std::size_t newline = text.rfind('\n', at);
      const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(begin, end - begin);
      const std::string_view webhook = failed_open_webhook(line);
      if (!webhook.empty() && line.find("failed calling") == std::string_view::npos)
        add_audit(line, webhook), any = true;
      at = end;
    }
    return any;
  }

  // An audit event knows that a webhook failed open, but not why.
  void add_audit(std::string_view line, std::string_view webhook) {
    Occurrence error;
    error.outcome = report::Outcome::failing_open;
    error.policy = Policy::failing_open;
    error.cause = "truncated";
    error.webhook = webhook;
    add(error, line, line.size(), line);
  }

  void add(const Occurrence& error, std::string_view line, std::size_t at, std::string_view context) {
    if (!options_.webhook.empty() && error.webhook != options_.webhook) return;
    if (!options_.cause.empty() && error.cause != options_.cause) return;
    Seen seen;
    seen.time = log_time(line.substr(0, at), line.substr(std::min(at, line.size())), options_.now);
    if (since_ && seen.time && *seen.time < *since_) return;
    seen.context = context;
    seen.by_api_server =
        line.find("dispatcher.go:") != std::string_view::npos || line.find(" admission.go:") != std::string_view::npos;
    std::string resource;
    if (line.find("audit.k8s.io/") != std::string_view::npos) {
      seen.user = value_behind(line, "\"user\":{\"username\":\"");
      const std::size_t reference = line.find("\"objectRef\":{");
      if (reference != std::string_view::npos) {
        const std::string_view object = line.substr(reference, 600);
        resource = value_behind(object, "\"resource\":\"");
        const std::string_view space = value_behind(object, "\"namespace\":\"");
        if (!space.empty()) resource += " in " + std::string(space);
        seen.resource = resource;
      }
    }
    summary_.add(error, seen);
    if (!live_) return;
    if (options_.output == Output::jsonl)
      out_ << report::render_json_line(to_finding(error, context), "explain") << "\n" << std::flush;
    else if (options_.output == Output::text)
      out_ << error_line(error, seen.time) << "\n" << std::flush;
  }

  const Options& options_;
  std::ostream& out_;
  std::optional<std::int64_t> since_;
  Summary summary_;
  bool as_log_ = false;
  bool live_ = false;
};

// A bar on a terminal once the work takes longer than a second.
class Bar {
 public:
  Bar(const Options& options, std::ostream& err) : on_(options.progress == Progress::to_error_stream), err_(err) {}
  void show(const Input& input) {
    if (!on_ || input.size() <= 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(shown_ ? 200 : 1000)) return;
    last_ = now;
    shown_ = true;
    const auto done = static_cast<int>(input.consumed() * 40 / input.size());
    err_ << fmt::format("\r[{:<40}] {:>3} %", std::string(static_cast<std::size_t>(std::clamp(done, 0, 40)), '#'),
                        input.consumed() * 100 / input.size())
         << std::flush;
  }
  void clear() {
    if (shown_) err_ << "\r" << std::string(50, ' ') << "\r" << std::flush;
  }

 private:
  bool on_;
  bool shown_ = false;
  std::ostream& err_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Reads one input: what is small and whole as a paste, all else as a log.
Result<void> read_input(Input& input, const Options& options, Session& session, Bar& bar) {
  const auto stopped = [&] { return options.stop != nullptr && options.stop->load(std::memory_order_relaxed); };
  std::string start;
  bool live = options.follow == Follow::yes;
  while (!live && start.size() <= largest_paste) {
    if (input.size() < 0 && !input.wait(idle_after_ms)) {
      if (stopped()) return {};
      live = !start.empty();
      continue;
    }
    const std::size_t before = start.size();
    start.resize(before + 64 * 1024);
    auto got = input.read(start.data() + before, start.size() - before);
    if (!got) return fail_with(got.error());
    start.resize(before + *got);
    if (*got == 0) {
      session.paste(start);
      return {};
    }
  }

  session.live(live);
  LogReader reader([&](const LogLine& line) { session.log_line(line); });
  for (std::size_t at = 0; at < start.size();) {
    std::size_t room = 0;
    char* to = reader.buffer(room);
    const std::size_t count = std::min(room, start.size() - at);
    std::copy_n(start.data() + at, count, to);
    reader.advance(count);
    at += count;
  }
  start = std::string();
  while (!stopped()) {
    if (live && !input.wait(idle_after_ms)) {
      reader.flush();
      continue;
    }
    std::size_t room = 0;
    char* to = reader.buffer(room);
    auto got = input.read(to, std::min(room, read_at_once));
    if (!got) return fail_with(got.error());
    if (*got == 0) {
      if (options.follow == Follow::no || input.at_end()) break;
      reader.flush();
      std::this_thread::sleep_for(std::chrono::milliseconds(follow_every_ms));
      continue;
    }
    reader.advance(*got);
    bar.show(input);
  }
  reader.flush();
  return {};
}

bool is_file(const std::string& name) {
  struct stat found{};
  return name.size() < 4096 && name.find('\n') == std::string::npos && stat(name.c_str(), &found) == 0;
}

std::string list_causes() {
  std::string out;
  bool roots = false;
  for (const Page& page : pages()) {
    if (page.is_root && !roots) out += "\nRoot causes, as diagnose names them\n";
    roots = page.is_root;
    std::string id(page.id);
    id.resize(std::max<std::size_t>(id.size() + 1, 32), ' ');
    out += id + std::string(page.summary.substr(0, page.summary.find('\n'))) + "\n";
  }
  return out;
}

int wrong(std::ostream& err, const std::string& text) {
  err << "gatepost explain: " << text << "\n";
  return 2;
}

// --cause and --fail-on take words of closed lists; a misspelt one would silently match nothing.
Result<void> check_words(const Options& options) {
  if (!options.cause.empty() && find_page(options.cause) == nullptr)
    return fail(fmt::format("--cause {}: there is no such cause (gatepost explain --list names them)", options.cause));
  static constexpr std::string_view words[] = {"any",    "none",   "error",      "warning",         "info",
                                               "failed", "denied", "conversion", "other-subsystem", "failing-open"};
  for (const std::string& word : options.fail_on) {
    if (std::find(std::begin(words), std::end(words), word) == std::end(words) && find_page(word) == nullptr)
      return fail(
          fmt::format("--fail-on {}: write any, none, a severity (error, warning, info), an outcome or a cause", word));
  }
  return {};
}

bool looks_like_text(const std::string& argument) {
  return argument.find_first_of(" \n\t:\"") != std::string::npos;
}

}  // namespace

int run(const Options& options, int standard_input, std::ostream& out, std::ostream& err) {
  if (options.list == Listing::causes) {
    out << list_causes();
    return 0;
  }
  const auto since = parse_since(options.since, options.now);
  if (!since) return wrong(err, since.error().text);
  std::vector<std::string> arguments = options.arguments;
  if (arguments.empty()) arguments.emplace_back("-");
  if (arguments.size() == 1) {
    if (const Page* page = find_page(arguments[0])) {
      out << print_page(*page, {options.style.color == report::Color::always, options.style.width});
      return 0;
    }
  }
  if (auto known = check_words(options); !known) return wrong(err, known.error().text);
  Session session(options, out, *since);
  Bar bar(options, err);
  const bool files =
      std::all_of(arguments.begin(), arguments.end(), [](const std::string& a) { return a == "-" || is_file(a); });
  if (!files) {
    std::string text;
    for (const std::string& argument : arguments) text += (text.empty() ? "" : " ") + argument;
    if (!looks_like_text(text))
      return wrong(err, fmt::format("{}: no such file, and no such cause (gatepost explain --list names them)", text));
    session.paste(text);
    return session.finish();
  }
  for (const std::string& name : arguments) {
    auto input = name == "-" ? Result<Input>(Input::descriptor(standard_input, "standard input"))
                             : Input::open(name, options.follow);
    if (!input) return wrong(err, input.error().text);
    auto read = read_input(*input, options, session, bar);
    bar.clear();
    if (!read) return wrong(err, read.error().text);
  }
  return session.finish();
}

}  // namespace gatepost::explain
