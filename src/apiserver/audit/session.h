// One request under audit, from its head to its answer. Where nothing is recorded every step costs one comparison.
#pragma once

#include <optional>

#include "apiserver/audit/recorder.h"
#include "apiserver/call.h"

namespace gatepost::apiserver::audit {

class Session {
 public:
  // `recorder` may be null.
  Session(const Recorder* recorder, const std::function<WallTime()>& now);

  // Who asks and what is known; from here on `call` adds to the record.
  void begin(Call& call);
  void impersonated(const admission::UserInfo& user);
  // What the request brings that no handler decodes as an object: patches and deletion options.
  void take_body(const Call& call);
  void authorized(const std::string& reason);
  void forbidden();
  // A part of the way that has ended now.
  void spent(const char* layer, net::SteadyTime since);
  // A streamed answer begins.
  void started(int status);
  // The answer, before it is sent.
  void answer(int status, std::string_view json_body);
  // Nobody knows who asks: the event is nobody's and has one stage only.
  void not_authenticated(Call& call);
  // After the last byte.
  void end(Call& call);

  const Record* record() const { return record_ ? &*record_ : nullptr; }

 private:
  void open(Call& call);
  void log(Stage stage);

  const Recorder* recorder_;
  const std::function<WallTime()>& now_;
  net::SteadyTime begun_{};
  std::optional<Record> record_;
  bool long_running_ = false, started_ = false, refused_ = false;
};

}  // namespace gatepost::apiserver::audit
