#include "explain/command.h"

#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "json/parse.h"

namespace gatepost::explain {
namespace {

const std::string refused =
    "W1125 03:57:34.953925    1234 dispatcher.go:217] Failed calling webhook, failing closed a.b.io: failed calling "
    "webhook \"a.b.io\": "
    "failed to call webhook: Post \"https://a.b.svc:443/v?timeout=10s\": dial tcp 10.0.0.1:443: connect: connection "
    "refused\n";
const std::string noise =
    "I1125 03:57:35.000000    1234 httplog.go:134] \"HTTP\" verb=\"GET\" URI=\"/api/v1/pods\" webhook=0\n";

struct Ended {
  int code;
  std::string out, err;
};

class Command : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/explain-test-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::system(("rm -rf " + dir_).c_str()); }

  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(dir_ + "/" + name, std::ios::binary) << bytes;
    return dir_ + "/" + name;
  }

  Ended run(Options options, const std::string& input = "") const {
    options.now = 1795579200;
    const std::string path = file("stdin", input);
    const int fd = ::open(path.c_str(), O_RDONLY);
    std::ostringstream out, err;
    const int code = explain::run(options, fd, out, err);
    ::close(fd);
    return {code, out.str(), err.str()};
  }

  static Options json_of(std::vector<std::string> arguments) {
    Options options;
    options.arguments = std::move(arguments);
    options.output = Output::json;
    return options;
  }

  static std::int64_t summary(const Ended& run, const char* key) {
    const auto value = json::parse(run.out, json::make_arena());
    return value ? json::int_at(*value, {"summary", key}, -1) : -1;
  }

  std::string dir_;
};

TEST_F(Command, ExitCodes) {
  EXPECT_EQ(run({{}}, refused).code, 1);
  EXPECT_EQ(run({{"-"}}, refused).code, 1);
  EXPECT_EQ(run({{"nothing of interest here"}}).code, 0);
  EXPECT_EQ(run({{"-"}}, "").code, 0);
  EXPECT_EQ(run({{"no-endpoints"}}).code, 0);
  Ended wrong = run({{"nosuchthing"}});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(std::count(wrong.err.begin(), wrong.err.end(), '\n'), 1);
  Options bad_since{{"-"}};
  bad_since.since = "yesterday";
  EXPECT_EQ(run(bad_since, refused).code, 2);
  EXPECT_EQ(run({{dir_}}).code, 2);
}

TEST_F(Command, FailOnChoosesWhatFails) {
  const std::string denied = "admission webhook \"a.b.io\" denied the request: no";
  Options options{{denied}};
  EXPECT_EQ(run(options).code, 1);
  for (const auto& [word, code] : std::initializer_list<std::pair<const char*, int>>{
           {"denied", 1}, {"warning", 1}, {"any", 1}, {"none", 0}, {"failed", 0}, {"error", 0}, {"no-endpoints", 0}}) {
    options.fail_on = {word};
    EXPECT_EQ(run(options).code, code) << word;
  }
}

TEST_F(Command, JsonHasTheKeysOfTheContract) {
  const Ended found = run(json_of({"-"}), refused);
  const auto value = json::parse(found.out, json::make_arena());
  ASSERT_TRUE(value);
  EXPECT_EQ(json::string_at(*value, {"schema"}), "gatepost.dev/v1");
  EXPECT_EQ(json::string_at(*value, {"command"}), "explain");
  const auto* findings = json::array_at(*value, {"findings"});
  ASSERT_TRUE(findings != nullptr && findings->size() == 1);
  const json::Value& f = findings->at(0);
  EXPECT_EQ(json::string_at(f, {"outcome"}), "failed");
  EXPECT_EQ(json::string_at(f, {"cause"}), "connection-refused");
  EXPECT_EQ(json::string_at(f, {"severity"}), "error");
  EXPECT_EQ(json::string_at(f, {"service"}), "b/a");
  EXPECT_EQ(json::int_at(f, {"port"}), 443);
  EXPECT_EQ(json::int_at(f, {"timeoutSeconds"}), 10);
  EXPECT_EQ(json::string_at(f, {"firstSeen"}), "2026-11-25T03:57:34Z");
  EXPECT_EQ(json::string_at(f, {"fix", "id"}), "fix-service-reference");
  ASSERT_NE(json::array_at(f, {"next"}), nullptr);
}

TEST_F(Command, OneErrorFitsOneScreen) {
  const Ended found =
      run({{"Internal error occurred: failed calling webhook \"a.b.io\": failed to call webhook: Post "
            "\"https://a.b.svc:443/v?timeout=3s\": no endpoints available for service \"a\""}});
  EXPECT_LT(std::count(found.out.begin(), found.out.end(), '\n'), 36);
  for (const char* part : {"a.b.io", "no-endpoints", "$ kubectl -n b get", "$ gatepost diagnose a.b.io", "timeout=3s",
                           "Fix", "not a timeout"}) {
    EXPECT_NE(found.out.find(part), std::string::npos) << part << "\n" << found.out;
  }
}

