#include "apiserver/controllers/controllers.h"

#include "apiserver/controllers/collector.h"
#include "apiserver/controllers/namespaces.h"
#include "net/event.h"
#include "net/loop.h"

namespace gatepost::apiserver {
namespace {

class All final : public Controllers {
 public:
  All(const Deps& deps, Options options)
      : namespaces_(NamespaceController::make(deps, options.namespace_grace)),
        collector_(GarbageCollector::make(deps)) {}

  net::Task<void> start() override {
    running_ = 2;
    co_await net::spawn(work(namespaces_->run()));
    co_await net::spawn(work(collector_->run()));
  }

  net::Task<void> stop() override {
    namespaces_->stop();
    collector_->stop();
    while (running_ > 0) co_await ended_.wait();
  }

 private:
  net::Task<void> work(net::Task<void> run) {
    co_await std::move(run);
    --running_;
    ended_.fire();
  }

  std::unique_ptr<NamespaceController> namespaces_;
  std::unique_ptr<GarbageCollector> collector_;
  int running_ = 0;
  net::Event ended_;
};

}  // namespace

std::unique_ptr<Controllers> Controllers::make(const Deps& deps, Options options) {
  return std::make_unique<All>(deps, options);
}

}  // namespace gatepost::apiserver
