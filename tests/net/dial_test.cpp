// Dialling, listening and names, and the words Go uses when they fail.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "net/blocking.h"
#include "net/dns.h"
#include "net/event.h"
#include "net/go_text.h"
#include "net/host_port.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace gatepost::net {
namespace {

using std::chrono::milliseconds;

SteadyTime in(int time) {
  return std::chrono::steady_clock::now() + milliseconds(time);
}

TEST(Listen, ErrorsNameTheAddress) {
  for (auto [address, text] :
       {std::pair("127.0.0.1", "listen tcp: address 127.0.0.1: missing port in address"),
        std::pair("nonsense:1", "listen tcp: lookup nonsense: not an IP address"),
        std::pair("127.0.0.1:70000", "listen tcp: address 70000: invalid port"),
        std::pair("192.0.2.1:0", "listen tcp 192.0.2.1:0: bind: cannot assign requested address")}) {
    auto listener = tcp::Listener::listen(address);
    ASSERT_FALSE(listener) << address;
    EXPECT_EQ(listener.error().text, text);
  }
}

TEST(Listen, StopEndsAPendingAccept) {
  Loop loop;
  auto listener = tcp::Listener::listen("127.0.0.1:0");
  ASSERT_TRUE(listener);
  auto stop_later = [](tcp::Listener* which) -> Task<void> {
    co_await sleep_for(milliseconds(5));
    which->stop();
  };
  loop.spawn(stop_later(&*listener));
  auto stream = loop.run(listener->accept());
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().kind, ErrorKind::canceled);
}

struct Connected {
  Loop loop;
  std::unique_ptr<ByteStream> client, server;
  Connected() {
    auto listener = tcp::Listener::listen("127.0.0.1:0");
    auto take = [](tcp::Listener* from, std::unique_ptr<ByteStream>* into) -> Task<void> {
      *into = std::move(*co_await from->accept());
    };
    loop.spawn(take(&*listener, &server));
    std::string port = listener->address().substr(listener->address().rfind(':') + 1);
    client = std::move(*loop.run(tcp::dial("localhost", port, in(2000))));
    while (!server) loop.run(yield());
  }
};

TEST(Tcp, ADeadlineEndsPendingAndLaterReads) {
  Connected c;
  char bytes[4];
  c.client->set_deadline(in(10));
  for (int i = 0; i < 2; ++i) {
    auto read = c.loop.run(c.client->read_some(bytes));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::deadline_exceeded);
    EXPECT_EQ(read.error().text, "context deadline exceeded");
  }
  // A new deadline makes the stream usable again.
  c.client->set_deadline(in(2000));
  ASSERT_TRUE(c.loop.run(c.server->write("abc")));
  EXPECT_EQ(*c.loop.run(c.client->read_some(bytes)), 3u);
}

TEST(Tcp, ALaterDeadlineReplacesAnEarlierOne) {
  Connected c;
  c.client->set_deadline(in(10));
  c.client->set_deadline(in(2000));
  auto write_later = [](ByteStream* to) -> Task<void> {
    co_await sleep_for(milliseconds(30));
    (void)co_await to->write("x");
  };
  c.loop.spawn(write_later(c.server.get()));
  char bytes[4];
  EXPECT_EQ(*c.loop.run(c.client->read_some(bytes)), 1u);
  c.client->set_deadline(in(10));
  c.client->set_deadline(std::nullopt);
  c.loop.spawn(write_later(c.server.get()));
  EXPECT_EQ(*c.loop.run(c.client->read_some(bytes)), 1u);
}

TEST(Tcp, CloseEndsAPendingRead) {
  Connected c;
  auto close_later = [](ByteStream* which) -> Task<void> {
    co_await sleep_for(milliseconds(5));
    which->close();
    which->close();
  };
  c.loop.spawn(close_later(c.client.get()));
  char bytes[4];
  auto read = c.loop.run(c.client->read_some(bytes));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::canceled);
  EXPECT_EQ(read.error().text, "read tcp " + c.client->local_address() + "->" + c.client->peer_address() +
                                   ": use of closed network connection");
  EXPECT_EQ(*c.loop.run(c.server->read_some(bytes)), 0u);
}

TEST(Tcp, WritesToAPeerThatHasGoneFailWithGosWords) {
  Connected c;
  c.server->close();
  c.loop.run(sleep_for(milliseconds(2)));
  NetResult<void> written;
  for (int i = 0; i < 10 && written; ++i) written = c.loop.run(c.client->write(std::string(1000, 'x')));
  ASSERT_FALSE(written);
  std::string pair = c.client->local_address() + "->" + c.client->peer_address();
  std::string text = written.error().text;
  EXPECT_TRUE(text == "write tcp " + pair + ": write: broken pipe" ||
              text == "write tcp " + pair + ": write: connection reset by peer")
      << text;
}