TEST_F(Command, CompressedFilesReadAsPlainOnes) {
  std::string log;
  for (int i = 0; i < 20000; ++i) log += i % 100 == 0 ? refused : noise;
  std::string gz(compressBound(log.size()) + 64, 0);
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(log.data());
  stream.avail_in = static_cast<uInt>(log.size());
  stream.next_out = reinterpret_cast<Bytef*>(gz.data());
  stream.avail_out = static_cast<uInt>(gz.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  gz.resize(stream.total_out);
  deflateEnd(&stream);
  std::string zst(ZSTD_compressBound(log.size()), 0);
  zst.resize(ZSTD_compress(zst.data(), zst.size(), log.data(), log.size(), 3));
  for (const std::string& path : {file("a.log", log), file("a.gz", gz), file("a.zst", zst)}) {
    const Ended found = run(json_of({path}));
    EXPECT_EQ(summary(found, "errors"), 200) << path;
    EXPECT_EQ(summary(found, "failedClosed"), 200) << path;
  }
  EXPECT_EQ(summary(run(json_of({file("a.gz", gz + gz)})), "errors"), 400);  // two members
  const Ended cut = run(json_of({file("cut.zst", zst.substr(0, zst.size() / 2))}));
  EXPECT_EQ(cut.code, 2);
  const Ended broken = run(json_of({file("broken.gz", gz.substr(0, 40) + std::string(400, 'x'))}));
  EXPECT_EQ(broken.code, 2);
}

TEST_F(Command, BothLinesOfAFailureCountOnce) {
  const std::string call =
      "failed calling webhook \"a.b.io\": failed to call webhook: Post \"https://a.b.svc:443/v?timeout=10s\": EOF";
  std::string escaped = call;
  for (std::size_t at = escaped.find('"'); at != std::string::npos; at = escaped.find('"', at + 2))
    escaped.insert(at, "\\");
  const std::string log =
      "W1125 03:57:37.086845    1234 dispatcher.go:205] Failed calling webhook, failing open a.b.io: " + call +
      "\nE1125 03:57:37.086891    1234 dispatcher.go:213] \"Unhandled Error\" err=\"" + escaped +
      "\" logger=\"UnhandledError\"\n";
  const Ended found = run(json_of({"-"}), log + log);
  EXPECT_EQ(summary(found, "errors"), 2);
  EXPECT_EQ(summary(found, "failedOpen"), 2);
}

TEST_F(Command, AuditEventsTellWhoAndWhat) {
  std::string message =
      "Internal error occurred: failed calling webhook \\\"a.b.io\\\": failed to call webhook: Post "
      "\\\"https://a.b.svc:443/v?timeout=10s\\\": EOF";
  const std::string start =
      "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"user\":{\"username\":\"jane\"},\"objectRef\":"
      "{\"resource\":\"pods\",\"namespace\":\"shop\"},";
  const std::string end = "\"requestReceivedTimestamp\":\"2026-11-25T03:57:34.952380Z\"}\n";
  const std::string failed = start + "\"responseStatus\":{\"message\":\"" + message +
                             "\",\"details\":{\"causes\":[{\"message\":\"" + message + "\"}]}}," + end;
  const std::string open =
      start + "\"annotations\":{\"failed-open.validating.webhook.admission.k8s.io/round_0_index_0\":\"c.d.io\"}," + end;
  const Ended found = run(json_of({"-"}), failed + open);
  EXPECT_EQ(summary(found, "errors"), 2) << found.out;
  EXPECT_NE(found.out.find("\"jane\""), std::string::npos);
  EXPECT_NE(found.out.find("\"pods in shop\""), std::string::npos);
  EXPECT_NE(found.out.find("\"c.d.io\""), std::string::npos);
  EXPECT_NE(found.out.find("failing-open"), std::string::npos);
}

TEST_F(Command, Filters) {
  std::string other = refused;
  for (std::size_t at = other.find("a.b.io"); at != std::string::npos; at = other.find("a.b.io"))
    other.replace(at, 6, "c.d.io");
  Options options = json_of({"-"});
  options.webhook = "c.d.io";
  EXPECT_EQ(summary(run(options, refused + other), "errors"), 1);
  options.webhook = "";
  options.cause = "eof";
  EXPECT_EQ(summary(run(options, refused + other), "errors"), 0);
  options.cause = "";
  options.since = "2m";  // the lines are 146 s old
  EXPECT_EQ(summary(run(options, refused), "errors"), 0);
  options.since = "1h";
  EXPECT_EQ(summary(run(options, refused), "errors"), 1);
}

TEST_F(Command, HugeAndBrokenInput) {
  std::string line(30u << 20, 'x');
  line.replace(10u << 20, 23, " failed calling webhook");
  line.replace((10u << 20) + 23, 60, " \"a.b.io\": Post \"https://a.b.svc:443/v?timeout=10s\": EOF ....");
  EXPECT_EQ(summary(run(json_of({"-"}), line), "errors"), 1);
  std::string quotes;
  for (int i = 0; i < 60000; ++i) quotes += "failed calling webhook \"";
  EXPECT_LE(run({{"-"}}, quotes).code, 1);
  std::string slashes = "failed calling webhook " + std::string(500000, '\\') + "\"x";
  EXPECT_LE(run({{"-"}}, slashes).code, 1);
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(static_cast<unsigned>(i) * 7919u >> 3);
  EXPECT_EQ(run({{"-"}}, bytes).code, 0);
  EXPECT_EQ(run(json_of({"-"}), "failed calling webhook \"a\xff\xfe.b\": Post \"https://a.b.svc:443/\": EOF").code, 1);
}

TEST_F(Command, ALiveStreamSpeaksBeforeItEnds) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  std::thread writer([&] {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(::write(pipe_ends[1], refused.data(), refused.size()), static_cast<ssize_t>(refused.size()));
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
    }
    ::close(pipe_ends[1]);
  });
  std::ostringstream out, err;
  Options options{{"-"}};
  options.now = 1795579200;
  const int code = explain::run(options, pipe_ends[0], out, err);
  writer.join();
  ::close(pipe_ends[0]);
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(out.str().starts_with("2026-11-25T03:57:34Z failed connection-refused a.b.io b/a: dial tcp"))
      << out.str();
}

