#include "explain/page.h"

#include <gtest/gtest.h>
#include <sstream>

namespace gatepost::explain {
namespace {

std::vector<std::string> words(const char* text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

// The closed lists of the contract of findings.
const char* const causes =
    "no-endpoints service-not-found connection-refused connection-timeout no-route connection-reset eof "
    "deadline-exceeded "
    "tls-handshake-timeout unknown-authority cert-expired cert-not-yet-valid name-mismatch no-san key-usage not-tls "
    "tls-alert "
    "tls-version http-status not-found-path bad-response bad-uid wrong-review-version bad-ca-bundle dns proxy tunnel "
    "denied "
    "conversion unrelated truncated request-budget-exhausted";
const char* const root_causes =
    "backend-scaled-to-zero backend-crashloop backend-oom-killed backend-unschedulable backend-image-pull "
    "backend-not-ready "
    "selector-matches-nothing namespace-missing service-port-missing target-port-mismatch container-not-listening "
    "network-policy-blocks control-plane-blocked slow-backend timeout-too-low ca-bundle-missing ca-bundle-stale "
    "ca-injector-missing "
    "ca-injector-misconfigured secret-renewed-backend-stale certificate-expired certificate-lacks-service-name "
    "wrong-path "
    "backend-not-tls self-deadlock mutual-deadlock stale-configuration proxy-in-between tunnel-broken two-writers";

TEST(Pages, ThereIsOneForEveryCauseAndRoot) {
  for (const std::string& id : words(causes)) {
    const Page* page = find_page(id);
    ASSERT_NE(page, nullptr) << id;
    EXPECT_FALSE(page->is_root) << id;
    EXPECT_FALSE(page->summary.empty()) << id;
    EXPECT_FALSE(page->meaning.empty()) << id;
    EXPECT_FALSE(page->roots.empty()) << id;
  }
  for (const std::string& id : words(root_causes)) {
    const Page* page = find_page(id);
    ASSERT_NE(page, nullptr) << id;
    EXPECT_TRUE(page->is_root) << id;
    EXPECT_FALSE(page->fix.empty()) << id;
  }
  EXPECT_EQ(pages().size(), words(causes).size() + words(root_causes).size());
}

TEST(Pages, RootsAndLinksLeadSomewhere) {
  for (const Page& page : pages()) {
    EXPECT_TRUE(page.markdown.starts_with("# " + std::string(page.id) + "\n"));
    for (const Root& root : page.roots) {
      if (!root.id.empty()) EXPECT_NE(find_page(root.id), nullptr) << page.id << " " << root.id;
    }
    for (std::size_t at = page.markdown.find("]("); at != std::string_view::npos;
         at = page.markdown.find("](", at + 1)) {
      const std::string_view target = page.markdown.substr(at + 2, page.markdown.find(')', at) - at - 2);
      EXPECT_NE(find_page(target.substr(0, target.rfind(".md"))), nullptr) << page.id << " " << target;
    }
  }
}

TEST(Pages, FillKnowsEveryPlaceholder) {
  const Names names = names_of("w.x.io", "ns/svc", 443, 10, "https://svc.ns.svc:443/a?timeout=10s");
  for (const Page& page : pages()) {
    for (const Root& root : page.roots) {
      for (std::string_view command : root.commands) {
        bool complete = false;
        fill(command, names, &complete);
        EXPECT_TRUE(complete) << command;
      }
    }
  }
  EXPECT_EQ(fill("{webhook} {namespace} {name} {port} {timeout} {host} {url} {.spec}", names),
            "w.x.io ns svc 443 10 svc.ns.svc https://svc.ns.svc:443/a {.spec}");
  EXPECT_EQ(fill("kubectl -n {namespace}", {}), "kubectl -n <namespace>");
}

TEST(Pages, HostileNamesNeverReachACommand) {
  for (const char* name : {"a; rm -rf /", "$(id)", "a`b`", "a b", "-n", "a\nb", "a|b", "\xff"}) {
    const Names names = names_of(name, std::string(name) + "/" + name, std::nullopt, std::nullopt, name);
    EXPECT_EQ(fill("{webhook}{namespace}{name}{url}", names), "<webhook><namespace><name><url>") << name;
  }
}

TEST(Pages, PrintPlainly) {
  const std::string text = print_page(*find_page("no-endpoints"), {false, 80});
  EXPECT_EQ(text.find("**"), std::string::npos);
  EXPECT_EQ(text.find("##"), std::string::npos);
  EXPECT_NE(text.find("    $ gatepost serve --listen 127.0.0.1:6443"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::explain
