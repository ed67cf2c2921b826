#include "apiserver/audit/record.h"

#include <algorithm>

#include "apiserver/metadata.h"
#include "base/random.h"
#include "formats/go_duration.h"
#include "formats/ip.h"
#include "json/parse.h"
#include "json/write.h"
#include "yaml/convert.h"

namespace gatepost::apiserver::audit {
namespace {

constexpr std::string_view status_head = R"({"kind":"Status","apiVersion":"v1","metadata":{},)";

class Printer {
 public:
  Printer() { out_.reserve(1024); }

  void text(std::string_view key, std::string_view value) {
    name(key);
    json::write_string(value, out_);
  }
  void text_unless_empty(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void raw(std::string_view key, std::string_view value) {
    name(key);
    out_ += value;
  }
  void list(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    name(key);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      json::write_string(values[i], out_);
    }
    out_ += ']';
  }
  void open(std::string_view key) {
    if (!key.empty()) name(key);
    out_ += '{';
    first_ = true;
  }
  void close() {
    out_ += '}';
    first_ = false;
  }
  std::string take() { return std::move(out_); }

 private:
  void name(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    json::write_string(key, out_);
    out_ += ':';
  }

  std::string out_;
  bool first_ = true;
};

void print_user(Printer& out, std::string_view key, const admission::UserInfo& user) {
  out.open(key);
  out.text_unless_empty("username", user.name);
  out.text_unless_empty("uid", user.uid);
  out.list("groups", user.groups);
  if (!user.extra.empty()) {
    out.open("extra");
    for (const auto& [name, values] : user.extra) out.list(name, values);
    out.close();
  }
  out.close();
}

void print_object_ref(Printer& out, const ObjectRef& object) {
  out.open("objectRef");
  out.text_unless_empty("resource", object.resource);
  out.text_unless_empty("namespace", object.ns);
  out.text_unless_empty("name", object.name);
  out.text_unless_empty("uid", object.uid);
  out.text_unless_empty("apiGroup", object.group);
  out.text_unless_empty("apiVersion", object.version);
  out.text_unless_empty("resourceVersion", object.resource_version);
  out.text_unless_empty("subresource", object.subresource);
  out.close();
}

// The first value of an annotation counts, as in the real log.
void print_annotations(Printer& out, const Record& record) {
  if (record.annotations.empty()) return;
  std::vector<const std::pair<std::string, std::string>*> sorted;
  for (const auto& annotation : record.annotations) sorted.push_back(&annotation);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
  auto same = [](auto* a, auto* b) { return a->first == b->first; };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  out.open("annotations");
  for (const auto* annotation : sorted) out.text(annotation->first, annotation->second);
  out.close();
}

void fill(std::string& into, const json::Value& object, const char* field) {
  if (into.empty()) into = json::string_at(object, {"metadata", field});
}

const json::Value without_managed_fields(const json::Value& object) {
  json::Value copy(object, object.storage());
  if (copy.is_object())
    if (json::Value* metadata = copy.get_object().if_contains("metadata"); metadata && metadata->is_object())
      metadata->get_object().erase("managedFields");
  return copy;
}

// The address without its port and brackets.
std::string host_of(std::string_view address) {
  std::string_view host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// What proxies say about the client, then who really speaks.
std::vector<std::string> source_ips(const net::http::Headers& headers, const net::http::Peer& peer) {
  std::vector<std::string> ips;
  std::string_view forwarded = headers.get("X-Forwarded-For");
  while (!forwarded.empty()) {
    std::string_view one = trimmed(forwarded.substr(0, forwarded.find(',')));
    forwarded.remove_prefix(
        std::min(forwarded.size(), forwarded.find(',') == forwarded.npos ? forwarded.size() : forwarded.find(',') + 1));
    if (auto ip = formats::parse_ip(one)) ips.push_back(formats::ip_text(*ip));
  }
  auto add = [&](const std::string& ip) {
    if (ips.empty() || ips.back() != ip) ips.push_back(ip);
  };
  if (auto real = formats::parse_ip(headers.get("X-Real-Ip"))) {
    std::string ip = formats::ip_text(*real);
    if (std::find(ips.begin(), ips.end(), ip) == ips.end()) ips.push_back(ip);
  }
  if (auto remote = formats::parse_ip(host_of(peer.address))) add(formats::ip_text(*remote));
  return ips;
}

std::string bounded_agent(std::string_view agent) {
  constexpr std::size_t most = 1024;
  return agent.size() <= most ? std::string(agent) : std::string(agent.substr(0, most)) + "...TRUNCATED";
}

}  // namespace

Record begin(const net::http::Request& request, const net::http::Peer& peer, const RequestInfo& info,
             const admission::UserInfo& user, Decision decision, WallTime received) {
  Record record;
  record.decision = decision;
  record.received = received;
  std::string_view id = request.headers.get("Audit-ID");
  record.id = id.empty() ? random_uuid() : std::string(id.substr(0, 64));
  record.uri = request.target;
  record.verb = info.verb;
  record.user = user;
  record.source_ips = source_ips(request.headers, peer);
  record.user_agent = bounded_agent(request.headers.get("User-Agent"));
  record.has_object = info.is_resource;
  record.object = {info.resource, info.ns, info.name, "", info.group, info.version, "", info.subresource};
  return record;
}

void annotate_latencies(Record& record, std::chrono::nanoseconds total) {
  constexpr auto slow = std::chrono::milliseconds(500);
  if (total <= slow) return;
  record.latencies.emplace_back("total", total);
  for (const auto& [layer, time] : record.latencies)
    if (time > std::chrono::nanoseconds(0))
      record.annotations.emplace_back(std::string("apiserver.latency.k8s.io/") + layer,
                                      formats::go_duration_text(time));
}

void take_request_object(Record& record, const json::Value& object) {
  fill(record.object.ns, object, "namespace");
  fill(record.object.name, object, "name");
  fill(record.object.uid, object, "uid");
  fill(record.object.resource_version, object, "resourceVersion");
  if (record.decision.level < Level::request) return;
  record.request_object = record.decision.omit_managed_fields ? encode(without_managed_fields(object)) : encode(object);
}

void take_patch(Record& record, std::string_view patch) {
  if (record.decision.level < Level::request) return;
  if (auto parsed = json::parse(patch, json::make_arena()); parsed)
    record.request_object = json::write(*parsed);
  else if (auto converted = yaml::parse(patch, json::make_arena()); converted)
    record.request_object = json::write(*converted);
}

void take_response(Record& record, int code, std::string_view body) {
  record.response_code = code;
  std::string compact;
  if (body.starts_with("{\n")) {  // indented for a person
    if (auto parsed = json::parse(body, json::make_arena(body.size() * 2))) compact = json::write(*parsed);
    body = compact;
  }
  if (body.starts_with(status_head)) {
    std::string_view members = body.substr(status_head.size());
    record.response_status = members.substr(0, members.rfind('}'));
    // The code stands at the end of a Status, and is printed from what was sent.
    if (std::size_t at = record.response_status.rfind(",\"code\":");
        at != std::string::npos && record.response_status.find_first_not_of("0123456789", at + 8) == std::string::npos)
      record.response_status.erase(at);
  }
  if (record.decision.level < Level::request_response || body.empty()) return;
  auto parsed = json::parse(body, json::make_arena(body.size() * 2));
  if (!parsed) return;
  record.response_object = json::write(record.decision.omit_managed_fields ? without_managed_fields(*parsed) : *parsed);
}

std::string print(const Record& record, Stage stage, WallTime now) {
  Printer out;
  out.open("");
  out.text("kind", "Event");
  out.text("apiVersion", "audit.k8s.io/v1");
  out.text("level", level_name(record.decision.level));
  out.text("auditID", record.id);
  out.text("stage", stage_name(stage));
  out.text("requestURI", record.uri);
  out.text("verb", record.verb);
  print_user(out, "user", record.user);
  if (record.impersonates) print_user(out, "impersonatedUser", record.impersonated);
  out.list("sourceIPs", record.source_ips);
  out.text_unless_empty("userAgent", record.user_agent);
  if (record.has_object) print_object_ref(out, record.object);
  if (stage != Stage::request_received) {
    std::string status = R"({"metadata":{},)" + record.response_status;
    if (!record.response_status.empty()) status += ',';
    out.raw("responseStatus", status + "\"code\":" + std::to_string(record.response_code) + "}");
  }
  if (!record.request_object.empty()) out.raw("requestObject", record.request_object);
  if (!record.response_object.empty()) out.raw("responseObject", record.response_object);
  out.text("requestReceivedTimestamp", rfc3339_micro(record.received));
  out.text("stageTimestamp", rfc3339_micro(now));
  print_annotations(out, record);
  out.close();
  return out.take() + "\n";
}

}  // namespace gatepost::apiserver::audit
