// Rows recorded from Go's net/url (1.26).
#include "net/url.h"

#include <gtest/gtest.h>

namespace gatepost::net::url {
namespace {

struct Parsed {
  std::string text, error, string, request_uri, host, path, redacted;
};
struct RequestUri {
  std::string text, error, request_uri;
};
struct Resolved {
  std::string base, reference, result;  // "!text": an error
};
struct Escaped {
  std::string plain, query, path;
};

// clang-format off
const Parsed kParsed[] = {
    {"https://example.com", "", "https://example.com", "/", "example.com", "", "https://example.com"},
    {"https://example.com:443/path?timeout=10s", "", "https://example.com:443/path?timeout=10s", "/path?timeout=10s", "example.com:443", "/path", "https://example.com:443/path?timeout=10s"},
    {"https://webhook.ns.svc:443/validate?timeout=10s", "", "https://webhook.ns.svc:443/validate?timeout=10s", "/validate?timeout=10s", "webhook.ns.svc:443", "/validate", "https://webhook.ns.svc:443/validate?timeout=10s"},
    {"HTTPS://Example.COM/A%2Fb?x=%zz#frag%20x", "", "https://Example.COM/A%2Fb?x=%zz#frag%20x", "/A%2Fb?x=%zz", "Example.COM", "/A/b", "https://Example.COM/A%2Fb?x=%zz#frag%20x"},
    {"http://user:p%40ss@host/", "", "http://user:p%40ss@host/", "/", "host", "/", "http://user:xxxxx@host/"},
    {"http://user@host/", "", "http://user@host/", "/", "host", "/", "http://user@host/"},
    {"http://us er@host/", "parse \"http://us er@host/\": net/url: invalid userinfo", "", "", "", "", ""},
    {"http://[::1]:8080/x", "", "http://[::1]:8080/x", "/x", "[::1]:8080", "/x", "http://[::1]:8080/x"},
    {"http://[fe80::1%25en0]:80/", "", "http://[fe80::1%25en0]:80/", "/", "[fe80::1%en0]:80", "/", "http://[fe80::1%25en0]:80/"},
    {"http://[::1/", "parse \"http://[::1/\": missing ']' in host", "", "", "", "", ""},
    {"http://[127.0.0.1]/", "parse \"http://[127.0.0.1]/\": invalid IP-literal", "", "", "", "", ""},
    {"http://[zz]/", "parse \"http://[zz]/\": invalid host: ParseAddr(\"zz\"): unable to parse IP", "", "", "", "", ""},
    {"http://a[b]/", "parse \"http://a[b]/\": invalid IP-literal", "", "", "", "", ""},
    {"http://host:port/", "parse \"http://host:port/\": invalid port \":port\" after host", "", "", "", "", ""},
    {"http://host:/", "", "http://host:/", "/", "host:", "/", "http://host:/"},
    {"http://host:80:90/", "parse \"http://host:80:90/\": invalid port \":80:90\" after host", "", "", "", "", ""},
    {"https://a b/", "parse \"https://a b/\": invalid character \" \" in host name", "", "", "", "", ""},
    {"https://a%20b/", "parse \"https://a%20b/\": invalid URL escape \"%20\"", "", "", "", "", ""},
    {"https://%e4/", "", "https://%E4/", "/", "\344", "/", "https://%E4/"},
    {"https://a\"b/", "", "https://a\"b/", "/", "a\"b", "/", "https://a\"b/"},
    {"https://h<x>/", "", "https://h<x>/", "/", "h<x>", "/", "https://h<x>/"},
    {"://nohost", "parse \"://nohost\": missing protocol scheme", "", "", "", "", ""},
    {"1http://x", "parse \"1http://x\": first path segment in URL cannot contain colon", "", "", "", "", ""},
    {"http:", "", "http:", "/", "", "", "http:"},
    {"http:opaque?q", "", "http:opaque?q", "opaque?q", "", "", "http:opaque?q"},
    {"mailto:a@b", "", "mailto:a@b", "a@b", "", "", "mailto:a@b"},
    {"//host/path", "", "//host/path", "/path", "host", "/path", "//host/path"},
    {"///path", "", "///path", "///path", "", "///path", "///path"},
    {"/a:b/c", "", "/a:b/c", "/a:b/c", "", "/a:b/c", "/a:b/c"},
    {"a:b/c", "", "a:b/c", "b/c", "", "", "a:b/c"},
    {"a/b:c", "", "a/b:c", "a/b:c", "", "a/b:c", "a/b:c"},
    {"*", "", "*", "*", "", "*", "*"},
    {"", "", "", "/", "", "", ""},
    {"?", "", "?", "/?", "", "", "?"},
    {"/?", "", "/?", "/?", "", "/", "/?"},
    {"/path?", "", "/path?", "/path?", "", "/path", "/path?"},
    {"/%41%zz", "parse \"/%41%zz\": invalid URL escape \"%zz\"", "", "", "", "", ""},
    {"/%41", "", "/%41", "/%41", "", "/A", "/%41"},
    {"/%2f", "", "/%2f", "/%2f", "", "//", "/%2f"},
    {"/a b", "", "/a%20b", "/a%20b", "", "/a b", "/a%20b"},
    {"/\303\251", "", "/%C3%A9", "/%C3%A9", "", "/\303\251", "/%C3%A9"},
    {"/a;b,c@d=e&f+g$h:i", "", "/a;b,c@d=e&f+g$h:i", "/a;b,c@d=e&f+g$h:i", "", "/a;b,c@d=e&f+g$h:i", "/a;b,c@d=e&f+g$h:i"},
    {"/[x]", "", "/[x]", "/[x]", "", "/[x]", "/[x]"},
    {"/path?a=b&c=d;e#f#g", "", "/path?a=b&c=d;e#f%23g", "/path?a=b&c=d;e", "", "/path", "/path?a=b&c=d;e#f%23g"},
    {"#onlyfrag", "", "#onlyfrag", "/", "", "", "#onlyfrag"},
    {"#bad%zz", "parse \"#bad%zz\": invalid URL escape \"%zz\"", "", "", "", "", ""},
    {"http://h/#a%2Fb", "", "http://h/#a%2Fb", "/", "h", "/", "http://h/#a%2Fb"},
    {"file:///etc/x", "", "file:///etc/x", "/etc/x", "", "/etc/x", "file:///etc/x"},
    {"http:///x", "", "http:///x", "/x", "", "/x", "http:///x"},
    {"http://h?x=y", "", "http://h?x=y", "/?x=y", "h", "", "http://h?x=y"},
    {"http://h/%", "parse \"http://h/%\": invalid URL escape \"%\"", "", "", "", "", ""},
    {"http://h/%a", "parse \"http://h/%a\": invalid URL escape \"%a\"", "", "", "", "", ""},
    {"http://h/a/../b/./c", "", "http://h/a/../b/./c", "/a/../b/./c", "h", "/a/../b/./c", "http://h/a/../b/./c"},
    {"http://h/%C3%A9", "", "http://h/%C3%A9", "/%C3%A9", "h", "/\303\251", "http://h/%C3%A9"},
    {"https://x.y:99999/", "", "https://x.y:99999/", "/", "x.y:99999", "/", "https://x.y:99999/"},
    {"http://h/\303\274?\303\274", "", "http://h/%C3%BC?\303\274", "/%C3%BC?\303\274", "h", "/\303\274", "http://h/%C3%BC?\303\274"},
    {"http://@h/", "", "http://@h/", "/", "h", "/", "http://@h/"},
    {"http://:pw@h/", "", "http://:pw@h/", "/", "h", "/", "http://:xxxxx@h/"},
    {"http://a@b@c/", "", "http://a%40b@c/", "/", "c", "/", "http://a%40b@c/"},
    {"http://h/\001", "parse \"http://h/\\x01\": net/url: invalid control character in URL", "", "", "", "", ""},
    {"http://h/\177", "parse \"http://h/\\x7f\": net/url: invalid control character in URL", "", "", "", "", ""},
    {"http://h\t/", "parse \"http://h\\t/\": net/url: invalid control character in URL", "", "", "", "", ""},
};

const RequestUri kRequestUris[] = {
    {"", "parse \"\": empty url", ""},
    {"/", "", "/"},
    {"/a", "", "/a"},
    {"a", "parse \"a\": invalid URI for request", ""},
    {"*", "", "*"},
    {"http://h/x", "", "/x"},
    {"//h/x", "", "//h/x"},
    {"/a#b", "", "/a%23b"},
    {"?x", "parse \"?x\": invalid URI for request", ""},
    {"/%zz", "parse \"/%zz\": invalid URL escape \"%zz\"", ""},
    {"foo:bar", "", "bar"},
    {"http://a b/", "parse \"http://a b/\": invalid character \" \" in host name", ""},
    {"/a\177", "parse \"/a\\x7f\": net/url: invalid control character in URL", ""},
};

const Resolved kResolved[] = {
    {"http://h:80/a/b/c?q=1#f", "/x", "http://h:80/x"},
    {"http://h:80/a/b/c?q=1#f", "x", "http://h:80/a/b/x"},
    {"http://h:80/a/b/c?q=1#f", "../x", "http://h:80/a/x"},
    {"http://h:80/a/b/c?q=1#f", "../../../x", "http://h:80/x"},
    {"http://h:80/a/b/c?q=1#f", "./x/.", "http://h:80/a/b/x/"},
    {"http://h:80/a/b/c?q=1#f", "x/..", "http://h:80/a/b/"},
    {"http://h:80/a/b/c?q=1#f", "..", "http://h:80/a/"},
    {"http://h:80/a/b/c?q=1#f", ".", "http://h:80/a/b/"},
    {"http://h:80/a/b/c?q=1#f", "", "http://h:80/a/b/c?q=1#f"},
    {"http://h:80/a/b/c?q=1#f", "?y", "http://h:80/a/b/c?y"},
    {"http://h:80/a/b/c?q=1#f", "#z", "http://h:80/a/b/c?q=1#z"},
    {"http://h:80/a/b/c?q=1#f", "//other/y", "http://other/y"},
    {"http://h:80/a/b/c?q=1#f", "https://other:1/z", "https://other:1/z"},
    {"http://h:80/a/b/c?q=1#f", "mailto:x", "mailto:x"},
    {"http://h:80/a/b/c?q=1#f", "/a//b", "http://h:80/a//b"},
    {"http://h:80/a/b/c?q=1#f", "a%2Fb/../c", "http://h:80/a/b/c"},
    {"http://h:80/a/b/c?q=1#f", "/.", "http://h:80/"},
    {"http://h:80/a/b/c?q=1#f", "/..", "http://h:80/"},
    {"http://h:80/a/b/c?q=1#f", ";x", "http://h:80/a/b/;x"},
    {"http://h:80/a/b/c?q=1#f", "g;x=1/../y", "http://h:80/a/b/y"},
    {"https://h", "/x", "https://h/x"},
    {"https://h", "x", "https://h/x"},
    {"https://h", "../x", "https://h/x"},
    {"https://h", "../../../x", "https://h/x"},
    {"https://h", "./x/.", "https://h/x/"},
    {"https://h", "x/..", "https://h/"},
    {"https://h", "..", "https://h/"},
    {"https://h", ".", "https://h/"},
    {"https://h", "", "https://h"},
    {"https://h", "?y", "https://h?y"},
    {"https://h", "#z", "https://h#z"},
    {"https://h", "//other/y", "https://other/y"},
    {"https://h", "https://other:1/z", "https://other:1/z"},
    {"https://h", "mailto:x", "mailto:x"},
    {"https://h", "/a//b", "https://h/a//b"},
    {"https://h", "a%2Fb/../c", "https://h/c"},
    {"https://h", "/.", "https://h/"},
    {"https://h", "/..", "https://h/"},
    {"https://h", ";x", "https://h/;x"},
    {"https://h", "g;x=1/../y", "https://h/y"},
};

const Escaped kEscaped[] = {
    {"a b+c", "a+b%2Bc", "a%20b+c"},
    {"\303\251/?&=", "%C3%A9%2F%3F%26%3D", "%C3%A9%2F%3F&="},
    {"100%", "100%25", "100%25"},
    {"~-_.", "~-_.", "~-_."},
    {"$&+,/:;=?@", "%24%26%2B%2C%2F%3A%3B%3D%3F%40", "$&+%2C%2F:%3B=%3F@"},
};
// clang-format on

TEST(Url, ParsesAndPrintsAsGo) {
  for (const Parsed& row : kParsed) {
    auto url = parse(row.text);
    ASSERT_EQ(url.has_value(), row.error.empty()) << row.text << ": " << (url ? "no error" : url.error().text);
    if (!url) {
      EXPECT_EQ(url.error().text, row.error);
      continue;
    }
    EXPECT_EQ(url->string(), row.string) << row.text;
    EXPECT_EQ(url->request_uri(), row.request_uri) << row.text;
    EXPECT_EQ(url->host, row.host) << row.text;
    EXPECT_EQ(url->path, row.path) << row.text;
    EXPECT_EQ(url->redacted(), row.redacted) << row.text;
  }
}

TEST(Url, RequestUrisAsGo) {
  for (const RequestUri& row : kRequestUris) {
    auto url = parse_request_uri(row.text);
    EXPECT_EQ(url ? "" : url.error().text, row.error) << row.text;
    EXPECT_EQ(url ? url->request_uri() : "", row.request_uri) << row.text;
    EXPECT_EQ(valid_request_uri(row.text), row.error.empty()) << row.text;
  }
}

TEST(Url, ResolvesReferencesAsGo) {
  for (const Resolved& row : kResolved) {
    auto url = parse(row.base)->resolve(row.reference);
    EXPECT_EQ(url ? url->string() : "!" + url.error().text, row.result) << row.base << " + " << row.reference;
  }
}

TEST(Url, EscapesAsGo) {
  for (const Escaped& row : kEscaped) {
    EXPECT_EQ(query_escape(row.plain), row.query);
    EXPECT_EQ(path_escape(row.plain), row.path);
    EXPECT_EQ(*query_unescape(row.query), row.plain);
    EXPECT_EQ(*path_unescape(row.path), row.plain);
  }
}

TEST(Url, HostAndPort) {
  auto url = *parse("https://[fe80::1%25eth0]:8443/");
  EXPECT_EQ(url.hostname(), "fe80::1%eth0");
  EXPECT_EQ(url.port(), "8443");
  EXPECT_EQ(parse("https://h/")->port(), "");
}

TEST(Url, QueriesLeaveMalformedPairsOut) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_query("a=1&b=x+y%21&a=2&c&=d&&e;f=1&g=%zz"),
            (Pairs{{"a", "1"}, {"b", "x y!"}, {"a", "2"}, {"c", ""}, {"", "d"}}));
}

}  // namespace
}  // namespace gatepost::net::url