TEST(Tcp, ADialThatIsNotAnsweredTimesOut) {
  // A listener whose queue is full drops what comes: the dial waits.
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener, 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::string port = std::to_string(ntohs(address.sin_port));
  Loop loop;
  std::vector<std::unique_ptr<ByteStream>> filled;
  NetResult<std::unique_ptr<ByteStream>> last;
  for (int i = 0; i < 5 && last; ++i) {
    last = loop.run(tcp::dial("127.0.0.1", port, in(30)));
    if (last) filled.push_back(std::move(*last));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().text, "dial tcp 127.0.0.1:" + port + ": i/o timeout");
  EXPECT_EQ(last.error().kind, ErrorKind::dial_timeout);
  ::close(listener);
}

TEST(Dns, FindsTheFirstNameserver) {
  EXPECT_EQ(dns::first_nameserver("# c\nsearch x\nnameserver 10.0.0.10\nnameserver 1.1.1.1\n"), "10.0.0.10:53");
  EXPECT_EQ(dns::first_nameserver("nameserver\t fd00::a # here\n"), "[fd00::a]:53");
  EXPECT_EQ(dns::first_nameserver("nameserver nonsense\nnameserverx 1.1.1.1\n"), "127.0.0.1:53");
  EXPECT_EQ(dns::first_nameserver(""), "127.0.0.1:53");
}

TEST(Dns, KnowsWhatIsADomainName) {
  for (auto [name, is] :
       {std::pair("a.b", true), std::pair("a_b", true), std::pair(".", true), std::pair("a..b", false),
        std::pair("-a", false), std::pair("a-", false), std::pair("1.2", false), std::pair("a b", false),
        std::pair("", false), std::pair("a.b.", true)}) {
    EXPECT_EQ(dns::is_domain_name(name), is) << name;
  }
  EXPECT_FALSE(dns::is_domain_name(std::string(64, 'a') + ".b"));
}

TEST(Dns, NamesThatAreNoneAreNotLookedUp) {
  Loop loop;
  auto stream = loop.run(tcp::dial("no..name", "443", in(2000)));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().text, "dial tcp: lookup no..name: no such host");
  EXPECT_EQ(stream.error().kind, ErrorKind::dns);
}

TEST(HostPort, SplitsAndJoinsAsGo) {
  struct Row {
    std::string address, host, port, error;
  };
  for (const Row& row : {Row{"h:1", "h", "1", ""}, Row{"[::1]:1", "::1", "1", ""}, Row{":1", "", "1", ""},
                         Row{"h:", "h", "", ""}, Row{"h", "", "", "address h: missing port in address"},
                         Row{"::1", "", "", "address ::1: too many colons in address"},
                         Row{"[::1]", "", "", "address [::1]: missing port in address"},
                         Row{"[::1", "", "", "address [::1: missing ']' in address"},
                         Row{"[a]b:1", "", "", "address [a]b:1: missing port in address"},
                         Row{"a]:1", "", "", "address a]:1: unexpected ']' in address"}}) {
    auto parts = split_host_port(row.address);
    EXPECT_EQ(parts ? "" : parts.error().text, row.error);
    if (!parts) continue;
    EXPECT_EQ(parts->host, row.host);
    EXPECT_EQ(parts->port, row.port);
    EXPECT_EQ(join_host_port(parts->host, parts->port), row.address);
  }
}

TEST(GoText, QuotesAsStrconv) {
  using namespace std::string_view_literals;
  EXPECT_EQ(go_quote("a\"b\\\n\t\x01\x7f\x00é☺\xff\u00ad\u200b\U0001f600"sv),
            R"("a\"b\\\n\t\x01\x7f\x00é☺\xff\u00ad\u200b😀")");
}

TEST(Blocking, RunsBesideTheLoop) {
  Loop loop;
  std::vector<int> order;
  auto task = [](std::vector<int>* into) -> Task<void> {
    auto value = std::make_shared<int>(0);
    co_await run_blocking([value] {
      std::this_thread::sleep_for(milliseconds(5));
      *value = 2;
    });
    into->push_back(*value);
  };
  std::vector<int>* into = &order;
  loop.spawn(task(into));
  loop.run(yield());
  order.push_back(1);
  while (order.size() < 2) loop.run(sleep_for(milliseconds(1)));
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(Event, RemembersAFireBeforeTheWait) {
  Loop loop;
  Event event;
  event.fire();
  loop.run(event.wait());
  auto fire_later = [](Event* which) -> Task<void> {
    co_await sleep_for(milliseconds(2));
    which->fire();
  };
  loop.spawn(fire_later(&event));
  loop.run(event.wait());
}

}  // namespace
}  // namespace gatepost::net
