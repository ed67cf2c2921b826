#include "formats/names.h"
#include "kube/validation/container.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

void validate_http_get(Errors& errors, const Field& action) {
  if (action["path"].text().empty()) errors.required(action["path"]);
  validate_port_or_name(errors, action["port"]);
  Field scheme = action["scheme"];
  if (!scheme.is_one_of({"HTTP", "HTTPS"})) errors.not_supported(scheme, {"HTTP", "HTTPS"});
  Field headers = action["httpHeaders"];
  for_each(headers, [&](const Field& header) {
    std::string_view name = header["name"].text();
    errors.invalid_each(headers, name, formats::http_header_name(name));
  });
}

void validate_handler(Errors& errors, const Field& handler, const Field& grace) {
  int count = 0;
  for (std::string_view kind : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    Field action = handler[kind];
    if (!action.present()) continue;
    if (count > 0) {
      errors.forbidden(action, "may not specify more than 1 handler type");
      continue;
    }
    ++count;
    if (kind == "exec" && action["command"].empty()) errors.required(action["command"]);
    if (kind == "httpGet") validate_http_get(errors, action);
    if (kind == "tcpSocket" || kind == "grpc") validate_port_or_name(errors, action["port"]);
    if (kind == "sleep" && grace.present()) {
      std::int64_t seconds = action["seconds"].integer();
      if (seconds < 0 || seconds > grace.integer())
        errors.invalid_number(action, seconds,
                              "must be non-negative and less than terminationGracePeriodSeconds (" +
                                  std::to_string(grace.integer()) + ")");
    }
  }
  if (count == 0) errors.required(handler, "must specify a handler type");
}

void validate_probe(Errors& errors, const Field& probe, const Field& grace, bool readiness) {
  if (!probe.present()) return;
  validate_handler(errors, probe, grace);
  for (std::string_view name :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"})
    errors.non_negative(probe[name]);
  Field own_grace = probe["terminationGracePeriodSeconds"], success = probe["successThreshold"];
  if (own_grace.present() && own_grace.integer() <= 0) errors.invalid(own_grace, "must be greater than 0");
  if (readiness) {
    if (own_grace.present()) errors.invalid(own_grace, "must not be set for readinessProbes");
  } else if (success.integer() != 1) {
    errors.invalid_number(success, success.integer(), "must be 1");
  }
}

void validate_stop_signal(Errors& errors, const Field& signal, const Field& os) {
  static constexpr Choices windows = {"SIGKILL", "SIGTERM"};
  static constexpr Choices linux = {
      "SIGABRT",     "SIGALRM",     "SIGBUS",      "SIGCHLD",     "SIGCLD",      "SIGCONT",     "SIGFPE",
      "SIGHUP",      "SIGILL",      "SIGINT",      "SIGIO",       "SIGIOT",      "SIGKILL",     "SIGPIPE",
      "SIGPOLL",     "SIGPROF",     "SIGPWR",      "SIGQUIT",     "SIGRTMAX",    "SIGRTMAX-1",  "SIGRTMAX-10",
      "SIGRTMAX-11", "SIGRTMAX-12", "SIGRTMAX-13", "SIGRTMAX-14", "SIGRTMAX-2",  "SIGRTMAX-3",  "SIGRTMAX-4",
      "SIGRTMAX-5",  "SIGRTMAX-6",  "SIGRTMAX-7",  "SIGRTMAX-8",  "SIGRTMAX-9",  "SIGRTMIN",    "SIGRTMIN+1",
      "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15", "SIGRTMIN+2",
      "SIGRTMIN+3",  "SIGRTMIN+4",  "SIGRTMIN+5",  "SIGRTMIN+6",  "SIGRTMIN+7",  "SIGRTMIN+8",  "SIGRTMIN+9",
      "SIGSEGV",     "SIGSTKFLT",   "SIGSTOP",     "SIGSYS",      "SIGTERM",     "SIGTRAP",     "SIGTSTP",
      "SIGTTIN",     "SIGTTOU",     "SIGURG",      "SIGUSR1",     "SIGUSR2",     "SIGVTALRM",   "SIGWINCH",
      "SIGXCPU",     "SIGXFSZ"};
  if (!signal.present()) return;
  if (!os.present())
    errors.forbidden(signal, "may not be set for containers with empty `spec.os.name`");
  else if (os["name"].is("windows") && !signal.is_one_of(windows))
    errors.not_supported(signal, windows);
  else if (os["name"].is("linux") && !signal.is_one_of(linux))
    errors.not_supported(signal, linux);
}

}  // namespace

void validate_lifecycle_and_probes(Errors& errors, const Field& container, const Field& spec) {
  Field lifecycle = container["lifecycle"], grace = spec["terminationGracePeriodSeconds"];
  for (std::string_view name : {"postStart", "preStop"})
    if (Field handler = lifecycle[name]; handler.present()) validate_handler(errors, handler, grace);
  validate_stop_signal(errors, lifecycle["stopSignal"], spec["os"]);
  validate_probe(errors, container["livenessProbe"], grace, false);
  validate_probe(errors, container["readinessProbe"], grace, true);
  validate_probe(errors, container["startupProbe"], grace, false);
}

}  // namespace gatepost::kube
