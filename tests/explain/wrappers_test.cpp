// Every real message in every wrapping that people paste must read as it does bare.
#include <functional>
#include <gtest/gtest.h>

#include "explain/grammar.h"
#include "explain/rows.h"

namespace gatepost::explain {
namespace {

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string json_escaped(const std::string& text) {
  return replace_all(replace_all(text, "\\", "\\\\"), "\"", "\\\"");
}

// Breaks at spaces so that no line is longer than `width`.
std::string folded(const std::string& text, std::size_t width, const std::string& margin) {
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find(' ', at), text.size());
    if (used > 0 && used + 1 + (end - at) > width)
      out += "\n" + margin, used = 0;
    else if (used > 0)
      out += ' ', ++used;
    out += text.substr(at, end - at);
    used += end - at;
    at = end + 1;
  }
  return out;
}

std::string hard_wrapped(const std::string& text, std::size_t width) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) out += (at > 0 ? "\n" : "") + text.substr(at, width);
  return out;
}

struct Wrapper {
  const char* name;
  std::function<std::string(const std::string&)> wrap;
};

const std::vector<Wrapper>& wrappers() {
  using S = const std::string&;
  static const std::vector<Wrapper> all = {
      {"kubectl", [](S t) { return "Error from server (InternalError): error when creating \"x.yaml\": " + t; }},
      {"kubectl again and again",
       [](S t) { return "service/a created\nError from server: " + t + "\nError from server: " + t + "\n"; }},
      {"prompt", [](S t) { return "$ kubectl apply -f x.yaml\n" + t + "\n$ echo $?\n1\n"; }},
      {"helm", [](S t) { return "Error: INSTALLATION FAILED: 2 errors occurred:\n\t* " + t + "\n\t* " + t + "\n\n"; }},
      {"event",
       [](S t) { return "  Warning  FailedCreate  8s (x16 over 2m)  replicaset-controller  Error creating: " + t; }},
      {"terraform", [](S t) { return "╷\n│ Error: " + t + "\n│ \n│   with module.a,\n│   on main.tf line 2\n╵\n"; }},
      {"terraform folded", [](S t) { return "╷\n│ Error: " + folded(t, 70, "│ ") + "\n│ \n│   with module.a,\n╵\n"; }},
      {"json", [](S t) { return "{\"level\":\"error\",\"msg\":\"" + json_escaped(t) + "\",\"ts\":1708609567.23}"; }},
      {"json in json",
       [](S t) { return "{\"log\":\"" + json_escaped("{\"error\":\"" + json_escaped(t) + "\",\"a\":1}") + "\"}"; }},
      {"json thrice",
       [](S t) {
         return "{\"m\":\"" + json_escaped("{\"l\":\"" + json_escaped("{\"e\":\"" + json_escaped(t) + "\"}") + "\"}") +
                "\"}";
       }},
      {"controller-runtime",
       [](S t) {
         return "2026-01-01T00:00:00Z\tERROR\tReconciler error\t{\"controller\": \"a\", \"error\": \"" +
                json_escaped(t) + "\"}\ngithub.com/x/y.Z\n\t/go/a.go:1";
       }},
      {"klog key values",
       [](S t) {
         return "E1125 10:00:00.000000       1 controller.go:131] \"re-queuing\" err=\"" + json_escaped(t) +
                "\" key=\"a/b\"";
       }},
      {"logfmt",
       [](S t) {
         return "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"sync failed: " + json_escaped(t) + "\" app=x";
       }},
      {"yaml folded", [](S t) { return "status:\n  message: '" + folded(t, 72, "    ") + "'\n  reason: X\n"; }},
      {"yaml folded narrow", [](S t) { return "    message: " + folded(t, 30, "      ") + "\n    reason: X\n"; }},
      {"comment folded", [](S t) { return "# " + folded(t, 76, "# ") + "\n"; }},
      {"quotation", [](S t) { return "> " + t + "\n\nhas anyone seen this?"; }},
      {"backticks", [](S t) { return "I get `" + t + "` since the upgrade"; }},
      {"fence", [](S t) { return "```\n" + t + "\n```\n"; }},
      {"html",
       [](S t) {
         return "<p>" +
                replace_all(replace_all(replace_all(replace_all(t, "&", "&amp;"), "\"", "&quot;"), "<", "&lt;"), ">",
                            "&gt;") +
                "</p>\n";
       }},
      {"html numeric", [](S t) { return replace_all(replace_all(t, "\"", "&#34;"), "/", "&#x2F;"); }},
      {"colours", [](S t) { return "\x1b[31mError\x1b[0m: \x1b[1m" + t + "\x1b[0m\n"; }},
      {"carriage returns", [](S t) { return "Error: " + t + "\r\nnext line\r\n"; }},
      {"CRI", [](S t) { return "2026-01-01T00:00:00.123456789Z stderr F E0101 00:00:00.1 1 x.go:1] " + t; }},
      {"journald", [](S t) { return "Nov 25 16:51:51 node-1 k3s[427649]: E1125 16:51:51.5 427649 x.go:1] " + t; }},
      {"pod prefix", [](S t) { return "[pod/app-1/manager] sync failed: " + t; }},
      {"testify",
       [](S t) {
         return "02:16:48   \tError:      \tReceived unexpected error:\n02:16:48   \t            \t" + t + "\n";
       }},
      {"go struct",
       [](S t) {
         return "ErrStatus: {\n  Status: \"Failure\",\n  Message: \"" + json_escaped(t) +
                "\",\n  Reason: \"InternalError\",\n";
       }},
      {"python repr",
       [](S t) {
         return "HTTP response body: b'{\"kind\":\"Status\",\"message\":\"" + json_escaped(t) + "\",\"code\":500}\\n'";
       }},
      {"protobuf dump",
       [](S t) {
         return "\"k8s\\x00\\n\\f\\n\\x02v1\\x12\\x06Status\\x1a\\xa2\\x01" + json_escaped(t) +
                "\\\"\\rInternalError*\\x9d\\x01\"";
       }},
      {"protobuf",
       [](S t) { return std::string("k8s\0\n\x0c\n\x02v1\x12\x06Status", 18) + "\x1a" + t + "\x22\x0dInternalError"; }},
      {"argo",
       [](S t) { return "one or more objects failed to apply, reason: " + t + ". Retrying attempt #2 at 3:04PM."; }},
      {"flux", [](S t) { return "Ingress/a/b dry-run failed, reason: InternalError, error: " + t + "\n\n"; }},
      {"typographic quotes", [](S t) { return "“" + t + "”。"; }},
      {"hard wrapped 80", [](S t) { return hard_wrapped(t, 80); }},
      {"hard wrapped 61", [](S t) { return hard_wrapped(t, 61); }},
      {"bold", [](S t) { return "**" + t + "**"; }}};
  return all;
}

std::string squeezed(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c != ' ' && c != '\n' && c != '"' && c != '.' && c != '\'' && c != '\\') out += c;
  }
  return out;
}

TEST(Wrappers, ReadAsTheBareMessage) {
  for (const Wrapper& wrapper : wrappers()) {
    for (const Row& row : rows()) {
      const auto bare = read_text(row.text);
      const std::string wrapped = wrapper.wrap(row.text);
      const auto found = read_text(wrapped);
      SCOPED_TRACE(std::string(wrapper.name) + " " + row.name + "\n" + wrapped);
      ASSERT_FALSE(found.empty());
      EXPECT_EQ(report::to_string(found[0].outcome), row.outcome);
      EXPECT_EQ(found[0].cause, row.cause);
      EXPECT_EQ(found[0].webhook, row.webhook);
      EXPECT_EQ(found[0].target, bare[0].target);
      EXPECT_EQ(squeezed(found[0].tail), squeezed(bare[0].tail)) << found[0].tail;
    }
  }
}

}  // namespace
}  // namespace gatepost::explain
