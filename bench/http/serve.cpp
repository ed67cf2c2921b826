// A server that answers every request with a small JSON object: what net/http itself costs, without anything behind it.
//   serve ADDRESS [CERTIFICATE.pem KEY.pem]
// Load it with: wrk -t1 -c32 -d5s http://ADDRESS/ (or https), with tests of bodies by a Lua script. At the end
// (SIGTERM or SIGINT) it prints the requests answered and the CPU time a request took.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

#include "net/http/server.h"
#include "net/loop.h"

namespace {

using namespace gatepost;

std::string read_file(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

net::Task<void> stop_on_signal(net::http::Server* server) {
  co_await net::wait_for_signal({SIGINT, SIGTERM});
  server->stop();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "use: serve ADDRESS [CERTIFICATE.pem KEY.pem]\n");
    return 2;
  }
  net::http::ServerOptions options;
  options.address = argv[1];
  if (argc == 4) {
    auto context = net::tls::make_server_context({read_file(argv[2]), read_file(argv[3])});
    if (!context) {
      std::fprintf(stderr, "%s\n", context.error().text.c_str());
      return 2;
    }
    options.tls = *context;
  }
  long answered = 0;
  const std::string body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":200})";
  auto handler = [&](net::http::Request&, const net::http::Peer&, net::http::ResponseWriter& writer) {
    ++answered;
    return [](net::http::ResponseWriter* to, const std::string* text) -> net::Task<void> {
      co_await to->send(200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}}, *text);
    }(&writer, &body);
  };
  auto server = net::http::Server::listen(options, handler);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().text.c_str());
    return 2;
  }
  std::printf("ready %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  net::Loop loop;
  loop.spawn(stop_on_signal(server->get()));
  loop.run((*server)->run());
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  double micros = static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
                  static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
  std::printf("%ld requests, %.2f us CPU a request\n", answered, answered ? micros / static_cast<double>(answered) : 0);
}
