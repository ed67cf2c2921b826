// A real etcd of one member, in a directory and on ports of its own, that a test can kill, stop and start again.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "storage/store_fixture.h"

namespace gatepost::storage::test {

class EtcdProcess {
 public:
  EtcdProcess() : client_port_(free_port()), peer_port_(free_port()) { start(); }
  ~EtcdProcess() { kill(); }

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(client_port_); }

  // Waits until it answers.
  void start() {
    const std::string client = "http://" + endpoint(), peer = "http://127.0.0.1:" + std::to_string(peer_port_);
    const std::string data = directory_.data(), cluster = "default=" + peer;
    pid_ = ::fork();
    if (pid_ == 0) {
      const int quiet = ::open("/dev/null", O_RDWR);
      for (int fd : {0, 1, 2}) ::dup2(quiet, fd);
      ::execlp("etcd", "etcd", "--data-dir", data.c_str(), "--listen-client-urls", client.c_str(),
               "--advertise-client-urls", client.c_str(), "--listen-peer-urls", peer.c_str(),
               "--initial-advertise-peer-urls", peer.c_str(), "--initial-cluster", cluster.c_str(), "--unsafe-no-fsync",
               nullptr);
      ::_exit(127);
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!healthy() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  void freeze() {
    ::kill(pid_, SIGSTOP);
    ::waitpid(pid_, nullptr, WUNTRACED);
  }
  void thaw() { ::kill(pid_, SIGCONT); }

 private:
  static int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
  }
  bool healthy() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(client_port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer(512, '\0');
    ssize_t got = -1;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      const std::string request = "GET /health HTTP/1.0\r\n\r\n";
      if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        std::string all;
        while ((got = ::recv(fd, answer.data(), answer.size(), 0)) > 0)
          all.append(answer, 0, static_cast<std::size_t>(got));
        answer = all;
      }
    }
    ::close(fd);
    return answer.find("\"true\"") != std::string::npos;
  }

  Directory directory_;
  int client_port_, peer_port_;
  pid_t pid_ = -1;
};

}  // namespace gatepost::storage::test
