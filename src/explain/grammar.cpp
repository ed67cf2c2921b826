#include "explain/grammar.h"

#include <array>

#include "explain/clean.h"
#include "explain/pattern.h"
#include "explain/record_reader.h"
#include "explain/tail.h"
#include "explain/target.h"
#include "explain/unfold.h"

namespace gatepost::explain {
namespace {

using report::Outcome;

constexpr std::size_t close_to_end = 64;  // an error that ends so near a cut may have been cut

// The phrases of kube-apiserver that begin an error.
struct Phrases {
  Pattern calling{"failed calling <admission> webhook"};
  Pattern failing_open{", failing open"};
  Pattern failing_closed{", failing closed"};
  Pattern to_call{"failed to call webhook:"};
  Pattern denied{"admission webhook {q} denied the request"};
  Pattern unexplained{"without explanation"};
  Pattern admission{"admission webhook {q}"};
  Pattern no_dry_run{"does not support dry run"};
  Pattern modified{"attempted to modify the object, which is not supported for this operation"};
  Pattern conversion{"conversion webhook for {s} failed:"};
  Pattern allotted{
      "request did not complete within <the> <allotted> <requested> timeout< - context deadline exceeded>< context "
      "deadline exceeded>"};
  Pattern plugin{"admission plugin {q} failed to complete {a} in {a}"};
  Pattern handshake{"TLS handshake error from"};
  Pattern ca_bundle{"caBundle: Invalid value:"};
};

const Phrases& phrases() {
  static const Phrases all;
  return all;
}

void set_target(Occurrence& out, const Target& target) {
  out.target = target.url;
  out.service = target.service;
  out.port = target.port;
  out.timeout_seconds = target.timeout;
}

void set_tail(Occurrence& out, Tail tail) {
  out.tail = std::move(tail.text);
  out.cause = std::move(tail.cause);
  out.shape = tail.shape;
  out.literals = tail.literals;
  out.known = tail.known;
}

// The text of a link that an editor has made of a name: [name](url), <url|name>.
std::string unlinked(std::string_view name) {
  if (name.starts_with('[') && name.find("](") != std::string_view::npos)
    return std::string(name.substr(1, name.find("](") - 1));
  const std::size_t bar = name.find('|');
  if (name.starts_with('<') && name.ends_with('>') && bar != std::string_view::npos) {
    return std::string(name.substr(bar + 1, name.size() - bar - 2));
  }
  return std::string(name);
}

// [failed to call webhook:] [Post "URL":] tail
void read_call(const Unfolded& record, Reader& reader, Occurrence& out) {
  Before before = Before::webhook_name;
  while (reader.take(phrases().to_call)) before = Before::client_prefix;
  if (reader.breaks_off_in(phrases().to_call)) return;
  bool method = false;
  for (Target target; reader.request(target, method); target = {}) {
    if (before != Before::post_url) set_target(out, target);
    before = Before::post_url;
  }
  if (method && before != Before::post_url) return;  // broke off in the URL
  Tail tail = read_tail(record, reader.at(), before);
  reader.move_to(std::max(reader.at(), tail.end));
  set_tail(out, std::move(tail));
}

bool read_calling(const Unfolded& record, Reader& reader, Occurrence& out) {
  if (!reader.take(phrases().calling)) return false;
  bool named = false;
  for (int nested = 0; nested < 3; ++nested) {
    if (reader.take(phrases().failing_open))
      out.policy = Policy::failing_open;
    else if (reader.take(phrases().failing_closed))
      out.policy = Policy::failing_closed;
    std::string name;
    if (reader.quoted_name(name) || reader.bare_name(name)) out.webhook = unlinked(name), named = true;
    if (reader.broken()) break;
    const bool colon = reader.take(':');
    if (!named && !colon && out.policy == Policy::unknown) return false;  // prose about the error
    if (!reader.take(phrases().calling)) break;
  }
  if (!reader.broken()) read_call(record, reader, out);
  if (out.policy == Policy::failing_open) out.outcome = Outcome::failing_open;
  if (out.cause.empty()) out.cause = "truncated";
  return true;
}

bool read_denied(const Unfolded& record, Reader& reader, Occurrence& out) {
  const std::size_t start = reader.at();
  if (!reader.take(phrases().admission)) return false;
  const std::size_t behind_name = reader.at();
  reader.move_to(std::min(record.text.find_first_of("\"'`", start), record.text.size()));
  reader.quoted_name(out.webhook);
  reader.move_to(behind_name);
  const std::size_t verdict = behind_name;
  if (reader.take(phrases().no_dry_run) || reader.take(phrases().modified)) {
    out.tail = one_line(record, verdict, reader.at());
    out.known = true;
    const bool dry_run = out.tail.find("dry run") != std::string::npos;
    out.outcome = dry_run ? Outcome::other_subsystem : Outcome::failed;
    out.cause = dry_run ? "unrelated" : "bad-response";
    return true;
  }
  reader.move_to(start);
  if (!reader.take(phrases().denied)) return false;
  out.outcome = Outcome::denied;
  out.cause = "denied";
  if (reader.take(phrases().unexplained)) {
    out.tail = "denied the request without explanation";
    out.known = true;
    return true;
  }
  reader.take(':');
  Tail tail = read_message(record, reader.at());
  out.tail = std::move(tail.text);
  out.known = true;
  reader.move_to(std::max(reader.at(), tail.end));
  return true;
}

bool read_conversion(const Unfolded& record, Reader& reader, Occurrence& out) {
  const std::size_t start = reader.at();
  if (!reader.take(phrases().conversion)) return false;
  const std::string head = one_line(record, start, reader.at());
  const std::size_t from = std::string_view("conversion webhook for ").size();
  const std::size_t to = head.rfind(" failed");
  if (to != std::string::npos && to > from) out.subject = head.substr(from, to - from);
  read_call(record, reader, out);
  out.outcome = Outcome::conversion;
  out.cause = "conversion";
  return true;
}

bool read_budget(const Unfolded& record, Reader& reader, Occurrence& out) {
  const std::size_t start = reader.at();
  if (!reader.take(phrases().allotted) && !reader.take(phrases().plugin)) return false;
  out.tail = one_line(record, start, reader.at());
  out.cause = "request-budget-exhausted";
  out.known = true;
  return true;
}

bool read_handshake(const Unfolded& record, Reader& reader, Occurrence& out) {
  if (!reader.take(phrases().handshake)) return false;
  reader.space();
  std::size_t i = reader.at();
  while (i < record.text.size() && !is_space(record.text[i])) ++i;
  reader.move_to(i);
  Tail tail = read_tail(record, i, Before::post_url);
  if (!tail.known) return false;
  reader.move_to(tail.end);
  set_tail(out, std::move(tail));
  out.by_backend = true;
  return true;
}

bool read_ca_bundle(const Unfolded& record, Reader& reader, Occurrence& out) {
  const std::size_t start = reader.at();
  if (!reader.take(phrases().ca_bundle)) return false;
  const std::size_t value = record.text.find("Invalid", start);
  Tail tail = read_tail(record, reader.at(), Before::webhook_name);
  const Clause clause = classify(record.text, std::min(record.text.find("unable to", start), record.text.size()));
  const std::size_t end = clause.known ? clause.end : tail.end;
  reader.move_to(std::max(reader.at(), end));
  out.tail = one_line(record, value, end);
  out.outcome = Outcome::other_subsystem;
  out.cause = "bad-ca-bundle";
  out.known = true;
  return true;
}

bool read_front_cut(const Unfolded& record, Reader& reader, Occurrence& out) {
  const std::size_t start = reader.at();
  if (!reader.take(phrases().to_call)) return false;
  reader.move_to(start);
  read_call(record, reader, out);
  if (out.cause.empty()) out.cause = "truncated";
  return true;
}

using Rule = bool (*)(const Unfolded&, Reader&, Occurrence&);
constexpr std::array<Rule, 7> rules = {read_calling,   read_denied,    read_conversion, read_budget,
                                       read_handshake, read_ca_bundle, read_front_cut};

// Two letters that may begin a phrase: all that most positions cost.
bool may_begin(char c, char next) {
  switch (lower(c)) {
    case 'f':
      return next == 'a';
    case 'a':
      return next == 'd';
    case 'c':
      return next == 'o' || next == 'a';
    case 'r':
      return next == 'e';
    case 't':
      return next == 'L';
    default:
      return false;
  }
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

// Cheap refusal before the record is unfolded: the first words must be there, white space aside.
bool begins_phrase(std::string_view text) {
  static constexpr std::array<std::string_view, 9> openings = {
      "failedcalling",        "failedtocallwebhook",   "admissionwebhook",
      "conversionwebhookfor", "requestdidnotcomplete", "admissionplugin",
      "tlshandshakeerror",    "cabundle:invalid",      ""};
  std::array<char, 24> head{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size() && i < 200 && n < head.size(); ++i) {
    const char c = text[i];
    if (is_space(c) || static_cast<unsigned char>(c) >= 0x80 || c == '#' || c == '>' || c == '|') continue;
    if (c == '\\' && i + 1 < text.size() && text[i + 1] == 'n') {
      ++i;
      continue;
    }
    head[n++] = lower(c);
  }
  const std::string_view squeezed(head.data(), n);
  for (std::string_view opening : openings) {
    if (!opening.empty() && squeezed.starts_with(opening)) return true;
  }
  return false;
}

// The error that begins at `at`, looked for in the first `limit` bytes; in more when it reaches to their end.
std::optional<Occurrence> read_error(std::string_view text, std::size_t line, std::size_t at, std::size_t limit) {
  const Unfolded record = unfold(text, line, at, limit);
  for (Rule rule : rules) {
    Reader reader(record, 0);
    Occurrence found;
    if (!rule(record, reader, found)) continue;
    if (record.capped && limit < longest_record && reader.at() + close_to_end > record.text.size()) {
      return read_error(text, line, at, longest_record);
    }
    found.begin = at;
    found.end = reader.at() < record.origin.size() ? record.origin[reader.at()] : record.origin.back() + 1;
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Occurrence> read_errors(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Occurrence> out;
  end = std::min(end, text.size());
  std::size_t line = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
  for (std::size_t at = begin; at + 1 < end; ++at) {
    if (text[at] == '\n') {
      line = at + 1;
      continue;
    }
    if (!may_begin(text[at], text[at + 1]) || (at > 0 && is_letter(text[at - 1]) && text[at - 1] != 'n')) continue;
    if (!begins_phrase(text.substr(at))) continue;
    auto found = read_error(text, line, at, usual_record);
    if (!found) continue;
    at = std::max(at, found->end - 1);
    const std::size_t newline = text.rfind('\n', at);
    if (newline != std::string_view::npos && newline >= line) line = newline + 1;
    out.push_back(std::move(*found));
  }
  return out;
}

std::vector<Occurrence> read_text(std::string_view raw) {
  const std::string text = clean(raw);
  std::vector<Occurrence> out = read_errors(text, 0, text.size());
  return out.empty() ? read_fragments(text) : out;
}

}  // namespace gatepost::explain