TEST_F(Command, HtmlStandsAloneAndEscapes) {
  Options options{{"admission webhook \"a.b.io\" denied the request: <script>alert(1)</script>"}};
  options.output = Output::html;
  const Ended page = run(options);
  EXPECT_EQ(page.out.find("<script"), std::string::npos);
  EXPECT_NE(page.out.find("&lt;script&gt;"), std::string::npos);
  EXPECT_TRUE(page.out.starts_with("<!doctype html>"));
}

TEST_F(Command, OutputNeverDrivesTheTerminal) {
  const Ended found = run({{"admission webhook \"a.b.io\" denied the request: \x1b]0;title\x07 \x07 bell"}});
  EXPECT_EQ(found.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(found.out.find('\x07'), std::string::npos);
}

// Columns of the widest line.
int widest(const std::string& text) {
  int most = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) most = std::max(most, report::display_width(line));
  return most;
}

TEST_F(Command, TextKeepsToTheTerminalsWidth) {
  std::string log;
  for (int i = 0; i < 30; ++i) log += refused;
  log +=
      "W1125 04:10:00.000000    1234 dispatcher.go:210] Failed calling webhook, failing open c.d.io: failed calling "
      "webhook \"c.d.io\": failed to call webhook: Post \"https://c.d.svc:443/v?timeout=5s\": context deadline "
      "exceeded\n";
  const std::string path = file("narrow.log", log);
  for (int width : {50, 80, 110}) {
    Options options{{path}};
    options.style.width = width;
    const Ended found = run(options);
    EXPECT_LE(widest(found.out), width) << found.out;
    EXPECT_NE(found.out.find("b/a:443"), std::string::npos) << found.out;
    EXPECT_NE(found.out.find("failing open"), std::string::npos);
  }
}

TEST_F(Command, QuietIsOneLineAFinding) {
  Options options{{refused}};
  options.detail = Detail::lines;
  EXPECT_EQ(run(options).out,
            "2026-11-25T03:57:34Z failed connection-refused a.b.io b/a: dial tcp 10.0.0.1:443: connect: connection "
            "refused\n");
}

TEST_F(Command, MisspeltWordsOfClosedListsAreRefused) {
  Options options{{refused}};
  options.cause = "conection-refused";
  EXPECT_EQ(run(options).code, 2);
  options.cause.clear();
  options.fail_on = {"denid"};
  const Ended found = run(options);
  EXPECT_EQ(found.code, 2);
  EXPECT_EQ(found.out, "");
  EXPECT_TRUE(found.err.starts_with("gatepost explain: --fail-on denid: ")) << found.err;
}

TEST_F(Command, AStoppedStreamEndsWithItsSummary) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    EXPECT_EQ(::write(pipe_ends[1], refused.data(), refused.size()), static_cast<ssize_t>(refused.size()));
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    stop = true;
  });
  std::ostringstream out, err;
  Options options{{"-"}};
  options.now = 1795579200;
  options.stop = &stop;
  EXPECT_EQ(explain::run(options, pipe_ends[0], out, err), 1);
  writer.join();
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  EXPECT_NE(out.str().find("1 error of webhook calls"), std::string::npos) << out.str();
}

TEST_F(Command, ListNamesAllCauses) {
  Options options;
  options.list = Listing::causes;
  const Ended list = run(options);
  EXPECT_EQ(list.code, 0);
  EXPECT_NE(list.out.find("request-budget-exhausted"), std::string::npos);
  EXPECT_NE(list.out.find("two-writers"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::explain
