#include "apiserver/audit/session.h"

#include <algorithm>
#include <array>

#include "formats/names.h"
#include "json/parse.h"

namespace gatepost::apiserver::audit {
namespace {

// Requests that last as long as the client likes are told of when they begin, too.
bool lasts(const RequestInfo& info) {
  static constexpr std::array<std::string_view, 5> subresources{"attach", "exec", "log", "portforward", "proxy"};
  return info.is_resource &&
         (info.verb == "watch" || info.verb == "proxy" ||
          std::find(subresources.begin(), subresources.end(), info.subresource) != subresources.end());
}

// A key is a DNS subdomain, a slash and a name; webhooks may send others, which the real log drops.
bool is_annotation_key(const std::string& key) {
  return std::count(key.begin(), key.end(), '/') == 1 && formats::label_key(key).empty();
}

}  // namespace

Session::Session(const Recorder* recorder, const std::function<WallTime()>& now) : recorder_(recorder), now_(now) {
  if (recorder_) begun_ = std::chrono::steady_clock::now();
}

void Session::begin(Call& call) {
  open(call);
  if (record_) log(Stage::request_received);
}

void Session::open(Call& call) {
  if (!recorder_) return;
  Decision decision = recorder_->decide(call.user, call.info);
  if (decision.level == Level::none) return;
  auto waited = std::chrono::duration_cast<WallTime::duration>(std::chrono::steady_clock::now() - begun_);
  record_ = audit::begin(call.http, call.peer, call.info, call.user, decision, now_() - waited);
  call.record = &*record_;
  long_running_ = lasts(call.info);
  spent("authentication", begun_);
}

void Session::impersonated(const admission::UserInfo& user) {
  if (!record_) return;
  record_->impersonates = true;
  record_->impersonated = user;
}

void Session::take_body(const Call& call) {
  if (!record_ || call.http.body.empty()) return;
  if (call.info.verb == "patch") take_patch(*record_, call.http.body);
  bool deletes = call.info.verb == "delete" || call.info.verb == "deletecollection";
  if (!deletes || record_->decision.level < Level::request) return;
  if (auto options = json::parse(call.http.body, json::make_arena())) take_request_object(*record_, *options);
}

void Session::authorized(const std::string& reason) {
  if (!record_) return;
  record_->annotations.emplace_back("authorization.k8s.io/decision", "allow");
  record_->annotations.emplace_back("authorization.k8s.io/reason", reason);
}

void Session::forbidden() {
  if (!record_) return;
  record_->annotations.emplace_back("authorization.k8s.io/decision", "forbid");
  record_->annotations.emplace_back("authorization.k8s.io/reason", "");
}

void Session::spent(const char* layer, net::SteadyTime since) {
  if (record_) record_->latencies.emplace_back(layer, std::chrono::steady_clock::now() - since);
}

void Session::started(int status) {
  if (!record_ || started_) return;
  started_ = true;
  record_->response_code = status;
  if (long_running_) log(Stage::response_started);
}

void Session::answer(int status, std::string_view json_body) {
  if (!record_) return;
  take_response(*record_, status, json_body);
  if (long_running_) started(status);
}

void Session::not_authenticated(Call& call) {
  open(call);
  refused_ = true;
}

void Session::end(Call& call) {
  if (!record_) return;
  call.record = nullptr;
  if (refused_) {
    log(Stage::response_started);
    return;
  }
  // What a webhook changed is content, and told from the level that tells content.
  bool tells_content = record_->decision.level >= Level::request;
  for (auto& annotation : call.trail.annotations)
    if (is_annotation_key(annotation.first) &&
        (tells_content || !annotation.first.starts_with("patch.webhook.admission.k8s.io/")))
      record_->annotations.push_back(std::move(annotation));
  record_->latencies.emplace_back("mutating-webhook", call.trail.mutating);
  record_->latencies.emplace_back("validating-webhook", call.trail.validating);
  annotate_latencies(*record_, std::chrono::steady_clock::now() - begun_);
  log(Stage::response_complete);
}

void Session::log(Stage stage) {
  recorder_->log(*record_, stage, now_());
}

}  // namespace gatepost::apiserver::audit
