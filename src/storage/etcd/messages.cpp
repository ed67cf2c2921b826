#include "storage/etcd/messages.h"

#include <charconv>

#include "base/base64.h"
#include "json/parse.h"

namespace gatepost::storage::etcd {
namespace {

constexpr std::size_t kMostDepth = 32;  // the gateway's answers have eight levels
constexpr std::size_t kMostQuoted = 200;

// A member with bytes, as JSON.
std::string bytes_member(std::string_view name, std::string_view bytes) {
  return "\"" + std::string(name) + "\":\"" + base64::encode(bytes) + "\"";
}

std::string number_member(std::string_view name, Revision number) {
  return "\"" + std::string(name) + "\":\"" + std::to_string(number) + "\"";
}

std::string txn_request(std::string_view key, Revision expected, const std::string& success) {
  return R"({"compare":[{"target":"MOD","result":"EQUAL",)" + bytes_member("key", key) + "," +
         number_member("mod_revision", expected) + R"(}],"success":[)" + success +
         R"(],"failure":[{"request_range":{)" + bytes_member("key", key) + "}}]}";
}

// A 64-bit number: a string of digits, or a number. 0 when it is left out or none.
Revision number_at(const json::Value& value, std::initializer_list<std::string_view> keys) {
  const json::Value* found = json::find_path(value, keys);
  if (!found) return 0;
  if (found->is_int64() && found->get_int64() > 0) return static_cast<Revision>(found->get_int64());
  if (!found->is_string()) return 0;
  const std::string_view digits = json::view(found->get_string());
  Revision number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

Result<json::Value> parse(std::string_view text) {
  auto value = json::parse(text, json::make_arena(text.size() + text.size() / 2 + 1024), {.max_depth = kMostDepth});
  if (!value) return fail("etcd: " + value.error().text);
  if (!value->is_object()) return fail("etcd: the answer is no object");
  return value;
}

Result<KeyValue> key_value(const json::Value& value) {
  KeyValue out;
  auto key = base64::decode(json::string_at(value, {"key"}));
  if (!key) return fail("etcd: a key: " + key.error().text);
  auto bytes = base64::decode(json::string_at(value, {"value"}));
  if (!bytes) return fail("etcd: a value: " + bytes.error().text);
  out.key = std::move(*key);
  out.value = std::move(*bytes);
  out.create_revision = number_at(value, {"create_revision"});
  out.mod_revision = number_at(value, {"mod_revision"});
  return out;
}

Result<std::vector<KeyValue>> key_values(const json::Value& range) {
  std::vector<KeyValue> out;
  const json::Array* list = json::array_at(range, {"kvs"});
  if (!list) return out;
  out.reserve(list->size());
  for (const json::Value& one : *list) {
    auto read = key_value(one);
    if (!read) return fail_with(std::move(read.error()));
    out.push_back(std::move(*read));
  }
  return out;
}

// The revision of the store, which every answer names.
Result<Revision> header_revision(const json::Value& answer) {
  const Revision revision = number_at(answer, {"header", "revision"});
  if (revision == 0) return fail("etcd: an answer without a revision");
  return revision;
}

}  // namespace

std::string range_request(const RangeQuery& query) {
  std::string out = "{" + bytes_member("key", query.key);
  if (!query.end.empty()) out += "," + bytes_member("range_end", query.end);
  if (query.limit > 0) out += "," + number_member("limit", query.limit);
  if (query.revision > 0) out += "," + number_member("revision", query.revision);
  return out + "}";
}

Result<RangeReply> parse_range_reply(std::string_view text) {
  auto answer = parse(text);
  if (!answer) return fail_with(std::move(answer.error()));
  RangeReply out;
  auto revision = header_revision(*answer);
  if (!revision) return fail_with(std::move(revision.error()));
  out.revision = *revision;
  auto found = key_values(*answer);
  if (!found) return fail_with(std::move(found.error()));
  out.found = std::move(*found);
  out.more = json::bool_at(*answer, {"more"});
  return out;
}

std::string put_request(std::string_view key, std::string_view value) {
  return "{" + bytes_member("key", key) + "," + bytes_member("value", value) + "}";
}

Result<Revision> parse_put_reply(std::string_view text) {
  auto answer = parse(text);
  if (!answer) return fail_with(std::move(answer.error()));
  return header_revision(*answer);
}

std::string put_if_request(std::string_view key, std::string_view value, Revision expected) {
  return txn_request(key, expected, "{\"request_put\":" + put_request(key, value) + "}");
}

std::string delete_if_request(std::string_view key, Revision expected) {
  return txn_request(key, expected, "{\"request_delete_range\":{" + bytes_member("key", key) + "}}");
}

Result<TxnReply> parse_txn_reply(std::string_view text) {
  auto answer = parse(text);
  if (!answer) return fail_with(std::move(answer.error()));
  TxnReply out;
  auto revision = header_revision(*answer);
  if (!revision) return fail_with(std::move(revision.error()));
  out.revision = *revision;
  out.succeeded = json::bool_at(*answer, {"succeeded"});
  if (out.succeeded) return out;
  const json::Array* responses = json::array_at(*answer, {"responses"});
  if (!responses || responses->size() != 1) return fail("etcd: a transaction without its answer");
  const json::Value* range = json::find((*responses)[0], "response_range");
  if (!range) return fail("etcd: a transaction without its answer");
  auto found = key_values(*range);
  if (!found) return fail_with(std::move(found.error()));
  if (!found->empty()) out.present = std::move(found->front());
  return out;
}

std::string watch_request(std::string_view key, std::string_view end, Revision from) {
  return "{\"create_request\":{" + bytes_member("key", key) + "," + bytes_member("range_end", end) + "," +
         number_member("start_revision", from) + ",\"progress_notify\":true,\"fragment\":true}}";
}

Result<WatchReply> parse_watch_reply(std::string_view line) {
  auto answer = parse(line);
  if (!answer) return fail_with(std::move(answer.error()));
  const json::Value* result = json::find(*answer, "result");
  if (!result || !result->is_object()) return fail(refusal_text(line));
  WatchReply out;
  out.revision = number_at(*result, {"header", "revision"});
  out.created = json::bool_at(*result, {"created"});
  out.canceled = json::bool_at(*result, {"canceled"});
  out.compacted = number_at(*result, {"compact_revision"});
  out.reason = json::string_at(*result, {"cancel_reason"});
  out.fragment = json::bool_at(*result, {"fragment"});
  const json::Array* events = json::array_at(*result, {"events"});
  if (!events) return out;
  out.events.reserve(events->size());
  for (const json::Value& one : *events) {
    const json::Value* kv = json::find(one, "kv");
    if (!kv) return fail("etcd: an event without a key");
    auto now = key_value(*kv);
    if (!now) return fail_with(std::move(now.error()));
    if (now->mod_revision == 0) return fail("etcd: an event without a revision");
    out.events.push_back({json::string_at(one, {"type"}) == "DELETE", std::move(*now)});
  }
  return out;
}

std::string compaction_request(Revision revision) {
  return "{" + number_member("revision", revision) + "}";
}

std::string refusal_text(std::string_view text) {
  if (auto answer = json::parse(text, json::make_arena(), {.max_depth = kMostDepth})) {
    const json::Value* error = json::find(*answer, "error");
    std::string_view said = json::string_at(*answer, {"error"});
    if (error && error->is_object()) said = json::string_at(*error, {"message"});
    if (said.empty()) said = json::string_at(*answer, {"message"});
    if (!said.empty()) return std::string(said);
  }
  return "etcd: unexpected answer: " + std::string(text.substr(0, kMostQuoted));
}

}  // namespace gatepost::storage::etcd
