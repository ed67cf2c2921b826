#include "envtest/etcd.h"

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "embedded/envtest_flags.h"
#include "envtest/go_flags.h"
#include "envtest/parent.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/http/client.h"
#include "net/http/server.h"
#include "net/loop.h"

namespace gatepost::envtest {
namespace {

constexpr std::string_view data_path = "/gatepost/data";
constexpr std::string_view version_text = "3.6.8";

std::string table_text(std::string_view name) {
  for (const embedded::File& file : embedded::envtest_flags())
    if (file.name == name) return std::string(file.bytes);
  return {};
}

net::Task<void> answer(const std::string* data, net::http::Request& request, net::http::ResponseWriter& writer) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  net::http::Headers headers;
  headers.add("Content-Type", "application/json");
  int status = 200;
  std::string body;
  if (path == "/health") {
    body = R"({"health":"true","reason":""})";
  } else if (path == "/livez" || path == "/readyz") {
    body = "ok\n";
  } else if (path == "/version") {
    body = R"({"etcdserver":")" + std::string(version_text) + R"(","etcdcluster":"3.6.0","storage":"3.6.0"})";
  } else if (path == data_path) {
    body = json::write(json::Value(*data));
  } else {
    status = 404;
    body = "404 page not found\n";
  }
  (void)co_await writer.send(status, std::move(headers), body);
}

net::Task<int> serve(std::vector<std::string> urls, std::string data) {
  std::vector<std::unique_ptr<net::http::Server>> servers;
  for (std::string& url : urls) {
    if (!url.starts_with("http://")) {
      std::fprintf(stderr, "etcd: this stand-in answers http only, not %s\n", url.c_str());
      co_return 1;
    }
    net::http::ServerOptions options;
    options.address = url.substr(sizeof "http://" - 1);
    if (options.address.ends_with('/')) options.address.pop_back();
    auto handler = [&data](net::http::Request& request, const net::http::Peer&,
                           net::http::ResponseWriter& writer) -> net::Task<void> {
      return answer(&data, request, writer);
    };
    auto listening = net::http::Server::listen(std::move(options), std::move(handler));
    if (!listening) {
      std::fprintf(stderr, "etcd: %s\n", listening.error().text.c_str());
      co_return 1;
    }
    servers.push_back(std::move(*listening));
    co_await net::spawn(servers.back()->run());
  }
  (void)co_await net::wait_for_signal({SIGTERM, SIGINT});
  for (const auto& server : servers) server->stop();
  co_return 0;
}

}  // namespace

int run_etcd(std::span<const std::string> arguments) {
  const std::string text = table_text("etcd.flags");
  const std::vector<FlagSpec> table = read_flag_table(text);
  const auto flags = GoFlags::parse(table, arguments);
  if (!flags) {
    std::fprintf(stderr, "etcd: %s\n", flags.error().text.c_str());
    return 2;
  }
  if (flags->has("help")) {
    std::printf("Usage:\n\n  etcd [flags]\n\nStands in for etcd in test assets of Gatepost; it keeps no keys.\n\n%s",
                flag_help(table).c_str());
    return 0;
  }
  if (flags->on("version")) {
    std::printf("etcd Version: %s\nGit SHA: gatepost\n", version_text.data());
    return 0;
  }
  std::string data(flags->get("data-dir"));
  if (data.empty()) data = "default.etcd";
  std::vector<std::string> urls = flags->list("listen-client-urls");
  if (urls.empty()) urls.emplace_back("http://localhost:2379");
  std::signal(SIGPIPE, SIG_IGN);
  end_with_parent(data);
  int code = 0;
  {
    net::Loop loop;
    code = loop.run(serve(std::move(urls), std::filesystem::absolute(data).string()));
  }
  tidy_up_after_parent();
  return code;
}

net::Task<Result<std::string>> ask_for_data(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  auto client = net::http::Client::make({});
  net::http::Request request;
  request.method = "GET";
  constexpr auto patience = std::chrono::seconds(5);
  auto answered = co_await client->call(url + std::string(data_path), std::move(request),
                                        std::chrono::steady_clock::now() + patience);
  if (!answered) co_return fail("no etcd answers at " + url + ": " + answered.error().text);
  if (answered->status != 200) co_return std::string();
  auto parsed = json::parse(answered->body, json::make_arena());
  if (!parsed || !parsed->is_string()) co_return std::string();
  co_return std::string(json::view(parsed->get_string()));
}

}  // namespace gatepost::envtest
