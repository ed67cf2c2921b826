#include "apiserver/paths.h"

#include "apiserver/discovery.h"
#include "apiserver/health.h"
#include "apiserver/openapi/openapi.h"

namespace gatepost::apiserver {
namespace {

Answer text_answer(std::string text) {
  Answer answer = json_answer(200, std::move(text));
  answer.raw = true;
  answer.content_type = "text/plain; charset=utf-8";
  return answer;
}

std::string metrics(const Deps& deps) {
  std::string out;
  deps.admission.write_metrics(out);
  return out;
}

}  // namespace

Handled<std::optional<Answer>> handle_path(Call& call) {
  const std::string& path = call.info.path;
  if (call.info.verb != "get" && call.info.verb != "head") co_return std::nullopt;
  if (path == "/version" || path == "/version/") co_return json_answer(200, version_document());
  if (path == "/metrics") {
    Answer answer = text_answer(metrics(call.deps));
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
  }
  if (auto health = health_text(path, call.info.query)) co_return text_answer(std::move(*health));
  if (auto openapi = openapi_answer(call)) co_return std::move(*openapi);
  co_return discovery_answer(call);
}

}  // namespace gatepost::apiserver
